"""The one way to compare words of headers, categories and names: by their letters and figures alone."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


@lru_cache(1 << 16)  # the same headers and categories come again in every file
def _plain(text: str) -> str:
    # Before capitals become small, and after: some letters are capitals only once they are plain.
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = letters.replace("&", " and ")
    return re.sub(r"[\W_]+", "", "".join(one for one in letters if not unicodedata.combining(one)))


def plain(word: object) -> str:
    r"""Strip a word of case, spaces, punctuation and accents, however these are written.

    Examples
    --------
    >>> plain("LSOA_Code (2021)")
    'lsoacode2021'
    >>> plain("Anti-Social  Behaviour") == plain("anti social behaviour")
    True
    >>> plain("Criminal damage & arson")
    'criminaldamageandarson'
    >>> plain("Ynys M\u00f4n") == plain("Ynys Mo\u0302n") == plain("YNYS MON")
    True
    """
    return _plain(str(word))
