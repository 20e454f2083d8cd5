"""Tables to files that a spreadsheet can open safely, whole or not at all."""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
import secrets
import unicodedata
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

# A cell that begins so is a formula to a spreadsheet; a name in the data may be one on purpose.
FORMULAS: Final = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")

WINDOWS: Final = os.name == "nt"
LONGEST: Final = 259  # letters of a path: Windows' 260 count the end mark
SHOWN: Final = 200  # letters of a path in a message
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # the time of every part of a zip, which has to have one
# Names that Windows keeps for devices.
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def escape(cell: object) -> object:
    """Put an apostrophe before text that a spreadsheet would take for a formula.

    Line breaks become spaces: half of the programs that read CSV take them for the end of a row.

    Examples
    --------
    >>> escape("=HYPERLINK(1)"), escape("Oakham"), escape(-3)
    ("'=HYPERLINK(1)", 'Oakham', -3)
    """
    if not isinstance(cell, str):
        return cell
    line = re.sub(r"[\r\n]+", " ", cell)
    return f"'{line}" if cell.startswith(FORMULAS) else line


def escaped(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose text cells, headers and index are no formulas; numbers stay numbers.

    Examples
    --------
    >>> escaped(pd.DataFrame({"=a": ["+44", "b"], "n": [-1, 2]})).to_dict("list")
    {"'=a": ["'+44", 'b'], 'n': [-1, 2]}
    """
    safe = table.copy()
    for i, dtype in enumerate(table.dtypes):
        if isinstance(dtype, pd.CategoricalDtype):
            words = {word: escape(word) for word in dtype.categories}
            column = table.iloc[:, i].cat.rename_categories(words)
        elif isinstance(dtype, pd.StringDtype):  # words repeat: each is looked at once
            places, texts = pd.factorize(table.iloc[:, i])
            same = np.array([*map(escape, texts), None], dtype=object)
            column = pd.Series(same[places], table.index, dtype=dtype)
        elif pd.api.types.is_object_dtype(dtype):
            column = table.iloc[:, i].map(escape, na_action="ignore")
        else:
            continue
        safe.isetitem(i, column)  # type: ignore[arg-type]  # the stubs know single values only
    safe.columns = table.columns.map(escape)
    if not isinstance(table.index, pd.MultiIndex) and table.index.dtype.kind not in "iufbM":
        safe.index = table.index.map(escape)
    return safe


def write_csv(table: pd.DataFrame, path: Path | str, *, index: bool = False) -> Path:
    """Write a table as CSV: formulas escaped, beside its place first, then moved there.

    Parameters
    ----------
    table
        Any table without shapes.
    path
        The file; its folder is made where it is missing.
    index
        Whether the index is written as the first column.

    Returns
    -------
    pathlib.Path
        The file. It is there whole or, where writing failed, as it was before.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part:
        escaped(table).to_csv(part, index=index, encoding="utf-8", lineterminator="\n")
    return path


def expanded(path: str | os.PathLike[str]) -> Path:
    """Return a path with ``~`` written out.

    Raises
    ------
    ValueError
        If the path is empty text, which would be the current folder, or nobody of that name has a
        home here.

    Examples
    --------
    >>> expanded("data/crime.csv").as_posix()
    'data/crime.csv'
    """
    if isinstance(path, str) and not path.strip():
        raise ValueError(f"the path {path!r} is empty. Name a file, or a folder: '.' is this one.")
    try:
        return Path(path).expanduser()
    except RuntimeError as problem:
        raise ValueError(
            f"{str(path)[:100]!r} begins with '~', and nobody of that name has a home folder here. "
            "Write the path out."
        ) from problem


def explained(problem: OSError) -> str:
    """Say what the system refused, and what to do; an error with words of its own keeps them.

    Examples
    --------
    >>> explained(PermissionError(13, "Permission denied", "/srv/out/a.csv"))
    '/srv/out/a.csv: Permission denied. Check the path and your rights to it, or give another.'
    >>> explained(OSError("the disk is full. Make room."))
    'the disk is full. Make room.'
    """
    if problem.errno is None or problem.filename is None:
        return str(problem)
    name = str(problem.filename)
    name = name if len(name) <= SHOWN else f"{name[:40]}...{name[-40:]}"
    return f"{name}: {problem.strerror}. Check the path and your rights to it, or give another."


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path beside a file's place to write to; move it there once all is written.

    The file is there whole or, where writing failed, as it was before.
    """
    part = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    refuse_long(part)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def refuse_long(path: Path) -> None:
    """Refuse a path that Windows, or a program there, can't open.

    Raises
    ------
    OSError
        If it has more letters than Windows allows; elsewhere paths may be longer.
    """
    letters = len(str(path.absolute()))
    if WINDOWS and letters > LONGEST:
        raise OSError(
            errno.ENAMETOOLONG,
            f"the path {path.absolute()} has {letters} letters, and Windows opens paths of up to "
            f"{LONGEST}. Nothing was written. Give a folder nearer to the root, or shorter names",
        )


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, at whatever moment the process is killed.

    Where the system can (Linux), it has no name until it is whole; elsewhere it is written beside its
    place, where a process that is killed leaves it.
    """
    with replacing(path) as part:
        try:
            number = os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, 0o666)
            with os.fdopen(number, "wb") as file:
                file.write(data)
                file.flush()
                # With a folder given (which an absolute path needs none of) the link is followed.
                os.link(f"/proc/self/fd/{number}", part, src_dir_fd=number, follow_symlinks=True)
        except (AttributeError, OSError):
            part.write_bytes(data)


def write_undated(archive: io.BytesIO, path: Path) -> None:
    """Write a zip, or a document that is one, without the time of its making; whole or not at all.

    Parameters
    ----------
    archive
        The zip, in memory.
    path
        The file: the same parts make the same file.
    """
    with (
        replacing(path) as part,
        zipfile.ZipFile(part, "w") as file,
        zipfile.ZipFile(archive) as written,
    ):
        for entry in written.infolist():
            undated = zipfile.ZipInfo(entry.filename, EARLIEST)
            # Pictures are compressed already.
            is_picture = entry.filename.endswith(".png")
            undated.compress_type = zipfile.ZIP_STORED if is_picture else zipfile.ZIP_DEFLATED
            file.writestr(undated, written.read(entry))


def safe_name(text: str) -> str:
    """Make a file name, on any system, of any text.

    Examples
    --------
    >>> safe_name("Theft: from/of vehicles?"), safe_name("../../etc"), safe_name("CON")
    ('Theft-from-of vehicles', 'etc', 'CON-')
    """
    plain = unicodedata.normalize("NFKC", text)
    name = re.sub(r"[ -]*-[ -]*", "-", re.sub(r"[^\w.() -]+", "-", plain))
    name = name.strip(" .-")[:100].rstrip(" .-")
    return f"{name}-" if _DEVICES.fullmatch(name) else name or "unnamed"


def stamp(end: pd.Period) -> dt.datetime:
    """Return the date that a file is said to be of: the end of its period, not today.

    So the same figures make the same file, byte for byte. ``SOURCE_DATE_EPOCH`` (seconds since
    1970, as reproducible-builds.org has it) gives another date.

    Examples
    --------
    >>> stamp(pd.Period("2012-09", "M")).isoformat()
    '2012-09-30T00:00:00+00:00'
    """
    asked = os.environ.get("SOURCE_DATE_EPOCH", "")
    if asked.isdecimal():
        return dt.datetime.fromtimestamp(int(asked), tz=dt.UTC)
    day = end.end_time
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
