"""Which areas: first in a list, tied in it, hot or cold, risen or fallen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from lsoahot.common.class_labels import NOT_TESTED

from . import nouns, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

# More areas than this with the same count are said as a number: a list of names tells nothing.
MOST_NAMED: Final = 5
AMONG: Final = 3

LEVELS: Final = (99, 95, 90)


def names(areas: pd.DataFrame) -> list[str]:
    """Return the names of areas, or their codes."""
    return [str(name) for name in areas.get("area_name", areas.index.to_series())]


def many(areas: pd.DataFrame) -> str:
    """Name areas, or say how many where they are more than can be read."""
    if len(areas) > MOST_NAMED:
        return f"{numbers.words(len(areas))} areas"
    return nouns.several(names(areas))


def ranking(areas: pd.DataFrame, *, unit: str | None, most: int, per: str) -> list[str]:
    """Say who has most, who follows, and who has the highest rate if that is another."""
    shown = areas[areas["count"].notna()].sort_values("count", ascending=False, kind="stable")
    if shown.empty:
        return []
    if not shown["count"].iloc[0]:
        return [f"No area had any {nouns.plural(unit)}." if unit else "No area had any."]
    some = shown[shown["count"] > 0]
    levels = list(dict.fromkeys(some["count"]))
    first = some[some["count"] == levels[0]]
    what = f" {nouns.plural(unit)}" if unit else ""
    said = [nouns.opening(f"{many(first)} had most{what}: {_first(first, per)}.")]
    follow, taken = [], len(first)
    for level in levels[1:]:
        tied = some[some["count"] == level]
        if taken >= most or len(tied) > MOST_NAMED:
            break
        each = " each" if len(tied) > 1 else ""
        follow.append((names(tied), f"{numbers.figure(float(level))}{each}"))
        taken += len(tied)
    if follow:
        said.append(f"{_following(follow)}.")
    said += _highest(some, first, per)
    return said


def _first(first: pd.DataFrame, per: str) -> str:
    """Say the count of the first area, with its rate; of several, only the count that they share."""
    count = numbers.figure(float(first["count"].iloc[0]))
    if len(first) > 1:
        return f"{count} each"
    rate = with_limits(first.iloc[0], per)
    return f"{count}, a rate of {rate}" if rate else count


def _following(follow: list[tuple[list[str], str]]) -> str:
    """Say who comes next, level by level."""
    parts = []
    for tied, count in follow:
        if len(tied) == 1:
            parts.append(f"{tied[0]} ({count})")
        else:
            parts.append(f"{nouns.several(tied)} ({count})")
    hard = any(len(tied) > 1 or nouns.holds_joints(tied[0]) for tied, _ in follow)
    listed = nouns.several(parts) if not hard or len(parts) == 1 else "; ".join(parts)
    return (
        f"Next come {listed}"
        if sum(len(tied) for tied, _ in follow) > 1
        else f"Next comes {listed}"
    )


def with_limits(row: Mapping[Any, Any], per: str) -> str:
    """Write a rate with its limits, or nothing where there is none."""
    rate = numbers.number(row.get("rate"))
    if rate is None:
        return ""
    low, high = (numbers.number(row.get(f"rate_{end}")) for end in ("lower", "upper"))
    said = f"{numbers.rate(rate)} per {per}"
    if low is None or high is None:
        return said
    return f"{said} (95 % limits {numbers.rate(low)} to {numbers.rate(high)})"


def _highest(some: pd.DataFrame, first: pd.DataFrame, per: str) -> list[str]:
    """Say whose rate is highest, if it is not the area that has most."""
    if "rate" not in some.columns or not some["rate"].notna().any():
        return []
    top = some[some["rate"] == some["rate"].max()]
    if len(top) > MOST_NAMED or (len(first) == 1 and top.index.equals(first.index)):
        return []
    row = top.iloc[0]
    count = numbers.figure(float(row["count"]))
    own = f"{count} each" if len(top) > 1 else count
    return [f"The highest rate is that of {many(top)}: {with_limits(row, per)}, from {own}."]


def hotspots(areas: pd.DataFrame) -> str:
    """Say which areas are hot and cold spots, how sure that is, and by which test."""
    classes = areas["hotspot"].astype(str)
    hidden = areas.get("suppressed", pd.Series(data=False, index=areas.index)).astype(bool)
    untested = (classes == NOT_TESTED) & ~hidden
    if len(areas) and hidden.all():
        return "Which areas are hot spots is not said, because the counts of all are withheld."
    if untested.sum() == len(areas) - hidden.sum():
        return "No area could be tested for hot spots."
    said = [*_found(areas, classes), _test(areas, classes)]
    if untested.any():
        number = int(untested.sum())
        said.append(
            f"{nouns.opening(_areas(number))} {'was' if number == 1 else 'were'} not tested."
        )
    if hidden.any():
        said.append(f"Nothing is said of {_areas(int(hidden.sum()))} whose counts are withheld.")
    return " ".join(said)


def _found(areas: pd.DataFrame, classes: pd.Series) -> list[str]:
    """Name the areas of each class, hot before cold, the surest first."""
    said = []
    for kind in ("hot", "cold"):
        for level in LEVELS:
            here = areas[classes == f"{kind.capitalize()} spot {level}%"]
            if len(here):
                spots = f"is a {kind} spot" if len(here) == 1 else f"are {kind} spots"
                number = nouns.opening(_areas(len(here)))
                said.append(f"{number} {spots} at {level} %: {_some(here)}.")
    if not classes.str.startswith("Hot spot").any():
        said.insert(0, f"No area is a hot spot{'' if said else ' or a cold spot'}.")
    return said


def _some(areas: pd.DataFrame) -> str:
    """Name areas; of many, those with the highest counts."""
    if len(areas) <= MOST_NAMED:
        return nouns.several(names(areas))
    return f"among them {nouns.several(names(areas.nlargest(AMONG, 'count')))}"


def _test(areas: pd.DataFrame, classes: pd.Series) -> str:
    """Name the test as one would in speech, and say what its answer means."""
    told = areas.attrs.get("statistics", {})
    known = [name for name in ("getis_ord", "local_risk") if name in told]
    test = told.get("find_hotspots", {}).get("test", known[-1] if known else None)
    weakest = [level for level in LEVELS if classes.str.endswith(f"spot {level}%").any()]
    if weakest:
        wrong = 100 - weakest[-1]
        means = f"of the areas named, {wrong} in 100 are false alarms at most in the long run"
    else:
        means = (
            "rates are nowhere higher or lower, neighbours taken together, than chance alone "
            "would give"
        )
    if test is None:
        return f"That is: {means}."
    facts = told[test]
    statistic = str(facts["statistic"])
    statistic = f"the {nouns.inside(statistic)}" if statistic.startswith("Risk") else statistic
    tested = f" over {facts['tested']:,} areas" if facts.get("tested") else ""
    return f"By the {facts['method']} of {statistic}{tested}, {means}."


def _areas(number: int) -> str:
    return f"{numbers.words(number)} {'area' if number == 1 else 'areas'}"


def moved(areas: pd.DataFrame) -> list[str]:
    """Say which areas rose and which fell beyond chance, and how many did neither."""
    classes = areas["change_class"].astype(str)
    said = []
    for word in ("Rose", "Fell"):
        here = areas[classes.str.startswith(word)].sort_values("change_q", kind="stable")
        if here.empty:
            continue
        number = nouns.opening(_areas(len(here)))
        first = here.head(MOST_NAMED if len(here) <= MOST_NAMED else AMONG)
        each = "; ".join(
            f"{name}, from {numbers.figure(float(then))} to {numbers.figure(float(now))}"
            for name, then, now in zip(
                names(first), first["count_then"], first["count"], strict=True
            )
        )
        among = "" if len(first) == len(here) else "most surely "
        said.append(f"{number} {word.lower()} more than chance alone would give: {among}{each}.")
    same, rest = (int((classes == name).sum()) for name in ("No clear change", NOT_TESTED))
    if same and said:
        said.append(
            f"{nouns.opening(_areas(same))} {'shows' if same == 1 else 'show'} no clear change."
        )
    elif same:
        said.append(f"In none of {_areas(same)} is the change more than chance alone would give.")
    if rest:
        said.append(f"{nouns.opening(_areas(rest))} {'was' if rest == 1 else 'were'} not tested.")
    return said


def suppression(told: Mapping[str, Any]) -> str:
    """Say what is withheld."""
    if not int(told.get("areas", 0)):
        return ""
    totals = list(told.get("totals_withheld", ()))
    if "the whole table" in totals:
        return f"{told['sentence']} The total is withheld as well."
    if totals:
        of = "total of" if len(totals) == 1 else "totals of"
        verb = "is" if len(totals) == 1 else "are"
        return f"{told['sentence']} The {of} {nouns.several(totals)} {verb} withheld as well."
    return str(told["sentence"])
