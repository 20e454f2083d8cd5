"""Look-ups cut to one row an area are refused: an unchanged area keeps its code."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, strategies as st

import lsoahot as lh


def test_a_look_up_cut_to_one_row_an_area_is_refused() -> None:
    whole = pd.DataFrame(
        {"LSOA11CD": ["E01013787", "E01013801", "E01013801", "E01013802", "E01013802"],
         "LSOA21CD": ["E01013787", "E01035102", "E01035103", "E01035104", "E01035105"]}
    )  # fmt: skip
    counts = pd.DataFrame({"count": [4, 5, 6]},
                          index=pd.Index(whole["LSOA11CD"].unique(), name="area_code"))  # fmt: skip
    people = pd.Series(1000, index=whole["LSOA21CD"])
    full = lh.convert(counts, from_="lsoa11", to="lsoa21", lookup=whole, population=people)
    assert full["count"].sum() == 15
    cut = whole.drop_duplicates("LSOA11CD")
    for from_, to in (("lsoa11", "lsoa21"), ("lsoa21", "lsoa11")):
        table = counts if from_ == "lsoa11" else counts.set_axis(cut["LSOA21CD"].to_numpy())
        with pytest.raises(ValueError, match=r"2 areas one to one.*E0.* to E0.*best fit"):
            lh.convert(table, from_=from_, to=to, lookup=cut, population=people)


@given(st.data())
def test_no_cut_of_a_split_passes_as_unchanged(data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=6))
    rows, new = [], 900
    for i, n in enumerate(parts):
        old = f"E0101300{i}"
        for _ in range(n):
            new += 1
            rows.append((old, old if n == 1 else f"E01034{new}"))
    whole = pd.DataFrame(rows, columns=["LSOA11CD", "LSOA21CD"])
    cut = whole.drop_duplicates("LSOA11CD")
    counts = pd.DataFrame({"count": 1}, index=pd.Index(cut["LSOA11CD"], name="area_code"))
    people = pd.Series(1, index=whole["LSOA21CD"])
    if max(parts) > 1:
        with pytest.raises(ValueError, match="one to one"):
            lh.convert(counts, from_="lsoa11", to="lsoa21", lookup=cut, population=people)
    result = lh.convert(counts, from_="lsoa11", to="lsoa21", lookup=whole, population=people)
    assert result["count"].sum() == len(parts)
