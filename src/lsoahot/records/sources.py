"""Which files a source stands for: a path, a folder, a pattern, a zip, or a list of them."""

from __future__ import annotations

import glob
import hashlib
import re
import shutil
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, NamedTuple, cast

from lsoahot.common.checks import shown

# What the readers understand.
SUFFIXES: Final = (
    ".csv",
    ".txt",
    ".tsv",
    ".xlsx",
    ".xls",
    ".xlsm",
    ".xlsb",
    ".ods",
    ".parquet",
    ".json",
    ".geojson",
    ".gpkg",
)

# An archive that unpacks to more than this is no partner's data: real CSV shrinks five- to tenfold,
# and three years of every force are some five gigabytes.
MOST_ARCHIVE: Final = 16 * 1024**3
MOST_BYTES: Final = 4 * 1024**3  # of a single file
MOST_RATIO: Final = 200
SMALL: Final = 16 * 1024**2  # below this a high ratio is harmless
MOST_FILES: Final = 20_000
_HEADER: Final = 16 * 1024  # bytes, more than a header has

_STREET: Final = re.compile(r"\d{4}-\d{2}-[a-z0-9-]+-street\.csv", re.IGNORECASE)

_POLICE: Final = re.compile(r"-(street|outcomes|stop-and-search)\.csv$", re.IGNORECASE)


class File(NamedTuple):
    """A file to read, on disk or in a zip."""

    name: str
    open: Callable[[], BinaryIO]
    path: Path | None = None  # on disk: the file itself, or the zip
    size: int = 0  # bytes, unpacked

    def data(self) -> bytes:
        """Read the whole file; a broken member of a zip is refused, and named."""
        with self.open() as stream:
            return stream.read()


class Sources(NamedTuple):
    """The files to read, those that are passed over and why, and what is to be told of these."""

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
    chosen, copies = _without_copies(_once(streets) if streets else readable)
    why = {file.name: _reason(file.name, streets=bool(streets)) for file in every}
    why |= dict.fromkeys((file.name for file in streets), "the same month of the same force again")
    why |= copies
    taken = {id(file) for file in chosen}
    passed = {file.name: why[file.name] for file in every if id(file) not in taken}
    if not chosen:
        raise ValueError(
            f"{_title(source)} holds nothing that can be read: {shown(passed) or 'it is empty'}. "
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
    return Sources(chosen, passed, warnings)


def _reason(name: str, *, streets: bool) -> str:
    """Say why a file is passed over."""
    if police := _POLICE.search(_base(name)):
        return f"it holds {police[1].replace('-', ' ')}, no records of crimes"
    if _suffix(name) in SUFFIXES and streets:
        return "it is no street file of data.police.uk, and lies beside some"
    return f"files that end in {_suffix(name) or 'nothing'!r} are not read"


def _without_copies(files: list[File]) -> tuple[list[File], dict[str, str]]:
    """Keep one of files that are the same byte by byte, and have a row; name the others."""
    sizes = Counter(file.size for file in files)
    kept: list[File] = []
    first: dict[bytes, str] = {}
    copies: dict[str, str] = {}
    for file in files:
        if sizes[file.size] > 1 and _has_rows(file):
            mark = _digest(file)
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
            "'*.csv', a zip, "
            "a list of them, 'sample' or a table."
        )


def _path(text: str) -> Iterator[File]:
    path = Path(text).expanduser()
    if path.is_dir():
        inside = sorted(
            result for result in path.rglob("*") if result.is_file() and not _hidden(result, path)
        )
        if not inside:
            raise ValueError(
                f"the folder {text} is empty. Put the files there, or name another folder."
            )
        for result in inside:
            yield from _one(result, str(result.relative_to(path)))
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
    if path.suffix.lower() == ".zip":
        yield from _members(path)
    else:
        yield on_disk(path, name)


def on_disk(path: Path, name: str | None = None) -> File:
    """Return a file on disk, whatever its ending."""
    return File(name or path.name, lambda: path.open("rb"), path, path.stat().st_size)


def _members(path: Path) -> Iterator[File]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        raise ValueError(
            f"{path.name} is not a whole zip file ({error}). Download it again."
        ) from error
    check_sizes(infos, path.name, most=MOST_ARCHIVE)
    if not infos:
        raise ValueError(f"{path.name} is an empty zip. Download it again.")
    for info in infos:
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        if (
            ".." in parts
            or info.filename.startswith(("/", "\\"))
            or re.match(r"[A-Za-z]:", info.filename)
        ):
            raise ValueError(
                f"{path.name} holds a path that leads out of it: {info.filename!r}. "
                "No honest archive does: find out where it comes from."
            )
        if info.flag_bits & 0x1:
            raise ValueError(
                f"{path.name} is encrypted ({info.filename}). Unpack it with its password, and "
                "give the folder."
            )
        if parts[0] != "__MACOSX" and not parts[-1].startswith("."):
            name = f"{path.name}/{info.filename}"
            yield File(name, partial(_member, path, info), path, info.file_size)


def check_sizes(infos: list[zipfile.ZipInfo], name: str, *, most: int = MOST_BYTES) -> None:
    """Refuse a zip bomb, before any of it is unpacked."""
    total = sum(info.file_size for info in infos)
    large = any(info.file_size > MOST_BYTES for info in infos)
    bombs = [
        info
        for info in infos
        if info.file_size > SMALL and info.file_size > MOST_RATIO * max(info.compress_size, 1)
    ]
    if total > most or large or bombs or len(infos) > MOST_FILES:
        raise ValueError(
            f"{name} would unpack to {total / 1024**2:,.0f} MB in {len(infos):,} files, which no "
            "such archive needs. If you trust it, unpack it yourself and give the folder."
        )


def unpacked(path: Path, folder: Path) -> None:
    """Unpack a zip into a folder, after the same checks as of one that is read.

    Raises
    ------
    ValueError
        Where the zip is broken, encrypted, leads out of the folder or unpacks to an unreasonable
        size.
    """
    for file in _members(path):
        place = folder / file.name.removeprefix(f"{path.name}/")
        place.parent.mkdir(parents=True, exist_ok=True)
        with file.open() as stream, place.open("wb") as copy:
            shutil.copyfileobj(stream, copy)


class _Member(zipfile.ZipExtFile):
    """A member of a zip that is read as it is unpacked, and says which it is if it is broken.

    Never more comes out than the size that was checked; the checksum is, too. It is opened without
    reading the archive's directory again, which would take longer than a small file.
    """

    def __init__(self, path: Path, info: zipfile.ZipInfo) -> None:
        self._what = f"{info.filename} in {path.name}"
        file = path.open("rb")
        try:
            file.seek(info.header_offset)
            magic, name, extra = struct.unpack("<4s22xHH", file.read(30))
            if magic != b"PK\x03\x04":
                raise zipfile.BadZipFile("it does not begin where the directory says")
            file.seek(name + extra, 1)
            super().__init__(file, "r", info, close_fileobj=True)
        except (*_BROKEN, struct.error) as error:
            file.close()
            raise self._refused(error) from error

    def read(self, n: int | None = -1) -> bytes:
        try:
            return super().read(n)
        except _BROKEN as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> ValueError:
        return ValueError(f"{self._what} is broken ({error}). Download it again.")


_BROKEN: Final = (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, zlib.error)


def _member(path: Path, info: zipfile.ZipInfo) -> BinaryIO:
    return cast("BinaryIO", _Member(path, info))


def _once(streets: list[File]) -> list[File]:
    """Keep one of each month and force: overlapping archives must not count a crime twice."""
    kept: dict[str, File] = {}
    for file in streets:
        key = _base(file.name).lower()
        if key not in kept:
            kept[key] = file
        elif _digest(kept[key]) != _digest(file):
            raise ValueError(
                f"{_base(file.name)} stands in the source twice, with different contents: "
                f"{kept[key].name} and "
                f"{file.name}. Keep the one from the later archive: data.police.uk revises its "
                "files."
            )
    return list(kept.values())


def _digest(file: File) -> bytes:
    with file.open() as stream:
        return hashlib.file_digest(cast("Any", stream), "sha256").digest()


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)


def _base(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def _suffix(name: str) -> str:
    return PurePosixPath(_base(name)).suffix.lower()


def _title(source: object) -> str:
    return str(source) if isinstance(source, (str, Path)) else "the list of sources"
