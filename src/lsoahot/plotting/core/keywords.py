"""The keywords of geopandas and matplotlib that a map takes, and those it refuses, before it is drawn."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from lsoahot.common import checks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What a map takes beside the style of its polygons.
OWN: Final = ("figsize", "aspect", "legend", "legend_kwds", "missing_kwds", "counts")
_CLASSES: Final = (
    "is for colours without classes, which nobody can name from a legend. These maps have classes: "
    "give breaks=[...]; lsoahot.class_breaks() finds one set for several maps"
)
_COLOURS: Final = "would paint over the classes. Give their colours by cmap=..., or edgecolor=..."
_POINTS: Final = "is for points, and these are areas. Leave it out"
REFUSED: Final = {
    **dict.fromkeys(["vmin", "vmax", "norm", "clim", "array"], _CLASSES),
    "categorical": "is not needed: numbers are put in classes, and classes keep their colours. "
    "Leave it out",
    "cax": "is for a colour bar, and the key to classes is a legend. Use legend_kwds={...}",
    "colormap": "is called cmap here, as in geopandas. Give cmap=...",
    **dict.fromkeys(["markersize", "marker"], _POINTS),
}
PAINT: Final = ("color", "facecolor", "facecolors", "fc")


def check(options: Mapping[str, Any], *, classes: bool) -> None:
    """Refuse a keyword that a map has no use for.

    Parameters
    ----------
    options
        Keywords that were passed on.
    classes
        Whether the map has classes, whose colours are their own.

    Raises
    ------
    TypeError
        With what to do instead.

    Examples
    --------
    >>> check({"edgecolor": "black", "figsize": (4, 4)}, classes=True)
    """
    from matplotlib.artist import ArtistInspector
    from matplotlib.collections import PolyCollection
    from matplotlib.legend import Legend

    inspector = ArtistInspector(PolyCollection)
    style = {
        *inspector.get_setters(),
        *(word for same in inspector.aliasd.values() for word in same),
    }
    for name in options:
        if name in REFUSED:
            raise TypeError(f"{name}=... {REFUSED[name]}.")
        if classes and name in PAINT and options[name] is not None:
            raise TypeError(f"{name}=... {_COLOURS}.")
    _known(options, {*style, *OWN}, "a map")
    _known(options.get("missing_kwds") or {}, {*style, "label"}, "missing_kwds")
    legend = {*inspect.signature(Legend.__init__).parameters} - {"self", "parent"}
    _known(options.get("legend_kwds") or {}, legend, "legend_kwds")


def _known(options: Mapping[str, Any], allowed: set[str], what: str) -> None:
    for name in options:
        if name not in allowed:
            such = (
                "matplotlib's for a legend, such as loc, title, fontsize"
                if what == "legend_kwds"
                else "geopandas' or matplotlib's for polygons, such as edgecolor, linewidth, alpha"
            )
            raise TypeError(
                f"{what} has no keyword {name!r}. Give {such}.{checks.nearest(name, allowed)}"
            )


def classification(
    scheme: str, k: int, breaks: Sequence[float] | None, options: dict[str, Any]
) -> dict[str, Any]:
    """Take geopandas' ``classification_kwds`` out of the options; return what `classify` takes.

    Examples
    --------
    >>> classification("UserDefined", 5, None, {"classification_kwds": {"bins": [10, 20]}})
    {'scheme': 'UserDefined', 'k': 5, 'breaks': [10, 20]}
    """
    more = dict(options.pop("classification_kwds", None) or {})
    for name in more:
        import mapclassify

        allowed = {*inspect.signature(mapclassify.classify).parameters} - {"y", "scheme"}
        if name not in allowed:
            raise TypeError(
                f"classification_kwds has no {name!r}. mapclassify knows "
                f"{checks.shown(sorted(allowed), 20)}.{checks.nearest(name, allowed)}"
            )
    bins = more.pop("bins", None)
    if bins is not None:
        if breaks is not None:
            raise ValueError(
                "breaks=... and classification_kwds={'bins': ...} say the same. Give one."
            )
        breaks = bins
    if breaks is None and scheme.lower().replace("_", "") == "userdefined":
        raise ValueError(
            f"scheme={scheme!r} needs the classes. Give breaks=[10, 20, 50], the upper bound of each."
        )
    return {"scheme": scheme, "k": k, "breaks": breaks, **more}
