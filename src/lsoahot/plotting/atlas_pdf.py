"""Many finished pages in one PDF, with contents and bookmarks."""

from __future__ import annotations

import io
from contextlib import contextmanager
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
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from pypdf import PageObject

LINE: Final = 0.3  # inches between the lines of the contents
TOP: Final = 1.75
PER_PAGE: Final = int((LONG - TOP - 1.4) / LINE)  # lines of the contents
# Points to the inch, as PDF counts.
POINTS: Final = 72


class Sheet(NamedTuple):
    """One page to be drawn."""

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
    >>> areas.attrs["attribution"] = "Boundaries drawn for this example."
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = lh.atlas([
    ...         ("The areas", areas, {"plot": lh.plot_areas}), ("Burglary", areas),
    ...     ], pathlib.Path(folder, "atlas.pdf"), title="Rutland")
    ...     written.stat().st_size > 10_000
    True
    """
    from matplotlib import rc_context
    from tqdm import tqdm

    sheets = [_sheet(number, given, options) for number, given in enumerate(maps, 1)]
    names = [(sheet.title, notice(sheet.areas)) for sheet in sheets]
    with rc_context(REAL_TEXT), open_atlas(path, names, title=title, subtitle=subtitle) as add:
        for sheet in tqdm(sheets, desc="Drawing maps", unit="map", disable=not progress):
            add(map_page(sheet.areas, **sheet.options))
    return Path(path)


@contextmanager
def open_atlas(
    path: str | Path, maps: Sequence[tuple[str, str]], *, title: str, subtitle: str = ""
) -> Iterator[Callable[[Figure], None]]:
    """Give a function that adds a page to an atlas; when the block ends, the file is written.

    Parameters
    ----------
    path : path
        Where to write, ``.pdf``.
    maps : sequence of (str, str)
        Each map's title, and what must be shown with its data (or nothing), in order.
    title, subtitle : str
        What stands on the contents page.

    Yields
    ------
    callable
        Takes a figure, once for each of ``maps``.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    ValueError
        If there is no map, or ``path`` does not end in ``.pdf``.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import PdfPages

    path = checks.file_to_write(path, ".pdf")
    if not maps:
        raise ValueError("an atlas needs a map. Give (title, areas) for each.")
    lines = [(f"Map {number}", name) for number, (name, _) in enumerate(maps, 1)]
    must = list(dict.fromkeys(text for _, text in maps if text))
    contents = [lines[at : at + PER_PAGE] for at in range(0, len(lines), PER_PAGE)]
    drawn = io.BytesIO()
    notes = {"Title": title, "Creator": "lsoahot", "CreationDate": None}
    # Fonts are written when the file is closed: text drawn for one kind and written as another
    # would not be seen.
    with rc_context(REAL_TEXT):
        pdf = PdfPages(drawn, metadata=notes)  # whose methods have no types
        for number, part in enumerate(contents):
            first = len(contents) + 1 + number * PER_PAGE
            pdf.savefig(_contents(part, title, subtitle, first=first, must=must))  # type: ignore[no-untyped-call]
    page = len(contents)

    def add(figure: Figure) -> None:
        nonlocal page
        page += 1
        number = _number(figure, page, len(contents) + len(lines))
        with rc_context(REAL_TEXT):
            pdf.savefig(figure)  # type: ignore[no-untyped-call]
        number.remove()

    try:
        yield add
    finally:
        with rc_context(REAL_TEXT):
            pdf.close()  # type: ignore[no-untyped-call]
    _write_with_bookmarks(drawn, lines, contents, path)


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
    return Sheet(str(title), areas, chosen)


def _contents(
    part: Sequence[tuple[str, str]], title: str, subtitle: str, *, first: int, must: Sequence[str]
) -> Figure:
    """Draw a contents page: the number, the title and the page of each map."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    figure = Figure(figsize=(SHORT, LONG))
    left, right = MARGIN / SHORT, 1 - MARGIN / SHORT
    ink: dict[str, Any] = {"color": colours.INK, "parse_math": False, "va": "center"}
    figure.text(left, 1 - 0.6 / LONG, title, size=22, weight="bold", **ink)
    figure.text(left, 1 - 1.0 / LONG, subtitle, size=12, **(ink | {"color": colours.FAINT}))
    for line, (name, words) in enumerate(part):
        y = 1 - (TOP + line * LINE) / LONG
        figure.text(left, y, name, size=10.5, weight="bold", **ink)
        figure.text(left + 0.85 / SHORT, y, words, size=10.5, **ink)
        figure.text(right, y, str(first + line), size=10.5, ha="right", **ink)
        rule = Line2D(
            [left, right], [y - LINE / 2 / LONG] * 2, color="#dedbd2", linewidth=0.5,
            transform=figure.transFigure,
        )  # fmt: skip
        figure.add_artist(rule)
    figure.text(left, 0.55 / LONG, "\n".join(must), size=9, weight="bold", **ink)
    return figure


def _number(figure: Figure, page: int, pages: int) -> Text:
    """Write the number of a page in its upper right corner."""
    wide, tall = figure.get_size_inches()
    return figure.text(
        1 - MARGIN / wide, 1 - 0.3 / tall, f"Page {page} of {pages}", size=7.5, ha="right",
        va="center", color=colours.FAINT,
    )  # fmt: skip


def _write_with_bookmarks(
    drawn: io.BytesIO,
    lines: Sequence[tuple[str, str]],
    contents: Sequence[Sequence[tuple[str, str]]],
    path: Path,
) -> None:
    """Add the bookmarks and the links of the contents page, and write the file whole.

    Pages of half the size are enlarged to A4.
    """
    from pypdf import PdfWriter
    from pypdf.annotations import Link
    from pypdf.generic import Fit

    drawn.seek(0)
    writer = PdfWriter(clone_from=drawn)
    for page in writer.pages[len(contents) :]:
        if max(page.mediabox.width, page.mediabox.height) < LONG * POINTS - 1:
            _enlarge(page)
    writer.add_outline_item(title="Contents", page_number=0)
    for number, (name, words) in enumerate(lines):
        writer.add_outline_item(title=f"{name}: {words}", page_number=len(contents) + number)
    for at, part in enumerate(contents):
        for line in range(len(part)):
            y = (LONG - TOP - line * LINE) * POINTS
            box = (MARGIN * POINTS, y - 10, (SHORT - MARGIN) * POINTS, y + 10)
            target = len(contents) + at * PER_PAGE + line
            link = Link(rect=box, target_page_index=target, fit=Fit.fit(), border=[0, 0, 0])
            writer.add_annotation(at, link)
    writer.page_mode = "/UseOutlines"
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        writer.write(file)


def _enlarge(page: PageObject) -> None:
    """Enlarge a page to A4 by one command before its content, which is left as it is."""
    from pypdf.generic import ArrayObject, DecodedStreamObject, NameObject, RectangleObject

    scale = LONG * POINTS / float(page.mediabox.width)
    before = DecodedStreamObject()
    before.set_data(f"{scale:.5f} 0 0 {scale:.5f} 0 0 cm\n".encode("ascii"))
    there = page.raw_get("/Contents")
    page[NameObject("/Contents")] = ArrayObject([before, there])
    size = RectangleObject((0, 0, LONG * POINTS, SHORT * POINTS))
    for box in ("/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
        if box in page:
            page[NameObject(box)] = size
