"""Sentences that set one thing against another: a part and its whole, an area and its peers, two mixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsoahot.common import checks

from . import change_clauses, comparison_clauses

if TYPE_CHECKING:
    import pandas as pd


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
    return comparison_clauses.share(float(part), float(whole), subject, of)


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
    hidden = [False] * len(rows)
    if below is not None:
        hidden = change_clauses.hidden(rows[value], rows[value], below)
    return [
        comparison_clauses.share(float(row[value]), whole, str(row[by]), of)
        for (_, row), away in zip(rows.iterrows(), hidden, strict=True)
        if not away
    ]


def describe_comparison(
    table: pd.DataFrame,
    area: str,
    subject: str,
    *,
    group: str = "its most similar areas",
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
    1,000 against 1.4, in place 1 of 3 from the lowest rate.
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
    return comparison_clauses.standing(row, str(names[here].iloc[0]), subject, group=group, per=per)


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
    return comparison_clauses.mix(table, local, reference, unit)
