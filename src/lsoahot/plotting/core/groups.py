"""Areas that look alike on a map: by the class of their value, or by a label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lsoahot.common import checks
from lsoahot.common.class_labels import NOT_TESTED
from lsoahot.plotting import colours as _colours

from .class_breaks import is_suppressed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from lsoahot.common.arrays import Bools

    from .class_breaks import Classes


class Group(NamedTuple):
    """Areas that look alike."""

    label: str
    colour: str
    members: Bools


def value_groups(areas: gpd.GeoDataFrame, classes: Classes, colours: Sequence[str]) -> list[Group]:
    """Group areas by the class of their value, then those that have none."""
    hidden = is_suppressed(areas)
    return [
        *(
            Group(label, colour, classes.codes == code)
            for code, (label, colour) in enumerate(zip(classes.labels, colours, strict=True))
        ),
        *_valueless(_colours.NO_DATA, (classes.codes < 0) & ~hidden),
        *_valueless(_colours.SUPPRESSED, hidden),
    ]


def label_groups(areas: gpd.GeoDataFrame, column: str, colours: Mapping[str, str]) -> list[Group]:
    """Group areas by the label they carry; a class keeps its colour whichever are present."""
    checks.columns(areas, [column])
    labels = areas[column].astype("object")
    unknown = sorted({str(label) for label in labels.dropna().unique()} - set(colours))
    if unknown:
        raise ValueError(
            f"column {column!r} holds {checks.shown(unknown)}, which are none of the classes "
            f"{checks.shown(colours, 20)}. Give the column that the statistic wrote."
        )
    absent = labels.isna().to_numpy()
    # A count that is suppressed cannot be tested; that it is suppressed is what to say then.
    hidden = is_suppressed(areas) & (absent | (labels == NOT_TESTED).to_numpy())
    members = {label: (labels == label).to_numpy() & ~hidden for label in colours}
    return [
        *(
            Group(label, colour, members[label])
            for label, colour in colours.items()
            if label != NOT_TESTED
        ),
        *_valueless(NOT_TESTED, members[NOT_TESTED]),
        *_valueless(_colours.NO_DATA, absent & ~hidden),
        *_valueless(_colours.SUPPRESSED, hidden),
    ]


def _valueless(label: str, members: Bools) -> list[Group]:
    """Group what has no value, if there is any."""
    return [Group(label, _colours.PAPER, members)] if members.any() else []


def look_of(group: Group) -> dict[str, Any]:
    """Return the style of a group."""
    look: dict[str, Any] = {"facecolor": group.colour}
    if pattern := _colours.PATTERNS.get(group.label):
        look |= {"hatch": pattern, "edgecolor": _colours.PATTERN_INK}
    elif stripes := _colours.STRIPES.get(group.label):
        look |= {"hatch": stripes, "edgecolor": _colours.PAPER}
    return look
