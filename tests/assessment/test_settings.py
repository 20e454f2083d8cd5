"""Settings are checked before any work begins; each message names what to mend."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lsoahot.assessment.settings import KEYS, read_config

GUIDES = Path(__file__).parents[2] / "docs"
GOOD: dict[str, Any] = {
    "title": "Rutland",
    "boundaries": {"source": "sample", "select": "Rutland"},
    "population": {"source": "population.csv", "column": "pop_mid2020"},
    "period": {"start": "2011-10", "end": "2012-09"},
    "measures": {
        "violence": {"dataset": "crime", "source": "sample", "categories": "Violence"},
    },
}


def changed(path: str, value: object) -> dict[str, Any]:
    settings = copy.deepcopy(GOOD)
    *parts, last = path.split("/")
    place = settings
    for part in parts:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return settings


def test_everything_is_gathered() -> None:
    config = read_config(GOOD)
    assert (config.start, config.end) == (pd.Period("2011-10"), pd.Period("2012-09"))
    assert config.select == "Rutland"
    assert config.population_columns == "pop_mid2020"
    (measure,) = config.measures
    assert measure.title == "Violence"
    assert measure.categories == ("Violence",)
    assert (measure.locate_by, measure.flag, measure.suppress) == ("code", None, None)


def test_a_report_s_settings_are_gathered(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        '[boundaries]\nsource = "sample"\n[period]\nstart = "2011-10"\nend = "2012-09"\n'
        '[measures.abuse]\ndataset = "domestic"\nsource = "sample"\nsplit = "offence"\n'
        '[measures.drink]\ndataset = "crime"\nsource = "sample"\nflag = "alcohol"\n'
        '[tables.young]\nsource = "young.csv"\n[comparison]\npeers = "Melton"\n'
        '[report]\ntemplate = "brand.docx"\n[report.text]\nsubstance_misuse = "x"\nyoung = "y"\n',
        encoding="utf-8",
    )
    config = read_config(file)
    assert [one.theme for one in config.measures] == [
        "Protecting vulnerable people", "Substance misuse",
    ]  # fmt: skip
    assert config.measures[0].split == ("offence",)
    assert config.peers == ("Melton",)
    (table,) = config.tables
    assert (table.title, table.kind, table.source) == (
        "Young",
        "trend",
        str(tmp_path / "young.csv"),
    )
    assert config.report.template == str(tmp_path / "brand.docx")
    assert config.report.text == {"substance_misuse": "x", "young": "y"}
    assert config.report.findings == 12


def test_files_are_beside_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        '[boundaries]\nsource = "areas.gpkg"\n[period]\nstart = "2011-10"\nend = "2011-10"\n'
        '[measures.fires]\ndataset = "fires"\nsource = ["a.csv", "b/*.csv"]\n',
        encoding="utf-8-sig",
    )
    config = read_config(file)
    assert config.boundaries == str(tmp_path / "areas.gpkg")
    assert config.population is None
    assert config.measures[0].source == [str(tmp_path / "a.csv"), str(tmp_path / "b/*.csv")]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("mesures", {}, r"unknown key 'mesures'.*Did you mean 'measures'\?"),
        ("boundaries/sauce", "x", r"\[boundaries\] has an unknown key 'sauce'.*mean 'source'"),
        ("measures/violence/category", "x", r"unknown key 'category'.*mean 'categories'"),
        ("boundaries", None, r"has no \[boundaries\] part"),
        ("measures", {}, r"has no measure\. Add a \[measures"),
        ("measures/violence", "crime", r"\[measures.violence\] is not a table"),
        ("measures/Violence!", {}, r"may hold only a-z.*'violence'"),
        ("measures/con", {}, r"Windows keeps the name 'con'.*'con_crime'"),
        ("measures/violence/dataset", None, r"lacks dataset\. Add dataset"),
        ("measures/violence/flag", "alcool", r"flag='alcool' is not one of.*mean 'alcohol'"),
        (
            "measures/violence/locate_by",
            "polygon",
            r"locate_by='polygon' is not one of code, point",
        ),
        ("measures/violence/by", "point", r"'by' is called 'locate_by' now.*locate_by = 'point'"),
        ("measures/violence/suppress", "yes", r"suppress is 'yes'\. Give true or false"),
        ("measures/violence/categories", [1], r"categories is \[1\]\. Give a list of texts"),
        ("measures/violence/source", 3, r"source is 3\. Give a text in quotes or a list"),
        ("period", "2011", r"period is '2011'\. Give a table"),
        ("period/start", "10/2011", r'start = "10/2011" is not a month'),
        ("period/start", "2011-13", r'start = "2011-13" is not a month'),
        ("period/end", "2010-09", r"start 2011-10 is after end 2010-09"),
        ("period/end", None, r"\[period\] lacks end"),
        ("population/source", None, r"\[population\] lacks source"),
        ("population/columns", {"population": "a"}, r"both column and columns"),
        ("statistics", {"islands": "untested"}, r"islands='untested' is not one of leave, nearest"),
        (
            "measures/again",
            {"dataset": "asb", "source": "sample", "title": "Violence"},
            r"more than one measure has the title 'Violence'",
        ),
        ("statistics", {"rule": "bishop"}, r"rule='bishop' is not one of queen, rook"),
        ("report", {"templat": "a.docx"}, r"\[report\] has an unknown key 'templat'.*'template'"),
        ("report", {"text": {"sumary": "x"}}, r"no place for the text 'sumary'.*'summary'\?"),
        ("report", {"text": {"violence": 3}}, r"the text violence is 3\. Give a text"),
        ("report", {"themes": "Crime"}, r"themes='Crime' is not one of Crime and anti-social"),
        ("report", {"findings": 0}, r"findings is 0\. Give 1 or more"),
        ("report", {"findings": True}, r"findings is True\. Give a whole number"),
        ("measures/violence/rows", 0, r"rows is 0\. Give 1 or more"),
        ("tables", {"young": {}}, r"\[tables.young\] lacks source"),
        ("tables", {"young": {"source": "a.csv", "kind": "pie"}}, r"kind='pie' is not one of"),
        ("tables", {"young": {"source": "a.csv", "local": "x"}}, r"lacks reference"),
        ("tables", {"violence": {"source": "a.csv"}}, r"'violence' names a measure and a table"),
        ("comparison", {"peer": ["a"]}, r"\[comparison\] has an unknown key 'peer'"),
    ],
)
def test_bad_settings(path: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_config(changed(path, value))


def test_the_guide_s_settings_are_good_and_its_keys_complete() -> None:
    guide = (GUIDES / "assessment.md").read_text(encoding="utf-8")
    model = guide.split("```toml\n")[1].split("```")[0]
    assert [measure.name for measure in read_config(tomllib.loads(model)).measures] == ["burglary"]
    documented = set(re.findall(r"`(\w+)`", guide + (GUIDES / "report.md").read_text("utf-8")))
    assert {key for part in KEYS.values() for key in part} - KEYS[""].keys() <= documented


def test_bad_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no settings file at .*none\.toml"):
        read_config(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("title = \nx = 1", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.toml is not valid TOML.*line 1"):
        read_config(tmp_path / "bad.toml")
