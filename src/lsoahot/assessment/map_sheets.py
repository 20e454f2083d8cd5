"""The maps of an assessment, each drawn once: a PNG page, a page of the atlas, a picture to insert."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from lsoahot.common import checks
from lsoahot.common.class_labels import HOT_SPOTS
from lsoahot.plotting.hotspot_maps import plot_exceedance
from lsoahot.plotting.maps import LEGIBLE, plot_areas, plot_rate
from lsoahot.plotting.page_frame import REAL_TEXT, Page
from lsoahot.plotting.pages import blank_figure, map_pages
from lsoahot.plotting.provenance import edition
from lsoahot.plotting.towns import towns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import geopandas as gpd
    from matplotlib.figure import Figure
    from PIL.Image import Image

    from .result import Assessment
    from .settings import Measure

DPI: Final = 200
PAPER: Final = "A5"
# PNG's fastest compression: a third of the time, and a quarter larger.
COMPRESSION: Final = 1
COLOURS: Final = 256  # of a PNG's palette
HIGH: Final = ("Above", "Far above")


class Sheet(NamedTuple):
    """A map as it is used: the whole page, and the map with its legend alone."""

    image: Image
    box: tuple[int, int, int, int]

    @property
    def page(self) -> bytes:
        """Return the whole page as a PNG."""
        return png(self.image)

    @property
    def picture(self) -> bytes:
        """Return the map with its legend as a PNG."""
        return png(self.image.crop(self.box))


def draw_areas(
    assessment: Assessment, ground: Ground, add: Callable[[Figure], None] | None = None
) -> Sheet:
    """Draw where the areas are, with their names, or those of the towns where they are many.

    Parameters
    ----------
    assessment : Assessment
        What was assessed.
    ground : Ground
        What `surroundings` returned.
    add : callable, optional
        Takes the figure before it is cleared, for a page of an atlas.

    Returns
    -------
    Sheet
        The page and the picture.
    """
    areas = next(iter(assessment.tables.values())).sort_index()
    many = len(areas) > LEGIBLE or "area_name" not in areas
    look = {
        "plot": partial(plot_areas, label=None if many else "area_name"),
        "title": "Where the areas are",
        "subtitle": f"{len(areas):,} areas",
        "small_print": _small_print(areas),
    }
    pages = map_pages(
        areas, [look], labels=0, around=ground.around, names=ground.towns, paper=PAPER, dpi=DPI,
        figure=ground.figure,
    )  # fmt: skip
    return next(_sheets(pages, areas, add, bare=True))


def draw_measure(
    assessment: Assessment,
    measure: Measure,
    ground: Ground,
    add: Callable[[Figure], None] | None = None,
) -> Iterator[Sheet]:
    """Draw a measure's maps: its rates, then where it is high and where high areas lie together.

    Parameters
    ----------
    assessment
        As in `draw_areas`.
    measure : Measure
        Which of the measures.
    ground, add
        As in `draw_areas`; only the first map goes to ``add``.

    Returns
    -------
    iterator of Sheet
        That of the rates, then that of the hot spots.
    """
    table = assessment.tables[measure.name]
    pages = map_pages(
        table, _looks(assessment, measure), around=ground.around, names=ground.towns, paper=PAPER,
        zoom="where small", dpi=DPI, figure=ground.figure,
    )  # fmt: skip
    return _sheets(pages, table, add)


def _looks(assessment: Assessment, measure: Measure) -> list[dict[str, Any]]:
    """Say how each of a measure's maps looks."""
    table, years = assessment.tables[measure.name], assessment.config.years
    hot = table["hotspot"].astype("object").isin(HOT_SPOTS).to_numpy()
    source = assessment.records[measure.name].attrs.get("source", ())  # names of files
    high = table["level"].isin(HIGH).to_numpy()
    rate = {
        "plot": plot_rate,
        "title": f"{measure.title}: rate per 1,000 {measure.people}",
        "subtitle": years,
        "legend_title": f"Rate per 1,000\n{measure.people}",
        "outlined": {"Surely high": high} if high.any() else None,
        "note": _whole_rate(assessment, measure),
        "small_print": _small_print(table, source),
    }
    clusters = rate | {
        "plot": plot_exceedance,
        "title": f"{measure.title}: which areas are high, and which lie together",
        "legend_title": "Beside the rate of\nall areas together",
        "outlined": {"Cluster of high areas": hot} if hot.any() else None,
        "note": "" if hot.any() else "No cluster of high areas found",
        "small_print": _small_print(table, source, tested=True),
    }
    return [rate, clusters]


def _whole_rate(assessment: Assessment, measure: Measure) -> str:
    """Say the rate of the areas shown together, unless that would tell what is withheld."""
    table = assessment.tables[measure.name]
    people = float(table[measure.population].sum())
    if measure.suppress or table["count"].isna().any() or not people > 0:
        return ""
    where = assessment.config.select
    name = where if isinstance(where, str) else "All areas"
    return f"{name}: {1000 * float(table['count'].sum()) / people:.1f}"


def _small_print(
    areas: gpd.GeoDataFrame, source: Sequence[str] = (), *, tested: bool = False
) -> str:
    """Say in a few lines where a map comes from, and what was tested, in plain words."""
    test = "High and low: sure in 95 of 100, small numbers allowed for. Clusters: Gi*, exact test."
    of = areas.attrs.get("edition")
    parts = [
        f"Records: {checks.shown(source, 2)}." if source else "",
        test if tested else "",
        f"Boundaries: {edition(of)}." if of else "",
        str(areas.attrs.get("attribution") or ""),
    ]
    return " ".join(filter(None, parts))


class Ground(NamedTuple):
    """What all maps of an assessment share."""

    around: gpd.GeoDataFrame | None  # what lies around: a row a district, with ``district``
    towns: gpd.GeoDataFrame
    figure: Figure  # what they are drawn on, one after the other


def surroundings(assessment: Assessment) -> Ground:
    """Return the towns, and the districts that were loaded and are not reported, each as one area.

    Parameters
    ----------
    assessment : Assessment
        What was assessed.

    Returns
    -------
    Ground
        Nothing `around` where no other district was loaded.
    """
    shown = next(iter(assessment.tables.values())).sort_index()
    others = assessment.areas.loc[~assessment.areas.index.isin(shown.index)]
    if others.empty or "district" not in others:
        return Ground(None, towns(shown), blank_figure())
    whole = others[["district", "geometry"]].dissolve("district", method="coverage")
    return Ground(whole.assign(district=whole.index), towns(shown), blank_figure())


def _sheets(
    pages: Iterator[Figure],
    areas: gpd.GeoDataFrame,
    add: Callable[[Figure], None] | None,
    *,
    bare: bool = False,
) -> Iterator[Sheet]:
    """Turn each page into PNGs; the first goes to the atlas, too."""
    from matplotlib import rc_context

    page = Page(areas, bare=bare, paper=PAPER)
    x, y, wide, tall = (round(DPI * part) for part in page.picture)
    high = round(DPI * page.size[1])
    with rc_context(REAL_TEXT):
        for number, figure in enumerate(pages):
            if add is not None and not number:
                add(figure)
            yield Sheet(raster(figure), (x, high - y - tall, x + wide, high - y))


def raster(figure: Figure) -> Image:
    """Draw a figure in the colours that are frequent in it.

    A map or chart has a few dozen colours; all others are edges of letters and lines, shades between
    two of them. With a palette of `COLOURS` the file is half as large, and quick to write.

    Parameters
    ----------
    figure : Figure
        With Agg's canvas, at the resolution that is wanted.

    Returns
    -------
    Image
        Of the Python Imaging Library, with a palette.
    """
    import pandas as pd
    from PIL.Image import frombuffer

    canvas: Any = figure.canvas
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    # Red, green, blue and opacity as one number, and where it changes.
    each = pixels.view(np.dtype("<u4")).reshape(-1)
    starts = np.flatnonzero(np.append(True, each[1:] != each[:-1]))
    sizes = np.diff(np.append(starts, each.size))
    which, values = pd.factorize(each[starts])
    # The frequent first; of equals, the brighter.
    order = np.lexsort((values.byteswap(), np.bincount(which, sizes)))[::-1]
    colours = values[order].view(np.uint8).reshape(-1, 4)
    own, every = (one[:, :3].astype(np.float32) for one in (colours[:COLOURS], colours))
    apart = sum((every[:, None, k] - own[:, k]) ** 2 for k in range(3))
    places = np.empty(values.size, dtype=np.uint8)
    places[order] = np.argmin(apart, axis=1)
    drawn = np.repeat(places[which], sizes)
    size = pixels.shape[1::-1]
    result = frombuffer("P", size, drawn, "raw", "P", 0, 1)
    result.putpalette(colours[:COLOURS, :3].tobytes())
    return result


def png(image: Image) -> bytes:
    """Write an image as a PNG that says nothing of when it was made."""
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Software", "lsoahot")
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=COMPRESSION, dpi=(DPI, DPI), pnginfo=notes)
    return file.getvalue()
