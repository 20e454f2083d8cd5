"""Many finished pages in one PDF, with contents and bookmarks."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lsoahot.common import checks
from lsoahot.common.files import replacing

from . import colours
from .maps import plot_areas, plot_count, plot_rate
from .page_frame import LONG, MARGIN, REAL_TEXT, SHORT
from .pages import map_page
from .provenance import notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINE: Final = 0.3  # inches between the lines of the contents
TOP: Final = 1.75
# Points to the inch, as PDF counts.
POINTS: Final = 72


class Sheet(NamedTuple):
    """One page to be drawn."""

    name: str  # "Map 1"
    title: str
    areas: gpd.GeoDataFrame
    options: dict[str, Any]


def atlas(
    maps: Iterable[tuple[Any, ...]],
    path: str | Path,
    *,
    title: str = "Atlas",
    subtitle: str = "",
    progress: bool = False,
    **options: Any,
) -> Path:
    """Save an atlas: one PDF with a contents page, a page a map, bookmarks, all text as text.

    Parameters
    ----------
    maps : iterable of tuple
        The maps in order: ``(title, areas)``, or ``(title, areas, options)`` with what
        :func:`map_page` takes, such as ``{"plot": lh.plot_hotspots, "subtitle": "2025"}``.
        Without ``plot``, the rate is drawn, or the count, or only the areas with their names:
        the first that the table has. They are numbered "Map 1", "Map 2", ...
    path : path
        Where to write, ``.pdf``. Nothing is written until every page has been drawn.
    title, subtitle : str
        What stands on the contents page.
    progress : bool
        Show a progress bar on the error stream.
    **options
        Options for every page; those of a map come before them.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    TypeError
        If a map is not such a tuple.
    ValueError
        If there is no map, or ``path`` does not end in ``.pdf``.

    Examples
    --------
    >>> import tempfile, pathlib, geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_name": ["Exton", "Ashwell"], "rate": [10.5, 33.0]}, index=["E1", "E2"],
    ...     geometry=[shapely.box(0, 0, 9000, 9000), shapely.box(9000, 0, 18000, 9000)], crs=27700,
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = lh.atlas([
    ...         ("The areas", areas, {"plot": lh.plot_areas}), ("Burglary", areas),
    ...     ], pathlib.Path(folder, "atlas.pdf"), title="Rutland")
    ...     written.stat().st_size > 10_000
    True
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import PdfPages
    from tqdm import tqdm

    path = Path(path)
    checks.one_of(path.suffix.lower(), (".pdf",), "the ending of path")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}. Make it first, or mend path.")
    sheets = [_sheet(number, given, options) for number, given in enumerate(maps, 1)]
    if not sheets:
        raise ValueError("an atlas needs a map. Give (title, areas) for each.")
    contents = [sheets[at : at + _per_page()] for at in range(0, len(sheets), _per_page())]
    drawn = io.BytesIO()
    notes = {"Title": title, "Creator": "lsoahot", "CreationDate": None}
    with rc_context(REAL_TEXT), PdfPages(drawn, metadata=notes) as pdf:
        for part in contents:
            pdf.savefig(_contents(part, title, subtitle, first=len(contents) + 1, of=sheets))
        for sheet in tqdm(sheets, desc="Drawing maps", unit="map", disable=not progress):
            figure = map_page(sheet.areas, **sheet.options)
            _number(figure, len(contents) + sheets.index(sheet) + 1, len(contents) + len(sheets))
            pdf.savefig(figure)
    _bookmarked(drawn, sheets, contents, path)
    return path


def _sheet(number: int, given: tuple[Any, ...], common: dict[str, Any]) -> Sheet:
    """Check one map and choose how it is drawn."""
    if not isinstance(given, tuple) or len(given) not in {2, 3}:
        raise TypeError(
            f"map {number} is {type(given).__name__}, not a tuple. "
            "Give (title, areas) or (title, areas, options)."
        )
    title, areas, *rest = given
    checks.areas(areas)
    plot: Callable[..., Axes] = plot_rate if "rate" in areas.columns else plot_count
    if not {"rate", "count"} & set(areas.columns):
        plot = plot_areas
    name = f"Map {number}"
    chosen = {"plot": plot, "title": f"{name}: {title}"} | common | (rest[0] if rest else {})
    return Sheet(name, str(title), areas, chosen)


def _per_page() -> int:
    """Count the lines that a contents page holds."""
    return int((LONG - TOP - 1.4) / LINE)


def _contents(
    part: Sequence[Sheet], title: str, subtitle: str, *, first: int, of: Sequence[Sheet]
) -> Figure:
    """Draw a contents page: the number, the title and the page of each map."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    figure = Figure(figsize=(SHORT, LONG))
    left, right = MARGIN / SHORT, 1 - MARGIN / SHORT
    ink: dict[str, Any] = {"color": colours.INK, "parse_math": False, "va": "center"}
    figure.text(left, 1 - 0.6 / LONG, title, size=22, weight="bold", **ink)
    figure.text(left, 1 - 1.0 / LONG, subtitle, size=12, **(ink | {"color": colours.FAINT}))
    for line, sheet in enumerate(part):
        y = 1 - (TOP + line * LINE) / LONG
        figure.text(left, y, sheet.name, size=10.5, weight="bold", **ink)
        figure.text(left + 0.85 / SHORT, y, sheet.title, size=10.5, **ink)
        figure.text(right, y, str(first + of.index(sheet)), size=10.5, ha="right", **ink)
        rule = Line2D(
            [left, right], [y - LINE / 2 / LONG] * 2, color="#dedbd2", linewidth=0.5,
            transform=figure.transFigure,
        )  # fmt: skip
        figure.add_artist(rule)
    must = list(dict.fromkeys(notice(sheet.areas) for sheet in of if notice(sheet.areas)))
    figure.text(left, 0.55 / LONG, "\n".join(must), size=9, weight="bold", **ink)
    return figure


def _number(figure: Figure, page: int, pages: int) -> None:
    """Write the number of a page in its upper right corner."""
    wide, tall = figure.get_size_inches()
    figure.text(
        1 - MARGIN / wide, 1 - 0.3 / tall, f"Page {page} of {pages}", size=7.5, ha="right",
        va="center", color=colours.FAINT,
    )  # fmt: skip


def _bookmarked(
    drawn: io.BytesIO, sheets: Sequence[Sheet], contents: Sequence[Sequence[Sheet]], path: Path
) -> None:
    """Add the bookmarks and the links of the contents page, and write the file whole."""
    from pypdf import PdfWriter
    from pypdf.annotations import Link
    from pypdf.generic import Fit

    drawn.seek(0)
    writer = PdfWriter(clone_from=drawn)
    writer.add_outline_item(title="Contents", page_number=0)
    for number, sheet in enumerate(sheets):
        writer.add_outline_item(
            title=f"{sheet.name}: {sheet.title}", page_number=len(contents) + number
        )
    for page, part in enumerate(contents):
        for line, sheet in enumerate(part):
            y = (LONG - TOP - line * LINE) * POINTS
            box = (MARGIN * POINTS, y - 10, (SHORT - MARGIN) * POINTS, y + 10)
            target = len(contents) + sheets.index(sheet)
            link = Link(rect=box, target_page_index=target, fit=Fit.fit(), border=[0, 0, 0])
            writer.add_annotation(page, link)
    writer.page_mode = "/UseOutlines"
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        writer.write(file)
