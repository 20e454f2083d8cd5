"""Reading at scale: batches, pieces, many files at once, and the same account as of a whole."""

from __future__ import annotations

import io
import threading
import time
import warnings
import zipfile
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import tqdm
from hypothesis import given, settings, strategies as st
from pandas.testing import assert_frame_equal
from pyarrow import parquet

import lsoahot as lh
from lsoahot.records import convert, csvs, raw, readers, repeated_ids, sources, tally, words
from lsoahot.records.point_column import places_of

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context\n"
)
FORCES = ["Leicestershire Police", "Kent Police", "Dyfed-Powys Police"]


def line(i: int, month: str, force: str) -> str:
    """Write a row of a street file; every seventh is anti-social behaviour, without an identifier."""
    calls = i % 7 == 0
    name = "" if calls else f"{i:064x}"
    kind = "Anti-social behaviour" if calls else ("Burglary", "Drugs", "Pram theft")[i % 3]
    place = ",,No Location,," if i % 11 == 0 else (
        f'{-1.5 + i % 5 / 100},{52.5 + i % 3 / 100},"On or near Asda, Oakham",'
        f"E0100{i % 9:04d},Rutland 00{i % 9}A"
    )  # fmt: skip
    return f"{name},{month},{force},{force},{place},{kind},,\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of street files: three forces, four months, 40 rows each."""
    base = tmp_path_factory.mktemp("archive")
    n = 0
    for month in ("2025-01", "2025-02", "2025-03", "2025-04"):
        (base / month).mkdir()
        for force in FORCES:
            rows = [line(i, month, force) for i in range(n, n + 40)]
            n += 39  # one identifier of each file stands in the next again
            slug = force.lower().replace(" police", "")
            path = base / month / f"{month}-{slug}-street.csv"
            path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return base


KNOWN = "ignore:.*category that 'crime' doesn't know:UserWarning"


def whole(source: Any, **options: Any) -> pd.DataFrame:
    return lh.read_dataset("crime", source, **options)


def batches(source: Any, rows: int, **options: Any) -> list[pd.DataFrame]:
    return list(lh.read_batches("crime", source, rows=rows, **options))


@pytest.mark.filterwarnings(KNOWN)
@pytest.mark.parametrize("rows", [7, 17, 39, 40, 41, 100, 480, 10_000])
def test_batches_make_up_the_whole(folder: Path, rows: int) -> None:
    every = batches(folder, rows)
    assert all(0 < len(batch) <= rows for batch in every)
    assert all(isinstance(batch, gpd.GeoDataFrame) for batch in every)
    table = whole(folder)
    assert_frame_equal(pd.concat(every, ignore_index=True), table, check_like=True)
    one = tally.merged(batch.attrs for batch in every)
    assert one == table.attrs


@pytest.mark.filterwarnings(KNOWN)
def test_the_account_of_a_whole(folder: Path) -> None:
    read = whole(folder).attrs["read"]
    assert read["rows"] == read["kept"] == 480
    # 11 files share one row with the file before; those whose number divides by 7 have no identifier.
    again = sum((39 * k) % 7 != 0 for k in range(1, 12))
    assert read["repeated_ids"] == again == 10
    assert read["unknown_categories"] == {"Pram theft": sum(
        i % 7 != 0 and i % 3 == 2 for k in range(12) for i in range(39 * k, 39 * k + 40)
    )}  # fmt: skip


def test_what_concerns_the_whole_is_told_at_the_end(folder: Path) -> None:
    stream = lh.read_batches("crime", folder, rows=100)
    with pytest.warns(UserWarning, match=r"rows have a category .* Pram theft"):
        kept = [next(stream) for _ in range(5)] + list(stream)
    assert sum(map(len, kept)) == 480
    with pytest.raises(ValueError, match="none of the 480 rows belongs to 'fires'"):
        list(lh.read_batches(fires_of_none(), folder))


def fires_of_none() -> lh.Dataset:
    return lh.Dataset(
        name="fires",
        title="Fires",
        columns={"category": ("Crime type",), "period": ("Month",)},
        where={"category": ("fire",)},
    )


@pytest.mark.parametrize("rows", [0, -1])
def test_a_batch_has_rows(folder: Path, rows: int) -> None:
    with pytest.raises(ValueError, match=f"rows={rows} is no size"):
        lh.read_batches("crime", folder, rows=rows)


def test_a_wrong_source_is_told_before_the_first_batch_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no adapter 'cirme'"):
        lh.read_batches("cirme", tmp_path)


def test_batches_of_the_sample_say_what_they_are() -> None:
    every = list(lh.read_batches("crime", "sample", rows=1000))
    assert {batch.attrs["notice"] for batch in every} == {
        lh.read_dataset("crime", "sample").attrs["notice"]
    }


@pytest.mark.filterwarnings(KNOWN)
def test_a_zip_is_the_folder(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "year.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.csv")):
            archive.write(file, file.relative_to(folder).as_posix())
    zipped = whole(path)
    assert_frame_equal(zipped, whole(folder))
    assert zipped.attrs["source"] == ["year.zip"]


# --- many files, and files in pieces --------------------------------------------------------------


@pytest.mark.filterwarnings(KNOWN)
def test_files_read_together_are_files_read_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = whole(folder)
    monkeypatch.setattr(raw, "_joins", lambda _: False)
    alone = whole(folder)
    assert_frame_equal(together, alone)
    assert together.attrs == alone.attrs


def test_street_files_are_read_together(folder: Path) -> None:
    files = sources.find(folder).files
    spec = lh.DATASETS["crime"]
    with readers.Workers() as pool:
        needed = partial(lh.records.layouts.needed, spec=spec, points=True)
        raws = list(raw.joined(readers.read_all(files, needed, pool)))
    assert len(raws) == 1
    assert len(raws[0].names) == 12
    assert sum(file.size for file in files) == raws[0].size


def test_a_file_on_its_side_among_others_is_found(folder: Path, tmp_path: Path) -> None:
    """Read together, the median of all would hide it."""
    for file in folder.rglob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path = tmp_path / "2025-02-kent-street.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Longitude,Latitude", "Latitude,Longitude"), encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"2025-02-kent-street.csv: longitude and latitude are swap"
    ):
        whole(tmp_path)


def test_the_broken_one_of_many_is_named(folder: Path, tmp_path: Path) -> None:
    for file in folder.rglob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path = tmp_path / "2025-03-kent-street.csv"
    path.write_bytes(path.read_bytes()[:-15])
    with pytest.raises(ValueError, match=r"2025-03-kent-street.csv: row 41 has \d+ cells"):
        whole(tmp_path)


@pytest.mark.filterwarnings(KNOWN)
@pytest.mark.parametrize("size", [700, 1000, 4096, 1_000_000])
def test_a_file_in_pieces(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line(i, "2025-01", FORCES[0]) for i in range(200)]
    odd = lines[50].replace("Oakham", "Oak\nham é")  # a line break and an accent in a cell
    path = tmp_path / "one.csv"
    path.write_text(HEADER + "".join([*lines[:50], odd, *lines[51:]]), encoding="utf-8")
    at_once = whole(path)
    monkeypatch.setattr(csvs, "PIECE", size)
    in_pieces = whole(path)
    assert len(at_once) == 200
    assert_frame_equal(at_once, in_pieces)
    assert at_once.attrs == in_pieces.attrs


def test_the_row_of_a_later_piece_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line(i, "2025-01", FORCES[0]) for i in range(1, 100)]
    path = tmp_path / "one.csv"
    broken = lines[90].replace(",,\n", "\n")
    path.write_text(HEADER + "".join([*lines[:90], broken, *lines[91:]]), encoding="utf-8")
    monkeypatch.setattr(csvs, "PIECE", 2000)
    with pytest.raises(ValueError, match=r"one.csv: row 92 has 10 cells, the header 12"):
        whole(path)


def test_utf_16_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line(i, "2025-01", FORCES[0]) for i in range(1, 60) if i % 3 != 2]
    path = tmp_path / "one.csv"
    path.write_text(HEADER + "".join(lines), encoding="utf-16")
    monkeypatch.setattr(csvs, "PIECE", 999)
    assert len(whole(path)) == len(lines)


CELL = st.text(st.sampled_from('a,"\n é'), max_size=5)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=30), st.integers(1, 60))
@settings(max_examples=200)
def test_pieces_end_where_rows_end(rows: list[list[str]], size: int) -> None:
    text = io.StringIO()
    frame = pd.DataFrame(rows, columns=["a", "b"])
    frame.to_csv(text, index=False, lineterminator="\n")
    data = text.getvalue().encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvs, "PIECE", size)
        parts = list(csvs.pieces(io.BytesIO(data), len(data)))
    assert b"".join(parts) == data
    for part in parts[:-1]:
        assert part.endswith(b"\n")
        assert part.count(b'"') % 2 == 0


@pytest.mark.parametrize("group", [10, 300, 5000])
def test_parquet_in_bites(tmp_path: Path, group: int, monkeypatch: pytest.MonkeyPatch) -> None:
    n = 1000
    table = pa.table(
        {
            "Crime ID": [f"{i % 990:064x}" for i in range(n)],
            "Month": ["2025-01", "2025-02"] * (n // 2),
            "Falls within": [FORCES[i // 500] for i in range(n)],
            "Longitude": [None if i % 9 == 0 else -1.5 for i in range(n)],
            "Latitude": [None if i % 9 == 0 else 52.5 for i in range(n)],
            "LSOA code": [f"E0100{i % 7:04d}" for i in range(n)],
            "Crime type": ["Drugs"] * n,
            "Location": ["private"] * n,
        }
    )
    parquet.write_table(table, tmp_path / "year.parquet", row_group_size=group)
    at_once = whole(tmp_path / "year.parquet")
    for name in ("lsoahot.records.parquets.BITE", "lsoahot.records.raw.BITE"):
        monkeypatch.setattr(name, 100)
    in_bites = whole(tmp_path / "year.parquet")
    assert_frame_equal(at_once, in_bites)
    assert at_once.attrs == in_bites.attrs
    assert at_once.attrs["read"]["repeated_ids"] == 10
    assert len(at_once) == n


def test_points_of_a_dataset_are_kept_as_places(folder: Path) -> None:
    with pytest.warns(UserWarning, match="category"):
        crimes = whole(folder)
    place, x, _ = places_of(crimes.geometry.array)
    assert len(place) == 480
    assert len(x) == 15  # 5 longitudes by 3 latitudes
    assert (place < 0).sum() == crimes["area_code"].isna().sum() > 0


@pytest.mark.filterwarnings(KNOWN)
@pytest.mark.filterwarnings("ignore:.*may count an event twice")
def test_points_in_several_systems_are_one_column(folder: Path, tmp_path: Path) -> None:
    """Files in degrees, in metres and without points, one after the other."""
    metres, counts = tmp_path / "metres.csv", tmp_path / "counts.csv"
    metres.write_text(
        "Month,Easting,Northing,LSOA code,Crime type\n"
        "2025-01,450000,300000,E01000001,Drugs\n2025-01,,,E01000001,Drugs\n"
        "2025-02,450001,300000,E01000002,Drugs\n2025-02,450000,300000,E01000002,Drugs\n",
        encoding="utf-8",
    )
    counts.write_text("LSOA code,Month,Count\nE01000001,2025-01,5\n", encoding="utf-8")
    first, last = tmp_path / "first.csv", tmp_path / "last.csv"
    for path, street in zip((first, last), sorted(folder.rglob("*.csv")), strict=False):
        path.write_bytes(street.read_bytes())
    every = [first, metres, counts, last]
    whole_of = whole(every).geometry
    alone = [whole(path) for path in every]
    apart = [
        found.geometry
        if isinstance(found, gpd.GeoDataFrame)
        else gpd.GeoSeries([None] * len(found))
        for found in alone
    ]
    shapes = [shape for column in apart for shape in column]
    assert [None if one is None else one.wkt for one in whole_of] == [
        None if one is None else one.wkt for one in shapes
    ]
    assert [one.wkt for one in whole_of[40:44].dropna()] == [
        "POINT (450000 300000)", "POINT (450001 300000)", "POINT (450000 300000)",
    ]  # fmt: skip


def test_what_is_wrong_first_is_told_first(tmp_path: Path) -> None:
    """A later file may be read before an earlier one is turned into records."""
    header = "Month,LSOA code,Crime type\n"
    (tmp_path / "a.csv").write_text(
        header + "12/31/2025,E01000001,Drugs\n" * 50_000, encoding="utf-8"
    )
    (tmp_path / "b.csv").write_text(header + "2025-01,E01000001\n", encoding="utf-8")
    with pytest.raises(ValueError, match="'12/31/2025' has the month first"):
        whole(tmp_path)
    (tmp_path / "a.csv").write_text(header + "2025-01,E01000001,Drugs\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"b.csv: row 2 has 2 cells"):
        whole(tmp_path)


def test_coordinates_that_nobody_asked_for_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text(
        "Month,Latitude,Longitude,LSOA code,Crime type\n2025-01,-1.5,52.5,E01000001,Drugs\n",
        encoding="utf-8",
    )
    assert whole(path, points=False).columns.tolist() == [
        "area_code", "period", "category", "group",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="longitude and latitude are swapped"):
        whole(path)


# --- the small parts ------------------------------------------------------------------------------


IDS = st.lists(st.sampled_from(["", "a", "b", f"{1:064x}", f"{2:064x}", f"{3:064x}", None]))


@given(st.lists(IDS, max_size=4))
@settings(max_examples=200)
def test_repeated_identifiers_are_what_pandas_counts(parts: list[list[str | None]]) -> None:
    """Whether a column holds identifiers of one length, or of several."""
    series = [pd.Series(part, dtype="string") for part in parts]
    every = pd.concat([*series, pd.Series(dtype="string")]).dropna()
    assert repeated_ids.repeated(list(map(repeated_ids.of, series))) == every.duplicated().sum()


@given(IDS)
def test_identifiers_are_taken_out_of_a_table(ids: list[str | None]) -> None:
    table = pa.table({"id": pa.array(ids, pa.string()), "n": pa.array(range(len(ids)))})
    kinds = {"id": "mark", "n": "number"}
    rest, marks = repeated_ids.taken_out(table.slice(1), kinds)
    assert rest.column_names == ["n"]
    assert marks.tolist() == repeated_ids.of(pd.Series(ids[1:], dtype="string")).tolist()


def test_identifiers_that_differ_in_one_digit_differ() -> None:
    digits = [list("0" * 64) for _ in range(64 * 15)]
    for i, text in enumerate(digits):
        text[i // 15] = "123456789abcdef"[i % 15]
    numbers = repeated_ids.of(pd.Series(["".join(text) for text in digits]))
    assert len(np.unique(numbers)) == 64 * 15


@given(st.lists(st.sampled_from(["a", " b ", "", None])), st.sampled_from(["category", "object"]))
def test_words_are_put_together_again(values: list[str | None], dtype: str) -> None:
    column = pd.Series(values, dtype=dtype)
    if dtype == "category":
        column = column.cat.add_categories(["never"])
    found = words.of(column)
    again = found.each(lambda word: word.strip() or None).series()
    expected = [None if value is None or not value.strip() else value.strip() for value in values]
    assert [None if pd.isna(value) else value for value in again] == expected
    assert again.dtype == pd.Series(["text"]).dtype
    assert found.counts() == Counter(value for value in values if value is not None)
    assert "never" not in found.words or not len(values)


@pytest.mark.filterwarnings(KNOWN)
@pytest.mark.parametrize(("progress", "disable"), [(True, None), (False, True)])
def test_the_bar_counts_bytes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, progress: bool, disable: bool | None
) -> None:
    """`disable=None` is tqdm's word for: only on a terminal."""
    made: list[Any] = []

    class Bar(tqdm.tqdm):  # type: ignore[type-arg]
        def __init__(self, **options: Any) -> None:
            made.append((options, self))
            self.seen = 0
            super().__init__(**options)

        def update(self, n: float | None = 1) -> bool | None:
            self.seen += int(n or 0)
            return super().update(n)

    monkeypatch.setattr(tqdm, "tqdm", Bar)
    whole(folder, progress=progress)
    [(options, bar)] = made
    size = sum(path.stat().st_size for path in folder.rglob("*.csv"))
    assert options["total"] == bar.seen == size
    assert options["disable"] is disable
    assert options["delay"] == 1


def test_threads_leave_warnings_as_they_were(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pandas silences warnings for a moment, in whichever thread; here for longer, to be seen."""
    turn = convert.to_records

    def silent(*arguments: Any, **options: Any) -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            time.sleep(0.003 * (1 + threading.get_ident() % 3))
            return turn(*arguments, **options)

    monkeypatch.setattr(convert, "to_records", silent)
    monkeypatch.setattr(raw, "_joins", lambda _: False)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Pram theft")  # not known to the adapter
        before = list(warnings.filters)
        for _ in range(5):
            lh.read_dataset("crime", folder)
            assert list(warnings.filters) == before
            for _ in lh.read_batches("crime", folder, rows=50):
                assert list(warnings.filters) == before
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    time.sleep(0.002)
                assert list(warnings.filters) == before
    with pytest.warns(UserWarning, match="Pram theft"):
        lh.read_dataset("crime", folder)
