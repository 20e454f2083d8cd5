"""Which areas: first in a list, tied in it, hot or cold, risen or fallen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from lsoahot._labels import NOT_TESTED

from . import nouns, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

# More areas than this with the same count are said as a number: a list of names tells nothing.
MOST_NAMED: Final = 5


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
    hard = any("," in name or " and " in name for tied, _ in follow for name in tied)
    hard |= any(len(tied) > 1 for tied, _ in follow)
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
    told = areas.attrs.get("statistics", {})
    test = told.get("find_hotspots", {}).get("test") or next(
        (name for name in ("getis_ord", "local_risk") if name in told), None
    )
    untested = classes == NOT_TESTED
    hidden = areas.get("suppressed", pd.Series(data=False, index=areas.index)).astype(bool)
    if hidden.all() and len(areas):
        return "Which areas are hot spots is not said, because the counts of all are withheld."
    if untested[~hidden].all():
        return "No area could be tested for hot spots."
    facts = told.get(test, {}) if test else {}
    said = [_found(areas, classes, facts)]
    rest = int((untested & ~hidden).sum())
    if rest:
        said.append(
            f"{nouns.opening(numbers.words(rest))} of {len(areas):,} areas {'was' if rest == 1 else 'were'} not tested."
        )
    if hidden.any():
        said.append(f"Nothing is said of {_areas(int(hidden.sum()))} whose counts are withheld.")
    return " ".join(said)


def _found(areas: pd.DataFrame, classes: pd.Series, facts: Mapping[str, Any]) -> str:
    """Say what a test found among the areas that are shown."""
    how = _test(facts)
    groups = []
    for kind in ("Hot", "Cold"):
        parts = []
        for level in (99, 95, 90):
            of_level = areas[classes == f"{kind} spot {level}%"]
            if len(of_level):
                parts.append(f"{many(of_level)} (at {level} %)")
        if parts:
            number = int(classes.str.startswith(f"{kind} spot").sum())
            word = f"{kind.lower()} spot" if number == 1 else f"{kind.lower()} spots"
            verb = "is a" if number == 1 else "are"
            groups.append(f"{nouns.several(parts)} {verb} {word}")
    if not groups:
        return (
            f"No area is a hot or a cold spot: by {how}, rates are nowhere higher or lower, "
            "neighbours taken together, than chance alone would give."
        )
    if not classes.str.startswith("Hot spot").any():
        groups.insert(0, "no area is a hot spot")
    return f"{nouns.opening('; '.join(groups))}, by {how}."


def _test(facts: Mapping[str, Any]) -> str:
    """Name a test as it would be named in speech."""
    if not facts:
        return "the test"
    tested = f", adjusted for the {facts['tested']:,} areas tested" if facts.get("tested") else ""
    return f"the {facts['method']} of {_statistic(str(facts['statistic']))}{tested}"


def _statistic(name: str) -> str:
    return f"the {nouns.inside(name)}" if name.startswith("Risk") else name


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
        if len(here) > MOST_NAMED:
            said.append(f"{nouns.opening(numbers.words(len(here)))} areas {word.lower()}.")
        each = [
            f"{name} ({numbers.figure(float(then))} to {numbers.figure(float(now))}, at {level})"
            for name, then, now, level in zip(
                names(here), here["count_then"], here["count"],
                classes[here.index].str.removeprefix(f"{word} ").str.replace("%", " %"),
                strict=True,
            )
        ][:MOST_NAMED]  # fmt: skip
        most = "Most clearly of all, " if len(here) > MOST_NAMED else ""
        said.append(f"{most}{'; '.join(each)} {word.lower()} more than chance alone would give.")
    same = int((classes == "No clear change").sum())
    if same and not said:
        said.append(
            f"In none of {numbers.words(same)} areas is the change more than chance alone would give."
        )
    elif same:
        said.append(
            f"{nouns.opening(numbers.words(same))} {'area shows' if same == 1 else 'areas show'} no clear change."
        )
    rest = int((classes == NOT_TESTED).sum())
    if rest:
        said.append(
            f"{nouns.opening(numbers.words(rest))} {'area was' if rest == 1 else 'areas were'} not tested."
        )
    return said


def suppression(told: Mapping[str, Any]) -> str:
    """Say what is withheld."""
    number = int(told.get("areas", 0))
    if not number:
        return ""
    whole = "the whole table" in told.get("totals_withheld", ())
    rest = " The total is withheld as well." if whole else ""
    return f"{told['sentence']}{rest}"
