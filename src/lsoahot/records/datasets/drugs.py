"""Drug offences, or offences the police flagged as involving drugs.

Where to get it
    The street files of https://data.police.uk/data/ (the rows "Drugs" are taken); a force's
    record-level extract with a flag column ("Drugs": Y/N) or qualifiers; or counts an LSOA by
    month.

What to know
    - Drug offences are mostly found by the police who look for them: the map shows where searches
      were made as much as where drugs are.
    - An extract of nothing but drug offences has neither flag nor category: say so with
      ``all_rows=True``.

Licence: Open Government Licence v3.0 for data.police.uk; a force's extract has its own agreement.
"""

from __future__ import annotations

from typing import Final

from lsoahot.records.dataset import KINDS, OGL, Dataset

from .crime import GROUPS, SPEC as CRIME

_OFFENCES: Final = (
    "drugs", "drug offences", "drug offence", "possession of drugs", "trafficking of drugs",
    "drug trafficking", "drug possession", "possession", "trafficking", "supply",
)  # fmt: skip

SPEC: Final = Dataset(
    name="drugs",
    title="Drug offences",
    unit="crimes",
    url="https://data.police.uk/data/",
    licence=OGL,
    columns={**CRIME.columns, "count": ("drug offences", "drugs offences")},
    categories={**GROUPS, **KINDS, **dict.fromkeys(_OFFENCES, "Drugs")},
    where={"drugs": (True,)},
)
