"""A first settings file: the district, the months and the measures in, a commented TOML out.

What has been downloaded is recognised by what is in it (a police archive by its street files, boundaries
by their polygons, a population by its codes), so that nothing needs to be renamed. What is lacking is
listed, with where to get it, in the edition that the records are of.
"""

from __future__ import annotations

import json
import os
import re
import warnings
import zipfile
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import pandas as pd

from lsoahot.boundaries.boundaries import read_boundaries
from lsoahot.boundaries.place_names import LIBRARY, name_areas
from lsoahot.boundaries.populations import read_population
from lsoahot.common import area_codes, checks
from lsoahot.common.month_names import month_year

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import geopandas as gpd

T = TypeVar("T")

POLICE: Final = re.compile(r"(\d{4}-\d{2})-([a-z0-9-]+)-street\.csv", re.IGNORECASE)
POLYGONS: Final = (".gpkg", ".geojson", ".shp", ".parquet", ".geoparquet")
TABLES: Final = (".csv", ".xlsx", ".xls", ".ods", ".parquet")
SAMPLE_ROWS: Final = 2_000  # enough to tell the edition of a file's codes
LAST_OF_2011: Final = pd.Period("2023-05", "M")  # data.police.uk has 2021's codes after it
# Measures that are one category of police records, called as it is.
CATEGORIES: Final = {
    "violence": "Violence and sexual offences", "burglary": "Burglary", "robbery": "Robbery",
    "vehicle_crime": "Vehicle crime", "shoplifting": "Shoplifting",
    "bicycle_theft": "Bicycle theft", "theft_from_the_person": "Theft from the person",
    "other_theft": "Other theft", "criminal_damage": "Criminal damage and arson",
    "drugs": "Drugs", "public_order": "Public order", "weapons": "Possession of weapons",
}  # fmt: skip
# Each measure's title, its dataset and how it is told from the other records.
MEASURES: Final[dict[str, tuple[str, str, str]]] = {
    "total_crime": ("Total crime", "crime", 'exclude = ["Anti-social behaviour"]'),
    **{name: (one, "crime", f'categories = ["{one}"]') for name, one in CATEGORIES.items()},
    "anti_social_behaviour": ("Anti-social behaviour", "asb", ""),
}
USUAL: Final = (
    "total_crime", "violence", "burglary", "vehicle_crime", "shoplifting", "criminal_damage",
    "anti_social_behaviour",
)  # fmt: skip
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


def new_settings(
    folder: Path,
    *,
    district: str,
    start: str,
    end: str,
    measures: Iterable[str] = USUAL,
    data: Path | None = None,
) -> tuple[Path, Sources]:
    """Write a folder's settings file, with comments, and the list of what is to be downloaded.

    Parameters
    ----------
    folder : Path
        The folder to make; the settings file in it is called after it.
    district : str
        The district to report, as the boundaries name it.
    start, end : str
        The first and the last month, such as ``"2025-01"``.
    measures : iterable of str
        Names of `MEASURES`.
    data : Path, optional
        Where the downloads are; the folder ``data`` in the new one by default.

    Returns
    -------
    Path
        The settings file.
    Sources
        What was recognised among the downloads, and what is lacking.

    Raises
    ------
    FileExistsError
        If there is such a settings file already.
    ValueError
        If a month or a measure is none, or the boundaries have no such district.
    """
    folder = Path(folder)
    first, last = _months(start, end)
    names = list(measures)
    for name in names or [""]:
        checks.one_of(name, MEASURES, "measure")
    path = folder / f"{folder.resolve().name}.toml"
    if path.exists():
        raise FileExistsError(
            f"{path} is there already. Change it in an editor, or give the name of another folder."
        )
    there = folder / "data" if data is None else Path(data)
    if data is not None and not there.is_dir():
        raise FileNotFoundError(f"there is no folder {there}. Give the one of your downloads.")
    sources = recognised(there, district=district, first=first, last=last)
    (folder if data else there).mkdir(parents=True, exist_ok=True)
    text = _toml(path, sources, first=first, last=last, measures=names)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path, sources


def recognised(folder: Path, *, district: str, first: pd.Period, last: pd.Period) -> Sources:
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
    police = [path for path in files if _street_months(path) & _named(first, last)]
    edition = _edition_of(police) or ("lsoa11" if last <= LAST_OF_2011 else "lsoa21")
    lacking = []
    if not police:
        lacking.append(
            "Police records: https://data.police.uk/data/ ; tick your force, "
            f"{month_year(first)} to {month_year(last)} and 'Include crime data'; the "
            "zip as it comes."
        )
    covered = set().union(*map(_street_months, police)) if police else set()
    if police and (without := sorted(_named(first, last) - covered)):
        lacking.append(f"Police records of {checks.shown(without, 12)}: the archive lacks them.")
    title, table, people = EDITIONS[edition]
    areas, boundaries = _boundaries(files, edition, district)
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
    if police:
        police = sorted({*police, *_of_years_before(files, edition, first)})
    return Sources(district, police, edition, boundaries, names, population, column, lacking)


def _months(start: str, end: str) -> tuple[pd.Period, pd.Period]:
    """Read the first and the last month."""
    for name, text in (("start", start), ("end", end)):
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(text)):
            raise ValueError(f"{name}={text!r} is no month. Write the year and the month: 2025-01.")
    first, last = pd.Period(start, "M"), pd.Period(end, "M")
    if last < first:
        raise ValueError(f"the first month, {start}, is after the last, {end}. Swap them.")
    return first, last


def _named(first: pd.Period, last: pd.Period) -> set[str]:
    return {str(month) for month in pd.period_range(first, last, freq="M")}


def _street_files(path: Path) -> list[str]:
    """List the street files of data.police.uk in a zip, or the one that a path is."""
    names = _zipped(path) if path.suffix.lower() == ".zip" else [path.name]
    return [name for name in names if POLICE.fullmatch(PurePosixPath(name).name)]


def _zipped(path: Path) -> list[str]:
    """List what is in a zip; nothing where it is broken."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return []


def _street_months(path: Path) -> set[str]:
    return {PurePosixPath(name).name[:7] for name in _street_files(path)}


def _edition_of(police: list[Path]) -> str | None:
    """Tell the edition that fits the codes of the latest police file best; of equals, the newest."""
    if not police:
        return None
    path = max(police, key=lambda one: max(_street_months(one)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive, archive.open(max(_street_files(path))) as file:
                rows = pd.read_csv(file, nrows=SAMPLE_ROWS, dtype=str)
        else:
            rows = pd.read_csv(path, nrows=SAMPLE_ROWS, dtype=str)
    codes: list[Any] = rows["LSOA code"].dropna().tolist() if "LSOA code" in rows else []
    if not len(codes):
        return None
    fit = {edition: area_codes.in_edition(codes, edition).mean() for edition in EDITIONS}
    return max(fit, key=lambda edition: (fit[edition], edition))


def _of_years_before(files: list[Path], edition: str, first: pd.Period) -> list[Path]:
    """Choose the police files of whole years just before a month, to compare with, of an edition."""
    earlier = {
        path: months
        for path in files
        if (months := _street_months(path)) and min(months) < str(first)
        if _edition_of([path]) == edition
    }
    months, start = set().union(*earlier.values()), first
    while _named(start - 12, start - 1) <= months:
        start -= 12
    return [path for path, of in earlier.items() if of & _named(start, first - 1)]


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
        if path.suffix.lower() == ".csv" and not POLICE.fullmatch(path.name):
            named = _tried(partial(name_areas, areas), path)
            if named is not None and LIBRARY in named.attrs["attribution"]:
                return path
    return None


def _polygon_files(files: list[Path]) -> Iterator[Path]:
    for path in files:
        zipped = path.suffix.lower() == ".zip" and not _street_files(path)
        if path.suffix.lower() in POLYGONS or (
            zipped
            and any(name.lower().endswith((".shp", ".gpkg", ".geojson")) for name in _zipped(path))
        ):
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
        column = None if "population" in people else _of_year(list(people.columns), last.year)
        if column is None and "population" not in people:
            continue
        figures = people[column or "population"].reindex(areas.index)
        share = float(figures.notna().mean())
        if share > best[0] and figures.median() > 0:
            best = share, path, column
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read(path)
        except Exception:  # noqa: BLE001 - whatever it is, it is not what is looked for
            return None


def _toml(
    path: Path, sources: Sources, *, first: pd.Period, last: pd.Period, measures: list[str]
) -> str:
    """Write the settings, each part with what it is for."""
    folder, district = path.parent, sources.district
    year = f"20{sources.edition[-2:]}"
    _, table, _ = EDITIONS[sources.edition]
    period = f"{month_year(first)} to {month_year(last)}"
    police = [_relative(one, folder) for one in sources.police] or ["data/police.zip"]
    source = _quoted(police[0]) if len(police) == 1 else f"[{', '.join(map(_quoted, police))}]"
    boundaries = _relative(sources.boundaries, folder) if sources.boundaries else sources.edition
    people = _relative(sources.population, folder) if sources.population else f"{table} lsoa"
    lines = [
        f"# {district}, {period}.",
        "#",
        f"#     lsoahot assess {path.name} --check                    see whether it would run",
        f"#     lsoahot assess {path.name} --out results --report     make everything",
        "#",
        "# Paths are relative to this file. A line that begins with # is a remark.",
        *(["#", "# Still to be downloaded, into the folder data:"] if sources.lacking else []),
        *(f"#   - {line}" for line in sources.lacking),
        "",
        f"title = {_quoted(f'Crime and disorder in {district}')}",
        "",
        "[boundaries]",
        f"# Areas of the census of {year}, whose codes the police records have. Those around the",
        "# district are tested too: an area at its edge keeps its neighbours.",
        f"source = {_quoted(boundaries)}",
        f"select = {_quoted(district)}",
        *_names_lines(sources.names, folder),
        "",
        "[population]",
        "# What rates are divided by.",
        f"source = {_quoted(people)}",
        *([f"column = {_quoted(sources.column)}"] if sources.column else []),
        "",
        "[period]",
        "# The first and the last month, both included. Twelve months compare best.",
        f"start = {_quoted(str(first))}",
        f"end = {_quoted(str(last))}",
        "",
        "# One part a measure. The name makes the names of files; the title heads maps and pages.",
    ]
    for name in measures:
        title, dataset, which = MEASURES[name]
        lines += [
            "",
            f"[measures.{name}]",
            f"title = {_quoted(title)}",
            f"dataset = {_quoted(dataset)}",
            f"source = {source}",
            *([which] if which else []),
        ]
    lines += ["", "# The texts of the report, its author and its logo: docs/report.md."]
    return "\n".join(lines) + "\n"


def _names_lines(names: Path | None, folder: Path) -> list[str]:
    """Write where the names that people know are, or how to get them."""
    if names is not None:
        return [f"names = {_quoted(_relative(names, folder))}"]
    return [
        "# Names that people know: the CSV of https://houseofcommonslibrary.github.io/msoanames/",
        '# names = "data/MSOA-Names.csv"',
    ]


def _relative(path: Path, folder: Path) -> str:
    """Write a path as seen from a folder, with slashes; whole where it is on another disk."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()


def _quoted(text: str) -> str:
    """Quote a text as TOML does, which is JSON's way."""
    return json.dumps(text, ensure_ascii=False)
