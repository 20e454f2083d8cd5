"""What a chapter tells of a measure: its years, its categories, its months, its peers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.common.month_names import month_name, month_year
from lsoahot.counting.counts import crossed
from lsoahot.counting.counts_to_hide import BELOW
from lsoahot.describe.change_clauses import TOTAL
from lsoahot.describe.change_sentences import describe_change
from lsoahot.statistics.comparison import compare
from lsoahot.statistics.seasons import seasonality
from lsoahot.statistics.trends import trend

from . import withheld as _withheld
from .csv_tables import shapeless
from .over_time import columns, count_reported_by_month, divide, first_month, has_months
from .settings import YEAR

if TYPE_CHECKING:
    from .over_time import Division
    from .result import Assessment
    from .settings import Config, Measure

SEVERAL: Final = 2  # districts, the least that can be compared
# The flags that a share may be told of: a few of them in a district point at nobody.
FLAGS: Final = ("alcohol", "drugs")

NO_TOTAL: Final = (
    "The total is withheld, and with it the years, the categories, the months and the comparison: "
    "small counts could be worked out from them."
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """All that is reported of a measure; what is withheld is not in it.

    Attributes
    ----------
    measure : Measure
        Its settings.
    table : DataFrame
        The areas that are reported, small counts withheld where they must be; without shapes.
    total : int or None
        The events of the period; None where the total is withheld or unknown.
    population : float
        Of the areas that are reported.
    years : DataFrame or None
        What `trend` returned of the total.
    months : Series or None
        The events of each month, up to the end of the period.
    divisions : tuple of Division
        Its categories.
    season : DataFrame or None
        What `seasonality` returned.
    districts : DataFrame or None
        What `compare` returned of the districts.
    silences : tuple of str
        What is left out, and why, in sentences.
    flagged : DataFrame or None
        For a measure of a flag (alcohol, drugs): of the other measures, how many records have it.
    """

    measure: Measure
    table: pd.DataFrame
    total: int | None
    population: float
    years: pd.DataFrame | None = None
    months: pd.Series | None = None
    divisions: tuple[Division, ...] = ()
    season: pd.DataFrame | None = None
    districts: pd.DataFrame | None = None
    silences: tuple[str, ...] = ()
    flagged: pd.DataFrame | None = None


def find(assessment: Assessment, measure: Measure) -> Finding:
    """Work out what is reported of a measure."""
    table = shapeless(assessment.tables[measure.name])
    records = assessment.records[measure.name]
    population = float(table[measure.population].sum())
    if measure.suppress and _withheld.total_withheld(table):
        return Finding(
            measure=measure, table=table, total=None, population=population, silences=(NO_TOTAL,)
        )
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        # What is left out was reported when the records were counted.
        total, districts = _total_and_districts(assessment, measure)
        plain = Finding(
            measure=measure, table=table, total=total, population=population, districts=districts,
            flagged=_flagged(assessment, measure),
        )  # fmt: skip
        if not has_months(records):
            notes = "The files give no months, so there are no earlier years to compare with."
            return replace(plain, silences=(notes,))
        return _over_time(assessment, plain)


def find_all(assessment: Assessment) -> tuple[Finding, ...]:
    """Work out what is reported of each measure."""
    first, *others = [find(assessment, measure) for measure in assessment.config.measures]
    return _share_verdicts(first, others)


def opening(finding: Finding, config: Config, place: str = "") -> list[str]:
    """Say how many there were and how often that is, then how many more than the year before.

    Parameters
    ----------
    finding : Finding
        What `find` returned.
    config : Config
        The settings.
    place : str
        Where, as in "in Rutland".

    Returns
    -------
    list of str
        Sentences; none where the total is withheld.
    """
    if finding.total is None:
        return []
    measure = finding.measure
    text = (
        f"{measure.title} {place}".strip()
        + f" came to {f'{finding.total:,}' if finding.total else 'none'} "
        + f"{'in' if config.start == config.end else 'from'} {config.years}"
    )
    if finding.total and finding.population > 0:
        rate = 1000 * finding.total / finding.population
        text += f", {rate:,.1f} per 1,000 {measure.people}"
    result = [f"{text}."]
    if finding.years is not None and len(finding.years) > 1 and config.is_a_year:
        result.append(describe_change(finding.years, measure.title))
    return result


def _share_verdicts(first: Finding, others: list[Finding]) -> tuple[Finding, ...]:
    """Give a figure one verdict wherever it stands.

    Where a measure is a category of the first one (violence, of total crime), it is tested twice:
    alone, and adjusted together with the other categories. The latter, which is the more cautious,
    is reported in its own section too.
    """
    tables = [one.table for one in first.divisions[:1] if not one.partial]
    parts = {
        str(name): rows.set_index("year")
        for table in tables
        for name, rows in table.groupby("category")
    }
    parts.pop(TOTAL, None)
    return (first, *(_adjust_verdicts(one, parts) for one in others))


def _adjust_verdicts(finding: Finding, parts: dict[str, pd.DataFrame]) -> Finding:
    """Take the verdicts of the category that is the same, year by year, as a measure."""
    years = finding.years
    if years is None or finding.measure.suppress:
        return finding
    own = years.set_index("year")["count"]
    for part in parts.values():
        if len(part) == len(own) and (part["count"] == own.reindex(part.index)).all():
            notes = part[["change_q", "verdict"]]
            divisions = tuple(
                replace(one, table=_with_verdicts(one.table, notes)) for one in finding.divisions
            )
            return replace(finding, years=_with_verdicts(years, notes), divisions=divisions)
    return finding


def _with_verdicts(table: pd.DataFrame, notes: pd.DataFrame) -> pd.DataFrame:
    """Put other verdicts to the totals of a table of `trend`."""
    others = table["category"] != TOTAL
    own = notes.reindex(table["year"]).set_axis(table.index)
    return table.assign(**{name: table[name].where(others, own[name]) for name in notes.columns})


def _total_and_districts(
    assessment: Assessment, measure: Measure
) -> tuple[int | None, pd.DataFrame | None]:
    """Return the total of the areas reported, and the districts compared."""
    records = assessment.records[measure.name]
    period = assessment.config.period_of(records)
    every = crossed(assessment.areas, records, locate_by=measure.locate_by, period=period).counts
    counts = pd.Series(every, index=assessment.areas.index)
    own = counts.loc[assessment.tables[measure.name].index]
    total = None if own.isna().any() else int(own.sum())
    return total, _districts(assessment, measure, counts)


def _districts(assessment: Assessment, measure: Measure, counts: pd.Series) -> pd.DataFrame | None:
    """Compare the districts that were loaded, or the peers among them."""
    areas = assessment.areas
    if "district" not in areas or areas["district"].nunique() < SEVERAL:
        return None
    summed = pd.DataFrame(
        {
            "count": counts.groupby(areas["district"]).sum(min_count=1),
            "population": areas.groupby("district")[measure.population].sum(),
        }
    )
    summed["area_name"] = summed.index
    for peer in assessment.config.peers:
        checks.one_of(peer, [str(name) for name in summed.index], "[comparison] peers")
    ours = sorted(set(assessment.tables[measure.name]["district"].dropna()))
    peers = [*dict.fromkeys([*ours, *assessment.config.peers])] if assessment.config.peers else None
    withheld = assessment.tables[measure.name].attrs.get("suppression", {}).get("totals_withheld")
    if measure.suppress and (withheld or (summed["count"] < BELOW).any()):
        return None
    compared = compare(summed.rename_axis("area_code"), peers)
    return compared if len(compared) >= SEVERAL else None


def _flagged(assessment: Assessment, measure: Measure) -> pd.DataFrame | None:
    """Count how many of the other measures' records have the flag that a measure is about."""
    flag = measure.flag or measure.dataset
    if flag not in FLAGS:
        return None
    rows = []
    for other in assessment.config.measures:
        records = assessment.records[other.name]
        if other.suppress or flag not in records or flag in {other.dataset, other.flag}:
            continue
        (flags,), counts, _ = crossed(
            assessment.areas,
            records.assign(flagged=records[flag].fillna(value=False).astype(bool)),
            ["flagged"],
            locate_by=other.locate_by,
            period=assessment.config.period_of(records),
        )
        own = counts[assessment.areas.index.isin(assessment.tables[other.name].index)]
        if np.isnan(own).any():
            continue
        part = int(own[:, flags.to_numpy(dtype=bool)].sum())
        if part:
            rows.append((other.title, part, int(own.sum())))
    return pd.DataFrame(rows, columns=["measure", "flagged", "count"]) if rows else None


def _over_time(assessment: Assessment, finding: Finding) -> Finding:
    """Add what the months tell: years, categories, season."""
    measure, end = finding.measure, assessment.config.end
    silences: list[str] = []
    by_area = count_reported_by_month(assessment, measure, first_month(assessment, measure))
    missing = np.flatnonzero(by_area.isna().any(axis=0).to_numpy()).tolist()
    start = missing[-1] + 1 if missing else 0
    if missing:
        months = pd.PeriodIndex(by_area.columns)
        silences.append(
            f"Some months up to {month_year(months[start - 1])} hold no data, so years are "
            "compared after them only."
        )
    by_area = by_area.iloc[:, start:]
    whole = by_area.shape[1] // YEAR
    if not whole:
        return replace(finding, silences=(*silences, "The records do not cover 12 months."))
    by_area = by_area.iloc[:, by_area.shape[1] - whole * YEAR :]
    if measure.suppress:
        notes = _withheld.silence(assessment, assessment.tables[measure.name], by_area)
        if notes:
            return replace(finding, silences=(*silences, notes))
    if not assessment.config.is_a_year:
        silences.append(
            f"Years are of 12 months, ending in {month_name(end)}, and not the period of the tables."
        )
    monthly = by_area.sum(axis=0).astype("int64")
    span = (str(monthly.index[0]), str(monthly.index[-1]))
    counted = pd.DataFrame({"period": monthly.index, "count": monthly.to_numpy()})
    years = trend(counted, None, year_end=end.month, period=span)
    months_of_year = seasonality(counted, None, year_end=end.month, period=span)
    by_month = months_of_year["count"].to_numpy(dtype="float64")[None]
    season: pd.DataFrame | None = months_of_year
    if measure.suppress and not _withheld.months_shown(by_month, BELOW).all():
        season = None
        silences.append("The months are withheld: in some of them there were few.")
    divisions = []
    for column in columns(assessment.records[measure.name], measure):
        division = divide(assessment, measure, column, span)
        if division is None and measure.suppress:
            silences.append(
                f"How it divides by {column.replace('_', ' ')} is withheld: one part is small."
            )
        elif division is not None:
            divisions.append(division)
    return replace(
        finding,
        years=years,
        months=monthly,
        season=season,
        divisions=tuple(divisions),
        silences=tuple(silences),
    )
