"""A raw table to records: rename, bring into one shape, parse, group, leave out what is foreign."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from lsoahot.common.checks import shown

from . import cells, headers, layouts, periods, repeated_ids, words
from .dataset import QUALIFIER_WORDS
from .headers import FLAGS, plain
from .point_column import located
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Executor, Future

    from .dataset import Dataset
    from .raw import Raw
    from .words import Words

_TOTALS: Final = frozenset(
    {
        "total", "totals", "grandtotal", "all", "allcrime", "allcrimes", "totalcrime",
        "totalcrimes", "alloffences", "totaloffences",
    }
)  # fmt: skip
# Tables that are turned before their turn: few, however many processors, for each holds a million
# rows, and to turn one takes far less time than to read it.
_AHEAD: Final = 2
# Columns of the raw table that become something else, or nothing.
_USED: Final = frozenset(
    {"crime_id", "area_name", "area_description", "qualifiers", "motive", "period", "date",
     "count", "x", "y", "geometry", "area_code", "financial_year", "api_id"}
)  # fmt: skip


def side_by_side(
    raws: Iterator[Raw],
    spec: Dataset,
    tally: Tally,
    pool: Executor,
    *,
    all_rows: bool,
    points: bool,
) -> Iterator[pd.DataFrame]:
    """Turn raw tables into records, several at a time, and yield them in their order.

    Tables of pandas are turned one after the other, in the thread that asks: an adapter of the user's
    may prepare them, and an answer of the API may repeat what stands in the one before.
    """

    def turned(raw: Raw, noted: Tally) -> tuple[pd.DataFrame, Tally]:
        noted.source.extend(raw.names)
        noted.note(raw.marks)
        options = {"all_rows": all_rows, "points": points}
        return to_records(raw.frame, spec, raw.name, noted, **options), noted

    waiting: deque[Future[tuple[pd.DataFrame, Tally]]] = deque()
    while (raw := _following(raws, waiting)) is not None:
        alone = isinstance(raw.table, pd.DataFrame)
        if not alone:
            waiting.append(pool.submit(turned, raw, Tally()))
        while waiting and (alone or len(waiting) > _AHEAD):
            yield tally.add(*waiting.popleft().result())
        if alone:
            yield turned(raw, tally)[0]
    while waiting:
        yield tally.add(*waiting.popleft().result())


def _following(raws: Iterator[Raw], waiting: Iterable[Future[Any]]) -> Raw | None:
    try:
        return next(raws, None)
    except Exception:
        for job in waiting:  # what is wrong with a table before this one is told first
            job.result()
        raise


def to_records(
    table: pd.DataFrame, spec: Dataset, name: str, tally: Tally, *, all_rows: bool, points: bool
) -> pd.DataFrame:
    """Turn a raw table into records, and note in the tally what became of its rows.

    Points that were given as coordinates are a column of `Points`, in the system they came in.
    """
    frame, crs = _renamed(table, spec, tally)
    if spec.prepare is not None:
        frame = spec.prepare(frame)
    tally.rows += len(frame)
    frame = _parts(frame, spec, tally)
    made: dict[str, Any] = {}
    if "area_code" in frame:
        made["area_code"] = cells.codes(frame["area_code"])
    made |= _dates(frame, tally) | _categories(frame, spec, tally) | _flags(frame, spec, name)
    if "count" in frame and (counts := cells.counts(frame["count"], name)) is not None:
        made["count"] = counts
    if "weight" in frame:
        made["weight"] = pd.to_numeric(frame["weight"], errors="coerce").astype("float64")
    if "force" in frame:
        made["force"] = cells.text(frame["force"])
        notes = table.attrs.get("coverage")  # records that were saved, some perhaps left out
        if notes is None:
            complete = layouts.is_street(table.columns)
            tally.cover(made["force"], made["period"], complete=complete)
        else:
            tally.recall(notes)
    if "area_name" in frame and "district" not in frame:
        made["district"] = cells.districts(frame["area_name"])
    made |= _carried(frame, set(made), spec, canonical=layouts.is_canonical(table.columns))
    made |= _places(frame, crs, name) if points else {}
    records = pd.DataFrame(words.written_out(made), index=frame.index, copy=False)
    tally.warnings += [
        note for note in frame.attrs.get("warnings", []) if note not in tally.warnings
    ]
    if "crime_id" in frame:
        tally.note([repeated_ids.of(frame["crime_id"])])
    if "api_id" in frame:
        records = _once(records, frame["api_id"], tally)
    return records if all_rows else _belonging(records, spec, tally)


def _renamed(table: pd.DataFrame, spec: Dataset, tally: Tally) -> tuple[pd.DataFrame, str | None]:
    """Give columns the records' names, one row an event or count; return the points' system too."""
    raw = table.rename(columns=str)
    result, wide = layouts.shape(raw.columns, spec)
    crs = headers.point_crs(result, spec) if "x" in result else None
    codes = headers.lsoa_codes(raw.columns)
    if len(codes) > 1 and result.get("area_code") in codes:
        notes = (
            f"there are codes of more than one edition ({', '.join(codes)}): "
            f"{result['area_code']} was taken. Drop it to take another."
        )
        tally.warnings += [notes] if notes not in tally.warnings else []
    if wide:
        raw, result = _melted(raw, result, wide, tally)
    # A column that merely bears the name of another that was found would stand there twice.
    clash = [column for column in raw.columns if column in result and column not in result.values()]
    frame = raw.drop(columns=clash).rename(columns={old: new for new, old in result.items()})
    if (
        spec.name in FLAGS
        and spec.name in frame
        and "count" not in frame
        and cells.numeric(frame[spec.name])
        and not pd.to_numeric(frame[spec.name], errors="coerce").dropna().isin([0, 1]).all()
    ):
        frame = frame.rename(columns={spec.name: "count"})  # numbers of events, not a flag
    return frame, crs


def _melted(
    raw: pd.DataFrame, result: Mapping[str, str], wide: Mapping[str, str], tally: Tally
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Turn one column a month or category into one row each."""
    kind = next(iter(wide.values()))
    kept = list(dict.fromkeys(result.values()))
    left = [
        header
        for header in raw.columns
        if header not in {*wide, *kept}
        and plain(header) not in _TOTALS
        and cells.numeric(raw[header])
    ]
    if left:
        tally.warnings.append(
            f"the numbers in {shown(map(repr, left), 8)} were not read: beside "
            f"{shown(map(repr, wide), 3)} they are no known month or category. Name them in the "
            "adapter's `categories`, or drop the columns."
        )
    long = pd.DataFrame(raw[[*kept, *wide]]).melt(
        id_vars=kept, value_vars=list(wide), var_name=f"wide {kind}", value_name="wide count"
    )
    if kind == "period":  # a column headed by the first day of a month is no exact date
        long["wide period"] = long["wide period"].map(periods.heading)
    return long, {**result, kind: f"wide {kind}", "count": "wide count"}


def _parts(frame: pd.DataFrame, spec: Dataset, tally: Tally) -> pd.DataFrame:
    """Leave out totals that stand among counts by category: their events would count twice."""
    if "count" not in frame or "category" not in frame:
        return frame
    known = {plain(category) for category in spec.categories}
    totals = _TOTALS - known
    total = frame["category"].map(lambda value: plain(str(value)) in totals).astype(bool)
    if not total.any() or frame["category"][~total].dropna().empty:
        return frame
    tally.left_out["a total of the categories"] += int(total.sum())
    return frame[~total]


def _dates(frame: pd.DataFrame, tally: Tally) -> dict[str, Any]:
    years = frame["financial_year"].astype("string") if "financial_year" in frame else None
    column = next((name for name in ("period", "date") if name in frame), None)
    text = frame[column] if column is not None else words.nothing(frame.index)
    parsed = periods.parse(text)
    if years is not None and column is not None and parsed.period.isna().all():
        text = text.astype("string") + "/" + years.str.removesuffix(".0")  # "October" and "2021"
        parsed = periods.parse(text)
    made = {"period": parsed.period}
    exact = periods.parse(frame["date"]).date if "date" in frame else parsed.date
    if exact.notna().any():
        made["date"] = exact
    financial = parsed.financial_year
    if years is not None and parsed.period.isna().any():
        result = periods.parse(years, financial=True)
        financial = financial.fillna(result.financial_year)
        if column is None:
            text, parsed = (
                years,
                result._replace(unread=result.financial_year.isna() & years.notna()),
            )
    if financial.notna().any():
        made["financial_year"] = financial
    if parsed.unread.any():
        tally.unread_dates.update(text[parsed.unread & financial.isna()].astype(str).tolist())
    return made


def _categories(frame: pd.DataFrame, spec: Dataset, tally: Tally) -> dict[str, Any]:
    made = {}
    if "category" in frame:
        category = cells.text(frame["category"])
        made["category"] = category
    if "group" in frame:
        made["group"] = cells.text(frame["group"])
    elif "category" in made and spec.categories:
        made["group"] = groups_of(category, spec)
        known = {plain(one) for one in spec.categories}
        strange = category.each(lambda word: None if plain(word) in known else word)
        tally.unknown.update(strange.counts())
    return made


def groups_of(categories: Words, spec: Dataset) -> Words:
    """Return the adapter's group of each category; what it doesn't know is "Other" or left out."""
    known = {plain(category): group for category, group in spec.categories.items()}
    rest = "Unknown" if "group" in spec.where else "Other"
    return categories.each(lambda value: known.get(plain(value), rest))


def _flags(frame: pd.DataFrame, spec: Dataset, name: str) -> dict[str, Any]:
    made = {}
    for flag in FLAGS:
        if flag in frame:
            made[flag] = cells.truth(frame[flag], flag, name)
        elif "qualifiers" in frame:
            made[flag] = cells.holds(frame["qualifiers"], QUALIFIER_WORDS[flag])
        elif flag == "drugs" and spec.name == "drugs" and "category" in frame:
            groups = groups_of(words.of(frame["category"]), spec).series()
            made[flag] = (groups == "Drugs").to_numpy(dtype=bool)
    return made


def _carried(
    frame: pd.DataFrame, made: set[str], spec: Dataset, *, canonical: bool
) -> dict[str, Any]:
    """Carry along what the adapter names, and all of a table of records.

    Of anything else, nothing: an extract may hold names and addresses.
    """
    every = frame.columns if canonical and "wide count" not in frame else spec.columns
    carried = [column for column in every if column in frame and column not in made | _USED]
    return {column: frame[column] for column in carried}


def _places(frame: pd.DataFrame, crs: str | None, name: str) -> dict[str, Any]:
    if crs is not None:
        system, x, y = cells.coordinates(frame, crs, name)
        return {"geometry": located(x, y, system)}
    if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None:
        if frame.crs is None:
            raise ValueError(
                f"{name}: the points have no coordinate reference system. "
                "Set it: table.set_crs('EPSG:27700')."
            )
        return {"geometry": frame.geometry.to_crs("EPSG:27700").array}
    return {}


def _once(records: pd.DataFrame, ids: pd.Series, tally: Tally) -> pd.DataFrame:
    """Keep one of each of the API's identifiers: answers for neighbouring shapes overlap."""
    again = (ids.duplicated() | ids.isin(tally.api_ids)) & ids.notna()
    tally.api_ids.update(ids.dropna())
    if again.any():
        tally.left_out["the same record of the API again"] += int(again.sum())
    return records[~again.to_numpy(dtype=bool)]


def _belonging(records: pd.DataFrame, spec: Dataset, tally: Tally) -> pd.DataFrame:
    """Leave out the rows that don't belong to the dataset, and count them by what they are."""
    for column, values in spec.where.items():
        if column not in records:
            continue  # counts an area have no flag
        wanted = {str(value).casefold() for value in values}
        text = records[column].astype("string").str.casefold()
        foreign = ~text.isin(wanted).to_numpy(dtype=bool)
        if column in FLAGS:
            tally.left_out.update({f"not {column}": int(foreign.sum())} if foreign.any() else {})
        elif foreign.any():
            label = "category" if column == "group" and "category" in records else column
            if spec.prepare is not None:
                label = column  # the adapter worked it out, and says why
            what = records.loc[foreign, label].astype("string").fillna("not stated")
            tally.left_out.update(what.tolist())
        records = records[~foreign]
    return records
