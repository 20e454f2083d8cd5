"""What a run keeps to itself, in a file beside its settings that is not to be published.

A digest of a file of small counts is as good as the file: whoever tries all tables of small counts
has the right one as soon as the digests agree. So such sources are marked with a digest that takes a
key (HMAC, RFC 2104). The key is made once, at random, so that the same run makes the same manifest.
Places that can't be told from the settings (another drive) are here as well.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from pathlib import Path
from typing import Final, NamedTuple

from lsoahot.common.files import expanded, replacing

from .paths import PACKAGE, resolved

SUFFIX: Final = ".key"
WHAT: Final = "Do not publish: with this file, small counts can be worked out from manifest.json."


class Private(NamedTuple):
    """A key, and the places that the manifest has no words for."""

    key: str
    places: dict[str, str]

    def digest(self, sha256: str) -> str:
        """Mark a file, by the digest of its content, so that only who has the key can."""
        return hmac.new(bytes.fromhex(self.key), sha256.encode(), hashlib.sha256).hexdigest()


def path_of(settings: object) -> Path | None:
    """Return the place of the private file of some settings; None where there is no file of them.

    Beside a settings file; of a manifest, where the run was that made it.

    Examples
    --------
    >>> path_of(Path("work", "rutland.toml")).as_posix()
    'work/rutland.key'
    >>> path_of({"title": "Rutland"}) is None
    True
    """
    if not isinstance(settings, (str, Path)):
        return None
    path = expanded(settings)
    if path.suffix.lower() == ".json":
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        name = Path(str(content.get("private") or "")).name if isinstance(content, dict) else ""
        return resolved(str(content["folder_of_settings"]), path.parent) / name if name else None
    if path.absolute().is_relative_to(PACKAGE):
        return None
    return path.with_suffix(SUFFIX)


def read(path: Path | None) -> Private | None:
    """Read a private file; None where there is none, or what is there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8")) if path is not None else {}
        key, places = content["key"], content["places"]
        return Private(bytes.fromhex(key).hex(), {str(k): str(v) for k, v in places.items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def make(path: Path | None, places: dict[str, str]) -> Private | None:
    """Return the private file's content, written where it is new; None where it can't be kept."""
    if path is None:
        return None
    there = read(path)
    if there is None and path.exists():
        return None  # somebody's own file: never overwritten
    key = there.key if there else secrets.token_hex(32)
    private = Private(key, {**(there.places if there else {}), **places})
    if private != there:
        text = json.dumps({"what": WHAT, **private._asdict()}, indent=2, ensure_ascii=False)
        try:
            with replacing(path) as part:
                part.write_text(f"{text}\n", encoding="utf-8", newline="\n")
        except OSError:
            return None
    return private
