"""The mutation tester changes what it should, and what it changed is what is imported."""

from __future__ import annotations

import ast
import importlib.util
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

SPEC = importlib.util.spec_from_file_location("mutate", Path(__file__).parent / "mutate.py")
assert SPEC is not None
assert SPEC.loader is not None
mutate = importlib.util.module_from_spec(SPEC)
sys.modules["mutate"] = mutate
SPEC.loader.exec_module(mutate)

SOURCE = b'''"""A docstring of 3 < 4."""

LIMIT: float = 0.5


def clipped(values: list[int], least: int = 1) -> list[int]:
    """Another, 5 > 4."""
    if not values:
        raise ValueError(f"{len(values) + 1} is none")
    total = 0
    total += least
    return [max(one, least) for one in values if one >= least and one != 7]
'''


def test_every_kind_of_change_is_made_once_and_messages_are_left_alone() -> None:
    found = [one.shown(SOURCE) for one in mutate.mutants("statistics/x", SOURCE)]
    assert len(found) == len(set(found))
    after = [new for _, new in found]
    assert "LIMIT: float = 0.56" in after
    assert "if values:" in after
    assert "if True:" in after
    assert "if False:" in after
    assert "pass" in after
    last = "return [max(one, least) for one in values if one >= least and one != 7]"
    assert {new for old, new in found if old == last} == {
        last.replace("max", "min"), last.replace(">=", ">"), last.replace("and", "or"),
        last.replace("!=", "=="), last.replace("7", "8"),
    }  # fmt: skip
    assert not any('"""' in old or "raise" in old for old, _ in found)
    for one in mutate.mutants("statistics/x", SOURCE):
        changed = SOURCE[: one.start] + one.after.encode() + SOURCE[one.end :]
        ast.parse(changed)


def test_everybody_sees_the_changed_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """A constant, a function and its default, also where another module or a table holds them."""
    source = "ANSWER = 42\nOTHER = 7\n\ndef plus(x, more=1):\n    return ANSWER + x + more\n"
    module, user = ModuleType("some_module_of_mine"), ModuleType("some_user_of_it")
    for one in (module, user):
        monkeypatch.setitem(sys.modules, one.__name__, one)
    exec(source, vars(module))  # noqa: S102 - the lines above
    imported = {name: vars(module)[name] for name in ("ANSWER", "OTHER", "plus")}
    vars(user).update(imported, TABLE={"plus": module.plus}, SEVEN=7)
    changed = source.replace("42", "43").replace("+ x", "- x").replace("more=1", "more=2")
    mutate.change(module, changed.encode())
    assert (module.ANSWER, user.ANSWER, user.OTHER, user.SEVEN) == (43, 43, 7, 7)
    assert module.plus(5) == user.plus(5) == user.TABLE["plus"](5) == 43 - 5 + 2


def test_every_file_of_the_rooms_can_be_changed_and_still_be_read() -> None:
    files = mutate.modules(None)
    assert len(files) > 40
    total = 0
    for name, path in files.items():
        source = path.read_bytes()
        every = mutate.mutants(name, source)
        total += len(every)
        for one in every[::25]:
            ast.parse(source[: one.start] + one.after.encode() + source[one.end :])
    assert total > 3000


def test_every_change_that_is_called_alike_can_still_be_made_and_has_its_reason() -> None:
    text = (Path(__file__).parent / "equivalent.toml").read_text(encoding="utf-8")
    listed = tomllib.loads(text)["equivalent"]
    assert len(listed) > 20
    assert all(len(one["why"]) > 5 for one in listed)
    made = {}
    for name, path in mutate.modules(None).items():
        source = path.read_bytes()
        made[name] = {one.shown(source) for one in mutate.mutants(name, source)}
    stale = [one for one in listed if (one["before"], one["after"]) not in made[one["module"]]]
    assert stale == []


def test_what_stands_outside_functions_is_tried_on_the_tests_that_use_it() -> None:
    """Whichever test imports the module first runs these lines, and may use none of them."""
    known = {
        "seconds": {"first": 0.1, "uses": 0.2, "else": 0.3},
        "lines": {"statistics/x": {"3": ["first"], "6": ["first"], "10": ["uses"], "12": ["else"]}},
    }
    source = SOURCE.replace(b"total = 0", b"total = LIMIT")
    found = {one.line: one for one in mutate.mutants("statistics/x", source)}
    assert mutate.tests_of(found[3], known, source) == ["first", "uses"]
    assert mutate.tests_of(found[6], known, source) == ["first", "uses", "else"]
    assert mutate.tests_of(found[12], known, source) == ["else"]
    known["lines"]["statistics/x"]["12"] += ["uses", "test_x.py::slow"]
    known["seconds"]["test_x.py::slow"] = 9.0
    assert mutate.tests_of(found[12], known, source) == ["test_x.py::slow", "uses", "else"]
