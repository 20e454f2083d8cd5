"""The manifest proves a run: every file in, every file out; and a run can be made again from it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lsoahot as lh
from lsoahot.assessment import inputs, manifest as _manifest, outputs, paths as _paths
from lsoahot.assessment.settings import Config, as_settings, read_config
from lsoahot.boundaries import boundaries
from lsoahot.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

PERIOD = {"start": "2011-10", "end": "2012-09"}
HEADER = "Crime ID,Month,Longitude,Latitude,LSOA code,Crime type\n"


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the drawing out, which takes most of the time and has its own tests."""

    def drawn(path: Path) -> None:
        path.write_text("drawn")

    def maps(assessment: Any, stage: Path, _: object) -> Any:
        names = ["atlas.pdf"]
        for measure in assessment.config.measures:
            names += [f"maps/{measure.name}-rate.png", f"maps/{measure.name}-hotspots.png"]
        for name in names:
            yield name, partial(drawn, stage / name)

    monkeypatch.setattr(outputs, "_maps", maps)
    monkeypatch.setattr(outputs, "_dashboard", lambda _, path: drawn(path))


def settings(**changes: Any) -> dict[str, Any]:
    return {
        "boundaries": {"source": "sample"},
        "period": PERIOD,
        "measures": {"fires": {"dataset": "fires", "source": "sample"}},
        **changes,
    }


def manifest(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return found


def mark(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def month(number: int) -> str:
    """A street file: so many crimes in one area."""
    row = f",2011-{number},-0.7,52.7,E01013801,Burglary\n"
    return HEADER + row * number


def project(folder: Path, source: str = '"data"', **more: str) -> Path:
    """Write settings and two months of street files; return the settings' path."""
    data = folder / "data"
    data.mkdir(parents=True)
    for number in (10, 11):
        (data / f"2011-{number}-leicestershire-street.csv").write_text(month(number))
    lines = [
        '[boundaries]\nsource = "sample"\n[period]\nstart = "2011-10"\nend = "2011-11"',
        f'[measures.burglary]\ndataset = "crime"\nsource = {source}',
        *(f"[{part}]\n{text}" for part, text in more.items()),
    ]
    (folder / "a.toml").write_text("\n".join(lines))
    return folder / "a.toml"


# --- what is in it --------------------------------------------------------------------------------


def test_every_output_is_listed_with_its_mark(tmp_path: Path) -> None:
    out = tmp_path / "out"
    lh.assess(settings(), out=out)
    told = manifest(out)
    there = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert {one["path"] for one in told["outputs"]} == there - {"manifest.json"}
    assert {"tables/fires.csv", "workbook.xlsx", "audit.csv"} <= there
    for one in told["outputs"]:
        assert one["sha256"] == mark(out / one["path"])
        assert one["size"] == (out / one["path"]).stat().st_size


def test_versions_tests_and_records_are_told(tmp_path: Path) -> None:
    lh.assess(settings(), out=tmp_path / "out")
    told = manifest(tmp_path / "out")
    assert told["lsoahot"] == lh.__version__
    software = told["software"]
    assert {"pandas", "geopandas", "numpy", "scipy"} <= software["packages"].keys()
    assert software["packages"]["pandas"] == __import__("pandas").__version__
    assert {"gdal", "geos", "proj"} == software["libraries"].keys()
    fires = told["measures"]["fires"]
    assert fires["records"]["counted by code"] == {"rows": 22, "events": 22}
    assert fires["records"]["outside the period"] == {"rows": 165, "events": 165}
    assert fires["tests"]["find_hotspots"]["test"] == "getis_ord"
    assert fires["tests"]["exceedance"]["dispersion_from"] == "months"
    assert fires["tests"]["getis_ord"]["method"] == "exact permutation test"
    assert fires["tests"]["getis_ord"]["correction"] == "Benjamini-Hochberg"
    assert told["notice"] == lh.read_boundaries("sample").attrs["notice"]


def test_the_files_of_the_sample_are_listed(tmp_path: Path) -> None:
    lh.assess(settings(), out=tmp_path / "out")
    told = {one["path"]: one for one in manifest(tmp_path / "out")["inputs"]}
    assert told.keys() == {"<lsoahot>/sample/areas.parquet", "<lsoahot>/sample/fires.parquet"}
    fires = Path(lh.__file__).parent / "sample" / "fires.parquet"
    assert told["<lsoahot>/sample/fires.parquet"]["sha256"] == mark(fires)
    assert told["<lsoahot>/sample/fires.parquet"]["used_for"] == ["measures.fires"]


def zipped(folder: Path) -> None:
    with zipfile.ZipFile(folder / "data.zip", "w") as packed:
        for path in sorted((folder / "data").iterdir()):
            packed.write(path, path.name)


STREETS = ["data/2011-10-leicestershire-street.csv", "data/2011-11-leicestershire-street.csv"]


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ('"data"', STREETS),
        ('"data/*-street.csv"', STREETS),
        ('["data/2011-10-leicestershire-street.csv", "data/2011-11-leicestershire-street.csv"]',
         STREETS),
        ('"data.zip"', ["data.zip"]),
    ],
)  # fmt: skip
def test_every_file_behind_a_source_is_listed(
    source: str, paths: list[str], tmp_path: Path
) -> None:
    toml = project(tmp_path, source)
    zipped(tmp_path)
    (tmp_path / "data" / "2011-10-leicestershire-outcomes.csv").write_text("not read\n")
    lh.assess(toml, out=tmp_path / "out")
    told = {one["path"]: one["sha256"] for one in manifest(tmp_path / "out")["inputs"]}
    assert list(told) == ["a.toml", "<lsoahot>/sample/areas.parquet", *paths]
    for path in ["a.toml", *paths]:
        assert told[path] == mark(tmp_path / path)


def test_a_shapefile_is_all_its_parts(tmp_path: Path) -> None:
    areas = lh.read_boundaries("sample")
    shapes = areas.reset_index()[["area_code", "area_name", "geometry"]]
    shapes.rename(columns={"area_code": "LSOA11CD", "area_name": "LSOA11NM"}).to_file(
        tmp_path / "areas.shp"
    )
    areas[["population"]].to_csv(tmp_path / "people.csv")
    given = settings(
        boundaries={"source": str(tmp_path / "areas.shp")},
        population={"source": str(tmp_path / "people.csv")},
    )
    lh.assess(given, out=tmp_path / "out")
    told = manifest(tmp_path / "out")["inputs"]
    ends = {Path(one["path"]).suffix for one in told if one["used_for"] == ["boundaries"]}
    assert {".shp", ".shx", ".dbf", ".prj"} <= ends
    assert next(one for one in told if one["used_for"] == ["population"])["sha256"] == mark(
        tmp_path / "people.csv"
    )


def test_a_layer_of_the_cache_is_listed_with_its_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = tmp_path / "cache" / "boundaries" / "lsoa11-1.parquet"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"areas")
    monkeypatch.setenv("LSOAHOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(boundaries, "fetch_boundaries", lambda _: cached)
    os.utime(cached, (1_600_000_000, 1_600_000_000))
    config = read_config(settings(boundaries={"source": "lsoa11"}))
    one = inputs.list_inputs(config, None)[0]
    assert _paths.portable(one.path, tmp_path) == "<cache>/boundaries/lsoa11-1.parquet"
    assert _manifest._fetched(one) == {"fetched": "2020-09-13"}


def test_notes_that_were_told_are_in_it(tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    file.write_text("LSOA code,Burglary\nE01013799,7\nE01013800,2\n")
    measure = {"burglary": {"dataset": "crime", "source": str(file)}}
    with pytest.warns(UserWarning, match="give no month"):
        lh.assess(settings(measures=measure), out=tmp_path / "out")
    notes = manifest(tmp_path / "out")["notes"]
    assert len(notes) == 1
    assert "give no month, so every record is counted" in notes[0]


def test_an_adapter_of_the_users_own_is_told(tmp_path: Path) -> None:
    own = lh.DATASETS["fires"]
    file = Path(lh.__file__).parent / "sample" / "fires.parquet"
    measure = {"mine": {"dataset": "mine", "source": str(file)}}
    lh.assess(settings(measures=measure), out=tmp_path / "out", datasets={"mine": own})
    assert manifest(tmp_path / "out")["adapters"]["mine"]["name"] == "fires"


@pytest.mark.filterwarnings("ignore::UserWarning")  # of a single area there is much to tell
def test_counts_that_are_withheld_are_not_in_it(tmp_path: Path) -> None:
    one = lh.read_boundaries("sample").loc[["E01013801"]]
    one.reset_index().to_parquet(tmp_path / "one.parquet")
    one[["population"]].to_csv(tmp_path / "people.csv")
    given = settings(
        boundaries={"source": str(tmp_path / "one.parquet")},
        population={"source": str(tmp_path / "people.csv")},
        measures={"hate": {"dataset": "hate", "source": "sample"}},
    )
    found = lh.assess(given, out=tmp_path / "out")
    assert found.tables["hate"].attrs["audit"]["withheld"]
    told = manifest(tmp_path / "out")["measures"]["hate"]
    assert told["records"] == "withheld"
    assert "events" not in json.dumps(told)
    assert not [note for note in manifest(tmp_path / "out")["notes"] if "hate" in note]


# --- names of paths -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/home/alice/work/2025/data/crime.csv", "data/crime.csv"),
        ("/home/alice/work/people.csv", "../people.csv"),
        ("/home/alice/Downloads/crime.zip", "../../Downloads/crime.zip"),
        ("/srv/shared/crime.zip", "../../../../srv/shared/crime.zip"),
        ("/home/bob/crime.zip", "../../../bob/crime.zip"),
        ("/home/alice/.cache/lsoahot/x.parquet", "<cache>/x.parquet"),
    ],
)
def test_paths_are_told_without_the_users_name(
    path: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/alice")
    monkeypatch.setenv("USERPROFILE", "/home/alice")
    monkeypatch.setenv("LSOAHOT_CACHE", "/home/alice/.cache/lsoahot")
    base = Path("/home/alice/work/2025")
    assert _paths.portable(Path(path), base) == name
    assert _paths.absolute(_paths.resolved(name, base)) == Path(path)


def test_a_folder_elsewhere_is_told_from_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/alice")
    monkeypatch.setenv("USERPROFILE", "/home/alice")
    assert _paths.portable(Path("/home/alice/work"), Path("/srv/out")) == "~/work"
    assert _paths.resolved("~/work", Path("/srv/out")) == Path("/home/alice/work")


# --- again ----------------------------------------------------------------------------------------

FULL = {
    "title": "All there is",
    "boundaries": {"source": "sample", "select": ["Rutland"]},
    "population": {"source": "people.csv", "columns": {"population": "n", "homes": "h"}},
    "period": PERIOD,
    "statistics": {"rule": "rook", "islands": "nearest"},
    "measures": {
        "a": {"dataset": "crime", "source": ["x.csv", "y.csv"], "categories": "Burglary",
              "exclude": ["Robbery"], "flag": "domestic", "locate_by": "point", "population": "homes",
              "suppress": True, "theme": "Mine", "split": ["one"], "rows": 5},
    },
    "tables": {"t": {"source": "t.csv", "kind": "plain"}},
    "comparison": {"peers": ["Melton"]},
    "report": {"author": "Us", "text": {"introduction": "Hello"}, "template": "our.docx"},
}  # fmt: skip


@pytest.mark.parametrize("given", [settings(), FULL])
def test_settings_told_in_full_are_the_same_settings(given: dict[str, Any]) -> None:
    config = read_config(given)
    told = json.loads(json.dumps(as_settings(config)))
    assert read_config(told) == config
    assert as_settings(read_config(told)) == told


def test_a_run_is_made_again_from_its_manifest(tmp_path: Path) -> None:
    toml = project(tmp_path / "mine")
    lh.assess(toml, out=tmp_path / "mine" / "out")
    shutil.move(tmp_path / "mine", tmp_path / "theirs")  # to another machine, say
    out = tmp_path / "theirs" / "out"
    again = tmp_path / "again"
    lh.assess(out / "manifest.json", out=again)
    first, second = manifest(out), manifest(again)
    assert second["outputs"] == first["outputs"]
    assert [one["sha256"] for one in second["inputs"]] == [
        one["sha256"] for one in first["inputs"] if one["path"] != "a.toml"
    ]
    assert second["measures"] == first["measures"]
    assert (lh.verify(again)["state"] == "same").all()


def test_the_same_run_elsewhere_makes_the_same_manifest(tmp_path: Path) -> None:
    toml = project(tmp_path)
    for name in ("one", "two"):
        lh.assess(toml, out=tmp_path / name)
    one, two = (tmp_path / name / "manifest.json" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "web app"}', '{"settings": 1}'])
def test_what_is_no_manifest_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(text)
    with pytest.raises(ValueError, match="is not the manifest of a run"):
        read_config(file)


# --- proving --------------------------------------------------------------------------------------


def states(out: Path, **options: Any) -> dict[str, str]:
    found = lh.verify(out, **options)
    return dict(zip(found["path"], found["state"], strict=True))


def test_a_folder_is_proved(tmp_path: Path) -> None:
    toml = project(tmp_path)
    out = tmp_path / "out"
    lh.assess(toml, out=out)
    (out / ".lsoahot-run" / "new").mkdir(parents=True)  # another is under way
    (out / ".lsoahot-run" / "new" / "audit.csv").write_text("new")
    assert set(states(out).values()) == {"same"}
    assert lh.verify(out).attrs["manifest"] == mark(out / "manifest.json")
    (out / "audit.csv").write_text("changed")
    (out / "atlas.pdf").unlink()
    (out / "tables" / "mine.csv").write_text("mine")
    (tmp_path / STREETS[0]).write_text(month(11))
    (tmp_path / STREETS[1]).unlink()
    differ = {path: state for path, state in states(out).items() if state != "same"}
    assert differ == {
        "audit.csv": "changed",
        "atlas.pdf": "missing",
        "tables/mine.csv": "not of the run",
        STREETS[0]: "changed",
        STREETS[1]: "missing",
    }


def test_a_folder_that_was_sent_finds_the_sources_by_the_settings(tmp_path: Path) -> None:
    toml = project(tmp_path / "project")
    lh.assess(toml, out=tmp_path / "project" / "out")
    sent = tmp_path / "far" / "away" / "out"
    shutil.move(tmp_path / "project" / "out", sent)
    assert "missing" in states(sent).values()
    for settings_at in (toml, toml.parent):
        assert set(states(sent, settings=settings_at).values()) == {"same"}


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (shutil.rmtree, "there is no folder"),
        (lambda out: (out / "manifest.json").unlink(), r"there is no manifest\.json in"),
        (lambda out: (out / "manifest.json").write_text("{"), "not a manifest of lsoahot's"),
        (lambda out: (out / "manifest.json").write_text("[]"), "not a manifest of lsoahot's"),
        (
            lambda out: (out / "manifest.json").write_text('{"lsoahot": 1, "outputs": [1]}'),
            "not a manifest of lsoahot's",
        ),
        (lambda out: (out / ".lsoahot-run" / "old").mkdir(parents=True), "a run was cut"),
    ],
)
def test_what_can_not_be_proved(
    break_it: Callable[[Path], object], message: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    lh.assess(settings(), out=out)
    break_it(out)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        lh.verify(out)


def test_proving_from_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    lh.assess(settings(), out=out)
    assert main(["verify", str(out)]) == 0
    assert "12 outputs and 2 inputs are as they were" in capsys.readouterr().out
    (out / "audit.csv").write_text("changed")
    assert main(["verify", str(out)]) == 2
    told = capsys.readouterr()
    assert "changed: audit.csv (output)" in told.out
    assert "1 of the files" in told.err


# --- while it runs --------------------------------------------------------------------------------


def test_an_input_that_changes_meanwhile_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = project(tmp_path)
    real = outputs.write_csv

    def slow(table: Any, path: Path) -> Path:
        (tmp_path / STREETS[0]).write_text(month(10) + "more")
        return real(table, path)

    monkeypatch.setattr(outputs, "write_csv", slow)
    with pytest.raises(ValueError, match=r"2011-10-leicestershire-street\.csv was changed while"):
        lh.assess(toml, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_the_last_run_wrote_is_no_source(tmp_path: Path) -> None:
    toml = project(tmp_path, '"."')  # takes in whatever lies beside the settings
    (tmp_path / "out").mkdir()
    shutil.move(tmp_path / "data", tmp_path / "streets")
    lh.assess(toml, out=tmp_path / "out")
    before = manifest(tmp_path / "out")
    counts = {"counts": {"dataset": "crime", "source": str(tmp_path / "out" / "tables")}}
    with pytest.raises(ValueError, match="is what the last run wrote to"):
        lh.assess(settings(measures=counts), out=tmp_path / "out")
    assert manifest(tmp_path / "out") == before


def test_a_report_needs_a_folder() -> None:
    with pytest.raises(ValueError, match="report=True needs a folder"):
        lh.assess(settings(), report=True)


def test_a_config_that_was_read_before_is_proved_too(tmp_path: Path) -> None:
    config = read_config(settings())
    assert isinstance(config, Config)
    lh.assess(config, out=tmp_path / "out")
    assert set(states(tmp_path / "out").values()) == {"same"}


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder once, to be copied."""
    out = tmp_path_factory.mktemp("earlier") / "out"
    lh.assess(settings(), out=out)
    return out


@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize(
    "writer",
    [
        "write_csv",
        "workbook",
        "_dashboard",
        "_maps",
        "_report",
        "write_slides",
        "_index",
        "manifest",
    ],
)
def test_whichever_writer_fails_the_folder_is_as_it_was(
    writer: str,
    problem: BaseException,
    earlier: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "out"
    shutil.copytree(earlier, out)
    (out / "mine.txt").write_text("mine")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    def fails(*_: object, **__: object) -> None:
        raise problem

    if writer == "manifest":
        monkeypatch.setattr(_manifest, "write", fails)
    else:
        monkeypatch.setattr(outputs, writer, fails)
    with pytest.raises(type(problem)):
        lh.assess(settings(), out=out, report=True)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
