"""Run every comparison and write tests/benchmarks/results.md: python tests/benchmarks/table.py.

--quick            the short selection, printed (a minute)
--only NAME ...    some comparisons, printed: contiguity points growth ...
--write            write the page nevertheless
--minutes 14       begin nothing after so long; what was not run says so
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import math
import os
import platform
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import growth
import material
from protocol import Measured, compare

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocol import Case

PAGE = Path(__file__).with_name("results.md")
BEGIN, END = "<!-- made by tests/benchmarks/table.py: begin -->", "<!-- end -->"

GROUPS = {
    "cases_records": "From files to counts",
    "cases_statistics": "Neighbours and statistics, 35,672 areas",
    "cases_drawing": "Maps, and the import",
}
COMPARED = [
    "lsoahot", "numpy", "pandas", "geopandas", "shapely", "pyarrow", "scipy", "libpysal", "esda", "numba",
    "pygeoda", "mapclassify", "matplotlib", "polars", "duckdb", "duckdb-extension-spatial",
]  # fmt: skip


class Ran(NamedTuple):
    """A comparison and what came of it."""

    case: Case
    sides: list[Measured]


def machine() -> str:
    """Name the processor, the cores, the memory and the system."""
    model = platform.processor() or platform.machine()
    memory = ""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
        size = int(Path("/proc/meminfo").read_text(encoding="utf-8").split()[1]) / 1024**2
        memory = f", {size:.0f} GB of memory"
    except (OSError, StopIteration):
        pass
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores{memory}; {system}"


def versions() -> str:
    """List the versions of everything compared."""
    found = []
    for name in COMPARED:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


def seconds(value: float) -> str:
    """Write a time with two or three digits."""
    if math.isnan(value):
        return ""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.{1 if value < 100 else 0}f} s"


def times(value: float) -> str:
    """Write a ratio."""
    return "" if math.isnan(value) else f"{value:.{0 if value >= 20 else 1}f}"


def size(value: float) -> str:
    """Write bytes as megabytes or gigabytes."""
    if math.isnan(value):
        return ""
    return f"{value / 1e9:.1f} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"


def compared(ran: Iterable[Ran]) -> list[str]:
    """Write comparisons as rows of a table."""
    rows = [
        "| what | program | time | processor | times as long | by processor | memory | first call | result |",
        "|---|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for case, sides in ran:
        for i, one in enumerate(sides):
            ratios = [times(one.wall / sides[0].wall), times(one.cpu / sides[0].cpu)]
            what = case.title if i == 0 else ""
            said = f"*{one.trouble}*" if one.trouble else one.answer
            cells = [
                what, one.side, seconds(one.wall), seconds(one.cpu), *(ratios if i else ["", ""]), size(one.peak),
                seconds(one.first), said.replace("|", "\\|"),
            ]  # fmt: skip
            rows.append(f"| {' | '.join(cells)} |")
    return rows


def grown(ran: Iterable[Ran]) -> list[str]:
    """Write the growth of each verb as a row."""
    names, sizes = list(material.SIZES), list(material.SIZES.values())
    rows = [
        f"| verb | {' | '.join(f'{name} areas' for name in names)} | exponent | memory on top |",
        f"|---|{'--:|' * len(names)}--:|--:|",
    ]
    for case, sides in ran:
        if trouble := next((one.trouble for one in sides if one.trouble), ""):
            rows.append(f"| {case.title} | *{trouble}* |{' |' * (len(names) + 1)}")
            continue
        a = growth.exponent(sides[-2].cpu, sides[-1].cpu, (sizes[-2], sizes[-1]))
        cells = [seconds(one.cpu) for one in sides]
        top = size(max(sides[-1].added, 0.0))
        rows.append(f"| {case.title} | {' | '.join(cells)} | {a:.2f} | {top} |")
    return rows


def run(module: str, cases: Iterable[Case], until: float) -> list[Ran]:
    """Run comparisons one after the other, each told as it is done."""
    done = []
    for case in cases:
        if case.real and not material.real():
            sides = [
                Measured(side, trouble="needs the data of the whole country") for side in case.sides
            ]
        elif time.monotonic() > until:
            sides = [Measured(side, trouble="not run: the time was up") for side in case.sides]
        else:
            start = time.monotonic()
            sides = compare(module, case)
            print(f"{case.name} ({time.monotonic() - start:.0f} s): ", end="")
        done.append(Ran(case, sides))
        told = (f"{one.side} {seconds(one.wall)} {one.trouble}".strip() for one in sides)
        print("; ".join(told), flush=True)
    return done


def chosen(cases: Iterable[Case], arguments: argparse.Namespace) -> list[Case]:
    """Pick the comparisons asked for."""
    return [
        case
        for case in cases
        if (not arguments.quick or case.quick)
        and (not arguments.only or any(case.name.startswith(word) for word in arguments.only))
    ]


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--minutes", type=float, default=14)
    arguments = parser.parse_args()
    began = dt.datetime.now(dt.UTC)
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else math.nan
    until = time.monotonic() + 60 * arguments.minutes
    text: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ[material.KEEP] = folder
        os.environ["LSOAHOT_SHARED"] = str(material.SHARED.resolve())
        for module, title in GROUPS.items():
            cases = chosen(importlib.import_module(module).CASES, arguments)
            if cases:
                text += [f"### {title}", "", *compared(run(module, cases, until)), ""]
        verbs = chosen(growth.CASES, arguments)
        if verbs:
            text += ["### Growth", "", *grown(run("growth", verbs, until)), ""]
    took = dt.datetime.now(dt.UTC) - began
    where = "England and Wales" if material.real() else "squares (the real data were not there)"
    head = [
        f"Run on {began:%d %B %Y, %H:%M} UTC, in {took.seconds / 60:.0f} minutes; areas: {where}.",
        f"{machine()}. Load of the machine before the run: {busy:.1f}.",
        f"{versions()}.",
    ]
    made = "\n".join([*("\n\n".join(head)).split("\n"), "", *text]).rstrip()
    print(f"\n{made}")
    if arguments.write or not (arguments.quick or arguments.only):
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.split(BEGIN)[0], page.split(END)[1]
        PAGE.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{after}", encoding="utf-8")
        print(f"\nwritten to {PAGE}")


if __name__ == "__main__":
    main()
