"""Every corner of the grammar by its exact sentence, and that no sentence says what the table doesn't."""

from __future__ import annotations

import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, example, given, settings, strategies as st

import lsoahot as lh
from lsoahot.describe import nouns, numbers

WITHIN = "; this is no clear change."
LARGE = "; this is large, but not sure: the months swing as much."
MORE = "; this is a clear change."


def years(*counts: int, name: str = "Arson", labels: str = "FY {}") -> pd.DataFrame:
    """Follow one category over years that end with 2012."""
    first = 2013 - len(counts)
    table = {labels.format(first + k): [count] for k, count in enumerate(counts)}
    return lh.trend(pd.DataFrame(table, index=[name]))


# --- a change ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        (1213, 1256, f"Arson rose by 43 (3.5 %), from 1,213 to 1,256{WITHIN}"),
        (172, 289, f"Arson rose by 117 (68 %), from 172 to 289{MORE}"),
        (237, 188, f"Arson fell by 49 (21 %), from 237 to 188{MORE}"),
        (22, 22, "Arson did not change: 22 in both years."),
        (1, 1, "Arson did not change: 1 in both years."),
        (0, 0, "Arson did not change: none in either year."),
        (6, 0, f"Arson fell to none, from 6{MORE}"),
        (1, 0, f"Arson fell to none, from 1{WITHIN}"),
        (0, 1, f"Arson rose from none to 1{WITHIN}"),
        (0, 12, f"Arson rose from none to 12{MORE}"),
        (6, 8, f"Arson rose by 2, from 6 to 8{WITHIN}"),  # of so few no percentage
        (19, 38, f"Arson rose by 19, from 19 to 38{MORE}"),
        (20, 31, f"Arson rose by 11 (55 %), from 20 to 31{LARGE}"),
        (20000, 20001, f"Arson rose by 1 (less than 0.1 %), from 20,000 to 20,001{WITHIN}"),
        (20000, 60000, f"Arson rose by 40,000 (200 %), from 20,000 to 60,000{MORE}"),
        (1000, 1998, f"Arson rose by 998 (99.8 %), from 1,000 to 1,998{MORE}"),
        (10000, 1, f"Arson fell by 9,999 (almost 100 %), from 10,000 to 1{MORE}"),
        (1000, 2000, f"Arson rose by 1,000 (100 %), from 1,000 to 2,000{MORE}"),
    ],
)
def test_a_change(before: int, now: int, sentence: str) -> None:
    assert lh.describe_change(years(before, now)) == sentence


def test_a_change_with_its_unit() -> None:
    assert lh.describe_change(years(2, 1), "deliberate fires", unit="fire") == (
        f"Deliberate fires fell by 1, from 2 to 1 fire{WITHIN}"
    )
    assert lh.describe_change(years(22, 22), "Deliberate fires", unit="fire") == (
        "Deliberate fires did not change: 22 fires in both years."
    )


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ("FY {}", "Arson did not change: 3 in both years."),
        ("{}", "Arson did not change: 3 in both years."),
        ("{}/13", "Arson did not change: 3 in both years."),
        ("{} Q1", "Arson did not change: 3 in both quarters."),
        ("Easter {}", "Arson did not change: 3 in both periods."),
    ],
)
def test_years_quarters_and_periods(labels: str, sentence: str) -> None:
    assert lh.describe_change(years(3, 3, labels=labels)) == sentence


def test_the_first_year() -> None:
    said = lh.describe_change(years(1587, 1660), "Total recorded crime", year="FY 2011")
    assert said == (
        "Total recorded crime came to 1,587 in FY 2011; there is no earlier year of whole data to "
        "compare this with."
    )
    said = lh.describe_change(years(1, 5), unit="crime", year="FY 2011")
    assert said.startswith("Arson came to 1 crime in FY 2011;")


def test_years_without_data() -> None:
    table = years(30, 40, 50)
    table.loc[1, ["count", "change", "change_p", "change_q"]] = np.nan
    table.loc[1, "verdict"] = None
    table.loc[2, ["previous", "change_q"]] = np.nan
    table.loc[2, "verdict"] = None
    assert lh.describe_change(table, year="FY 2011") == (
        "Arson has no figure for FY 2011, whose data are not whole."
    )
    assert lh.describe_change(table, "Deliberate fires", year="FY 2011") == (
        "Deliberate fires have no figure for FY 2011, whose data are not whole."
    )
    assert lh.describe_change(table).startswith("Arson came to 50 in FY 2012; there is no earlier")


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        (12, 4, "Arson came to fewer than 5 in FY 2012, and to 12 in the year before."),
        (4, 12, "Arson came to 12 in FY 2012, and to fewer than 5 in the year before."),
        (1, 0, "Arson came to fewer than 5 in FY 2012, as in the year before."),
        (5, 6, f"Arson rose by 1, from 5 to 6{WITHIN}"),
    ],
)
def test_small_counts_are_not_told(before: int, now: int, sentence: str) -> None:
    assert lh.describe_change(years(before, now), below=5) == sentence


def test_categories_that_would_give_a_small_count_away_are_withheld() -> None:
    table = lh.trend(
        pd.DataFrame({"2011": [40, 10, 7], "2012": [44, 3, 9]}, index=["Damage", "Arson", "Theft"])
    )
    withheld = (
        "The figures of {} are withheld: small counts are not shown, nor others from which they "
        "could be worked out."
    )
    assert lh.describe_changes(table, below=5) == [
        f"Damage rose by 4 (10 %), from 40 to 44{WITHIN}",
        withheld.format("arson"),
        withheld.format("theft"),  # 56 less 44 is 12: with 9 of thefts shown, arson would be 3
    ]
    assert lh.describe_changes(table)[1] == f"Arson fell by 7, from 10 to 3{WITHIN}"
    assert [text.split()[0] for text in lh.describe_shares(table, "all offences", below=5)] == [
        "Damage"
    ]


def test_the_total_has_a_name() -> None:
    table = lh.trend(pd.DataFrame({"2011": [30, 10], "2012": [44, 3]}, index=["A", "B"]))
    assert lh.describe_change(table, unit="burglary").startswith(
        "The total number of burglaries rose by 7 (18 %), from 40 to 47 burglaries;"
    )
    assert lh.describe_change(table).startswith("The total rose by 7")
    assert lh.describe_change(table, category="B").startswith("B fell by 7")


def test_weights_are_what_the_change_is_of() -> None:
    months = pd.period_range("2010-10", "2012-09", freq="M").repeat(4)
    records = pd.DataFrame(
        {"period": months, "harm": np.where(months < pd.Period("2011-10"), 1.0, 2.5)}
    )
    said = lh.describe_change(lh.trend(records, None, weight="harm"), "Crime harm")
    assert said.startswith("Crime harm rose by 72 (150 %), from 48 to 120;")


# --- over the years --------------------------------------------------------------------------------


def test_the_long_run() -> None:
    assert lh.describe_years(years(1587, 1660, 1556, 1489, 1213, 1256), "Total crime") == (
        f"Between FY 2007 and FY 2012 total crime fell by 331 (21 %), from 1,587 to 1,256{MORE} Of five "
        "steps from one year to the next, one was clear: the fall in FY 2011."
    )
    assert lh.describe_years(years(40, 41, 40), "ASB") == (
        "Between FY 2010 and FY 2012 ASB did not change: 40 in both. No step from one year to the next "
        "was clear."
    )
    assert lh.describe_years(years(10, 100, 10, 100)).endswith(
        "Of three steps from one year to the next, three were clear: the rise "
        "in FY 2010, the fall in FY 2011 and the rise in FY 2012."
    )
    assert lh.describe_years(years(40, 41)) == (
        f"Between FY 2011 and FY 2012 arson rose by 1 (2.5 %), from 40 to 41{WITHIN}"
    )
    assert lh.describe_years(years(40)) == (
        "Arson can't be followed over years: fewer than two of them have whole data."
    )


def test_the_long_run_of_small_counts() -> None:
    assert lh.describe_years(years(12, 9, 3), "Hate crime", below=5) == (
        "Between FY 2010 and FY 2012 hate crime can't be followed: in one of these years there were "
        "fewer than 5."
    )
    assert "from 12 to 5" in lh.describe_years(years(12, 3, 5), below=5)


def test_the_long_run_never_contradicts_the_last_step() -> None:
    """Of two years there is one test, and it allows for the dispersion's being estimated."""
    rng = np.random.default_rng(3)
    months = pd.period_range("2010-10", "2012-09", freq="M")
    said = set()
    for _ in range(40):
        counts = rng.negative_binomial(3, 3 / (3 + np.where(np.arange(24) < 12, 6.0, 9.0)))
        table = lh.trend(pd.DataFrame({"period": months.repeat(counts)}), None,
                         period=("2010-10", "2012-09"))  # fmt: skip
        one, run = lh.describe_change(table), lh.describe_years(table)
        assert one.split("; ")[-1] == run.split("; ")[-1]
        said.add(one.split("; ")[-1])
    assert said <= {"this is a clear change.", WITHIN[2:], LARGE[2:]}
    assert len(said) > 1


def test_the_long_run_takes_the_dispersion_of_the_table() -> None:
    table = years(100, 130, 135)
    assert MORE in lh.describe_years(table)
    assert LARGE in lh.describe_years(table.assign(dispersion=4.0))


# --- seasons --------------------------------------------------------------------------------------


def season(
    verdicts: dict[str, str], *, index: dict[str, float] | None = None, **more: Any
) -> pd.DataFrame:
    names = ["January", "February", "March", "April", "May", "June", "July", "August", "September",
             "October", "November", "December"]  # fmt: skip
    return pd.DataFrame(
        {
            "category": "Total",
            "month": range(1, 13),
            "month_name": names,
            "count": more.get("count", 20),
            "years": more.get("years", 6),
            "index": [(index or {}).get(name, 100.0) for name in names],
            "verdict": [verdicts.get(name, "even") for name in names],
            "even_p": more.get("even_p", 0.01),
        }
    )


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            season({"May": "peak"}, index={"May": 139.4}),
            "Over six years violence peaked in May, 39 % above the average month.",
        ),
        (
            season({"May": "peak", "June": "peak", "January": "trough"},
                   index={"May": 120, "June": 139, "January": 52.6}),
            ("Over six years violence peaked in June and May, 39 % and 20 % above the average month. It was "
            "lowest in January, 47 % below the average month."),
        ),
        (
            season({"January": "trough"}, index={"January": 50.0}),
            "Over six years violence was lowest in January, 50 % below the average month.",
        ),
        (
            season({"March": "spell"}),
            ("Over six years no month of violence stands out, though months differ. "
            "March stands out on account of a single year, which makes no season."),
        ),
        (
            season({"March": "spell", "April": "spell", "May": "peak"}, index={"May": 150.0}),
            ("Over six years violence peaked in May, 50 % above the average month. March and April stand out "
            "on account of a single year each, which makes no season."),
        ),
        (
            season({}, even_p=0.4),
            "Over six years no month of violence stands out, and months hardly differ.",
        ),
        (
            season({"May": "peak"}, index={"May": 150.0}, years=1),
            "In the one year covered, violence peaked in May, 50 % above the average month.",
        ),
        (
            season({}, count=0),
            "Over six years there is nothing to follow by month: violence came to none.",
        ),
    ],
)  # fmt: skip
def test_seasons(table: pd.DataFrame, sentence: str) -> None:
    assert lh.describe_season(table, "Violence") == sentence


def test_a_spell_and_its_year() -> None:
    table = season({"March": "spell"}, even_p=0.4).assign(spell_year=None)
    table.loc[2, "spell_year"] = "FY 2012"
    assert lh.describe_season(table, "Violence").endswith(
        "March stands out on account of FY 2012 alone, which makes no season."
    )
    table.loc[3, ["verdict", "spell_year"]] = ["spell", "FY 2010"]
    assert lh.describe_season(table, "Violence").endswith(
        "March and April stand out on account of a single year each (FY 2012 and FY 2010), which makes "
        "no season."
    )
    table.loc[3, "spell_year"] = "FY 2012"
    assert lh.describe_season(table, "Violence").endswith(
        "March and April stand out on account of FY 2012 alone, which makes no season."
    )


def test_the_year_of_a_spell_is_the_one_that_stands_out() -> None:
    thefts = lh.read_dataset("crime", "sample").query("offence == 'Theft from vehicle'")
    found = lh.seasonality(thefts).set_index("month_name")
    assert found.loc["March", "spell_year"] == "FY 2012"  # 49 of them in March 2012
    assert found["spell_year"].notna().tolist() == (found["verdict"] == "spell").tolist()


def test_periods() -> None:
    assert lh.describe_period("2011-10", "2012-09") == "October 2011 to September 2012"
    with pytest.raises(ValueError, match="is after last"):
        lh.describe_period("2012-10", "2012-09")


def test_seasons_of_a_plural() -> None:
    table = season({"May": "peak", "June": "trough"}, index={"May": 120, "June": 80})
    assert lh.describe_season(table, "Deliberate fires").endswith(
        "They were lowest in June, 20 % below the average month."
    )


# --- shares, peers, profiles ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole", "subject", "sentence"),
    [
        (188, 1256, "criminal damage", "Criminal damage makes up 15 % of all crime: 188 of 1,256."),
        (188, 1256, "Other offences", "Other offences make up 15 % of all crime: 188 of 1,256."),
        (0, 30, "Arson", "Arson makes up no part of all crime: none of 30."),
        (30, 30, "Arson", "Arson makes up the whole of all crime: 30."),
        (3, 8, "Arson", "Arson makes up a part of all crime: 3 of 8."),
        (1, 2001, "Arson", "Arson makes up less than 0.1 % of all crime: 1 of 2,001."),
        (2000, 2001, "Arson", "Arson makes up almost 100 % of all crime: 2,000 of 2,001."),
        (0, 0, "Arson", "All crime came to none, so arson makes up no part of it."),
        (5, 40, "Records flagged as alcohol-related",
         "Records flagged as alcohol-related make up 12 % of all crime: 5 of 40."),
    ],
)  # fmt: skip
def test_shares(part: int, whole: int, subject: str, sentence: str) -> None:
    assert lh.describe_share(part, whole, subject, "all crime") == sentence


def test_no_share_of_what_it_is_not_in() -> None:
    with pytest.raises(ValueError, match=r"part=9 is not between 0 and whole=8"):
        lh.describe_share(9, 8, "Arson", "all crime")


def peers() -> pd.DataFrame:
    names = ["Rutland", "Melton", "Harborough", "Blaby"]
    table = pd.DataFrame(
        {
            "area_name": names,
            "count": [39, 90, 120, 170],
            "population": [37400, 50400, 85400, 93900],
        },
        index=pd.Index([f"E{k}" for k in range(4)], name="area_code"),
    )
    return lh.compare(table, spread=0)


@pytest.mark.parametrize(
    ("place", "words"),
    [(1, "the lowest"), (3, "the 3rd lowest"), (12, "the 12th lowest"), (22, "the 22nd lowest"),
     (23, "the 22nd highest"), (44, "the highest")],
)  # fmt: skip
def test_a_place_is_said_from_the_nearer_end(place: int, words: str) -> None:
    """Forty-four districts with rates of 1 to 44 per 1,000: the place is the rate."""
    table = pd.DataFrame(
        {"count": [*range(1, 45)], "population": 1000},
        index=pd.Index([f"D{k}" for k in range(1, 45)], name="area_code"),
    )
    text = str(lh.describe_comparison(lh.compare(table), f"D{place}", "robbery"))
    assert text.endswith(f", {words} of 44 rates.")


@pytest.mark.parametrize(
    ("area", "sentence"),
    [
        (
            "Rutland",
            (
                "For drug offences Rutland is significantly better than the mean of its most similar areas: 1.0 per "
                "1,000 against 1.5, the lowest of 4 rates."
            ),
        ),
        (
            "E2",
            (
                "For drug offences Harborough is in line with the mean of its most similar areas: 1.4 per 1,000 "
                "against 1.5, the 2nd lowest of 4 rates."
            ),
        ),
        (
            "Blaby",
            (
                "For drug offences Blaby is significantly worse than the mean of its most similar areas: 1.8 per "
                "1,000 against 1.5, the highest of 4 rates."
            ),
        ),
    ],
)
def test_peers(area: str, sentence: str) -> None:
    assert lh.describe_comparison(peers(), area, "drug offences") == sentence


def test_no_peer() -> None:
    with pytest.raises(
        ValueError, match=r"area='Rutlnd' is 0 of the members .* Did you mean 'Rutland'"
    ):
        lh.describe_comparison(peers(), "Rutlnd", "drug offences")


def test_profiles() -> None:
    mix = pd.DataFrame(
        {"county": [10, 490, 500], "rutland": [5, 21, 22]}, index=["Burglary", "Theft", "Other"]
    )
    assert lh.describe_profile(lh.profile(mix, "rutland", "county"), "Rutland", "the county") == [
        "Of 48 offences in Rutland, the most common category is other, with 22.",
        (
            "The share of burglary is higher than in the county: 10 % (5 of 48) against 1 % (10 of 1,000); "
            "this is a clear difference."
        ),
        "The other two categories show no clear difference.",
    ]
    same = lh.profile(mix.assign(rutland=[1, 49, 49]), "rutland", "county")
    assert lh.describe_profile(same, "Rutland", "the county", unit="burglary") == [
        "Of 99 burglaries in Rutland, the most common categories are theft and other, with 49 each.",
        "In none of the three categories is the share clearly different from that in the county.",
    ]


# --- the grammar's own rules ----------------------------------------------------------------------


@given(st.floats(0, 1e6))
def test_a_percentage_is_never_0_or_100_where_it_is_not(value: float) -> None:
    said = numbers.percent(value)
    assert said.endswith(" %")
    assert (said == "0 %") == (value == 0)
    assert (said == "100 %") == (value == 100)
    assert "0.0" not in said
    figure = re.search(r"[\d,.]+", said)
    assert figure is not None
    assert float(figure[0].replace(",", "")) == pytest.approx(value, rel=0.06, abs=0.1)


@pytest.mark.parametrize(
    ("noun", "many"),
    [("crime", "crimes"), ("burglary", "burglaries"), ("crime or incident", "crimes and incidents"),
     ("crime and incident", "crimes and incidents"), ("theft of cycle", "thefts of cycle"), ("person", "people"),
     ("loss", "losses"), ("survey", "surveys"), ("young people", "young people"), ("breach", "breaches")],
)  # fmt: skip
def test_plurals(noun: str, many: str) -> None:
    assert nouns.plural(noun) == many
    assert nouns.counted(2, noun) == f"2 {many}"
    assert nouns.counted(1, noun).startswith("1 ")
    assert " and " not in nouns.counted(1, noun)


@pytest.mark.parametrize(
    ("subject", "verb"),
    [("Deliberate fires", "make"), ("Arson", "makes"), ("Theft of cycles", "makes"), ("Fraud & forgery", "make"),
     ("Young people", "make"), ("Drunkenness", "makes"), ("Violence against the person", "makes"),
     ("Crimes recorded by the police", "make"), ("Harassment and stalking", "make")],
)  # fmt: skip
def test_agreement(subject: str, verb: str) -> None:
    assert nouns.verb(subject, "makes", "make") == verb


def test_lists() -> None:
    assert nouns.several([]) == ""
    assert nouns.several(["Exton"]) == "Exton"
    assert nouns.several(["Exton", "Ryhall"]) == "Exton and Ryhall"
    assert nouns.several(["1,301 outside", "7,171 other"]) == "1,301 outside and 7,171 other"
    assert nouns.several(["Normanton, Edith Weston and the Luffenhams"]) == (
        "Normanton, Edith Weston and the Luffenhams"
    )


COUNTS = st.integers(0, 3000)


@settings(max_examples=60)
@given(st.lists(COUNTS, min_size=2, max_size=5))
def test_every_number_is_in_the_table_or_its_change(counts: list[int]) -> None:
    table = years(*counts)
    row = table.iloc[-1]
    allowed = {*counts, abs(counts[-1] - counts[-2]), abs(counts[-1] - counts[0])}
    for base in (counts[-2], counts[0]):
        if base:
            share = 100 * abs(counts[-1] - base) / base
            allowed |= {round(share), round(share, 1), 0.1, 100}
    labels = {int(label[3:]) for label in table["year"]}
    for said in (lh.describe_change(table), lh.describe_years(table)):
        found = {
            float(figure.replace(",", "")) for figure in re.findall(r"\d[\d,]*(?:\.\d+)?", said)
        }
        assert found <= allowed | labels
    said = lh.describe_change(table)
    assert (MORE in said) == (row["verdict"] in ("rose", "fell"))
    assert ("rose" in said) == (counts[-1] > counts[-2])
    assert ("fell" in said) == (counts[-1] < counts[-2])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=6))
def test_no_sentence_holds_a_withheld_count(pairs: list[tuple[int, int]]) -> None:
    names = [f"Kind {letter}" for letter in "ABCDEF"[: len(pairs)]]
    table = lh.trend(pd.DataFrame(pairs, index=names, columns=["2011", "2012"]))
    said = lh.describe_changes(table, below=5)
    for (then, now), text in zip(pairs, said, strict=True):
        if min(then, now) < 5:
            assert "withheld" in text
            assert not re.search(r"\d", text)
    # What is withheld of a year can't be had from the total by subtraction.
    for year in (0, 1):
        hidden = [pair[year] for pair, text in zip(pairs, said, strict=True) if "withheld" in text]
        if any(count < 5 for count in hidden) and len(hidden) < len(pairs):
            assert len(hidden) > 1
    for name in names:
        one = lh.describe_change(table, category=name, below=5)
        # By how much two shown counts differ may be small; neither of them may.
        counts = re.sub(r"\b(rose|fell) by \d+", "", one)
        every = re.findall(r"\d[\d,]*(?:\.\d+)?(?: %)?", counts)
        figures = [int(figure) for figure in every if figure[-1] != "%" and len(figure) < 4]
        assert [figure for figure in figures if figure < 5] == []
        assert bool(figures) != ("withheld" in one)


# --- areas ----------------------------------------------------------------------------------------


def areas(counts: dict[str, float | None], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "area_name": list(counts),
            "count": pd.array([pd.NA if c is None else c for c in counts.values()], dtype="Int64"),
            **columns,
        },
        index=pd.Index([f"E{k:02d}" for k in range(len(counts))], name="area_code"),
        geometry=[shapely.box(k, 0, k + 1, 1) for k in range(len(counts))],
        crs=27700,
    )


LONG = "Normanton, Edith Weston and the Luffenhams"


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"Exton": 26, "Ryhall": 20, "Ketton": 5, "Langham": 1},
         ["Exton had most: 26.", "Next come Ryhall (20) and Ketton (5)."]),
        ({"Exton": 26, "Martinsthorpe": 17, LONG: 17},
         ["Exton had most: 26.", f"Next come Martinsthorpe; and {LONG} (17 each)."]),
        ({"Martinsthorpe": 17, LONG: 17, "Exton": 3},
         [f"Martinsthorpe; and {LONG} had most: 17 each.", "Next comes Exton (3)."]),
        ({"Exton": 17, "Ryhall": 17}, ["Exton and Ryhall had most: 17 each."]),
        (dict.fromkeys("ABCDEF", 2), ["Six areas had most: 2 each."]),
        (dict.fromkeys("ABCDEFGHIJK", 2), ["11 areas had most: 2 each."]),
        ({"Z": 9, **dict.fromkeys("ABCDEF", 2)}, ["Z had most: 9."]),
        ({"Exton": 1, "Ryhall": 0}, ["Exton had most: 1."]),
        ({"Exton": 0, "Ryhall": 0}, ["No area had any."]),
        ({"Exton": None, "Ryhall": 6}, ["Ryhall had most: 6."]),
        ({"Exton": None}, []),
    ],
)  # fmt: skip
def test_rankings(counts: dict[str, float | None], said: list[str]) -> None:
    assert lh.describe_ranking(areas(counts)) == said


def test_rankings_with_units_and_rates() -> None:
    table = areas({"Oakham Centre": 153, "Exton": 88}, population=[1792, 400])
    assert lh.describe_ranking(lh.rate(table), unit="crime") == [
        "Oakham Centre had most crimes: 153, a rate of 85.4 per 1,000 (95 % limits 72.4 to 100.0).",
        "Next comes Exton (88).",
        "The highest rate is that of Exton: 220.0 per 1,000 (95 % limits 176.4 to 271.0), from 88.",
    ]
    nobody = areas({"Exton": 0, "Ryhall": 0})
    assert lh.describe_ranking(nobody, unit="fire") == ["No area had any fires."]


def spots(classes: list[str], **columns: Any) -> gpd.GeoDataFrame:
    names = ["Exton", "Ryhall", "Ketton", "Langham", "Oakham", "Lyddington", "Uppingham"][
        : len(classes)
    ]
    table = areas(dict.fromkeys(names, 9), hotspot=classes, **columns)
    table.attrs["statistics"] = {
        "getis_ord": {
            "statistic": "Getis-Ord Gi*",
            "method": "exact permutation test",
            "tested": 23,
        },
        "local_risk": {"statistic": "Risk ratio with neighbours", "method": "exact binomial test"},
        "find_hotspots": {"test": "getis_ord"},
    }
    return table


NONE = "No cluster of high areas was found, which is no proof that there is none."


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        (["Not significant"] * 3, NONE),
        (["Hot spot 95%", "Not significant", "Not significant"],
         "One area is in a cluster of high areas (hot spot at 95 %): Exton."),
        (["Hot spot 90%", "Hot spot 99%", "Hot spot 99%", "Cold spot 99%"],
         ("Two areas are in clusters of high areas (hot spot at 99 %): Ryhall and Ketton. One area is in a "
          "cluster of high areas (hot spot at 90 %): Exton. One area is in a cluster of low areas (cold spot "
          "at 99 %): Langham.")),
        (["Cold spot 99%", "Not tested", "Not significant"],
         (f"{NONE} One area is in a cluster of low areas (cold spot at 99 %): Exton. One area was not tested.")),
        (["Hot spot 99%"] * 7,
         ("Seven areas are in clusters of high areas (hot spot at 99 %): among them Exton, Ryhall and "
          "Ketton.")),
        (["Not tested"] * 3, "Whether high areas lie together could not be tested."),
    ],
)  # fmt: skip
def test_clusters(classes: list[str], said: str) -> None:
    assert lh.describe_hotspots(spots(classes)) == said


def test_clusters_of_withheld_areas() -> None:
    table = spots(
        ["Hot spot 95%", "Not tested", "Not significant"], suppressed=[False, True, False]
    )
    assert lh.describe_hotspots(table) == (
        "One area is in a cluster of high areas (hot spot at 95 %): Exton. Nothing is said of one area "
        "whose counts are withheld."
    )
    hidden = spots(["Not tested"] * 2, suppressed=[True, True])
    assert lh.describe_hotspots(hidden) == (
        "Which areas are high is not said, because the counts of all are withheld."
    )


def test_levels_come_first_and_say_how_many_times_and_how_many_more() -> None:
    """Of 30 and 60 events expected: 60 / 20 = 3 times, 40 more; the limits of the rate go with it."""
    table = areas(
        {"Exton": 60, "Ryhall": 30, "Ketton": 2},
        excess=[40.0, 10.0, -4.0],
        level=["Far above", "Probably above", "Can't tell"],
        rate=[30.0, 15.0, 1.0],
        rate_lower=[23.0, 10.0, 0.1],
        rate_upper=[38.0, 21.0, 3.0],
    )
    assert lh.describe_hotspots(table, unit="crime", whole="the county") == (
        "Exton: 60 crimes, 3.0 times the rate of the county (2.3 to 3.8), 40 more than at that rate. Far "
        "above."
    )
    rest = lh.describe_hotspots(table.iloc[1:], whole="the county")
    assert rest == (
        "Ryhall: 30, 1.5 times the rate of the county (1.0 to 2.1), 10 more than at that rate. Probably above."
    )
    assert lh.describe_hotspots(table.iloc[2:], whole="the county") == (
        "No area is surely above the rate of the county, as far as these numbers can tell."
    )


def test_area_changes() -> None:
    then = areas({"Exton": 10, "Ryhall": 60, "Ketton": 20, "Langham": 0})
    now = then.assign(count=[40, 20, 22, 0])
    assert lh.describe_area_changes(lh.change(then, now, population=None)) == [
        "One area clearly rose: Exton, from 10 to 40.",
        "One area clearly fell: Ryhall, from 60 to 20.",
        "One area shows no clear change.",
        "One area was not tested.",
    ]
    same = lh.change(then, then, population=None)
    assert lh.describe_area_changes(same) == [
        "In none of three areas is the change clear.",
        "One area was not tested.",
    ]


def test_suppression() -> None:
    table = areas({"A": 14, "B": 3, "C": 9, "D": 7})
    assert lh.describe_suppression(lh.suppress(table)) == (
        "Counts below 5 are not shown, nor others from which they could be worked out: 2 of 4 areas."
    )
    assert lh.describe_suppression(table) == ""
    with pytest.warns(UserWarning, match="must not be published"):
        whole = lh.suppress(areas({"A": 1, "B": 2}))
    assert lh.describe_suppression(whole).endswith("2 of 2 areas. The total is withheld as well.")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=5, max_size=12))
@example([0, 4, 5, 5, 5, 5, 5, 5])
@pytest.mark.filterwarnings("ignore:the totals of")
def test_no_sentence_about_areas_names_a_withheld_one(counts: list[int]) -> None:
    names = [f"Parish {chr(65 + k)}" for k in range(len(counts))]
    shown = lh.suppress(areas(dict(zip(names, counts, strict=True))))
    assume(shown["suppressed"].any() and not shown["suppressed"].all())
    said = " ".join(lh.describe_ranking(shown))
    assert "Parish" in said or " areas had most" in said  # of more than five, none is named
    for name, hidden in zip(shown["area_name"], shown["suppressed"], strict=True):
        assert not (hidden and re.search(rf"{name}\b", said))


# --- records --------------------------------------------------------------------------------------


def outcome(name: str, rows: int) -> dict[str, Any]:
    return {"outcome": name, "rows": rows, "events": rows, "detail": ""}


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        ([outcome("counted by code", 1256)], "All 1,256 records of this measure and period were counted."),
        ([outcome("counted by code", 1)], "The 1 record of this measure and period was counted."),
        ([outcome("counted by code", 980), outcome("counted by point", 1), outcome("no location", 19)],
         "Of 1,000 records of this measure and period 981 (98 %) were counted; not counted: 19 without a location."),
        ([outcome("counted by code", 9), outcome("no location", 1), outcome("outside the areas", 2)],
         ("Of 12 records of this measure and period 9 were counted; not counted: 1 without a location and 2 outside "
         "the areas.")),
        ([outcome("counted by code", 3), outcome("outside the period", 1301), outcome("of other categories", 7171)],
         ("All 3 records of this measure and period were counted; beside them the files hold 1,301 outside the period "
         "and 7,171 of other categories.")),
        ([outcome("outside the period", 5)],
         "No record is of this measure and period; beside them the files hold 5 outside the period."),
    ],
)  # fmt: skip
def test_audits(outcomes: list[dict[str, Any]], sentence: str) -> None:
    assert lh.describe_audit(lh.Audit(outcomes=outcomes)) == sentence


def test_a_withheld_audit() -> None:
    from lsoahot.common.audit import withheld_audit

    assert lh.describe_audit(withheld_audit()).startswith(
        "How many records were counted is withheld"
    )


# --- key findings ---------------------------------------------------------------------------------


def test_key_findings_are_ranked_by_what_changed_most_and_surely() -> None:
    found = lh.key_findings(
        {
            "Small but large": years(2, 9),  # 350 %, and no more than chance can do
            "Large and sure": years(200, 400),
            "Sure and small": years(20000, 22000),
            "Fallen": years(400, 100),
            "The same": years(30, 30),
            "Gone": years(60, 0),
            "New": years(12),
        }
    )
    assert found["measure"].tolist() == [
        "Gone", "Fallen", "Large and sure", "Sure and small", "Small but large", "The same", "New",
    ]  # fmt: skip
    assert found["sure"].tolist() == [True] * 4 + [False] * 3
    assert found["rank"].tolist() == list(range(1, 8))
    assert found["sentence"].iloc[0] == f"Gone fell to none, from 60{MORE}"
    assert found["sentence"].iloc[4] == f"Small but large rose by 7, from 2 to 9{WITHIN}"


def test_key_findings_of_categories_and_no_finding_twice() -> None:
    crime = lh.trend(lh.read_dataset("crime", "sample"))
    damage = lh.trend(
        lh.read_dataset("crime", "sample").query("category == 'Criminal damage'"), None
    )
    found = lh.key_findings({"Total crime": crime, "Criminal damage": damage})
    assert found["sentence"].str.startswith("Criminal damage").sum() == 1
    assert found["category"].dropna().tolist()[0] == "Serious acquisitive crime"
    assert found.loc[found["category"].isna(), "measure"].tolist() == ["Total crime"]


def test_key_findings_withhold() -> None:
    table = lh.trend(
        pd.DataFrame({"2011": [40, 10, 7], "2012": [44, 3, 9]}, index=["Damage", "Arson", "Theft"])
    )
    found = lh.key_findings({"Hate crime": table}, below={"Hate crime": 5})
    hidden = found[found["category"].isin(["Arson", "Theft"])]
    assert hidden[["count", "previous", "change_pct", "rate_ratio"]].isna().all(axis=None)
    assert hidden["sentence"].str.contains("withheld").all()
    assert not hidden["sure"].any()


# --- what is refused ------------------------------------------------------------------------------


def test_tables_of_another_kind() -> None:
    with pytest.raises(ValueError, match=r"Make it with trend"):
        lh.describe_change(pd.DataFrame({"a": [1]}))
    with pytest.raises(ValueError, match=r"category='Arsn' is not one of .* Did you mean 'Arson'"):
        lh.describe_change(years(1, 2), category="Arsn")
    with pytest.raises(ValueError, match="year='FY 1999'"):
        lh.describe_change(years(1, 2), year="FY 1999")
    table = pd.concat([years(1, 2), years(3, 4, name="Fraud")], ignore_index=True)
    with pytest.raises(ValueError, match="the table has no total, but Arson, Fraud"):
        lh.describe_change(table)
    with pytest.raises(ValueError, match="find_hotspots"):
        lh.describe_hotspots(areas({"A": 1}))
    with pytest.raises(ValueError, match="there is no measure"):
        lh.key_findings({})
    with pytest.raises(ValueError, match="Make it with trend"):
        lh.key_findings({"A": pd.DataFrame({"a": [1]})})


def test_nothing_is_changed() -> None:
    table = years(10, 20)
    before = table.copy()
    lh.describe_change(table, below=15)
    lh.key_findings({"Arson": table})
    pd.testing.assert_frame_equal(table, before)


# --- the guide ------------------------------------------------------------------------------------


def test_the_guide_quotes_what_the_functions_say() -> None:
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "prose.md").read_text(encoding="utf-8")
    page = page.replace("\\*", "*")
    table = lh.read_boundaries("sample")
    crimes, period = lh.read_dataset("crime", "sample"), ("2011-10", "2012-09")
    found = lh.trend(crimes)
    counted = {
        name: lh.rate(lh.count(table, crimes[crimes["category"] == name], period=period))
        for name in ("Serious acquisitive crime", "Criminal damage")
    }
    violence = crimes[crimes["category"] == "Violence against the person"]
    fires = lh.count(table, lh.read_dataset("fires", "sample"), period=period)
    then, now = (lh.count(table, crimes, period=span) for span in (("2010-10", "2011-09"), period))
    said = [
        lh.describe_change(found, "Total recorded crime"),
        lh.describe_change(found, category="Criminal damage"),
        lh.describe_years(found, "Total crime"),
        lh.describe_season(lh.seasonality(violence), "Violence against the person"),
        lh.describe_shares(found, "all crime")[3],
        " ".join(lh.describe_ranking(counted["Serious acquisitive crime"])),
        lh.describe_hotspots(lh.find_hotspots(counted["Criminal damage"])),
        *lh.describe_area_changes(lh.change(then, now, dispersion=lh.dispersion(crimes))),
        lh.describe_audit(fires.attrs["audit"]),
    ]
    assert [text for text in said if text not in page] == []
