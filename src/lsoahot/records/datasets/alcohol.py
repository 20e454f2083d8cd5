"""Alcohol-related crime: offences the police flagged as involving alcohol.

Where to get it
    A force's record-level extract: a row an offence or incident, with a flag column ("Alcohol":
    Y/N) or one of qualifiers and keywords. Or counts an LSOA by month. data.police.uk does not
    carry it.

What to know
    - An extract of nothing but alcohol-related records has no flag: say so with ``all_rows=True``.
    - Officers set the flag by hand, and often don't: read the share of flagged offences as a
      minimum.

Licence: the agreement the extract came with.
"""

from __future__ import annotations

from typing import Final

from lsoahot.records.dataset import KINDS, Dataset

from .crime import GROUPS, SPEC as CRIME

SPEC: Final = Dataset(
    name="alcohol",
    title="Alcohol-related crime and incidents",
    unit="crimes and incidents",
    columns={**CRIME.columns, "count": ("alcohol crimes", "alcohol related crimes")},
    categories={**GROUPS, **KINDS},
    where={"alcohol": (True,)},
)
