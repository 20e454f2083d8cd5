"""Deliberate fires: the Home Office's incident records, or a fire service's own list.

Where to get it
    - Home Office, "Fire statistics: incident level datasets", the low-level geography dataset
      (.ods, a sheet a year): FINANCIAL_YEAR, INCIDENT_TYPE, LSOA_CODE, LSOA_DESCRIPTION.
      https://www.gov.uk/government/statistical-data-sets/fire-statistics-incident-level-datasets
    - London Fire Brigade, "Incident records" (London Datastore), as it comes: it gives no motive, and
      for dwellings a point rounded to 100 metres only, which is taken where there is no other.
    - A fire and rescue service's list of incidents with date, type, motive, easting and northing.

What to know
    - Only deliberate fires are read where the file says which they are: in a column (motive;
      accidental or deliberate) or in the type. Where it does not, every *fire* is read and a
      warning says so. False alarms and other calls are always left out, and counted in
      ``records.attrs["read"]``.
    - Groups: Primary (property, or people at risk, or five engines), Secondary (grass, refuse,
      derelict), Chimney.
    - In the Home Office file the LSOA code sometimes stands in the description, and "Not known"
      for no place; it knows the financial year only: such records have a `financial_year` and no
      month.
    - Which edition the codes are of depends on the release: the join audit tells.

Licence: Open Government Licence v3.0 for the Home Office file; a fire service's list has its own
agreement.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from lsoahot.common.checks import shown
from lsoahot.records.dataset import OGL, Dataset

_FIRES: Final = ("Primary", "Secondary", "Chimney", "Fire")
_YES: Final = frozenset({"y", "yes", "true", "1", "1.0", "d"})
_NO: Final = frozenset(
    {"", "n", "no", "false", "0", "0.0", "a", "none", "nan", "n/a", "-", "<na>", "null"}
)
_DELIBERATE: Final = ("deliberate", "arson", "malicious", "wilful", "intentional")
_ACCIDENTAL: Final = (
    r"accident|not deliberate|non-deliberate|unknown|not known|natural|undetermined|not (?:stated|recorded|given)"
    r"|unintention|unclear|other|fault|careless"
)
_OTHER_CALLS: Final = (
    r"false|not a fire|non-fire|non fire|special service|traffic|rescue|flood|alarm|fire ?work|good intent"
    r"|fire safety|hydrant|apparatus"
)


def _prepare(table: pd.DataFrame) -> pd.DataFrame:
    """Take codes out of descriptions; tell fires from other calls, deliberate from accidental."""
    table = table.copy()
    if "area_description" in table:
        result = (
            table["area_description"].astype("string").str.extract(r"\b([EW]\d{8})\b", expand=False)
        )
        own = table["area_code"].astype("string") if "area_code" in table else result
        table["area_code"] = own.where(own.str.fullmatch(r"\s*[EW]\d{8}\s*").fillna(False), result)
    kinds = table["category"] if "category" in table else pd.Series("fire", index=table.index)
    kind = kinds.astype("string").str.casefold().fillna("")
    false = kind.str.contains(_OTHER_CALLS)
    group = pd.Series("Not a fire", index=table.index, dtype=object)
    for word, name in (
        (r"\bfires?\b", "Fire"),
        ("chimney", "Chimney"),
        (r"\bsecond", "Secondary"),
        (r"\bprimary\b(?! school)", "Primary"),
    ):
        group[(kind.str.contains(word) & ~false).to_numpy(dtype=bool)] = name
    if "motive" in table:
        notes = table["motive"].astype("string").str.strip().str.casefold().fillna("")
        deliberate = notes.isin(_YES) | notes.str.startswith(_DELIBERATE)
        strange = notes[~deliberate & ~notes.isin(_NO) & ~notes.str.contains(_ACCIDENTAL)].unique()
        if len(strange):
            notice = (
                f"the motive {shown(map(repr, strange), 4)} is neither deliberate nor accidental, and was "
                "read as not deliberate. Write 'deliberate' where it is."
            )
            table.attrs["warnings"] = [notice]
        # A list of deliberate incidents may say "Refuse", "Vehicle": they burned all the same.
        burned = deliberate & ~false & (group == "Not a fire").to_numpy()
        group[burned.to_numpy(dtype=bool)] = "Fire"
    elif kind.str.contains("deliberate").any():
        deliberate = kind.str.contains("deliberate") & ~kind.str.contains(
            "not deliberate|non-deliberate"
        )
    else:
        if not any("deliberate" in str(header).casefold() for header in table.columns):
            notice = (
                "the file does not say which fires were deliberate, so every fire is read, "
                "accidental ones too. Ask the fire service for the motive, and name its column "
                "'motive'."
            )
            table.attrs["warnings"] = [notice]
        deliberate = pd.Series(True, index=table.index)
    fire = group.isin(_FIRES).to_numpy(dtype=bool)
    group[fire & ~deliberate.to_numpy(dtype=bool)] = "Accidental or not known"
    table["group"] = group
    return table


SPEC: Final = Dataset(
    name="fires",
    title="Deliberate fires",
    unit="fires",
    url="https://www.gov.uk/government/statistical-data-sets/fire-statistics-incident-level-datasets",
    licence=OGL,
    columns={
        "area_code": ("LSOA_CODE",),
        "area_description": ("LSOA_DESCRIPTION",),
        "period": ("incident date", "date of call", "call date", "date", "month"),
        "category": (
            "INCIDENT_TYPE", "incident type", "stop code description", "fire type", "type of fire", "type of incident",
            "incident category", "fire category", "primary or secondary", "primary/secondary",
            "stop code", "type", "category",
        ),
        "motive": (
            "motive", "ACCIDENTAL_OR_DELIBERATE", "accidental or deliberate",
            "deliberate or accidental", "deliberate", "deliberate flag", "is deliberate", "cause",
            "fire cause", "cause of fire",
        ),
        "count": ("fires", "number of fires", "no of fires"),
    },
    categories={
        form.format(kind): kind.capitalize()
        for kind in ("primary", "secondary", "chimney")
        for form in ("{}", "{} fire", "{} fires", "deliberate {}", "deliberate {} fire",
                     "deliberate {} fires")
    },
    where={"group": _FIRES},
    prepare=_prepare,
)  # fmt: skip
