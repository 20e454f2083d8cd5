"""Which files a source stands for: a path, a folder, a pattern, a zip, or a list of them."""

from __future__ import annotations

import glob
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from lsoahot.common.checks import shown
from lsoahot.common.files import expanded

from .packed import PACKED, File, on_disk, unpacked

# What the readers understand.
SUFFIXES: Final = (
    ".csv", ".txt", ".tsv", ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".parquet", ".json",
    ".geojson", ".gpkg",
)  # fmt: skip

_HEADER: Final = 16 * 1024  # bytes, more than a header has

_STREET: Final = re.compile(r"\d{4}-\d{2}-[a-z0-9-]+-street\.csv", re.IGNORECASE)

_POLICE: Final = re.compile(r"-(street|outcomes|stop-and-search)\.csv$", re.IGNORECASE)


# Kinds of files that hold no records, or lie beside one that does; any other is reported.
_NO_DATA: Final = frozenset({
    ".pdf", ".doc", ".docx", ".rtf", ".md", ".ppt", ".pptx", ".msg", ".eml", ".png", ".jpg", ".jpeg",
    ".gif", ".svg", ".tif", ".tiff", ".css", ".js", ".url", ".lnk", ".ini", ".log", ".toml", ".yml",
    ".yaml", ".py", ".r", ".ipynb", ".qgz", ".qgs", ".qml", ".qmd", ".sld", ".lyr", ".lyrx", ".prj",
    ".shx", ".cpg", ".sbn", ".sbx", ".qix", ".sha256", ".md5", ".crc",
})  # fmt: skip
_NO_DATA_NAMES: Final = re.compile(
    r"(?i)(?:readme|licen[cs]e|copying|notice|changelog|makefile|thumbs\.db).*"
)


class Sources(NamedTuple):
    """The files to read, those that are passed over and why, and what is to be reported of these."""

    files: list[File]
    passed_over: dict[str, str]
    warnings: list[str]


def find(source: object) -> Sources:
    """List the files of a source, and the ones that are passed over, with the reason.

    Raises
    ------
    FileNotFoundError
        Where there is nothing under that name.
    ValueError
        Where a zip is broken, encrypted, or unpacks to an unreasonable size, or where one month of
        one force stands in the source twice with different contents.
    """
    every = list(_expand(source))
    streets = [file for file in every if _STREET.fullmatch(_base(file.name))]
    # In an archive of data.police.uk outcomes and stop-and-search lie beside the street files.
    readable = [file for file in every if _suffix(file.name) in SUFFIXES]
    chosen, copies = _without_copies(_one_a_month(streets) if streets else readable)
    why = {file.name: _reason(file.name, streets=bool(streets)) for file in every}
    why |= dict.fromkeys((file.name for file in streets), "the same month of the same force again")
    why |= copies
    taken = {id(file) for file in chosen}
    passed = {file.name: why[file.name] for file in every if id(file) not in taken}
    if not chosen:
        title = str(source) if isinstance(source, (str, Path)) else "the list of sources"
        raise ValueError(
            f"{title} holds nothing that can be read: {shown(passed) or 'it is empty'}. "
            f"Give it files that end in {', '.join(SUFFIXES)}, or a zip of them."
        )
    warnings = [
        f"{name} is {reason}, and was read once. Take one of them out of the source."
        for name, reason in copies.items()
    ]
    beside = [file.name for file in readable if streets and not _POLICE.search(_base(file.name))]
    if beside:
        warnings.append(
            f"{len(beside):,} files beside the street files of data.police.uk were not read: "
            f"{shown(beside)}. Read them on their own."
        )
    if packed := [file.name for file in every if _suffix(file.name) in PACKED]:
        warnings.append(
            f"{len(packed):,} files are packed in a way that is not read: {shown(packed)}. Unpack "
            "them, and give the folder."
        )
    if others := [file.name for file in every if _may_hold_data(file.name)]:
        warnings.append(
            f"{len(others):,} files may hold data, and their kind is not read: {shown(others)}. Save "
            "them as CSV (a file without an ending: give it one), or take them out of the source."
        )
    return Sources(chosen, passed, warnings)


def _may_hold_data(name: str) -> bool:
    """Tell whether a file that is not read may hold records, by its name."""
    known = {*SUFFIXES, *PACKED, *_NO_DATA}
    return _suffix(name) not in known and not _NO_DATA_NAMES.fullmatch(_base(name))


def _reason(name: str, *, streets: bool) -> str:
    """Say why a file is passed over."""
    if police := _POLICE.search(_base(name)):
        return f"it holds {police[1].replace('-', ' ')}, no records of crimes"
    if _suffix(name) in SUFFIXES and streets:
        return "it is no street file of data.police.uk, and lies beside some"
    ending = _suffix(name)
    return f"files that end in {ending!r} are not read" if ending else "it has no ending"


def _without_copies(files: list[File]) -> tuple[list[File], dict[str, str]]:
    """Keep one of files that are the same byte by byte, and have a row; name the others."""
    sizes = Counter(file.size for file in files)
    kept: list[File] = []
    first: dict[str, str] = {}
    copies: dict[str, str] = {}
    for file in files:
        if sizes[file.size] > 1 and _has_rows(file):
            mark = file.sha256()
            if mark in first:
                copies[file.name] = f"the same as {first[mark]}, byte by byte"
                continue
            first[mark] = file.name
        kept.append(file)
    return kept, copies


def _has_rows(file: File) -> bool:
    """Tell whether a file has more than a header: those without a row may well be alike."""
    with file.open() as stream:
        start = stream.read(_HEADER)
    return len(start) == _HEADER or len(start.strip().splitlines()) > 1


def _expand(source: object) -> Iterator[File]:
    if isinstance(source, (str, Path)):
        yield from _path(str(source))
    elif isinstance(source, Iterable):
        paths = list(source)
        if not paths:
            raise ValueError("the list of sources is empty. Give at least one file.")
        for path in paths:
            if not isinstance(path, (str, Path)):
                raise TypeError(
                    f"a source is a path, not {type(path).__name__}. Give paths as text."
                )
            yield from _path(str(path))
    else:
        raise TypeError(
            f"source is a {type(source).__name__}. Give a path, a folder, a pattern such as "
            "'*.csv', a zip, a list of them, 'sample' or a table."
        )


def _path(text: str) -> Iterator[File]:
    path = expanded(text)
    if path.is_dir():
        names = sorted(file.relative_to(path) for file in path.rglob("*") if file.is_file())
        names = [name for name in names if not any(p.startswith((".", "~$")) for p in name.parts)]
        if not names:
            raise ValueError(
                f"the folder {text} is empty. Put the files there, or name another folder."
            )
        for name in names:
            yield from _one(path / name, str(name))
    elif path.is_file():
        yield from _one(path, path.name)
    elif glob.has_magic(text):
        root = Path(path.anchor or ".")
        matches = sorted(root.glob(str(path.relative_to(path.anchor))))
        if not matches:
            raise FileNotFoundError(
                f"no file matches {text}. Check the folder ({Path.cwd()}) and the pattern."
            )
        for match in matches:
            if match.is_file():
                yield from _one(match, match.name)
    else:
        near = path.parent if path.parent.is_dir() else Path.cwd()
        there = sorted(result.name for result in near.iterdir() if not result.name.startswith("."))
        raise FileNotFoundError(
            f"there is no {text}. {near.resolve()} holds {shown(there, 8) or 'nothing'}."
        )


def _one(path: Path, name: str) -> Iterator[File]:
    # A zip goes by its own name, wherever it stands.
    return unpacked(on_disk(path, path.name if path.suffix.lower() == ".zip" else name))


def _one_a_month(streets: list[File]) -> list[File]:
    """Keep one of each month and force: overlapping archives must not count a crime twice."""
    kept: dict[str, File] = {}
    for file in streets:
        key = _base(file.name).lower()
        if key not in kept:
            kept[key] = file
        elif kept[key].sha256() != file.sha256():
            raise ValueError(
                f"{_base(file.name)} stands in the source twice, with different contents: "
                f"{kept[key].name} and {file.name}. Keep the one from the later archive: "
                "data.police.uk revises its files."
            )
    return list(kept.values())


def _base(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def _suffix(name: str) -> str:
    return PurePosixPath(_base(name)).suffix.lower()
