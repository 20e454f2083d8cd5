"""Write the tables out as records: one row an event, its area and month paired by chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from reconstruction import (
    ASB_BEFORE,
    ASB_SHARES,
    ASB_SPLIT_FROM,
    DRUGS_FLAGGED_FROM,
    FIRES,
    PEAKS,
    PUBLISHED,
    SECONDARY,
    YEARS,
    Reconstruction,
)

OCTOBER = 10
FLAGS = ["alcohol", "drugs", "domestic", "hate"]


def month(year: int, calendar: int) -> str:
    """Return a calendar month of a year that runs from October, as ``2011-10``."""
    return f"{year - (calendar >= OCTOBER)}-{calendar:02d}"


def _spread(numbers: np.ndarray) -> np.ndarray:
    """Return each position as often as its number says: [2, 0, 1] gives [0, 0, 2]."""
    return np.repeat(np.arange(len(numbers)), numbers)


def _pairs(build: Reconstruction, year: int, areas: np.ndarray, months: np.ndarray) -> pd.DataFrame:
    """Pair areas with months by chance: both totals stay what they are."""
    calendar = build.shuffled(_spread(months)) + 1
    return pd.DataFrame(
        {
            "area_code": build.codes[_spread(areas)],
            "period": [month(year, int(number)) for number in calendar],
        }
    )


def crimes_of(build: Reconstruction, year: int, most: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return one row a crime of one year, with its flags; `most` limits the flags by area."""
    table = build.crimes(year, most.get("drugs"))
    if year == PUBLISHED:
        build.usual = table.copy()
    free = np.full(len(build.codes), 10_000)
    drugs = table[:, build.offences == "Drug offence"][:, 0]
    left = most["drugs"] - drugs if "drugs" in most else free
    flagged = {
        "domestic": build.flagged("domestic", year, table, most.get("domestic", free)),
        "alcohol": build.flagged("alcohol", year, table, most.get("alcohol", free)),
        "hate": build.flagged("hate", year, table, most.get("hate", free)),
        "drugs": build.flagged("drugs", year, table, left),
    }
    seasons = build.s.offences["season"].tolist()
    fixed = {
        row: PEAKS[year, offence]
        for row, offence in enumerate(build.offences)
        if (year, offence) in PEAKS
    }
    # Few crimes are domestic: with the scatter of counts their published peaks would drown.
    home = build.months(flagged["domestic"].sum(axis=0), ["domestic"] * len(seasons), strength=0.5)
    others = table - flagged["domestic"]
    away = build.months(others.sum(axis=0), seasons, fixed)
    parts = []
    for column, (category, offence) in enumerate(
        zip(build.categories, build.offences, strict=True)
    ):
        for domestic, areas, months in (
            (True, flagged["domestic"], home),
            (False, others, away),
        ):
            rows = _pairs(build, year, areas[:, column], months[column])
            parts.append(rows.assign(category=category, offence=offence, domestic=domestic))
    rows = pd.concat(parts, ignore_index=True)
    for flag in ("alcohol", "hate", "drugs"):
        rows[flag] = _marked(build, rows, flagged[flag])
    rows["drugs"] |= rows["offence"] == "Drug offence"
    rows["drugs"] &= rows["period"] >= DRUGS_FLAGGED_FROM
    return rows


def _marked(build: Reconstruction, rows: pd.DataFrame, table: np.ndarray) -> np.ndarray:
    """Mark as many rows of every area and offence, chosen by chance, as the table says."""
    chance = pd.Series(build.random.random(len(rows)), rows.index)
    order = chance.groupby([rows["area_code"], rows["offence"]]).rank(method="first")
    row = pd.Index(build.codes).get_indexer(rows["area_code"])
    column = pd.Index(build.offences).get_indexer(rows["offence"])
    return order.to_numpy() <= table[row, column]


def incidents_of(build: Reconstruction, table: str, year: int, areas: np.ndarray) -> pd.DataFrame:
    """Return one row an incident of one year."""
    months = build.months(areas.sum(keepdims=True), [build.s.incidents.loc[table, "season"]])[0]
    if table == "drugs" and year == int(DRUGS_FLAGGED_FROM[:4]):
        half = build.shuffled(np.arange(areas.sum())) % 6 + 4  # April to September
        months = np.bincount(half - 1, minlength=12)
    return _pairs(build, year, areas, months)


def asb_categories(build: Reconstruction, rows: pd.DataFrame, year: int) -> pd.Series:
    """Return the category of each incident: the three began in April 2011."""
    split = rows["period"] >= ASB_SPLIT_FROM
    shares = [share[year == PUBLISHED] for share in ASB_SHARES.values()]
    numbers = np.round(np.array(shares) * int(split.sum())).astype(int)
    numbers[0] = int(split.sum()) - numbers[1:].sum()
    found = pd.Series(ASB_BEFORE, rows.index)
    found[split] = build.shuffled(np.repeat(list(ASB_SHARES), numbers))
    return found


def fire_kinds(build: Reconstruction, number: int, year: int) -> pd.DataFrame:
    """Return what burned, and whether it was property (primary) or not (secondary)."""
    primary = FIRES.get(year, FIRES[2011] * (1 + number // 30))
    secondary = [SECONDARY[place % len(SECONDARY)] for place in range(number - len(primary))]
    kinds = pd.DataFrame(
        {
            "category": ["Primary"] * len(primary) + ["Secondary"] * len(secondary),
            "property": [*primary, *secondary],
        }
    )
    return kinds.iloc[build.shuffled(np.arange(number))].reset_index(drop=True)


def records(build: Reconstruction) -> dict[str, pd.DataFrame]:
    """Return every record file: crime, and the six that count incidents or flagged crimes."""
    kept: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("crime", "asb", "fires", "domestic", "hate", "alcohol", "drugs")
    }
    for year in reversed(YEARS):  # the published year first: the others take after it
        here = {}
        for table in ("domestic", "alcohol", "drugs"):
            flags = build.s.flags
            crimes = int(flags.loc[flags["flag"] == table, str(year)].sum())
            if table == "drugs":
                crimes += int(build.s.offences.set_index("offence")[str(year)]["Drug offence"])
            here[table] = build.by_area(table, year, crimes)
        most = dict(here) if year == PUBLISHED else {}
        most["hate"] = np.full(len(build.codes), 1 if year == PUBLISHED else 3)
        crimes = crimes_of(build, year, most)
        kept["crime"].append(crimes)
        for table, areas in here.items():
            flagged = crimes[crimes[table]]
            number = areas.copy()
            if year == PUBLISHED:  # crimes and incidents were published together
                alike = flagged["area_code"].value_counts()
                number -= alike.reindex(build.codes, fill_value=0).to_numpy()
            alone = incidents_of(build, table, year, number).assign(category="Incident")
            kept[table] += [_as_crimes(flagged), alone]
        kept["hate"].append(_as_crimes(crimes[crimes["hate"]]))
        asb = incidents_of(build, "asb", year, build.by_area("asb", year))
        kept["asb"].append(asb.assign(category=asb_categories(build, asb, year)))
        fires = incidents_of(build, "fires", year, build.by_area("fires", year))
        kept["fires"].append(fires.join(fire_kinds(build, len(fires), year)))
    return {name: _tidy(name, pd.concat(parts)) for name, parts in kept.items()}


def _as_crimes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return flagged crimes as they stand in a flag's file, beside incidents."""
    return rows.assign(category="Crime", crime_category=rows["category"])


def _tidy(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a file in order, its rows sorted."""
    columns = ["area_code", "period", "category"]
    columns += {
        "crime": ["offence", *FLAGS],
        "asb": [],
        "fires": ["property", "deliberate"],
    }.get(name, ["crime_category", "offence", name])
    if name == "fires":
        rows = rows.assign(deliberate=True)
    elif name in FLAGS:
        rows = rows.assign(**{name: True})
    rows = rows.reindex(columns=columns)
    return rows.sort_values([*columns[1::-1], *columns[2:]], ignore_index=True)
