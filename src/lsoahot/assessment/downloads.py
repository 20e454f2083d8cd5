"""What has been downloaded into a folder, recognised by what is in it, and what is lacking.

A police archive is known by its street files, boundaries by their polygons, a population by its codes, so
that nothing needs to be renamed. What is lacking is listed, with where to get it, in the edition that the
records are of.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar

import pandas as pd

from lsoahot.boundaries.boundaries import read_boundaries
from lsoahot.boundaries.place_names import LIBRARY, name_areas
from lsoahot.boundaries.populations import read_population
from lsoahot.common import area_codes, checks, police_forces
from lsoahot.common.month_names import months_from
from lsoahot.common.police_forces import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd

T = TypeVar("T")

POLICE: Final = re.compile(r"(\d{4}-\d{2})-([a-z0-9-]+)-street\.csv", re.IGNORECASE)
PACKED: Final = (".gpkg", ".geojson", ".shp")  # polygons in a zip
POLYGONS: Final = (*PACKED, ".parquet", ".geoparquet")
TABLES: Final = (".csv", ".xlsx", ".xls", ".ods", ".parquet")
NAMES: Final = (".csv", ".xlsx")  # of areas
SAMPLE_ROWS: Final = 2_000  # enough to tell the edition of a file's codes
LAST_OF_2011: Final = pd.Period("2023-05", "M")  # data.police.uk has 2021's codes after it
EDITIONS: Final = {
    "lsoa21": (
        "Lower layer Super Output Areas (December 2021) Boundaries EW BGC (V5)",
        "residents21", "Census 2021, usual residents (table TS001), 2021 super output areas",
    ),
    "lsoa11": (
        "Lower layer Super Output Areas (December 2011) Boundaries EW BGC (V3)",
        "estimates11", "mid-year population estimates, 2011 super output areas",
    ),
}  # fmt: skip


class Street(NamedTuple):
    """A month of a police force, which is one file of data.police.uk."""

    month: str
    force: str  # as data.police.uk names it, or as the file does


Held: TypeAlias = dict[Path, dict[Street, str]]  # each download: what is in it, by which names


class Sources(NamedTuple):
    """What a folder of downloads holds, and what it lacks."""

    district: str  # as the boundaries write it
    police: list[Path]
    edition: str
    boundaries: Path | None
    names: Path | None  # that people know
    population: Path | None
    column: str | None  # of the population, where the file has several
    lacking: list[str]


def recognise(folder: Path, *, district: str, first: pd.Period, last: pd.Period) -> Sources:
    """Look for police archives, boundaries, names and a population in a folder, of one edition.

    Parameters
    ----------
    folder : Path
        The downloads; folders in it are looked into.
    district : str
        The district that the boundaries must hold.
    first, last : Period
        The months that the police files must be of; whole years before them are taken, too.

    Returns
    -------
    Sources
        Of several files that would do, the boundaries with the fewest areas around the district,
        and the population that has most of them.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    held = {path: streets for path in files if (streets := _streets(path))}
    edition = _edition_of(held, first, last) or ("lsoa11" if last <= LAST_OF_2011 else "lsoa21")
    title, table, people = EDITIONS[edition]
    areas, boundaries = _boundaries(files, edition, district)
    districts = [district] if areas is None else [district, *areas["district"].dropna().unique()]
    police, lacking = _police(held, edition, districts, first=first, last=last)
    if boundaries is None:
        lacking.append(
            f"Boundaries: https://geoportal.statistics.gov.uk ; search for '{title}', download it "
            f"as a GeoPackage. Or, with internet: lsoahot fetch {edition}"
        )
    population, column = _population(files, areas, last) if areas is not None else (None, None)
    if population is None:
        lacking.append(
            f"Population: https://www.nomisweb.co.uk ; {people}, as CSV. "
            f"Or, with internet: lsoahot fetch {table}"
        )
    if areas is not None:
        district = next(
            name
            for name in areas["district"].dropna()
            if name.casefold() == district.strip().casefold()
        )
    names = _names(files, areas) if areas is not None else None
    return Sources(district, police, edition, boundaries, names, population, column, lacking)


def _named(first: pd.Period, last: pd.Period) -> set[str]:
    return {str(month) for month in pd.period_range(first, last, freq="M")}


def _streets(path: Path) -> dict[Street, str]:
    """Tell of which months and forces a download of data.police.uk is, and in which of its files."""
    names = _zipped(path) if path.suffix.lower() == ".zip" else [path.name]
    parts = [(POLICE.fullmatch(PurePosixPath(name).name), name) for name in names]
    streets = {
        Street(part[1], police_forces.named(part[2]) or part[2].lower()): name
        for part, name in parts
        if part
    }
    return streets if streets and path.stat().st_size else {}


def _zipped(path: Path) -> list[str]:
    """List what is in a zip; nothing where it is broken."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return []


def _edition_of(held: Held, first: pd.Period, last: pd.Period) -> str | None:
    """Tell the edition of the latest police file of some months."""
    months = _named(first, last)
    dated = {path: one for path, streets in held.items() for one in streets if one.month in months}
    for path in sorted(dated, key=lambda path: max(held[path]), reverse=True):
        if edition := _tried(partial(_edition_in, name=held[path][max(held[path])]), path):
            return edition
    return None


def _edition_in(path: Path, name: str) -> str | None:
    """Tell the edition that fits the codes of a police file best; of equals, the newest."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(name) as file:
            rows = pd.read_csv(file, nrows=SAMPLE_ROWS, dtype=str)
    else:
        rows = pd.read_csv(path, nrows=SAMPLE_ROWS, dtype=str)
    codes: list[Any] = rows["LSOA code"].dropna().tolist()
    if not len(codes):
        return None
    fit = {edition: area_codes.in_edition(codes, edition).mean() for edition in EDITIONS}
    return max(fit, key=lambda edition: (fit[edition], edition))


def _police(
    held: Held, edition: str, districts: list[str], *, first: pd.Period, last: pd.Period
) -> tuple[list[Path], list[str]]:
    """Choose the police files of some months, and of whole years before them of the same edition.

    Of the districts the first is the one to report. The police forces of all of them are wanted;
    that of the first must have every month.
    """
    forces = {police_forces.force_of(district) for district in districts}
    own = police_forces.force_of(districts[0])
    files = {
        path: streets
        for path, streets in held.items()
        if own is None or any(one.force in forces | EVERYWHERE for one in streets)
    }
    chosen = _cover(files, first, last)
    there = {one for path in chosen for one in files[path] if one.month in _named(first, last)}
    asked = months_from(first, last)
    if not there:
        return [], [
            (
                f"Police records: https://data.police.uk/data/ ; tick {own or 'your force'}, {asked} "
                "and 'Include crime data'; the zip as it comes."
            )
        ]
    must = {own} if own else {one.force for one in there}
    months = {one.month for one in there if one.force in must}
    lacking = []
    if without := sorted(_named(first, last) - months):
        lacking.append(f"Police records of {checks.shown(without, 12)}: the archive lacks them.")
    if apart := _revised(files, chosen):
        return sorted(chosen), [*lacking, f"Police records of {asked} in one archive: {apart}"]
    fit = {
        path: streets
        for path, streets in files.items()
        if path in chosen or _is_before(path, streets, edition, first)
    }
    every = {one for streets in fit.values() for one in streets}
    start = first
    while every >= {Street(one, by) for one in _named(start - 12, start - 1) for by in must}:
        start -= 12
    whole = months_from(start, last)
    compared: list[str] = []
    while start < first:
        earlier = _cover(fit, start, last)
        if not (apart := _revised(fit, earlier)):
            return sorted(earlier), [*lacking, *compared]
        compared = [f"Police records of {whole} in one archive, to compare years: {apart}"]
        start += 12
    return sorted(chosen), [*lacking, *compared]


def _is_before(path: Path, streets: dict[Street, str], edition: str, first: pd.Period) -> bool:
    """Tell whether a police file has months before another, in areas of an edition."""
    before = [one for one in streets if one.month < str(first)]
    return bool(before) and edition == _tried(partial(_edition_in, name=streets[max(before)]), path)


def _cover(held: Held, first: pd.Period, last: pd.Period) -> list[Path]:
    """Choose files for all that is there of some months; the latest first, as they are revised."""
    months = _named(first, last)
    left = {one for streets in held.values() for one in streets if one.month in months}
    chosen = []
    for path in sorted(
        held, key=lambda path: (max(held[path]).month, len(left & {*held[path]})), reverse=True
    ):
        if left & {*held[path]}:
            chosen.append(path)
            left -= {*held[path]}
    return chosen


def _revised(held: Held, paths: list[Path]) -> str:
    """Say which of some police files hold different records of the same month and force."""
    first: dict[Street, Path] = {}
    for path in paths:
        for one, name in held[path].items():
            other = first.setdefault(one, path)
            if _mark(path, name) != _mark(other, held[other][one]):
                return (
                    f"{other.name} and {path.name} differ in {one.month}, for data.police.uk revises "
                    "its files."
                )
    return ""


def _mark(path: Path, name: str) -> tuple[int, int]:
    """Return what tells two contents apart: their check sum and length."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            entry = archive.getinfo(name)
            return entry.CRC, entry.file_size
    data = path.read_bytes()
    return zlib.crc32(data), len(data)


def _boundaries(
    files: list[Path], edition: str, district: str
) -> tuple[gpd.GeoDataFrame | None, Path | None]:
    """Choose the boundaries of an edition that hold a district, and its neighbours if any do."""
    fitting = []
    districts: set[str] = set()
    for path in _polygon_files(files):
        areas = _tried(read_boundaries, path)
        if areas is None or areas.attrs["edition"] != edition:
            continue
        inside = areas["district"].astype("string").str.casefold() == district.strip().casefold()
        districts |= set(areas["district"].dropna())
        own = int(inside.fillna(value=False).sum())
        if own:
            fitting.append((own == len(areas), len(areas), path, areas))
    if not fitting:
        if districts:
            raise ValueError(
                f"no district is called {district!r} in the boundaries of {edition} there; they "
                f"have {checks.shown(sorted(districts), 12)}.{checks.nearest(district, districts)}"
            )
        return None, None
    _, _, path, areas = min(fitting, key=lambda each: each[:3])
    return areas, path


def _names(files: list[Path], areas: gpd.GeoDataFrame) -> Path | None:
    """Choose the House of Commons Library's names, if they are there and name most of the areas."""
    for path in files:
        if path.suffix.lower() in NAMES and not POLICE.fullmatch(path.name):
            named = _tried(partial(name_areas, areas), path)
            if named is not None and LIBRARY in named.attrs["attribution"]:
                return path
    return None


def _polygon_files(files: list[Path]) -> Iterator[Path]:
    for path in files:
        ending = path.suffix.lower()
        packed = _zipped(path) if ending == ".zip" and not _streets(path) else []
        if ending in POLYGONS or any(name.lower().endswith(PACKED) for name in packed):
            yield path


def _population(
    files: list[Path], areas: gpd.GeoDataFrame, last: pd.Period
) -> tuple[Path | None, str | None]:
    """Choose the table that has a figure for most of the areas, and the column nearest in time."""
    best: tuple[float, Path | None, str | None] = (0.5, None, None)
    for path in files:
        if path.suffix.lower() not in TABLES or POLICE.fullmatch(path.name):
            continue
        people = _tried(read_population, path)
        if people is None:
            continue
        only = "population" in people
        column = "population" if only else _of_year(list(people.columns), last.year)
        if column is None:
            continue
        figures = people[column].reindex(areas.index)
        share = float(figures.notna().mean())
        if share > best[0] and figures.median() > 0:
            best = share, path, None if only else column
    return best[1], best[2]


def _of_year(columns: list[str], year: int) -> str | None:
    """Return the column of a population whose name ends in the latest year up to the one given.

    Examples
    --------
    >>> _of_year(["area_km2", "pop_mid2011", "pop_mid2020"], 2019)
    'pop_mid2011'
    """
    dated = {
        int(result[1]): name
        for name in columns
        if (result := re.search(r"(20\d\d)$", name))
        and re.search(r"pop|resid|people|mid", name, re.IGNORECASE)
    }
    before = [one for one in dated if one <= year]
    return dated[max(before) if before else min(dated)] if dated else None


def _tried(read: Callable[[Path], T], path: Path) -> T | None:
    """Read a file that may be something else."""
    with warnings.catch_warnings(action="ignore"):
        try:
            return read(path)
        except Exception:  # noqa: BLE001 - whatever it is, it is not what is looked for
            return None
