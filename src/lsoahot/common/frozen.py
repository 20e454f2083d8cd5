"""Notes that ride in a table's ``attrs``: they can't be changed, and so are never copied.

pandas copies ``attrs`` deeply with every column that is taken, every filter and every arithmetic step:
tens of thousands of times in one assessment. What can't change needs no copy, so a deep copy of these
notes is the notes themselves. They are a dict and a list all the same: they compare with plain ones,
and Parquet, JSON and pickle write them as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


def _refused(*_: object, **__: object) -> NoReturn:
    raise TypeError(
        "what a table notes in attrs can't be changed in place. Put a new note there: "
        'table.attrs["read"] = {**table.attrs["read"], "rows": 10}.'
    )


class _Uncopied:
    """What stays as it was made: a copy of it is itself."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        return self


class FrozenDict(_Uncopied, dict[str, Any]):
    """A dict that stays as it was made, with all that is in it.

    Examples
    --------
    >>> import copy
    >>> notes = FrozenDict(months=["2012-01", "2012-02"])
    >>> copy.deepcopy(notes) is notes, notes == {"months": ["2012-01", "2012-02"]}
    (True, True)
    """

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__({key: frozen(one) for key, one in dict(*values, **named).items()})

    def __reduce__(self) -> tuple[type[Self], tuple[dict[str, Any]]]:
        return (type(self), (dict(self),))

    __setitem__: Any = _refused
    __delitem__: Any = _refused
    __ior__: Any = _refused
    clear: Any = _refused
    pop: Any = _refused
    popitem: Any = _refused
    setdefault: Any = _refused
    update: Any = _refused


class FrozenList(_Uncopied, list[Any]):
    """A list that stays as it was made, with all that is in it."""

    def __init__(self, values: Iterable[Any] = ()) -> None:
        super().__init__(map(frozen, values))

    def __reduce__(self) -> tuple[type[Self], tuple[list[Any]]]:
        return (type(self), (list(self),))

    __setitem__: Any = _refused
    __delitem__: Any = _refused
    __iadd__: Any = _refused
    __imul__: Any = _refused
    append: Any = _refused
    clear: Any = _refused
    extend: Any = _refused
    insert: Any = _refused
    pop: Any = _refused
    remove: Any = _refused
    reverse: Any = _refused
    sort: Any = _refused


def frozen(value: object) -> object:
    """Return a dict or a list, and all that is in it, so that it can't be changed.

    Parameters
    ----------
    value
        Plain values, lists, tuples and dicts, however deep.

    Returns
    -------
    FrozenDict, FrozenList or the value itself
        What is frozen already stays the same object.

    Examples
    --------
    >>> frozen({"read": {"rows": [3]}}) == {"read": {"rows": [3]}}
    True
    """
    if isinstance(value, FrozenDict | FrozenList):
        return value
    if isinstance(value, dict):
        return FrozenDict(value)
    if isinstance(value, list):
        return FrozenList(value)
    return tuple(map(frozen, value)) if type(value) is tuple else value
