"""The small print of a map: where its boundaries, people and records come from, and how tested."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, Final

from lsoahot.common import licence
from lsoahot.common.audit import Audit
from lsoahot.common.month_names import months_from

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import geopandas as gpd

# The verbs that write `hotspot`; the latest to be noted wrote what is there.
HOTSPOT_VERBS: Final = ("getis_ord", "local_risk", "find_hotspots")
# The statistic that wrote a column of classes.
STATISTICS: Final = {
    "hotspot": "getis_ord",
    "gi_z": "getis_ord",
    "cluster": "local_moran",
    "moran_i": "local_moran",
    "change_class": "change",
    "rate_ratio": "change",
    "emerging": "emerging_hotspots",
    "risk": "local_risk",
}


def provenance(
    areas: gpd.GeoDataFrame,
    columns: Collection[str] = (),
    series: Mapping[str, gpd.GeoDataFrame] | None = None,
) -> list[str]:
    """Return the sentences of a map's small print, from what the verbs noted on the table.

    ``columns`` are those shown, so that only the statistics behind them are reported. Of a ``series``,
    each panel has its own count, and what was tested is reported without figures.
    """
    from lsoahot._version import __version__

    noted = areas.attrs
    sentences = [
        _source_sentence("Boundaries", edition(noted.get("edition")), noted.get("source")),
        _source_sentence("Population", noted.get("population_source")),
        *(
            _test_sentence(noted, STATISTICS[column])
            if series is None
            else _test_sentences(series, STATISTICS[column])
            for column in columns
            if column in STATISTICS
        ),
        _count_sentence(noted.get("audit")) if series is None else _count_sentences(series),
        _shown_sentence(areas) if series is None else "",
        _suppression_sentence([areas] if series is None else series.values()),
        _sentence(_licence(areas)),
        f"Drawn with lsoahot {__version__}.",
    ]
    return [sentence for sentence in sentences if sentence]


def _licence(areas: gpd.GeoDataFrame) -> str:
    """Return the line that boundaries must be shown with; say, and warn, where it was lost.

    A table made by hand, that holds nothing but figures, has lost nothing: that is only said.
    """
    line = licence.of(areas)
    by_hand = areas.index.name is None and not areas.attrs
    if not line and not (by_hand and not {"area_name", "district"} & {*areas.columns}):
        warnings.warn(
            f"{licence.UNKNOWN}: the table has no note of it, and its codes are no official ones. "
            "Say whose they are: areas.attrs['attribution'] = '...'.",
            UserWarning,
            stacklevel=2,
        )
    return line or licence.UNKNOWN


def notice(areas: gpd.GeoDataFrame) -> str:
    """Return the text that must be shown with the data, if there is one."""
    return _sentence(areas.attrs.get("notice"))


def period(areas: gpd.GeoDataFrame) -> str:
    """Return the months that were counted, in words."""
    return _months(areas.attrs.get("period"))


def _months(months: Sequence[str] | None) -> str:
    """Write a span of months as people say it."""
    import pandas as pd

    if not months:
        return ""
    return months_from(*(pd.Period(months[end], freq="M") for end in (0, -1)))


def edition(edition: object) -> str:
    """Write an edition as people say it: ``lsoa11`` is LSOA, 2011 edition."""
    result = re.fullmatch(r"([a-z]+)(\d\d)", str(edition or ""))
    return f"{result[1].upper()}, 20{result[2]} edition" if result else str(edition or "")


def _source_sentence(what: str, *notes: object) -> str:
    """Write a sentence of what is known, or nothing."""
    known = [str(part).rstrip(".") for part in notes if part]
    return f"{what}: {'; '.join(known)}." if known else ""


def _sentence(text: object) -> str:
    """Write a text with a capital and a full stop, or nothing."""
    words = str(text or "").strip()
    stop = "" if words.endswith((".", ".)")) else "."
    return words[:1].upper() + words[1:] + stop if words else ""


def hotspot_test(areas: gpd.GeoDataFrame) -> str:
    """Name the verb that wrote the classes of hot spots: the one that chose, or the latest."""
    notes = areas.attrs.get("statistics", {})
    latest = next((verb for verb in reversed(notes) if verb in HOTSPOT_VERBS), "getis_ord")
    return str(notes[latest]["test"]) if latest == "find_hotspots" else latest


def _test_sentence(noted: dict[Any, Any], verb: str, *, brief: bool = False) -> str:
    """Tell what was tested and how."""
    every = noted.get("statistics", {})
    if verb == "getis_ord":
        verb = next((one for one in reversed(every) if one in HOTSPOT_VERBS), verb)
    notes = every.get(verb)
    if not notes:
        return ""
    if notes.get("text") and not brief:
        return _sentence(notes["text"])
    notes = every.get(notes.get("test"), notes)  # of a verb that chose, the one that it chose
    earlier = _months(notes.get("period_then"))
    parts = [f"Compared with {earlier}"] if earlier else []
    parts += [f"{notes.get('statistic', verb)} of {notes.get('column', 'the rate')}"]
    parts += [str(notes[key]) for key in ("method", "correction") if notes.get(key)]
    if notes.get("tested") is not None and not brief:
        parts.append(f"{notes['tested']:,} areas tested")
    return _sentence(", ".join(parts))


def _test_sentences(series: Mapping[str, gpd.GeoDataFrame], verb: str) -> str:
    """Tell what was tested in the panels; in which ones, if not the same in all."""
    notes: dict[str, list[str]] = {}
    for name, table in series.items():
        notes.setdefault(_test_sentence(table.attrs, verb, brief=True), []).append(name)
    notes.pop("", None)
    if len(notes) == 1:
        return next(iter(notes))
    return " ".join(f"{', '.join(names)}: {sentence}" for sentence, names in notes.items())


def _count_sentence(audit: object) -> str:
    """Tell how many records were counted, and what became of the others."""
    notes = Audit(audit) if isinstance(audit, dict) else audit  # read back from a file
    return _sentence(" ".join(str(notes or "").split()))


def _shown_sentence(areas: gpd.GeoDataFrame) -> str:
    """Tell how many of the events counted lie in the areas shown, if these are a part of all."""
    audit = areas.attrs.get("audit")
    if not isinstance(audit, dict) or "count" not in areas or areas["count"].isna().any():
        return ""
    counted = [one for one in audit.get("outcomes", []) if one["outcome"].startswith("counted")]
    every, here = sum(one["events"] or 0 for one in counted), areas["count"].sum()
    return f"In the {len(areas):,} areas shown: {here:,.0f}." if here < every else ""


def _suppression_sentence(tables: Iterable[gpd.GeoDataFrame]) -> str:
    """Tell why some numbers are not shown."""
    notes = [table.attrs.get("suppression", {}).get("sentence", "") for table in tables]
    return " ".join(dict.fromkeys(filter(None, notes)))


def _count_sentences(series: Mapping[str, gpd.GeoDataFrame]) -> str:
    """Tell how many records were counted in each panel."""
    notes = []
    for name, table in series.items():
        audit = table.attrs.get("audit")
        if isinstance(audit, dict) and "records" in audit:
            shown = Audit(audit).table()
            rows = int(shown["rows"][shown["outcome"].str.startswith("counted")].sum())
            notes.append(f"{name}, {rows:,} of {audit['records']:,}")
    return f"Records counted: {'; '.join(notes)}." if notes else ""
