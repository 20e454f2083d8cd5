"""The proof of a run: its folder is what it wrote, and its sources are what it read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pandas as pd

from .folder import MANIFEST, WORK, is_cut, names, sha256
from .paths import resolved
from .settings import folder_of

COLUMNS: Final = ["kind", "path", "state", "sha256", "sha256_then"]


def verify(folder: str | Path, *, settings: str | Path | None = None) -> pd.DataFrame:
    """Check every file of an assessment's folder, and every source, against its manifest.

    Parameters
    ----------
    folder : path
        A folder that `assess` wrote.
    settings : path, optional
        The settings file, or the folder that it was in, if it is elsewhere now than when the
        assessment was made: paths of sources are relative to it.

    Returns
    -------
    DataFrame
        One row a file: `kind` (``"output"``, ``"input"`` or ``"other"``, a file in the folder that
        the run has not made), `path` (of outputs in the folder, of inputs as the settings have it),
        `state` (``"same"``, ``"changed"``, ``"missing"``, or ``"not of the run"``), `sha256` (of
        the file now) and `sha256_then`. ``attrs["manifest"]`` is the SHA-256 of the manifest itself:
        write it down somewhere else, and nobody can change the folder unnoticed.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or no manifest in it.
    ValueError
        If the manifest is not one of lsoahot's, or a run was cut while it filled the folder.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import lsoahot as lh
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     out = pathlib.Path(folder, "fires")
    ...     found = lh.assess({
    ...         "boundaries": {"source": "sample"},
    ...         "period": {"start": "2011-10", "end": "2012-09"},
    ...         "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ...     }, out=out)
    ...     _ = (out / "audit.csv").write_text("1256")
    ...     files = lh.verify(out)
    >>> files.loc[files["state"] != "same", ["path", "state"]].values.tolist()
    [['audit.csv', 'changed']]
    """
    folder = Path(folder)
    notes = _manifest(folder)
    if settings is None:
        base = resolved(str(notes["folder_of_settings"]), folder)
    else:
        base = Path(settings) if Path(settings).is_dir() else folder_of(settings)
    rows = [_row("output", one, folder / one["path"]) for one in notes["outputs"]]
    rows += [_row("input", one, resolved(str(one["path"]), base)) for one in notes["inputs"]]
    ours = {one["path"] for one in notes["outputs"]} | {MANIFEST}
    rows += [
        ("other", name, "not of the run", sha256(folder / name), None)
        for name in names(folder)
        if name not in ours and not name.startswith(f"{WORK}/")  # a run is under way, or was cut
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table.attrs["manifest"] = sha256(folder / MANIFEST)
    return table


def _manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a folder, or say why there is none."""
    path = folder / MANIFEST
    if is_cut(folder):
        raise ValueError(
            f"{folder} is not whole: a run was cut while it moved its files in. Run it again; "
            "that puts the folder right first."
        )
    if not path.is_file():
        what = f"no {MANIFEST} in {folder}" if folder.is_dir() else f"no folder {folder}"
        raise FileNotFoundError(
            f"there is {what}. Give a folder that 'lsoahot assess' has written."
        )
    try:
        notes: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        notes = {}
    if not _sound(notes):
        raise ValueError(
            f"{path} is not a manifest of lsoahot's, or somebody has changed it. Run the assessment "
            "again."
        )
    return notes


def _sound(notes: object) -> bool:
    """Tell whether a manifest has the parts that files can be checked by."""
    if not isinstance(notes, dict) or not {"lsoahot", "folder_of_settings"} <= notes.keys():
        return False
    files = [notes.get("outputs"), notes.get("inputs")]
    return all(
        isinstance(part, list)
        and all(isinstance(one, dict) and {"path", "sha256"} <= one.keys() for one in part)
        for part in files
    )


def _row(
    kind: str, one: dict[str, Any], path: Path
) -> tuple[str, str, str, str | None, str | None]:
    """Compare a file with what the manifest says of it."""
    then = str(one["sha256"])
    now = sha256(path) if path.is_file() else None
    state = "missing" if now is None else "same" if now == then else "changed"
    return kind, str(one["path"]), state, now, then
