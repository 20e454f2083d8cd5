"""Finding an official layer by its title, through the search of the portal that publishes it.

Services are renamed, and new editions come every year; titles keep their form: "Wards (May 2025)
Boundaries UK BGC (V2)". The Open Geography Portal answers ``/api/search/v1/collections/dataset/items``
as OGC API Records has it: features, whose properties are `title`, `type` and `url`.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lsoahot.common.month_names import MONTH_NAMES

from . import download

if TYPE_CHECKING:
    from .layers import Layer

SEARCH: Final = "/api/search/v1/collections/dataset/items"
MOST: Final = 100  # results at once, best first
_DATE: Final = re.compile(
    rf"\((?:(?P<month>{'|'.join(MONTH_NAMES)}) )?(?P<year>\d{{4}})\)", re.IGNORECASE
)
_VERSION: Final = re.compile(r"\s*\(V(\d+)\)$", re.IGNORECASE)


def newest(layer: Layer, *, year: int | None = None, timeout: float) -> Layer | None:
    """Return the newest layer that is called as this one is, but for its date; None if there is none.

    Parameters
    ----------
    layer
        A layer of the table.
    year
        Only of this year.
    timeout
        Seconds of silence after which the portal counts as stalled.

    Returns
    -------
    Layer or None
        With the title, the address, the column of codes and the year of the one that was found, and
        no number of features.

    Raises
    ------
    ConnectionError
        If the portal can't be reached, or answers with something else.
    """
    import requests

    words = " ".join(_VERSION.sub("", _DATE.sub("", layer.title)).split())
    question: dict[str, str | int] = {"q": f"{words} {year or ''}".rstrip(), "limit": MOST}
    with requests.Session() as session:
        address = f"{layer.portal.rstrip('/')}{SEARCH}"
        results = download.get(session, address, question, _results, timeout=timeout)
    fitting = []
    for result in results:
        date = _same_form(layer.title, result["title"])
        if date is not None and (year is None or date[0] == year):
            fitting.append((date, result))
    if not fitting:
        return None
    (matches, *_), result = max(fitting, key=lambda each: each[0])
    figures = f"{matches % 100:02}"
    return replace(
        layer,
        name=re.sub(r"\d\d$", figures, layer.name),
        title=result["title"],
        url=_of_layer(result["url"]),
        code=re.sub(r"\d\d", figures, layer.code),
        year=matches,
        features=None,
    )


def _results(body: bytes) -> list[dict[str, str]]:
    """Read the feature services among the results of a search."""
    try:
        answer = json.loads(body)
        features: list[dict[str, Any]] = answer["features"]
        every = [feature["properties"] for feature in features]
    except (ValueError, KeyError, TypeError):
        raise download.UnusableAnswerError(
            f"it answered with no results of a search ({body[:40]!r}...)"
        ) from None
    return [
        {"title": " ".join(str(one["title"]).split()), "url": str(one["url"])}
        for one in every
        if one.get("title") and "FeatureServer" in str(one.get("url"))
    ]


def _same_form(title: str, other: str) -> tuple[int, int, int] | None:
    """Return the year, month and version of a title, if it is else the same; None if not.

    Examples
    --------
    >>> _same_form("Wards (May 2024) Boundaries UK BGC", "Wards (May 2025) Boundaries UK BGC (V2)")
    (2025, 5, 2)
    >>> _same_form("Wards (May 2024) Boundaries UK BGC", "Wards (May 2025) Boundaries UK BFC")
    """
    plain = [_VERSION.sub("", _DATE.sub("()", text)).casefold() for text in (title, other)]
    date, version = _DATE.search(other), _VERSION.search(other)
    if plain[0] != plain[1] or date is None:
        return None
    month = MONTH_NAMES.index(date["month"].capitalize()) + 1 if date["month"] else 0
    return int(date["year"]), month, int(version[1]) if version else 1


def _of_layer(url: str) -> str:
    """Return the address of a service's first layer.

    Examples
    --------
    >>> _of_layer("https://host/rest/services/A/FeatureServer")
    'https://host/rest/services/A/FeatureServer/0'
    """
    return f"{url.rstrip('/')}/0" if url.rstrip("/").endswith("FeatureServer") else url.rstrip("/")
