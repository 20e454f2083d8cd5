"""Which files on disk an assessment reads, and whether they stayed as they were meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from lsoahot.boundaries import boundaries, populations
from lsoahot.common import checks
from lsoahot.common.files import expanded
from lsoahot.records import sources

from . import folder as _folder
from .paths import PACKAGE, absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .settings import Config

# A shapefile is several files of one name.
BESIDE: Final = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix")


class Input(NamedTuple):
    """A file that was read: where it is, for what, and how it was when the run began."""

    path: Path
    uses: tuple[str, ...]
    size: int
    changed: int  # in nanoseconds
    state: tuple[int, ...]  # what the system knows of it, which no program can put back
    sha256: str


def list_inputs(config: Config, settings: object) -> list[Input]:
    """List every file behind the settings, each once, in the order in which they are named.

    ``settings`` is what the user gave. A manifest is no source: the next has the same settings.
    """
    uses: dict[Path, dict[str, None]] = {}
    for what, paths in _named(config, settings):
        for path in paths:
            uses.setdefault(absolute(path), {})[what] = None
    result = []
    for path, whats in uses.items():
        if path.exists():  # of a file that is lacking, the one who reads it tells
            state = path.stat()
            result.append(
                Input(
                    path, tuple(whats), state.st_size, state.st_mtime_ns, _state(path),
                    _folder.sha256(path),
                )
            )  # fmt: skip
    return result


def refuse_outputs(inputs: list[Input], folder: Path) -> None:
    """Refuse sources that the last run made: a pattern that takes them in would count them."""
    ours = {(folder / name).resolve() for name in _folder.outputs(folder)}
    own = [one.path for one in inputs if one.path.resolve() in ours]
    if own:
        raise ValueError(
            f"{checks.shown(own)} would be read as a source, but is what the last run wrote to "
            f"{folder}. Name the sources so that they leave that folder out, or write elsewhere."
        )


def refuse_changed(inputs: list[Input]) -> None:
    """Refuse inputs that somebody changed while they were read: nobody could say which it was.

    Their content was hashed before they were read, and is again now; that it was not another in
    between, the system's own notes on the file tell.
    """
    for one in inputs:
        if not one.path.exists() or _state(one.path) != one.state or (
            _folder.sha256(one.path) != one.sha256
        ):  # fmt: skip
            raise ValueError(
                f"{one.path} was changed while the run went on, so that nobody can say which "
                "figures were counted. Run it again once the file is complete."
            )


def _state(path: Path) -> tuple[int, ...]:
    """Return what changes with a file's content, also if its size and time are put back."""
    state = path.stat()
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino


def _named(config: Config, settings: object) -> Iterator[tuple[str, list[Path]]]:
    """Go through what the settings name, with the files behind each."""
    if isinstance(settings, (str, Path)) and Path(settings).suffix.lower() != ".json":
        yield "settings", [Path(settings)]
    yield "boundaries", _boundaries(config.boundaries)
    if config.names is not None:
        yield "names", [Path(config.names)]
    if config.population is not None:
        own = expanded(config.population)
        yield "population", [populations.cached_file(config.population) or own]
    for measure in config.measures:
        if measure.source == "sample":
            paths = [PACKAGE / "sample" / f"{measure.dataset}.parquet"]
        else:
            files = sources.find(measure.source).files
            paths = list(dict.fromkeys(file.path for file in files if file.path is not None))
        yield f"measures.{measure.name}", paths
    for table in config.tables:
        yield f"tables.{table.name}", [Path(table.source)]
    if templates := [*filter(None, (config.report.template, config.report.slides_template))]:
        yield "report", [Path(template) for template in templates]


def _boundaries(source: str) -> list[Path]:
    """Return the files of boundaries: a packaged one, one in the cache, or the user's."""
    if source == "sample":
        return [PACKAGE / "sample" / "areas.parquet"]
    path = expanded(source)
    if (cached := boundaries.cached_file(source)) is not None:
        return [cached]
    if path.is_dir():  # a geodatabase is a folder
        return sorted(file for file in path.rglob("*") if file.is_file())
    beside = (path.with_suffix(end) for end in BESIDE if path.suffix.lower() == ".shp")
    return [path, *(file for file in beside if file.is_file())]
