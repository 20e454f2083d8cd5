"""The report's tables as CSV, for whoever wants to go on with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pandas as pd

from lsoahot.common.files import safe_name, write_csv

from .formats import DASH, MINUS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lsoahot.assessment.report.word.document import Written

_NUMBER: Final = re.compile(rf"([+{MINUS}-]?)(\d[\d,]*(?:\.\d+)?)( %)?")


def write_tables(tables: Sequence[Written], folder: Path) -> None:
    """Write each table under its number and caption: ``Table 03 Burglary.csv``.

    Parameters
    ----------
    tables : sequence of Written
        As they stand in the report.
    folder : Path
        Is made where it is missing.
    """
    folder.mkdir(exist_ok=True)
    for number, table in enumerate(tables, start=1):
        headings = [column.heading for column in table.columns]
        cells = [
            [
                figure(cell) if column.is_number else cell
                for column, cell in zip(table.columns, row, strict=True)
            ]
            for row in table.rows
        ]
        path = folder / f"{safe_name(f'Table {number:02} {table.title}')}.csv"
        write_csv(pd.DataFrame(cells, columns=headings, dtype=object), path)


def figure(cell: str) -> str | float | None:
    r"""Read a number of the report; a dash is nothing, and words stay as they are.

    Examples
    --------
    >>> figure("1,256"), figure("+68 %"), figure("\u22122.5 %"), figure("\u2013")
    (1256, 68, -2.5, None)
    >>> figure("72.4 to 100.0"), figure("withheld")
    ('72.4 to 100.0', 'withheld')
    """
    if cell.strip() == DASH:
        return None
    match = _NUMBER.fullmatch(cell.strip())
    if match is None:
        return cell
    digits = match[2].replace(",", "")
    size = float(digits) if "." in digits else int(digits)
    return -size if match[1] in {MINUS, "-"} else size
