"""The proof of a run: its folder is what it wrote, and its sources are what it read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pandas as pd

from . import private_key
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
        `state` (``"same"``, ``"changed"``, ``"missing"``, ``"not of the run"``, or ``"not proved"``),
        `sha256` (of the file now) and `sha256_then`. Sources of small counts are marked by a digest
        that takes the key beside the settings; without it they are not proved.
        ``attrs["manifest"]`` is the SHA-256 of the manifest itself: write it down somewhere else,
        and nobody can change the folder unnoticed.

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
    ...     result = lh.assess({
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
    name = Path(str(notes.get("private") or "")).name
    private = private_key.read(base / name if name else None)
    for one in notes["inputs"]:
        place = (private.places if private else {}).get(str(one["path"]))
        path = Path(place) if place else resolved(str(one["path"]), base)
        rows.append(_row("input", one, path, private))
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
    except (ValueError, RecursionError):
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
        and (part or marks != {"sha256"})  # no run makes nothing
        and all(isinstance(one, dict) and "path" in one and marks & one.keys() for one in part)
        for part, marks in zip(files, ({"sha256"}, {"sha256", "keyed"}), strict=True)
    )


def _row(
    kind: str, one: dict[str, Any], path: Path, private: private_key.Private | None = None
) -> tuple[str, str, str, str | None, str | None]:
    """Compare a file with what the manifest says of it."""
    now = sha256(path) if path.is_file() else None
    then = one.get("sha256", one.get("keyed"))
    if "sha256" not in one and now is not None:
        now = private.digest(now) if private and then else None
        if now is None:
            return kind, str(one["path"]), "not proved", None, None
    state = "missing" if now is None else "same" if now == str(then) else "changed"
    return kind, str(one["path"]), state, now, None if then is None else str(then)
