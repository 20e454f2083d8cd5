"""Draw the README's map from the packaged sample: python docs/draw_readme_map.py."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

import lsoahot as lh

OUT = Path(__file__).parent / "_static" / "rutland.png"


def main() -> None:
    """Write the picture."""
    areas = lh.read_boundaries("sample")
    crimes = lh.read_dataset("crime", "sample")
    table = areas.pipe(lh.count, crimes, period=("2011-10", "2012-09")).pipe(lh.rate).pipe(lh.rank)

    figure = Figure(figsize=(9.6, 6.2))
    ax = figure.add_axes((0.02, 0.07, 0.66, 0.82))
    lh.plot_rate(table, ax=ax)
    ax.margins(0.02)
    lh.add_outline(ax, table)
    lh.add_scale_bar(ax, table)
    lh.add_north_arrow(ax, table)
    lh.add_labels(ax, table.head(6), "area_name")
    ax.get_legend().set_bbox_to_anchor((0.7, 0.86), transform=figure.transFigure)
    title = "Recorded crime in Rutland, October 2011 to September 2012"
    figure.text(0.02, 0.935, title, size=15, weight="bold")
    figure.text(0.02, 0.03, f"{areas.attrs['notice'].capitalize()}.", size=10, style="italic")
    figure.savefig(OUT, dpi=125)


if __name__ == "__main__":
    main()
