"""The page: where things go on it, its words, and how it is written to a file."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

from . import colours
from .provenance import notice, period, provenance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Box = tuple[float, float, float, float]  # x, y, width, height

SHORT: Final = 8.27  # A4 in inches
LONG: Final = 11.69
A5: Final = (8.27, 5.83)
MARGIN: Final = 0.45
PANEL: Final = 2.75  # the width of the panel beside the map, or the height of the band under it
BAND: Final = 2.35
SMALL_PRINT: Final = 6.5  # points
FOOT: Final = 1.12  # inches below the map
FOOT_HALF: Final = 0.8
_LINE: Final = 0.125  # inches of a line of a long notice
_LINES: Final = 3  # of them beside the first
NOTICE: Final = 8  # points
BOLD: Final = 0.64  # the mean width of a bold letter, as a share of its size
LETTER: Final = 0.535  # the mean width of a letter, as a share of its size
FORMATS: Final = (".png", ".svg", ".pdf")
# Text stays text, to be searched and read aloud; the same page makes the same file.
REAL_TEXT: Final[dict[Any, Any]] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so a page looks the same anywhere
    "text.usetex": False,  # names hold % and &, which TeX takes for its own
    "text.hinting": "none",  # seen on screens of old only, and a third of the time that text takes
    "pdf.fonttype": 42,
    "pdf.compression": 3,  # half the time, and a tenth larger
    "svg.fonttype": "none",
    "svg.hashsalt": "lsoahot",
}


class Page:
    """Where things go on a page, in inches from its lower left.

    An A4 page stands upright or lies across, as the areas are shown larger. A page of half the size
    (A5, across) has text of the same size: it is for documents and slides, where it is reduced less.
    """

    def __init__(self, areas: gpd.GeoDataFrame, *, bare: bool = False, paper: str = "A4") -> None:
        self.bare = bare  # no legend and no inset
        self.paper = paper
        half = paper == "A5"
        self.margin = 0.32 if half else MARGIN
        self.panel = 2.1 if half else PANEL
        self.head, foot = (0.8, FOOT_HALF) if half else (1.0, FOOT)
        # A notice takes its room of the map; its first line has room on a whole page.
        must = notice(areas)
        lines = len(must) // _letters(SHORT - 2 * self.margin, SMALL_PRINT) + (half and must != "")
        self.foot = foot + _LINE * min(_LINES, lines)
        west, south, east, north = areas.total_bounds
        shape = (east - west) / max(north - south, 1e-9)
        across, upright = self._map((LONG, SHORT)), self._map((SHORT, LONG))
        # The way that shows the map larger.
        self.is_across = min(across[2] / shape, across[3]) >= min(upright[2] / shape, upright[3])
        self.size = (LONG, SHORT) if self.is_across else (SHORT, LONG)
        self.map = across if self.is_across else upright
        if half:
            self.is_across, self.size = True, A5
            self.map = self._map(A5)

    def _map(self, size: tuple[float, float]) -> Box:
        wide, tall = size
        high = tall - self.head - self.foot
        if self.bare:
            return (self.margin, self.foot, wide - 2 * self.margin, high)
        if wide > tall:
            return (self.margin, self.foot, wide - 2 * self.margin - self.panel - 0.2, high)
        return (self.margin, self.foot + BAND, wide - 2 * self.margin, high - BAND)

    @property
    def picture(self) -> Box:
        """Return what is between the title and the small print: the map, its legend, its insets."""
        wide, tall = self.size
        return (
            self.margin, self.foot, wide - 2 * self.margin, tall - self.head - self.foot + 0.02
        )  # fmt: skip

    @property
    def legend(self) -> tuple[float, float]:
        """Return the upper left corner of the legend."""
        x, y, wide, tall = self.map
        return (x + wide + 0.2, y + tall - 0.05) if self.is_across else (self.margin, y - 0.1)

    @property
    def legend_room(self) -> float:
        """Return the height that the legend may take."""
        return self.map[3] if self.is_across else BAND

    def insets(self, n: int) -> list[Box]:
        """Return the boxes of n insets, under the legend or beside it."""
        x, y, wide, _ = self.map
        if self.is_across:
            tall = (2.85 if n == 1 else 1.75) * (0.66 if self.paper == "A5" else 1)
            return [
                (x + wide + 0.2, y + (n - 1 - i) * (tall + 0.3), self.panel, tall) for i in range(n)
            ]
        each = 2.3 if n > 1 else 2.6
        right = self.margin + wide
        return [
            (right - (n - i) * (each + 0.15), y - BAND + 0.2, each, BAND - 0.45) for i in range(n)
        ]

    def share(self, box: Box) -> Box:
        """Turn a box in inches into one in shares of the page."""
        wide, tall = self.size
        return (box[0] / wide, box[1] / tall, box[2] / wide, box[3] / tall)


def write_words(
    figure: Figure,
    areas: gpd.GeoDataFrame,
    *,
    axes: Sequence[Axes],
    title: str,
    subtitle: str | None,
    series: Mapping[str, gpd.GeoDataFrame] | None = None,
    small_print: str | None = None,
    below: float = FOOT,
) -> list[Artist]:
    """Write the title above the maps and the small print below them; return what was added."""
    from matplotlib.lines import Line2D

    wide, tall = figure.get_size_inches()
    half = tall < SHORT
    margin = 0.32 if half else MARGIN
    left = margin / wide
    under = period(areas) if subtitle is None else subtitle
    ink: dict[str, Any] = {"parse_math": False, "color": colours.INK}
    faint = ink | {"color": colours.FAINT}
    added: list[Artist] = []
    heads = ((0.3, 13.5), (0.56, 9)) if half else ((0.42, 17), (0.74, 11))
    for (y, size), words, look in zip(
        heads, (title, under), ({"weight": "bold"} | ink, faint), strict=True
    ):
        line = figure.text(left, 1 - y / tall, words, size=size, va="center", **look)
        room = (wide - 2 * margin) * figure.dpi / max(line.get_window_extent().width, 1)
        line.set_fontsize(size * min(1, room))
        added.append(line)
    if small_print is None:
        drawn = [collection for ax in axes for collection in ax.collections]
        shown = sorted({getattr(collection, "column", "") for collection in drawn} - {""})
        small_print = " ".join(provenance(areas, shown, series))
    letters = int((wide - 2 * margin) * 72 / (SMALL_PRINT * LETTER))
    foot = figure.text(
        left, (0.14 if half else 0.28) / tall, textwrap.fill(small_print, letters),
        size=SMALL_PRINT, va="bottom", linespacing=1.4, **faint,
    )  # fmt: skip
    top = foot.get_window_extent().y1 / (tall * figure.dpi)
    if must := notice(areas):
        size = NOTICE if len(must) <= _letters(wide - 2 * margin, NOTICE) else SMALL_PRINT
        most = max(1, int((below - top * tall - 0.15) / (size * 1.3 / 72)))
        lines = textwrap.fill(
            must, _letters(wide - 2 * margin, size), max_lines=most,
            placeholder=" ... (more in the audit)",
        )  # fmt: skip
        bold = ink | {"weight": "bold", "va": "bottom", "linespacing": 1.3}
        line = figure.text(left, top + 0.07 / tall, lines, size=size, **bold)
        added.append(line)
        top = line.get_window_extent().y1 / (tall * figure.dpi)
    rule = Line2D(
        [left, 1 - left], [top + 0.06 / tall] * 2, color="#c9c6bd", linewidth=0.6,
        transform=figure.transFigure,
    )  # fmt: skip
    figure.add_artist(rule)
    return [*added, foot, rule]


def _letters(wide: float, size: float) -> int:
    """Return how many bold letters of a size stand side by side in so many inches."""
    return int(wide * 72 / (size * BOLD))


def metadata(ending: str, title: str) -> dict[str, Any]:
    """Return what a file says of itself: its title, and no date, so that it can be compared."""
    notes: dict[str, Any] = {"Title": title, "Creator": "lsoahot"}
    if ending == ".svg":
        return notes | {"Date": None}
    if ending == ".pdf":
        return notes | {"CreationDate": None}
    return {"Title": title, "Software": "lsoahot"}
