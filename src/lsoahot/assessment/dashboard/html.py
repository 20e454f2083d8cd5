"""The page itself: its parts put into one file that asks nothing of anybody."""

from __future__ import annotations

import base64
import hashlib
import html
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Any, Final

from lsoahot.common import checks
from lsoahot.common.class_labels import CHANGE_CLASSES, HOTSPOT_CLASSES, LEVELS
from lsoahot.common.files import replacing
from lsoahot.plotting.colours import CHANGE_COLOURS, HOTSPOT_COLOURS, LEVEL_COLOURS, SEQUENCE

from . import figures, packing

if TYPE_CHECKING:
    import os
    from pathlib import Path

# Only what stands in the file may run or be shown: the browser itself refuses every request.
POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)

# In this order: each uses what stands before it.
SCRIPTS: Final = ("data.js", "charts.js", "words.js", "views.js", "headline.js", "page.js")
# The words that stand in the page as their places in these lists, and the colours, as on the maps.
WORDS: Final[dict[str, Any]] = {
    "levels": list(LEVELS),
    "hotspots": list(HOTSPOT_CLASSES),
    "changes": list(CHANGE_CLASSES),
    "verdicts": list(figures.VERDICTS),
    "colours": {
        "ramp": list(SEQUENCE),
        # Without the hatching of a printed map, what is average must differ from what can't be told.
        "levels": {**LEVEL_COLOURS, "Near average": "#e6dec6"},
        "hotspots": HOTSPOT_COLOURS,
        "changes": CHANGE_COLOURS,
        "missing": "#ffffff",
        "withheld": "#c9ced4",
    },
}


def fill(content: dict[str, Any], *, title: str, subtitle: str) -> str:
    """Return the whole page as HTML.

    Parameters
    ----------
    content : dict
        What `data.js` reads; numbers packed, text as it is.
    title, subtitle : str
        Text for the head of the page.
    """
    from lsoahot._version import __version__

    vega = _part("vega.js")
    script = "\n".join(_part(name) for name in SCRIPTS)
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(s.encode("utf-8")).digest()).decode() + "'"
        for s in (vega, script)
    ]
    return Template(_part("page.html")).substitute(
        policy=POLICY.format(scripts=" ".join(hashes)),
        title=html.escape(title),
        subtitle=html.escape(subtitle),
        version=__version__,
        css=_part("page.css"),
        data=packing.safe_json(content),
        vega=vega,
        script=script,
    )


def write(text: str, path: str | os.PathLike[str]) -> Path:
    """Write a file whole or not at all.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    """
    target = checks.file_to_write(path)
    with replacing(target) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return target


def frame(text: str) -> str:
    """Return the page inside a frame, as a notebook shows it."""
    return (
        f'<iframe srcdoc="{html.escape(text)}" title="lsoahot dashboard" '
        'style="width:100%;height:900px;border:1px solid #d5dbe1" sandbox="allow-scripts">'
        "</iframe>"
    )


def _part(name: str) -> str:
    """Read one of the files that the page is made of."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8").strip()
