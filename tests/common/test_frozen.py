"""Notes in `attrs` can't be changed, and so pandas, which copies `attrs` deeply, copies nothing."""

from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import lsoahot as lh
from lsoahot.common.frozen import FrozenDict, FrozenList, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN: dict[str, Any] = {"rows": 3, "left_out": {"no date": [1, 2]}, "pair": (1, [2])}


def test_it_is_equal_to_plain_values_and_written_as_such() -> None:
    notes: Any = frozen(PLAIN)
    assert notes == PLAIN
    assert isinstance(notes, dict)
    assert isinstance(notes["left_out"]["no date"], list)
    assert json.loads(json.dumps(notes)) == {**PLAIN, "pair": [1, [2]]}
    again = pickle.loads(pickle.dumps(notes))  # noqa: S301
    assert again == PLAIN
    assert type(again) is FrozenDict
    assert type(again["left_out"]["no date"]) is FrozenList


def test_a_copy_is_the_same_object() -> None:
    for notes in (frozen(PLAIN), FrozenList([1]), lh.Audit(records=3, outcomes=[])):
        assert copy.copy(notes) is notes
        assert copy.deepcopy(notes) is notes
        assert frozen(notes) is notes


def test_what_it_was_made_of_may_change_later() -> None:
    made: dict[str, Any] = {"months": ["2012-01"]}
    notes: Any = frozen(made)
    made["months"].append("2012-02")
    assert notes == {"months": ["2012-01"]}


@pytest.mark.parametrize(
    "change",
    [
        lambda notes: notes.update(rows=4),
        lambda notes: notes.pop("rows"),
        lambda notes: notes.popitem(),
        lambda notes: notes.setdefault("more", 4),
        lambda notes: notes.clear(),
        lambda notes: notes.__setitem__("rows", 4),
        lambda notes: notes.__delitem__("rows"),
        lambda notes: notes.__ior__({"rows": 4}),
        lambda notes: notes["left_out"].update({"no date": []}),
        lambda notes: notes["left_out"]["no date"].append(4),
        lambda notes: notes["left_out"]["no date"].extend([4]),
        lambda notes: notes["left_out"]["no date"].insert(0, 4),
        lambda notes: notes["left_out"]["no date"].remove(1),
        lambda notes: notes["left_out"]["no date"].pop(),
        lambda notes: notes["left_out"]["no date"].clear(),
        lambda notes: notes["left_out"]["no date"].sort(),
        lambda notes: notes["left_out"]["no date"].reverse(),
        lambda notes: notes["left_out"]["no date"].__setitem__(0, 4),
        lambda notes: notes["left_out"]["no date"].__delitem__(0),
        lambda notes: notes["left_out"]["no date"].__iadd__([4]),
        lambda notes: notes["left_out"]["no date"].__imul__(2),
        lambda notes: notes["pair"][1].append(4),
    ],
)
def test_no_change_in_place_gets_through(change: Callable[[Any], object]) -> None:
    notes: Any = frozen(PLAIN)
    with pytest.raises(TypeError, match=r"changed in place\. Put a new note there"):
        change(notes)
    assert notes == PLAIN


def test_every_way_to_change_a_dict_or_a_list_is_refused() -> None:
    """New Pythons may bring new ones: what a dict or list has, and its frozen twin inherits, reads."""
    reads = {
        dict: {"get", "items", "keys", "values", "copy", "fromkeys"},
        list: {"count", "index", "copy"},
    }
    for plain, twin in ((dict, FrozenDict), (list, FrozenList)):
        public = {name for name in vars(plain) if not name.startswith("__")}
        assert public - vars(twin).keys() == reads[plain]


def test_a_chain_of_verbs_copies_no_notes() -> None:
    records = lh.read_dataset("crime", "sample")
    counted = lh.count(lh.read_boundaries("sample"), records)
    graph = lh.contiguity(counted)
    tested = lh.local_moran(lh.find_hotspots(lh.rate(counted), graph), graph=graph)
    ranked = lh.rank(tested[tested["count"] > 100])
    half = counted.assign(count=counted["count"] // 2)
    changed = lh.change(half, counted, population=None)
    for table in (records, counted, tested, ranked, lh.suppress(counted), changed):
        notes = [one for one in table.attrs.values() if isinstance(one, dict | list)]
        assert len(notes) >= 2
        for before, after in zip(notes, copy.deepcopy(notes), strict=True):
            assert after is before
    assert records["category"].attrs["read"] is records.attrs["read"]
    assert ranked.attrs["audit"] is counted.attrs["audit"]
    assert ranked.attrs["statistics"]["local_moran"] is tested.attrs["statistics"]["local_moran"]


def test_notes_are_replaced_by_assignment() -> None:
    table = lh.count(lh.read_boundaries("sample"), lh.read_dataset("fires", "sample"))
    table.attrs["audit"] = lh.Audit({**table.attrs["audit"], "records": 10})
    assert table.attrs["audit"]["records"] == 10
    assert table[["count"]].attrs["audit"]["records"] == 10
