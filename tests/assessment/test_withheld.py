"""What is withheld stays withheld, in every file of an assessment and between its files."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lsoahot as lh
from lsoahot.assessment import inputs, outputs, private_key, withheld
from lsoahot.cli import main

# The extracts of these tests are of a few months only, which a reader is told.
pytestmark = pytest.mark.filterwarnings("ignore:.*not whole")
CODES = [f"E010138{n:02}" for n in range(1, 11)]  # ten areas of the sample


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the drawing out, where only the accounts matter."""

    def drawn(*given: Any, **_: Any) -> None:
        next(one for one in given if isinstance(one, Path)).write_text("drawn")

    for name in ("_dashboard", "workbook"):
        monkeypatch.setattr(outputs, name, drawn)
    monkeypatch.setattr(outputs, "_maps", lambda *_: iter(()))


def written(folder: Path, *measures: str, **files: str) -> Path:
    """Write settings of some measures, with their files, and return the settings' path."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    lines = [
        '[boundaries]\nsource = "sample"',
        '[period]\nstart = "2011-10"\nend = "2012-09"',
        *measures,
    ]
    path = folder / "rutland.toml"
    path.write_text("\n".join(lines))
    return path


DOMESTIC = '[measures.domestic]\ndataset = "domestic"\nsource = "domestic.csv"'
COUNTS = [12, 3, 1, 8, 0, 9, 2, 14, 4, 6]


def of_domestic(folder: Path, counts: list[int] = COUNTS) -> Path:
    rows = [f"{code},2012-01,Yes" for code, n in zip(CODES, counts, strict=True) for _ in range(n)]
    text = "\n".join(["LSOA code,Month,Domestic abuse", *rows]) + "\n"
    return written(folder, DOMESTIC, domestic=text)


# --- the manifest ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("undrawn")
def test_no_digest_in_the_manifest_is_met_by_the_right_table_only(tmp_path: Path) -> None:
    """Whoever knows the layout tries every table of small counts, until the digests agree."""
    lh.assess(of_domestic(tmp_path), out=tmp_path / "out")
    published = "\n".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    )
    source = tmp_path / "domestic.csv"
    content = source.read_bytes()
    for name in ("sha256", "sha1", "md5", "sha512", "blake2b"):
        assert hashlib.new(name, content).hexdigest() not in published
    noted = json.loads((tmp_path / "out" / "manifest.json").read_text())
    one = next(one for one in noted["inputs"] if one["path"] == "domestic.csv")
    assert set(one) == {"path", "used_for", "keyed"}
    key = json.loads((tmp_path / "rutland.key").read_text())
    assert key["key"] not in published
    assert "Do not publish" in key["what"]
    others = [one for one in noted["inputs"] if one["path"] != "domestic.csv"]
    assert all(len(one["sha256"]) == 64 for one in others)


@pytest.mark.usefixtures("undrawn")
def test_the_same_run_makes_the_same_manifest_and_is_proved_with_the_key(tmp_path: Path) -> None:
    settings, out = of_domestic(tmp_path), tmp_path / "out"
    lh.assess(settings, out=out)
    first = (out / "manifest.json").read_bytes()
    lh.assess(settings, out=out)
    assert (out / "manifest.json").read_bytes() == first
    lh.assess(out / "manifest.json", out=tmp_path / "again")
    again, before = (
        {one["path"]: one.get("keyed") for one in json.loads(text)["inputs"]}
        for text in ((tmp_path / "again" / "manifest.json").read_bytes(), first)
    )
    assert again["domestic.csv"] == before["domestic.csv"]
    states = lh.verify(out).set_index("path")["state"]
    assert states["domestic.csv"] == "same"
    text = (tmp_path / "domestic.csv").read_text()
    (tmp_path / "domestic.csv").write_text(text.replace(CODES[1], CODES[2], 1))
    assert lh.verify(out).set_index("path")["state"]["domestic.csv"] == "changed"
    (tmp_path / "rutland.key").unlink()
    assert lh.verify(out).set_index("path")["state"]["domestic.csv"] == "not proved"


@pytest.mark.usefixtures("undrawn")
def test_without_a_place_for_a_key_nothing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of_domestic(tmp_path)
    lh.assess(
        {
            "boundaries": {"source": "sample"},
            "period": {"start": "2011-10", "end": "2012-09"},
            "measures": {
                "d": {"dataset": "domestic", "source": str(tmp_path / "domestic.csv")},
                "sample": {"dataset": "hate", "source": "sample"},
            },
        },
        out=tmp_path / "out",
    )
    noted = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [one["keyed"] for one in noted["inputs"] if "keyed" in one] == [None, None]
    assert not list(tmp_path.glob("*.key"))
    assert main(["verify", str(tmp_path / "out")]) == 0
    assert "not proved, without the key" in capsys.readouterr().out


def test_a_file_that_is_no_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "rutland.key"
    path.write_text("mine")
    assert private_key.make(path, {}) is None
    assert path.read_text() == "mine"


@pytest.mark.usefixtures("undrawn")
def test_places_on_another_drive_are_in_the_key_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lsoahot.assessment import manifest, paths

    monkeypatch.setattr(
        manifest, "portable",
        lambda path, base: f"<elsewhere>/{path.name}" if path.suffix == ".csv"
        else paths.portable(path, base),
    )  # fmt: skip
    lh.assess(of_domestic(tmp_path), out=tmp_path / "out")
    text = (tmp_path / "out" / "manifest.json").read_text()
    assert '"<elsewhere>/domestic.csv"' in text
    assert str(tmp_path) not in text
    assert (
        lh.verify(tmp_path / "out").set_index("path")["state"]["<elsewhere>/domestic.csv"] == "same"
    )
    lh.assess(tmp_path / "out" / "manifest.json", out=tmp_path / "again")


@pytest.mark.usefixtures("undrawn")
def test_a_source_that_is_swapped_meanwhile_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its size and its time put back."""
    settings, source = of_domestic(tmp_path), tmp_path / "domestic.csv"
    publish = outputs.publish

    def swapped(*given: Any, **options: Any) -> None:
        state, text = source.stat(), source.read_text()
        source.write_text(text.replace(CODES[0], CODES[1], 1))
        os.utime(source, ns=(state.st_atime_ns, state.st_mtime_ns))
        assert source.stat().st_size == state.st_size
        publish(*given, **options)

    monkeypatch.setattr(outputs, "publish", swapped)
    with pytest.raises(ValueError, match="was changed while the run went on"):
        lh.assess(settings, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_source_that_is_swapped_and_put_back_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("one")
    state = source.stat()
    one = inputs.Input(
        source, ("x",), state.st_size, state.st_mtime_ns, inputs._state(source),
        hashlib.sha256(b"one").hexdigest(),
    )  # fmt: skip
    inputs.refuse_changed([one])
    source.write_text("two")
    source.write_text("one")
    os.utime(source, ns=(state.st_atime_ns, state.st_mtime_ns))
    with pytest.raises(ValueError, match="was changed"):
        inputs.refuse_changed([one])


# --- months ---------------------------------------------------------------------------------------


def test_months_are_shown_for_all_districts_or_for_none() -> None:
    every = itertools.product([0, 3, 7], repeat=2)
    for first, second in every:
        totals = np.array([[first + second, 40.0], [first, 20], [second, 20]])
        whole, *each = withheld.months_shown(totals, 5).tolist()
        assert whole == (first + second not in {3, 4})
        assert each == [3 not in {first, second}] * 2


# --- the same people in two measures --------------------------------------------------------------

VIOLENCE, DAMAGES = "Violence and sexual offences", "Criminal damage and arson"
FORCE = "LSOA code,Month,Crime type,Domestic abuse,Hate crime"


def force(*, domestic: int = 3, other: int = 9) -> str:
    """Write a force's extract: in each area some violence at home, other violence, and damage."""
    rows = []
    for place, code in enumerate(lh.read_boundaries("sample").index.sort_values()):
        rows += [f"{code},2012-01,{VIOLENCE},Yes,No"] * (domestic + place % 3)
        rows += [f"{code},2012-02,{VIOLENCE},No,No"] * other
        rows += [f"{code},2012-03,{DAMAGES},No,No"] * (other + place)
        rows += [f"{code},2012-03,{DAMAGES},Yes,No"] * (place == 0)
    return "\n".join([FORCE, *rows]) + "\n"


def measure(name: str, source: str, dataset: str = "crime", **more: Any) -> str:
    lines = [f"{key} = {json.dumps(value)}" for key, value in more.items()]
    given = source if source.startswith("[") else f'"{source}"'
    return "\n".join([f'[measures.{name}]\ndataset = "{dataset}"\nsource = {given}', *lines])


ALL = measure("violence", "force.csv", categories=[VIOLENCE])
AT_HOME = measure("home", "force.csv", flag="domestic")
DAMAGE = measure("damage", "force.csv", categories=[DAMAGES])


def refused(folder: Path, *measures: str, **files: str) -> str:
    settings = written(folder, *measures, **files)
    with pytest.raises(ValueError, match=r"give small counts away\. Keep one of them") as one:
        lh.assess(settings)
    checked = lh.check_settings(settings)
    assert str(one.value) in checked.loc[checked["kind"] == "problem", "message"].tolist()
    return str(one.value)


def test_a_part_of_a_sensitive_measure_is_refused(tmp_path: Path) -> None:
    part = measure("home_violence", "force.csv", flag="domestic", categories=[VIOLENCE])
    text = refused(tmp_path, AT_HOME, part, force=force())
    assert text.startswith("measures 'home' and 'home_violence' share records whose small counts")


@pytest.mark.parametrize("source", ["copy.csv", '["force.csv"]', "*rce.csv", "./force.csv"])
def test_a_part_of_it_is_recognised_in_a_copy_a_list_and_a_pattern(
    source: str, tmp_path: Path
) -> None:
    part = measure("part", source, dataset="domestic", categories=[VIOLENCE])
    refused(tmp_path, AT_HOME, part, force=force(), copy=force())


def test_a_part_of_it_that_is_shown_is_refused(tmp_path: Path) -> None:
    part = measure("part", "force.csv", flag="domestic", categories=[VIOLENCE], suppress=False)
    assert "one withholds and the other shows" in refused(tmp_path, AT_HOME, part, force=force())


@pytest.mark.filterwarnings("ignore:.*have a category that 'crime' doesn't know")
def test_open_measures_that_differ_by_it_are_refused(tmp_path: Path) -> None:
    """All violence, and violence but for that at home: neither of them is sensitive."""
    lines = force().replace(f"{VIOLENCE},Yes", "Domestic violence,Yes").splitlines()
    text = "\n".join(lines) + "\n"
    every = measure("every", "force.csv", categories=[VIOLENCE, "Domestic violence"])
    told = refused(tmp_path, every, ALL, force=text)
    assert "differ by records of domestic abuse or hate crime only" in told


def test_what_is_usual_is_let_through(tmp_path: Path) -> None:
    settings = written(tmp_path, ALL, AT_HOME, DAMAGE, force=force())
    found = lh.assess(settings)
    assert [one.suppress for one in found.config.measures] == [False, True, False]
    assert found.tables["home"]["suppressed"].any()


def test_open_counts_that_would_narrow_hidden_ones_are_withheld_too(tmp_path: Path) -> None:
    """Where there were four cases of violence in all, there were not more than four at home."""
    every = measure("every", "force.csv")
    few = force(domestic=1, other=2).splitlines()
    text = "\n".join(line for line in few if f",{DAMAGES},Yes" not in line) + "\n"
    settings = written(tmp_path, measure("violence", "force.csv", categories=[VIOLENCE]), every,
                       measure("home", "force.csv", flag="domestic"), force=text)  # fmt: skip
    with pytest.warns(UserWarning, match=r"'violence' holds all records of 'home', and has fewer"):
        found = lh.assess(settings)
    assert found.tables["violence"]["suppressed"].any()
    small = found.tables["home"].index[found.tables["home"]["suppressed"]]
    left = found.tables["violence"].loc[small, "count"].dropna()
    assert (left >= 5).all()
    notes = lh.check_settings(settings)
    assert notes["message"].str.contains("would narrow them").any()


@pytest.mark.parametrize(
    "text",
    [
        "LSOA code,Month,Crime type\n" + "".join(f"{code},2012-01,Domestic abuse\n" for code in CODES),
        "LSOA code,Month,Crime type,Hate crime\n"
        + "".join(f"{code},2012-01,Public order,Yes\n" for code in CODES),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_sensitive_file_read_as_crime_is_recognised(text: str, tmp_path: Path) -> None:
    settings = written(tmp_path, measure("m", "extract.csv"), extract=text)
    assert lh.assess(settings).config.measures[0].suppress is True
    settings = written(tmp_path, measure("m", "extract.csv", suppress=False), extract=text)
    assert lh.assess(settings).config.measures[0].suppress is False


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_burglary_is_not_domestic_abuse(tmp_path: Path) -> None:
    rows = "".join(f"{code},2012-01,Domestic burglary\n" for code in CODES)
    settings = written(tmp_path, measure("m", "a.csv"), a="LSOA code,Month,Crime type\n" + rows)
    assert lh.assess(settings).config.measures[0].suppress is False


# --- nothing differs ------------------------------------------------------------------------------


def moved(records: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Deal the places of hidden events out again, year by year; months and categories stay."""
    areas = lh.read_boundaries("sample")
    records = records.copy()
    codes = records["area_code"].astype(object).to_numpy(copy=True)
    last = pd.Period("2012-09", "M")
    for year in range(2):
        start, end = last - (12 * year + 11), last - 12 * year
        now = lh.count(areas, records, period=(str(start), str(end)))
        shown = lh.suppress(now)
        hidden = shown.index[shown["suppressed"]]
        here = np.flatnonzero(
            records["area_code"].isin(hidden) & records["period"].between(start, end)
        )
        for _ in range(200):
            codes[here] = rng.permutation(codes[here])
            other = codes.copy()
            # One event goes to another hidden area, so that the counts themselves change.
            other[rng.choice(here)] = rng.choice(hidden)
            again = lh.suppress(
                lh.count(areas, records.assign(area_code=other), period=(str(start), str(end)))
            )
            if again["suppressed"].equals(shown["suppressed"]):
                codes = other
                break
        else:
            raise AssertionError
    return records.assign(area_code=codes)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_hidden_events_make_no_difference_to_any_file(tmp_path: Path) -> None:
    """Two folders, of two files that differ in where hidden events were: byte for byte the same."""
    records = pd.DataFrame(lh.read_dataset("domestic", "sample"))
    records = records[records["period"] >= pd.Period("2010-10", "M")]
    records = records[records["area_code"].notna()].reset_index(drop=True)
    other = moved(records, np.random.default_rng(1))
    assert (other["area_code"] != records["area_code"]).any()
    folders = []
    for name, table in (("one", records), ("two", other)):
        folder = tmp_path / name
        folder.mkdir()
        flat = pd.DataFrame(
            {
                "LSOA code": table["area_code"],
                "Month": table["period"].astype(str),
                "DA flag": "Yes",
            }
        )
        flat.to_csv(folder / "domestic.csv", index=False)
        (folder / "rutland.key").write_text(
            json.dumps({"what": private_key.WHAT, "key": "00" * 32, "places": {}})
        )
        settings = written(
            folder, DOMESTIC, '[measures.fires]\ndataset = "fires"\nsource = "sample"'
        )
        assert main(["assess", str(settings), "--out", str(folder / "out"), "--report"]) == 0
        folders.append(folder / "out")
    one, two = (
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}
        for folder in folders
    )
    keyed = [json.loads(files.pop("manifest.json")) for files in (one, two)]
    for noted in keyed:
        for source in noted["inputs"]:
            source.pop("keyed", None)
    assert keyed[0] == keyed[1]
    assert one.keys() == two.keys()
    assert {"tables/domestic.csv", "report.docx", "dashboard.html", "workbook.xlsx"} <= one.keys()
    assert [name for name in one if one[name] != two[name]] == []
    shown = pd.read_csv(folders[0] / "tables" / "domestic.csv")
    assert shown["suppressed"].any()
    assert not shown["suppressed"].all()
