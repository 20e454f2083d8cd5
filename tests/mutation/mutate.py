"""How many small changes to the library do its tests notice? Printed by module.

    python -m pip install coverage
    python tests/mutation/mutate.py --map                  # once: which tests run which lines
    python tests/mutation/mutate.py --each 8 --seed 1      # eight changes a module
    python tests/mutation/mutate.py --only statistics/trends --each 1000

A change ("mutant") is a comparison, an operator, a number, a condition or a statement altered in one
place of `statistics` or `counting`. It counts as noticed where a test that runs the line fails. The
changes that make no difference are listed in `equivalent.toml`, each with the reason, and count
neither way. Messages, annotations and docstrings are left alone. The same seed takes the same
changes. This is no part of CI: a run takes minutes to hours, on one processor. It forks: Unix only.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import signal
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "src" / "lsoahot"
ROOMS: Final = ("statistics", "counting")
TESTS: Final = ("tests/statistics", "tests/counting", "tests/relations")
MAP: Final = ROOT / ".mutation_cache" / "map.json"
AT_LEAST: Final = 0.92
SECONDS: Final = 90  # after which a change is taken for an endless loop, and so for noticed
MOST_TESTS: Final = 60  # of those that run a line, the quickest

COMPARISONS: Final = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"),
}  # fmt: skip
OPERATORS: Final = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"), ast.Mod: ("%", "*"), ast.Pow: ("**", "*"),
    ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&"), ast.And: ("and", "or"), ast.Or: ("or", "and"),
}  # fmt: skip
NAMES: Final = {
    "min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum",
    "maximum": "minimum", "nanmin": "nanmax", "nanmax": "nanmin", "isna": "notna",
    "notna": "isna", "argmin": "argmax", "argmax": "argmin",
}  # fmt: skip


class Mutant(NamedTuple):
    """One change to one file: bytes ``start:end`` become ``after``."""

    module: str
    line: int
    start: int
    end: int
    after: str

    def shown(self, source: bytes) -> tuple[str, str]:
        """Return the line before and after."""
        begin = source.rfind(b"\n", 0, self.start) + 1
        stop = source.find(b"\n", self.end)
        changed = source[begin : self.start] + self.after.encode() + source[self.end : stop]
        return source[begin:stop].decode().strip(), changed.decode().strip()


def modules(only: str | None) -> dict[str, Path]:
    """Return the files to change, by their names: "statistics/trends"."""
    paths = (path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py")))
    names = {path.relative_to(PACKAGE).with_suffix("").as_posix(): path for path in paths}
    return {name: path for name, path in names.items() if (only or "") in name}


def mutants(module: str, source: bytes) -> list[Mutant]:  # noqa: C901, PLR0915 - one grammar
    """List every change that can be made to a file, in the order of the file."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found: list[Mutant] = []

    def place(line: int, column: int) -> int:
        return starts[line - 1] + column

    def span(node: Any) -> tuple[int, int]:
        return place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)

    def add(line: int, start: int, end: int, after: str) -> None:
        found.append(Mutant(module, line, start, end, after))

    def between(left: Any, right: Any, operator: ast.AST) -> None:
        before, after = (COMPARISONS | OPERATORS)[type(operator)]
        start, end = span(left)[1], span(right)[0]
        at = source.find(before.encode(), start, end)
        if at >= 0:
            add(left.end_lineno, at, at + len(before), after)

    def visit(node: ast.AST, *, docstring: bool = False) -> None:  # noqa: C901, PLR0911, PLR0912
        match node:
            case ast.Raise() | ast.JoinedStr() | ast.Import() | ast.ImportFrom() | ast.Assert():
                return
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                return
            case ast.Call(func=ast.Attribute(attr="warn" | "nearest" | "shown")):
                return
            case ast.Expr(value=ast.Constant()) if docstring:
                return
            case ast.AnnAssign():
                if node.value is not None:
                    visit(node.value)
                return
            case ast.FunctionDef():
                for default in (*node.args.defaults, *node.args.kw_defaults):
                    if default is not None:
                        visit(default)
                for place_in, child in enumerate(node.body):
                    visit(child, docstring=place_in == 0)
                return
            case ast.keyword(arg="stacklevel" | "strict" | "kind" | "copy"):
                return
            case ast.Compare():
                for left, right, operator in zip(
                    [node.left, *node.comparators], node.comparators, node.ops, strict=False
                ):
                    between(left, right, operator)
            case ast.BinOp(op=operator) if type(operator) in OPERATORS:
                between(node.left, node.right, operator)
            case ast.BoolOp():
                for left, right in zip(node.values, node.values[1:], strict=False):
                    between(left, right, node.op)
            case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub()):
                sign = 4 if isinstance(node.op, ast.Not) else 1  # "not " or one letter
                add(node.lineno, span(node)[0], span(node)[0] + sign, "")
            case ast.Constant(value=bool()):
                add(node.lineno, *span(node), str(not node.value))
            case ast.Constant(value=int()):
                add(node.lineno, *span(node), str(node.value + 1))
            case ast.Constant(value=float()):
                add(node.lineno, *span(node), repr(node.value * 1.1 + 0.01))
            case ast.Constant(value="left" | "right"):
                add(node.lineno, *span(node), '"right"' if node.value == "left" else '"left"')
            case ast.Attribute() if node.attr in NAMES:
                end = span(node)[1]
                add(node.end_lineno, end - len(node.attr), end, NAMES[node.attr])
            case ast.Name() if node.id in NAMES:
                add(node.lineno, *span(node), NAMES[node.id])
            case ast.If() | ast.IfExp() | ast.While():
                for word in ("False",) if isinstance(node, ast.While) else ("True", "False"):
                    add(node.test.lineno, *span(node.test), word)
            case ast.AugAssign() | ast.Expr(value=ast.Call()):
                is_warning = isinstance(node, ast.Expr) and "warn(" in ast.unparse(node)[:16]
                if not is_warning:
                    add(node.lineno, *span(node), "pass")
        for child in ast.iter_child_nodes(node):
            visit(child, docstring=isinstance(node, ast.Module | ast.ClassDef))

    visit(ast.parse(source))
    return sorted(set(found), key=lambda mutant: (mutant.start, mutant.end, mutant.after))


# --- which tests run which lines ------------------------------------------------------------------


class Watch:
    """Tell coverage which test is running, and keep how long it took."""

    def __init__(self, coverage: Any) -> None:
        self.coverage = coverage
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.coverage.switch_context(item.nodeid)
        begun = time.perf_counter()
        result = yield
        self.seconds[item.nodeid] = time.perf_counter() - begun
        self.coverage.switch_context("")
        return result


def make_map() -> None:
    """Run the tests once and keep, by file and line, the tests that ran it."""
    from coverage import Coverage

    MAP.parent.mkdir(exist_ok=True)
    coverage = Coverage(
        data_file=str(MAP.with_suffix(".coverage")), source=[str(PACKAGE)], config_file=False
    )
    watch = Watch(coverage)
    coverage.erase()
    coverage.start()
    code = pytest.main(
        ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--deselect",
         "tests/counting/test_clusters.py", *TESTS, *(f"src/lsoahot/{room}" for room in ROOMS)],
        plugins=[watch],
    )  # fmt: skip
    coverage.stop()
    if code not in (0, 1):
        raise SystemExit(f"pytest ended with {code}: nothing can be measured with broken tests.")
    data = coverage.get_data()
    lines: dict[str, dict[int, list[str]]] = {}
    for name, path in modules(None).items():
        ran = data.contexts_by_lineno(str(path))
        lines[name] = {line: sorted(filter(None, tests)) for line, tests in ran.items()}
    MAP.write_text(json.dumps({"seconds": watch.seconds, "lines": lines}), encoding="utf-8")


def tests_of(mutant: Mutant, known: dict[str, Any]) -> list[str]:
    """Return the quickest tests that run a line; for what runs on import, those of the file."""
    lines = known["lines"].get(mutant.module, {})
    tests = lines.get(str(mutant.line)) or []
    if not tests and str(mutant.line) in lines:
        tests = sorted({test for every in lines.values() for test in every})
    return sorted(tests, key=lambda test: known["seconds"].get(test, 0.0))[:MOST_TESTS]


# --- one change -----------------------------------------------------------------------------------


class Changed(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Import one module from a changed source."""

    def __init__(self, fullname: str, path: Path, source: bytes) -> None:
        super().__init__(fullname, str(path))
        self.source = source

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> Any:
        del path, target
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_code(self, fullname: str) -> Any:
        del fullname
        return compile(self.source, self.path, "exec", dont_inherit=True)


def noticed(mutant: Mutant, path: Path, source: bytes, tests: list[str]) -> bool:
    """Run the tests on the changed library in a process of its own."""
    changed = source[: mutant.start] + mutant.after.encode() + source[mutant.end :]
    child = os.fork()
    if child == 0:
        os.setpgrp()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        sys.meta_path.insert(
            0, Changed("lsoahot." + mutant.module.replace("/", "."), path, changed)
        )
        code = pytest.main(
            [
                "-x",
                "-q",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:xdist",
                "-p",
                "no:faulthandler",
                *tests,
            ]
        )
        os._exit(0 if code == 0 else 1)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def preload() -> None:
    """Import what every child needs, but nothing of this library, nor what pytest rewrites."""
    import geopandas  # noqa: F401
    import libpysal.graph  # noqa: F401
    import scipy.optimize
    import scipy.sparse
    import scipy.stats  # noqa: F401

    if any(name == "lsoahot" or name.startswith("lsoahot.") for name in sys.modules):
        raise SystemExit("lsoahot is imported already, so that no change to it would be seen.")


def main() -> None:
    """Change, test, and print the score by module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--map", action="store_true", help="find out which tests run which lines")
    parser.add_argument("--only", help="modules whose names hold this: statistics/trends")
    parser.add_argument("--each", type=int, default=8, help="changes a module: %(default)s")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.chdir(ROOT)
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = tempfile.mkdtemp()
    if options.map:
        make_map()
        return
    known = json.loads(MAP.read_text(encoding="utf-8"))
    listed = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text(encoding="utf-8"))
    same = {(one["module"], one["before"], one["after"]) for one in listed["equivalent"]}
    preload()
    score: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for name, path in modules(options.only).items():
        source = path.read_bytes()
        every = mutants(name, source)
        chosen = random.Random(f"{options.seed} {name}").sample(  # noqa: S311
            every, min(options.each, len(every))
        )
        every_test = sorted({test for mutant in chosen for test in tests_of(mutant, known)})
        nothing = Mutant(name, 1, 0, 0, "")
        if every_test and noticed(nothing, path, source, every_test[:MOST_TESTS]):
            raise SystemExit(f"{name}: tests fail without any change. Mend them, or --map again.")
        for mutant in sorted(chosen):
            before, after = mutant.shown(source)
            if (name, before, after) in same:
                score[name][2] += 1
                continue
            tests = tests_of(mutant, known)
            killed = bool(tests) and noticed(mutant, path, source, tests)
            score[name][0 if killed else 1] += 1
            if not killed:
                print(f"{name}:{mutant.line} ({len(tests)} tests)\n  - {before}\n  + {after}",
                      flush=True)  # fmt: skip
    print(f"\n{'module':45} noticed  not  alike  share")
    for name, (killed, lived, alike) in score.items():
        share = killed / max(killed + lived, 1)
        print(f"{name:45} {killed:7} {lived:4} {alike:6} {share:6.0%}")
    killed, lived = (sum(one[i] for one in score.values()) for i in (0, 1))
    print(f"\n{killed} of {killed + lived} noticed: {killed / max(killed + lived, 1):.1%}")
    raise SystemExit(0 if killed >= AT_LEAST * (killed + lived) else 1)


if __name__ == "__main__":
    main()
