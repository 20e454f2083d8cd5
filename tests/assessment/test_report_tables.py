"""The report's tables as CSV hold the figures of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lsoahot.assessment.report.table_files import write_tables
from lsoahot.assessment.report.word.document import Written
from lsoahot.assessment.report.word.word_tables import Column

if TYPE_CHECKING:
    from pathlib import Path


def test_numbers_are_numbers_dashes_are_empty_and_text_is_no_formula(tmp_path: Path) -> None:
    columns = [Column("Area"), Column("Number", is_number=True), Column("Change", is_number=True)]
    rows = [
        ("=HYPERLINK(1)", "1,256", "\N{MINUS SIGN}57"),
        ("Oakham / Centre", "\N{EN DASH}", "+4.4 %"),
        ("B", "withheld", "72.4 to 100.0"),
    ]
    write_tables([Written("All: of/it", columns, rows), Written("B", columns, [])], tmp_path / "t")
    names = sorted(path.name for path in (tmp_path / "t").iterdir())
    assert names == ["Table 01 All-of-it.csv", "Table 02 B.csv"]
    text = (tmp_path / "t" / names[0]).read_text(encoding="utf-8").splitlines()
    assert text == [
        "Area,Number,Change",
        "'=HYPERLINK(1),1256,-57",
        "Oakham / Centre,,4.4",
        "B,withheld,72.4 to 100.0",
    ]
    assert list(pd.read_csv(tmp_path / "t" / names[1])) == ["Area", "Number", "Change"]
