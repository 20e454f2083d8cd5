"""The line that official boundaries must be shown with: who publishes them, under which licence.

All are under the Open Government Licence, which asks for the source to be named. A table that lost
its note (merged, dissolved, saved as a GeoPackage) still has its codes, and they tell whose they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from . import area_codes

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

_OGL: Final = "licensed under the Open Government Licence v.3.0."
_CROWN: Final = "\N{COPYRIGHT SIGN} Crown copyright and database right"
# By what codes begin with; the areas of other codes are the Office for National Statistics'.
PUBLISHERS: Final = {
    "S01": f"Source: National Records of Scotland and Scottish Government {_OGL} Contains OS data {_CROWN}",
    "S02": f"Source: National Records of Scotland and Scottish Government {_OGL} Contains OS data {_CROWN}",
    "N00": f"Source: Northern Ireland Statistics and Research Agency {_OGL} {_CROWN}",
    "N20": f"Source: Northern Ireland Statistics and Research Agency {_OGL} {_CROWN}",
    "N21": f"Source: Northern Ireland Statistics and Research Agency {_OGL} {_CROWN}",
    "95": f"Source: Northern Ireland Statistics and Research Agency {_OGL} {_CROWN}",
}  # fmt: skip
ONS: Final = f"Source: Office for National Statistics {_OGL} Contains OS data {_CROWN}"
SAMPLE_NOTICE: Final = "schematic boundaries, reconstructed records: not for operational use"
UNKNOWN: Final = "The source and the licence of the boundaries are not known"
MOST: Final = 0.5  # of the codes must be official ones


def ons(year: object = "") -> str:
    """Return the line of the Office for National Statistics, with the year if known."""
    return f"{ONS}{f' {year}' if year else ''}."


def attribution(codes: Iterable[object], year: object = "") -> str:
    """Derive the line from the areas' codes; nothing where they are no official ones.

    Parameters
    ----------
    codes
        The areas' codes.
    year
        Of the edition, if known.

    Examples
    --------
    >>> attribution(["E01013789"], 2021)[-24:], attribution(["S01006506"])[:36]
    ('and database right 2021.', 'Source: National Records of Scotland')
    >>> attribution(["Beat 7"])
    ''
    """
    every = [code if isinstance(code, str) else "" for code in codes]
    official = [code for code in every if area_codes.CODE.fullmatch(code) or code.startswith("95")]
    if not every or len(official) <= MOST * len(every):
        return ""
    lines = {
        next((line for start, line in PUBLISHERS.items() if first.startswith(start)), ONS)
        for first in {code[:3] for code in official}
    }
    return " ".join(f"{line}{f' {year}' if year else ''}." for line in sorted(lines))


def of(areas: pd.DataFrame) -> str:
    """Return the line that a table notes, or the one that its codes tell, or nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> of(pd.DataFrame(index=["E01013789"]))[:41]
    'Source: Office for National Statistics li'
    """
    noted = str(areas.attrs.get("attribution") or "").strip()
    return noted or attribution(np.asarray(areas.index, dtype=object))
