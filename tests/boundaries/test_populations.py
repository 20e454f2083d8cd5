"""Populations from any table, and from Nomis past its silent limit (over real HTTP on loopback)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import loopback
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from loopback import serving

import lsoahot as lh
from lsoahot.boundaries.fetch import download
from lsoahot.counting import read_lookup
from lsoahot.records import csvs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODES = ["E01000001", "E01000002", "E01000003"]


# --- any table ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("LSOA21CD", "total_residents"),
        ("lsoa11_code", "Population"),
        ("LSOA 2021 Code", "Total"),
        ("LSOA Code", "All Ages"),
        ("geography code", "Observation"),
        ("Lower layer Super Output Areas Code", "usual residents"),
        ("mnemonic", "2020"),
        ("Area Codes", "All persons"),
    ],
)
def test_codes_and_the_total_are_found(tmp_path: Path, header: str, column: str) -> None:
    pd.DataFrame({header: CODES, "name": "x", column: ["1,500", "0", "1200"]}).to_csv(
        tmp_path / "people.csv", index=False
    )
    found = lh.read_population(tmp_path / "people.csv")
    assert found.index.name == "area_code"
    assert found["population"].to_dict() == dict(zip(CODES, [1500, 0, 1200], strict=True))
    assert found["population"].dtype == "int64"
    assert found.attrs == {"population_source": "people.csv"}


TABLE = pd.DataFrame(
    {
        "LSOA21CD": CODES,
        "residents": [10, 20, 30],
        "workday": [5, 50, 500],
        "area_km2": [0.1, 1.5, 2],
    }
)


def test_several_denominators_side_by_side() -> None:
    every = lh.read_population(TABLE)
    assert list(every.columns) == ["residents", "workday", "area_km2"]
    assert every.dtypes.astype(str).to_list() == ["int64", "int64", "float64"]
    one = lh.read_population(TABLE, columns="workday")
    assert one["population"].to_list() == [5, 50, 500]
    assert one.attrs["population_source"] == "the table, column workday"
    assert list(lh.read_population(TABLE, columns=["workday", "residents"])) == [
        "workday",
        "residents",
    ]
    renamed = lh.read_population(TABLE, columns={"population": "residents", "daytime": "workday"})
    assert renamed["daytime"].to_list() == [5, 50, 500]
    assert renamed["population"].to_list() == [10, 20, 30]


def test_a_file_that_is_read_in_pieces_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [f"E010{10_000 + i}" for i in range(300)]
    people = pd.DataFrame({"LSOA21CD": codes, "population": range(1000, 1300)})
    people.to_csv(tmp_path / "people.csv", index=False)
    monkeypatch.setattr(csvs, "PIECE", 1000)
    result = lh.read_population(tmp_path / "people.csv")
    assert result.index.tolist() == codes
    assert result["population"].tolist() == list(range(1000, 1300))
    changed = pd.DataFrame({"LSOA11CD": codes, "LSOA21CD": codes, "CHGIND": "U"})
    changed.to_csv(tmp_path / "lookup.csv", index=False)
    whole = read_lookup.read(tmp_path / "lookup.csv", "lsoa11", "lsoa21")
    assert whole.old.tolist() == codes


def test_a_total_hides_its_parts() -> None:
    ages = TABLE.rename(columns={"residents": "Total", "workday": "F0", "area_km2": "F1"})
    assert list(lh.read_population(ages)) == ["population"]
    assert list(lh.read_population(ages, columns=["Total", "F0"])) == ["Total", "F0"]


def test_a_workbook_as_ons_publishes_it(tmp_path: Path) -> None:
    def sheet(people: list[int]) -> pd.DataFrame:
        blank = [""] * 6
        return pd.DataFrame(
            [
                ["Mid-2022 population estimates for LSOAs by single year of age", *blank[1:]],
                ["This worksheet contains one table. Some notes follow.", *blank[1:]],
                ["Source: Office for National Statistics", *blank[1:]],
                ["LAD 2021 Code", "LAD 2021 Name", "LSOA 2021 Code", "LSOA 2021 Name", "Total",
                 "F0"],
                *[["E07000001", "Vale", c, f"Vale 00{i}A", p, p // 90]
                  for i, (c, p) in enumerate(zip(CODES, people, strict=True))],
                ["Notes: rounded to the nearest person", *blank[1:]],
            ]
        )  # fmt: skip

    path = tmp_path / "sapelsoa.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame([["Contents"], ["Mid-2021 LSOA 2021"]]).to_excel(
            book, sheet_name="Contents", index=False, header=False
        )
        for year, people in {2021: [900, 910, 920], 2022: [1000, 1010, 1020]}.items():
            sheet(people).to_excel(
                book, sheet_name=f"Mid-{year} LSOA 2021", index=False, header=False
            )
    with pytest.raises(
        ValueError, match=r"2 sheets with area codes: 'Mid-2021 LSOA 2021', .*sheet="
    ):
        lh.read_population(path)
    found = lh.read_population(path, sheet="Mid-2022 LSOA 2021")
    assert found["population"].to_dict() == dict(zip(CODES, [1000, 1010, 1020], strict=True))
    assert found.attrs["population_source"] == "sapelsoa.xlsx, sheet Mid-2022 LSOA 2021"
    with pytest.raises(
        ValueError, match=r"sheet='Mid-2032 LSOA 2021' is not one of .*Mid-2022|2021"
    ):
        lh.read_population(path, sheet="Mid-2032 LSOA 2021")


def test_a_workbook_with_one_table_and_one_without(tmp_path: Path) -> None:
    def write(name: str, **sheets: pd.DataFrame) -> Path:
        with pd.ExcelWriter(tmp_path / name) as book:
            for sheet, table in sheets.items():
                table.to_excel(book, sheet_name=sheet, index=False)
        return tmp_path / name

    notes = pd.DataFrame({"Notes": ["one", "two"], "More": ["a", "b"]})
    found = lh.read_population(write("a.xlsx", Notes=notes, People=TABLE), columns="residents")
    assert found["population"].to_list() == [10, 20, 30]
    assert found.attrs["population_source"] == "a.xlsx, sheet People, column residents"
    with pytest.raises(ValueError, match=r"no sheet with area codes; its sheets are Notes, Other"):
        lh.read_population(write("b.xlsx", Notes=notes, Other=notes))


def test_missing_figures_are_told() -> None:
    table = pd.DataFrame({"LSOA21CD": CODES, "people": ["10", "c", None]})
    with pytest.warns(
        UserWarning, match=r"2 areas have no figure .*E01000002, E01000003 \(it says 'c'\)"
    ):
        found = lh.read_population(table)
    assert found["population"].isna().to_list() == [False, True, True]
    assert found["population"].dtype == "Int64"


def test_input_is_left_alone() -> None:
    before = TABLE.copy(deep=True)
    lh.read_population(TABLE, columns=["workday"])
    pd.testing.assert_frame_equal(TABLE, before)


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (
            {"zone": ["a", "b", "c"], "people": [1, 2, 3]},
            {},
            r"no column of area codes .* it has zone, people",
        ),
        ({"zone": CODES, "people": [1, 2, 3]}, {"code": "zon"}, r"no column 'zon'; it has zone"),
        (
            {"LSOA21CD": CODES, "name": ["a", "b", "c"]},
            {},
            r"no column of numbers beside the codes",
        ),
        (
            {"LSOA21CD": CODES, "people": [1, -2, 3]},
            {},
            r"'people' .* negative in 1 areas: E01000002",
        ),
        (
            {"LSOA21CD": CODES, "people": [1, 2, 3]},
            {"columns": "peple"},
            r"Did you mean 'people'\?",
        ),
        (
            {"LSOA21CD": CODES, "name": ["a", "b", "c"]},
            {"columns": "name"},
            r"no numbers, but a, b, c",
        ),
        (
            {"LSOA21CD": [*CODES[:2], CODES[0]], "people": [1, 2, 3]},
            {},
            r"more than once: E01000001",
        ),
        ({"LSOA21CD": [*CODES[:2], None], "people": [1, 2, 4]}, {}, r"1 areas have no code"),
        ({"LSOA21CD": [], "people": []}, {}, r"has no rows"),
        ({"LSOA21CD": CODES, "people": [1, 2, 3]}, {"columns": []}, r"columns is empty"),
    ],
)
def test_refuses_bad_tables(
    table: dict[str, list[object]], options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        lh.read_population(pd.DataFrame(table), **options)


def test_refuses_bad_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*none\.csv.*residents21"):
        lh.read_population(tmp_path / "none.csv")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ValueError, match=r"empty\.csv is empty"):
        lh.read_population(tmp_path / "empty.csv")
    (tmp_path / "page.csv").write_text("<!doctype html><p>Sign in")
    with pytest.raises(ValueError, match=r"page\.csv is a web page"):
        lh.read_population(tmp_path / "page.csv")


def test_real_tables(shared: Path) -> None:
    folder = shared / "data" / "population"
    old = lh.read_population(folder / "pop_lsoa11_2011_2017_2019_2020.csv", columns="pop_mid2020")
    assert len(old) == 611
    assert old.loc["E01013787", "population"] == 1355
    new = lh.read_population(folder / "pop_lsoa21_census2021.csv")
    assert len(new) == 634
    assert new["population"].sum() == 1_122_002  # as awk adds them up


# --- Nomis ----------------------------------------------------------------------------------------

MOST = 10  # rows that this Nomis sends at once, as the real one sends 25,000


class Answer(loopback.Answer):
    server: Nomis

    def reply(self) -> None:
        server, query = self.server, self.query
        server.asked.append(query)
        fault = server.faults.popleft() if server.faults else ""
        offset = int(query["RecordOffset"])
        if fault == "next page":
            offset += MOST
        last = min(offset + min(int(query["RecordLimit"]), MOST), server.rows)
        lines = [
            '"DATE_NAME","GEOGRAPHY_CODE","GEOGRAPHY_NAME","OBS_VALUE","RECORD_OFFSET","RECORD_COUNT"'
        ]
        lines += [
            f'"2022","E01{i // server.per_area:06}","Vale {i:03}",{1000 + i},{i},{server.rows}'
            for i in range(offset, last)
        ]
        body = "\r\n".join(lines).encode() if server.rows else b""
        if fault in {"503", "429"}:
            self.send(b"busy", status=int(fault))
        elif fault == "words":
            self.send(b"Sorry, Nomis is being updated.")
        elif fault == "hang up":
            self.connection.close()
        elif fault == "fewer":
            self.send(body.replace(b",25", b",15"))
        elif fault == "cut":
            self.send(body, cut=len(body) // 2)
        elif fault == "cut, and it counts what it sends":
            self.send(body[: len(body) - 9])
        elif fault == "short":
            self.send(b"\r\n".join(body.split(b"\r\n")[:4]))
        else:
            self.send(body)


class Nomis(loopback.Portal):
    answer = Answer

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows
        self.per_area = 1
        self.faults: deque[str] = deque()
        self.asked: list[dict[str, str]] = []


@pytest.fixture
def nomis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nomis]:
    server = Nomis(25)
    root = f"{server.address}/api/v01/dataset"
    (tmp_path / "populations.toml").write_text(
        f'[residents21]\nroot = "{root}"\n[households21]\nroot = "{root}"\n'
    )
    monkeypatch.setenv("LSOAHOT_POPULATIONS", str(tmp_path / "populations.toml"))
    with serving(server, tmp_path, monkeypatch):
        yield server


def assert_whole(table: pd.DataFrame, column: str = "population") -> None:
    assert table.index.to_list() == [f"E01{i:06}" for i in range(25)]
    assert table[column].to_list() == [1000 + i for i in range(25)]


def test_nomis_is_read_past_its_silent_limit(nomis: Nomis) -> None:
    found = lh.read_population("residents21 lsoa")
    assert_whole(found)
    assert found.attrs["population_source"] == "Census 2021, usual residents (TS001), 2022, Nomis"
    assert [query["RecordOffset"] for query in nomis.asked] == ["0", "10", "20"]
    assert nomis.asked[0]["geography"] == "TYPE151"
    assert nomis.asked[0]["c2021_restype_3"] == "0"
    assert_whole(lh.read_population("residents21"))  # of LSOAs, and from the cache
    assert len(nomis.asked) == 3
    households = lh.read_population("households21_msoa", columns={"households": "households"})
    assert_whole(households, "households")
    assert nomis.asked[-1]["geography"] == "TYPE152"


@pytest.mark.parametrize("page", [0, 1, 2])
@pytest.mark.parametrize(
    "fault",
    [
        "503",
        "429",
        "words",
        "hang up",
        "cut",
        "cut, and it counts what it sends",
        "next page",
        "short",
    ],
)
def test_a_passing_fault_costs_nothing(nomis: Nomis, fault: str, page: int) -> None:
    nomis.faults.extend([""] * page + [fault])
    assert_whole(lh.read_population("residents21"))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    faults=st.lists(st.sampled_from(["", "503", "words", "cut", "next page", "short"]), max_size=9)
)
def test_whatever_the_faults_nothing_is_lost(
    nomis: Nomis, tmp_path: Path, faults: list[str]
) -> None:
    nomis.faults = deque(faults)
    for _ in range(4):
        try:
            path = lh.fetch_population("residents21", refresh=True)
        except ConnectionError:
            continue
        break
    assert_whole(pd.read_parquet(path))
    assert not list((tmp_path / "cache").rglob("*.part"))


def test_nomis_down_leaves_nothing_and_says_how_to_do_without(nomis: Nomis, tmp_path: Path) -> None:
    nomis.faults.extend(["", *["503"] * download.TRIES])
    with pytest.raises(ConnectionError, match=r"TS001.*503.*5 times.*nomisweb.*read_population\("):
        lh.read_population("residents21")
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert_whole(lh.read_population("residents21"))


def test_nomis_refuses_loose_questions(nomis: Nomis) -> None:
    nomis.per_area = 2
    with pytest.raises(
        ValueError, match=r"several rows for 12 areas: E01000000.*one value in every"
    ):
        lh.fetch_population("residents21")
    nomis.rows = 0
    with pytest.raises(ValueError, match=r"Nomis has nothing for .*Check the geography"):
        lh.fetch_population("residents21")


def test_a_table_that_shrinks_while_it_is_read_is_not_kept(nomis: Nomis, tmp_path: Path) -> None:
    nomis.faults.extend(["", "fewer"])
    with pytest.raises(ConnectionError, match=r"Nomis counted 15 rows, but 20 different ones came"):
        lh.fetch_population("residents21")
    assert not list((tmp_path / "cache").rglob("*.parquet"))


@pytest.mark.usefixtures("nomis")
def test_refuses_unknown_names() -> None:
    with pytest.raises(ValueError, match=r"name='residents31' .*Did you mean 'residents[12]1'\?"):
        lh.fetch_population("residents31")
    with pytest.raises(ValueError, match=r"of='ward' is not one of oa, lsoa, msoa"):
        lh.fetch_population("residents21", "ward")
