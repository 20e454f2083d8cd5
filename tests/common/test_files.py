"""Cells that are no formulas, names that stay in their folder, files that are whole."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, strategies as st

import lsoahot as lh
from lsoahot.common import files
from lsoahot.common.files import FORMULAS, escape, escaped, replacing, safe_name, write_csv


@pytest.mark.parametrize("start", FORMULAS)
def test_no_cell_header_or_index_begins_a_formula(start: str, tmp_path: Path) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    table = pd.DataFrame(
        {evil: [evil, "Oakham"], "kind": pd.Categorical([evil, "b"]), "n": [-1.5, 2]},
        index=pd.Index([evil, "x"], name="area"),
    )
    path = write_csv(table, tmp_path / "a.csv", index=True)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    text = [cell for row in rows for cell in row if cell not in {"-1.5", "2.0"}]
    assert not any(cell.startswith(FORMULAS) for cell in text)
    safe = "'" + evil.replace("\r", " ").replace("\n", " ")
    assert rows[1] == [safe, safe, safe, "-1.5"]
    assert table.columns[0] == evil  # the caller's table is as it was


def test_missing_values_and_numbers_stay(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"a": ["x", None], "n": pd.array([1, None], dtype="Int64"), "when": pd.NaT}
    )
    safe = escaped(table)
    assert safe["a"].isna().tolist() == [False, True]
    assert safe["n"].dtype == "Int64"
    back = pd.read_csv(write_csv(table, tmp_path / "new" / "a.csv"))
    assert back["n"].isna().tolist() == [False, True]


def test_two_columns_of_one_name_are_both_escaped() -> None:
    table = pd.DataFrame([["=a", "=b"]], columns=["x", "x"])
    assert escaped(table).to_numpy().tolist() == [["'=a", "'=b"]]


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("before")

    def cut(_: pd.DataFrame, name: str, **_options: object) -> None:
        Path(name).write_text("half a ro")
        raise OSError("no space left")

    monkeypatch.setattr(pd.DataFrame, "to_csv", cut)
    with pytest.raises(OSError, match="no space left"):
        write_csv(pd.DataFrame({"a": [1]}), path)
    assert path.read_text() == "before"
    assert [found.name for found in tmp_path.iterdir()] == ["a.csv"]


@given(st.text(max_size=200))
def test_any_text_makes_a_name_that_stays_in_its_folder(text: str) -> None:
    name = safe_name(text)
    assert name
    assert len(name) <= 101
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert not name.startswith(".")
    assert (Path("folder") / name).parent == Path("folder")


@given(st.one_of(st.text(), st.integers(), st.none(), st.floats(allow_nan=False)))
def test_escaping_changes_formulas_only(cell: object) -> None:
    safe = escape(cell)
    if isinstance(cell, str):
        line = " ".join(re.split(r"[\r\n]+", cell))
        assert safe == ("'" + line if cell.startswith(FORMULAS) else line)
    else:
        assert safe == cell


def test_files_have_the_rights_that_files_have(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("", encoding="utf-8")
    write_csv(pd.DataFrame({"a": [1]}), tmp_path / "table.csv")
    assert (tmp_path / "table.csv").stat().st_mode == plain.stat().st_mode


def test_a_failure_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    path.write_text("before", encoding="utf-8")

    def fails() -> None:
        with replacing(path) as part:
            part.write_text("half", encoding="utf-8")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fails()
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_path_that_windows_cannot_open_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WINDOWS", True)
    longest = tmp_path / ("x" * (files.LONGEST - len(str(tmp_path)) - 1))
    assert len(str(longest)) == 259
    files.refuse_long(longest)
    with pytest.raises(OSError, match=r"has 260 letters, and Windows opens paths of up to 259"):
        files.refuse_long(longest.with_name(f"{longest.name}x"))
    # a file is written under a name 10 letters longer first
    with pytest.raises(OSError, match="Nothing was written"):
        files.write_csv(pd.DataFrame({"a": [1]}), longest)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(files, "WINDOWS", False)
    files.refuse_long(longest.with_name(f"{longest.name}x"))


@pytest.mark.parametrize(
    "read", [partial(lh.read_dataset, "crime"), lh.read_boundaries, lh.read_population]
)
@pytest.mark.parametrize("path", ["", " "])
def test_an_empty_path_is_not_the_current_folder(read: Callable[[str], object], path: str) -> None:
    with pytest.raises(ValueError, match=r"the path ' ?' is empty\. Name a file"):
        read(path)
