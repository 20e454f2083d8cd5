"""Whether a claim is what the tables say: agrees, disagrees, or can't be told.

A name may stand for more than one subject ("other offences" is a category and a kind of offence). A
claim disagrees only if it is wrong of every subject that it may be about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from lsoahot.common.class_labels import FELL, NO_CLEAR_CHANGE, ROSE
from lsoahot.common.month_names import MONTH_NAMES
from lsoahot.describe import change_clauses, nouns, numbers
from lsoahot.describe.area_clauses import names

from . import claim as _claim
from .claim import close, number
from .rank_claims import FRACTIONS
from .subjects import PARTS, events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .claim import Claim
    from .subjects import Subject

TWICE: Final = (1.8, 2.3)  # what "nearly doubled" and "doubled" may stand for
_FIGURES: Final = ("count", "rate", "rate_lower", "rate_upper")
WORDED: Final = 2.5  # points that "one third" may be off


class Judgement(NamedTuple):
    """What the tables say, and what is wrong with the claim, if anything."""

    data: str
    wrong: str


def shown(value: float, subject: Subject) -> str:
    """Write a count, unless it is of a kind that is not reported."""
    if subject.below is not None and value < subject.below:
        return f"fewer than {subject.below}"
    return numbers.figure(value)


def judge(claim: Claim) -> tuple[Judgement, Subject] | None:
    """Compare a claim with every subject that it may be about; None if it can't be told."""
    first = None
    for subject in claim.subjects:
        judged = _JUDGES[claim.kind](claim, subject)
        if judged is None:
            continue
        if not judged.wrong:
            return judged, subject
        first = first or (judged, subject)
    return first


def _change(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge a direction, a difference, a percentage, the two counts, and what the test said."""
    ends = _claim.between(claim, subject)
    pair = ends
    if pair is None and _claim.of_last_year(claim, subject):
        pair = subject.pair(_claim.label(claim, subject))
    if pair is None:
        return None
    wrong = [*_figures(claim, subject, *pair)]
    if not wrong and ends is None and claim.significant is not None:
        label = _claim.label(claim, subject) or list(subject.history)[-1]
        verdicts = subject.verdicts.get(label) or {""}
        if claim.significant and verdicts == {NO_CLEAR_CHANGE}:
            wrong.append("the change is not clear")
        if not claim.significant and not verdicts & {NO_CLEAR_CHANGE, ""}:
            wrong.append("the change is clear")
    return Judgement(_reported_change(*pair, subject), "; ".join(wrong))


def _figures(claim: Claim, subject: Subject, before: float, now: float) -> Iterator[str]:
    """Say what is wrong with the figures of a change; without figures where one may not be told."""
    difference = abs(now - before)
    secret = subject.below is not None and min(before, now) < subject.below

    def is_true(value: str) -> str:
        return "another" if secret else value

    if claim.direction is not None and claim.direction != (now > before) - (now < before):
        yield "the direction is another"
    if claim.amount is not None and not claim.about and not close(claim.amount, difference):
        yield f"the difference is {is_true(numbers.figure(difference))}"
    if claim.percent is not None and not claim.about:
        if before == 0:
            yield "there is no percentage of none"
        elif not close(claim.percent, 100 * difference / before):
            yield f"the change is {is_true(numbers.percent(100 * difference / before))}"
    for text, value, when in ((claim.before, before, "before"), (claim.now, now, "after")):
        if text is not None and text != value:
            yield f"the count {when} is {is_true(numbers.figure(value))}"


def _reported_change(before: float, now: float, subject: Subject) -> str:
    """Say what the data say of a change."""
    if subject.below is not None and min(before, now) < subject.below:
        return f"{shown(before, subject)} to {shown(now, subject)}"
    if before == now:
        return f"{numbers.figure(now)} in both"
    return change_clauses.moved(before, now)


def _step(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge a rise or fall in one named year, which is said to be more than chance."""
    verdicts = subject.verdicts.get(str(claim.value))
    if verdicts is None:
        return None
    text = ROSE if claim.direction == 1 else FELL
    data = nouns.several(sorted(verdicts))
    return Judgement(data, "" if text in verdicts else f"the step into {claim.value} is: {data}")


def _steps(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge how many steps from year to year were more than chance."""
    if not subject.verdicts:
        return None
    every = len(subject.verdicts)
    least = sum(NO_CLEAR_CHANGE not in words for words in subject.verdicts.values())
    most = sum(words != {NO_CLEAR_CHANGE} for words in subject.verdicts.values())
    steps, sure = (0 if value == "no" else number(value) for value in claim.values)
    right = least <= sure <= most and steps in (0, every)
    data = f"{most} of {every}"
    return Judgement(data, "" if right else f"it is {data}")


def _doubled(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge "doubled" and "nearly doubled"."""
    pair = subject.pair() if _claim.of_last_year(claim, subject) else None
    if pair is None or not pair[0]:
        return None
    right = TWICE[0] <= pair[1] / pair[0] <= TWICE[1]
    return Judgement(_reported_change(*pair, subject), "" if right else "it is not twice as many")


def _count(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge a count of the year."""
    if not subject.history or not _claim.of_last_year(claim, subject):
        return None
    now = subject.history[_claim.label(claim, subject) or list(subject.history)[-1]]
    if pd.isna(now):
        return None  # type: ignore[unreachable]  # the stubs take no float for missing
    text = shown(now, subject)
    return Judgement(text, "" if number(str(claim.value)) == now else f"the count is {text}")


# --- order, parts and seasons ---------------------------------------------------------------------


def _rate(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge the rate of an area, or of all of them."""
    areas = subject.areas
    if areas is None or "population" not in areas or not _claim.of_last_year(claim, subject):
        return None
    if claim.areas:
        rows = _rows(areas, claim.areas)
        rate = float(rows["rate"].iloc[0]) if len(rows) == 1 and "rate" in rows else float("nan")
    else:
        total = list(subject.history.values())[-1] if subject.history else float("nan")
        rate = 1000 * total / float(areas["population"].sum())
    if pd.isna(rate):
        return None  # type: ignore[unreachable]  # the stubs take no float for missing
    data = numbers.rate(rate)
    return Judgement(
        f"{data} per 1,000", "" if close(str(claim.value), rate) else f"the rate is {data}"
    )


def _rows(areas: pd.DataFrame, wanted: list[str]) -> pd.DataFrame:
    return areas[[name in wanted for name in names(areas)]]


def _rank(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge who is first; by the count or by the rate, where the sentence doesn't tell which."""
    areas = subject.areas
    if (
        areas is None
        or areas["count"].notna().sum() == 0
        or not _claim.of_last_year(claim, subject)
    ):
        return None
    columns = {"count": ["count"], "rate": ["rate"]}.get(str(claim.value), ["count", "rate"])
    firsts = []
    for column in columns:
        if column in areas and areas[column].notna().any():
            best = areas[column].max() if claim.direction == 1 else areas[column].min()
            firsts.append(areas[(areas[column] == best).fillna(value=False)])
    if not firsts or (claim.direction == -1 and areas["count"].isna().any()):
        return None
    tops = [names(first) for first in firsts]
    right = any(claim.areas[0] in top for top in tops)
    text = "; ".join(dict.fromkeys(nouns.several(top[:5]) for top in tops))
    return Judgement(text, "" if right else f"it is {text}")


def _of_area(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge an area's count, rate and limits, and that it is first where it is said to be."""
    areas = subject.areas
    rows = None if areas is None else _rows(areas, claim.areas)
    if rows is None or areas is None or len(rows) != len(claim.areas) or rows["count"].isna().any():
        return None
    wrong = []
    for text, name in zip(claim.values, _FIGURES, strict=False):
        values: list[float] = rows[name].astype(float).tolist() if text and name in rows else []
        off = [value for value in values if not close(text, value)]
        if off:
            true = numbers.figure(off[0]) if name == "count" else numbers.rate(off[0])
            wrong.append(f"the {name.replace('_', ' ')} is {true}")
    column = {"most": "count", "highest rate": "rate"}.get(claim.kind)
    if column and not (rows[column].astype(float) == float(areas[column].max())).all():
        best = areas[(areas[column] == areas[column].max()).fillna(value=False)]
        first = nouns.several(names(best)[:5])
        wrong.append(f"the highest {column} is that of {first}")
    shown = ", ".join(
        f"{name} {numbers.figure(float(count))}"
        for name, count in zip(claim.areas, rows["count"], strict=True)
    )
    return Judgement(shown, "; ".join(wrong))


def _spots(claim: Claim, subject: Subject) -> Judgement | None:
    areas = subject.areas
    if areas is None or "hotspot" not in areas:
        return None
    rows = _rows(areas, claim.areas)
    classes = dict(zip(claim.areas, rows["hotspot"].astype(str), strict=False))
    off = {name: result for name, result in classes.items() if result != claim.value}
    shown = nouns.several(f"{name}: {result}" for name, result in (off or classes).items())
    return Judgement(shown, f"the class is another ({shown})" if off else "")


def _share(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge what part of a whole something is, by counts or by the records themselves."""
    if not _claim.of_last_year(claim, subject):
        return None
    flags = [None] if claim.value is None else [claim.value, None]
    wholes: list[Subject | None] = [*claim.whole] or [None]
    every = [_part(subject, whole, flag) for whole in wholes for flag in flags]
    result = [one for one in every if one is not None and one[1]]
    if not result:
        return None
    part, all_of_it = next((one for one in result if _share_right(claim, *one)), result[0])
    secret = subject.below is not None and part < subject.below
    share = "" if secret else f"{numbers.percent(100 * part / all_of_it)}: "
    data = f"{share}{shown(part, subject)} of {shown(all_of_it, subject)}"
    return Judgement(data, "" if _share_right(claim, part, all_of_it) else f"the share is {data}")


def _share_right(claim: Claim, part: float, whole: float) -> bool:
    share = 100 * part / whole if whole else 0.0
    if claim.about:
        return abs(FRACTIONS[str(claim.percent).lower()] - share) <= WORDED
    values = [*claim.values, "", ""]
    return (
        close(str(claim.percent), share)
        and (not values[0] or number(values[0]) == part)
        and (not values[1] or number(values[1]) == whole)
    )


def _part(subject: Subject, whole: Subject | None, flag: str | None) -> tuple[float, float] | None:
    """Return the counts of a part and its whole, if the one lies within the other."""
    records = whole.of_period() if whole is not None else None
    if flag is not None:
        column = {"drug": "drugs"}.get(flag, flag)
        if records is None or column not in records:
            return None
        flagged = records[column].fillna(value=False).astype(bool)
        return events(records[flagged]), events(records)
    for column in PARTS:
        if records is not None and whole is not subject and column in records:
            same = records[column].astype("string").str.casefold() == subject.name.casefold()
            if same.any():
                return events(records[same.fillna(value=False)]), events(records)
    if (
        whole is None
        or subject.is_whole
        or not (whole.is_whole and whole.measure == subject.measure)
    ):
        return None
    label = list(subject.history)[-1] if subject.history else None
    return (subject.history[label], whole.history[label]) if label in whole.history else None


def _mix(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge a share in two mixes: both percentages, and the counts behind them."""
    mix = subject.mix
    if mix is None:
        return None
    true = [
        mix[f"{whose}_{what}"]
        for whose in ("local", "reference")
        for what in ("pct", "count", "total")
    ]
    wrong = [text for text, value in zip(claim.values, true, strict=True) if not close(text, value)]
    higher = mix["local_pct"] > mix["reference_pct"]
    if (claim.direction == 1) != higher:
        wrong.insert(0, "higher" if claim.direction == 1 else "lower")
    data = " against ".join(
        f"{numbers.percent(p)} ({numbers.figure(a)} of {numbers.figure(b)})"
        for p, a, b in (true[:3], true[3:])
    )
    return Judgement(data, f"{nouns.several(wrong)} can't be" if wrong else "")


def _season(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge which months are the highest, or the lowest, and by how much."""
    months = subject.months
    if months is None or not claim.words:
        return None
    order = months.sort_values("index", ascending=claim.direction == -1)
    first = list(order["month_name"].head(len(claim.words)))
    index = dict(zip(months["month_name"], months["index"].astype(float), strict=True))
    wrong = []
    if claim.values:
        called = months.loc[
            months["verdict"] == ("peak" if claim.direction == 1 else "trough"), "month_name"
        ]
        if set(called) != set(claim.words):
            wrong.append(f"the months that stand out are {nouns.several(called) or 'none'}")
        for name, text in zip(claim.words, claim.values, strict=False):
            if not close(text, abs(index[name] - 100)):
                wrong.append(f"{name} lies {numbers.percent(abs(index[name] - 100))} off")
    elif set(first) != set(claim.words):
        wrong.append(
            f"the {'highest' if claim.direction == 1 else 'lowest'} months are {nouns.several(first)}"
        )
    return Judgement(nouns.several(first), "; ".join(wrong))


def _month(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge the count of one month, and that no other of its year had more."""
    records = subject.records
    if records is None or "period" not in records or "count" in records:
        return None
    month = pd.Period(f"{claim.words[1]}-{MONTH_NAMES.index(claim.words[0]) + 1:02d}", "M")
    by_month = records["period"].value_counts()
    count = int(by_month.get(month, 0))
    inside = subject.of_period()
    most = (
        int(inside["period"].value_counts().max()) if inside is not None and len(inside) else count
    )
    wrong = []
    if number(str(claim.value)) != count:
        wrong.append(f"the month has {shown(count, subject)}")
    elif subject.span and subject.span[0] <= month <= subject.span[1] and count < most:
        wrong.append(f"another month has {shown(most, subject)}")
    return Judgement(shown(count, subject), "; ".join(wrong))


def _even(_: Claim, subject: Subject) -> Judgement | None:
    if subject.months is None:
        return None
    called = subject.months.loc[subject.months["verdict"].isin(["peak", "trough"]), "month_name"]
    months = nouns.several(called)
    return Judgement(months or "none", f"{months} stand out" if len(called) else "")


def _place(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge a place among similar areas; which area it is, the place itself must tell."""
    standing = subject.standing
    if standing is None:
        return None
    text = " of ".join(claim.values)
    named = [name in claim.sentence.text for name in names(standing)]
    rows = standing[named] if sum(named) == 1 else standing
    places = list(rows["place"])
    right = text in places
    if right and claim.value:
        right = claim.value in set(rows.loc[rows["place"] == text, "verdict"])
    data = f"{len(rows)} members"
    if len(rows) == 1:
        data = f"{places[0]} ({rows['verdict'].iloc[0]})"
    return Judgement(data, "" if right else f"it is {data}")


def _records(claim: Claim, subject: Subject) -> Judgement | None:
    """Judge how many records were counted, or left out for a reason."""
    audit = (subject.areas.attrs if subject.areas is not None else {}).get("audit") or {}
    if not audit.get("outcomes") or audit.get("withheld"):
        return None
    rows = {one["outcome"]: one["rows"] for one in audit["outcomes"]}
    if claim.words:
        true = rows.get(claim.words[0], 0)
    else:
        true = sum(number for outcome, number in rows.items() if outcome.startswith("counted"))
    right = number(str(claim.value)) == true
    return Judgement(f"{true:,}", "" if right else f"the account has {true:,}")


_JUDGES: Final = {
    "change": _change, "step": _step, "steps": _steps, "doubled": _doubled, "count": _count,
    "rate": _rate, "rank": _rank, "most": _of_area, "highest rate": _of_area, "of area": _of_area,
    "spots": _spots, "share": _share, "mix": _mix, "season": _season, "month": _month,
    "even": _even, "place": _place, "records": _records, "left": _records,
}  # fmt: skip
