"""The GeoPackage: what is in it, what it looks like in QGIS, and what is not in it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, strategies as st

import lsoahot as lh
from lsoahot.assessment.geopackage import MOST_LETTERS, layer_of, short_names

PERIOD = {"start": "2011-10", "end": "2012-09"}
MEASURES = {
    "total": {"dataset": "crime", "source": "sample"},
    "domestic": {"dataset": "domestic", "source": "sample", "title": "Domestic <abuse> & more"},
    "fires": {"dataset": "fires", "source": "sample"},
}
SYSTEM_PYTHON = "/usr/bin/python3"
# What QGIS makes of a file, told as JSON: run by the Python that QGIS was built for.
QGIS = Path(__file__).with_name("open_in_qgis.py")


@pytest.fixture(scope="module")
def found() -> lh.Assessment:
    settings = {"boundaries": {"source": "sample"}, "period": PERIOD, "measures": MEASURES}
    return lh.assess({"title": 'Vale "A"', **settings})


@pytest.fixture(scope="module")
def package(found: lh.Assessment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lh.geopackage(found, tmp_path_factory.mktemp("gis") / "assessment.gpkg")


@pytest.fixture(scope="module")
def in_qgis(package: Path) -> dict[str, Any]:
    """Open the file in QGIS without a screen, and tell what it shows."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(package.parent)}
    has_qgis = (
        shutil.which(SYSTEM_PYTHON)
        and subprocess.run(
            [SYSTEM_PYTHON, "-c", "import qgis.core"],
            env=environment,
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )
    if not has_qgis:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs python3-qgis for {SYSTEM_PYTHON}: apt-get install python3-qgis")
        pytest.skip(f"{SYSTEM_PYTHON} has no PyQGIS (Debian's python3-qgis)")
    copy = shutil.copy(package, package.with_name("opened.gpkg"))  # QGIS may write beside it
    run = subprocess.run(
        [SYSTEM_PYTHON, str(QGIS), str(copy)], env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


# --- in QGIS --------------------------------------------------------------------------------------


def test_qgis_opens_the_rate_in_our_classes_and_colours(
    in_qgis: dict[str, Any], found: lh.Assessment
) -> None:
    layer = in_qgis["total"]
    assert (layer["features"], layer["crs"]) == (23, "EPSG:27700")
    style = layer["default"]
    assert (style["kind"], style["field"]) == ("graduatedSymbol", "rate")
    ax = lh.plot_rate(found.tables["total"])
    drawn = {
        text.get_text(): patch.get_facecolor()
        for text, patch in zip(
            ax.get_legend().get_texts(), ax.get_legend().get_patches(), strict=True
        )
    }
    shown = [f"{one['label']} ({one['areas']})" for one in style["classes"]]
    assert shown == list(drawn)  # the labels, and how many areas are in each
    for one, colour in zip(style["classes"], drawn.values(), strict=True):
        assert one["colour"] == "#" + "".join(f"{round(255 * part):02x}" for part in colour[:3])


def test_qgis_offers_the_other_styles_in_our_colours(in_qgis: dict[str, Any]) -> None:
    styles = in_qgis["total"]["styles"]
    assert list(styles)[:1] == ["rate"]
    assert set(styles) == {"rate", "level", "hotspot", "cluster"}
    level = {one["value"]: one for one in styles["level"]["classes"]}
    assert level["Far above"]["colour"] == "#7a0c1e"
    assert level["Far above"]["areas"] == 1  # Oakham Centre
    assert level["Near average"]["colour"] == "#f6f3ea"
    assert level["Can't tell"]["areas"] > 0
    hot = {one["value"]: one["colour"] for one in styles["hotspot"]["classes"]}
    assert styles["hotspot"]["kind"] == "categorizedSymbol"
    assert hot["Hot spot 99%"] == "#7a0c1e"
    assert hot["Cold spot 99%"] == "#3f83bd"
    assert hot["Not significant"] == "#f6f3ea"
    cluster = {one["value"]: one["colour"] for one in styles["cluster"]["classes"]}
    assert cluster["High-High"] == "#a3131f"


def test_what_is_withheld_is_patterned_and_counted_in_qgis(
    in_qgis: dict[str, Any], found: lh.Assessment
) -> None:
    hidden = int(found.tables["domestic"]["suppressed"].sum())
    assert hidden > 0
    for name, style in in_qgis["domestic"]["styles"].items():
        [withheld] = [one for one in style["classes"] if one["label"] == "Suppressed"]
        assert withheld["areas"] == hidden, name
        assert withheld["patterned"], name
        assert sum(one["areas"] for one in style["classes"]) == 23, name


def test_every_area_has_a_class_in_every_style(in_qgis: dict[str, Any]) -> None:
    for layer in in_qgis.values():
        for style in layer["styles"].values():
            assert sum(one["areas"] for one in style["classes"]) == layer["features"]


def test_qgis_shows_headings_source_and_licence(
    in_qgis: dict[str, Any], found: lh.Assessment
) -> None:
    layer = in_qgis["domestic"]
    assert layer["title"] == 'Vale "A": Domestic <abuse> & more'
    assert layer["licences"] == ["Open Government Licence v3.0"]
    assert layer["rights"] == [found.areas.attrs["attribution"]]
    assert "not for operational use" in layer["abstract"]
    assert "9 of 23 areas" in layer["abstract"]
    assert layer["aliases"]["rate"] == "Rate (per 1,000)"
    assert layer["aliases"]["area_code"] == "Area code"


# --- in the file ----------------------------------------------------------------------------------


def test_a_layer_a_measure_with_every_column(package: Path, found: lh.Assessment) -> None:
    assert pyogrio.list_layers(package)[:, 0].tolist() == [*MEASURES, "layer_styles"]
    for name, table in found.tables.items():
        layer = gpd.read_file(package, layer=name)
        assert set(layer.columns) == {"area_code", *table.columns}
        assert layer["area_code"].tolist() == table.index.tolist()
        assert layer.geometry.normalize().geom_equals(
            gpd.GeoSeries(
                [shapely.MultiPolygon(shapely.get_parts(one)) for one in table.geometry], crs=27700
            ).normalize()
        ).all()  # fmt: skip
        for column in ("count", "rate", "gi_z"):
            np.testing.assert_array_equal(
                layer[column].to_numpy(dtype=float),
                table[column].to_numpy(dtype=float, na_value=np.nan),
            )
        assert layer["hotspot"].tolist() == table["hotspot"].astype(object).tolist()


def test_nothing_that_is_withheld_is_in_the_file(package: Path, found: lh.Assessment) -> None:
    table = found.tables["domestic"]
    hidden = table["suppressed"].to_numpy()
    layer = gpd.read_file(package, layer="domestic")
    for column in ("count", "rate", "rate_lower", "rate_upper", "rank", "rate_rank"):
        assert layer.loc[hidden, column].isna().all(), column
    total = len(found.records["domestic"][found.records["domestic"]["period"].between(
        pd.Period("2011-10"), pd.Period("2012-09"))])  # fmt: skip
    with closing(sqlite3.connect(package)) as file:
        texts = [row[0] for row in file.execute("SELECT metadata FROM gpkg_metadata")]
        texts += [row[0] for row in file.execute("SELECT description FROM gpkg_contents")]
    assert len(texts) == 10
    assert not any(f"{total} " in text for text in texts)


def test_the_same_assessment_makes_the_same_file(
    package: Path, found: lh.Assessment, tmp_path: Path
) -> None:
    again = lh.geopackage(found, tmp_path / "again.gpkg")
    assert again.read_bytes() == package.read_bytes()


def test_the_file_is_sound_by_the_standard(package: Path) -> None:
    with closing(sqlite3.connect(package)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = {row[0] for row in file.execute("SELECT table_name FROM gpkg_contents")}
        dates = {row[0] for row in file.execute("SELECT last_change FROM gpkg_contents")}
        extensions = {row[0] for row in file.execute("SELECT table_name FROM gpkg_extensions")}
    assert tables == {*MEASURES, "layer_styles"}
    assert dates == {"2012-09-30T00:00:00.000Z"}
    assert {"gpkg_metadata", "gpkg_metadata_reference"} <= extensions


def test_without_its_folder_nothing_is_written(found: lh.Assessment, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Make it first"):
        lh.geopackage(found, tmp_path / "none" / "a.gpkg")
    assert list(tmp_path.iterdir()) == []


# --- names and kinds of columns -------------------------------------------------------------------


@given(st.lists(st.text("abcdefgh_ AB", min_size=1, max_size=60), max_size=12))
def test_short_names_differ_and_are_short(names: list[str]) -> None:
    short = short_names(names, ["fid"])
    assert len(short) == len(names)
    assert len({name.casefold() for name in short}) == len(names)
    assert all(0 < len(name) <= MOST_LETTERS for name in short)


def test_columns_of_every_kind_can_be_written(tmp_path: Path) -> None:
    table = gpd.GeoDataFrame(
        {
            "fid": ["a", "b"],
            "Geom": [1, 2],
            "month": pd.period_range("2024-01", periods=2, freq="M"),
            "kind": pd.Categorical(["x", None]),
            "flag": [True, False],
            "known": pd.array([True, None], dtype="boolean"),
            "whole": pd.array([1, None], dtype="Int64"),
            "text": pd.array(["=1+1", None], dtype="string"),
            "residents_of_working_age_in_households": [1.5, np.nan],
            "residents_of_working_age_in_communal_establishments": [1, 2],
            "day": pd.to_datetime(["2024-01-01", None]),
        },
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
        index=pd.Index(["E1", "E2"], name="area_code"),
        crs=27700,
    )
    layer = layer_of(table)
    pyogrio.write_dataframe(
        layer, tmp_path / "a.gpkg", layer="a", layer_options={"GEOMETRY_NAME": "geom"}
    )
    back = gpd.read_file(tmp_path / "a.gpkg")
    assert list(back.columns) == [
        "area_code", "fid_2", "Geom_2", "month", "kind", "flag", "known", "whole", "text",
        "residents_of_working_households", "residents_of_establishments", "day", "geometry",
    ]  # fmt: skip
    assert back["month"].tolist() == ["2024-01", "2024-02"]
    assert back["kind"].tolist()[0] == "x"
    assert back["whole"].isna().tolist() == [False, True]
    assert back["text"].tolist()[0] == "=1+1"
