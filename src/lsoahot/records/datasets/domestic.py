"""Domestic abuse: offences and incidents that the police flagged as domestic. Sensitive.

Where to get it
    A force's record-level extract under an information-sharing agreement: a row an offence or
    incident, with a flag column ("Domestic", "DA flag": Y/N) or one of qualifiers and keywords
    ("Alcohol; Domestic abuse"). Or counts an LSOA by month. data.police.uk does not carry it.

What to know
    - An extract of nothing but domestic records has no flag: say so with ``all_rows=True``.
    - Most domestic abuse is never reported: a rise may mean more trust in the police, not more
      abuse.
    - Counts this small can point at a family: they are suppressed by default in the assessment
      (`suppress`).

Licence: the agreement the extract came with. Don't pass records on; areas' figures only.
"""

from __future__ import annotations

from typing import Final

from lsoahot.records.dataset import KINDS, Dataset

from .crime import GROUPS, SPEC as CRIME

SPEC: Final = Dataset(
    name="domestic",
    title="Domestic abuse",
    unit="crimes and incidents",
    columns={**CRIME.columns, "count": ("domestic incidents", "domestic crimes")},
    categories={**GROUPS, **KINDS},
    where={"domestic": (True,)},
    sensitive=True,
)
