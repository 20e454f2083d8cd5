"""The colours of every class, chosen to survive colour blindness and a grey printer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lsoahot.common.class_labels import (
    CHANGE_CLASSES,
    CLUSTER_CLASSES,
    EMERGING_CLASSES,
    HOTSPOT_CLASSES,
    NO_TELLING,
    NOT_TESTED,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.colors import Colormap

# The neutral class of every map of classes, and areas without a figure on a reference map.
PLAIN: Final = "#f6f3ea"
# Lines between areas that are pale themselves.
PALE_EDGE: Final = "#cdc8ba"
DARK_EDGE: Final = "#7d7d7d"  # of a reference map, which shows nothing else
INK: Final = "#222222"
FAINT: Final = "#5f5f5f"
PAPER: Final = "#ffffff"

# Low to high: pale to dark, so that the order is the same in grey.
SEQUENCE: Final = ("#fff3c7", "#fdcb7c", "#f58c46", "#d1442c", "#7d1128")

# Hot is red and cold is blue, as analysts know them. In grey the two would meet, so cold spots
# are the lighter: each class has a lightness of its own.
HOTSPOT_COLOURS: Final = dict(
    zip(
        HOTSPOT_CLASSES,
        (
            "#7a0c1e",
            "#b82a26",
            "#ee8253",
            "#f3c2a2",
            "#f6f3ea",
            "#c4dff0",
            "#92bfdf",
            "#3f83bd",
            "#ffffff",
        ),
        strict=True,
    )
)
# About 1: high is red and low is blue, and what can't be told is nearly paper.
LEVEL_COLOURS: Final = {
    "Far above": "#7a0c1e",
    "Above": "#c8342b",
    "Probably above": "#f2a271",
    "Near average": "#f6f3ea",
    "Below": "#a9cfe8",
    "Far below": "#3f83bd",
    NO_TELLING: PAPER,
    NOT_TESTED: PAPER,
}
CLUSTER_COLOURS: Final = dict(
    zip(
        CLUSTER_CLASSES,
        ("#a3131f", "#3f83bd", "#b5d8ea", "#f4a35f", "#f6f3ea", "#ffffff"),
        strict=True,
    )
)
# Not the hot spots' colours: a rise where little happens is no hot spot.
CHANGE_COLOURS: Final = dict(
    zip(
        CHANGE_CLASSES,
        ("#5f2a04", "#9c4a08", "#d98a3a", "#f6f3ea", "#d6cdf0", "#bbaee6", "#8270bd", "#ffffff"),
        strict=True,
    )
)

# Seventeen classes are more than colours can tell apart: each colour serves twice, plain and
# striped. The eight kinds, hot then cold backwards, meet at what has no pattern.
HEAT: Final = ("#7a0c1e", "#b82a26", "#ee8253", "#f5c4a3")
COLD: Final = ("#1d4f7c", "#3f83bd", "#92bfdf", "#cbe6f4")
EMERGING_COLOURS: Final = dict(
    zip(
        EMERGING_CLASSES,
        (
            *(HEAT[kind // 2] for kind in range(8)),
            PLAIN,
            *(COLD[kind // 2] for kind in reversed(range(8))),
            PAPER,
        ),
        strict=True,
    )
)
STRIPES: Final = dict.fromkeys((*EMERGING_CLASSES[1:8:2], *EMERGING_CLASSES[9:17:2]), "////")

# What is not a value is patterned, so that it cannot be taken for a low or a high one.
NO_DATA: Final = "No data"
SUPPRESSED: Final = "Suppressed"
PATTERNS: Final = {NO_DATA: "////", SUPPRESSED: "xxxx", NOT_TESTED: "....", NO_TELLING: "//"}
PATTERN_INK: Final = "#9a9a9a"


def ramp(cmap: str | Colormap | Sequence[str] | None, k: int) -> list[str]:
    """Return k colours, low to high, from a matplotlib colour map or a list of colours."""
    from matplotlib import colormaps
    from matplotlib.colors import Colormap as Mpl, LinearSegmentedColormap, to_hex

    if isinstance(cmap, str):
        if cmap not in colormaps:
            raise ValueError(
                f"cmap={cmap!r} is not a colour map of matplotlib. "
                "Give one of matplotlib.colormaps, or a list of colours from low to high."
            )
        chosen = colormaps[cmap]
    elif isinstance(cmap, Mpl):
        chosen = cmap
    else:
        chosen = LinearSegmentedColormap.from_list("lsoahot", list(cmap or SEQUENCE), N=257)
    if k == 1:
        return [to_hex(chosen(0.5))]
    return [to_hex(chosen(step / (k - 1))) for step in range(k)]


def beyond(colour: str) -> str:
    """Return a colour darker than the last of a ramp, for values above the breaks given."""
    from matplotlib.colors import to_rgb

    return _hex(0.5 * part for part in to_rgb(colour))


def laid_on(colour: str, strength: float) -> str:
    """Return a colour laid on white paper as strongly as given, from 0 to 1."""
    from matplotlib.colors import to_rgb

    return _hex(1 - strength * (1 - part) for part in to_rgb(colour))


def _hex(parts: Iterable[float]) -> str:
    """Write red, green and blue, each from 0 to 1, as a colour."""
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)
