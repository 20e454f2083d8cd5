"""The steps of an assessment, one after the other: what `assess` does and its rehearsal tries."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

import pandas as pd

from lsoahot.boundaries.boundaries import read_boundaries, select_areas
from lsoahot.boundaries.populations import read_population
from lsoahot.common import checks
from lsoahot.common.audit import Audit
from lsoahot.common.frozen import FrozenDict
from lsoahot.common.spelling import plain
from lsoahot.counting.counts import count
from lsoahot.counting.joins import join
from lsoahot.counting.rates import rank, rate
from lsoahot.counting.suppression import withhold
from lsoahot.records.datasets import DATASETS
from lsoahot.records.records import read_dataset
from lsoahot.statistics.hotspots import find_hotspots
from lsoahot.statistics.local import local_moran

from .withheld import protect

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from libpysal.graph import Graph

    from lsoahot.records.datasets import Dataset

    from .settings import Config, Measure

NOT_SHOWN: Final = "No test is shown, because the counts of all areas are withheld."
FEW: Final = (
    0.01  # the share of records with a code of another edition that is let pass, and reported
)
# It stands beside every figure, as what the reader says does.
_UNDATED: Final = (
    "the files give no month, so every record is counted as of the period. Make sure that this is what they "
    "cover"
)


def suppress_sensitive(settings: Config, specs: Mapping[str, Dataset]) -> Config:
    """Suppress small counts of sensitive datasets and flags, unless the settings say otherwise.

    Of other datasets, the records themselves are still to be asked (`overlaps.settle_suppression`).
    """

    def sensitive(measure: Measure) -> bool:
        flag = DATASETS.get(measure.flag or "")
        return specs[measure.dataset].sensitive or (flag is not None and flag.sensitive)

    measures = (
        replace(one, suppress=True) if one.suppress is None and sensitive(one) else one
        for one in settings.measures
    )
    return replace(settings, measures=tuple(measures))


def read_areas(settings: Config) -> gpd.GeoDataFrame:
    """Read the boundaries, all of them, with the population that the rates are to have."""
    areas = read_boundaries(settings.boundaries, names=settings.names)
    if settings.population is not None:
        areas = join_population(areas, settings)
    needed = {measure.population for measure in settings.measures}
    checks.columns(
        areas, sorted(needed), "the boundaries", "Name a file with one under [population]."
    )
    return areas


def join_population(areas: gpd.GeoDataFrame, settings: Config) -> gpd.GeoDataFrame:
    """Give the areas the population of the settings, in place of what they bring."""
    population = read_population(
        cast("str", settings.population), columns=settings.population_columns
    )
    return join(areas.drop(columns=population.columns, errors="ignore"), population)


def drop_lacking_months(records: pd.DataFrame) -> pd.DataFrame:
    """Take the months away where the files give none: records then are of the whole period."""
    read = records.attrs.get("read", {})
    if "period" not in records or "financial_year" in records or read.get("unread_dates", 0):
        return records
    if not records["period"].isna().all():
        return records
    whole = records.drop(columns="period")
    whole.attrs["read"] = {**read, "warnings": [_UNDATED, *read.get("warnings", [])]}
    return whole


def select_records(records: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """Keep the records that make up a measure, of every period."""
    kept = records
    if measure.categories:
        kept = kept[_in_categories(records, measure, measure.categories)]
    if measure.exclude:
        kept = kept[~_in_categories(records, measure, measure.exclude)]
    if measure.flag is not None:
        checks.columns(
            records, [measure.flag], f"measure {measure.name!r}: the file", "Drop the flag."
        )
        kept = kept[kept[measure.flag].fillna(False).astype(bool)]
    return kept


def _in_categories(
    records: pd.DataFrame, measure: Measure, categories: tuple[str, ...]
) -> pd.Series:
    """Tell which records are of some categories, in whichever column these stand."""
    wanted = {plain(category) for category in categories}
    known: dict[str, str] = {}
    for name in ("category", "group", "offence"):
        if name in records:
            words = records[name].dropna().unique()
            there = {plain(word): str(word) for word in words}
            if wanted <= there.keys():
                return records[name].isin([word for word in words if plain(word) in wanted])
            known |= there
    lacking = [one for one in categories if plain(one) not in known] or sorted(categories)
    raise ValueError(
        f"measure {measure.name!r}: no record is of category {checks.shown(map(repr, lacking))}; "
        f"there are {checks.shown(sorted(known.values()), 30)}."
        f"{checks.nearest(lacking[0], list(known.values()))}"
    )


def source_of(measure: Measure) -> tuple[object, ...]:
    """Return what tells which records a measure is made of: those of the same are read once."""
    return (
        measure.dataset,
        str(measure.source),
        tuple(sorted((measure.groups or {}).items())),
        bool(measure.all_rows),
    )


def read_records(
    measure: Measure, specs: Mapping[str, Dataset], source: object = None
) -> pd.DataFrame:
    """Read the records that a measure is made of, with the groups that the settings give."""
    spec = specs[measure.dataset]
    if measure.groups:
        named = {plain(category) for category in measure.groups}
        others = {key: group for key, group in spec.categories.items() if plain(key) not in named}
        spec = replace(spec, categories={**others, **measure.groups})
    files: Any = measure.source if source is None else source
    return read_dataset(spec, files, all_rows=bool(measure.all_rows))


def count_and_rate(
    loaded: gpd.GeoDataFrame, records: pd.DataFrame, measure: Measure, settings: Config
) -> gpd.GeoDataFrame:
    """Count all areas that were loaded, and rate them."""
    within = _covered(records, measure, settings)
    period = settings.period_of(records)
    counted = count(loaded, records, locate_by=measure.locate_by, period=period)
    audit = counted.attrs["audit"]
    if within and not counted["count"].sum():
        raise ValueError(
            f"measure {measure.name!r}: no record lies in the {len(loaded):,} areas.\n{audit}\n"
            "Name boundaries that cover the records, of the edition that their codes are of."
        )
    _of_this_edition(audit, measure)
    if measure.suppress:
        shown = counted.index.isin(_selected(counted, settings).index)
        counted = protect(counted, shown, people=measure.population)
    return rate(counted, population=measure.population)


def _selected(areas: gpd.GeoDataFrame, settings: Config) -> gpd.GeoDataFrame:
    """Return the areas that are reported."""
    return areas if settings.select is None else select_areas(areas, settings.select)


def find_clusters(rated: gpd.GeoDataFrame, graph: Graph, measure: Measure) -> gpd.GeoDataFrame:
    """Test all areas that were loaded."""
    result = find_hotspots(rated, graph, population=measure.population)
    return local_moran(result, graph=graph)


def _covered(records: pd.DataFrame, measure: Measure, settings: Config) -> int:
    """Return how many records are of the period; refuse files of another, tell of no months.

    Between the first and the last month of a file, no record means that nothing happened.
    """
    if "period" not in records:
        warnings.warn(
            f"measure {measure.name!r}: the files give no month, so every record is counted as of "
            f"{settings.years}. Make sure that this is what they cover.",
            UserWarning,
            stacklevel=2,
        )
        return len(records)
    months = records["period"].dropna()
    if len(records) and not len(months) and "financial_year" not in records:
        raise ValueError(
            f"measure {measure.name!r}: no record has a date that can be read, and so none is of "
            f"{settings.years}. Write dates as DD/MM/YYYY or YYYY-MM-DD."
        )
    years = records["financial_year"].dropna() if "financial_year" in records else months[:0]
    if len(years) and not len(months):
        aprils = {pd.Period(f"{year[:4]}-04", "M") for year in years.unique()}
        if not any(settings.start <= april and april + 11 <= settings.end for april in aprils):
            raise ValueError(
                f"measure {measure.name!r}: the files know the financial year only "
                f"({checks.shown(sorted(years.unique()), 4)}), and none lies whole in {settings.years}. "
                "Choose a [period] from April to March, or ask for months."
            )
    if len(months) and (months.max() < settings.start or months.min() > settings.end):
        raise ValueError(
            f"measure {measure.name!r}: no record is of {settings.years}; the files cover "
            f"{months.min()} to {months.max()}. Mend [period], or name the files of that period."
        )
    return int(((months >= settings.start) & (months <= settings.end)).sum())


def _of_this_edition(audit: Audit, measure: Measure) -> None:
    """Refuse records of another edition: areas that were redrawn since would stand there as zero."""
    foreign, counted = audit["other_edition"], audit["counted"]
    if foreign > FEW * (foreign + counted):
        raise ValueError(
            f"measure {measure.name!r}: {foreign:,} records have a code of another census edition "
            f"than the boundaries, and {counted:,} were counted. Areas that were redrawn would be "
            "shown without any. Name boundaries of the edition of the records, or, where they have "
            'points, write locate_by = "point" for the measure.'
        )


def select_and_withhold(
    tested: gpd.GeoDataFrame, settings: Config, areas: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Select and rank what is reported of the areas, and withhold what must be."""
    chosen = _selected(tested, settings)
    ranked = rank(rank(chosen, "rate", into="rate_rank"), "count")
    if "suppressed" not in ranked:
        return ranked
    table = withhold(ranked, keep=areas.columns)
    if table["suppressed"].all():
        table.attrs["statistics"] = FrozenDict(
            {
                verb: {**facts, "events": None, "why": "withheld", "text": NOT_SHOWN}
                for verb, facts in table.attrs["statistics"].items()
            }
        )
    return table


def add_other_categories(audit: Audit, read: pd.DataFrame, records: pd.DataFrame) -> Audit:
    """Account for the records in a measure's files that are of other categories, too."""
    rows = events = len(read) - len(records)
    if not rows or audit.get("withheld"):
        return audit
    if "count" in read:
        events = int(read["count"].sum() - records["count"].sum())
    other = {"outcome": "of other categories", "rows": rows, "events": events, "detail": ""}
    return Audit(
        {
            **audit,
            "records": audit["records"] + rows,
            "events": audit["events"] + events,
            "outcomes": [*audit["outcomes"], other],
        }
    )
