"""The claims of a draft against the data, and against one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from . import (
    change_claims,
    find_subjects,
    internal_errors,
    judge,
    rank_claims,
    read_draft,
    subjects,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lsoahot.assessment.result import Assessment

    from .claim import Claim
    from .judge import Judgement
    from .subjects import Subject

_FEWEST = 3  # words below which a cell of a table is no sentence
COLUMNS = ["paragraph", "section", "claim", "subject", "stated", "data", "verdict", "why"]


def check_prose(text: str | Path, tables: Assessment | Mapping[str, Any]) -> pd.DataFrame:
    """Read a draft and list the claims that disagree with the data, or with one another.

    Claims are what a sentence says of a change (its direction, size, percentage, and both counts), a
    count, a rate, a share, the first area, a peak or a place, of a subject that the tables know
    by name. What can't be matched with certainty is not judged, and is counted.

    Parameters
    ----------
    text : str or Path
        The draft: a text, or the path of a Word file (.docx) or a text file (.txt, .md).
    tables : Assessment or dict
        What `assess` returned; or tables by the names that the draft uses, such as
        ``{"Total crime": trend(crimes), "Clients": services}``. A table may be one of `trend`, `seasonality`,
        `compare`, of areas with counts, or of yearly totals; a list of tables, or an assessment.

    Returns
    -------
    DataFrame
        One row a claim that is wrong, in the order of the draft: ``paragraph`` (counted from 1,
        without empty ones; each cell of a table counts), ``section`` (the heading above),
        ``claim`` (the sentence), ``subject``, ``stated``, ``data``, ``verdict`` ("disagrees",
        "contradicts paragraph 12", "own figures", "no such date", "same number twice", or "rounded
        differently", which is no error) and ``why``, a sentence. ``attrs["checked"]`` counts the
        claims found, checked and not checked; ``attrs["not_checked"]`` lists the last.

    Raises
    ------
    FileNotFoundError
        If the path leads nowhere.
    TypeError
        If the tables are none.
    ValueError
        If the draft is of another kind, or a table of a kind that is not known.

    Notes
    -----
    The draft is read by patterns, not understood. A claim is judged where its subject, its
    time and its place are plain; a percentage agrees if it is the true one rounded to
    as many decimals as it is written with.

    Examples
    --------
    >>> import lsoahot as lh
    >>> crime = lh.trend(lh.read_dataset("crime", "sample"))
    >>> result = lh.check_prose("Total recorded crime has reduced by 4%.", {"Total crime": crime})
    >>> result[["stated", "data", "verdict"]].values.tolist()
    [['reduced by 4%', 'rose by 43 (3.5 %), from 1,213 to 1,256', 'disagrees']]
    """
    known = subjects.gather(tables)
    parts = read_draft.paragraphs(text)
    sentences = read_draft.sentences(parts)
    names = find_subjects.names(known, [words for _, words in parts])
    result = _claims(sentences, names, known)
    rows, unchecked, agreed = [], [], []
    for claim in result:
        judged = judge.judge(claim)
        if judged is None:
            unchecked.append(claim)
        elif judged[0].wrong:
            rows.append(_row(claim, *judged))
        else:
            agreed.append((claim, judged[1].name, judged[0].data))
    rows += [
        *internal_errors.within(sentences, parts),
        *internal_errors.together(sentences),
        *internal_errors.rounded_otherwise(agreed),
    ]
    once = {(row["paragraph"], row["claim"], row["stated"], row["verdict"]): row for row in rows}
    table = pd.DataFrame(list(once.values()), columns=COLUMNS).sort_values(
        "paragraph", kind="stable", ignore_index=True
    )
    table.attrs["checked"] = _account(len(parts), len(result), len(unchecked), len(table))
    table.attrs["not_checked"] = [
        {
            "paragraph": claim.sentence.paragraph,
            "claim": claim.sentence.text,
            "stated": claim.stated,
        }
        for claim in unchecked
    ]
    return table


def _claims(
    sentences: list[read_draft.Sentence], names: find_subjects.Names, known: list[Subject]
) -> list[Claim]:
    """Find the claims of every sentence, with what the sentence before it was about."""
    wholes = {one.measure: one for one in known if one.is_whole}
    result: list[Claim] = []
    section, paragraph = "", 0
    headed: list[Subject] = []  # what the heading names
    before: list[Subject] = []  # what the sentence before it in the paragraph names first
    for sentence in sentences:
        if sentence.section != section:
            named = find_subjects.mask(sentence.section, names, None).subjects
            headed = named[0] if len(named) == 1 else []
        if sentence.paragraph != paragraph:
            before = []
        section, paragraph = sentence.section, sentence.paragraph
        if len(sentence.text.split()) < _FEWEST:
            continue
        about = before or headed
        own = headed or before
        masked = find_subjects.mask(sentence.text, names, own[0].measure if own else None)
        here = [
            *change_claims.change_claims_of(masked, sentence, about, before),
            *rank_claims.rank_claims_of(masked, sentence, about),
        ]
        for claim in here:
            if claim.kind == "share" and not claim.whole and any(claim.values):
                claim.whole = [
                    wholes[one.measure] for one in claim.subjects if one.measure in wholes
                ]
        result += here
        if masked.subjects:
            before = masked.subjects[0]
    return result


def _row(claim: Claim, judgement: Judgement, subject: Subject) -> internal_errors.Row:
    """Put a wrong claim into a row."""
    why = f"{subject.name}: the draft says {claim.stated!r}; by the data, {judgement.wrong} ({judgement.data})."
    return internal_errors.row(
        claim.sentence, "disagrees", why,
        text=claim.stated, data=judgement.data, subject=subject.name,
    )  # fmt: skip


def _account(parts: int, claims: int, unchecked: int, result: int) -> dict[str, Any]:
    """Say how much of the draft was checked."""
    checked = claims - unchecked
    were = "was" if checked == 1 else "were"
    return {
        "paragraphs": parts,
        "claims": claims,
        "checked": checked,
        "not_checked": unchecked,
        "findings": result,
        "sentence": (
            f"Of {_many(claims, 'claim')} found in {_many(parts, 'paragraph')}, {checked:,} {were} checked "
            f"against the data and {unchecked:,} could not be; {_many(result, 'finding')}."
        ),
    }


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
