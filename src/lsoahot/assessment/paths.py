"""How paths are named in files that others read.

They are told from the folder of the settings, as their author wrote them; below the home folder with
"~"; those of the packaged sample and of the cache by where these are; those of another drive by the
name of the file only. So no name of a user or a server is reported, and a project that is moved or shared
still finds its files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from lsoahot.boundaries import cache
from lsoahot.common.files import expanded

PACKAGE: Final = Path(__file__).parents[1]
CACHE: Final = "<cache>"
ELSEWHERE: Final = "<elsewhere>"


def absolute(path: str | Path) -> Path:
    """Return a path from the root, links and all, without "..".

    Examples
    --------
    >>> absolute("/data/2025/../crime.csv").as_posix()[-15:]
    '/data/crime.csv'
    """
    return Path(os.path.normpath(expanded(path).absolute()))  # resolve() follows links


def portable(path: Path, base: Path) -> str:
    """Name a path as others can read it.

    Examples
    --------
    >>> portable(Path("/srv/2025/data/crime.csv"), Path("/srv/2025"))
    'data/crime.csv'
    >>> portable(PACKAGE / "sample" / "fires.parquet", Path("/srv/2025"))
    '<lsoahot>/sample/fires.parquet'
    """
    for name, place in _places():
        if path.is_relative_to(place):
            return f"{name}/{path.relative_to(place).as_posix()}"
    home = Path.home()
    if path.drive == base.drive:
        shared = Path(os.path.commonpath([path, base]))
        # Down from a folder of theirs; not from the root, nor from where the homes are.
        if shared == home or not (home.is_relative_to(shared) or shared == Path(shared.anchor)):
            return Path(os.path.relpath(path, base)).as_posix()
    if path.is_relative_to(home):
        return f"~/{path.relative_to(home).as_posix()}"
    if path.drive == base.drive:
        return Path(os.path.relpath(path, base)).as_posix()
    return f"{ELSEWHERE}/{path.name}"


def resolved(name: str, base: Path) -> Path:
    """Return the path that a name stands for."""
    for mark, place in _places():
        if name.startswith(f"{mark}/"):
            return place / name.removeprefix(f"{mark}/")
    return base / expanded(name)


def _places() -> list[tuple[str, Path]]:
    """Return the places that are the same for everybody, by the names they are told under."""
    return [("<lsoahot>", PACKAGE), (CACHE, absolute(cache.folder()))]
