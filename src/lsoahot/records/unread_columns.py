"""Columns that were not understood: which can be let be, and which may hold the figure or the filter.

What was not understood is never counted, and never stands in the way without a word. A column of numbers
beside codes, months and categories that make each row the only one of its kind is most likely the
count; a column of a few words most likely says which rows belong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot.common.checks import shown
from lsoahot.common.number_cells import read_numbers
from lsoahot.common.spelling import plain

from .count_columns import counts_something, is_rate, is_vague, word_set, words_of
from .datasets.crime import GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .dataset import Dataset

# Words of headers whose numbers are of something else: of times, places, persons, references.
_OF_OTHER_THINGS: Final = word_set(
    """year yr years day days hour hours time week weekday month quarter date fy age ages dob
    ward beat sector district division lpt npt nhp team station borough house flat street
    id ids ref refs reference urn uprn usrn toid code codes cd postcode serial log guid
    lat latitude lon long lng longitude easting eastings northing northings x y grid
    population households residents people persons rank decile quintile score rate rates
    per percent percentage pct share ratio density hectares hectare ha km shape length
    fid objectid index unnamed column level width height distance speed version
    victim victims suspect suspects offender offenders officer officers cost loss price
    phone tel telephone mobile pumps pump engines minutes seconds response attendance
    badge collar hocode ho cccjs rounded"""
)
_OF_PERSONS: Final = word_set(
    """victim victims suspect suspects offender offenders people persons residents households pumps"""
)
_SPANS: Final = word_set("month months year years yr")
_NAMES: Final = word_set("id ids ref refs reference urn code codes cd age ages")
_REFERENCES: Final = word_set("crime offence incident event record case number no nr")
# Words of headers that describe the place, the time or the record, and so no kind of event.
_OF_PLACES: Final = word_set(
    """lsoa msoa oa soa ward borough district name nm area force region county la lad ltla utla
    authority station beat neighbourhood sector division town place location csp parish
    constituency country street address postcode locality village city frs territory
    year quarter month date day week weekday time hour season fy period
    id ids ref reference urn code codes cd uprn usrn log officer comments notes note
    context outcome status source geography description easting northing"""
)
_OF_MEASURES: Final = word_set(
    "measure measures indicator indicators statistic statistics metric metrics series variable name type"
)
_OF_TIME: Final = word_set("quarter quarters qtr month months year years date dates period week fy")
_FEW: Final = 40  # a column that says which rows belong has no more different words
_SOME: Final = 2
_YES_NO: Final = frozenset({0.0, 1.0, 2.0})  # how flags are written in figures


def is_of_other_things(header: object) -> bool:
    """Tell whether a header names numbers that can be no counts of events.

    Examples
    --------
    >>> [is_of_other_things(name) for name in ("Crime number", "UPRN", "Hour of day", "Nombre")]
    [True, True, True, False]
    """
    words = set(words_of(header))
    if counts_something(header) and not words & _NAMES:
        # "Number of persons" may be what a table counts, "12 month total" how long it does.
        words -= _OF_PERSONS | _SPANS
    if words & (_OF_OTHER_THINGS | _OF_PLACES) or not words:
        return True
    return words <= _REFERENCES and bool(words - {"number", "no", "nr"}) and len(words) > 1


def describes_places(header: object) -> bool:
    """Tell whether a header names what can't decide which rows belong to a dataset.

    Examples
    --------
    >>> describes_places("Ward name"), describes_places("Is it domestic?")
    (True, False)
    """
    return bool(set(words_of(header)) & _OF_PLACES)


def perhaps_counts(
    headers: Sequence[str], unread: Sequence[str], rows: Sequence[Sequence[object]] | None
) -> list[str]:
    """List the columns that were not understood to look at more closely, by a table's first rows.

    They are those with a number whose header doesn't say that it is of something else; and, where
    there are such, those with a word that comes again, which may tell rows apart. All, where no rows
    can be seen beforehand.

    Examples
    --------
    >>> headers = ["LSOA code", "Nombre", "Outcome", "UPRN"]
    >>> rows = [["E01013787", "3", "Charged", "1"], ["E01013787", "4", "Charged", "2"]]
    >>> perhaps_counts(headers, headers[1:], rows)
    ['Nombre', 'Outcome']
    """
    place = {header: i for i, header in enumerate(headers)}
    if rows is None:
        numbers = [header for header in unread if not is_of_other_things(header)]
        return list(unread) if numbers else []
    whole = [row for row in rows if len(row) == len(headers)]
    cells = {header: [row[place[header]] for row in whole] for header in unread}
    numbers = [
        header
        for header, column in cells.items()
        if (not is_of_other_things(header) or is_rate(header))
        and read_numbers(pd.Series(column, dtype=object)).number.any()
    ]
    again = [
        header
        for header, column in cells.items()
        if len(set(column)) <= max(1, len(column) // _SOME)
    ]
    return [header for header in unread if header in numbers or header in again] if numbers else []


def by_content(
    raw: pd.DataFrame, columns: Mapping[str, str], *, wide: Mapping[str, str], spec: Dataset
) -> dict[str, str]:
    """Find the category by what a column holds, where no header names it, and there are counts.

    A column is taken if at least half of its different words are categories that the adapter knows;
    of several, the one of which it knows the largest share.

    Returns
    -------
    dict
        Column of the records -> header, the category among them.
    """
    result = dict(columns)
    if "category" in result or set(wide.values()) == {"category"} or not spec.categories:
        return result
    if "count" not in result and not wide:
        return result
    known = {plain(word) for word in spec.categories}
    best = (0.0, "")
    for header in raw.columns:
        if header in {*result.values(), *wide} or describes_places(header):
            continue
        words = {plain(word) for word in raw[header].dropna().astype(str).unique()} - {""}
        share = len(words & known) / len(words) if words else 0.0
        if share >= 1 / _SOME and share > best[0]:
            best = (share, header)
    return {**result, "category": best[1]} if best[1] else result


def several_measures(table: pd.DataFrame, unread: Sequence[str]) -> tuple[str, list[str]] | None:
    """Find a column that says what the counts beside it are of, and names several things.

    Examples
    --------
    >>> several_measures(pd.DataFrame({"Measure": ["Offences", "Outcomes"]}), ["Measure"])
    ('Measure', ['Offences', 'Outcomes'])
    """
    for header in unread:
        if not set(words_of(header)) - {"name", "type"} or set(words_of(header)) - _OF_MEASURES:
            continue
        different = list(table[header].dropna().astype(str).str.strip().unique())
        if len(different) > 1 and not read_numbers(pd.Series(different, dtype=object)).number.all():
            return header, different
    return None


def of_time(table: pd.DataFrame, unread: Sequence[str], name: str) -> list[str]:
    """Say which columns that were not understood may be the months of a table that has none.

    Examples
    --------
    >>> table = pd.DataFrame({"Quarter": ["Q1 2021", "Q2 2021"], "Count": [1, 2]})
    >>> of_time(table, ["Quarter"], "counts.csv")[0][:70]
    "counts.csv has no month that was understood; 'Quarter' (Q1 2021, Q2 20"
    """
    return [
        f"{name} has no month that was understood; {header!r} ({shown(table[header].dropna().unique(), 3)}) "
        "was not read, and its rows count as without a date. Give months (2021-10), dates, or a column "
        "'Financial Year'."
        for header in unread
        if set(words_of(header)) & _OF_TIME and table[header].notna().any()
    ]


def check_numbers(
    table: pd.DataFrame, unread: list[str], key: Mapping[str, pd.Series], name: str, *, events: bool
) -> list[str]:
    """Refuse a table without a count that has a column of numbers which is likely to be it.

    Parameters
    ----------
    table
        The table as it was read.
    unread
        The columns of it that were not understood.
    key
        What was understood of each row: its code, month, category and so on, but no exact date.
    name
        The file.
    events
        Whether something says that a row is an event: an identifier, or exact dates.

    Returns
    -------
    list of str
        A warning, where the numbers may be counts, and something speaks against it.

    Raises
    ------
    ValueError
        Where no two rows have the same key, and a column holds whole numbers, or only rates.
    """
    likely: list[str] = []
    beside: list[str] = []
    for header in unread:
        (likely if _likely(table[header], header) else beside).append(header)
    rates = [] if events or likely else [one for one in unread if _is_figure(table[one], one)]
    if not likely and not rates:
        return []
    rows = pd.DataFrame({column: pd.factorize(values)[0] for column, values in key.items()})
    for header in beside:
        codes, words = pd.factorize(table[header])
        if len(words) <= max(1, len(table) // _SOME):
            rows[f"beside {header}"] = codes
    if len(rows) > len(rows.drop_duplicates()):
        return []
    numbers = "; ".join(
        f"{header!r} ({shown(table[header].dropna(), 3)})" for header in likely or rates
    )
    if rates:
        kind = "rates" if any(map(is_rate, rates)) else "numbers that can be none"
        raise ValueError(
            f"{name} has no counts, but {kind} in {numbers}, and no two of its {len(table):,} rows have "
            f"the same {', '.join(key)}: each row would count as one event. Give counts of events "
            "(lsoahot.rate() works out the rates); if each row is one event, drop the column."
        )
    reported = (
        f"{name} has no count that was understood, but numbers in {numbers}, and no two of its "
        f"{len(table):,} rows have the same {', '.join(key)}: they may be the counts."
    )
    if events and not all(map(is_vague, likely)):
        return [
            f"{reported} Each row was counted as one event: rename the column to 'count' if they are."
        ]
    raise ValueError(
        f"{reported} If so, rename the column to 'count'; if each row is one event, drop the column."
    )


def _is_figure(column: pd.Series, header: str) -> bool:
    """Tell whether a column holds figures of areas that are no counts: rates, differences, estimates."""
    if is_of_other_things(header) and not is_rate(header):
        return False
    cells = read_numbers(column)
    numbers = cells.values[cells.number]
    return bool(
        len(numbers) and not cells.strange.any() and (is_rate(header) or (numbers != 1).any())
    )


def _likely(column: pd.Series, header: str) -> bool:
    """Tell whether a column may be of counts: whole numbers and markers, and not always the same."""
    if is_of_other_things(header):
        return False
    cells = read_numbers(column)
    numbers = cells.values[cells.number]
    if not len(numbers) or cells.strange.any():
        return False
    if (numbers < 0).any() or (numbers != np.round(numbers)).any():
        return False
    return not (len(column) > 1 and (numbers == 1).all() and cells.number.all())


def check_filter(
    table: pd.DataFrame,
    unread: list[str],
    categories: pd.Series | None,
    *,
    spec: Dataset,
    name: str,
) -> None:
    """Refuse counts of a dataset that takes some rows only, where nothing says which belong.

    Parameters
    ----------
    table
        The table as it was read.
    unread
        The columns of it that were not understood.
    categories
        The categories of its rows, where it has any.
    spec
        The adapter; its filter can't be applied to the table.
    name
        The file.

    Raises
    ------
    ValueError
        Where a column of a few words may hold the filter, or categories are of other crimes too.
    """
    wanted = next(iter(spec.where))
    cure = (
        f"Call the column that says which rows belong {spec.headers(wanted)[0]!r}; or, if "
        "every row is one, say all_rows=True (all_rows = true in the settings)."
    )
    for header in unread:
        if describes_places(header):
            continue
        words = table[header].dropna().astype(str).str.strip()
        different = words[words != ""].unique()
        few = _SOME <= len(different) <= _FEW
        numbers = read_numbers(pd.Series(different, dtype=object))
        if numbers.number.all():  # 1 and 0, 1 and 2: yes and no in figures
            few = len(different) == _SOME and set(numbers.values) <= _YES_NO
            few = few and not is_of_other_things(header)
        if few:
            raise ValueError(
                f"{name} has a column {header!r} ({shown(different, 4)}) that was not understood, "
                f"and {spec.name!r} takes some rows only. {cure}"
            )
    if categories is None:
        return
    others = {plain(word) for word in GROUPS}
    foreign = [word for word in categories.dropna().unique() if plain(word) in others]
    if foreign:
        raise ValueError(
            f"{name} counts {shown(foreign, 4)}, and nothing says which of them are {spec.name!r}. "
            f"{cure}"
        )
    blank = categories.fillna("").astype(str).str.strip().isin(["", "None", "N/A", "n/a", "-"])
    own = sorted({*categories[~blank].astype(str)})
    if own and blank.any() and wanted != "group":
        raise ValueError(
            f"{name} says {shown(own, 4)} of some rows and nothing of {int(blank.sum()):,}, which may be no "
            f"{spec.name!r}. {cure}"
        )
