"""Which files on disk an assessment reads, and how they are named where others can read it.

Paths are told relative to the settings file, as its author wrote them; below the home folder with
"~"; those of the packaged sample and of the cache by where these are. So no name of a user is told,
and a project that is moved or shared still finds its files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from lsoahot._fetching import cache
from lsoahot._fetching import layers as _layers
from lsoahot._reading import archives
from lsoahot.boundaries import fetch_boundaries
from lsoahot.populations import fetch_population, nomis_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsoahot.config import Config

PACKAGE: Final = Path(__file__).parents[1]
PLACES: Final = {"<lsoahot>": PACKAGE}  # and "<cache>", which the user may move
# A shapefile is several files of one name.
BESIDE: Final = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix")


class Input(NamedTuple):
    """A file that was read: where it is, for what, and how it was when the run began."""

    path: Path
    uses: tuple[str, ...]
    size: int
    changed: int  # in nanoseconds


def listed(config: Config, settings: Path | None) -> list[Input]:
    """List every file behind the settings, each once, in the order in which they are named."""
    uses: dict[Path, list[str]] = {}
    for what, paths in _named(config, settings):
        for path in paths:
            whats = uses.setdefault(absolute(path), [])
            if what not in whats:
                whats.append(what)
    found = []
    for path, whats in uses.items():
        if path.exists():  # of a file that is lacking, the one who reads it tells
            state = path.stat()
            found.append(Input(path, tuple(whats), state.st_size, state.st_mtime_ns))
    return found


def unchanged(inputs: list[Input]) -> None:
    """Refuse inputs that somebody changed while they were read: nobody could say which it was."""
    for one in inputs:
        state = one.path.stat() if one.path.exists() else None
        if state is None or (state.st_size, state.st_mtime_ns) != (one.size, one.changed):
            raise ValueError(
                f"{one.path} was changed while the run went on, so that nobody can say which "
                "figures were counted. Run it again once the file is complete."
            )


def _named(config: Config, settings: Path | None) -> Iterator[tuple[str, list[Path]]]:
    """Go through what the settings name, with the files behind each."""
    if settings is not None:
        yield "settings", [settings]
    yield "boundaries", _boundaries(config.boundaries)
    if config.population is not None:
        yield "population", _population(config.population)
    for measure in config.measures:
        if measure.source == "sample":
            paths = [PACKAGE / "sample" / f"{measure.dataset}.parquet"]
        else:
            files = archives.find(measure.source).files
            paths = list(dict.fromkeys(file.path for file in files if file.path is not None))
        yield f"measures.{measure.name}", paths
    for table in config.tables:
        yield f"tables.{table.name}", [Path(table.source)]
    if config.report.template is not None:
        yield "report", [Path(config.report.template)]


def _boundaries(source: str) -> list[Path]:
    """Return the files of boundaries: a packaged one, one in the cache, or the user's."""
    if source == "sample":
        return [PACKAGE / "sample" / "areas.parquet"]
    path = Path(source).expanduser()
    if not path.exists() and _layers.layer(source):
        return [fetch_boundaries(source)]
    if path.is_dir():  # a geodatabase is a folder
        return sorted(file for file in path.rglob("*") if file.is_file())
    beside = (path.with_suffix(end) for end in BESIDE if path.suffix.lower() == ".shp")
    return [path, *(file for file in beside if file.is_file())]


def _population(source: str) -> list[Path]:
    """Return the file of a population: one in the cache, or the user's."""
    path = Path(source).expanduser()
    asked = None if path.exists() else nomis_name(source)
    return [fetch_population(*asked)] if asked else [path]


def absolute(path: str | Path) -> Path:
    """Return a path from the root, links and all, without "..".

    Examples
    --------
    >>> absolute("/work/2025/../crime.csv").as_posix()[-15:]
    '/work/crime.csv'
    """
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100 - resolve() follows links


# --- names of paths -------------------------------------------------------------------------------


def told(path: Path, base: Path) -> str:
    """Name a path as others can read it.

    Examples
    --------
    >>> told(Path("/work/2025/data/crime.csv"), Path("/work/2025"))
    'data/crime.csv'
    >>> told(PACKAGE / "sample" / "fires.parquet", Path("/work/2025"))
    '<lsoahot>/sample/fires.parquet'
    """
    for name, place in (*PLACES.items(), ("<cache>", cache.folder())):
        if path.is_relative_to(place):
            return f"{name}/{path.relative_to(place).as_posix()}"
    home = Path.home()
    if path.drive == base.drive:
        shared = Path(os.path.commonpath([path, base]))
        # Down from a folder of theirs; not from the root, nor from where the homes are.
        if shared == home or not (home.is_relative_to(shared) or shared == Path(shared.anchor)):
            return Path(os.path.relpath(path, base)).as_posix()
    if path.is_relative_to(home):
        return f"~/{path.relative_to(home).as_posix()}"
    return path.as_posix()


def found(name: str, base: Path) -> Path:
    """Return the path that a name stands for."""
    for mark, place in (*PLACES.items(), ("<cache>", cache.folder())):
        if name.startswith(f"{mark}/"):
            return place / name.removeprefix(f"{mark}/")
    return base / Path(name).expanduser()
