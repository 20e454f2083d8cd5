"""CSV as partners write it: any encoding, titles above the header, large files in pieces."""

from __future__ import annotations

import csv
import io
import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import layouts, repeated_ids
from .raw import Raw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa
    from pyarrow import csv as pacsv

    from .raw import Choose

LOOK: Final = 30  # rows in which the header is looked for, below titles and notes
_START: Final = 256 * 1024  # bytes in which it is looked for
_FEW: Final = 16 * 1024  # bytes that mostly hold as many
MOST_COLUMNS: Final = 5_000
_LONGEST: Final = 1024**2  # no honest cell is longer than a megabyte
PIECE: Final = 64 * 1024**2  # bytes that are read at a time
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def pieces(stream: io.BufferedIOBase, size: int) -> Iterator[bytes]:
    """Cut a file of so many bytes into pieces of whole rows, so that it need not fit in memory."""
    if size < PIECE:
        yield stream.read()
        return
    left = b""
    while len(block := stream.read(PIECE)) == PIECE:
        data = left + block
        if data[:2] in _UTF16:  # what is a line's end isn't one byte
            left = data + stream.read()
            break
        end = _last_row(data)
        if end:
            yield data[:end]
        left = data[end:]
    else:
        left += block
    if left:
        yield left


def _last_row(data: bytes) -> int:
    """Find the end of the last whole row: a line's end with no quote open. 0 where there is none."""
    end = data.rfind(b"\n") + 1
    odd = data.count(b'"', 0, end) % 2
    while odd and end:
        before = data.rfind(b"\n", 0, end - 1) + 1
        odd ^= data.count(b'"', before, end) % 2
        end = before
    return end


class _Header(NamedTuple):
    """What the beginning of a file tells."""

    names: list[str]
    skip: int  # lines down to the first row
    delimiter: str
    below: list[list[str]]  # the first rows, as text


def tables(parts: Iterable[bytes], name: str, choose: Choose) -> Iterator[Raw]:
    """Read the pieces of a file: a table of pyarrow where only some columns are needed.

    Yields
    ------
    Raw
        A table a piece: of pandas where all columns are needed.
    """
    header: _Header | None = None
    wanted: dict[str, str] | None = None
    lines = 0
    data = b""
    for part in parts:
        lines += data.count(b"\n")
        data = part
        if not data.isascii():
            data = decode(data, name).encode()
        if b"\n" not in data:  # the line ends of old Macintoshes
            data = data.replace(b"\r", b"\n")
        if b"\x00" in data:
            raise ValueError(
                f"{name} holds null bytes: it is no text, or was cut. Export it again as CSV."
            )
        if header is None:
            header = _header(data, name)
            wanted = choose(header.names, header.below)
        read = partial(_table, data, name, header, lines=lines)
        every = dict.fromkeys(header.names, "text")
        kinds = wanted or every
        whole = partial(read, every)
        table, marks, again = repeated_ids.without_twins(read(kinds), kinds, whole)
        table = table if wanted is not None else table.to_pandas()
        yield Raw(name, table, len(part), (marks,), again=again)
        header = header._replace(skip=0)


def _table(
    data: bytes, name: str, header: _Header, wanted: dict[str, str], *, lines: int
) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv as pacsv

    kinds = {
        "number": pa.float64(),
        "word": pa.dictionary(pa.int32(), pa.string()),
        "mark": pa.string(),
        "text": pa.string(),
    }

    def attempt(*, careful: bool) -> pa.Table:
        return pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(
                column_names=header.names,
                skip_rows=header.skip,
                block_size=4 * _LONGEST,
                # One thread knows the number of a broken row; small files are read side by side.
                use_threads=not careful and len(data) > 16 * _LONGEST,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=header.delimiter,
                newlines_in_values=careful,
                invalid_row_handler=_passed_over,
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=list(wanted),
                column_types={
                    column: pa.string() if careful and kind == "number" else kinds[kind]
                    for column, kind in wanted.items()
                },
                check_utf8=False,  # it has been read as UTF-8 before
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )

    try:
        return attempt(careful=False)
    except pa.ArrowInvalid:
        try:  # a cell may hold a line break or a word for a number, or the row be cut
            return attempt(careful=True)
        except pa.ArrowInvalid as error:
            raise ValueError(_explained(str(error), name, len(header.names), lines)) from error


# How a note begins that has commas in it and no quotes round it: "Source: Niche, of 1 August".
_NOTE: Final = re.compile(
    r"(?i)\W*(?:sources?|notes?|caveats?|cautions?|disclaimer|copyright|©|contains|report|filters?|"
    r"extracted|produced|prepared|generated|run (?:on|by)|data (?:from|extracted|as|is|are)|please|"
    r"figures|counts (?:of|are|below)|crown)\b[^,;\t|]*[:\s]"
)


def _passed_over(row: pacsv.InvalidRow) -> str:
    """Pass over a note below the table: a line of one cell, or of fewer than the rows, with words in it."""
    text = row.text.strip()
    note = row.actual_columns == 1 or _NOTE.match(text)
    return "skip" if note and " " in text else "error"


def _explained(message: str, name: str, width: int, lines: int) -> str:
    if result := re.search(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)", message):
        row = f"row {lines + int(result[1]):,}" if result[1] else "a row"
        return (
            f"{name}: {row} has {result[3]} cells, the header {width}. The file was cut, or a cell "
            "holds a comma without quotes round it: export it again."
        )
    if "straddling" in message or "block" in message:
        return (
            f"{name}: a cell is longer than a megabyte, which none should be: a quote is not "
            "closed. Export it again."
        )
    return f"{name} can't be read as CSV ({message.splitlines()[0]}). Export it again."


def _header(data: bytes, name: str) -> _Header:
    """Find the header of a file."""
    if (known := _street(data[: data.find(b"\n", 0, _FEW) + 1])) is not None:
        return _Header(list(known), 1, ",", [])
    start = data[:_FEW]
    if start.count(b"\n") <= LOOK:
        start = data[:_START]
    first = start.decode("utf-8", errors="ignore")
    lines = first.splitlines()[:LOOK]
    delimiter = max(",;\t|", key=lambda mark: max(line.count(mark) for line in lines))
    reader = csv.reader(io.StringIO(first), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            rows.append((reader.line_num, row))
            if len(rows) == LOOK:
                break
    except csv.Error as error:
        raise ValueError(
            f"{name}: {error}. A quote is not closed: export the file again."
        ) from error
    widest = max((len(row) for _, row in rows), default=0)
    if widest > MOST_COLUMNS:
        raise ValueError(
            f"{name} has {widest:,} columns or more, which no table of records needs. Turn it round, or "
            "export only the columns that say where, when and what."
        )
    at = header_row([row for _, row in rows])
    below = [row for _, row in rows[at + 1 :]]
    return _Header(unique(rows[at][1]), rows[at][0], delimiter, below)


@lru_cache
def _street(line: bytes) -> tuple[str, ...] | None:
    """Return the headers of a street file of data.police.uk: there are hundreds, and all begin alike."""
    if not line.isascii() or b'"' in line:
        return None
    names = line.decode().rstrip("\r\n").split(",")
    return tuple(names) if layouts.is_street(names) and unique(names) == names else None


def header_row(rows: list[list[Any]]) -> int:
    """Find the first row as wide as a header: titles and notes above it have a cell or two.

    What says its own name ("Population :", "All usual residents", as Nomis writes) is a note.
    """
    noted = [bool(row) and str(row[0] or "").rstrip().endswith(":") for row in rows]
    widths = [
        0 if note else sum(1 for cell in row if cell is not None and str(cell).strip())
        for note, row in zip(noted, rows, strict=True)
    ]
    widest = max(widths, default=0)
    return next((i for i, width in enumerate(widths) if width > widest / 2), 0)


def unique(headers: list[Any]) -> list[str]:
    """Make headers text, and different from one another."""
    names: list[str] = []
    for i, header in enumerate(headers):
        text = "" if header is None else str(header).lstrip("\ufeff").strip()
        text = text or f"column {i + 1}"
        names.append(text if text not in names else f"{text}.{i + 1}")
    return names


def decode(data: bytes, name: str) -> str:
    """Read text in UTF-8 (with or without its mark), UTF-16 (with it), or Windows' cp1252."""
    try:
        return data.decode("utf-16" if data[:2] in _UTF16 else "utf-8-sig")
    except UnicodeDecodeError:
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{name} is no text in UTF-8, UTF-16 or cp1252 ({error}). Save it as 'CSV UTF-8'."
            ) from error
