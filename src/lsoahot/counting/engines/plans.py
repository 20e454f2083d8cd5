"""What a table of records has to tell: its columns as keys, one plan for every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from lsoahot.common import checks
from lsoahot.records import headers
from lsoahot.records.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import narwhals as nw

    from lsoahot.records.coordinates import Pair

Native: TypeAlias = Any  # a table of any engine that narwhals knows
Frame: TypeAlias = Any  # narwhals' frame of one, eager or lazy

# Columns of the tables that the engines give back, beside the keys.
AREA_ROW: Final = "_area_row"  # that of the point, IN_NONE or NO_POINT; first whether there is one
ROWS: Final = "_rows"  # how many records are alike
WEIGHTS: Final = ("_weight", "_weight_sq", "_wrong")  # sums: weights, their squares, bad ones
X, Y = "_x", "_y"

_RAW: Final = Dataset(
    name="records",
    title="Records",
    columns={"category": ("crime type",), "force": ("falls within", "reported by")},
)


class Plan(NamedTuple):
    """What to group records by. It is pickled and sent to workers."""

    keys: tuple[str, ...]  # the columns that decide where a record belongs
    months: str  # what `period` holds: "dates", "text", or "" where there is none
    texts: tuple[str, ...]  # keys to be turned into text
    weight: str | None
    point: Pair | None

    @property
    def needed(self) -> list[str]:
        """List the columns that are read."""
        axes = self.point[:2] if self.point else ()
        weight = [self.weight] if self.weight else []
        return list(dict.fromkeys([*self.keys, *axes, *weight]))

    @property
    def groups(self) -> list[str]:
        """List what alike records share."""
        return [*self.keys, *([AREA_ROW] if self.point else [])]

    @property
    def sums(self) -> list[str]:
        """List what is added up in each group, beside the records."""
        return list(WEIGHTS) if self.weight else []


def make(
    schema: Mapping[str, nw.dtypes.DType],
    *,
    weight: str | None,
    need: Sequence[str],
    point: Pair | None,
) -> Plan:
    """Choose the keys of a table.

    Parameters
    ----------
    schema
        Its columns, with narwhals' types.
    weight, need
        The column of weights, and the columns to tabulate by.
    point
        The columns of its points, as `coordinates.find_pair` found them.

    Raises
    ------
    ValueError
        Where a column is lacking.
    TypeError
        Where `count` or the weights are no numbers.
    """
    weights = [weight] if weight else []
    lack = [name for name in (*need, *weights) if name not in schema]
    if lack or ("area_code" not in schema and point is None):
        raise ValueError(_lacking(schema, lack))
    for name in ("count", *weights):
        if name in schema and not schema[name].is_numeric():
            raise TypeError(
                f"column {name!r} holds {schema[name]}, not numbers. Convert it first: cast it to "
                "an integer or a float."
            )
    own = [name for name in ("area_code", "period", "financial_year", "count") if name in schema]
    both = ["force", "district"] if {"force", "district"} <= set(schema) else []
    return keyed(schema, dict.fromkeys([*own, *both, *need]), weight=weight, point=point)


def keyed(
    schema: Mapping[str, nw.dtypes.DType],
    keys: Iterable[str],
    *,
    weight: str | None = None,
    point: Pair | None = None,
) -> Plan:
    """Plan to group by some columns, months and text as every engine has them."""
    import narwhals as nw

    keys = tuple(keys)
    months = ""
    if "period" in schema:
        months = "dates" if isinstance(schema["period"], (nw.Date, nw.Datetime)) else "text"
    strange = (nw.Categorical, nw.Enum, nw.Object, nw.Unknown)
    texts = tuple(
        name
        for name in keys
        if (name == "period" and months == "text")
        or (name not in {"period", "count"} and isinstance(schema[name], strange))
    )
    return Plan(keys, months, texts, weight, point)


def _lacking(columns: Iterable[str], lack: list[str]) -> str:
    """Say what records lack, what they have, and the renaming that mends it, where one does."""
    there = list(columns)
    what = (
        f"no column {checks.shown(map(repr, lack))}" if lack else "neither an area_code nor points"
    )
    text = f"records have {what}; they have {checks.shown(there, 20)}."
    result = headers.match(there, _RAW)
    wanted = ("area_code", "period", "category", "force", "count", "financial_year")
    names = {result[key]: key for key in wanted if key in result and result[key] != key}
    if names and (set(lack) | {"area_code"}) & set(names.values()):
        return f"{text} Rename them first, on their own engine: {names!r}."
    if "area_code" in there:
        return f"{text} Name a column that is there, or add it first."
    return (
        f"{text} Rename the column of codes to 'area_code', or name the columns of the points: "
        "x=..., y=..., crs=... ."
    )
