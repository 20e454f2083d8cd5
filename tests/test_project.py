"""The project around the library keeps its promises: the pins, the README, the reference."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import lsoahot

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def requirements(lines: list[str], sign: str) -> dict[str, tuple[int, ...]]:
    """Read `name>=1.2` or `name==1.2.0` as {name: (1, 2)}, without trailing zeros."""
    found = {}
    for line in lines:
        name, _, version = line.partition(sign)
        numbers = [int(part) for part in version.strip().split(".")]
        while numbers and not numbers[-1]:
            numbers.pop()
        found[name.strip()] = tuple(numbers)
    return found


def test_oldest_pins_are_the_declared_lower_bounds() -> None:
    text = (ROOT / ".ci" / "oldest.txt").read_text(encoding="utf-8")
    pins = [line for line in text.splitlines() if "==" in line and line[0] != "#"]
    assert requirements(pins, "==") == requirements(PROJECT["dependencies"], ">=")


def test_readme_gives_the_two_commands() -> None:
    lines = README.splitlines()
    assert "python -m pip install -e . && lsoahot demo" in lines
    assert 'python -m pip install -e ".[test]" && pytest' in lines


def test_readme_code_runs_and_prints_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)  # noqa: S102 - our own text
    (shown,) = re.findall(r"^```text\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    printed = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
    assert shown.strip("\n") in printed
    assert max(map(len, shown.splitlines())) <= 80


def test_readme_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", README)
    local = {path for pair in targets for path in pair if path and "://" not in path}
    assert local
    assert not [path for path in local if not (ROOT / path).exists()]


def test_every_public_name_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    listed = re.findall(r"^   (\w+)$", page, flags=re.MULTILINE)
    assert sorted(listed) == sorted(lsoahot.__all__), "bring docs/reference/api.md up to date"


def test_changelog_has_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {lsoahot.__version__}" in text


def test_the_citation_has_the_version() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {lsoahot.__version__}\n" in text


def test_a_column_of_counts_or_people_is_named_and_neighbours_stand_second() -> None:
    """Of all public functions: `count=`, `population=` by keyword only; `graph` by keyword or second."""
    verbs = {name: getattr(lsoahot, name) for name in lsoahot.__all__}
    verbs = {name: verb for name, verb in verbs.items() if inspect.isfunction(verb)}
    met = {"count": 0, "population": 0, "graph": 0}
    for name, verb in verbs.items():
        for at, one in enumerate(inspect.signature(verb).parameters.values()):
            if one.name in met:
                met[one.name] += 1
                second = one.name == "graph" and at == 1
                assert second or one.kind is one.KEYWORD_ONLY, f"{name}: {one.name}"
    assert min(met.values()) > 5
