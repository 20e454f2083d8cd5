"""A first settings file: the district, the months and the measures in, a commented TOML out.

What has been downloaded is recognised in `downloads`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from lsoahot.common import checks
from lsoahot.common.month_names import months_from

from .downloads import EDITIONS, recognise
from .settings_checks import MONTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .downloads import Sources

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
    sources = recognise(there, district=district, first=first, last=last)
    (folder if data else there).mkdir(parents=True, exist_ok=True)
    text = _toml(path, sources, first=first, last=last, measures=names)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path, sources


def _months(start: str, end: str) -> tuple[pd.Period, pd.Period]:
    """Read the first and the last month."""
    for name, text in (("start", start), ("end", end)):
        if not MONTH.fullmatch(str(text)):
            raise ValueError(f"{name}={text!r} is no month. Write the year and the month: 2025-01.")
    first, last = pd.Period(start, "M"), pd.Period(end, "M")
    if last < first:
        raise ValueError(f"the first month, {start}, is after the last, {end}. Swap them.")
    return first, last


def _toml(
    path: Path, sources: Sources, *, first: pd.Period, last: pd.Period, measures: list[str]
) -> str:
    """Write the settings, each part with what it is for."""
    folder, district = path.parent, sources.district
    year = f"20{sources.edition[-2:]}"
    _, table, _ = EDITIONS[sources.edition]
    police = [_relative(one, folder) for one in sources.police] or ["data/police.zip"]
    source = _quoted(police[0])
    if len(police) > 1:
        source = "".join(["[\n", *(f"    {_quoted(one)},\n" for one in police), "]"])
    boundaries = _relative(sources.boundaries, folder) if sources.boundaries else sources.edition
    people = _relative(sources.population, folder) if sources.population else f"{table} lsoa"
    lines = [
        f"# {district}, {months_from(first, last)}.",
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
