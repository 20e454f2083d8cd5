"""Draw the pictures of the maps guide from the packaged sample: python docs/draw_maps.py."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

import lsoahot as lh

OUT = Path(__file__).parent / "_static"
YEARS = {"2010/11": ("2010-10", "2011-09"), "2011/12": ("2011-10", "2012-09")}


def main() -> None:
    """Write the pictures, small enough to be committed."""
    areas = lh.read_boundaries("sample")
    crimes = lh.read_dataset("crime", "sample")
    years = {
        name: areas.pipe(lh.count, crimes, period=months).pipe(lh.rate).pipe(lh.rank)
        for name, months in YEARS.items()
    }
    table = years["2011/12"]
    lh.save_map(
        table,
        OUT / "maps-page.png",
        title="Recorded crime in Rutland",
        subtitle="Rate per 1,000 residents, October 2011 to September 2012",
        histogram=True,
        zoom=True,
        dpi=85,
    )
    series = lh.small_multiples(years, title="Recorded crime in Rutland, two years")
    series.savefig(OUT / "maps-series.png", dpi=70)

    violence = crimes[crimes["category"] == "Violence against the person"]
    rare = areas.pipe(lh.count, violence, period=YEARS["2011/12"]).pipe(lh.rate)
    figure = Figure(figsize=(9, 4.2))
    left, right = figure.add_axes((0.01, 0.02, 0.36, 0.9)), figure.add_axes((0.52, 0.02, 0.36, 0.9))
    lh.plot_rate(rare, ax=left, k=4, legend_kwds={"fontsize": 7, "title_fontsize": 7.5})
    lh.plot_certainty(rare, ax=right, legend_kwds={"fontsize": 7, "title_fontsize": 7.5})
    for ax, title in ((left, "Rate of violence"), (right, "The same, paler where less certain")):
        lh.add_outline(ax, rare)
        ax.set_title(title, loc="left", size=10)
    figure.savefig(OUT / "maps-certainty.png", dpi=85, bbox_inches="tight")


if __name__ == "__main__":
    main()
