"""Rows and categories that stand for what stands elsewhere in the same table: each event once."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common.number_cells import read_numbers
from lsoahot.common.spelling import plain

from .words import where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lsoahot.common.arrays import Bools, Floats

BLANK: Final = "a blank row"
NOTE: Final = "a note beside the table"
HEADER: Final = "the header again"
TOTAL: Final = "a row of totals"

TOTALS: Final = frozenset(
    {
        "total", "totals", "grandtotal", "subtotal", "sum", "overall", "all", "allcrime", "allcrimes",
        "totalcrime", "totalcrimes", "alloffences", "totaloffences", "allincidents", "totalincidents",
        "allareas", "alllsoas", "allmonths", "allages", "allpersons", "allcategories", "alltypes",
        "ytd", "yeartodate", "fytd", "cumulative", "rolling12months", "last12months", "12months", "annual",
        "fullyear", "wholeyear", "yearend",
    }
)  # fmt: skip
_TOTAL_OF: Final = re.compile(
    r"(?i).*\b(?:sub-?\s?|grand\s)?totals?$|(?:sub-?\s?|grand\s)?totals?\b.*"
)
_PART: Final = re.compile(
    r"(?i)(?:[-\u2013\u2022>]\s*)?(?:of which|o/w|including|incl\.|thereof)\b"
)
_CODE: Final = r"[EWSNK]\d{8}"
_DISTRICTS: Final = dict.fromkeys(("E06", "E07", "E08", "E09", "W06"), "lad")
_PLACES: Final = ("area_code", "area_name", "period", "financial_year")
_KEYS: Final = ("area_code", "area_name", "period", "financial_year", "category", "group")

# Which categories of recorded crime are made up of which: by the words of the Home Office and forces.
_PARTS: Final[dict[str, frozenset[str]]] = {
    whole: frozenset(parts.split())
    for whole, parts in {
        "violenceagainsttheperson": "violencewithinjury violencewithoutinjury homicide assaultwithinjury "
        "assaultwithoutinjury stalkingandharassment harassment commonassault mostseriousviolence "
        "assaultwithlessseriousinjury otherviolence",
        "violenceandsexualoffences": "violencewithinjury violencewithoutinjury homicide rape "
        "violenceagainsttheperson sexualoffences othersexualoffences stalkingandharassment",
        "sexualoffences": "rape othersexualoffences serioussexualoffences",
        "criminaldamageandarson": "criminaldamage arson",
        "burglary": "burglarydwelling burglaryotherthandwelling burglaryother domesticburglary "
        "nondomesticburglary residentialburglary burglaryresidential burglarybusinessandcommunity "
        "burglarybusiness businessburglary burglaryresidentialofahome",
        "robbery": "robberyofpersonalproperty robberyofbusinessproperty personalrobbery businessrobbery",
        "vehiclecrime": "theftofmotorvehicle theftfrommotorvehicle theftofvehicle theftfromvehicle "
        "theftofamotorvehicle theftfromamotorvehicle interferingwithamotorvehicle vehicleinterference",
        "vehicleoffences": "theftofmotorvehicle theftfrommotorvehicle theftofvehicle theftfromvehicle "
        "theftofamotorvehicle theftfromamotorvehicle interferingwithamotorvehicle vehicleinterference",
        "theftoffences": "burglary vehicleoffences vehiclecrime bicycletheft theftfromtheperson "
        "shoplifting othertheft othertheftoffences theftfromperson",
        "theft": "bicycletheft theftfromtheperson shoplifting othertheft theftfromperson",
        "drugoffences": "possessionofdrugs traffickingofdrugs drugpossession drugtrafficking",
        "drugs": "possessionofdrugs traffickingofdrugs drugpossession drugtrafficking",
        "seriousacquisitivecrime": "burglarydwelling domesticburglary robbery theftofmotorvehicle "
        "theftfrommotorvehicle theftofvehicle theftfromvehicle vehiclecrime",
        "antisocialbehaviour": "personal environmental nuisance asbpersonal asbenvironmental asbnuisance "
        "personalasb environmentalasb nuisanceasb",
    }.items()
}
_FEW: Final = 40  # different words of a column that splits counts
_LARGE: Final = 10  # a smaller number is the sum of its neighbours by chance, often
_ROWS: Final = 3  # areas or months in which a sum must hold, where names don't say that it is one


# --- rows -----------------------------------------------------------------------------------------


def foreign_rows(
    raw: pd.DataFrame, columns: Mapping[str, str], wide: Iterable[str] = ()
) -> tuple[Bools, Counter[str]]:
    """Find the rows of a raw table that are no records: blank ones, notes, headers and totals.

    Parameters
    ----------
    raw
        The table, n rows, headers as in the file.
    columns
        Column of the records -> its header in the file.
    wide
        The headers of the months or categories, where each has a column of counts.

    Returns
    -------
    tuple
        Which rows are none, shape (n,), and how many of each kind.
    """
    result: Counter[str] = Counter()
    drop = np.zeros(len(raw), dtype=bool)

    def put(rows: Bools, kind: str) -> None:
        new = rows & ~drop
        if new.any():
            result[kind] += int(new.sum())
            drop[new] = True

    there = {header: _there(raw[header]) for header in raw.columns}
    full = np.sum(list(there.values()), axis=0) if there else np.zeros(len(raw), dtype=int)
    if len(there) > 1:
        put(full == 0, BLANK)
    again = [_equal(raw[header], header) for header in raw.columns]
    put((np.sum(again, axis=0) >= min(2, len(again))) & (np.sum(again, axis=0) == full), HEADER)
    count = columns.get("count")
    figures = [header for header in ([count] if count else wide) if header in there]
    for rows in _total_rows(raw, columns, figures, there=there, drop=drop):
        put(rows, TOTAL)
    if len(there) > 1 and "area_code" in columns:
        first = raw[raw.columns[0]]
        lonely = (full == 1) & there[raw.columns[0]]
        if lonely.any():
            looks = first.astype("string").str.contains(r"^\W*[A-Za-z]?\d+\W*$", regex=True)
            put(lonely & ~looks.to_numpy(dtype=bool, na_value=False), NOTE)
    return drop, result


def _total_rows(
    raw: pd.DataFrame,
    columns: Mapping[str, str],
    figures: list[str],
    *,
    there: Mapping[str, Bools],
    drop: Bools,
) -> Iterator[Bools]:
    """Find the rows of totals, one way after another; `drop` says which rows are none by now."""
    if not figures:
        return
    counted = np.any([there[header] for header in figures], axis=0)
    for key in _PLACES:
        if key in columns and columns[key] not in figures:
            # "E01013787 Total"; not where every area or month would be one.
            named = where(raw[columns[key]], is_total)
            yield counted & named & (not named.all())
    if "area_code" in columns:
        yield _of_larger_areas(raw, columns, figures, dropped=drop)
        yield _of_named_places(raw, columns, figures, dropped=drop)
    if "count" not in columns:
        return
    for key in ("category", "period"):
        if key in columns:
            cells = raw[columns[key]].astype("string").str.strip().fillna("")
            lacking = cells.eq("") | (
                cells.str.fullmatch(r"\d{4}(?:/\d\d)?") if key == "period" else False
            )
            yield sums_without(raw, columns, key, lacking.to_numpy(dtype=bool) & ~drop)
    # An unnamed total: without a code or category, and the sum of those that have one.
    keys = [there[columns[key]] for key in _KEYS if key in columns]
    if keys:
        named, numbers = np.any(keys, axis=0), read_numbers(raw[columns["count"]]).values
        yield ~named & ~drop & (numbers == np.nansum(numbers[named & ~drop]))


def headers_again(raw: pd.DataFrame, columns: Mapping[str, str]) -> Bools:
    """Tell which rows repeat the header, by their category and month."""
    same = [
        _equal(raw[columns[key]], columns[key]) for key in ("category", "period") if key in columns
    ]
    return np.all(same, axis=0) if same else np.zeros(len(raw), dtype=bool)


def _there(column: pd.Series) -> Bools:
    """Tell which cells hold something."""
    return where(column, lambda word: bool(word.strip()))


def _equal(column: pd.Series, header: str) -> Bools:
    name = plain(header)
    words = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else None
    if words is not None and not any(plain(word) == name for word in words):
        return np.zeros(len(column), dtype=bool)
    return where(column, lambda word: plain(word) == name)


def is_total(word: str) -> bool:
    """Tell whether a word names a total, of everything or of what stands before it.

    Examples
    --------
    >>> is_total("Grand Total"), is_total("E01013787 Total"), is_total("Burglary")
    (True, True, False)
    """
    return plain(word) in TOTALS or bool(_TOTAL_OF.fullmatch(word.strip()))


def is_part(word: str) -> bool:
    """Tell whether a word says that it is a part of what stands before it.

    Examples
    --------
    >>> is_part("of which: with a knife"), is_part("Offences of which none is known")
    (True, False)
    """
    return _PART.match(word.strip()) is not None


def _of_larger_areas(
    raw: pd.DataFrame, columns: Mapping[str, str], figures: list[str], *, dropped: Bools
) -> Bools:
    """Tell which rows are of a district, force or country, or of no code, and hold the areas' sums.

    They do, where all rows of their kind, added up, are what the rows of the most frequent kind are, in
    each month and category.
    """
    codes = raw[columns["area_code"]].astype("string").str.strip().str.upper().fillna("")
    kinds = codes.where(codes.str.fullmatch(_CODE)).str[:3].mask(codes.eq(""), "none").mask(dropped)
    kinds = kinds.replace(_DISTRICTS)  # unitary ones and others, which together make a county
    number = kinds.value_counts()
    if len(number) < 2 or number.index[0] == "none":  # noqa: PLR2004
        return np.zeros(len(raw), dtype=bool)
    keys = [columns[key] for key in ("period", "financial_year", "category") if key in columns]
    keys = [key for key in dict.fromkeys(keys) if key not in figures]
    cells = {f"figure {i}": read_numbers(raw[one]).values for i, one in enumerate(figures)}
    by = [*range(len(keys))]
    table = raw[keys].astype("string").fillna("").set_axis(by, axis=1).assign(**cells)
    sums = {
        kind: table[kinds.eq(kind).fillna(value=False)]
        .groupby(by or np.zeros(int(number[kind]), dtype=int))[list(cells)]
        .sum()
        for kind in number.index
    }
    most = number.index[0]
    equal = [kind for kind in number.index[1:] if sums[kind].equals(sums[most])]
    if number[most] < 2 * len(sums[most]):  # the one other row may be as large by chance
        equal = [kind for kind in equal if kind != "none"]
    result: Bools = kinds.isin(equal).to_numpy(dtype=bool)
    return result


def _of_named_places(
    raw: pd.DataFrame, columns: Mapping[str, str], figures: list[str], *, dropped: Bools
) -> Bools:
    """Tell which rows without a code hold the sum of the rows with one in the district they name."""
    none = np.zeros(len(raw), dtype=bool)
    coded = _there(raw[columns["area_code"]]) & ~dropped
    bare = ~coded & ~dropped
    if not bare.any() or not coded.any():
        return none
    keys = [columns[key] for key in ("period", "financial_year", "category") if key in columns]
    keys = [key for key in dict.fromkeys(keys) if key not in figures]
    numbers = pd.DataFrame(
        {f"figure {i}": read_numbers(raw[one]).values for i, one in enumerate(figures)}
    )
    for header in raw.columns:
        if header in {*columns.values(), *figures} - {columns.get("area_name")}:
            continue
        by = [*dict.fromkeys([*keys, header])]
        place = raw[by].astype("string").fillna("").agg("\n".join, axis=1).to_numpy(dtype=object)
        named = _there(raw[header])
        if not named[bare].all():
            continue
        groups = numbers[coded].groupby(place[coded])
        sums, size = groups.sum(), groups.size()
        expected = sums.reindex(place[bare]).to_numpy()
        if (expected == numbers[bare].to_numpy()).all() and (size.reindex(place[bare]) > 1).all():
            return bare
    return none


def sums_without(raw: pd.DataFrame, columns: Mapping[str, str], key: str, lacking: Bools) -> Bools:
    """Tell which counted rows that lack a category (or month) hold the sum of those that have one.

    Parameters
    ----------
    raw, columns
        As for `foreign_rows`.
    key
        What the rows lack: ``"category"`` or ``"period"``.
    lacking
        Which rows lack it, shape (n,).

    Returns
    -------
    array of bool
        Shape (n,). None where any of them holds another number, for then they are counts like others.
    """
    none = np.zeros(len(raw), dtype=bool)
    if "count" not in columns or not lacking.any() or lacking.all():
        return none
    others = [
        columns[one] for one in ("area_code", "period", "category") if one in columns and one != key
    ]
    if not others:
        return none
    keys = [*range(len(others))]
    table = raw[others].astype("string").fillna("").set_axis(keys, axis=1)
    table["n"] = read_numbers(raw[columns["count"]]).values
    beside = table[lacking].join(table[~lacking].groupby(keys)["n"].agg(["sum", "size"]), on=keys)
    same = (beside["sum"] == beside["n"]) & (beside["size"] > 1)
    return lacking if same.all() else none


def part_and_whole(raw: pd.DataFrame, unread: Iterable[str]) -> tuple[str, list[str]] | None:
    """Find a column that was not understood and has a total among its few words: "All" beside "Male".

    Examples
    --------
    >>> part_and_whole(pd.DataFrame({"Sex": ["All", "M", "F"]}), ["Sex"])
    ('Sex', ['All', 'M', 'F'])
    """
    for header in unread:
        words = [str(word).strip() for word in raw[header].dropna().unique()]
        few = 1 < len(words) <= _FEW
        if few and any(is_total(word) for word in words) and not all(map(is_total, words)):
            return header, words
    return None


def filled_down(raw: pd.DataFrame, columns: Mapping[str, str]) -> pd.Series | None:
    """Return the codes of a table that writes each once, at the top of its block, as pivot tables do.

    None where it doesn't: there a row without a code is one without a place.

    Examples
    --------
    >>> table = pd.DataFrame({"code": ["E01", None, "E02"], "type": ["a", "b", "a"], "n": [1, 2, 3]})
    >>> filled_down(table, {"area_code": "code", "category": "type", "count": "n"}).tolist()
    ['E01', 'E01', 'E02']
    """
    beside = [columns[key] for key in ("category", "period") if key in columns]
    if "area_code" not in columns or "count" not in columns or not beside:
        return None
    there = _there(raw[columns["area_code"]])
    if there.all() or not len(raw) or not there[0]:
        return None
    codes = raw[columns["area_code"]].where(there)
    full = np.all([_there(raw[header]) for header in beside], axis=0)
    if codes.dropna().duplicated().any() or not full[~there].all():
        return None
    block = np.cumsum(there)
    if np.mean(np.bincount(block)[1:] > 1) < 1 / 2:  # rows without a code are without a place
        return None
    within = pd.DataFrame({"block": block, **{h: raw[h].astype(str) for h in beside}})
    return None if within.duplicated().any() else codes.ffill()


# --- categories -----------------------------------------------------------------------------------


class Wholes(NamedTuple):
    """Categories that are sums of others among them: surely, and perhaps."""

    sure: dict[str, list[str]]  # the whole -> its parts
    unsure: dict[str, list[str]]


def wholes(records: pd.DataFrame) -> Wholes:
    """Find the categories whose counts are sums of other categories' in every area and month.

    Parameters
    ----------
    records
        Counted rows with `category` and `count`, and the columns that tell them apart
        (`area_code`, `period`, `financial_year`).

    Examples
    --------
    >>> rows = pd.DataFrame({"area_code": "E01013787", "count": [20, 8, 12, 10], "category": [
    ...     "Violence against the person", "Violence with injury", "Violence without injury",
    ...     "Burglary"]})
    >>> wholes(rows).sure
    {'Violence against the person': ['Violence with injury', 'Violence without injury']}
    """
    keys = [k for k in ("area_code", "period", "financial_year") if k in records]
    named = records["category"].notna().to_numpy(dtype=bool)
    column, order = pd.factorize(records["category"][named].astype(str))
    if len(order) < _ROWS - 1:
        return Wholes({}, {})
    row = (
        records.loc[named, keys]
        .astype(str)
        .groupby(keys, sort=False, dropna=False)
        .ngroup()
        .to_numpy()
        if keys
        else np.zeros(int(named.sum()), dtype=np.int64)
    )
    counts = records["count"][named].to_numpy(dtype="float64", na_value=np.nan)
    table = np.zeros((int(row.max(initial=-1)) + 1, len(order)))
    np.add.at(table, (row, column), np.nan_to_num(counts))
    table = table[table.sum(axis=1) > 0]
    sure: dict[str, list[str]] = {}
    unsure: dict[str, list[str]] = {}
    for i, whole in enumerate(order):
        if not table[:, i].any():
            continue
        known = _PARTS.get(plain(whole), frozenset())
        parts = [j for j, name in enumerate(order) if j != i and _is_part(name, whole, known)]
        if parts:
            total = table[:, parts].sum(axis=1)
            if (total == table[:, i]).all():
                sure[whole] = [order[j] for j in parts]
            elif len(table) >= _ROWS and total.any() and (total <= table[:, i]).all():
                unsure[whole] = [order[j] for j in parts]
            continue
        enough = int((table[:, i] > 0).sum()) >= _ROWS
        run = _run(table, i)
        if run and enough:
            sure[whole] = [order[j] for j in run]
        elif run and table[:, i].sum() >= _LARGE:
            unsure[whole] = [order[j] for j in run]
    return Wholes(sure, unsure)


def _is_part(name: str, whole: str, known: frozenset[str]) -> bool:
    """Tell whether a category is part of another by its name: "Burglary - Residential"."""
    one, other = plain(name), plain(whole)
    return one in known or (
        one != other and bool(re.match(rf"(?i){re.escape(whole)}\s*[-:/(]", name))
    )


def _run(table: Floats, i: int) -> list[int]:
    """Return the columns after one, or before it, that add up to it in every row; at least two."""
    for step in (1, -1):
        total = np.zeros(len(table))
        j, run = i + step, []
        while 0 <= j < table.shape[1] and (total <= table[:, i]).all():
            total = total + table[:, j]
            run.append(j)
            several = sum(bool(table[:, one].any()) for one in run) > 1
            if several and (total == table[:, i]).all():
                return sorted(run)
            j += step
    return []
