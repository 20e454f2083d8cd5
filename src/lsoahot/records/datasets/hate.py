"""Hate crime: offences and incidents perceived as driven by hostility. Sensitive.

Where to get it
    A force's record-level extract under an information-sharing agreement, with a flag column
    ("Hate crime": Y/N) or qualifiers that name the strand (racial, religious, homophobic,
    transphobic, disability). Or counts an LSOA by month or by strand. data.police.uk does not
    carry it.

What to know
    - An extract of nothing but hate records has no flag: say so with ``all_rows=True``.
    - One offence may belong to several strands: a table by strand can add to more than the
      offences.
    - Numbers are small and people recognisable: they are suppressed by default in the assessment
      (`suppress`).

Licence: the agreement the extract came with. Don't pass records on; areas' figures only.
"""

from __future__ import annotations

from typing import Final

from lsoahot.records.dataset import KINDS, Dataset

from .crime import GROUPS, SPEC as CRIME

_STRANDS: Final = {
    "race": "Race", "racial": "Race", "racist": "Race", "religion": "Religion",
    "religious": "Religion", "faith": "Religion", "homophobic": "Sexual orientation",
    "sexual orientation": "Sexual orientation", "transphobic": "Transgender",
    "transgender": "Transgender", "disability": "Disability", "age": "Age", "gender": "Gender",
}  # fmt: skip

SPEC: Final = Dataset(
    name="hate",
    title="Hate crime",
    unit="crimes and incidents",
    columns={
        **CRIME.columns,
        "category": (
            *CRIME.columns["category"],
            "strand",
            "hate strand",
            "hate type",
            "monitored strand",
        ),
        "count": ("hate crimes", "hate incidents"),
    },
    categories={**GROUPS, **KINDS, **_STRANDS},
    where={"hate": (True,)},
    sensitive=True,
)  # fmt: skip
