"""A raw table to records: rename, sort out the shape, parse, group, and leave out what doesn't belong."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from lsoahot import _headers, _periods
from lsoahot._checks import shown
from lsoahot._headers import FLAGS, plain
from lsoahot.datasets._spec import QUALIFIER_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsoahot.datasets import Dataset

_NO_PLACE: Final = frozenset({"", "NOT KNOWN", "UNKNOWN", "N/K", "NK", "N/A", "NA", "NONE", "NAN", "NULL", "-", "NO LOCATION", "<NA>"})
_YES: Final = frozenset({"y", "yes", "true", "t", "1", "1.0", "x"})
_NO: Final = frozenset({"n", "no", "false", "f", "0", "0.0", "", "-", "none", "nan", "null", "<na>", "unknown", "not known", "u"})
_SUPPRESSED: Final = re.compile(r"\*+|c|s|x|\.\.|:|-|(?:<|<=|≤|less than)\s*\d+|\d+\s*or fewer|suppressed", re.IGNORECASE)
_TOTALS: Final = ("total", "totals", "grandtotal", "all", "allcrime", "allcrimes", "totalcrime")

# Files that lie beside the right ones, and what gives them away.
_OTHERS: Final = (
    ({"objectofsearch"}, "a stop-and-search file of data.police.uk", "Take the file that ends in -street.csv."),
    ({"outcometype", "crimeid"}, "an outcomes file of data.police.uk", "Take the file that ends in -street.csv."),
    ({"changecode"}, "a look-up between census editions", "Give it to lsoahot.convert() as `lookup`."),
    ({"chgind"}, "a look-up between census editions", "Give it to lsoahot.convert() as `lookup`."),
)


class Tally:
    """What became of every row, filled while reading; a private scratch pad, turned into plain attrs."""

    def __init__(self) -> None:
        self.rows = 0
        self.left_out: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.unread_dates: Counter[str] = Counter()
        self.repeats = 0
        self.ids: list[pd.Series] = []
        self.source: list[str] = []
        self.passed_over: list[str] = []
        self._coverage: dict[str, set[str]] = {}

    def cover(self, force: pd.Series | None, period: pd.Series) -> None:
        """Note the months each force reported, before any row is left out."""
        if force is None:
            return
        pairs = pd.DataFrame({"force": force, "period": period}).dropna().drop_duplicates()
        for name, month in pairs.itertuples(index=False):
            self._coverage.setdefault(str(name), set()).add(str(month))

    def coverage(self) -> dict[str, list[str]]:
        """Return force -> months, sorted."""
        return {force: sorted(months) for force, months in sorted(self._coverage.items())}

    def check(self, records: pd.DataFrame, spec: Dataset) -> None:
        """Warn of what a reader can't guess, once for the whole source; refuse an empty result."""
        if self.rows and not len(records):
            raise ValueError(
                f"none of the {self.rows:,} rows belongs to {spec.name!r}: they are "
                f"{shown((f'{name} ({n:,})' for name, n in self.left_out.most_common()), 8)}. "
                "If every row does, say all_rows=True; else choose another adapter."
            )
        if not self.rows:
            raise ValueError(
                f"{shown(self.source)} has a header and no row. Check that the export was finished."
            )
        if self.unknown and spec.categories:
            what = "left out" if "group" in spec.where else "put into the group 'Other'"
            _warn(
                f"{sum(self.unknown.values()):,} rows have a category that {spec.name!r} doesn't know, and were {what}: "
                f"{shown((f'{name} ({n:,})' for name, n in self.unknown.most_common()), 8)}. "
                "Name their groups: dataclasses.replace(lsoahot.DATASETS[...], categories={...})."
            )
        if self.unread_dates:
            _warn(
                f"{sum(self.unread_dates.values()):,} rows have a date that can't be read, and no month now: "
                f"{shown(self.unread_dates, 3)}. Write dates as DD/MM/YYYY or YYYY-MM-DD."
            )

    def summary(self, kept: int) -> dict[str, Any]:
        """Return the account as plain values: rows = kept + left out."""
        if self.ids:
            ids = pd.concat(self.ids, ignore_index=True)
            self.repeats = int(ids.duplicated().sum())
        return {
            "rows": self.rows,
            "kept": kept,
            "left_out": dict(self.left_out),
            "unknown_categories": dict(self.unknown),
            "unread_dates": int(sum(self.unread_dates.values())),
            "repeated_ids": self.repeats,
            "passed_over": list(self.passed_over),
        }


def needed(headers: list[str], spec: Dataset) -> list[str]:
    """Name the headers that the records are made from."""
    found = set(_headers.match(headers, spec).values())
    return [header for header in headers if header in found or header in _wide(headers, spec)]


def _wide(headers: Iterable[str], spec: Dataset) -> dict[str, str]:
    """Find the columns of a table with one column a month or a category: header -> ``period`` or ``category``."""
    known = {plain(category) for category in spec.categories}
    every = list(headers)
    by_month = dict.fromkeys(_headers.months(every), "period")
    if by_month:
        return by_month
    by_category = {header: "category" for header in every if plain(header) in known}
    taken = {plain(v) for column in ("category", "area_code") for v in spec.headers(column)}
    by_category = {header: kind for header, kind in by_category.items() if plain(header) not in taken}
    return by_category


def _shape(headers: Iterable[str], spec: Dataset) -> tuple[dict[str, str], dict[str, str]]:
    """Tell the columns found from the wide ones; where wide ones are there, flags and totals are not read."""
    every = [str(header) for header in headers]
    found = _headers.match(every, spec)
    wide = _wide(every, spec)
    kinds = set(wide.values())
    if kinds == {"period"}:
        if "period" in found and found["period"] not in wide:
            return found, {}
        found = {column: header for column, header in found.items() if column not in ("period", "count")}
        return found, wide
    if kinds and "category" not in found:
        flagged = {found[flag] for flag in FLAGS if flag in found}
        wide = {header: kind for header, kind in wide.items() if header not in flagged or spec.name in FLAGS}
        single = len(wide) == 1 and next(iter(wide)) in found.values()
        if wide and not single:
            found = {c: h for c, h in found.items() if c != "count" and h not in wide}
            return found, wide
    return found, {}


def lacking(headers: Iterable[str], spec: Dataset, *, all_rows: bool = False) -> list[str]:
    """Name what a table lacks to be read by an adapter; empty where it fits."""
    every = [str(header) for header in headers]
    names = {plain(header) for header in every}
    if any(signs <= names for signs, _, _ in _OTHERS) and "crimetype" not in names:
        return ["records of events"]
    found, wide = _shape(every, spec)
    missing = []
    place = "area_code" in found or "x" in found or "geometry" in found or "area_description" in found
    if not place:
        missing.append(
            f"an area code ({spec.headers('area_code')[0]!r} or the like) or a point (longitude and latitude, "
            "easting and northing)"
        )
    if wide or "count" in found:
        return missing
    if spec.prepare is None or "category" in spec.columns:
        for column in spec.where:
            if column in FLAGS and not all_rows:
                by_category = column == "drugs" and "category" in found
                if column not in found and "qualifiers" not in found and not by_category:
                    missing.append(f"a column that says which rows are {column} ({spec.headers(column)[0]!r}, 'qualifiers')")
            elif column == "group" and not all_rows and not {"category", "group", "motive"} & set(found):
                missing.append(f"a category ({spec.columns.get('category', ('category',))[0]!r} or the like)")
        if not spec.where and "category" in spec.columns and not {"category", "group"} & set(found) and not all_rows:
            missing.append(f"a category ({spec.columns['category'][0]!r} or the like) or counts")
    if "period" not in found and "date" not in found and "period" in spec.columns and not all_rows:
        missing.append(f"a month or date ({spec.headers('period')[0]!r} or the like)")
    return missing


def unfit_message(
    name: str, table: pd.DataFrame, spec: Dataset, missing: list[str], every: Iterable[Dataset]
) -> str:
    """Say what a file lacks, what is there, and which adapter it looks like."""
    there = [str(header) for header in table.columns]
    names = {plain(header) for header in there}
    said = f"{name} can't be read as {spec.name!r}: it lacks {' and '.join(missing)}; it has {shown(there, 16)}."
    for signs, what, advice in _OTHERS:
        if signs <= names:
            return f"{said} It looks like {what}. {advice}"
    fits = [other.name for other in every if other.name != spec.name and not lacking(there, other)]
    signatures = {"crime": {"crimetype"}, "fires": {"incidenttype", "lsoadescription"}}
    fits.sort(key=lambda fit: not (signatures.get(fit, {""}) <= names))
    if fits:
        return f"{said} It looks like {fits[0]!r}: read it with that adapter, or rename its columns."
    if _headers.code_column(there) is not None and len(missing) < 3:  # noqa: PLR2004
        flag = next((column for column in spec.where if column in FLAGS), None)
        if flag and len(missing) == 1:
            return f"{said} If every row is one of them, say all_rows=True."
        return f"{said} It looks like a table an area: add it to your areas with lsoahot.join()."
    return f"{said} Rename its columns, or write an adapter: lsoahot.Dataset(name=..., columns={{...}})."


def to_records(
    table: pd.DataFrame, spec: Dataset, name: str, tally: Tally, *, all_rows: bool
) -> pd.DataFrame:
    """Turn a raw table into records, and note in the tally what became of its rows."""
    found, wide = _shape(table.columns, spec)
    raw = pd.DataFrame(table).rename(columns=str)
    if wide:
        raw, found = _melted(raw, found, wide)
    # A column that merely bears the name of another that was found would stand there twice.
    clash = [name for name in raw.columns if name in found and name not in found.values()]
    frame = raw.drop(columns=clash).rename(columns={header: column for column, header in found.items()})
    if spec.name in FLAGS and spec.name in frame and "count" not in frame and _numeric(frame[spec.name]):
        if not pd.to_numeric(frame[spec.name], errors="coerce").dropna().isin([0, 1]).all():
            frame = frame.rename(columns={spec.name: "count"})  # a number of events, not a flag
    if spec.prepare is not None:
        frame = spec.prepare(frame)
    tally.rows += len(frame)
    made: dict[str, Any] = {}
    index = frame.index
    if "area_code" in frame:
        made["area_code"] = codes(frame["area_code"])
    _dates(frame, made, tally)
    if "category" in frame:
        made["category"] = text(frame["category"])
    _groups(frame, made, spec, tally)
    _flags(frame, made, spec, name)
    if "count" in frame:
        counts = _counts(frame["count"], name)
        if counts is not None:
            made["count"] = counts
    if "weight" in frame:
        made["weight"] = pd.to_numeric(frame["weight"], errors="coerce").astype("float64")
    force = text(frame["force"]) if "force" in frame else None
    if force is not None:
        made["force"] = force
    tally.cover(force, made["period"])
    if "area_name" in frame:
        made["district"] = _districts(text(frame["area_name"]))
    # Carried along: what the adapter names beyond the records' columns, and all of a table of records; of
    # anything else nothing (an extract may hold names and addresses).
    canonical = "period" in raw and ("area_code" in raw or "geometry" in raw)
    for column in frame.columns if canonical else spec.columns:
        if column in frame and column not in made and column not in _DROPPED:
            made[column] = frame[column] if canonical else text(frame[column])
    _coordinates(frame, made, found, spec, name, table)
    records = pd.DataFrame(made, index=index)
    if "crime_id" in frame:
        tally.ids.append(frame["crime_id"].dropna())
    if "API id" in frame:
        tally.ids.append(frame["API id"].dropna().astype(str))
    return records if all_rows else _belonging(records, spec, tally)


_DROPPED: Final = ("crime_id", "area_name", "area_description", "qualifiers", "motive", "period", "date", "count", "x", "y", "geometry", "area_code")


def _melted(
    raw: pd.DataFrame, found: dict[str, str], wide: dict[str, str]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Turn one column a month or category into one row each."""
    kind = next(iter(wide.values()))
    kept = list(dict.fromkeys(found.values()))
    left = [
        header
        for header in raw.columns
        if header not in wide and header not in kept and plain(header) not in _TOTALS and _numeric(raw[header])
        and "name" not in plain(header)
    ]
    if left:
        _warn(
            f"numbers in {shown(map(repr, left), 8)} were not read: beside {shown(map(repr, wide), 3)} they are no "
            "known category or month. Add them to the adapter's `categories`, or drop the columns."
        )
    long = raw[[*kept, *wide]].melt(id_vars=kept, value_vars=list(wide), var_name=f"_{kind}", value_name="_count")
    return long, {**found, kind: f"_{kind}", "count": "_count"}


def _numeric(column: pd.Series) -> bool:
    there = column.dropna()
    return len(there) > 0 and bool(pd.to_numeric(there, errors="coerce").notna().mean() > 0.5)  # noqa: PLR2004


def text(column: pd.Series) -> pd.Series:
    """Return text, stripped, missing where it is blank."""
    if pd.api.types.is_string_dtype(column.dtype) or column.dtype == object:
        codes_, unique = pd.factorize(column)
        values = [str(value).strip() or None for value in unique]
        return pd.Series(pd.array([*values, None], dtype="str" if _PANDAS_3 else "object")[codes_], index=column.index)
    return column.astype("str" if _PANDAS_3 else "object")


_PANDAS_3: Final = int(pd.__version__.split(".", maxsplit=1)[0]) >= 3  # noqa: PLR2004


def codes(column: pd.Series) -> pd.Series:
    """Return area codes in capitals without spaces, missing where there is none."""
    found, unique = pd.factorize(column)
    values: list[str | None] = []
    for value in unique:
        code = re.sub(r"\s+", " ", str(value)).strip().upper()
        values.append(None if code in _NO_PLACE else code)
    return pd.Series(pd.array([*values, None], dtype="str" if _PANDAS_3 else "object")[found], index=column.index)


def _dates(frame: pd.DataFrame, made: dict[str, Any], tally: Tally) -> None:
    column = "period" if "period" in frame else "date" if "date" in frame else None
    if column is None:
        made["period"] = pd.Series(pd.PeriodIndex([pd.NaT] * len(frame), freq="M"), index=frame.index)
        return
    parsed = _periods.parse(frame[column])
    made["period"] = parsed.period
    date = parsed.date
    if column == "period" and "date" in frame:
        date = _periods.parse(frame["date"]).date
    if date.notna().any():
        made["date"] = date
    if parsed.financial_year.notna().any():
        made["financial_year"] = parsed.financial_year
    elif "financial_year" in frame:
        made["financial_year"] = text(frame["financial_year"])
    tally.unread_dates.update(frame.loc[parsed.unread, column].astype(str).tolist())


def _groups(frame: pd.DataFrame, made: dict[str, Any], spec: Dataset, tally: Tally) -> None:
    if "group" in frame:
        made["group"] = text(frame["group"])
    elif "category" in made and spec.categories:
        known = {plain(category): group for category, group in spec.categories.items()}
        category = made["category"]
        found, unique = pd.factorize(category)
        rest = "Unknown" if "group" in spec.where else "Other"
        groups = [known.get(plain(value), rest) for value in unique]
        sizes = np.bincount(found[found >= 0], minlength=len(unique))
        for value, rows in zip(unique, sizes, strict=True):
            if plain(value) not in known:
                tally.unknown[str(value)] += int(rows)
        made["group"] = pd.Series(
            pd.array([*groups, None], dtype="str" if _PANDAS_3 else "object")[found], index=category.index
        )


def _flags(frame: pd.DataFrame, made: dict[str, Any], spec: Dataset, name: str) -> None:
    for flag in FLAGS:
        if flag in frame:
            made[flag] = _truth(frame[flag], flag, name)
        elif "qualifiers" in frame:
            made[flag] = _holds(frame["qualifiers"], QUALIFIER_WORDS[flag])
        elif flag == "drugs" and spec.name == "drugs" and "category" in made:
            category = made["group"] if "group" in made else made["category"]
            made[flag] = _holds(category, ("drug",)) | _holds(made["category"], ("drug",))


def _truth(column: pd.Series, flag: str, name: str) -> NDArray[np.bool_]:
    if column.dtype == bool:
        return column.to_numpy()
    found, unique = pd.factorize(column)
    words = [str(value).strip().casefold() for value in unique]
    strange = [word for word in words if word not in _YES and word not in _NO and flag not in word]
    if strange:
        raise ValueError(
            f"{name}: the flag {flag!r} holds {shown(map(repr, strange))}, which is neither yes nor no. "
            "Write Y or N, or rename the column."
        )
    yes = [word in _YES or (flag in word and not re.search(r"\b(no|not|non)\b", word)) for word in words]
    truth: NDArray[np.bool_] = np.array([*yes, False], dtype=bool)[found]
    return truth


def _holds(column: pd.Series, words: tuple[str, ...]) -> NDArray[np.bool_]:
    found, unique = pd.factorize(column)
    held = [any(word in str(value).casefold() for word in words) for value in unique]
    truth: NDArray[np.bool_] = np.array([*held, False], dtype=bool)[found]
    return truth


def _counts(column: pd.Series, name: str) -> pd.Series | None:
    """Read counts: whole, not negative, missing where the source suppressed them. None where it is no number."""
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        numbers = column.astype("Float64")
        strange = pd.Series(False, index=column.index)
    else:
        words = column.astype("string").str.strip().str.replace(",", "", regex=False)
        numbers = pd.to_numeric(words, errors="coerce").astype("Float64")
        hidden = words.str.fullmatch(_SUPPRESSED).fillna(True)
        strange = numbers.isna() & ~hidden
    if strange.any():
        if strange.sum() > len(column) / 2:
            return None
        raise ValueError(
            f"{name}: counts hold {shown(map(repr, column[strange].unique()))}, which is no number. "
            "Mend the cells; leave them empty where nothing is known."
        )
    negative = numbers < 0
    if negative.any():
        raise ValueError(
            f"{name}: {int(negative.sum()):,} counts are negative: {shown(numbers[negative].unique())}. "
            "A count can't be: differences between years are not read as counts."
        )
    broken = numbers.notna() & (numbers != numbers.round())
    if broken.any():
        raise ValueError(
            f"{name}: {int(broken.sum()):,} counts are not whole: {shown(numbers[broken].unique())}. "
            "Give counts of events; rates are worked out by lsoahot.rate()."
        )
    whole = numbers.astype("Int64")
    return whole if whole.isna().any() else whole.astype("int64")


def _districts(names: pd.Series) -> pd.Series:
    """Take the district out of the names of small areas: "Rutland 001A" is in Rutland."""
    found, unique = pd.factorize(names)
    values = [re.sub(r"\s+\d{3}[A-Z]?$", "", str(value)) for value in unique]
    return pd.Series(pd.array([*values, None], dtype="str" if _PANDAS_3 else "object")[found], index=names.index)


def _coordinates(
    frame: pd.DataFrame, made: dict[str, Any], found: dict[str, str], spec: Dataset, name: str, table: pd.DataFrame
) -> None:
    if "x" in frame and "y" in frame and "x" in found:
        crs = _headers.point_crs(found, spec)
        x, y = (pd.to_numeric(frame[axis], errors="coerce").to_numpy(dtype="float64") for axis in "xy")
        crs = _checked(x, y, crs, name)
        nowhere = np.isnan(x) | np.isnan(y) | ((x == 0) & (y == 0)) | np.isinf(x) | np.isinf(y)
        made[f"x {crs}"] = np.where(nowhere, np.nan, x)
        made[f"y {crs}"] = np.where(nowhere, np.nan, y)
    elif isinstance(table, gpd.GeoDataFrame):
        if table.crs is None:
            raise ValueError(f"{name}: the points have no coordinate reference system. Set it: table.set_crs('EPSG:27700').")
        made["geometry"] = table.geometry.to_crs("EPSG:27700").to_numpy()


def _checked(x: NDArray[np.float64], y: NDArray[np.float64], crs: str, name: str) -> str:
    """Refuse swapped or misnamed coordinates, which would put every record outside."""
    there = ~(np.isnan(x) | np.isnan(y)) & ~((x == 0) & (y == 0))
    if not there.any():
        return crs
    east, north = np.median(x[there]), np.median(y[there])
    degrees = -180 <= east <= 180 and -90 <= north <= 90  # noqa: PLR2004
    if crs == "EPSG:27700" and degrees:
        return "EPSG:4326"  # `x` and `y` may be degrees
    if crs == "EPSG:4326" and not degrees:
        raise ValueError(
            f"{name}: longitude {east:,.0f} and latitude {north:,.0f} are not degrees. "
            "If they are metres, name the columns easting and northing."
        )
    if crs == "EPSG:4326" and 49 <= east <= 61 and -9 <= north <= 3:  # noqa: PLR2004
        raise ValueError(
            f"{name}: longitude and latitude are swapped: longitude {east:.2f}, latitude {north:.2f}. "
            "Swap the two headers."
        )
    return crs


def _belonging(records: pd.DataFrame, spec: Dataset, tally: Tally) -> pd.DataFrame:
    """Leave out the rows that don't belong to the dataset, and say how many."""
    for column, values in spec.where.items():
        if column not in records:
            continue  # counts an area have no flag
        wanted = {str(value).casefold() for value in values}
        said = records[column].astype("string").str.casefold()
        belongs = said.isin(wanted).to_numpy(dtype=bool)
        if not belongs.all():
            label = "category" if column == "group" and "category" in records else column
            why = records.loc[~belongs, label].astype("string").fillna("not stated")
            if column in FLAGS:
                tally.left_out[f"not {column}"] += int((~belongs).sum())
            else:
                tally.left_out.update(why.tolist())
            records = records[belongs]
    return records


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=5)
