"""Files in archives: zips, zips in zips, and gzip, read as they are unpacked and never more than that."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import shutil
import struct
import zipfile
import zlib
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# An archive that unpacks to more than this is no partner's data: real CSV shrinks five- to tenfold,
# and three years of every force are some five gigabytes.
MOST_ARCHIVE: Final = 16 * 1024**3
MOST_BYTES: Final = 4 * 1024**3  # of a single file
MOST_RATIO: Final = 200
SMALL: Final = 16 * 1024**2  # below this a high ratio is harmless
MOST_FILES: Final = 20_000
_DEEPEST: Final = 3  # zips in a zip
_CHUNK: Final = 1 << 20

# Archives that are not read.
PACKED: Final = (".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".lz4", ".cab", ".z")
_BROKEN: Final = (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, zlib.error)


class File(NamedTuple):
    """A file to read, on disk or in a zip."""

    name: str
    open: Callable[[], io.BufferedIOBase]
    path: Path | None = None  # on disk: the file itself, or the zip
    size: int = 0  # bytes, unpacked

    def data(self) -> bytes:
        """Read the whole file; a broken member of a zip is refused, and named."""
        with self.open() as stream:
            return stream.read()

    def sha256(self) -> str:
        """Return the SHA-256 of the whole file."""
        with self.open() as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def on_disk(path: Path, name: str | None = None) -> File:
    """Return a file on disk, whatever its ending."""
    return File(name or path.name, lambda: path.open("rb"), path, path.stat().st_size)


def unpacked(file: File, depth: int = 0) -> Iterator[File]:
    """Yield the files in an archive, those in an archive in it, or the file itself.

    Parameters
    ----------
    file
        Any file.
    depth
        How many archives it lies in.

    Raises
    ------
    ValueError
        Where an archive is broken, encrypted, or unpacks to an unreasonable size.
    """
    suffixes = [suffix.lower() for suffix in PurePosixPath(file.name).suffixes[-2:]]
    is_gzip = suffixes[-1:] == [".gz"] and suffixes != [".tar", ".gz"]
    if not is_gzip and suffixes[-1:] != [".zip"]:
        yield file
        return
    if depth > _DEEPEST:
        raise ValueError(
            f"{file.name} lies in {depth} archives, deeper than any delivery. Unpack it, and give the "
            "folder."
        )
    for member in [_gzip_member(file)] if is_gzip else _members(file, nested=depth > 0):
        yield from unpacked(member, depth + 1)


def _members(file: File, *, nested: bool) -> Iterator[File]:
    blob = file.data() if nested else b""
    opened = partial(io.BytesIO, blob) if nested else file.open
    base = file.name if nested else PurePosixPath(file.name).name
    try:
        with opened() as stream, zipfile.ZipFile(stream) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        raise ValueError(f"{base} is not a whole zip file ({error}). Download it again.") from error
    check_sizes(infos, base, most=MOST_ARCHIVE)
    if not infos:
        raise ValueError(f"{base} is an empty zip. Download it again.")
    for info in infos:
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        if ".." in parts or re.match(r"[/\\]|[A-Za-z]:", info.filename):
            raise ValueError(
                f"{base} holds a path that leads out of it: {info.filename!r}. "
                "No honest archive does: find out where it comes from."
            )
        if info.flag_bits & 0x1:
            raise ValueError(
                f"{base} is encrypted ({info.filename}). Unpack it with its password, and "
                "give the folder."
            )
        if parts[0] != "__MACOSX" and not parts[-1].startswith("."):
            member = partial(_Member, opened, f"{info.filename} in {base}", info)
            yield File(f"{base}/{info.filename}", member, file.path, info.file_size)


def unpack_into(path: Path, folder: Path) -> None:
    """Unpack a zip into a folder, after the same checks as of one that is read.

    Raises
    ------
    ValueError
        Where the zip is broken, encrypted, leads out of the folder or unpacks to an unreasonable
        size.
    """
    for file in _members(on_disk(path), nested=False):
        place = folder / file.name.removeprefix(f"{path.name}/")
        place.parent.mkdir(parents=True, exist_ok=True)
        with file.open() as stream, place.open("wb") as copy:
            shutil.copyfileobj(stream, copy)


def check_sizes(infos: list[zipfile.ZipInfo], name: str, *, most: int = MOST_BYTES) -> None:
    """Refuse a zip bomb, before any of it is unpacked."""
    total = sum(info.file_size for info in infos)
    large = any(info.file_size > MOST_BYTES for info in infos)
    bombs = [info for info in infos if _is_bomb(info.file_size, info.compress_size)]
    if total > most or large or bombs or len(infos) > MOST_FILES:
        raise ValueError(
            f"{name} would unpack to {total / 1024**2:,.0f} MB in {len(infos):,} files, which no "
            "such archive needs. If you trust it, unpack it yourself and give the folder."
        )


def _is_bomb(size: int, packed: int) -> bool:
    return size > SMALL and size > MOST_RATIO * max(packed, 1)


class _Member(zipfile.ZipExtFile):
    """A member of a zip that is read as it is unpacked, and says which it is if it is broken.

    Never more comes out than the size that was checked; the checksum is, too. It is opened without
    reading the archive's directory again, which would take longer than a small file.
    """

    def __init__(
        self, opened: Callable[[], io.BufferedIOBase], what: str, info: zipfile.ZipInfo
    ) -> None:
        self._what = what
        file = opened()
        try:
            file.seek(info.header_offset)
            magic, name, extra = struct.unpack("<4s22xHH", file.read(30))
            if magic != b"PK\x03\x04":
                raise zipfile.BadZipFile("it does not begin where the directory says")
            file.seek(name + extra, 1)
            super().__init__(file, "r", info, close_fileobj=True)
        except (*_BROKEN, struct.error) as error:
            file.close()
            raise _broken(what, error) from error

    def read(self, n: int | None = -1) -> bytes:
        try:
            return super().read(n)
        except _BROKEN as error:
            raise _broken(self._what, error) from error


def _broken(what: str, error: Exception) -> ValueError:
    return ValueError(f"{what} is broken ({error}). Download it again.")


def _gzip_member(file: File) -> File:
    """Return the file in a gzip; what it says of its size is not believed before it was read."""
    with file.open() as stream:
        if stream.seekable():
            stream.seek(max(file.size - 4, 0))
        size = int.from_bytes(stream.read()[-4:], "little")
    name = f"{file.name}/{PurePosixPath(file.name).stem}"
    return File(name, partial(_GzipFile, file), file.path, size)


class _GzipFile(gzip.GzipFile):
    """A gzip that says which it is if it is broken, and gives no more than is reasonable."""

    def __init__(self, file: File) -> None:
        self._file, self._given = file, 0
        self._stream = file.open()
        super().__init__(fileobj=self._stream, mode="rb")

    def read(self, size: int | None = -1) -> bytes:
        left = -1 if size is None else size
        parts = []
        while left:
            try:
                part = super().read(_CHUNK if left < 0 else min(left, _CHUNK))
            except _BROKEN as error:
                raise _broken(self._file.name, error) from error
            if not part:
                break
            parts.append(part)
            self._given += len(part)
            if self._given > MOST_BYTES or _is_bomb(self._given, self._file.size):
                raise ValueError(
                    f"{self._file.name} would unpack to {self._given / 1024**2:,.0f} MB or more, which "
                    "no such file needs. If you trust it, unpack it yourself and give the file."
                )
            left -= len(part) if left > 0 else 0
        return b"".join(parts)

    def close(self) -> None:
        super().close()
        self._stream.close()
