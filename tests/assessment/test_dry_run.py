"""The rehearsal tells everything that is wrong at once, agrees with the run, and writes nothing."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import lsoahot as lh
from lsoahot.assessment.settings import settings_problems
from lsoahot.cli import main

PERIOD = {"start": "2011-10", "end": "2012-09"}
FIRES = {"dataset": "fires", "source": "sample"}
HEADER = "Crime ID,Month,Longitude,Latitude,LSOA code,Crime type\n"


def settings(**changes: Any) -> dict[str, Any]:
    return {
        "boundaries": {"source": "sample"},
        "period": PERIOD,
        "measures": {"fires": FIRES},
        **changes,
    }


def told(found: Any, kind: str = "problem") -> list[tuple[str, str]]:
    rows = found[found["kind"] == kind]
    return list(zip(rows["part"], rows["message"], strict=True))


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def street(month: str, rows: int) -> str:
    return HEADER + f",{month},-0.7,52.7,E01013801,Burglary\n" * rows


BAD = """
titel = "x"
[boundaries]
source = "sample"
select = ["Rutland", "Rutlnd"]
[population]
source = "nobody.csv"
[statistics]
rule = "bishop"
[period]
start = "2011-10"
end = "2012-09"
[measures.fires]
dataset = "fires"
source = "nowhere.csv"
sorce = "y"
[measures.Theft]
dataset = "crime"
source = "sample"
[measures.b]
dataset = "crim"
source = "sample"
[measures.c]
dataset = "crime"
source = "sample"
categories = ["Thefts"]
[measures.d]
dataset = "asb"
source = ["gone.csv", "sample", "gone too.csv"]
[measures.e]
dataset = "asb"
source = "sample"
flag = "alcohol"
[measures.good]
dataset = "asb"
source = "sample"
[tables.young]
source = "young.csv"
[report]
template = "our.docx"
"""


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(BAD)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "audit.csv").write_text("mine")
    before = everything(tmp_path)
    found = lh.check_settings(file, out=tmp_path / "out", report=True)
    expected = [
        ("settings", "unknown key 'titel'"),
        ("settings", "rule='bishop' is not one of queen, rook"),
        ("settings", "unknown key 'sorce'"),
        ("settings", "[measures.Theft]: the name makes file names"),
        ("measures.b", "'crim' is not one of"),
        ("out", "holds audit.csv, which no run has made"),
        ("report", "there is no template"),
        ("tables.young", "there is no file"),
        ("boundaries", "no district, area code or area name is 'Rutlnd'"),
        ("population", "there is no file"),
        ("measures.fires", "there is no "),
        ("measures.c", "no record is of category 'Thefts'"),
        ("measures.d", "gone.csv"),
        ("measures.d", "gone too.csv"),
        ("measures.e", "has no column 'alcohol'"),
    ]
    problems = told(found)
    for part, words in expected:
        assert [1 for where, message in problems if where == part and words in message], words
    assert len(problems) == len(expected)
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"boundaries": {"source": "nowhere.gpkg"}},
        {"boundaries": {"source": "sample", "select": "Rutlnd"}},
        {"boundaries": {}},
        {"period": {"start": "1999-01", "end": "1999-12"}},
        {"period": {"start": "2012-10", "end": "2011-10"}},
        {"period": {"start": "2012"}},
        {"population": {"source": "nobody.csv"}},
        {"population": {"source": "nobody.csv", "column": "a", "columns": {"b": "c"}}},
        {"measures": {}},
        {"measures": {"f": {"dataset": "fire", "source": "sample"}}},
        {"measures": {"f": {"dataset": "fires"}}},
        {"measures": {"v": {**FIRES, "dataset": "crime", "categories": "Violense"}}},
        {"measures": {"v": {**FIRES, "dataset": "asb", "flag": "alcohol"}}},
        {"measures": {"v": {**FIRES, "population": "households"}}},
        {"measures": {"v": {**FIRES, "title": "A"}, "w": {**FIRES, "title": "A"}}},
        {"measures": {"v": FIRES, "w": "fires"}},
        {"report": {"text": {"nowhere": "hello"}}},
        {"nonsense": 1},
        {"boundaries": "sample"},
        {"measures": "fires"},
        {"measures": {"v": {**FIRES, "source": 1}}},
        {"measures": {"v": {**FIRES, "source": ["sample", 1]}}},
    ],
)
def test_the_rehearsal_finds_a_problem_where_the_run_does(change: dict[str, Any]) -> None:
    problems = told(lh.check_settings(settings(**change)))
    message = ""
    try:
        lh.assess(settings(**change))
    except (ValueError, FileNotFoundError) as problem:
        message = str(problem)
    assert bool(problems) == bool(message)
    if message:
        bare = message.removeprefix("measure ").split(": ", 1)[-1]
        what = bare.split(";")[0].replace("the boundaries has", "has").replace("dataset=", "")
        assert what[:40] in problems[0][1], message


def test_what_would_run_is_told_with_its_counts() -> None:
    found = lh.check_settings(settings(measures={"fires": FIRES}))
    assert found.to_numpy().tolist() == [
        ["count", "measures.fires",
         ("Of 187 records, 22 were counted (100.0% of those asked for): 22 by code. Not "
          "counted: 165 outside the period. Columns: area_code (the area code), period (the "
          "month), category (the category), deliberate (the motive).")]
    ]  # fmt: skip


def test_what_is_withheld_is_told() -> None:
    domestic = {"dataset": "domestic", "source": "sample"}
    found = lh.check_settings(settings(measures={"d": domestic}))
    assert told(found) == []
    assert ["9 of 23 areas" in message for _, message in told(found, "note")] == [True]


def test_sensitive_measures_that_share_records_are_a_problem() -> None:
    every = {"dataset": "domestic", "source": "sample"}
    part = {**every, "categories": "Crime"}
    found = lh.check_settings(settings(measures={"every": every, "part": part}))
    notes = [message for where, message in told(found, "problem") if where == "measures"]
    assert ["'every' and 'part' share records" in message for message in notes] == [True]


def test_every_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "2011-10-kent-street.csv").write_text(street("2011-10", 3))
    (data / "2011-11-kent-street.csv").write_text("nothing,of,the,kind\n1,2,3,4\n")
    (data / "2011-12-kent-street.csv").write_text("")
    found = lh.check_settings(settings(measures={"a": {"dataset": "crime", "source": str(data)}}))
    problems = told(found)
    assert [where for where, _ in problems] == ["measures.a", "measures.a"]
    assert "2011-11-kent-street.csv" in problems[0][1]
    assert "2011-12-kent-street.csv" in problems[1][1]


def test_months_that_the_files_lack_are_told(tmp_path: Path) -> None:
    file = tmp_path / "2011.csv"
    months = ["2011-10", "2011-11", "2012-01", "2012-02"]
    file.write_text(HEADER + "".join(street(m, 20).removeprefix(HEADER) for m in months))
    given = settings(
        period={"start": "2011-10", "end": "2012-03"},
        measures={"a": {"dataset": "crime", "source": str(file)}},
    )
    notes = told(lh.check_settings(given), "note")
    assert any("no record of 2 of the 6 months: 2011-12, 2012-03." in text for _, text in notes)
    # of rare events, a month without any is no news
    few = HEADER + "".join(street(m, 1).removeprefix(HEADER) for m in months)
    file.write_text(few)
    assert not any("no record of" in text for _, text in told(lh.check_settings(given), "note"))


def test_areas_without_population_are_told(tmp_path: Path) -> None:
    people = lh.read_boundaries("sample")[["population"]].iloc[2:]
    people.to_csv(tmp_path / "people.csv")
    found = lh.check_settings(settings(population={"source": str(tmp_path / "people.csv")}))
    assert told(found) == []
    assert any("E01013787" in message for _, message in told(found, "note"))


def test_records_of_another_edition_are_told(shared: Path) -> None:
    data = shared / "data"
    found = lh.check_settings(
        {
            "boundaries": {"source": str(data / "boundaries" / "leics_rutland_lsoa21_bgc.gpkg")},
            "population": {"source": str(data / "population" / "pop_lsoa21_census2021.csv")},
            "period": {"start": "2021-10", "end": "2022-09"},
            "measures": {
                "all": {
                    "dataset": "crime",
                    "source": str(data / "police" / "leicestershire-2021-10_2022-09.zip"),
                }
            },
        }
    )
    ((part, message),) = told(found)
    assert part == "measures.all"
    assert "14,893 records have a code of another census edition" in message


def test_a_run_that_was_cut_is_told(tmp_path: Path) -> None:
    (tmp_path / ".lsoahot-run" / "old").mkdir(parents=True)
    notes = told(lh.check_settings(settings(), out=tmp_path), "note")
    assert ["A run was cut" in message for _, message in notes] == [True]


def test_an_adapter_of_ones_own_is_rehearsed() -> None:
    measures = {"m": {"dataset": "mine", "source": "sample"}}
    own = {"mine": lh.DATASETS["fires"]}
    assert told(lh.check_settings(settings(measures=measures)))
    assert not told(lh.check_settings(settings(measures=measures), datasets=own))


# --- the terminal ---------------------------------------------------------------------------------


def test_the_terminal_lists_problems_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(BAD)
    assert main(["assess", str(file), "--check"]) == 2
    shown = capsys.readouterr()
    assert shown.out.startswith("\nProblems\n--------\nsettings: ")
    assert "measures.c: no record is of category 'Thefts'" in shown.out
    assert "12 problems. Nothing was written." in shown.err
    assert list(tmp_path.iterdir()) == [file]


def test_the_terminal_says_that_it_would_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "good.toml"
    file.write_text(
        '[boundaries]\nsource = "sample"\n[period]\nstart = "2011-10"\nend = "2012-09"\n'
        '[measures.fires]\ndataset = "fires"\nsource = "sample"\n'
    )
    assert main(["assess", str(file), "--check", "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr()
    assert "measures.fires: Of 187 records, 22 were counted" in shown.out
    assert shown.out.endswith("It would run: every file was made for trial. Nothing was written.\n")
    assert shown.err == ""  # no bar, off a terminal
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_made_for_trial_is_made_of_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two measures of one source, and the boundaries: two readings, though every file is made."""
    read = []
    for name in ("dry_run.read_boundaries", "steps.read_boundaries", "steps.read_dataset"):
        reader = getattr(lh, name.partition(".")[2])

        def noted(*given: Any, reader: Any = reader, **options: Any) -> Any:
            read.append(reader.__name__)
            return reader(*given, **options)

        monkeypatch.setattr(f"lsoahot.assessment.{name}", noted)
    file = tmp_path / "good.toml"
    fires = '[measures.{}]\ndataset = "fires"\nsource = "sample"\n'
    file.write_text(
        '[boundaries]\nsource = "sample"\n[period]\nstart = "2011-10"\nend = "2012-09"\n'
        + fires.format("fires")
        + fires.format("again")
    )
    assert main(["assess", str(file), "--check"]) == 0
    assert read == ["read_boundaries", "read_dataset"]


def test_a_product_that_can_not_be_made_is_a_problem_of_the_rehearsal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only a product meets: here the dashboard, after everything was read and counted."""

    def no_page(*_: Any, **__: Any) -> None:
        warnings.warn("no page is this wide. Take fewer.", UserWarning, stacklevel=1)
        raise ValueError("the page has no room for 1,000,000 areas. Select some.")

    monkeypatch.setattr("lsoahot.assessment.outputs.dashboard", no_page)
    file = tmp_path / "good.toml"
    file.write_text(
        '[boundaries]\nsource = "sample"\n[period]\nstart = "2011-10"\nend = "2012-09"\n'
        '[measures.fires]\ndataset = "fires"\nsource = "sample"\n'
    )
    assert main(["assess", str(file), "--check"]) == 2
    shown = capsys.readouterr()
    assert shown.out.startswith(
        "\nProblems\n--------\ndashboard.html: the page has no room for 1,000,000 areas. Select some.\n"
    )
    assert "Look at these\n-------------\ndashboard.html: no page is this wide." in shown.out
    assert "1 problem. Nothing was written." in shown.err
    assert list(tmp_path.iterdir()) == [file]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("run", [lh.check_settings, lh.assess])
def test_a_terminal_sees_how_far_it_has_come(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    for screen, shows in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", screen)
        run(settings(measures={"fires": FIRES, "asb": {**FIRES, "dataset": "asb"}}), progress=True)
        steps = [step in screen.getvalue() for step in ("Boundaries", "Fires", "Asb", "2/3")]
        assert steps == [shows] * 4
    monkeypatch.setattr("sys.stderr", screen := Terminal())
    run(settings())
    assert screen.getvalue() == ""


@pytest.mark.parametrize(
    ("screen", "shown"), [(Terminal(), "Loading the libraries ...\r"), (io.StringIO(), "")]
)
def test_a_terminal_hears_at_once_that_libraries_are_loaded(
    screen: io.StringIO, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", screen)
    assert main(["assess", "none.toml", "--out", "out"]) == 2
    assert screen.getvalue().startswith(shown)
    assert screen.getvalue().removeprefix(shown).startswith("lsoahot: there is no settings file")


def test_the_commands_run_as_a_module_too() -> None:
    """Where a locked-down Windows has scripts on no path."""
    run = [sys.executable, "-m", "lsoahot", "--version"]
    shown = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert shown == f"lsoahot {lh.__version__}\n"


@pytest.mark.parametrize("more", [[], ["--check"]])
def test_a_settings_file_that_is_not_there(
    more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["assess", str(tmp_path / "none.toml"), "--out", str(tmp_path / "o"), *more]) == 2
    shown = capsys.readouterr()
    assert "there is no settings file at" in shown.out + shown.err


def test_where_to_must_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assess", str(tmp_path / "a.toml")]) == 2
    assert "Give --out DIR; or --check" in capsys.readouterr().err


# --- settings with several problems ---------------------------------------------------------------


def test_what_has_a_problem_is_left_out_and_the_rest_is_read() -> None:
    bad = settings(
        period={"start": "soon", "end": 2012},
        measures={
            "a": {"source": "sample"},
            "b": {"dataset": "asb", "source": "sample", "flag": "alcool", "rows": 0},
            "c": 3,
        },
        tables={"young": {"kind": "pie"}},
    )
    messages, lacking, config = settings_problems(bad)
    expected = [
        "end is 2012. Give a text",
        'start = "soon" is not a month',
        "[measures.a] lacks dataset",
        "flag='alcool' is not one of",
        "rows is 0. Give 1 or more",
        "[measures.c] is not a table of settings",
        "[tables.young] lacks source",
        "kind='pie' is not one of",
    ]
    assert [
        words for words, message in zip(expected, messages, strict=True) if words in message
    ] == (expected)
    assert lacking == {"period"}
    assert [(one.name, one.flag, one.rows) for one in config.measures] == [("b", None, None)]
    assert config.tables == ()


def test_without_any_sound_measure_the_part_is_lacking() -> None:
    messages, lacking, config = settings_problems(settings(measures={"a": {}}))
    assert len(messages) == 1
    assert (lacking, config.measures) == ({"measures"}, ())
    assert settings_problems({"measures": {}})[1] == {"boundaries", "period", "measures"}


def counts_file(folder: Path, text: str) -> dict[str, object]:
    (folder / "counts.csv").write_text(text, encoding="utf-8")
    return settings(
        period={"start": "2011-10", "end": "2012-09"},
        measures={"b": {"dataset": "crime", "source": str(folder / "counts.csv")}},
    )


def test_a_count_that_is_not_understood_is_a_problem(tmp_path: Path) -> None:
    text = "LSOA code,Month,Crime type,Nombre\nE01013787,2011-10,Burglary,4\n"
    found = lh.check_settings(counts_file(tmp_path, text))
    assert ["numbers in 'Nombre'" in message for _, message in told(found)] == [True]


def test_records_without_a_place_are_a_problem(tmp_path: Path) -> None:
    line = ",2011-10,Burglary\n"
    text = "LSOA code,Month,Crime type\nE01013787,2011-10,Burglary\n" + line * 3
    found = lh.check_settings(counts_file(tmp_path, text))
    assert ["most of the 4 records have no place (3 no location)" in m for _, m in told(found)] == [
        True
    ]


def test_categories_in_any_spelling_and_groups_of_ones_own(tmp_path: Path) -> None:
    text = (
        "LSOA code,Month,Crime type\nE01013787,2011-10,Burglary - Residential\n"
        "E01013787,2011-11,BURGLARY-RESIDENTIAL\nE01013787,2011-12,Drugs\n"
    )
    config = counts_file(tmp_path, text)
    measures = config["measures"]
    assert isinstance(measures, dict)
    groups = {"burglary residential": "Serious acquisitive crime"}
    measures["b"] |= {"categories": "serious acquisitive CRIME", "groups": groups}
    found = lh.check_settings(config)
    assert told(found) == []
    assert ["2 were counted" in message for _, message in told(found, "count")] == [True]
    del measures["b"]["groups"]
    config["datasets"] = {"crime": {"groups": groups}}
    assert told(lh.check_settings(config), "count") == told(found, "count")
