"""Files into a folder: all of them or none, whatever happens on the way.

A folder that isn't there yet is made beside its place and renamed. Into a folder that is there,
file after file is moved, because a folder that is open in a window, is somebody's current one, or is
mounted can't be renamed. Everything moved is kept until the last has arrived, so that each step
can be undone: at once where a step fails, or by the next run where the machine stopped. ::

    out/.lsoahot-run/lock        held while a run is alive, let go by the system if it dies
    out/.lsoahot-run/new/...     the files to come, the manifest last
    out/.lsoahot-run/old/...     the files of the run before, from the moment they are moved
    out/.lsoahot-run/edited/...  those of them that somebody has changed since

The manifest is the first to leave and the last to come: a folder with one is whole.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import sys
import time
import warnings
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from lsoahot.common import checks
from lsoahot.common.files import refuse_long

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MANIFEST: Final = "manifest.json"
WORK: Final = ".lsoahot-run"
# A virus scanner or an indexer holds a new file for a moment: seconds to wait before giving up.
WAITS: Final = (0.1, 0.3, 0.6)
_NOT_FINAL: Final = 10  # letters that `files.replacing` adds while it writes


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read bit by bit."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write to; when the block ends, its files stand in ``folder``.

    The block must write a manifest. The files of the run before that are not made any more go; what
    anybody else put there stays. If the block or a step after it fails, ``folder`` is as it was.
    """
    folder = folder.resolve()
    missing = [parent for parent in folder.parents if not parent.exists()]
    folder.parent.mkdir(parents=True, exist_ok=True)
    kept: list[str] = []
    try:
        there = folder.is_dir()
        with _working(folder) as work:
            new = work / "new"
            new.mkdir()
            yield new
            refuse(folder, names(new))
            if there:
                kept = _swap(folder, work)
            else:
                _move(new, folder)
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        raise OSError(
            errno.ENOSPC,
            f"the disk that {folder} is on is full. The folder is as it was. Make room, or write "
            "to another disk",
        ) from problem
    finally:
        for parent in missing:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
    for notes in kept:
        warnings.warn(notes, UserWarning, stacklevel=3)


def refuse(folder: Path, coming: Iterable[str] = ()) -> None:
    """Refuse a folder that can't be written to, or where somebody's own files are in the way.

    Raises
    ------
    NotADirectoryError
        If a file has the folder's name.
    FileExistsError
        If a file would be overwritten that no run has made.
    PermissionError
        If a file of the run before is open in another program.
    OSError
        If a path would be longer than Windows allows.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file. Give the name of a folder, or move it away.")
    coming = list(coming)
    for name in coming:
        # As it is written: in the folder of a run, under a name that is not yet final.
        refuse_long(folder.absolute() / WORK / "new" / f"{name}{'-' * _NOT_FINAL}")
    ours = outputs(folder)
    result = (_in_the_way(folder, name) for name in coming if name not in ours)
    foreign = list(dict.fromkeys(filter(None, result)))
    if foreign:
        raise FileExistsError(
            f"{folder} holds {checks.shown(foreign)}, which no run has made that its "
            f"{MANIFEST} tells of, and which this run would overwrite. Move it away, or give "
            "another folder."
        )
    for name in ours:
        path = folder / name
        if path.is_file():
            try:
                with path.open("r+b"):
                    pass
            except PermissionError as problem:
                raise PermissionError(_held_message(path)) from problem


def outputs(folder: Path) -> dict[str, str]:
    """Return the files that the last run put into a folder, with their SHA-256."""
    path = folder / MANIFEST
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
        result = {str(one["path"]): str(one["sha256"]) for one in notes["outputs"]}
        text = str(notes["lsoahot"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}
    inside = {name: mark for name, mark in result.items() if _inside(name)}
    return {**inside, MANIFEST: ""} if text else {}


def names(folder: Path) -> list[str]:
    """List the files in a folder by their paths in it, with "/", the manifest last."""
    result = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return sorted(result, key=lambda name: (name == MANIFEST, name))


def recover(folder: Path) -> None:
    """Put right a folder in which a run was cut while it moved its files."""
    folder = folder.resolve()
    for work in _places(folder):
        if work.is_dir() and not work.is_symlink():
            with _locked(work):
                _put_right(folder, work)


def is_cut(folder: Path) -> bool:
    """Tell whether a run was cut while it moved its files into a folder."""
    return (folder / WORK / "old").is_dir()


# --- the workplace --------------------------------------------------------------------------------


def _places(folder: Path) -> tuple[Path, Path]:
    """Return where a run works: in a folder that is there, or beside one that is not yet."""
    return folder / WORK, folder.with_name(f".{folder.name}{WORK}")


@contextmanager
def _working(folder: Path) -> Iterator[Path]:
    """Give a place to work in, on the folder's own disk, and clear it away."""
    for place in _places(folder):
        if place.is_symlink():
            raise FileExistsError(
                f"{place} is a link to another place, and a run would write there. Find out who put it "
                "there, and remove it."
            )
    recover(folder)
    inside, beside = _places(folder)
    work = inside if folder.is_dir() else beside
    work.mkdir(exist_ok=True)
    with _locked(work):
        try:
            yield work
        finally:
            with suppress(OSError):  # what could not be undone is kept for the next run
                _put_right(folder, work)


@contextmanager
def _locked(work: Path) -> Iterator[None]:
    """Hold a workplace, so that two runs can't fill one folder at once; clear it if it is empty."""
    lock = work / "lock"
    with lock.open("ab") as file:
        if not _lock(file):
            raise BlockingIOError(
                f"another run is writing to {work.parent}. Wait until it has finished, or give "
                "another folder."
            )
        try:
            yield
        finally:
            file.close()  # Windows removes no file that is open
            if names(work) == ["lock"]:
                shutil.rmtree(work, ignore_errors=True)


def _lock(file: IO[bytes]) -> bool:
    """Lock a file if nobody has; the system lets it go when the process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:  # a disk that knows no locks lets everybody in
        return problem.errno not in {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
    return True


def _put_right(folder: Path, work: Path) -> None:
    """Finish or undo a swap that was cut, and clear the workplace but for the lock."""
    if (work / "old").is_dir():
        (_undo if (work / "new" / MANIFEST).is_file() else _settle)(folder, work)
    for name in ("new", "edited", "old"):
        shutil.rmtree(work / name, ignore_errors=True)


# --- moving ---------------------------------------------------------------------------------------


def _swap(folder: Path, work: Path) -> list[str]:
    """Move the old files out and the new ones in, or undo it; tell of files that were changed."""
    before = outputs(folder)
    there = [
        name
        for name in sorted(before, key=lambda name: (name != MANIFEST, name))
        if (folder / name).is_file()
    ]
    changed = {name for name in there if before[name] not in {"", sha256(folder / name)}}
    coming = names(work / "new")
    (work / "old").mkdir()
    try:
        for name in there:
            _move(folder / name, work / ("edited" if name in changed else "old") / name)
        for name in coming:
            _move(work / "new" / name, folder / name)
    except BaseException as problem:
        try:
            _put_right(folder, work)
        except OSError as another:
            raise OSError(
                f"{problem} That could not be undone ({another}), so that the files of the run "
                f"before are in {work / 'old'} now. Run again: that puts the folder right first."
            ) from problem
        raise
    return _settle(folder, work)


def _undo(folder: Path, work: Path) -> None:
    """Move the new files out and the old ones back, from wherever the swap had come to."""
    new = work / "new"
    coming = outputs(new)
    for name in coming:
        if not (new / name).exists() and (folder / name).is_file():
            _move(folder / name, new / name)
    for kept in (work / "edited", work / "old"):
        for name in names(kept):
            _move(kept / name, folder / name)
    _tidy(folder, coming)
    shutil.rmtree(work / "old")


def _settle(folder: Path, work: Path) -> list[str]:
    """Put the files that somebody had changed beside the new ones, and forget the old."""
    notes = []
    for name in names(work / "edited"):
        place = _free(folder / name)
        _move(work / "edited" / name, place)
        notes.append(
            f"{name} had been changed since lsoahot wrote it. It is kept as "
            f"{place.relative_to(folder).as_posix()}, beside the new one."
        )
    _tidy(folder, names(work / "old"))
    shutil.rmtree(work / "old")
    return notes


def _move(source: Path, target: Path) -> None:
    """Rename a file or a folder, with some patience for those who hold it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for wait in (*WAITS, None):
        try:
            source.replace(target)
        except PermissionError as problem:
            if wait is None:
                raise PermissionError(_held_message(source)) from problem
            time.sleep(wait)
        else:
            return


def _free(path: Path) -> Path:
    """Find a name for a file that somebody changed: "report-edited.docx", "...-edited-2.docx"."""
    ends = chain([""], (f"-{number}" for number in count(2)))
    places = (path.with_name(f"{path.stem}-edited{end}{path.suffix}") for end in ends)
    return next(place for place in places if not place.exists())


def _tidy(folder: Path, files: Iterable[str]) -> None:
    """Remove the folders that some files were in, where they are empty now."""
    inside = {parent for name in files for parent in Path(name).parents} - {Path()}
    for one in sorted(inside, reverse=True):
        place = folder / one
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()


def _in_the_way(folder: Path, name: str) -> str:
    """Return what stands where a file is to go: something of its name, or a file as its folder."""
    path = Path(name)
    above = [parent for parent in path.parents if (folder / parent).is_file()]
    if above:
        return above[0].as_posix()
    return name if (folder / name).exists() else ""


def _inside(name: str) -> bool:
    """Tell whether a path that a manifest names stays in its folder."""
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts and not path.drive


def _held_message(path: Path) -> str:
    return (
        f"{path} can't be replaced: it is open in another program, or write-protected. The folder "
        f"is as it was. Close {path.name} (in Excel, Word or the PDF reader), and run again."
    )
