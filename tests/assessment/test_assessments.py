"""The assessment of the sample gives every published row; the real one agrees with the oracle."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

import lsoahot as lh
from lsoahot.assessment import outputs
from lsoahot.assessment.csv_tables import COLUMNS
from lsoahot.cli import main

PUBLISHED = Path(__file__).parents[2] / "boundaries" / "published"
PERIOD = {"start": "2011-10", "end": "2012-09"}


def settings(**changes: Any) -> dict[str, Any]:
    return {
        "boundaries": {"source": "sample"},
        "period": PERIOD,
        "measures": {"fires": {"dataset": "fires", "source": "sample"}},
        **changes,
    }


def published_rows() -> list[dict[str, str]]:
    with (PUBLISHED / "ranked.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_all_fifty_five_published_rows_come_out(demo: Path) -> None:
    rows = published_rows()
    assert len(rows) == 55
    for row in rows:
        table = pd.read_csv(demo / "tables" / f"{row['measure']}.csv")
        found = table.iloc[int(row["place"]) - 1]
        assert found["area_name"] == row["area_name"]
        assert found["count"] == int(row["count"])
        assert f"{found['rate']:.1f}" == row["rate"]


def test_every_measure_has_its_table_and_maps(demo: Path) -> None:
    measures = {row["measure"] for row in published_rows()} | {"hate"}
    assert {path.stem for path in (demo / "tables").iterdir()} == measures
    for measure in measures:
        table = pd.read_csv(demo / "tables" / f"{measure}.csv")
        assert len(table) == 23
        assert list(table)[: len(COLUMNS)] == list(COLUMNS)
        assert (demo / "maps" / f"{measure}-rate.png").stat().st_size > 10_000
        assert (demo / "maps" / f"{measure}-hotspots.png").stat().st_size > 10_000


def test_the_audit_accounts_for_every_record(demo: Path) -> None:
    audit = pd.read_csv(demo / "audit.csv")
    rows = audit.groupby("measure")["rows"].sum()
    files = {"total_crime": "crime", "criminal_damage": "crime", "deliberate_fires": "fires"}
    for measure, file in files.items():
        assert rows[measure] == len(lh.read_dataset(file, "sample"))
    counted = audit[audit["outcome"].str.startswith("counted")].groupby("measure")["rows"].sum()
    assert counted["total_crime"] == 1256
    assert counted["deliberate_fires"] == 22


def test_nothing_is_left_beside_the_folder(demo: Path) -> None:
    assert [path.name for path in demo.parent.iterdir()] == [demo.name]


def test_the_folder_holds_everything_and_proves_it(demo: Path) -> None:
    assert {path.name for path in demo.iterdir()} == {
        "assessment.gpkg", "atlas.pdf", "audit.csv", "dashboard.html", "figures.csv",
        "figures.parquet", "index.html", "manifest.json", "maps", "report-tables", "report.docx",
        "slides.pptx", "tables", "workbook.xlsx",
    }  # fmt: skip
    proved = lh.verify(demo)
    assert set(proved["state"][proved["kind"] == "output"]) == {"same"}
    # What small counts could be worked out from has a digest that takes a key.
    assert set(proved["state"]) == {"same", "not proved"}


def test_a_second_run_of_the_sample_makes_the_same_files_bit_by_bit(
    demo: Path, tmp_path: Path
) -> None:
    # in a process, a folder, a zone and an order of hashing of its own
    again = tmp_path / "elsewhere" / "again"
    run = [sys.executable, "-m", "lsoahot.cli", "demo", "--out", str(again)]
    env = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "MPLBACKEND": "Agg"}
    subprocess.run(run, check=True, capture_output=True, env=env)
    first, second = (
        {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        for folder in (demo, again)
    )
    assert len(first) > 36
    assert second == first


def test_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        'title = "x"\n[boundaries]\nsource = "sample"\n[period]\nstart = "2011-10"\n'
        'end = "2012-09"\n[measures.fires]\ndataset = "fires"\nsource = "sample"\n',
        encoding="utf-8",
    )
    assert main(["assess", str(file), "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr()
    first = next(line for line in shown.out.splitlines() if "Oakham North West" in line)
    assert first.split()[:6] == ["1", "Oakham", "North", "West", "6", "3.6"]
    second = next(line for line in shown.out.splitlines() if "Greetham" in line)
    assert second.index("Greetham") == first.index("Oakham")  # names begin in one column
    assert "schematic boundaries, reconstructed records: not for operational use" in shown.out
    assert "more areas tie with the last of the top 10" in shown.err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"boundaries": {"source": "nowhere.gpkg"}}, "nowhere.gpkg"),
        ({"period": {"start": "1999-01", "end": "1999-12"}}, "no record is of January 1999 to"),
        ({"measures": {"f": {"dataset": "fire", "source": "sample"}}}, "Did you mean 'fires'"),
        (
            {"measures": {"v": {"dataset": "crime", "source": "sample", "categories": "Violense"}}},
            "no record is of category 'Violense'",
        ),
        (
            {"measures": {"v": {"dataset": "asb", "source": "sample", "flag": "alcohol"}}},
            "has no column 'alcohol'",
        ),
        ({"boundaries": {"source": "sample", "select": "Rutlnd"}}, "Rutlnd"),
    ],
)
def test_bad_settings_write_nothing(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        lh.assess(settings(**change), out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_command_line_says_what_to_mend(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["assess", str(tmp_path / "none.toml"), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("lsoahot: there is no settings file at")
    assert "Traceback" not in told


def test_a_failure_while_drawing_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(outputs, "_map", fails)
    with pytest.raises(OSError, match="disk full"):
        lh.assess(settings(), out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_flags_of_sensitive_subjects_are_suppressed() -> None:
    domestic = {"dataset": "crime", "source": "sample", "flag": "domestic"}
    shown = lh.assess(settings(measures={"it": {**domestic, "suppress": False}})).tables["it"]
    hidden = lh.assess(settings(measures={"it": domestic})).tables["it"]
    assert shown["count"].min() == 0
    assert hidden["suppressed"].any()
    assert not (hidden["count"] < 5).any()


def test_records_of_other_periods_are_withheld_with_small_counts() -> None:
    domestic = {"dataset": "domestic", "source": "sample"}
    open_ = lh.assess(settings(measures={"it": {**domestic, "suppress": False}}))
    found = lh.assess(settings(measures={"it": domestic}))
    shown, hidden = open_.audit, found.audit
    assert shown.set_index("outcome")["rows"]["outside the period"] == 904
    assert "outside the period" not in set(hidden["outcome"])
    told = str(found.tables["it"].attrs["audit"])
    assert told.startswith("Of 228 records, 228 were counted")
    assert told.endswith("withheld: small counts could be worked out from it.")


def test_measures_that_can_be_subtracted_are_refused() -> None:
    every = {"dataset": "domestic", "source": "sample"}
    part = {**every, "categories": "Crime"}
    with pytest.raises(ValueError, match=r"'every' and 'part' share records.*Keep one of them"):
        lh.assess(settings(measures={"every": every, "part": part}))
    rest = {**every, "categories": "Incident"}
    lh.assess(settings(measures={"part": part, "rest": rest}))  # apart: no warning


def test_two_periods_do_not_give_a_small_count_away(tmp_path: Path) -> None:
    # two years in the table, one year in the dashboard: the difference is the other year
    measures = {
        "domestic": {"title": "Domestic abuse", "dataset": "domestic", "source": "sample"},
        "fires": {"title": "Fires", "dataset": "fires", "source": "sample"},
    }
    two_years = settings(period={"start": "2010-10", "end": "2012-09"}, measures=measures)
    with pytest.warns(UserWarning, match="Domestic abuse: not in the dashboard"):
        lh.assess(two_years, out=tmp_path / "out")
    page = (tmp_path / "out" / "dashboard.html").read_text(encoding="utf-8")
    assert "Fires" in page
    assert "Domestic abuse" not in page


@pytest.mark.filterwarnings("ignore:Burglary. not in the dashboard")
def test_counts_without_months_are_of_the_whole_period(tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    file.write_text("LSOA code,Burglary,Robbery\nE01013799,7,1\nE01013800,2,0\n")
    measure = {"burglary": {"dataset": "crime", "source": str(file), "categories": "Burglary"}}
    with pytest.warns(UserWarning, match="give no month, so every record is counted"):
        found = lh.assess(settings(measures=measure), out=tmp_path / "out")
    assert found.tables["burglary"]["count"].sum() == 9
    assert (tmp_path / "out" / "tables" / "burglary.csv").exists()


def test_exclude_leaves_categories_out() -> None:
    whole = {"dataset": "crime", "source": "sample"}
    less = {**whole, "exclude": ["Criminal damage"]}
    found = lh.assess(settings(measures={"a": whole, "b": less}))
    assert found.tables["a"]["count"].sum() == 1256
    assert found.tables["b"]["count"].sum() == 1256 - 188


def test_leicestershire_agrees_with_the_oracle(shared: Path) -> None:
    data = shared / "data"
    found = lh.assess(
        {
            "boundaries": {
                "source": str(data / "boundaries" / "leics_rutland_lsoa11_bgc.gpkg"),
                "select": "Rutland",
            },
            "population": {
                "source": str(data / "population" / "pop_lsoa11_2011_2017_2019_2020.csv"),
                "column": "pop_mid2020",
            },
            "period": {"start": "2021-10", "end": "2022-09"},
            "measures": {
                "all": {
                    "dataset": "crime",
                    "source": str(data / "police" / "leicestershire-2021-10_2022-09.zip"),
                }
            },
        }
    )
    table = found.tables["all"]
    oracle = pd.read_csv(
        shared / "oracles" / "oracle_leics_all_rate_2122.csv", index_col="code"
    ).loc[table.index]
    assert len(table) == 23
    assert table["rate"].to_numpy() == pytest.approx(oracle["y"].to_numpy(), abs=1e-9)
    assert table["gi_z"].to_numpy() == pytest.approx(oracle["Gstar_z"].to_numpy(), abs=1e-9)
    assert table.attrs["statistics"]["getis_ord"]["tested"] == 611
    assert "pop_mid2020" in table.attrs["population_source"]


def test_records_of_another_edition_are_refused(tmp_path: Path, shared: Path) -> None:
    # E01013801 is one area in 2011; its two parts of 2021 would be shown without any crime
    data = shared / "data"
    measure = {
        "dataset": "crime",
        "source": str(data / "police" / "leicestershire-2021-10_2022-09.zip"),
    }
    wrong: dict[str, Any] = {
        "boundaries": {"source": str(data / "boundaries" / "leics_rutland_lsoa21_bgc.gpkg")},
        "population": {"source": str(data / "population" / "pop_lsoa21_census2021.csv")},
        "period": {"start": "2021-10", "end": "2022-09"},
    }
    with (
        pytest.warns(UserWarning, match="code of another edition"),
        pytest.raises(ValueError, match=r"14,893 records have a code of another census edition"),
    ):
        lh.assess({**wrong, "measures": {"all": measure}}, out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    found = lh.assess({**wrong, "measures": {"all": {**measure, "locate_by": "point"}}})
    assert found.tables["all"]["count"].sum() == 109_884


def test_maps_name_the_test_that_was_used() -> None:
    from matplotlib.figure import Figure

    def title(table: gpd.GeoDataFrame) -> str:
        ax = lh.plot_hotspots(table, ax=Figure().subplots())
        return str(ax.get_legend().get_title().get_text())

    both = {
        "fires": {"dataset": "fires", "source": "sample"},
        "asb": {"dataset": "asb", "source": "sample"},
    }
    tables = lh.assess(settings(measures=both)).tables
    assert "Getis-Ord Gi*" in title(tables["fires"])
    assert "Getis-Ord Gi*" in title(tables["asb"])
    assert "Getis-Ord Gi*" in title(lh.getis_ord(tables["fires"]))


@pytest.mark.filterwarnings("ignore:None of the 187 records", "ignore:'rate' is 0 in every area")
def test_a_month_in_which_nothing_happened_is_zero() -> None:
    fires = lh.read_dataset("fires", "sample")
    every = pd.period_range("2011-10", "2012-09", freq="M")
    quiet = next(month for month in every if not (fires["period"] == month).any())
    one = {"start": str(quiet), "end": str(quiet)}
    found = lh.assess(settings(period=one))
    assert found.tables["fires"]["count"].sum() == 0


@pytest.mark.parametrize("verb", ["report", "workbook", "geopackage", "figures_table"])
def test_what_is_no_assessment_is_refused(verb: str, tmp_path: Path) -> None:
    given = () if verb == "figures_table" else (tmp_path / "out.docx",)
    with pytest.raises(TypeError, match=rf"is a dict, not what assess.*{verb}\(assess\(settings\)"):
        getattr(lh, verb)({}, *given)
