"""Police recorded crime, as data.police.uk publishes it.

Where to get it
    https://data.police.uk/data/ : tick the force and the months, "Include crime data", download
    the zip and pass it as it is. Or the API's answer,
    ``crimes-street/all-crime?date=2023-01&poly=...``, saved as JSON. A force's own extract (a row
    an offence, or counts an LSOA) is read too.

What to know
    - **The file holds anti-social behaviour too.** Every row is read, so that the total agrees
      with the file; total *crime* is ``crimes[crimes["group"] != "Anti-social behaviour"]``.
    - Points are anonymised: moved to the nearest of a fixed list of places (the middle of a
      street, a supermarket). `LSOA code` belongs to that place, not to the offence. 2-3 % of rows
      have no place.
    - Anti-social behaviour has no `Crime ID`: two rows alike are two incidents. Rows that have one
      and are identical in every column are one crime that stands there again, and count once: none
      in four years of Leicestershire, 1.4 % of the rows of another force, one crime 13 times. An
      identifier that stands twice with two months or outcomes (10 of 334,898 rows of Leicestershire)
      is kept twice, as data.police.uk counts it: nothing tells which is right. Both numbers are in
      ``records.attrs["read"]``.
    - LSOA codes are 2021's from data month June 2023 on, 2011's before: one archive can hold both.
      `convert_records` brings those of one edition over to the other.
    - The fixed places were renewed from data month July 2022 on: points, and what is worked out of
      them, are not like for like across it (`change` and `kernel_density` say so).
    - The Metropolitan Police's counts by LSOA (London Datastore: major and minor category, a column
      a month) are read as they come: `category` is the minor category, and a minor category
      without a group of its own gets that of its major one.
    - Forces have gaps: Greater Manchester has no data from July 2019 on. No data is not zero, see
      `count`.
    - Burglary is one type here: it can't be split into dwellings and other buildings, and it is
      put whole into serious acquisitive crime, as is vehicle crime.

The groups are those of a strategic assessment. Replace them for your own:
``dataclasses.replace(lsoahot.DATASETS["crime"], categories={"burglary": "Burglary", ...})``.

Licence: Open Government Licence v3.0. "Contains public sector information licensed under the Open
Government Licence v3.0." (data.police.uk)
"""

from __future__ import annotations

from typing import Final

from lsoahot.records.dataset import OGL, Dataset

ASB: Final = "Anti-social behaviour"

# Today's fourteen types, those of older files, the finer ones of recorded-crime extracts, and the
# Metropolitan Police's major categories with the minor ones that part a major one.
_BY_GROUP: Final = {
    "Violence": (
        "violence and sexual offences", "violent crime", "violence against the person",
        "sexual offences", "violence with injury", "violence without injury",
        "assault with injury", "assault with less serious injury", "assault without injury",
        "most serious violence", "other violence", "homicide",
    ),
    "Serious acquisitive": (
        "serious acquisitive crime", "burglary", "burglary dwelling", "domestic burglary",
        "residential burglary", "robbery", "vehicle crime", "theft from vehicle",
        "theft from motor vehicle", "theft of vehicle", "theft of motor vehicle",
        "vehicle offences", "burglary residential", "burglary in a dwelling",
    ),
    "Other acquisitive": (
        "other acquisitive crime", "bicycle theft", "theft of cycle", "other theft",
        "theft other", "shoplifting", "theft from the person", "theft from person",
        "burglary other than dwelling", "burglary other", "non-domestic burglary", "theft",
        "theft offences", "burglary business and community", "burglary in other buildings",
        "burglary commercial",
    ),
    "Criminal damage": (
        "criminal damage and arson", "criminal damage", "criminal damage arson", "arson",
        "arson and criminal damage",
    ),
    "Other": (
        "drugs", "drug offences", "other crime", "other offences", "possession of weapons",
        "public disorder and weapons", "public order", "fraud and forgery",
        "public order offences", "miscellaneous crimes against society",
        "historical fraud and forgery",
    ),
    ASB: ("anti-social behaviour",),
}  # fmt: skip
GROUPS: Final = {name: group for group, names in _BY_GROUP.items() for name in names}

SPEC: Final = Dataset(
    name="crime",
    title="Police recorded crime",
    unit="crimes",
    url="https://data.police.uk/data/",
    licence=OGL,
    columns={
        "area_code": ("LSOA code",),
        "area_name": ("LSOA name",),
        "period": ("Month",),
        "category": (
            "Crime type", "crime category", "offence", "offence type", "offence group",
            "crime group", "hocode", "offence category", "offence description", "ho class",
            "type", "primary offence", "event", "minor category", "minor text",
        ),
        "major_category": ("major category", "major text"),
        "street": ("Location",),
        "force": ("Falls within", "Reported by", "force", "police force"),
        "crime_id": (
            "Crime ID", "persistent_id", "crime number", "crime no", "crime ref", "crime reference",
            "crime reference number", "crime ref no", "incident number", "incident no", "incident ref",
            "incident reference", "incident id", "offence number", "offence reference", "offence ref",
            "offence id", "occurrence number", "reference number", "reference", "ref no", "ref", "urn",
            "unique reference", "unique reference number", "log number", "log no", "record id", "crn",
            "occurrence no", "occurrence ref", "occurrence id", "niche occurrence number", "niche ref",
            "niche occurrence no", "event id", "event number", "event no", "event ref", "unique id",
            "unique identifier", "case number", "case no", "case id", "case reference", "case ref",
            "storm id", "storm log", "storm number", "incident log number", "incident log", "log id",
            "offence no", "crime record number", "cris no", "cris number", "cad number", "cad no",
            "cad ref", "investigation number", "investigation id", "record number", "record no",
        ),
    },
    categories=GROUPS,
)  # fmt: skip
