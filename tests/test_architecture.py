"""The picture of the house, held by reading the imports.

    cli                                  the command line: may use everything
    assessments, dashboards, pages ...   whole products: may use every verb
    boundaries, joins, rates, maps ...   the verbs: never import one another; they meet in columns
    _checks, _labels, _statistics ...    private leaves and rooms: import no verb

A verb module that needs another verb's result takes it as a column or an argument. The few
exceptions stand in `MAY_USE`, each with its reason; a new row there is a decision, not a repair.
"""

from __future__ import annotations

import ast
import operator
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import lsoahot

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(lsoahot.__file__).parent
ROOT = "lsoahot"  # the package itself, by `from lsoahot import rate`

# Whole products, above the verbs. They may use any verb, and the products named beside them.
PRODUCTS: dict[str, set[str]] = {
    "pages": set(),
    "atlases": {"pages"},
    "series": set(),
    "dashboards": set(),
    "config": set(),
    "workbooks": set(),
    "_publishing": {  # writes what was assessed
        "atlases",
        "config",
        "dashboards",
        "pages",
        "series",
        "workbooks",
    },
    "verification": {"config", "_publishing"},
    "rehearsals": {"config", "_publishing", "_assessing", "_document"},
    "_assessing": set(),  # the steps, which the assessment and its rehearsal take
    "_document": {"pages"},  # the report that is written of what was assessed
    "_drafting": set(),  # follows an assessment's records over the years, to know what is true
    "drafts": set(),
    "assessments": {"config", "dashboards", "pages", "atlases"},
    "documents": {"assessments"},
    "cli": {
        "config",
        "dashboards",
        "pages",
        "atlases",
        "assessments",
        "documents",
        "drafts",
        "verification",
        "rehearsals",
    },
}

# The exceptions among the verbs and the leaves.
MAY_USE: dict[str, set[str]] = {
    "hotspots": {"neighbours"},  # neighbours are contiguity unless the caller brings a graph
    "emerging": {"neighbours"},
    "autocorrelation": {"neighbours"},
    "choosing": {"hotspots", "neighbours", "risk"},  # runs the test that suits the data
    "records": {"datasets"},  # "crime" names a specification
}


def room(path: Path) -> str:
    """Name a file's room: "rates" for rates.py, "datasets" for datasets/crime.py."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Walk the nodes that run: what stands under `if TYPE_CHECKING` only names types."""
    yield node
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    for child in ast.iter_child_nodes(node):
        yield from running(child)


def rooms_imported(source: str, package: str, rooms: set[str]) -> set[str]:
    """Return the rooms that a source file of `package` imports, at its top or inside a function."""
    found: set[str] = set()
    for node in running(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")
            parents = above[: len(above) + 1 - node.level] if node.level else []
            stem = ".".join([*parents, *([node.module] if node.module else [])])
            modules = [f"{stem}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in modules:
            top, _, rest = module.partition(".")
            if top == "lsoahot":
                first = rest.partition(".")[0]
                if first != "__version__":  # anyone may print it
                    found.add(first if first in rooms else ROOT)
    return found


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]
ROOMS = {room(path) for path in FILES}


def uses(path: Path) -> set[str]:
    package = ".".join(["lsoahot", *path.relative_to(PACKAGE).parts[:-1]])
    return rooms_imported(path.read_text(encoding="utf-8"), package, ROOMS) - {room(path)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_downwards(path: Path) -> None:
    here = room(path)
    others = {name for name in uses(path) if not name.startswith("_")}
    stray = others - MAY_USE.get(here, set())
    if here in PRODUCTS:
        above = others & (PRODUCTS.keys() - PRODUCTS[here])
        assert not above, f"{path.name} imports {sorted(above)}, which stand above or beside it"
    elif here.startswith("_"):
        assert not stray, f"{path.name} is a private leaf, and imports {sorted(stray)}"
    else:
        assert not stray, (
            f"{path.name} imports {sorted(stray)}, but verbs meet in columns: "
            "take the result as a column or an argument. CONTRIBUTING.md shows the picture."
        )


def test_no_exception_has_outlived_its_use() -> None:
    used: dict[str, set[str]] = {name: set() for name in ROOMS}
    for path in FILES:
        used[room(path)] |= uses(path)
    assert PRODUCTS.keys() | MAY_USE.keys() <= ROOMS
    unused = {name: allowed - used[name] for name, allowed in MAY_USE.items()}
    assert not any(unused.values()), unused


def test_newcomers_are_shown_every_room() -> None:
    text = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert {name for name in ROOMS if f"`{name}`" not in text} == set()


def test_no_ring_of_imports() -> None:
    left: dict[str, set[str]] = {name: set() for name in ROOMS}
    for path in FILES:
        left[room(path)] |= uses(path)
    while left:
        free = {name for name, used in left.items() if not used & left.keys()}
        assert free, f"these import one another in a ring: {sorted(left)}"
        left = {name: used for name, used in left.items() if name not in free}


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("import lsoahot.rates", {"rates"}),
        ("import lsoahot.datasets.crime as crime", {"datasets"}),
        ("from lsoahot import joins, maps", {"joins", "maps"}),
        ("from lsoahot.joins import count", {"joins"}),
        ("from . import rates", {"rates"}),
        ("from .rates import rate", {"rates"}),
        ("def f():\n    from .maps import plot_rate", {"maps"}),
        ("from lsoahot import rate", {ROOT}),
        ("from lsoahot import __version__", set()),
        ("if TYPE_CHECKING:\n    from .maps import Plot", set()),
        ("import pandas\nfrom os import path", set()),
    ],
)
def test_the_reader_sees_every_form_of_import(source: str, seen: set[str]) -> None:
    rooms = {"datasets", "joins", "maps", "rates"}
    assert rooms_imported(source, "lsoahot", rooms) == seen


def test_the_reader_climbs_out_of_a_folder() -> None:
    rooms = {"datasets", "joins"}
    assert rooms_imported("from ..joins import count", "lsoahot.datasets", rooms) == {"joins"}
    assert rooms_imported("from .crime import CRIME", "lsoahot.datasets", rooms) == {"datasets"}


def test_no_module_is_named_as_a_public_function() -> None:
    """`lsoahot.rate` must be the verb, whichever submodule was imported last."""
    assert not ROOMS & set(lsoahot.__all__)


def test_every_public_name_is_there() -> None:
    missing = [name for name in lsoahot.__all__ if not hasattr(lsoahot, name)]
    assert not missing


def test_import_brings_no_package_that_geopandas_has_not() -> None:
    """Heavy parts (matplotlib, scipy.stats, libpysal ...) load with the verb that uses them."""
    code = (
        "import sys, geopandas\n"
        "before = {name.partition('.')[0] for name in sys.modules}\n"
        "import lsoahot\n"
        "after = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(after - before - sys.stdlib_module_names - {'lsoahot'}))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_products_are_loaded_when_asked_for_and_listed_before() -> None:
    code = (
        "import sys, lsoahot\n"
        "assert set(lsoahot.__all__) <= set(dir(lsoahot))\n"
        "print(*sorted(name for name in sys.modules if name.startswith('lsoahot.')))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[1] for name in run.stdout.split()}
    assert "rates" in loaded
    assert not loaded & {*PRODUCTS, "_document", "_drafting", "_dashboard", "_workbook", "_prose"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'lsoahot' has no attribute 'hotspot'"):
        operator.attrgetter("hotspot")(lsoahot)
