"""One thing against another: a part of a whole, an area among its peers, one mix against another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import nouns, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def share(part: float, whole: float, subject: str, of: str) -> str:
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


def standing(row: Mapping[Any, Any], area: str, subject: str, *, group: str, per: float) -> str:
    """Say how an area stands in its group, in the word of the table."""
    own, mean = float(row["rate"]), float(row["group_rate"])
    against = "the mean of " + group
    how = f"in line with {against}" if row["verdict"] == "in line" else (
        f"{row['verdict']} than {against}"
    )  # fmt: skip
    place, _, members = str(row["place"]).partition(" of ")
    return (
        f"For {nouns.inside(subject)} {area} is {how}: {numbers.rate(own)} per "
        f"{numbers.figure(per)} against {numbers.rate(mean)}, in place {place} of {members} from "
        "the lowest rate."
    )


def mix(table: pd.DataFrame, local: str, reference: str, unit: str) -> list[str]:
    """Say how two mixes differ."""
    ours, theirs = (int(table[f"{name}_count"].sum()) for name in ("local", "reference"))
    most = table[table["local_count"] == table["local_count"].max()]
    text = []
    if ours:
        names = nouns.several(nouns.inside(str(name)) for name in most["category"])
        top = numbers.figure(float(most["local_count"].iloc[0]))
        is_that = (
            f"category is {names}, with {top}"
            if len(most) == 1
            else f"categories are {names}, with {top} each"
        )
        text.append(f"Of {nouns.counted(ours, unit)} in {local}, the most common {is_that}.")
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
