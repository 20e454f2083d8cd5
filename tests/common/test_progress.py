"""What a run tells on the way."""

from __future__ import annotations

import warnings

from lsoahot.common.progress import noting


def test_a_warning_is_noted_as_it_is_and_shown_after_its_measure() -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        with noting() as notes:
            warnings.warn("no areas have a value", UserWarning, stacklevel=1)
            notes.measure = "fires"
            warnings.warn("no areas have a value", UserWarning, stacklevel=1)
            warnings.warn("soon to go", DeprecationWarning, stacklevel=1)
    assert [str(one.message) for one in shown] == [
        "no areas have a value",
        "fires: no areas have a value",
        "soon to go",
    ]
    assert notes.messages == [("", "no areas have a value"), ("fires", "no areas have a value")]
