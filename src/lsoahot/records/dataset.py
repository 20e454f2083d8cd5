"""What an adapter is: one frozen value that says how a partner's file becomes records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

OGL: Final = "Open Government Licence v3.0"

# Header variants are compared without case, spaces and punctuation: "LSOA_Code" is "lsoa code".
# Columns of area codes are found by `common.code_columns`.
MONTH_HEADERS: Final = (
    "month", "period", "year month", "month recorded", "recorded month", "crime month",
    "month year", "month of offence", "date", "date recorded", "recorded date", "date reported",
    "reported date", "offence date", "date of offence", "offence start date",
    "committed from date", "committed date", "incident date", "date of incident", "date of call",
    "call date", "date created", "created date", "crime date", "occurred date", "date occurred",
    "start date", "date from", "event date", "month number", "month no", "month num", "month name",
    "calendar month", "month of year", "time period", "reporting period",
    "week commencing", "week beginning", "week ending", "w/c",
)  # fmt: skip
YEAR_HEADERS: Final = (
    "financial year", "fin year", "fy", "year", "calendar year", "cal year", "reporting year",
    "offence year", "incident year", "year of offence",
)  # fmt: skip
COUNT_HEADERS: Final = (
    "count", "counts", "n", "number of crimes", "number of offences", "number of incidents",
    "no of crimes", "no of offences", "no of incidents", "crimes", "offences", "incidents",
    "records", "total", "total crimes", "total incidents", "frequency", "events", "obs value",
)  # fmt: skip
FLAG_HEADERS: Final = {
    "alcohol": (
        "alcohol", "alcohol flag", "alcohol related", "alcohol marker", "is alcohol",
        "alcohol ind",
    ),
    "drugs": (
        "drugs", "drug", "drugs flag", "drug flag", "drug related", "drugs related",
        "drugs marker",
    ),
    "domestic": (
        "domestic", "domestic flag", "domestic abuse", "domestic abuse flag", "domestic violence",
        "da flag", "domestic violence flag", "dv flag", "domestic related",
        "domestic abuse related", "da", "dv", "domestic incident", "domestic crime",
        "domestic marker",
    ),
    "hate": (
        "hate", "hate flag", "hate crime", "hate crime flag", "hate related", "hate incident",
        "hate marker", "prejudice flag",
    ),
}  # fmt: skip
# A force that has no flag columns writes all its markers into one cell: "Alcohol; Domestic abuse".
QUALIFIER_HEADERS: Final = (
    "qualifiers", "qualifier", "keywords", "key words", "keyword", "crime keywords", "markers",
    "marker", "flags", "tags", "classification qualifiers", "interest markers", "crime flags",
    "mo keywords",
)  # fmt: skip
# What a force's extract tells apart where it holds offences and other calls.
KINDS: Final = {
    "crime": "Crime", "crimes": "Crime", "offence": "Crime", "offences": "Crime",
    "incident": "Incident", "incidents": "Incident", "non-crime": "Incident",
    "non crime": "Incident",
}  # fmt: skip

# Points as text: "POINT (-0.73 52.67)".
GEOMETRY_HEADERS: Final = ("wkt", "geom", "the geom", "wkt geom", "geometry wkt", "shape wkt")

# Pairs of headers that hold a point, and the system they are in.
POINTS: Final = (
    ("longitude", "latitude", "EPSG:4326"),
    ("long", "lat", "EPSG:4326"),
    ("lon", "lat", "EPSG:4326"),
    ("lng", "lat", "EPSG:4326"),
    ("easting", "northing", "EPSG:27700"),
    ("eastings", "northings", "EPSG:27700"),
    ("grid ref easting", "grid ref northing", "EPSG:27700"),
    ("easting m", "northing m", "EPSG:27700"),
    ("grid easting", "grid northing", "EPSG:27700"),
    ("x coordinate", "y coordinate", "EPSG:27700"),
    ("x coord", "y coord", "EPSG:27700"),
    ("coord x", "coord y", "EPSG:27700"),
    ("x", "y", "EPSG:27700"),
    ("easting rounded", "northing rounded", "EPSG:27700"),
    ("location longitude", "location latitude", "EPSG:4326"),
)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """How one kind of file becomes records: an adapter is a value, not a class of its own.

    Parameters
    ----------
    name
        A short word for messages and file names, e.g. ``"crime"``.
    title, unit
        For headings and legends: ``"Police recorded crime"``, ``"crimes"``.
    url, licence
        Where to get the data, and the terms it comes with.
    columns
        Header variants of each column of the records, e.g. ``{"category": ("crime type",
        "offence")}``. Case, spaces and punctuation don't matter. A column not named here is looked
        for under its usual headers. Whatever is named beyond the records' own columns is carried
        along as text.
    points
        Pairs of header variants and their coordinate reference system, in the order they are tried.
    categories
        The group of each category; case doesn't matter. A category not listed gets the group
        ``"Other"``, and this is reported.
    where
        The rows that belong to the dataset, e.g. ``{"domestic": (True,)}``: what a column must
        hold (of text, case doesn't matter). The others are left out and counted in
        ``records.attrs["read"]``.
    sensitive
        Whether small counts must not be published (see `suppress`).
    prepare
        A function from the table as it was read, with its own headers, to the table that the rest
        applies to: for what renaming can't do.

    Examples
    --------
    >>> import lsoahot as lh
    >>> calls = lh.Dataset(name="calls", title="Calls for service", unit="calls",
    ...                    columns={"category": ("call type",)})
    >>> calls.sensitive
    False
    """

    name: str
    title: str
    unit: str = "records"
    url: str = ""
    licence: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    points: tuple[tuple[str, str, str], ...] = POINTS
    categories: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    sensitive: bool = False
    prepare: Callable[[pd.DataFrame], pd.DataFrame] | None = None

    def headers(self, column: str) -> tuple[str, ...]:
        """List the headers of a column: its own name, the adapter's variants, the usual ones."""
        usual: dict[str, tuple[str, ...]] = {
            "area_code": ("LSOA code",),
            "geometry": GEOMETRY_HEADERS,
            "period": MONTH_HEADERS,
            "count": COUNT_HEADERS,
            "financial_year": YEAR_HEADERS,
            "qualifiers": QUALIFIER_HEADERS,
            **FLAG_HEADERS,
        }
        return (column, *self.columns.get(column, ()), *usual.get(column, ()))
