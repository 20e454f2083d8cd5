"""Words of offences, flags, categories and motives mean what they say, or are told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, strategies as st
from reading import CODES, read, rows

from lsoahot.records import flags

ONE, TWO, THREE = CODES[:3]


def qualified(flag: str, *cells: str) -> list[bool]:
    table = pd.DataFrame(
        {"LSOA code": ONE, "Month": "2021-10", "Offence": "Robbery", "MO keywords": [*cells, "x"]}
    )
    return read(table).records[flag].tolist()[:-1]


def test_keywords_are_whole_words_and_mean_what_they_say() -> None:
    hate = ["Chateau Road", "said 'whatever'", "Hate crime: race", "racist abuse", "Homophobic"]
    assert qualified("hate", *hate) == [False, False, True, True, True]
    domestic = ["Domestic burglary; dwelling", "Domestic appliance", "Domestic abuse", "Domestic; alcohol",
                "Domestic burglary; domestic violence", "non-domestic"]  # fmt: skip
    assert qualified("domestic", *domestic) == [False, False, True, True, True, False]
    assert qualified("alcohol", "alcohol free zone", "Alcohol related", "drunk") == [
        False,
        True,
        True,
    ]
    assert qualified("drugs", "Superdrug", "drugs", "drug related") == [False, True, True]


def test_one_category_in_every_spelling() -> None:
    words = [
        "Burglary",
        "BURGLARY",
        "burglary",
        "Burglary ",
        "Anti-social behaviour",
        "ANTI SOCIAL BEHAVIOUR",
    ]
    table = pd.DataFrame({"LSOA code": ONE, "Month": "2021-10", "Crime type": words})
    told = read(table)
    assert told.records["category"].value_counts().to_dict() == {
        "Burglary": 4,
        "Anti-social behaviour": 2,
    }
    assert len(read(table, "asb").records) == 2


MEANT = {
    "alcohol": ["Alcohol", "Alcohol related", "Drunk and disorderly", "Intoxicated", "Drink driving",
                "Alcohol related theft", "Theft; drunk", "Under the influence of alcohol", "Drunk/Disorderly"],
    "drugs": ["Drugs", "Drug related", "Possession of drugs", "Cannabis", "County lines", "Drug dealing",
              "Theft; Drugs"],
    "domestic": ["Domestic", "DA", "DV", "Domestic abuse", "Violence (Domestic)", "Domestic - Other", "HBV",
                 "Violence - domestic", "DASH", "Coercive control", "Domestic abuse; Burglary"],
    "hate": ["Hate", "Hate crime", "Racially aggravated", "Homophobic", "Religiously aggravated harassment",
             "Hate - Disability"],
}  # fmt: skip
NOT_MEANT = {
    "alcohol": ["Theft of alcohol", "Shoplifting - alcohol", "Alcohol stolen", "Alcohol/tobacco theft", "Alcohol gel",
                "Alcohol free zone", "Alcohol: no", "Alcohol - N", "Alcohol not involved", "Non-alcohol",
                "Burglary - alcohol taken", "Alcohol licence", "Alcohol unknown"],
    "drugs": ["Theft of drugs", "Prescription drugs stolen", "Drugstore", "Drugs: none", "Drugs not found",
              "Anti-drug", "Drugs awareness", "Non drug", "Lost drugs"],
    "domestic": ["Domestic burglary", "Burglary domestic", "Burglary - domestic", "Non-domestic", "Non-DA",
                 "Domestic abuse: No", "Domestic waste", "Domestic noise", "Dashboard", "Dash cam", "Prada",
                 "Domestic dwelling fire", "Domestic extremism", "No domestic", "Domestic abuse - none"],
    "hate": ["Chateau", "Whatever", "Hate crime: No", "Not hate", "Street racing", "Racecourse", "Without prejudice",
             "Racial equality council"],
}  # fmt: skip


@pytest.mark.parametrize("flag", MEANT)
def test_words_of_offences_mean_what_they_say(flag: str) -> None:
    for word, meant in [
        *((one, True) for one in MEANT[flag]),
        *((one, False) for one in NOT_MEANT[flag]),
    ]:
        for spelling in (word, word.upper(), f" {word} "):
            assert flags.sets_flag(spelling, flag) == meant, word
            held = flags.holds(pd.Series([spelling, None, "Burglary"]), flag)
            assert held.tolist() == [meant, False, False], word


@given(st.data())
def test_a_cell_of_qualifiers_sets_what_one_of_them_sets(data: st.DataObject) -> None:
    flag = data.draw(st.sampled_from(sorted(MEANT)))
    words = data.draw(
        st.lists(st.sampled_from([*MEANT[flag], *NOT_MEANT[flag], "Night", "Knife"]), min_size=1)
    )
    mark = data.draw(st.sampled_from(["; ", ",", " | ", "\n"]))
    single = [part for word in words for part in word.split(";")]
    assert flags.sets_flag(mark.join(words), flag) == any(
        flags.sets_flag(one, flag) for one in single
    )
    denied = [f"{flag}: no", f"not {flag}", f"{flag} - none", f"{flag} not involved"]
    assert not flags.sets_flag(mark.join(denied), flag)


def test_words_that_may_mean_something_else_are_told(tmp_path: Path) -> None:
    path = tmp_path / "da.csv"
    lines = [
        f"{ONE},2024-05,Violence,{word}"
        for word in ("Domestic abuse", "Domestic Bliss pub", "Night")
    ]
    path.write_text(rows("LSOA code,Month,Crime type,Qualifiers", *lines))
    told = read(path, "domestic")
    assert told.events == 2
    assert "da.csv: 'Domestic Bliss pub' were taken for 'domestic' by that word" in told.said


@pytest.mark.parametrize(
    ("motive", "fires"), [("Arson", 2), ("Malicious", 2), ("Not deliberate", 1), ("D", 2)]
)
def test_motives_of_fires(motive: str, fires: int, tmp_path: Path) -> None:
    path = tmp_path / "fires.csv"
    lines = [f"{ONE},2024-05,Primary fire,Deliberate", f"{ONE},2024-05,Secondary fire,{motive}",
             f"{ONE},2024-05,Automatic fire alarm,Deliberate",
             f"{ONE},2024-05,Firearms incident,Accidental"]  # fmt: skip
    path.write_text(rows("LSOA code,Month,Incident type,Motive", *lines))
    told = read(path, "fires")
    assert (told.events, told.said) == (fires, "")


def test_a_motive_that_nobody_knows_is_told_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "fires.csv"
    path.write_text(
        rows("LSOA code,Month,Incident type,Motive", f"{ONE},2024-05,Primary fire,Deliberate",
             f"{ONE},2024-05,Primary fire,Tuesday")
    )  # fmt: skip
    assert "fires.csv: the motive 'tuesday' is neither deliberate nor" in read(path, "fires").said
    path.write_text(rows("LSOA code,Month,Incident type", f"{ONE},2024-05,Primary fire"))
    assert "fires.csv: the file does not say which fires" in read(path, "fires").said
    path.write_text(rows("LSOA code,Month,Crime type", f"{ONE},2024-05,Witchcraft"))
    assert read(path).said.startswith("fires.csv: 1 rows have a category that 'crime' doesn't know")
