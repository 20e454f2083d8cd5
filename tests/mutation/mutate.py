"""How many small changes to the library do its tests notice? Printed by module.

    python -m pip install coverage
    python tests/mutation/mutate.py --map                  # once: which tests run which lines
    python tests/mutation/mutate.py --map tests/statistics/test_new.py    # add some
    python tests/mutation/mutate.py --each 8 --seed 1      # eight changes a module
    python tests/mutation/mutate.py --only statistics/trends --each 1000

A change ("mutant") is a comparison, an operator, a number, a condition or a statement altered in one
place of `statistics` or `counting`. It counts as noticed where a test that runs the line fails. The
changes that make no difference are listed in `equivalent.toml`, each with the reason, and count
neither way. Messages, annotations and docstrings are left alone. The same seed takes the same
changes. This is no part of CI: a run takes minutes to hours, on one processor. The tests are
collected once; each change is made in a fork of that process: Unix only.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import os
import random
import re
import signal
import sys
import tempfile
import time
import tomllib
from itertools import accumulate
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "src" / "lsoahot"
ROOMS: Final = ("statistics", "counting")
TESTS: Final = (
    "tests/statistics", "tests/counting", "tests/relations", *(f"src/lsoahot/{one}" for one in ROOMS),
    "--deselect=tests/counting/test_clusters.py",
)  # fmt: skip
QUIETLY: Final = ("-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:faulthandler")
MAP: Final = ROOT / ".mutation_cache" / "map.json"
AT_LEAST: Final = 0.92
SECONDS: Final = 60  # beside thrice what its tests take: then a change is taken for an endless loop
MOST_TESTS: Final = 60  # of those that run a line: the module's own, then the quickest
LONGEST: Final = 120  # seconds of tests, as the map knows them, after which no more are tried

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


def make_map(paths: list[str]) -> None:
    """Run tests once and keep, by file and line, those that ran it; add some to what is known."""
    from coverage import Coverage

    MAP.parent.mkdir(exist_ok=True)
    coverage = Coverage(
        data_file=str(MAP.with_suffix(".coverage")), source=[str(PACKAGE)], config_file=False
    )
    watch = Watch(coverage)
    coverage.erase()
    coverage.start()
    code = pytest.main([*QUIETLY, *(paths or TESTS)], plugins=[watch])
    coverage.stop()
    if code not in (0, 1):
        raise SystemExit(f"pytest ended with {code}: nothing can be measured with broken tests.")
    data = coverage.get_data()
    known = {"seconds": {}, "lines": {}}
    if paths and MAP.exists():
        known = json.loads(MAP.read_text(encoding="utf-8"))
    known["seconds"] |= watch.seconds
    for name, path in modules(None).items():
        lines = known["lines"].setdefault(name, {})
        for line, tests in data.contexts_by_lineno(str(path)).items():
            lines[str(line)] = sorted({*lines.get(str(line), []), *filter(None, tests)})
    MAP.write_text(json.dumps(known), encoding="utf-8")


def tests_of(mutant: Mutant, known: dict[str, Any], source: bytes) -> list[str]:
    """Return tests that run a line: the module's own, then the quickest.

    Of a constant, those that run a line with its name.

    What stands outside functions is run by whichever test imports the module first.
    """
    lines = known["lines"].get(mutant.module, {})
    tests = lines.get(str(mutant.line)) or []
    tree = ast.parse(source)
    inside = any(
        node.body[0].lineno <= mutant.line <= (node.end_lineno or 0)
        for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
    )  # fmt: skip
    if not inside and str(mutant.line) in lines:
        text = source.decode().splitlines()
        name = re.match(r"\s*([A-Za-z_]\w*)", text[mutant.line - 1])
        used = [
            line for line, one in enumerate(text, 1)
            if name and re.search(rf"\b{name[1]}\b", one)
        ]  # fmt: skip
        if name and name[1] == "def":  # a default: those that run the function
            used = [line for node in tree.body if node.lineno <= mutant.line <= (node.end_lineno or 0)
                    for line in range(mutant.line + 1, (node.end_lineno or 0) + 1)]  # fmt: skip
        found = {test for line in used for test in lines.get(str(line), [])}
        tests = sorted(
            found.union(tests) if found else {t for every in lines.values() for t in every}
        )
    seconds = {test: known["seconds"].get(test, 0.0) for test in tests}
    own = f"test_{mutant.module.rpartition('/')[2]}.py"
    tests = sorted(tests, key=lambda test: (own not in test, seconds[test]))[:MOST_TESTS]
    sums = accumulate(seconds[test] for test in tests)
    return [test for test, so_far in zip(tests, sums, strict=True) if so_far <= LONGEST]


# --- one change -----------------------------------------------------------------------------------


def change(module: ModuleType, source: bytes) -> None:
    """Run a changed source in a module that is imported, and have all others see what it makes."""
    before = dict(vars(module))
    code = compile(source, str(getattr(module, "__file__", "changed")), "exec", dont_inherit=True)
    exec(code, vars(module))  # noqa: S102 - the library's own, changed
    made = {name: value for name, value in vars(module).items() if value is not before.get(name)}
    for name, new in made.items():
        old = before.get(name)
        if isinstance(old, FunctionType) and isinstance(new, FunctionType):
            # Tables and parameters of tests hold the old one.
            old.__code__, old.__defaults__ = new.__code__, new.__defaults__
            old.__kwdefaults__ = new.__kwdefaults__
        for other in list(sys.modules.values()):
            if getattr(other, "__dict__", {}).get(name, other) is old is not None:
                setattr(other, name, new)


def first_to_fail(
    session: pytest.Session,
    tests: list[pytest.Item],
    module: str,
    source: bytes | None,
    limit: float = SECONDS,
) -> str | None:
    """Run tests on a changed library in a process of its own; name the first that fails.

    "" where the process ends otherwise, or doesn't end, which is told.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setpgrp()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            if source is not None:
                name = "lsoahot." + module.replace("/", ".")
                change(importlib.import_module(name), source)
            for item, after in zip(tests, [*tests[1:], None], strict=True):
                session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if session.testsfailed:
                    os.write(writing, item.nodeid.encode())
                    os._exit(1)
            os._exit(0)
        finally:  # also where it can't even be imported
            os._exit(1)
    os.close(writing)
    until = time.monotonic() + limit
    done, status = 0, 1
    while not done and time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        time.sleep(0.01)
    if not done:
        print(f"{module}: taken for noticed, no end in {limit:.0f} s", flush=True)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
    with os.fdopen(reading) as end:
        named = end.read()
    return named if status or not done else None


class Mutate:
    """In the place of running the tests: change, run those that may notice, and keep the score."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.known = json.loads(MAP.read_text(encoding="utf-8"))
        text = (Path(__file__).parent / "equivalent.toml").read_text(encoding="utf-8")
        self.alike = {
            (one["module"], one["before"], one["after"])
            for one in tomllib.loads(text)["equivalent"]
        }
        self.score: dict[str, list[int]] = {}  # noticed, not, alike

        self.sound: set[str] = set()  # tests that pass in a fork where nothing is changed

    def noticed(
        self, session: pytest.Session, tests: list[pytest.Item], module: str, source: bytes
    ) -> bool:
        """Tell whether a test fails that passes without the change."""
        while tests:
            seconds = sum(self.known["seconds"].get(item.nodeid, 0.0) for item in tests)
            limit = SECONDS + 3 * seconds
            name = first_to_fail(session, tests, module, source, limit)
            if name is None:
                return False
            alone = [item for item in tests if item.nodeid == name]
            if (
                not alone
                or name in self.sound
                or not first_to_fail(session, alone, module, None, limit)
            ):
                self.sound.add(name)
                return True
            print(f"{name} fails without a change", flush=True)
            tests = [item for item in tests if item.nodeid != name]
        return False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise pytest.UsageError("some tests can't be collected, and so nothing be measured.")
        items = {item.nodeid: item for item in session.items}
        for name, path in modules(self.options.only).items():
            score = self.score[name] = [0, 0, 0]
            source = path.read_bytes()
            every = mutants(name, source)
            chosen = random.Random(f"{self.options.seed} {name}").sample(  # noqa: S311
                every, min(self.options.each, len(every))
            )
            for one in sorted(chosen):
                before, after = one.shown(source)
                if (name, before, after) in self.alike:
                    score[2] += 1
                    continue
                tests = [items[test] for test in tests_of(one, self.known, source) if test in items]
                changed = source[: one.start] + one.after.encode() + source[one.end :]
                killed = self.noticed(session, tests, name, changed)
                score[0 if killed else 1] += 1
                if not killed:
                    print(f"{name}:{one.line} ({len(tests)} tests)\n  - {before}\n  + {after}",
                          flush=True)  # fmt: skip
            print(f"{name}: {score}", flush=True)
        return True

    def table(self) -> str:
        """Return the score by module, by room and of all."""
        rows = {name: score for name, score in self.score.items() if sum(score)}
        for room in (*ROOMS, ""):
            inside = [score for name, score in self.score.items() if name.startswith(room)]
            if inside:
                rows[room or "together"] = [sum(column) for column in zip(*inside, strict=True)]
        return "\n".join([
            "| module | noticed | not | alike | share |", "|---|---|---|---|---|",
            *(f"| {name} | {killed} | {lived} | {alike} | {killed / max(killed + lived, 1):.0%} |"
              for name, (killed, lived, alike) in rows.items()),
        ])  # fmt: skip


def main() -> None:
    """Change, test, and print the score by module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--map", nargs="*", metavar="TESTS",
        help="find out which tests run which lines; of these tests alone, and keep what is known",
    )  # fmt: skip
    parser.add_argument("--only", help="modules whose names hold this: statistics/trends")
    parser.add_argument("--each", type=int, default=8, help="changes a module: %(default)s")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.chdir(ROOT)
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = tempfile.mkdtemp()
    if options.map is not None:
        make_map(options.map)
        return
    mutate = Mutate(options)
    lines = [mutate.known["lines"].get(name, {}) for name in modules(options.only)]
    named = {test.split("::")[0] for every in lines for tests in every.values() for test in tests}
    # A file of the library, when named, is searched for tests, and `local_tests` is none.
    rooms = {name.rpartition("/")[0] if name.startswith("src") else name for name in named}
    pytest.main(
        [*QUIETLY, *(name for name in sorted(rooms) if Path(name).exists())], plugins=[mutate]
    )
    print(mutate.table())
    killed, lived, _ = (sum(column) for column in zip(*mutate.score.values(), strict=True))
    raise SystemExit(0 if killed >= AT_LEAST * (killed + lived) else 1)


if __name__ == "__main__":
    main()
