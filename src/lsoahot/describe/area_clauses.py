"""Which areas: first in a list, tied in it, hot or cold, risen or fallen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.common.audit import ELSEWHERE
from lsoahot.common.class_labels import NOT_TESTED

from . import nouns, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

# More areas than this with the same count are said as a number: a list of names tells nothing.
MOST_NAMED: Final = 5
AMONG: Final = 3
ALIKE: Final = 0.15  # of a ratio: a recorded and a likely one that differ less are not told apart
LEVELS: Final = (99, 95, 90)
NO_CLUSTER: Final = "No cluster of high areas was found, which is no proof that there is none."


def account(audit: Mapping[str, Any]) -> str:
    """Say how many of the records were counted, and why the others were not."""
    if audit.get("withheld"):
        return str(audit["outcomes"][0]["detail"])
    outcomes = [one for one in audit.get("outcomes", []) if one["rows"]]
    counted = sum(one["rows"] for one in outcomes if one["outcome"].startswith("counted"))
    others = [one for one in outcomes if one["outcome"] in ELSEWHERE]
    lost = [
        one
        for one in outcomes
        if one["outcome"] not in ELSEWHERE and not one["outcome"].startswith("counted")
    ]
    due = counted + sum(one["rows"] for one in lost)
    if not due:
        text = "No record is of this measure and period"
    elif not lost:
        every, were = ("The", "was") if due == 1 else ("All", "were")
        text = f"{every} {nouns.counted(due, 'record')} of this measure and period {were} counted"
    else:
        share = f" ({numbers.percent(100 * counted / due)})" if due >= numbers.SMALL_BASE else ""
        without = {"no location": "without a location"}
        reasons = nouns.several(
            f"{one['rows']:,} {without.get(one['outcome'], one['outcome'])}" for one in lost
        )
        was = "was" if counted == 1 else "were"
        text = (
            f"Of {nouns.counted(due, 'record')} of this measure and period {counted:,}{share} {was} "
            f"counted; not counted: {reasons}"
        )
    if others:
        rest = nouns.several(f"{one['rows']:,} {one['outcome']}" for one in others)
        text += f"; beside them the files hold {rest}"
    return f"{text}."


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
    text = [nouns.opening(f"{many(first)} had most{what}: {_first(first, per)}.")]
    follow, taken = [], len(first)
    for level in levels[1:]:
        tied = some[some["count"] == level]
        if taken >= most or len(tied) > MOST_NAMED:
            break
        each = " each" if len(tied) > 1 else ""
        follow.append((names(tied), f"{numbers.figure(float(level))}{each}"))
        taken += len(tied)
    if follow:
        text.append(f"{_following(follow)}.")
    text += _highest(some, first, per)
    return text


def _first(first: pd.DataFrame, per: str) -> str:
    """Say the count of the first area, with its rate; of several, only the count that they share."""
    count = numbers.figure(float(first["count"].iloc[0]))
    if len(first) > 1:
        return f"{count} each"
    rate = with_limits(first.iloc[0], per)
    return f"{count}, a rate of {rate}" if rate else count


def _following(follow: list[tuple[list[str], str]]) -> str:
    """Say who comes next, level by level."""
    parts = [f"{nouns.several(tied)} ({count})" for tied, count in follow]
    hard = any(len(tied) > 1 or nouns.holds_joints(tied[0]) for tied, _ in follow)
    listed = nouns.several(parts) if not hard or len(parts) == 1 else "; ".join(parts)
    return f"Next {'come' if sum(len(tied) for tied, _ in follow) > 1 else 'comes'} {listed}"


def with_limits(row: Mapping[Any, Any] | pd.Series, per: str) -> str:
    """Write a rate with its limits, or nothing where there is none."""
    rate = numbers.number(row.get("rate"))
    if rate is None:
        return ""
    low, high = (numbers.number(row.get(f"rate_{end}")) for end in ("lower", "upper"))
    text = f"{numbers.rate(rate)} per {per}"
    if low is None or high is None:
        return text
    return f"{text} (95 % limits {numbers.rate(low)} to {numbers.rate(high)})"


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


def hotspots(areas: pd.DataFrame, *, unit: str | None = None, whole: str = "the whole") -> str:
    """Say which areas are high, by how much; then where high areas lie together."""
    hidden = areas.get("suppressed", pd.Series(data=False, index=areas.index)).astype(bool)
    if len(areas) and hidden.all():
        return "Which areas are high is not said, because the counts of all are withheld."
    text = [*levels(areas[~hidden], unit=unit, whole=whole)] if "level" in areas else []
    if "hotspot" in areas:
        text += clusters(areas[~hidden])
    if hidden.any():
        text.append(f"Nothing is said of {_areas(int(hidden.sum()))} whose counts are withheld.")
    return " ".join(text)


def levels(areas: pd.DataFrame, *, unit: str | None, whole: str) -> list[str]:
    """Say which areas are far above, above or probably above the whole, the highest first."""
    ordered = areas.sort_values("excess", ascending=False, kind="stable")
    level = ordered["level"].astype(str).to_numpy()
    far, above, probably = (
        np.flatnonzero(level == name) for name in ("Far above", "Above", "Probably above")
    )
    sure = np.append(far, above)
    first = ordered.iloc[(sure if sure.size else probably)[:AMONG]]
    text = [
        f"{name}: {_times(row, unit, whole)}. {row['level']}."
        for name, (_, row) in zip(names(first), first.iterrows(), strict=True)
    ]
    if len(sure) > AMONG:
        more = len(sure) - AMONG
        text.append(
            f"{nouns.opening(numbers.words(more))} more {'area is' if more == 1 else 'areas are'} "
            "above, too."
        )
    if not text:
        if (level == NOT_TESTED).all():
            return ["Whether an area is high could not be tested."]
        text = [f"No area is surely above the rate of {whole}, as far as these numbers can tell."]
    return text


def times(row: pd.Series, whole: str = "") -> str:
    """Say how many times the whole's rate an area's is: as recorded, and what small numbers leave.

    Of six fires where one was to be expected, 6.1 times is what was recorded; what can be held of
    the risk behind it, 3.9 times, is what the level is judged by. Where both are alike, one is said.
    """
    ratio, likely = _ratio(row), numbers.number(row.get("relative_risk"))
    text = f"{ratio:.1f} times the rate{whole and f' of {whole}'}"
    if likely is None or abs(likely / ratio - 1) < ALIKE:
        return text
    return f"{text}, or about {likely:.1f} with small numbers allowed for"


def _ratio(row: pd.Series) -> float:
    """Divide an area's count by what it would have at the whole's rate."""
    count, excess = float(row["count"]), float(row["excess"])
    return count / (count - excess) if count > excess else float("nan")


def _times(row: pd.Series, unit: str | None, whole: str) -> str:
    """Say an area's count, how many times the whole's rate that is, and how many more events."""
    rate, low, high = (numbers.number(row.get(f"rate{end}")) for end in ("", "_lower", "_upper"))
    ratio, limits = _ratio(row), ""
    if rate and low is not None and high is not None:
        limits = f" ({low * ratio / rate:.1f} to {high * ratio / rate:.1f})"
    recorded, comma, likely = times(row, whole).partition(",")
    return (
        f"{nouns.counted(float(row['count']), unit)}, {recorded}{limits}{comma}{likely}, "
        f"{numbers.figure(float(round(row['excess'])))} more than at that rate"
    )


def clusters(areas: pd.DataFrame) -> list[str]:
    """Name the areas of each class of hot spot, hot before cold, the surest first."""
    classes = areas["hotspot"].astype(str)
    present = set(classes)
    untested = int((classes == NOT_TESTED).sum())
    if untested == len(areas):
        return ["Whether high areas lie together could not be tested."]
    text = []
    for kind, word in (("hot", "high"), ("cold", "low")):
        for level in LEVELS:
            name = f"{kind.capitalize()} spot {level}%"
            if name in present:
                here = areas[classes == name]
                are_in = "is in a cluster" if len(here) == 1 else "are in clusters"
                number = nouns.opening(_areas(len(here)))
                text.append(
                    f"{number} {are_in} of {word} areas ({kind} spot at {level} %): {_some(here)}."
                )
    if not classes.str.startswith("Hot spot").any():
        text.insert(0, NO_CLUSTER)
    if untested:
        was = "was" if untested == 1 else "were"
        text.append(f"{nouns.opening(_areas(untested))} {was} not tested.")
    return text


def _some(areas: pd.DataFrame) -> str:
    """Name areas; of many, those with the highest counts."""
    if len(areas) <= MOST_NAMED:
        return nouns.several(names(areas))
    return f"among them {nouns.several(names(areas.nlargest(AMONG, 'count')))}"


def _areas(number: int) -> str:
    return f"{numbers.words(number)} {'area' if number == 1 else 'areas'}"


def moved(areas: pd.DataFrame) -> list[str]:
    """Say which areas rose and which fell beyond chance, and how many did neither."""
    classes = areas["change_class"].astype(str)
    text = []
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
        text.append(f"{number} clearly {word.lower()}: {among}{each}.")
    same, rest = (int((classes == name).sum()) for name in ("No clear change", NOT_TESTED))
    if same and text:
        text.append(
            f"{nouns.opening(_areas(same))} {'shows' if same == 1 else 'show'} no clear change."
        )
    elif same:
        text.append(f"In none of {_areas(same)} is the change clear.")
    if rest:
        text.append(f"{nouns.opening(_areas(rest))} {'was' if rest == 1 else 'were'} not tested.")
    return text


def suppression(notes: Mapping[str, Any]) -> str:
    """Say what is withheld."""
    if not int(notes.get("areas", 0)):
        return ""
    totals = list(notes.get("totals_withheld", ()))
    if "the whole table" in totals:
        return f"{notes['sentence']} The total is withheld as well."
    if totals:
        s, are = ("", "is") if len(totals) == 1 else ("s", "are")
        named = nouns.several(totals)
        return f"{notes['sentence']} The total{s} of {named} {are} withheld as well."
    return str(notes["sentence"])
