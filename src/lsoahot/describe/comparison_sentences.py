"""Sentences that set one thing against another: a part and its whole, an area and its peers, two mixes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lsoahot.common import checks

from . import change_clauses, nouns, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def describe_share(part: float, whole: float, subject: str, of: str) -> str:
    """Say what part of a whole something is.

    Parameters
    ----------
    part, whole : float
        Two counts, one within the other.
    subject : str
        What the part is, e.g. "Criminal damage".
    of : str
        What the whole is, e.g. "all crime".

    Returns
    -------
    str
        One sentence; of a whole of fewer than 20, without a percentage.

    Raises
    ------
    ValueError
        If the part is larger than the whole, or negative.

    Examples
    --------
    >>> describe_share(188, 1256, "Criminal damage", "all crime")
    'Criminal damage makes up 15 % of all crime: 188 of 1,256.'
    """
    if not 0 <= part <= whole:
        raise ValueError(
            f"part={part!r} is not between 0 and whole={whole!r}. Give the count of the part first."
        )
    return _share(float(part), float(whole), subject, of)


def describe_shares(
    table: pd.DataFrame, of: str, *, year: str | None = None, below: int | None = None
) -> list[str]:
    """Say what part of a year's total each category is, the largest first.

    Parameters
    ----------
    table : DataFrame
        What `trend` returned, with several categories.
    of : str
        What the total is, e.g. "all crime".
    year : str, optional
        Which year; the last by default.
    below : int, optional
        Leave out categories with counts smaller than this, and others that would tell them.

    Returns
    -------
    list of str
        One sentence a category.

    Examples
    --------
    >>> import lsoahot as lh
    >>> lh.describe_shares(lh.trend(lh.read_dataset("crime", "sample")), "all crime")[-2]
    'Criminal damage makes up 15 % of all crime: 188 of 1,256.'
    """
    by = change_clauses.category_column(table)
    rows = change_clauses.of_year(table[table[by] != change_clauses.TOTAL], year)
    value = change_clauses.value_column(table)
    rows = rows[rows[value].notna()].sort_values(value, ascending=False, kind="stable")
    whole = float(rows[value].sum())
    hidden = change_clauses.hidden(rows[value], rows[value], below)
    return [
        _share(float(row[value]), whole, str(row[by]), of)
        for (_, row), away in zip(rows.iterrows(), hidden, strict=True)
        if not away
    ]


def describe_comparison(
    table: pd.DataFrame, area: str, subject: str, *, group: str = "its most similar areas"
) -> str:
    """Say how an area stands among similar ones: rate, place, and whether chance can explain it.

    Parameters
    ----------
    table : DataFrame
        What `compare` returned.
    area : str
        The area, by its code or its name.
    subject : str
        What is compared, e.g. "drug offences".
    group : str
        What the members are called.

    Returns
    -------
    str
        One sentence.

    Raises
    ------
    ValueError
        If the table is none of `compare`'s, or the area is not a member.

    Examples
    --------
    >>> import pandas as pd, lsoahot as lh
    >>> districts = pd.DataFrame(
    ...     {"count": [39, 90, 120], "population": [37400, 50400, 85400]},
    ...     index=["Rutland", "Melton", "Harborough"],
    ... )
    >>> messages = lh.describe_comparison(lh.compare(districts), "Rutland", "drug offences")
    >>> print(messages)  # doctest: +NORMALIZE_WHITESPACE
    For drug offences Rutland is in line with the mean of its most similar areas: 1.0 per
    1,000 against 1.4, the lowest of 3 rates.
    """
    checks.columns(table, ["rate", "group_rate", "place", "verdict"], "the comparison")
    names = table["area_name"] if "area_name" in table.columns else table.index.to_series()
    here = (table.index == area) | (names.astype(str) == area).to_numpy()
    if here.sum() != 1:
        raise ValueError(
            f"area={area!r} is {int(here.sum())} of the members {checks.shown(names, 20)}."
            f"{checks.nearest(area, list(map(str, names)))} Give the code or name of one."
        )
    row = table[here].iloc[0]
    per = table.attrs.get("statistics", {}).get("compare", {}).get("per", 1000)
    return _standing(row, str(names[here].iloc[0]), subject, group=group, per=per)


def describe_profile(
    table: pd.DataFrame, local: str, reference: str, *, unit: str = "offence"
) -> list[str]:
    """Say in which categories an area's mix differs from a wider area's.

    Parameters
    ----------
    table : DataFrame
        What `profile` returned.
    local, reference : str
        What the two are called, e.g. "Rutland" and "Leicestershire".
    unit : str
        The noun that is counted, in the singular.

    Returns
    -------
    list of str
        The most common category, those that differ, and how many do not.

    Raises
    ------
    ValueError
        If the table is none of `profile`'s.

    Examples
    --------
    >>> import pandas as pd, lsoahot as lh
    >>> mix = pd.DataFrame({"county": [10, 990], "rutland": [5, 43]}, index=["Burglary", "Other"])
    >>> messages = lh.describe_profile(lh.profile(mix, "rutland", "county"), "Rutland", "the county")
    >>> print(messages[1])  # doctest: +NORMALIZE_WHITESPACE
    The share of burglary is higher than in the county: 10 % (5 of 48) against 1 % (10 of
    1,000); this is a clear difference.
    """
    checks.columns(table, ["category", "local_count", "reference_pct", "profile_q", "verdict"],
                    "the profile")  # fmt: skip
    return _mix(table, local, reference, unit)


def _share(part: float, whole: float, subject: str, of: str) -> str:
    """Say what part of a whole something is."""
    subject, makes = nouns.opening(subject), nouns.verb(subject, "makes", "make")
    if whole == 0:
        return f"{nouns.opening(of)} came to none, so {nouns.inside(subject)} {makes} up no part of it."
    if part == 0:
        return f"{subject} {makes} up no part of {of}: none of {numbers.figure(whole)}."
    if part == whole:
        return f"{subject} {makes} up the whole of {of}: {numbers.figure(whole)}."
    figures = f"{numbers.figure(part)} of {numbers.figure(whole)}"
    if whole < numbers.SMALL_BASE:
        return f"{subject} {makes} up a part of {of}: {figures}."
    return f"{subject} {makes} up {numbers.percent(100 * part / whole)} of {of}: {figures}."


def _standing(
    row: Mapping[Any, Any] | pd.Series, area: str, subject: str, *, group: str, per: float
) -> str:
    """Say how an area stands in its group, in the word of the table."""
    own, mean = float(row["rate"]), float(row["group_rate"])
    joint = "with" if row["verdict"] == "in line" else "than"
    place, _, members = str(row["place"]).partition(" of ")
    lowest, highest = int(place), int(members) - int(place) + 1
    nth, end = (lowest, "lowest") if lowest <= highest else (highest, "highest")
    ending = "th" if nth % 100 in range(11, 14) else ENDINGS.get(nth % 10, "th")
    nth_lowest = end if nth == 1 else f"{nth}{ending} {end}"
    return (
        f"For {nouns.inside(subject)} {area} is {row['verdict']} {joint} the mean of {group}: "
        f"{numbers.rate(own)} per {numbers.figure(per)} against {numbers.rate(mean)}, "
        f"the {nth_lowest} of {members} rates."
    )


def _mix(table: pd.DataFrame, local: str, reference: str, unit: str) -> list[str]:
    """Say how two mixes differ."""
    ours, theirs = (int(table[f"{name}_count"].sum()) for name in ("local", "reference"))
    most = table[table["local_count"] == table["local_count"].max()]
    text = []
    if ours:
        names = nouns.several(nouns.inside(str(name)) for name in most["category"])
        top = numbers.figure(float(most["local_count"].iloc[0]))
        are, each = ("category is", "") if len(most) == 1 else ("categories are", " each")
        text.append(
            f"Of {nouns.counted(ours, unit)} in {local}, the most common {are} {names}, with "
            f"{top}{each}."
        )
    different = table[table["verdict"].isin(["higher", "lower"])].sort_values("profile_q")
    for _, row in different.iterrows():
        a, b = (
            f"{numbers.percent(float(row[f'{name}_pct']))} "
            f"({numbers.figure(float(row[f'{name}_count']))} of {numbers.figure(whole)})"
            for name, whole in (("local", ours), ("reference", theirs))
        )
        text.append(
            f"The share of {nouns.inside(str(row['category']))} is {row['verdict']} than in "
            f"{reference}: {a} against {b}; this is a clear difference."
        )
    rest = int((table["verdict"] == "no clear difference").sum())
    if different.empty and rest > 1:
        text.append(
            f"In none of the {numbers.words(rest)} categories is the share clearly different from "
            f"that in {reference}."
        )
    elif rest:
        other = "category shows" if rest == 1 else f"{numbers.words(rest)} categories show"
        text.append(f"The {'' if different.empty else 'other '}{other} no clear difference.")
    return text
