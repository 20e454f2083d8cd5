"""How one comparison is timed, so that no side has an advantage.

Each side is a process of its own, started for the comparison and fed the same data. What it takes to
turn them into the side's own form is not timed; a first call, which compiles and imports, is timed by
itself. Then the sides take turns (one run each, and again), so that whatever else the machine does
meets all of them, and the best of the runs counts. Processor time is that of all threads and child
processes. Memory is the highest that the process held after its data were there, data included.

``python protocol.py module case side`` is such a process: it is told "run" on its standard input.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HERE = Path(__file__).parent
LIMIT = 300.0  # seconds after which a run is given up
LONG = 8.0  # seconds: a first run that took so long, compiling aside, is not repeated


@dataclass(frozen=True, kw_only=True)
class Case:
    """One question, put to several programs.

    Attributes
    ----------
    name, title : str
        A word for the command line, and what is done, for the table.
    setup : callable
        Makes the data, the same for all sides.
    sides : dict
        What each program does with them; ours first.
    prepare : dict
        What a side's data are turned into beforehand, not timed.
    warm : dict
        A first call on something small, for sides whose runs are long and that compile.
    needs : dict
        Modules that a side imports; without them it is not run, and the table says so.
    answer : callable
        A few words or figures on a result, by which a reader sees that all sides did the same.
    runs : int
        How many runs each.
    cold : bool
        Whether the first run is the one that counts: a script that is run once, compiling included.
    real : bool
        Whether the data of the whole country are needed.
    quick : bool
        Whether it belongs to the short selection.
    """

    name: str
    title: str
    setup: Callable[[], Any]
    sides: Mapping[str, Callable[[Any], Any]]
    prepare: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    warm: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answer: Callable[[Any], str] = lambda _: ""
    runs: int = 5
    cold: bool = False
    real: bool = False
    quick: bool = False

    def lacking(self, side: str) -> str:
        """Name the modules that a side lacks."""
        absent = [name for name in self.needs.get(side, ()) if not importlib.util.find_spec(name)]
        return ", ".join(absent)


@dataclass
class Measured:
    """What came out for one side; times in seconds, memory in bytes."""

    side: str
    wall: float = float("nan")
    cpu: float = float("nan")
    first: float = float("nan")  # the first call, by the clock
    peak: float = float("nan")
    added: float = float("nan")  # of the peak, what was not there before the first run
    runs: int = 0
    answer: str = ""
    trouble: str = ""  # why there is nothing


def compare(module: str, case: Case, *, runs: int | None = None) -> list[Measured]:
    """Run all sides of a comparison, in turns."""
    found = {side: Measured(side) for side in case.sides}
    workers: dict[str, Worker] = {}
    try:
        for side, one in found.items():
            if lacking := case.lacking(side):
                one.trouble = f"{lacking} is not installed"
            else:
                workers[side] = Worker(module, case.name, side)
                if len(workers) == 1:
                    workers[
                        side
                    ].wait()  # it makes the data; the others start together, and read them
        for worker in workers.values():
            worker.wait()
        again = 0 if case.cold else runs or case.runs
        for command in ("first", *["run"] * again, "end"):
            for side, one in found.items():
                enough = command == "run" and one.runs and one.wall > LONG
                if side in workers and not enough:
                    _take(one, workers, command)
    finally:
        for worker in workers.values():
            worker.stop()
    return list(found.values())


def _take(one: Measured, workers: dict[str, Worker], command: str) -> None:
    """Give a side one command, and note what it says."""
    said = workers[one.side].ask(command)
    if "trouble" in said:
        one.trouble = said["trouble"]
        workers.pop(one.side).stop()
    elif command == "end":
        one.peak, one.added, one.answer = said["peak"], said["added"], said["answer"]
    else:
        if command == "first":
            one.first = said["wall"]
        if said["counts"]:
            one.wall = min(said["wall"], one.wall if one.runs else said["wall"])
            one.cpu = min(said["cpu"], one.cpu if one.runs else said["cpu"])
            one.runs += 1


class Worker:
    """A side in its own process."""

    def __init__(self, module: str, case: str, side: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "protocol.py"), module, case, side],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.complaints: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        self.ready: dict[str, Any] = {}

    def wait(self) -> None:
        """Wait until its data are there."""
        self.ready = self.ready or self._hear(LIMIT)

    def _listen(self) -> None:
        for line in self.process.stderr or ():
            self.complaints = [*self.complaints[-20:], line.rstrip()]

    def _hear(self, limit: float) -> dict[str, Any]:
        watch = threading.Timer(limit, self.process.kill)
        watch.start()
        line = self.process.stdout.readline() if self.process.stdout else ""
        late = not watch.is_alive()
        watch.cancel()
        if line:
            return dict(json.loads(line))
        if late:
            return {"trouble": f"given up after {limit:.0f} s"}
        self.process.wait()
        last = next((line for line in reversed(self.complaints) if line), "no word")
        return {"trouble": f"failed: {last[:160]}"}

    def ask(self, command: str, limit: float = LIMIT) -> dict[str, Any]:
        """Send a command and wait for the answer; a worker that takes too long is ended."""
        if "trouble" in self.ready:
            return self.ready
        with contextlib.suppress(BrokenPipeError):
            print(command, file=self.process.stdin, flush=True)
        return self._hear(limit)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def clocks() -> tuple[float, float]:
    """Return the time by the clock, and the processor time of this process and its children."""
    children = os.times()
    spent = time.process_time() + children.children_user + children.children_system
    return time.perf_counter(), spent


def memory() -> tuple[float, float]:
    """Return what the process holds now, and the most it held since `forget`."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        held = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if "kB" in line}
        return float(held["VmRSS"]) * 1024, float(held["VmHWM"]) * 1024
    except OSError:  # elsewhere than on Linux the peak includes making the data
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        peak = float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
        return peak, peak


def forget() -> None:
    """Begin the highest use of memory anew, where the system can (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def serve(module: str, name: str, side: str, out: TextIO) -> None:
    """Be one side: make the data, then do what is asked, one line of JSON an answer."""

    def say(**facts: Any) -> None:
        print(json.dumps(facts), file=out, flush=True)

    warnings.simplefilter("ignore")
    case: Case = next(c for c in importlib.import_module(module).CASES if c.name == name)
    work = case.sides[side]
    data = case.prepare.get(side, lambda same: same)(case.setup())
    gc.collect()
    forget()
    before, _ = memory()
    say(ready=True)
    result = None
    for command in sys.stdin:
        if command.strip() == "end":
            break
        warm = case.warm.get(side) if command.strip() == "first" else None
        result = None
        gc.collect()
        wall, cpu = clocks()
        result = warm() if warm else work(data)
        wall, cpu = (now - then for now, then in zip(clocks(), (wall, cpu), strict=True))
        # Long runs are not thrown away for being the first, where compiling was done apart.
        counts = command.strip() == "run" or case.cold or (not warm and wall > LONG)
        say(wall=wall, cpu=cpu, counts=counts)
    _, peak = memory()
    say(peak=peak, added=peak - before, answer=case.answer(result))


if __name__ == "__main__":
    # What libraries print must not come between: standard output is kept for the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.path.insert(0, str(HERE))
    from protocol import serve as serve_as_imported  # one class Case, not two

    serve_as_imported(*sys.argv[1:], answers)
