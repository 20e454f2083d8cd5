"""Reading a table from Nomis past its silent limit: page by page, and counted.

Nomis sends at most 25,000 rows to a guest and says nothing of the rest. Every row tells, though,
how many there are in all (RECORD_COUNT) and which it is (RECORD_OFFSET).
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Final

import pandas as pd

from lsoahot.common import checks

from . import download, layers

if TYPE_CHECKING:
    from collections.abc import Mapping

_SELECT: Final = "date_name,geography_code,geography_name,obs_value,record_offset,record_count"


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of Nomis; `populations.toml` says what each field means."""

    title: str
    dataset: str
    query: dict[str, str | int]
    column: str
    geography: dict[str, str]
    root: str
    page: int


def tables() -> dict[str, Table]:
    """Return every table in force, by name: the packaged ones under the user's own."""
    known = {field.name for field in fields(Table)}
    needed = ["title", "dataset", "query", "column", "geography"]
    result = layers.entries("populations", known, needed)
    return {name: Table(**entry) for name, entry in result.items()}


def asked_for(source: str) -> tuple[str, str] | None:
    """Read "residents21 msoa" (or with "_") as a table and a kind of area, LSOAs by default.

    Examples
    --------
    >>> asked_for("residents21"), asked_for("population.csv")
    (('residents21', 'lsoa'), None)
    """
    name, *of = re.split(r"[ _-]+", source.strip(), maxsplit=1)
    return (name, of[0] if of else "lsoa") if name in tables() else None


def read_table(
    url: str, query: Mapping[str, str | int], *, page: int, timeout: float
) -> pd.DataFrame:
    """Return one row an area: DATE_NAME, GEOGRAPHY_CODE, GEOGRAPHY_NAME, OBS_VALUE.

    Raises
    ------
    ConnectionError
        If Nomis can't be reached, keeps failing, or gives other rows than it counted.
    ValueError
        If it has nothing for the question, or several rows an area.
    """
    import requests
    from tqdm import tqdm

    pages: list[pd.DataFrame] = []
    have, promised = 0, 1
    with requests.Session() as session, tqdm(desc="Nomis", unit=" rows", disable=None) as bar:
        while have < promised:
            asked = {**query, "select": _SELECT, "RecordOffset": have, "RecordLimit": page}
            rows = download.get(session, url, asked, partial(_page, offset=have), timeout=timeout)
            if rows.empty:
                raise ValueError(
                    f"Nomis has nothing for {url} with {dict(query)}. Check the geography, the "
                    "date and the other choices on nomisweb.co.uk."
                )
            promised = int(rows["RECORD_COUNT"].iloc[0])
            have += len(rows)
            bar.total = promised
            bar.update(len(rows))
            pages.append(rows)
    whole = pd.concat(pages, ignore_index=True)
    if len(whole) != promised or not whole["RECORD_OFFSET"].is_unique:
        raise ConnectionError(
            f"Nomis counted {promised:,} rows, but {whole['RECORD_OFFSET'].nunique():,} different "
            f"ones came in {len(whole):,}. Nothing was kept; try again."
        )
    twice = whole.loc[whole["GEOGRAPHY_CODE"].duplicated(), "GEOGRAPHY_CODE"].unique()
    if len(twice):
        raise ValueError(
            f"Nomis gives several rows for {len(twice):,} areas: {checks.shown(twice, 3)}. "
            "Choose one value in every dimension (one date, one measure, the total of each)."
        )
    return whole


def _page(body: bytes, offset: int) -> pd.DataFrame:
    """Read the page that begins at row `offset`, and refuse what is not that, whole."""
    if not body.strip() and offset == 0:
        return pd.DataFrame()  # Nomis says "nothing found" by saying nothing
    try:
        rows = pd.read_csv(io.BytesIO(body), dtype={"GEOGRAPHY_CODE": "str", "DATE_NAME": "str"})
    except ValueError as error:
        raise download.UnusableAnswerError(f"it answered with no CSV ({error})") from None
    if not {"GEOGRAPHY_CODE", "OBS_VALUE", "RECORD_OFFSET", "RECORD_COUNT"} <= set(rows.columns):
        raise download.UnusableAnswerError(f"it answered with no such table ({body[:60]!r}...)")
    if rows.empty and offset == 0:
        return rows
    due = range(offset, offset + len(rows))
    if rows.empty or list(rows["RECORD_OFFSET"]) != list(due) or rows["RECORD_COUNT"].isna().any():
        raise download.UnusableAnswerError(f"it sent no whole page from row {offset:,} on")
    return rows
