"""Flags of a record: alcohol, drugs, domestic abuse and hate, by a column of their own or by qualifiers."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lsoahot.common.checks import shown

from . import words as _words

if TYPE_CHECKING:
    import pandas as pd

    from lsoahot.common.arrays import Bools

FLAGS: Final = ("alcohol", "drugs", "domestic", "hate")

# The words of a qualifier or keyword that set a flag, as patterns of whole words.
QUALIFIER_WORDS: Final = {
    "alcohol": (
        r"alcohol\w*", r"drunk\w*", r"intoxicat\w*", r"(?:street|under[- ]?age|binge)[- ]drink\w*",
        r"drink[- ](?:driv\w*|relat\w*|fuell?ed)",
    ),
    "drugs": (
        r"drugs?", r"cannabis", r"cocaine", r"heroin", r"amphetamines?", r"ketamine", r"mdma",
        r"county lines?", r"cuckoo\w*", r"class [abc](?= (?:drug|substance|supply)|$)",
    ),
    "domestic": (
        "domestic", r"da(?=\s*(?:flag|marker|related|incident|crime)?\s*$)", "dv", r"dash(?! ?cam| ?board)",
        r"hbv", r"hba", r"hono?u?r[- ]based", r"ipv", r"intimate partner", r"coercive",
    ),
    "hate": (
        "hate", r"racis\w*", r"racial\w*", r"homophob\w*", r"transphob\w*", r"islamophob\w*",
        r"anti-?semit\w*", r"prejudice\w*", r"disablis[tm]\w*", r"biphob\w*", r"xenophob\w*",
        r"religious(?:ly)?(?= (?:\w+ )?(?:aggravated|motivated|hatred|hostility))",
    ),
}  # fmt: skip
_YES: Final = frozenset({"y", "yes", "true", "t", "1", "1.0", "x"})
_NO: Final = frozenset(
    {"n", "no", "false", "f", "0", "0.0", "", "-", "none", "nan", "null", "<na>", "unknown",
     "not known", "u"}
)  # fmt: skip
# How a qualifier says that it does not apply: "Non-domestic", "not a hate crime", "Alcohol: No".
_DENIED: Final = (
    r"\b(?:no|not|non|without|anti)[\s-]*(?:(?:an?|any|involving|involved|related to|linked to)\s+)*(?:{words})"
    r"|(?:{words})[\w\s]*?(?:[-:=(]+\s*|\s)(?:no?|none|nil|negative|false|0|unknown|free|"
    r"not (?:an? )?(?:known|stated|involved|factor|found|present|suspected|relevant|applicable|recorded|"
    r"used|consumed|linked|related))\)?\s*$"
    r"|(?:{words})[\s-]*(?:free\b|search negative)"
)
# What a flag's words are of, where they don't say what the flag does.
_NOT_MEANT: Final = {
    "domestic": r"(?:non[\s-]*)?\bdomestic\s+(?:burglar\w*|dwelling\w*|appliance\w*|premises|propert\w*|"
    r"waste|refuse|rubbish|recycling|animal\w*|pet\w*|dog\w*|cat|cats|fire\w*|oil|gas|heating|fuel|boiler\w*|"
    r"flight\w*|airport\w*|terminal|travel|bin|bins|water|suppl\w*|meter\w*|violence free|theft|noise|"
    r"building\w*|house\w*|garage\w*|shed\w*|outbuilding\w*|garden\w*|cleaner\w*|cleaning|staff|servant\w*|"
    r"worker\w*|help|electric\w*|vehicle\w*|smoke|alarm\w*|chicken\w*|bird\w*|extremis\w*|terroris\w*)\b"
    r"|\b(?:burglar\w*|theft|fire|noise|refuse|waste|dwelling)[\s-]*(?:in an?\s+|of an?\s+|from an?\s+)?"
    r"domestic\b",
    "alcohol": r"\balcohol(?:ic|ics)?[\s-]*(?:gel|wipe\w*|rub|hand|sanitis\w*|licen[cs]\w*|shop\w*|store\w*|"
    r"product\w*|anonymous|deliver\w*|duty|awareness|education|service\w*|treatment)\b"
    r"|\bsanitis\w*[\s-]+alcohol\b",
    "drugs": r"\bdrugs?[\s-]*(?:store|stores|shop|company|compan\w*|awareness|education|treatment|service\w*|"
    r"round|trolley)\b|\bveterinary drugs?\b|\bboots drugs?\b",
    "hate": r"\bracial equality\b|\blove[\s-]hate\b|\bwithout prejudice\b",
}
# A theft of alcohol or drugs is a theft: of these words a part of a cell says nothing but what was taken ...
_THEFT: Final = re.compile(
    r"\b(?:theft\w*|thieves|stole|stolen|steal\w*|shop[- ]?lift\w*|burglar\w*|robber\w*|taken|lost|missing)\b"
)
# ... unless it says that the offence has to do with it.
_RELATED: Final = re.compile(
    r"\b(?:related|influence|involv\w+|flag|marker|fuell?ed|linked|drunk\w*|intoxicat\w*|supply\w*|"
    r"possess\w*|deal\w*)\b"
)
_OBJECTS: Final = frozenset({"alcohol", "drugs"})
# Beside which words "domestic" and "hate" say, without a doubt, what the flag does.
_SURE: Final = {
    "domestic": re.compile(
        r"domestic\s*(?:$|[-():/&]|\b(?:abus\w*|violen\w*|incident\w*|crime\w*|related|flag\w*|marker\w*|"
        r"assault\w*|dispute\w*|argument\w*|harass\w*|stalk\w*|homicide\w*|murder\w*|rape\w*|sexual\w*|"
        r"offence\w*|non|no|other|standard|medium|high|risk|case\w*|homicide|verbal|physical|dash|y|yes|"
        r"true|and)\b)"
    ),
    "hate": re.compile(r"hate\s*(?:$|[-():/&]|\b(?:crime\w*|incident\w*|flag\w*|marker\w*|related|"
                       r"motivated|speech|mail|strand\w*|y|yes|true|race|racial|faith|relig\w*|disab\w*|"
                       r"trans\w*|homo\w*|sexual|and|other|non)\b)"),
}  # fmt: skip


def truth(column: pd.Series, flag: str, name: str) -> Bools:
    """Read a flag: yes or no in the usual spellings, blank for no.

    Raises
    ------
    ValueError
        Where a value is neither.
    """
    words = [str(value).strip().casefold() for value in column.dropna().unique()]
    named = re.compile(rf"\b(?:{'|'.join(QUALIFIER_WORDS[flag])})\b")
    strange = [word for word in words if word not in _YES | _NO and not named.search(word)]
    if strange:
        raise ValueError(
            f"{name}: the flag {flag!r} holds {shown(map(repr, strange))}, which is neither yes "
            "nor no. Write Y or N, or rename the column."
        )

    def yes(cell: str) -> bool:
        word = cell.strip().casefold()
        return word in _YES or (word not in _NO and sets_flag(word, flag))

    return _words.where(column, yes)


def holds(column: pd.Series, flag: str) -> Bools:
    """Tell which cells of qualifiers or keywords say that a flag is set, and don't deny it."""
    return _words.where(column, lambda text: sets_flag(text, flag))


@lru_cache(1 << 12)
def _patterns(flag: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return what denies a flag, what is something else, and what sets it."""
    either = "|".join(QUALIFIER_WORDS[flag])
    return (
        re.compile(_DENIED.format(words=either)),
        re.compile(_NOT_MEANT.get(flag, r"(?!)")),
        re.compile(rf"\b(?:{either})\b"),
    )


def sets_flag(text: str, flag: str) -> bool:
    """Tell whether a qualifier sets a flag.

    It is read part by part ("Alcohol; Domestic abuse"). A flag's words count as whole words only, and
    not where they are of something else: "Chateau" is no hate, "Domestic burglary" no abuse, "Theft of
    alcohol" a theft.

    Examples
    --------
    >>> sets_flag("Alcohol; Burglary", "alcohol"), sets_flag("Theft of alcohol", "alcohol")
    (True, False)
    >>> sets_flag("Domestic", "domestic"), sets_flag("Burglary - domestic", "domestic"), sets_flag("Non-DA", "domestic")
    (True, False, False)
    """
    return any(_part_sets_flag(part, flag) for part in _parts(text))


def _parts(text: str) -> list[str]:
    """Split a cell into its qualifiers; what a theft was of is no part of its own."""
    parts = re.split(r"[;,|\n+]", text.casefold())
    either = r"/(?!\s*(?:disorderly|religious))"
    return [
        piece
        for part in parts
        for piece in ([part] if _THEFT.search(part) else re.split(either, part))
    ]


def _part_sets_flag(part: str, flag: str) -> bool:
    denied, not_meant, held = _patterns(flag)
    part = not_meant.sub(" ", denied.sub(" ", part))
    if flag in _OBJECTS and _THEFT.search(part) and not _RELATED.search(part):
        return False
    return held.search(part) is not None


def unsure(column: pd.Series, flag: str) -> list[str]:
    """List the cells that set a flag by its word, beside others that may give it another meaning.

    Examples
    --------
    >>> import pandas as pd
    >>> unsure(pd.Series(["Domestic abuse", "Domestic Bliss, High Street"]), "domestic")
    ['Domestic Bliss, High Street']
    """
    sure = _SURE.get(flag)
    if sure is None:
        return []
    texts = column.dropna().astype(str).unique()
    word = re.compile(rf"\b{flag}\b")
    return [
        text
        for text in texts
        if any(
            word.search(part) and _part_sets_flag(part, flag) and not sure.search(part.strip())
            for part in _parts(text)
        )
    ]
