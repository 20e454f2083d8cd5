"""The assessment: from settings to tables, statistics, maps and an account of every record."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from lsoahot.common import checks, progress as _progress
from lsoahot.common.audit import Audit
from lsoahot.records.datasets import DATASETS
from lsoahot.statistics.neighbours import touching

from . import folder as _folder, inputs, manifest, outputs, overlaps, private_key, steps as _steps
from .paths import absolute
from .result import Assessment
from .settings import Config, folder_of, read_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from tqdm import tqdm

    from lsoahot.records.datasets import Dataset

    from .settings import Measure

AUDIT_COLUMNS: Final = ["measure", "outcome", "rows", "events", "share", "detail"]


def assess(
    config: str | Path | Mapping[str, Any] | Config,
    *,
    out: str | Path | None = None,
    report: bool = False,
    datasets: Mapping[str, Dataset] | None = None,
    progress: bool = False,
) -> Assessment:
    """Make an assessment: counts, rates, ranks, hot spots, clusters, and the account of records.

    Statistics are run on all the areas that were loaded, so that an area at the district's border
    has its neighbours; what is then reported is the selection.

    Parameters
    ----------
    config : path, dict or Config
        The settings: a TOML file, or a dict of the same shape. Or the ``manifest.json`` of an
        earlier run, to repeat it.
    out : path, optional
        A folder to write ``tables/``, ``maps/``, ``workbook.xlsx``, ``atlas.pdf``,
        ``dashboard.html``, ``audit.csv`` and ``manifest.json`` to. Everything is computed and drawn
        first; then all of it appears, or, if anything fails, the folder is as it was. The files of
        an earlier run are replaced; files of your own stay.
    report : bool
        Write the report, ``report.docx``, too (see `report`).
    datasets : dict of str to Dataset, optional
        Adapters of your own, by the name that the settings use.
    progress : bool
        Show a progress bar on the error stream.

    Returns
    -------
    Assessment
        The tables and the audit.

    Raises
    ------
    FileNotFoundError
        If a file that the settings name does not exist.
    FileExistsError, NotADirectoryError, PermissionError, BlockingIOError
        If the folder holds a file of yours that would be overwritten, is a file itself, holds a file
        that is open in another program, or if another run is writing to it.
    ValueError
        If the settings or the data are not fit for the job; the message says what to mend.

    Examples
    --------
    >>> import lsoahot as lh
    >>> result = lh.assess({
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ... })
    >>> result.tables["fires"][["rank", "area_name", "count"]].head(1).values.tolist()
    [[1, 'Oakham North West', 6]]
    """
    if report and out is None:
        raise ValueError(
            "report=True needs a folder to write to. Give out=..., or pass what assess returns to "
            "lsoahot.report()."
        )
    settings = config if isinstance(config, Config) else read_config(config)
    specs = {**DATASETS, **(datasets or {})}
    for measure in settings.measures:
        checks.one_of(measure.dataset, specs, f"measure {measure.name!r}: dataset")
    settings = _steps.suppress_sensitive(settings, specs)
    expected = [] if out is None else outputs.expected(settings, report=report)
    steps = _progress.bar(1 + len(settings.measures) + len(expected), progress=progress)
    with steps, _progress.noting() as notes:
        files: list[inputs.Input] = []
        if out is not None:
            _folder.recover(Path(out))
            _folder.refuse(Path(out), expected)
            files = inputs.list_inputs(settings, config)
            inputs.refuse_outputs(files, Path(out))
        result = assess_records(
            settings, *_read(settings, specs, steps, notes), steps=steps, notes=notes
        )
        if out is not None:
            run = manifest.Run(
                absolute(folder_of(config)), files, dict(datasets or {}), notes.messages,
                private_key.path_of(config),
            )  # fmt: skip
            outputs.publish(result, Path(out), run, report=report, shown=steps)
        return result


def _read(
    settings: Config, specs: Mapping[str, Dataset], steps: tqdm, notes: _progress.Notes
) -> tuple[gpd.GeoDataFrame, dict[tuple[object, ...], pd.DataFrame]]:
    """Read the areas, and the records of each source once."""
    with _progress.step(steps, "Boundaries"):
        areas = _steps.read_areas(settings)
    read: dict[tuple[object, ...], pd.DataFrame] = {}
    for measure in settings.measures:
        notes.measure = measure.name
        steps.set_description_str(measure.title)
        key = _steps.source_of(measure)
        if key not in read:
            read[key] = _steps.drop_lacking_months(_steps.read_records(measure, specs))
    notes.measure = ""
    return areas, read


def assess_records(
    settings: Config,
    areas: gpd.GeoDataFrame,
    read: Mapping[tuple[object, ...], pd.DataFrame],
    *,
    steps: tqdm,
    notes: _progress.Notes,
) -> Assessment:
    """Count, rate and test what was read, measure by measure.

    Parameters
    ----------
    settings
        The settings, of which it is decided which measures are suppressed.
    areas
        All areas that were loaded, with their population.
    read
        The records of each source, by `steps.source_of`.
    steps
        The bar, which goes on by one step a measure.
    notes
        Is told which measure it is that warnings are of.
    """
    graph = touching(areas, rule=settings.rule, islands=settings.islands)
    records: dict[str, pd.DataFrame] = {}
    measures: dict[str, Measure] = {}
    for measure in settings.measures:
        notes.measure = measure.name
        records[measure.name] = _steps.select_records(read[_steps.source_of(measure)], measure)
        measures[measure.name] = overlaps.settle_suppression(measure, records[measure.name])
    notes.measure = ""
    around = overlaps.refuse(tuple(measures.values()), records)

    def table(measure: Measure) -> gpd.GeoDataFrame:
        notes.measure = measure.name
        own, every = records[measure.name], read[_steps.source_of(measure)]
        tested = _steps.find_clusters(
            _steps.count_and_rate(areas, own, measure, settings), graph, measure
        )
        tested.attrs["audit"] = _steps.add_other_categories(tested.attrs["audit"], every, own)
        return _steps.select_and_withhold(tested, settings, areas)

    tables: dict[str, gpd.GeoDataFrame] = {}
    for name, measure in measures.items():
        with _progress.step(steps, measure.title):
            tables[name] = table(measure)
    for name, parts in overlaps.find_narrowing(around, tables).items():
        measures[name] = replace(measures[name], suppress=True)
        tables[name] = table(measures[name])
        warnings.warn(overlaps.explain(name, parts), UserWarning, stacklevel=3)
    notes.measure = ""
    audits = [
        Audit(one.attrs["audit"]).table().assign(measure=name) for name, one in tables.items()
    ]
    settings = replace(settings, measures=tuple(measures.values()))
    return Assessment(
        config=settings,
        areas=areas,
        tables=tables,
        records=records,
        audit=pd.concat(audits, ignore_index=True)[AUDIT_COLUMNS],
    )
