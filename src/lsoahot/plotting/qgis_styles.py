"""How QGIS draws a layer: the classes and colours of our maps, as QML.

QML is QGIS's own form of a style (https://docs.qgis.org, "QML"). A GeoPackage carries it in the table
``layer_styles``, so that a layer opens as the map that :func:`~lsoahot.plot_rate` or
:func:`~lsoahot.plot_hotspots` draws.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lsoahot.common.class_labels import NOT_TESTED

from . import colours
from .core.class_breaks import classify, is_suppressed, numeric_values
from .core.groups import label_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

# The column that is drawn in classes of numbers, and those that hold classes.
VALUE: Final = "rate"
CLASSES: Final[dict[str, Mapping[str, str]]] = {
    "level": colours.LEVEL_COLOURS,
    "hotspot": colours.HOTSPOT_COLOURS,
    "cluster": colours.CLUSTER_COLOURS,
}
# What stands for an area without a value: below any rate.
WITHHELD: Final = -2.0
MISSING: Final = -1.0
# QGIS's fills for matplotlib's hatches.
FILLS: Final = {"////": "b_diagonal", "//": "f_diagonal", "xxxx": "diagonal_x", "....": "dense6"}
EDGE_WIDTH: Final = 0.1  # millimetres
HEAD: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


class Look(NamedTuple):
    """How the areas of a class look."""

    colour: str
    edge: str
    hatch: str = ""


def qgis_styles(areas: gpd.GeoDataFrame, aliases: Mapping[str, str]) -> dict[str, str]:
    """Return a QGIS style for each column that can be mapped, by the column's name.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, with the columns that the verbs write, under the names that the layer has.
    aliases : dict of str to str
        What QGIS's table of attributes calls the columns.

    Returns
    -------
    dict of str to str
        QML, by column: ``rate`` in the classes of `plot_rate`; ``level``, ``hotspot`` and
        ``cluster`` in their colours. Columns that are not there, or hold nothing, have none.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> areas = gpd.GeoDataFrame(
    ...     {"rate": [12.5, 33.1]}, geometry=[shapely.box(n, 0, n + 1, 1) for n in range(2)]
    ... )
    >>> styles = qgis_styles(areas, {"rate": "Rate (per 1,000)"})
    >>> list(styles), 'type="graduatedSymbol"' in styles["rate"]
    (['rate'], True)
    """
    styles = {}
    for column in (VALUE, *CLASSES):
        if column in areas and areas[column].notna().any():
            renderer = _categorised(areas, column) if column in CLASSES else _graduated(areas)
            styles[column] = _document(renderer, areas, aliases)
    return styles


def _document(renderer: ET.Element, areas: gpd.GeoDataFrame, aliases: Mapping[str, str]) -> str:
    """Write a style: how areas are drawn, and what the columns are called."""
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology|Fields")
    root.append(renderer)
    named = ET.SubElement(root, "aliases")
    for place, column in enumerate(areas.columns.drop([areas.geometry.name])):
        ET.SubElement(
            named, "alias", field=str(column), index=str(place), name=aliases.get(column, "")
        )
    ET.indent(root, " ")
    return HEAD + ET.tostring(root, encoding="unicode")


def _graduated(areas: gpd.GeoDataFrame) -> ET.Element:
    """Draw rates in the classes of our maps, and tell areas without one from a low one."""
    values = numeric_values(areas, VALUE)
    result = classify(values)
    ramp = colours.ramp(None, len(result.labels))
    hidden = is_suppressed(areas)
    field, ranges, looks = VALUE, [], []
    for value, label, members in (
        (WITHHELD, colours.SUPPRESSED, hidden),
        (MISSING, colours.NO_DATA, np.isnan(values) & ~hidden),
    ):
        if members.any():
            ranges.append((value, value, label))
            looks.append(_patterned(label))
    if ranges:
        field = f'coalesce("{VALUE}", {MISSING:g})'
        if hidden.any():
            field = f'CASE WHEN "suppressed" THEN {WITHHELD:g} ELSE {field} END'
    # A value on the edge of two classes is of the first of them, in QGIS as in our maps.
    edges = pairwise([float(np.nanmin(values)), *result.breaks])
    for (low, high), label, colour in zip(edges, result.labels, ramp, strict=True):
        ranges.append((low, high, label))
        looks.append(Look(colour, colours.PAPER))
    renderer = _renderer("graduatedSymbol", field)
    renderer.set("graduatedMethod", "GraduatedColor")
    listed = ET.SubElement(renderer, "ranges")
    for place, (low, high, label) in enumerate(ranges):
        ET.SubElement(
            listed, "range", symbol=str(place), lower=repr(low), upper=repr(high), label=label,
            render="true",
        )  # fmt: skip
    renderer.append(_symbols(looks))
    return renderer


def _categorised(areas: gpd.GeoDataFrame, column: str) -> ET.Element:
    """Draw classes in their colours, all of them, so that a colour means one thing on each map."""
    groups = label_groups(areas, column, CLASSES[column])
    labels = [group.label for group in groups]
    field = column
    if {colours.NO_DATA, colours.SUPPRESSED} & set(labels):
        field = f"coalesce(\"{column}\", '{colours.NO_DATA}')"
        if colours.SUPPRESSED in labels:
            unknown = f"('{colours.NO_DATA}', '{NOT_TESTED}')"
            field = (
                f"CASE WHEN \"suppressed\" AND {field} IN {unknown} THEN '{colours.SUPPRESSED}' "
                f"ELSE {field} END"
            )
    renderer = _renderer("categorizedSymbol", field)
    listed = ET.SubElement(renderer, "categories")
    for place, label in enumerate(labels):
        ET.SubElement(
            listed, "category", symbol=str(place), value=label, label=label, type="string",
            render="true",
        )  # fmt: skip
    renderer.append(
        _symbols(
            _patterned(group.label)
            if group.label in colours.PATTERNS
            else Look(group.colour, colours.PALE_EDGE)
            for group in groups
        )
    )
    return renderer


def _renderer(kind: str, field: str) -> ET.Element:
    return ET.Element(
        "renderer-v2", type=kind, attr=field, symbollevels="0", forceraster="0", enableorderby="0"
    )


def _patterned(label: str) -> Look:
    return Look(colours.PATTERN_INK, colours.PATTERN_INK, colours.PATTERNS[label])


def _symbols(looks: Iterable[Look]) -> ET.Element:
    """Write the symbols that classes name by their place."""
    symbols = ET.Element("symbols")
    for place, look in enumerate(looks):
        symbol = ET.SubElement(
            symbols, "symbol", type="fill", name=str(place), alpha="1", clip_to_extent="1",
            force_rhr="0",
        )  # fmt: skip
        if look.hatch:  # a pattern has no ground of its own
            symbol.append(_fill(Look(colours.PAPER, look.edge), "solid"))
        symbol.append(_fill(look, FILLS[look.hatch] if look.hatch else "solid"))
    return symbols


def _fill(look: Look, style: str) -> ET.Element:
    """Write a fill in both forms that QGIS reads: the new one, and that of before version 3.18."""
    layer = ET.Element("layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"})
    properties = {
        "color": _rgba(look.colour),
        "outline_color": _rgba(look.edge),
        "outline_style": "solid",
        "outline_width": f"{EDGE_WIDTH:g}",
        "outline_width_unit": "MM",
        "style": style,
    }
    options = ET.SubElement(layer, "Option", type="Map")
    for name, value in properties.items():
        ET.SubElement(options, "Option", name=name, value=value, type="QString")
    for name, value in properties.items():
        ET.SubElement(layer, "prop", k=name, v=value)
    return layer


def _rgba(colour: str) -> str:
    """Write a colour as QGIS does.

    Examples
    --------
    >>> _rgba("#7a0c1e")
    '122,12,30,255'
    """
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"
