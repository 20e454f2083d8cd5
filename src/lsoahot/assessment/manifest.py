"""The manifest: what a run was made of and what it made, so that it can be repeated and proved.

It holds no clock and no name of a machine or a user: the same run makes the same manifest. It is to
be published with the rest, and so holds nothing that small counts could be worked out from.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import inputs, private_key
from .folder import MANIFEST, names, sha256
from .paths import CACHE, ELSEWHERE, absolute, portable
from .settings import as_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lsoahot.records.datasets import Dataset

    from .result import Assessment

FORMAT: Final = 1
# What the verbs note of a test in words, which the workbook tells.
PROSE: Final = ("text", "why")
# What could tell a total that is withheld.
TOTALS: Final = ("events",)


class Run(NamedTuple):
    """What only the run itself knows: where it began, its inputs, and what it reported."""

    base: Path  # the folder that the paths in the settings start from
    inputs: list[inputs.Input]
    adapters: Mapping[str, Dataset]
    notes: list[tuple[str, str]]  # the measure ("" for none), and what was reported
    private: Path | None = None  # where the key of the settings is, or is to be


def write(assessment: Assessment, new: Path, out: Path, run: Run) -> None:
    """Write the manifest of the files that stand in ``new`` and are to stand in ``out``."""
    inputs.refuse_changed(run.inputs)
    text = json.dumps(
        _content(assessment, new, out, run), indent=2, ensure_ascii=False, allow_nan=False
    )
    (new / MANIFEST).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def _content(assessment: Assessment, new: Path, out: Path, run: Run) -> dict[str, Any]:
    """Gather everything, in the order in which people ask for it."""
    from lsoahot._version import __version__

    sensitive = _sensitive(assessment)
    private = _private(run, sensitive)
    return {
        "lsoahot": __version__,
        "manifest": FORMAT,
        "title": assessment.config.title,
        "notice": assessment.areas.attrs.get("notice", ""),
        "folder_of_settings": portable(run.base, absolute(out)),
        **({"private": run.private.name} if private and run.private else {}),
        "settings": _settings(assessment, run.base),
        "adapters": {
            name: json.loads(json.dumps(dataclasses.asdict(spec), default=str))
            for name, spec in run.adapters.items()
        },
        "inputs": [
            {
                "path": portable(one.path, run.base),
                "used_for": list(one.uses),
                **_mark(one, sensitive, private),
                **_fetched(one),
            }
            for one in run.inputs
        ],
        "outputs": [
            {"path": name, "size": (new / name).stat().st_size, "sha256": sha256(new / name)}
            for name in names(new)
        ],
        "boundaries": {
            key: assessment.areas.attrs[key]
            for key in ("edition", "source", "attribution", "population_source")
            if assessment.areas.attrs.get(key)
        },
        "measures": {name: _measure(assessment, name) for name in assessment.tables},
        "notes": _notes(run, sensitive),
        "software": software(),
    }


def _sensitive(assessment: Assessment) -> set[str]:
    """Name the measures whose files hold small counts: those withheld, and others of the same files."""
    measures = assessment.config.measures
    files = {str(one.source) for one in measures if one.suppress}
    return {one.name for one in measures if str(one.source) in files}


def _is_sensitive(one: inputs.Input, measures: set[str]) -> bool:
    """Tell whether an input holds small counts."""
    return not {f"measures.{name}" for name in measures}.isdisjoint(one.uses)


def _private(run: Run, sensitive: set[str]) -> private_key.Private | None:
    """Return the key, where one is needed, and write down the places that the manifest can't tell."""
    places = {
        name: str(one.path)
        for one in run.inputs
        if (name := portable(one.path, run.base)).startswith(ELSEWHERE)
    }
    if not places and not any(_is_sensitive(one, sensitive) for one in run.inputs):
        return None
    return private_key.make(run.private, places)


def _mark(
    one: inputs.Input, sensitive: set[str], private: private_key.Private | None
) -> dict[str, Any]:
    """Return what proves an input: size and SHA-256; of small counts, a digest that takes a key."""
    if not _is_sensitive(one, sensitive):
        return {"size": one.size, "sha256": one.sha256}
    return {"keyed": private.digest(one.sha256) if private else None}


def _settings(assessment: Assessment, base: Path) -> dict[str, Any]:
    """Return the settings in full, with paths as others can read them."""
    settings = as_settings(assessment.config)

    def path(source: str) -> str:
        is_name = re.fullmatch(r"\w+( \w+)?", source) and not Path(source).exists()
        return source if is_name else portable(absolute(source), base)

    named = [settings[part] for part in ("boundaries", "population") if part in settings]
    for part in (*named, *settings["measures"].values(), *settings["tables"].values()):
        given = part["source"]
        part["source"] = [path(one) for one in given] if isinstance(given, list) else path(given)
    if "names" in settings["boundaries"]:
        settings["boundaries"]["names"] = path(settings["boundaries"]["names"])
    for key in {"template", "slides_template"} & settings["report"].keys():
        settings["report"][key] = path(settings["report"][key])
    return settings


def _fetched(one: inputs.Input) -> dict[str, str]:
    """Tell when a file of the cache was downloaded."""
    if not portable(one.path, one.path).startswith(CACHE):
        return {}
    day = dt.datetime.fromtimestamp(one.changed // 10**9, tz=dt.UTC).date()
    return {"fetched": day.isoformat()}


def _measure(assessment: Assessment, name: str) -> dict[str, Any]:
    """Tell of a measure what became of its records, and which tests it was put to."""
    table = assessment.tables[name]
    withheld = table.attrs["audit"].get("withheld")
    tests = {
        verb: {
            key: value
            for key, value in facts.items()
            if key not in PROSE and not (withheld and key in TOTALS)
        }
        for verb, facts in table.attrs.get("statistics", {}).items()
    }
    notes: dict[str, Any] = {"areas": len(table), "tests": tests}
    suppression = table.attrs.get("suppression")
    if suppression:
        notes["suppression"] = {k: v for k, v in suppression.items() if k != "sentence"}
    if withheld:
        return notes | {"records": "withheld"}
    audit = assessment.audit[assessment.audit["measure"] == name].set_index("outcome")
    return notes | {"records": audit[["rows", "events"]].astype(int).to_dict("index")}


def _notes(run: Run, sensitive: set[str]) -> list[str]:
    """Return what was reported during the run, less what was reported of files of small counts."""
    home = str(Path.home())
    notes = [text.replace(home, "~") for measure, text in run.notes if measure not in sensitive]
    return list(dict.fromkeys(notes))


def software() -> dict[str, Any]:
    """Return the versions of everything that figures may depend on."""
    import platform
    from importlib import metadata

    import pyogrio
    import pyproj
    import shapely

    wanted = (re.match(r"[\w.-]+", line) for line in metadata.requires("lsoahot") or []
              if "extra" not in line)  # fmt: skip
    packages = {}
    for name in sorted(match[0] for match in wanted if match):
        with suppress(metadata.PackageNotFoundError):
            packages[name] = metadata.version(name)
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": packages,
        "libraries": {
            "gdal": pyogrio.__gdal_version_string__,
            "geos": shapely.geos_version_string,
            "proj": pyproj.proj_version_str,
        },
    }
