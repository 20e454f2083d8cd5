"""Anti-social behaviour: data.police.uk's category, or a force's own list of incidents.

Where to get it
    The street files of https://data.police.uk/data/ (the rows "Anti-social behaviour" are taken),
    or an extract of the force's incidents with the national sub-types Personal, Environmental and
    Nuisance (since April 2011; earlier categories can't be compared).

What to know
    - data.police.uk gives no sub-type and no identifier: rows alike are incidents alike, never
      duplicates.
    - Incidents logged by councils and landlords are not in it.
    - Forces changed how they record from April 2011, and many moved incidents of anti-social
      behaviour to public order offences from 2018 on: a fall is not always a fall.

Licence: Open Government Licence v3.0 for data.police.uk; a force's extract has its own agreement.
"""

from __future__ import annotations

from typing import Final

from lsoahot.records.dataset import OGL, Dataset

from .crime import ASB, GROUPS, SPEC as CRIME

# What is not anti-social behaviour in a file of everything is named, so that leaving it out needs
# no warning.
_TYPES: Final = {
    **dict.fromkeys(GROUPS, "Crime"),
    "anti-social behaviour": ASB,
    "antisocial behaviour": ASB,
    "asb": ASB,
    "recorded before april 2011": ASB,
    **{
        form.format(kind): kind.capitalize()
        for kind in ("personal", "environmental", "nuisance")
        for form in ("{}", "asb {}", "{} asb", "{} anti-social behaviour",
                     "anti-social behaviour {}")
    },
}  # fmt: skip

SPEC: Final = Dataset(
    name="asb",
    title="Anti-social behaviour",
    unit="incidents",
    url="https://data.police.uk/data/",
    licence=OGL,
    columns={
        **CRIME.columns,
        "category": (
            "Crime type", "asb type", "asb category", "incident type", "incident category",
            "closing code", "category", "sub type", "subtype", "asb sub type", "classification",
            "type",
        ),
    },
    categories=_TYPES,
    where={"group": (ASB, "Personal", "Environmental", "Nuisance")},
)  # fmt: skip
