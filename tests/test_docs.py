"""The documentation is plain Markdown, short, leads somewhere, and every example in it runs."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest

from lsoahot.cli import _parser

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [path for path in DOCS if not {"generated", "tutorial", "_build"} & {*path.parts}]
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [*PAGES, ROOT / "README.md"]
}
CODE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
MOST_WORDS = 16_000


def blocks(text: str, language: str) -> list[str]:
    return [code for kind, code in CODE.findall(text) if kind == language]


def test_the_documentation_is_short() -> None:
    words = sum(len(text.split()) for name, text in TEXTS.items() if name.startswith("docs"))
    assert words < MOST_WORDS


@pytest.mark.parametrize("name", TEXTS)
def test_pages_are_plain_markdown(name: str) -> None:
    text = TEXTS[name]
    assert "```{" not in text, "a directive that a code host shows as it is"
    assert ":::" not in text
    assert not re.search(r"\{\w+\}`", text), "a role that a code host shows as it is"
    assert "[](" not in text, "a link without words"
    assert len(re.findall(r"^# ", CODE.sub("", text), re.MULTILINE)) == 1
    assert text.count("```") % 2 == 0


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name: str) -> None:
    here = (ROOT / name).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", CODE.sub("", TEXTS[name])):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, heading = target.partition("#")
        file = (here / path) if path else ROOT / name
        assert file.exists(), target
        if heading and file.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}
            assert heading in slugs, target


def test_every_page_can_be_reached_from_the_first_and_from_the_site() -> None:
    reached, waiting = set(), [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = re.findall(r"\]\(([^)#\s]+\.md)", page.read_text(encoding="utf-8"))
        waiting += [(page.parent / target).resolve() for target in targets if "://" not in target]
    assert {path.resolve() for path in PAGES} <= {path.resolve() for path in reached}
    listed = (ROOT / "docs" / "contents.rst").read_text(encoding="utf-8").split()
    names = [path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in PAGES]
    assert [name for name in names if name not in listed] == []


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if blocks(text, "python")])
def test_every_example_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a page run one after the other, beside the file that one of them reads."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ambulance-2022.csv").write_text(
        "LSOA,Call time,Nature,Outcome\nE01013790,01/02/2022 23:10,Assault,conveyed\n"
    )
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what the data are like is not the page's
        for number, code in enumerate(blocks(TEXTS[name], "python"), start=1):
            exec(compile(code, f"{name}, block {number}", "exec"), names)  # noqa: S102 - our own
    plt.close("all")
    assert "lh" in names


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if "lsoahot " in text])
def test_every_command_is_one(name: str) -> None:
    """Commands are read by the parser of the command line, and not run."""
    for code in blocks(TEXTS[name], "console"):
        for line in code.splitlines():
            command = line.split("#")[0].split("&&")[-1].strip()
            if command.startswith("lsoahot "):
                _parser().parse_args(command.split()[1:])


def test_the_site_is_built_by_the_line_that_the_first_page_gives() -> None:
    assert "python -m sphinx -b html docs site" in TEXTS["docs/index.md"]
    assert (ROOT / "docs" / "conf.py").is_file()
