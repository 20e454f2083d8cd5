"""A folder is filled whole or stays as it was, wherever a run fails or dies; nobody's file is lost."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from lsoahot.assessment import folder as _folder
from lsoahot.assessment.folder import MANIFEST, WORK, filling, recover, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

Files = dict[str, str]

OLD: Files = {
    "audit.csv": "old",
    "tables/a.csv": "old a",
    "tables/gone.csv": "gone",
    "maps/a.png": "m",
}
NEW: Files = {
    "audit.csv": "new",
    "tables/a.csv": "new a",
    "tables/b.csv": "new b",
    "extra/x.txt": "x",
}
FOREIGN: Files = {"notes.txt": "mine", "tables/mine.csv": "mine too"}


def put(folder: Path, files: Files) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def manifest(files: Files) -> str:
    marks = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    outputs = [{"path": name, "sha256": mark} for name, mark in marks.items()]
    return json.dumps({"lsoahot": "0", "outputs": outputs})


def run(folder: Path, files: Files) -> None:
    with filling(folder) as new:
        put(new, {**files, MANIFEST: manifest(files)})


def held(folder: Path) -> Files:
    """Everything in a folder, by its path, workplaces and all."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def whole(files: Files) -> Files:
    return {**files, MANIFEST: manifest(files)}


def test_a_new_folder_appears_whole(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "er" / "out"
    with filling(out) as new:
        put(new, whole(OLD))
        assert not out.exists()
    assert held(tmp_path / "deep") == {f"er/out/{name}": text for name, text in whole(OLD).items()}


def test_a_second_run_replaces_the_first_and_keeps_what_is_not_ours(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(out, OLD)
    put(out, FOREIGN)
    run(out, NEW)
    assert held(out) == {**whole(NEW), **FOREIGN}
    assert not (out / "maps").exists()  # its last file is not made any more
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_is_there_but_empty_is_filled(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    run(out, OLD)
    assert held(tmp_path) == {f"out/{name}": text for name, text in whole(OLD).items()}


def test_the_current_folder_can_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(Path(), OLD)
    run(Path(), NEW)
    assert held(tmp_path) == whole(NEW)
    assert Path.cwd().samefile(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    run(link, OLD)
    run(link, NEW)
    assert link.is_symlink()
    assert held(real) == whole(NEW)


def test_a_file_that_somebody_changed_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(out, OLD)
    (out / "audit.csv").write_text("I wrote this")
    with pytest.warns(UserWarning, match=r"audit\.csv had been changed .* as audit-edited\.csv"):
        run(out, NEW)
    (out / "audit.csv").write_text("and this")
    with pytest.warns(UserWarning, match=r"kept as audit-edited-2\.csv"):
        run(out, NEW)
    kept = {"audit-edited.csv": "I wrote this", "audit-edited-2.csv": "and this"}
    assert held(out) == {**whole(NEW), **kept}


def test_a_file_that_is_no_longer_made_is_kept_if_somebody_changed_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(out, OLD)
    (out / "tables" / "gone.csv").write_text("mine now")
    with pytest.warns(UserWarning, match=r"tables/gone-edited\.csv"):
        run(out, NEW)
    assert held(out) == {**whole(NEW), "tables/gone-edited.csv": "mine now"}


@pytest.mark.parametrize(
    ("there", "named"),
    [
        ({"audit.csv": "whose?"}, "audit.csv"),
        ({"manifest.json": '{"name": "a web app"}'}, "manifest.json"),
        ({"manifest.json": "not JSON"}, "manifest.json"),
        ({"tables": "a file"}, "tables"),
        ({"audit.csv/inside": "a folder of that name"}, "audit.csv"),
    ],
)
def test_files_of_nobody_knows_whom_are_not_overwritten(
    there: Files, named: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    put(out, there)
    with pytest.raises(FileExistsError, match=f"holds {named}, which no run has made"):
        refuse(out, whole(NEW))
    with pytest.raises(FileExistsError, match="Move it away, or give another folder"):
        run(out, NEW)
    assert held(out) == there


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("a file")
    with pytest.raises(NotADirectoryError, match="is a file"):
        refuse(out)


def test_a_manifest_can_not_reach_out_of_its_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    put(tmp_path, {"precious.txt": "precious"})
    absolute = str(tmp_path / "precious.txt")
    outputs = [{"path": path, "sha256": ""} for path in ("../precious.txt", absolute)]
    put(out, {MANIFEST: json.dumps({"lsoahot": "0", "outputs": outputs})})
    run(out, NEW)
    assert (tmp_path / "precious.txt").read_text() == "precious"
    assert held(out) == whole(NEW)


# --- failing --------------------------------------------------------------------------------------


def failing_at(
    monkeypatch: pytest.MonkeyPatch, n: int, fail: Callable[[Path], Any]
) -> Callable[[], bool]:
    """Let the n-th move fail, once; tell whether it was reached."""
    moved, number = _folder._move, count()
    reached = []

    def move(source: Path, target: Path) -> None:
        if next(number) == n:
            reached.append(source)
            fail(source)
        moved(source, target)

    monkeypatch.setattr(_folder, "_move", move)
    return lambda: bool(reached)


def raising(problem: BaseException) -> Callable[[Path], Any]:
    def fail(_: Path) -> None:
        raise problem

    return fail


# 4 files and the manifest out, 4 and the manifest in, one that was edited to its place
MOVES = range(2 * 5 + 1)


@pytest.mark.parametrize("problem", [OSError(errno.EIO, "broken"), KeyboardInterrupt()])
@pytest.mark.parametrize("n", [*MOVES[:-1]])
def test_a_step_that_fails_leaves_the_folder_as_it_was(
    n: int, problem: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(out, OLD)
    put(out, {**FOREIGN, "maps/a.png": "edited"})
    before = held(tmp_path)
    reached = failing_at(monkeypatch, n, raising(problem))
    with pytest.raises(type(problem)):
        run(out, NEW)
    assert reached()
    assert held(tmp_path) == before
    assert not (out / "extra").exists()


def test_all_steps_are_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    run(out, OLD)
    put(out, {"maps/a.png": "edited"})
    reached = failing_at(monkeypatch, MOVES[-1] + 1, raising(AssertionError()))
    with pytest.warns(UserWarning, match="edited"):
        run(out, NEW)
    assert not reached()


def test_stopped_when_all_had_arrived_the_new_files_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(out, OLD)
    moved = _folder._move

    def move(source: Path, target: Path) -> None:
        moved(source, target)
        if target == out / MANIFEST:
            raise KeyboardInterrupt

    monkeypatch.setattr(_folder, "_move", move)
    with pytest.raises(KeyboardInterrupt):
        run(out, NEW)
    assert held(tmp_path) == {f"out/{name}": text for name, text in whole(NEW).items()}


@pytest.mark.parametrize("before", [[OLD], []], ids=["there", "new"])
@pytest.mark.parametrize("problem", [OSError(errno.ENOSPC, "disk full"), KeyboardInterrupt()])
def test_a_writer_that_fails_leaves_nothing(
    problem: BaseException, before: list[Files], tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "out"
    for files in before:
        run(out, files)
    was = held(tmp_path)

    def writing() -> None:
        with filling(out) as new:
            put(new, {"tables/half.csv": "hal"})
            raise problem

    full = isinstance(problem, OSError)
    with pytest.raises(type(problem), match="The folder is as it was" if full else None):
        writing()
    assert held(tmp_path) == was
    assert (tmp_path / "deep").exists() == bool(before)


def test_a_file_open_in_excel_is_named_and_the_folder_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Windows refuses to rename what Excel has open; other systems don't, so it is played
    out = tmp_path / "out"
    run(out, OLD)
    before = held(tmp_path)
    replace = Path.replace

    def locked(self: Path, target: Path) -> Path:
        if self == out / "tables" / "gone.csv":
            raise PermissionError(errno.EACCES, "used by another process")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", locked)
    monkeypatch.setattr(_folder, "WAITS", (0.0,))
    with pytest.raises(
        PermissionError, match=r"gone\.csv can't be replaced: it is open in another"
    ):
        run(out, NEW)
    assert held(tmp_path) == before


def test_a_file_open_in_excel_is_told_before_the_work_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(out, OLD)
    real = Path.open

    def locked(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if self.name == "a.csv" and "+" in mode:
            raise PermissionError(errno.EACCES, "used by another process")
        return real(self, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(PermissionError, match=r"Close a\.csv \(in Excel"):
        refuse(out, whole(NEW))


def test_a_scanner_that_holds_a_file_for_a_moment_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(out, OLD)
    replace, tries = Path.replace, count()

    def held_twice(self: Path, target: Path) -> Path:
        if next(tries) < 2:
            raise PermissionError(errno.EACCES, "scanning")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held_twice)
    monkeypatch.setattr(_folder, "WAITS", (0.0, 0.0))
    run(out, NEW)
    assert held(out) == whole(NEW)


def test_what_could_not_be_undone_is_told_and_put_right_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(out, OLD)
    before = held(out)
    replace, tries = Path.replace, count()

    def breaking(self: Path, target: Path) -> Path:
        if next(tries) >= 3:  # the share is gone, and stays away
            raise OSError(errno.EIO, "the network name is no longer available")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", breaking)
        with pytest.raises(OSError, match=r"could not be undone .* Run again: that puts"):
            run(out, NEW)
    assert not (out / MANIFEST).exists()
    recover(out)
    assert held(out) == before


def test_two_runs_can_not_fill_one_folder_at_once(tmp_path: Path) -> None:
    for out in (tmp_path / "there", tmp_path / "not yet"):
        if out.name == "there":
            run(out, OLD)
        with filling(out) as new:
            put(new, whole(NEW))
            with pytest.raises(BlockingIOError, match="another run is writing"):
                run(out, OLD)
            with pytest.raises(BlockingIOError, match="Wait until it has finished"):
                recover(out)
        assert held(out) == whole(NEW)


def test_paths_too_long_for_windows_are_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lsoahot.common.files.WINDOWS", True)
    name = "maps/violence-hotspots.png"
    # out/.lsoahot-run/new/maps/.violence-hotspots-12345678.png
    room = 259 - len(f"/.lsoahot-run/new/{name}") - 10
    out = tmp_path / ("x" * (room - len(str(tmp_path)) - 1))
    refuse(out, ["audit.csv", name])
    with pytest.raises(OSError, match=r"has 260 letters.*nearer to the root"):
        refuse(out.with_name(f"{out.name}x"), ["audit.csv", name])
    assert not list(tmp_path.iterdir())


# --- dying ----------------------------------------------------------------------------------------

forks = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="a process is killed half-way: Unix only"
)


def die(_: Path) -> None:
    os._exit(9)  # no clean-up, as of a power cut


def killed(work: Callable[[], object]) -> int:
    """Do something in a process of its own, and return how that ended."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@forks
@pytest.mark.filterwarnings("ignore:.*had been changed", "ignore:.*multi-threaded")
@pytest.mark.parametrize("n", MOVES)
def test_a_run_that_dies_is_put_right_by_the_next(
    n: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(out, OLD)
    put(out, {**FOREIGN, "maps/a.png": "edited"})
    before = held(out)
    with monkeypatch.context() as patch:
        failing_at(patch, n, die)
        assert killed(lambda: run(out, NEW)) == 9
    assert (out / WORK).is_dir()
    # the first to go and the last to come: nothing half-done has a manifest
    assert (out / MANIFEST).exists() == (n in {0, 10})
    recover(out)
    if n < 10:  # the manifest had not arrived
        assert held(out) == before
    else:
        assert held(out) == {**whole(NEW), **FOREIGN, "maps/a-edited.png": "edited"}
    run(out, NEW)
    assert held(out) == {**whole(NEW), **FOREIGN, "maps/a-edited.png": "edited"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@forks
@pytest.mark.filterwarnings("ignore:.*multi-threaded")
@pytest.mark.parametrize("again", range(10))
def test_putting_right_may_itself_be_cut(
    again: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(out, OLD)
    put(out, FOREIGN)
    before = held(out)
    with monkeypatch.context() as patch:
        failing_at(patch, 9, die)  # all are in but the manifest
        assert killed(lambda: run(out, NEW)) == 9
    with monkeypatch.context() as patch:
        failing_at(patch, again, die)
        killed(lambda: recover(out))
    recover(out)
    assert held(out) == before


@forks
@pytest.mark.filterwarnings("ignore:.*multi-threaded")
@pytest.mark.parametrize("before", [[OLD], []], ids=["there", "new"])
def test_what_a_run_leaves_that_died_while_it_drew_is_cleared(
    before: list[Files], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for files in before:
        run(out, files)

    def drawing() -> None:
        with filling(out) as new:
            put(new, {"half.png": "half"})
            die(new)

    assert killed(drawing) == 9
    run(out, NEW)
    assert held(tmp_path) == {f"out/{name}": text for name, text in whole(NEW).items()}


# --- whatever is there ----------------------------------------------------------------------------

NAMES = ("a.csv", "b.csv", "tables/a.csv", "tables/b.csv", "x.txt")
some = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["1", "2", "3"]), max_size=4)


@pytest.mark.filterwarnings("ignore:.*had been changed")
@settings(max_examples=60)
@given(old=some, new=some, theirs=some, n=st.integers(0, 12))
def test_nothing_is_lost_and_nothing_is_half_done(
    old: Files, new: Files, theirs: Files, n: int
) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        out = Path(name) / "out"
        run(out, old)
        put(out, theirs)  # over ours, or beside them
        before = held(out)
        reached = failing_at(patch, n, raising(OSError(errno.EIO, "broken")))
        try:
            run(out, new)
        except FileExistsError:
            assert set(theirs) & set(new) - set(old)
            assert held(out) == before
        except OSError:
            assert reached()
            if held(out) != before:  # it failed when all had arrived: the next run tidies up
                recover(out)
        after = held(out)
        if after != before:
            assert whole(new).items() <= after.items()
            lost = set(theirs.values()) - set(after.values()) - set(old.values())
            assert not lost
        shutil.rmtree(out)
