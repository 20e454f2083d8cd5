"""The towns that areas belong to, as their names tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

FEWEST: Final = 3  # areas of a town
# Words that begin many places' names, and name none alone.
BEGINNINGS: Final = frozenset(
    (
        "Barton", "Castle", "East", "Great", "High", "Little", "Long", "Lower", "Market", "Melton",
        "New", "Newton", "North", "Old", "River", "South", "St", "Saint", "Stoke", "The", "Thorpe",
        "Upper", "West",
    )
)  # fmt: skip


def town_names(names: Iterable[str], districts: Iterable[str] = ()) -> list[str]:
    """Name the town of each area, by the first words that it shares with others; "" for none.

    Parameters
    ----------
    names : iterable of str
        The areas' names.
    districts : iterable of str
        Names that are no town's: the districts that codes such as "Charnwood 003A" begin with.

    Returns
    -------
    list of str
        A town for each name.

    Examples
    --------
    >>> town_names(["Oakham East", "Oakham West", "Oakham Centre", "Exton"])
    ['Oakham', 'Oakham', 'Oakham', '']
    >>> town_names([f"Market Bosworth {n}" for n in "ABC"] + ["Market Overton"])
    ['Market Bosworth', 'Market Bosworth', 'Market Bosworth', '']
    >>> town_names(["Charnwood 001A", "Charnwood 001B", "Charnwood 002A"], ["Charnwood"])
    ['', '', '']
    """
    plain = [re.sub(r"\s*\([^)]*\)\s*$", "", str(name)) for name in names]
    words = [re.findall(r"[^\W\d_][\w'.\u2019-]*", name) for name in plain]
    coded = [bool(re.search(r"\b\d{3}[A-Z]?$", name)) for name in plain]
    towns = [""] * len(plain)
    taken = {district.casefold() for district in districts}
    _split([n for n in range(len(plain)) if words[n] and not coded[n]], words, plain, 1, towns)
    return ["" if town.casefold() in taken else town for town in towns]


def _split(  # noqa: PLR0917 (it calls itself)
    members: list[int], words: list[list[str]], plain: list[str], length: int, towns: list[str]
) -> None:
    """Name those of a group whose first so many words are the same."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for n in members:
        if len(words[n]) >= length:
            groups.setdefault(tuple(words[n][:length]), []).append(n)
    for first, group in groups.items():
        if len(group) < FEWEST:
            continue
        shared = first
        while all(
            len(words[n]) > len(shared) and words[n][len(shared)] == words[group[0]][len(shared)]
            for n in group
        ):
            shared = tuple(words[group[0]][: len(shared) + 1])
        if shared[-1].capitalize() in BEGINNINGS and len(shared) == length:
            _split(group, words, plain, length + 1, towns)
            continue
        if shared[-1].casefold() in {"upon", "on", "in", "with", "and"}:
            continue
        end = rf"\b{re.escape(shared[-1])}(?!\w)"
        for n in group:
            # As it stands in the name, with what is between the words.
            stop = [match.end() for match in re.finditer(end, plain[n])]
            towns[n] = plain[n][: stop[0]] if stop else " ".join(shared)


def towns(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the towns of areas, the largest first.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas with ``area_name``, and ``district`` where there is one.

    Returns
    -------
    GeoDataFrame
        A row a town: ``area_name`` and ``geometry``; none where names tell of none.

    Examples
    --------
    >>> import lsoahot as lh
    >>> towns(lh.read_boundaries("sample"))["area_name"].tolist()
    ['Oakham', 'Uppingham']
    """
    if "area_name" not in areas:
        return areas.head(0).assign(area_name="")[["area_name", "geometry"]]
    districts = areas["district"].dropna().unique() if "district" in areas else ()
    names = pd.Series(town_names(areas["area_name"], districts), index=areas.index)
    named = areas.loc[names != "", ["geometry"]].assign(area_name=names[names != ""])
    if named.empty:
        return named[["area_name", "geometry"]]
    sizes = named["area_name"].value_counts()
    whole = named.dissolve("area_name", method="coverage").loc[sizes.index]
    return whole.assign(area_name=whole.index)[["area_name", "geometry"]]
