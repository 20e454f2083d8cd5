"""Whether a claim is what the tables say: agrees, disagrees, or can't be told.

A name may stand for more than one subject ("other offences" is a category and a kind of offence). A
claim disagrees only if it is wrong of every subject that it may be about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lsoahot.common.class_labels import FELL, NO_CLEAR_CHANGE, ROSE
from lsoahot.describe import change_clauses, nouns, numbers

from . import claim as _claim, judge_ranks
from .claim import close, number
from .judge_ranks import Judgement, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .claim import Claim
    from .subjects import Subject

TWICE: Final = (1.8, 2.3)  # what "nearly doubled" and "doubled" may stand for


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


_JUDGES: Final = {
    "change": _change,
    "step": _step,
    "steps": _steps,
    "doubled": _doubled,
    "count": _count,
    **judge_ranks.JUDGES,
}
