"""The tidy table of figures: it adds up to the tables, and tells no more than they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lsoahot as lh
from lsoahot.assessment.figures_table import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

MEASURES = {
    "total": {"dataset": "crime", "source": "sample"},
    "domestic": {"dataset": "domestic", "source": "sample"},
    "fires": {"dataset": "fires", "source": "sample"},
}


def assessed(start: str = "2011-10", end: str = "2012-09") -> lh.Assessment:
    return lh.assess(
        {
            "title": "Vale",
            "boundaries": {"source": "sample"},
            "period": {"start": start, "end": end},
            "measures": MEASURES,
        }
    )


@pytest.fixture(scope="module")
def found() -> lh.Assessment:
    return assessed()


@pytest.fixture(scope="module")
def figures(found: lh.Assessment) -> pd.DataFrame:
    return lh.figures_table(found)


def test_one_row_a_measure_area_and_span(figures: pd.DataFrame) -> None:
    key = ["measure", "area_code", "span", "start", "end"]
    assert not figures.duplicated(key).any()
    assert not figures[key].isna().any().any()
    assert list(figures.columns) == list(COLUMNS)
    assert set(figures["span"]) == {"month", "year"}
    rows = figures.groupby(["measure", "span"]).size()
    assert rows["total", "year"] == 6 * 23  # October 2006 to September 2012
    assert rows["total", "month"] == 72 * 23


def test_years_and_months_add_up_to_the_tables(found: lh.Assessment, figures: pd.DataFrame) -> None:
    latest = figures[(figures["start"] >= "2011-10-01")]
    for name in ("total", "fires"):
        rows = latest[latest["measure"] == name]
        for span in ("month", "year"):
            counts = rows[rows["span"] == span].groupby("area_code")["count"].sum()
            pd.testing.assert_series_equal(
                counts.sort_index().astype("int64"),
                found.tables[name]["count"].sort_index().astype("int64"),
                check_index_type=False, check_names=False,
            )  # fmt: skip


def test_the_latest_year_is_the_table(found: lh.Assessment, figures: pd.DataFrame) -> None:
    for name, table in found.tables.items():
        rows = figures[
            (figures["measure"] == name) & (figures["span"] == "year")
            & (figures["end"] == "2012-09-30")
        ].set_index("area_code").loc[table.index]  # fmt: skip
        for column in ("rate", "rate_lower", "rate_upper", "rank", "rate_rank", "population"):
            np.testing.assert_array_equal(
                rows[column].to_numpy(dtype=float, na_value=np.nan),
                table[column].to_numpy(dtype=float, na_value=np.nan),
            )
        for column in ("area_name", "district", "hotspot", "cluster"):
            assert rows[column].tolist() == table[column].astype(object).tolist()


def test_rates_of_months_are_counts_over_people(figures: pd.DataFrame) -> None:
    months = figures[figures["span"] == "month"].dropna(subset="rate")
    np.testing.assert_allclose(
        months["rate"].to_numpy(dtype=float),
        (1000 * months["count"] / months["population"]).to_numpy(dtype=float),
    )


def test_years_are_compared_with_the_one_before(figures: pd.DataFrame) -> None:
    total = figures[(figures["measure"] == "total") & (figures["span"] == "year")]
    first = total[total["start"] == "2006-10-01"]
    assert first["count_then"].isna().all()
    for year in range(2007, 2012):
        now = total[total["start"] == f"{year}-10-01"].set_index("area_code")
        then = total[total["start"] == f"{year - 1}-10-01"].set_index("area_code")
        assert (now["count_then"] == then["count"].reindex(now.index)).all()
        assert (now["change"] == now["count"] - now["count_then"]).all()
    centre = total[(total["area_name"] == "Oakham Centre") & (total["start"] == "2011-10-01")]
    assert centre["count"].tolist() == [153]  # as published in 2012


def test_classes_have_numbers(figures: pd.DataFrame) -> None:
    known = figures.dropna(subset="change_class")
    number = {"Rose 99%": 3, "No clear change": 0, "Fell 99%": -3}
    for word, expected in number.items():
        assert set(known.loc[known["change_class"] == word, "change_number"]) <= {expected}
    tested = figures[figures["hotspot"].notna() & (figures["hotspot"] != "Not tested")]
    hot = tested["hotspot"].str.startswith("Hot spot")
    assert (tested.loc[hot, "hotspot_class"] > 0).all()
    assert (tested.loc[tested["hotspot"] == "Not significant", "hotspot_class"] == 0).all()


def test_a_withheld_measure_has_no_months_no_other_years_and_blanks(
    found: lh.Assessment, figures: pd.DataFrame
) -> None:
    domestic = figures[figures["measure"] == "domestic"]
    assert len(domestic) == 23
    assert set(domestic["span"]) == {"year"}
    hidden = domestic[domestic["suppressed"].fillna(value=False)]
    assert len(hidden) == found.tables["domestic"]["suppressed"].sum() > 0
    numbers = [name for name, kind in COLUMNS.items() if kind in {"Float64", "Int64"}]
    assert hidden[[name for name in numbers if name != "population"]].isna().all().all()
    assert domestic["count_then"].isna().all()


def test_a_period_that_is_no_year_has_rows_of_its_own() -> None:
    found = assessed("2011-10", "2012-03")
    figures = lh.figures_table(found)
    period = figures[figures["span"] == "period"]
    assert set(period["measure"]) == set(MEASURES)
    assert set(period["start"].dt.strftime("%Y-%m-%d")) == {"2011-10-01"}
    assert set(period["end"].dt.strftime("%Y-%m-%d")) == {"2012-03-31"}
    total = figures[figures["measure"] == "total"]
    months = total[(total["span"] == "month") & (total["start"] >= "2011-10-01")]
    assert months["count"].sum() == found.tables["total"]["count"].sum()
    assert total.loc[total["span"] == "year", "end"].max() == pd.Timestamp("2012-03-31")


def test_a_month_without_data_is_missing_and_not_zero() -> None:
    """Two areas with 30 and 20 events a month; nobody reported March."""
    codes = ["E01013787", "E01013788"]
    areas = gpd.GeoDataFrame(
        {"area_name": ["A", "B"], "population": [1000, 2000]},
        index=pd.Index(codes, name="area_code"),
        geometry=[shapely.box(4e5 + n * 100, 3e5, 4e5 + n * 100 + 100, 3e5 + 100) for n in (0, 1)],
        crs=27700,
    )
    months = [
        month for month in pd.period_range("2024-01", "2024-12", freq="M") if month.month != 3
    ]
    rows = [
        (code, str(month))
        for month in months
        for code, times in zip(codes, (30, 20), strict=True)
        for _ in range(times)
    ]
    records = pd.DataFrame(rows, columns=["LSOA code", "Month"]).assign(**{"Crime type": "Drugs"})
    figures = figures_of(areas, records)
    march = figures[(figures["span"] == "month") & (figures["start"] == "2024-03-01")]
    assert march["count"].isna().tolist() == [True, True]
    assert figures.loc[figures["span"] == "month", "count"].sum() == 550
    year = figures[figures["span"] == "year"]
    assert sorted(year["count"].tolist()) == [220, 330]  # the table's own


def figures_of(areas: gpd.GeoDataFrame, records: pd.DataFrame) -> pd.DataFrame:
    import tempfile
    import warnings
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # two areas can't be tested
        areas.to_parquet(Path(folder) / "areas.parquet")
        areas[["population"]].to_csv(Path(folder) / "people.csv")
        records.to_csv(Path(folder) / "drugs.csv", index=False)
        settings: dict[str, Any] = {
            "boundaries": {"source": f"{folder}/areas.parquet"},
            "population": {"source": f"{folder}/people.csv"},
            "period": {"start": "2024-01", "end": "2024-12"},
            "measures": {"drugs": {"dataset": "crime", "source": f"{folder}/drugs.csv"}},
        }
        return lh.figures_table(lh.assess(settings))


def test_it_comes_back_from_files_as_it_was(figures: pd.DataFrame, tmp_path: Path) -> None:
    figures.to_parquet(tmp_path / "figures.parquet")
    back = pd.read_parquet(tmp_path / "figures.parquet")
    pd.testing.assert_frame_equal(back, figures)
    assert back.attrs["attribution"] == figures.attrs["attribution"]
    assert "not for operational use" in back.attrs["notice"]
