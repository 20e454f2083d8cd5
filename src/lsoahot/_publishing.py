"""An assessment on disk: tables, maps, dashboard and audit, all of them or none."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from . import _checks
from ._dashboard import months
from ._statistics.protection import BELOW
from ._writing import write_csv
from .atlases import atlas
from .class_maps import plot_hotspots
from .dashboards import dashboard
from .maps import plot_areas, plot_rate
from .pages import save_map

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd

    from .assessments import Assessment

COLUMNS: Final = [
    "rank", "area_code", "area_name", "population", "count", "rate", "rate_lower", "rate_upper",
    "gi_z", "gi_p", "gi_q", "hotspot", "cluster", "rate_rank", "test",
]  # fmt: skip
WHERE_USED: Final = [
    "risk_ratio", "risk_lower", "risk_upper", "risk_p", "risk_q", "suppressed",
]  # fmt: skip


def publish(found: Assessment, folder: Path, *, progress: bool) -> None:
    """Draw and write everything beside the folder first, then move it in: all or nothing."""
    from tqdm import tqdm

    folder.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        jobs = list(_jobs(found, stage))
        for what, job in (bar := tqdm(jobs, unit="file", **bar_options(progress=progress))):
            bar.set_description(what)
            job()
        for path in sorted(stage.rglob("*")):
            if path.is_file():
                target = folder / path.relative_to(stage)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def bar_options(*, progress: bool) -> dict[str, Any]:
    """Show progress bars only where they are wanted, and only on a terminal."""
    return {"disable": None if progress else True, "leave": False}


def _jobs(found: Assessment, stage: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """List every file to make, with the call that makes it."""
    for folder in ("tables", "maps"):
        (stage / folder).mkdir()
    yield "audit.csv", partial(write_csv, found.audit, stage / "audit.csv")
    for measure in found.config.measures:
        table = found.tables[measure.name]
        path = stage / "tables" / f"{measure.name}.csv"
        yield path.name, partial(write_csv, table_of(table, measure.population), path)
    yield "atlas.pdf", partial(_atlas, found, stage / "atlas.pdf")
    yield "dashboard.html", partial(_dashboard, found, stage / "dashboard.html")
    subtitle = found.config.years
    for measure in found.config.measures:
        table = found.tables[measure.name]
        for kind, plot, words in (
            ("rate", plot_rate, "rate per 1000"),
            ("hotspots", plot_hotspots, "hot spots"),
        ):
            path = stage / "maps" / f"{measure.name}-{kind}.png"
            title = f"{measure.title}: {words}"
            yield (
                path.name,
                partial(save_map, table, path, plot=plot, title=title, subtitle=subtitle),
            )


def _atlas(found: Assessment, path: Path) -> None:
    """Bind a map of the areas and each measure's map, in the order of the settings."""
    first = next(iter(found.tables.values())).copy()
    # A map of the areas shows no records, and so gives no account of any.
    first.attrs = {name: value for name, value in first.attrs.items() if name != "audit"}
    maps = [("The areas", first, {"plot": plot_areas})]
    maps += [(one.title, found.tables[one.name], {}) for one in found.config.measures]
    atlas(maps, path, title=found.config.title, subtitle=found.config.years)


def _dashboard(found: Assessment, path: Path) -> None:
    """Put every measure whose records give their months into one page.

    Measures with small counts withheld only if the page's year is the period of the tables: a count
    of one period less that of another gives away what both withhold.
    """
    shown = [one for one in found.config.measures if "period" in found.records[one.name]]
    withheld = [one.title for one in shown if one.suppress]
    if withheld and not _same_year(found, [one.name for one in shown]):
        shown = [one for one in shown if not one.suppress]
        warnings.warn(
            f"{_checks.shown(withheld, 12)}: not in the dashboard, whose years of 12 months are not "
            "the period of the tables: one less the other would give small counts away. "
            "Assess 12 months to have them in it.",
            UserWarning,
            stacklevel=2,
        )
    if not shown:
        return
    dashboard(
        found.areas,
        {one.title: found.records[one.name] for one in shown},
        path,
        title=found.config.title,
        select=found.config.select,
        until=found.config.end,
        by={one.title: one.by for one in shown},
        population={one.title: one.population for one in shown},
        below={one.title: BELOW for one in shown if one.suppress},
    )


def _same_year(found: Assessment, names: list[str]) -> bool:
    """Tell whether the last year of the dashboard is the period of the tables."""
    first, last = months.span((found.records[name] for name in names), found.config.end)
    calendar = months.calendar(first, last)
    return bool(calendar.months[calendar.starts[-1]] == found.config.start)


def table_of(table: gpd.GeoDataFrame, population: str = "population") -> pd.DataFrame:
    """Return an assessment's table as it is written: every area, no geometry.

    The columns are fixed. Where events were few, the columns of the test that was used instead
    follow; ``test`` names it in every row, so that the file speaks for itself.
    """
    plain = pd.DataFrame(table.drop(columns="geometry")).reset_index(names="area_code")
    if population != "population":
        plain["population"] = plain[population]
    plain["test"] = table.attrs["statistics"]["find_hotspots"]["test"]
    return plain[[*COLUMNS, *(name for name in WHERE_USED if name in plain)]]
