"""Downloads that are not the whole: what services write into the part that they give.

ArcGIS gives so many features at most and says so in the file, web feature services say how many
there are and where the next page is. A part that is taken for the whole makes empty places.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_ENDS: Final = 64 * 1024  # bytes at either end of a file in which members beside the features stand
_EXCEEDED: Final = re.compile(rb'"exceededTransferLimit"\s*:\s*true')
_THERE_ARE: Final = re.compile(rb'"(?:numberMatched|totalFeatures)"\s*:\s*"?(\d+)')
_NEXT: Final = re.compile(rb'"rel"\s*:\s*"next"')
# The most features that ArcGIS gives at once, as most services are set up.
_USUAL: Final = (1000, 2000)
# The most rows below a header of programs and services that leave out the rest.
_MOST_ROWS: Final = {
    1_048_575: "Excel holds below a header",
    65_535: "Excel held below a header before 2007",
    1_000: "many services give at once",
    2_000: "many services give at once",
    25_000: "Nomis gives to its guests at once",
    32_000: "open data portals (CKAN) give at once",
    50_000: "open data portals (Socrata) give at once",
    1_000_000: "many programs export at once",
}


def refuse(data: bytes, name: str, features: int) -> None:
    """Refuse a part of a layer, where the file says that there is more.

    Parameters
    ----------
    data
        The file, or its two ends.
    name
        Its name, for the message.
    features
        How many features it holds.

    Raises
    ------
    ValueError
        Where the file says that it is not the whole.
    """
    ends = data if len(data) <= 2 * _ENDS else data[:_ENDS] + data[-_ENDS:]
    there = [int(match[1]) for match in _THERE_ARE.finditer(ends)]
    more = [number for number in there if number > features]
    signs = [
        'it says "exceededTransferLimit": true' if _EXCEEDED.search(ends) else "",
        f"it holds {features:,} of {max(more):,} features" if more else "",
        "it names a next page" if _NEXT.search(ends) else "",
    ]
    if message := [sign for sign in signs if sign]:
        raise ValueError(
            f"{name} is a part of a download, not the whole: {' and '.join(message)}. Download it page "
            "by page (resultOffset, startIndex), or as a file: lsoahot.fetch_boundaries() gets "
            "official layers whole."
        )


def ends_of(path: Path) -> bytes:
    """Read the two ends of a file."""
    with path.open("rb") as stream:
        start = stream.read(_ENDS)
        stream.seek(max(len(start), path.stat().st_size - _ENDS))
        return start + stream.read()


def refuse_error(data: bytes, name: str) -> None:
    """Refuse the error of a service that was saved as a file.

    Raises
    ------
    ValueError
        With what the service said.
    """
    if b'"error"' not in data[:_ENDS] or b'"features"' in data:
        return
    try:
        error = json.loads(data).get("error")
    except (ValueError, AttributeError):
        return
    if error:
        text = error.get("message", error) if isinstance(error, dict) else error
        raise ValueError(
            f"{name} holds no data but the error of a service ({text}). Open its address in a "
            "browser, put the query right, and download it again."
        )


def most_rows(rows: int, name: str) -> str | None:
    """Say so where a table has exactly as many rows as a program holds or a service gives.

    Examples
    --------
    >>> most_rows(1_048_575, "crimes.csv")[:67]
    'crimes.csv has exactly 1,048,575 rows, which is the most that Excel'
    >>> most_rows(1_048_574, "crimes.csv") is None
    True
    """
    if rows not in _MOST_ROWS:
        return None
    return (
        f"{name} has exactly {rows:,} rows, which is the most that {_MOST_ROWS[rows]}: the rest may be "
        "lost. Check that the last rows are there, or export it in parts."
    )


def usual_most(features: int, name: str) -> str | None:
    """Say so where there are exactly as many features as services give at most."""
    if features not in _USUAL:
        return None
    return (
        f"{name} holds exactly {features:,} features, which is the most that many services give at "
        "once: it may be a part. Check that the last areas are there, or download it page by page."
    )
