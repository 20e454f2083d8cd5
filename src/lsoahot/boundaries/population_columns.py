"""Which columns of a table are of people, and of all of them; their figures as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import pandas as pd

from lsoahot.common import area_codes, checks
from lsoahot.common.number_cells import read_numbers

Columns = str | Iterable[str] | Mapping[str, str]

# What a table calls the figure for everybody, in small letters with single spaces ...
_EVERYBODY: Final = re.compile(
    r"\b(population|popn?|tot(al)?pop(ulation)?|all (persons|people|ages)|(total|all)( usual)? "
    r"residents|residents total)\b|^(total|persons|observation|obs value|denominator)$"
)
# ... the words beside which it is still of everybody: any other may say that it is of some ...
_BESIDE: Final = frozenset({
    "all", "total", "totals", "tot", "totalpop", "totpop", "population", "populations", "popn", "pop",
    "pops", "usual", "resident", "residents", "persons", "person", "people", "inhabitants", "everyone",
    "everybody", "ages", "age", "sex", "sexes", "both", "categories", "structure", "estimate",
    "estimates", "est", "mid", "midyear", "mye", "year", "y", "census", "ons", "sape", "june", "jun",
    "number", "numbers", "no", "of", "count", "counts", "size", "n", "the", "in", "at", "on", "for",
    "lsoa", "msoa", "oa", "area", "areas", "value", "values", "figure", "figures", "obs",
    "observation", "measures", "variable", "england", "wales", "uk", "denominator", "implied",
    "living", "here", "dz", "datazone", "zone",
})  # fmt: skip
_YEAR: Final = re.compile(r"(19|20)\d\d")
_SHORT_YEAR: Final = re.compile(
    r"(?:mid|mye|my|june?|census|y) ?\d\d\b|\b(?:pop|popn|population|total) (?:01|11|21)\b"
)
# ... and what it says where the figure is of some, of land, or of something worked out.
_OF_SOME: Final = re.compile(
    r"\b(dens\w*|hectares?|ha|area|k?m2?|sq\w*|acres?|per|rate|ratio|rank|score|decile|quintile|pct|"
    r"per ?cent\w*|proportion|share|change|growth|aged?(?<!all)|years? old|f?e?males?|wom[ae]n|m[ae]n|boys|"
    r"girls|working|work ?(day|place)|day ?time|night ?time|house ?holds?|dwellings?|older|young\w*|"
    r"child\w*|adults?|dependent|students?|weight\w*|log|code|name|year|date|objectid|fid|"
    r"exclud\w*|excl|except|non|white|asian|black|ethnic\w*|registered|patients?|over|under|prison\w*|"
    r"workers|employ\w*|communal|\d{1,2}( to| and)? (\d{1,2}|over|under|plus))\b"
)
# What the only column of figures may be called to be taken for it unasked: people, a year, nothing.
_NEUTRAL: Final = re.compile(
    r"(usual )?residents|people|inhabitants|everyone|values?|counts?|numbers?|n|figures?|estimates?|"
    r"((mid|june|census|y|year|\d\d|30) ?)*(19|20)\d\d( estimates?| census)?|obs\w*( value)?"
)
_NOT_FIGURES: Final = re.compile(r".*\b(year|date|objectid|fid|rank|decile)\b.*")
_THOUSANDS: Final = re.compile(r"thousands?|000'?s|\(000\)|'000", re.IGNORECASE)
# Columns that say what the figures beside them are of.
_SAYS_WHAT: Final = frozenset(
    {
        "measure", "measures", "variable", "indicator", "statistic", "topic", "unit", "units", "cell",
        "sex", "gender", "age", "ages", "age group", "age band", "c sex", "c age", "series",
    }
)  # fmt: skip
# Headers of what is the same in all rows, and says nothing of whom the figures are.
_OF_PLACES: Final = re.compile(
    r"\b(region|country|district|authority|borough|ward|county|name|code|cd|nm|la|lad\w*|ltla\w*|utla\w*|msoa\w*|"
    r"lsoa\w*|geograph\w*|areas?|type|date|year|month|period|time|source|edition|version|notes?|licence|status|"
    r"url|unit|units|rgn\w*|ctry\w*|flag|place|town)\b(?! of birth)"
)
# What the title above a table says where its figures are of others than people.
_OF_OTHERS: Final = re.compile(
    r"(?i)\b(households?|dwellings?|addresses|hectares?|cars?|vehicles?)\b"
)
_OF_PEOPLE: Final = re.compile(r"(?i)\b(residents?|persons?|people|population)\b")
_FEWEST: Final = 40  # people: no area of the census has as few
_RESIDENTS: Final = (900, 10_000)  # of an LSOA: 997 to 9,899 at the Census of 2021
_USUAL: Final = 0.8  # of the areas, at least, have as many
_SOME: Final = 5  # areas, fewer of which tell nothing
_MOST: Final = 0.5  # of the figures are not whole, where they are of no people


def figures_of(
    table: pd.DataFrame, label: str, columns: Columns | None, messages: list[str]
) -> pd.DataFrame:
    """Choose the columns and make numbers of them.

    Parameters
    ----------
    table
        One row an area, indexed by its code; m rows.
    label
        The file, for messages.
    columns
        As `read_population` takes them: None for the one column that is called the population.
    messages
        Messages are added to them.

    Returns
    -------
    DataFrame
        The figures, m rows; whole ones as integers.

    Raises
    ------
    ValueError
        Where no column, or more than one, may be of all people, and where one that was taken unasked
        holds figures of another thing.
    """
    if columns is None:
        wanted = _default(table, label)
    elif isinstance(columns, str):
        wanted = {"population": columns}
    elif isinstance(columns, Mapping):
        wanted = dict(columns)
    else:
        wanted = {name: name for name in columns}
    if not wanted:
        raise ValueError(f"columns is empty. Name the figures of {label} that you want.")
    checks.columns(table, wanted.values(), label)
    result = pd.DataFrame(index=table.index)
    for name, column in wanted.items():
        result[name] = _numbers(table[column], column, label, messages)
    if columns is None and wanted.keys() == {"population"}:
        _refuse_others(result["population"], wanted["population"], table, label)
        messages += _unusual(result["population"], wanted["population"], label)
    return result


def _default(table: pd.DataFrame, label: str) -> dict[str, str]:
    """Choose the population: the one column that is called so, whatever else holds figures."""
    every = [str(column) for column in table.columns]
    words = {name: _words(name) for name in every}
    everybody = [name for name in every if _EVERYBODY.search(words[name]) and _is_of_all(name)]
    figures = [
        name
        for name in every
        if name in everybody
        or (not _NOT_FIGURES.fullmatch(name.lower()) and _mostly_figures(table[name]))
    ]
    if not figures:
        raise ValueError(
            f"{label} has no column of numbers beside the codes; it has "
            f"{checks.shown(table.columns, 20)}. Give the table with the figures."
        )
    chosen = everybody or [name for name in figures if _NEUTRAL.fullmatch(words[name])]
    if len(chosen) == 1 and (everybody or len(figures) == 1):
        if _THOUSANDS.search(chosen[0]):
            raise ValueError(
                f"column {chosen[0]!r} of {label} is in thousands of people. Give people: multiply "
                "it by 1,000, and name the column 'population'."
            )
        return {"population": chosen[0]}
    return {name: name for name in figures}


def _is_of_all(header: str) -> bool:
    """Tell whether no word of a header says that its figures are of some of the people only.

    Examples
    --------
    >>> [_is_of_all(name) for name in ("pop_mid2020", "All Ages", "Population excluding students")]
    [True, True, False]
    """
    if "+" in header or "%" in header or _THOUSANDS.search(header):
        # Thousands of people are refused in words of their own.
        return bool(_THOUSANDS.search(header))
    text = re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", _words(header))
    text = text.replace("excluding prisoners", "")  # as the deprivation index has it
    parts = _SHORT_YEAR.sub("", text).split()
    return all(part in _BESIDE or _YEAR.fullmatch(part) for part in parts)


def _words(text: str) -> str:
    """Return the words of a header, in small letters."""
    return re.sub(r"[\W_]+", " ", text.replace("%", " percent ")).strip().casefold()


def _refuse_others(figures: pd.Series, name: str, table: pd.DataFrame, label: str) -> None:
    """Refuse a column that was taken for the population unasked, and holds figures of another thing.

    Not so, if the caller names the column: densities and thousands are not whole, and a column that is
    the same in all rows may say that the figures are of households or of some of the people.
    """
    known = figures.dropna()
    people = re.search(r"pop|resid|person|people", _words(name)) is not None
    if not people and _share_usual(figures) < _USUAL:
        raise ValueError(
            f"column {name!r} of {label} holds {checks.shown(known, 3)}, and small areas (LSOA) have "
            f"{_RESIDENTS[0]:,} residents and more: it may be of households, or a density. Give people; "
            f"or, if they are what you want, name the column: columns={name!r}."
        )
    broken = float((known != np.floor(known)).mean()) > _MOST
    if broken and (known.median() < _FEWEST or _NEUTRAL.fullmatch(_words(name))):
        raise ValueError(
            f"column {name!r} of {label} holds {checks.shown(known, 3)}, which are not whole, as "
            "densities, hectares and thousands are. Give people; or, if they are what you want, name "
            f"the column: columns={name!r}."
        )
    title = next(iter(table.attrs.get("titles", [])), "")
    other = _OF_OTHERS.search(title) and not _OF_PEOPLE.search(title)
    if (other or "density" in title.casefold()) and _NEUTRAL.fullmatch(_words(name)):
        raise ValueError(
            f"{label} is called {title!r}, and its column {name!r} may not be of people. Give the "
            f"population; or, if it is what you want, name the column: columns={name!r}."
        )
    for header in table.columns:
        words = _words(str(header))
        says = words.removesuffix(" name") in _SAYS_WHAT or "categories" in words
        bare = not (people or _words(name) == "denominator" or _OF_PLACES.search(words))
        if header == name or not (says or bare) or _mostly_figures(table[header]):
            continue
        different = table[header].dropna().astype(str).unique()
        if len(different) != 1 or len(table) == 1:
            continue
        some = _OF_SOME.search(_words(different[0]).replace("all ages", ""))
        if some or ((bare or "categories" in words) and not _is_of_all(different[0])):
            raise ValueError(
                f"column {header!r} of {label} says that its figures are of {different[0]!r}, not of all "
                f"people. Give the population; or, if they are what you want: columns={name!r}."
            )


def _share_usual(figures: pd.Series) -> float:
    """Return the share of LSOAs whose figure may be of residents; 1 for other areas, and for few."""
    kinds = area_codes.kinds_of(area_codes.read_codes(figures.index))
    known = figures[kinds.eq("lsoa").to_numpy(dtype=bool)].dropna()
    return float(known.between(*_RESIDENTS).mean()) if len(known) >= _SOME else 1.0


def _unusual(figures: pd.Series, name: str, label: str) -> list[str]:
    """Say so where hardly any figure that is called the population may be one."""
    if _share_usual(figures) >= 1 - _USUAL:
        return []
    message = (
        f"column {name!r} of {label} holds {checks.shown(figures.dropna(), 3)}: LSOAs have "
        f"{_RESIDENTS[0]:,} residents and more, so that rates by it may be wrong. Make sure that it is no "
        "density, and not in hundreds or thousands."
    )
    return [message]


def _mostly_figures(column: pd.Series) -> bool:
    cells = read_numbers(column)
    return bool(cells.number.any() and cells.number.sum() * 2 >= (~cells.blank).sum())


def _numbers(column: pd.Series, name: str, label: str, messages: list[str]) -> pd.Series:
    numbers = pd.Series(read_numbers(column).values, index=column.index)
    missing = numbers.isna()
    if missing.all():
        raise ValueError(
            f"column {name!r} of {label} holds no numbers, but "
            f"{checks.shown(column.dropna(), 3) or 'nothing'}. Name a column of figures."
        )
    negative = numbers < 0
    if negative.any():
        raise ValueError(
            f"column {name!r} of {label} is negative in {int(negative.sum()):,} areas: "
            f"{checks.shown(numbers.index[negative])}. Put the figures right."
        )
    if missing.any():
        words = column[missing].dropna().astype(str).unique()
        messages.append(
            f"{int(missing.sum()):,} areas have no figure in column {name!r} of {label}: "
            f"{checks.shown(numbers.index[missing])}"
            + (f" (it says {checks.shown(map(repr, words), 3)})" if len(words) else "")
            + ". Their rates will be missing."
        )
    whole = bool(np.all(numbers.dropna() == np.floor(numbers.dropna())))
    return numbers.astype("Int64" if missing.any() else "int64") if whole else numbers
