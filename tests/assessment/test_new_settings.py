"""`lsoahot init`: from downloads to a settings file that runs."""

from __future__ import annotations

import shutil
import tomllib
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import lsoahot as lh
from lsoahot.assessment.downloads import recognise
from lsoahot.assessment.new_settings import MEASURES, USUAL, new_settings
from lsoahot.cli import main

ROOT = Path(__file__).parents[2]
MONTHS = [f"2025-{month:02}" for month in range(1, 13)]
CODES = [f"E01{number:06}" for number in (13600, 13601, 13787, 13788, 35300)]  # the last of 2021


def police(
    path: Path,
    months: list[str],
    code: str = "E01035300",
    *,
    force: str = "valeshire",
    more: str = "",
) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for month in months:
            rows = "".join(
                f"{month},Valeshire Police,{one},{kind}\n"
                for one in [*CODES[:4], code]
                for kind in ("Burglary", "Anti-social behaviour")
            )
            archive.writestr(
                f"{month}/{month}-{force}-street.csv",
                f"Month,Falls within,LSOA code,Crime type\n{rows}{more}",
            )


def polygons(path: Path, codes: list[str], year: str = "21") -> None:
    names = ["Vale 001A", "Vale 001B", "Moor 001A", "Moor 001B", "Moor 001C"][: len(codes)]
    gpd.GeoDataFrame(
        {f"LSOA{year}CD": codes, f"LSOA{year}NM": names},
        geometry=[
            shapely.box(4e5 + n * 100, 3e5, 4e5 + n * 100 + 100, 3e5 + 100)
            for n in range(len(codes))
        ],
        crs=27700,
    ).to_file(path)


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """Make a folder of downloads as they come, with others that are not wanted."""
    folder = tmp_path / "Downloads"
    folder.mkdir()
    police(folder / "a1b2c3.zip", MONTHS)
    police(folder / "old.zip", ["2019-01"])
    polygons(folder / "Lower_layer-123.gpkg", CODES)
    polygons(folder / "lsoa11.gpkg", [*CODES[:4], "E01000010"], "11")
    people = pd.DataFrame({"geography code": CODES, "Total": [1000, 1100, 1200, 1300, 1400]})
    people.to_csv(folder / "2123456.csv", index=False)
    (folder / "notes.txt").write_text("mine")
    (folder / "broken.zip").write_text("no zip")
    return folder


def test_downloads_are_recognised_and_the_settings_run(
    downloads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "moor"
    arguments = ["init", str(out), "--district", "moor", "--start", "2025-01", "--end", "2025-12"]
    measures = ["--measures", "burglary,anti_social_behaviour", "--data", str(downloads)]
    assert main([*arguments, *measures]) == 0
    shown = capsys.readouterr().out
    assert "a1b2c3.zip" in shown
    assert "old.zip" not in shown
    assert "Still to be downloaded" not in shown
    settings = tomllib.loads((out / "moor.toml").read_text(encoding="utf-8"))
    assert settings["title"] == "Crime and disorder in Moor"
    assert settings["boundaries"] == {
        "source": "../Downloads/Lower_layer-123.gpkg",
        "select": "Moor",
    }
    assert settings["population"] == {"source": "../Downloads/2123456.csv"}
    assert list(settings["measures"]) == ["burglary", "anti_social_behaviour"]
    found = lh.assess(out / "moor.toml")
    assert found.tables["burglary"]["count"].to_dict() == dict.fromkeys(CODES[2:], 12)
    assert main([*arguments, *measures]) == 2
    assert "is there already" in capsys.readouterr().err


def test_what_is_lacking_is_listed_in_the_right_edition(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "moor"
    arguments = ["init", str(out), "--district", "Moor", "--start", "2021-04", "--end", "2022-03"]
    assert main([*arguments, "--measures", "usual"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "https://data.police.uk/data/" in shown
    assert "(December 2011) Boundaries EW BGC (V3)" in shown
    assert "lsoahot fetch lsoa11" in shown
    assert "lsoahot fetch estimates11" in shown
    assert (out / "data").is_dir()
    settings = tomllib.loads((out / "moor.toml").read_text(encoding="utf-8"))
    assert settings["boundaries"]["source"] == "lsoa11"
    assert settings["population"]["source"] == "estimates11 lsoa"
    assert list(settings["measures"]) == list(USUAL)
    assert "# Still to be downloaded" in (out / "moor.toml").read_text(encoding="utf-8")


def test_an_archive_that_lacks_months_is_reported(downloads: Path, tmp_path: Path) -> None:
    (downloads / "a1b2c3.zip").unlink()
    police(downloads / "part.zip", MONTHS[:9])
    _, sources = new_settings(
        tmp_path / "moor", district="Moor", start="2025-01", end="2025-12", data=downloads
    )
    assert sources.edition == "lsoa21"
    assert sources.lacking == [
        "Police records of 2025-10, 2025-11, 2025-12: the archive lacks them."
    ]


def test_the_edition_is_that_of_the_records_not_of_the_calendar(
    downloads: Path, tmp_path: Path
) -> None:
    police(downloads / "a1b2c3.zip", MONTHS, code="E01000010")  # an area that ended in 2021
    _, sources = new_settings(
        tmp_path / "moor", district="Moor", start="2025-01", end="2025-12", data=downloads
    )
    assert sources.edition == "lsoa11"
    assert sources.boundaries == downloads / "lsoa11.gpkg"


def test_whole_years_before_and_names_are_taken_too(downloads: Path, tmp_path: Path) -> None:
    """Of 2022 to 2024 one month is lacking in 2023: the year 2024 is compared, no more."""
    police(downloads / "b.zip", [f"2024-{month:02}" for month in range(1, 13)])
    police(downloads / "c.zip", [f"2023-{month:02}" for month in range(2, 13)])
    police(downloads / "d.zip", [f"2022-{month:02}" for month in range(1, 13)])
    pd.DataFrame(
        {"MSOA21NM": ["Vale 001", "Moor 001"], "MSOA21HCLNM": ["Valley", "High Moor"]}
    ).to_csv(downloads / "names.csv", index=False)
    path, sources = new_settings(
        tmp_path / "moor", district="Moor", start="2025-01", end="2025-12",
        measures=["burglary"], data=downloads,
    )  # fmt: skip
    assert sources.police == [downloads / "a1b2c3.zip", downloads / "b.zip"]
    assert sources.names == downloads / "names.csv"
    found = lh.assess(path)
    assert found.tables["burglary"]["count"].tolist() == [12] * 3  # of 2025 alone
    assert found.tables["burglary"]["area_name"].tolist() == [
        f"High Moor (001{part})" for part in "ABC"
    ]


def test_years_of_another_edition_are_not_compared(downloads: Path, tmp_path: Path) -> None:
    year = [f"2024-{month:02}" for month in range(1, 13)]
    police(downloads / "b.zip", year, code="E01000010")  # an area that ended in 2021
    _, sources = new_settings(
        tmp_path / "moor", district="Moor", start="2025-01", end="2025-12", data=downloads
    )
    assert sources.police == [downloads / "a1b2c3.zip"]


def test_archives_that_revise_one_another_are_not_put_together(
    downloads: Path, tmp_path: Path
) -> None:
    """Of 2024 two months stand in both, revised since: `assess` would refuse the two together."""
    (downloads / "a1b2c3.zip").unlink()
    year = [f"2024-{month:02}" for month in range(1, 13)]
    police(downloads / "older.zip", year, more="2024-12,Valeshire Police,E01013787,Burglary\n")
    police(downloads / "newer.zip", [*year[10:], *MONTHS])
    path, sources = new_settings(
        tmp_path / "moor", district="Moor", start="2025-01", end="2025-12",
        measures=["burglary"], data=downloads,
    )  # fmt: skip
    assert sources.police == [downloads / "newer.zip"]
    assert sources.lacking == [
        (
            "Police records of January 2024 to December 2025 in one archive, to compare years: "
            "newer.zip and older.zip differ in 2024-11, for data.police.uk revises its files."
        )
    ]
    assert lh.assess(path).tables["burglary"]["count"].tolist() == [12] * 3
    (downloads / "newer.zip").unlink()
    police(downloads / "newer.zip", MONTHS)
    files = police_files(downloads, "Moor")
    assert files == ["newer.zip", "older.zip"]


def police_files(folder: Path, district: str) -> list[str]:
    ends = pd.Period("2025-01", "M"), pd.Period("2025-12", "M")
    found = recognise(folder, district=district, first=ends[0], last=ends[1])
    return [path.name for path in found.police]


def test_only_the_forces_of_the_areas_are_taken(tmp_path: Path) -> None:
    """Rutland is Leicestershire's: another force's earlier years would be no years of Rutland."""
    year = [f"2024-{month:02}" for month in range(1, 13)]
    police(tmp_path / "next.zip", [*year, *MONTHS], force="lincolnshire")
    assert police_files(tmp_path, "Rutland") == []
    police(tmp_path / "own.zip", MONTHS, force="leicestershire")
    assert police_files(tmp_path, "Rutland") == ["own.zip"]
    assert police_files(tmp_path, "Boston") == ["next.zip"]
    police(tmp_path / "before.zip", year, force="leicestershire")
    police(tmp_path / "rail.zip", MONTHS, force="btp")
    assert police_files(tmp_path, "Rutland") == ["before.zip", "own.zip", "rail.zip"]


def test_a_file_without_a_byte_is_passed_over(downloads: Path) -> None:
    (downloads / "2025-12-valeshire-street.csv").touch()
    (downloads / "2026-01-valeshire-street.csv").touch()
    assert police_files(downloads, "Moor") == ["a1b2c3.zip"]


def test_a_population_of_many_years_gives_the_nearest(downloads: Path, tmp_path: Path) -> None:
    people = {"lsoa21cd": CODES, "pop_mid2019": 900, "pop_mid2023": range(950, 955)}
    people["pop_mid2030"] = 990
    pd.DataFrame(people).to_csv(downloads / "2123456.csv", index=False)
    path, sources = new_settings(
        tmp_path / "moor", district="Moor", start="2025-01", end="2025-12",
        measures=["burglary"], data=downloads,
    )  # fmt: skip
    assert sources.column == "pop_mid2023"
    found = lh.assess(path)
    assert found.tables["burglary"]["population"].to_dict() == dict(
        zip(CODES[2:], (952, 953, 954), strict=True)
    )


def test_it_asks_for_what_is_not_given(
    downloads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["Vale", "2025-01", "2025-06", ""])
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return next(answers)

    monkeypatch.setattr("builtins.input", answer)
    assert main(["init", str(tmp_path / "vale"), "--data", str(downloads)]) == 0
    assert len(asked) == 4
    settings = tomllib.loads((tmp_path / "vale" / "vale.toml").read_text(encoding="utf-8"))
    assert settings["period"] == {"start": "2025-01", "end": "2025-06"}
    assert list(settings["measures"]) == list(USUAL)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"district": "Mooor"}, r"no district is called 'Mooor'.*Did you mean 'Moor'\?"),
        ({"start": "2025"}, r"start='2025' is no month.*2025-01"),
        ({"start": "2026-01"}, r"the first month, 2026-01, is after the last"),
        ({"measures": ["burglry"]}, r"measure='burglry' is not one of.*Did you mean 'burglary'\?"),
    ],
)
def test_it_refuses_what_would_not_run(
    downloads: Path, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    options = {"district": "Moor", "start": "2025-01", "end": "2025-12", "data": downloads}
    with pytest.raises(ValueError, match=message):
        new_settings(tmp_path / "moor", **{**options, **changes})
    assert not (tmp_path / "moor").exists()


def test_without_a_terminal_it_says_what_to_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", closed)
    assert main(["init", str(tmp_path / "vale")]) == 2
    assert "Give --district, --start and --end" in capsys.readouterr().err
    arguments = ["--district", "Vale", "--start", "2025-01", "--end", "2025-02"]
    assert main(["init", str(tmp_path / "vale"), *arguments, "--data", str(tmp_path / "no")]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_every_measure_can_be_asked_for(downloads: Path, tmp_path: Path) -> None:
    path, _ = new_settings(
        tmp_path / "moor", district="Moor", start="2025-01", end="2025-12", measures=MEASURES,
        data=downloads,
    )  # fmt: skip
    settings = tomllib.loads(path.read_text(encoding="utf-8"))
    known = set(lh.DATASETS["crime"].categories)
    for name, part in settings["measures"].items():
        assert name in MEASURES
        assert {one.lower() for one in part.get("categories", [])} <= known


def test_charnwood_from_downloads(shared: Path, tmp_path: Path) -> None:
    """A district of real data: what `init` writes agrees with a count by hand."""
    folder = tmp_path / "Downloads"
    folder.mkdir()
    for name in (
        "police/leicestershire-2025.zip",
        "boundaries/leics_rutland_lsoa11_bgc.gpkg",
        "boundaries/leics_rutland_lsoa21_bgc.gpkg",
        "boundaries/rutland_lsoa21_bgc.geojson",
        "population/pop_lsoa21_census2021.csv",
        "population/pop_lsoa11_2011_2017_2019_2020.csv",
        "lookups/lookup_lsoa11_lsoa21.csv",
    ):
        shutil.copy(shared / "data" / name, folder)
    path, sources = new_settings(
        tmp_path / "charnwood", district="charnwood", start="2025-01", end="2025-12",
        measures=["burglary"], data=folder,
    )  # fmt: skip
    assert sources.district == "Charnwood"
    assert sources.lacking == []
    assert sources.boundaries == folder / "leics_rutland_lsoa21_bgc.gpkg"
    assert sources.population == folder / "pop_lsoa21_census2021.csv"
    table = lh.assess(path).tables["burglary"]
    with zipfile.ZipFile(folder / "leicestershire-2025.zip") as archive:
        rows = pd.concat(
            pd.read_csv(archive.open(name))
            for name in archive.namelist()
            if name.endswith("-street.csv")
        )
    mine = rows["Crime type"].eq("Burglary") & rows["LSOA name"].str.startswith("Charnwood ")
    assert table["count"].sum() == mine.sum()


def test_the_commands_of_the_readme_run_as_they_stand(
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All but the last, which draws everything."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [
        line for line in readme.splitlines() if line.startswith(("lsoahot init", "lsoahot as"))
    ]
    assert len(lines) == 3
    (tmp_path / "Downloads").mkdir()
    for name in (
        "police/leicestershire-2025.zip",
        "boundaries/leics_rutland_lsoa21_bgc.gpkg",
        "population/pop_lsoa21_census2021.csv",
    ):
        shutil.copy(shared / "data" / name, tmp_path / "Downloads")
    monkeypatch.chdir(tmp_path)
    for line in lines[:2]:
        assert main(line.split()[1:]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Of 106,149 records, 87,997 were counted" in shown  # as the six steps say
    assert "It would run: every file was made for trial. Nothing was written." in shown
