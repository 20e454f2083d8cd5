"""The house, held by two rules that are read off the imports.

1. A room imports only rooms below it (`STOREYS`, bottom first: the way that the data take), and no
   file is part of a circle. Imports inside functions and imports for types count.
2. An inner room (`kernels`, `core` ...) is imported from its own room only.
"""

from __future__ import annotations

import ast
import operator
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import lsoahot

PACKAGE = Path(lsoahot.__file__).parent

# Rooms of one storey don't import one another.
STOREYS: list[set[str]] = [
    {"_version"},
    {"common"},
    {"records"},
    {"boundaries"},
    {"counting"},
    {"statistics"},
    {"plotting", "describe"},
    {"assessment"},
    {"cli"},
]
STOREY = {room: level for level, rooms in enumerate(STOREYS) for room in rooms}
INNER = {"fetch", "engines", "kernels", "core", "word"}


def module(path: Path) -> str:
    """Name a file as it is imported, without the package: "counting.rates"."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


FILES = {module(path): path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE}
FILES |= {name: PACKAGE / f"{name}.py" for name in ("cli", "_version")}


def imported(source: str, package: list[str], modules: set[str]) -> set[str]:
    """Return the modules of this package that a source file in `package` imports, wherever."""
    seen: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = package[: len(package) + 1 - node.level] if node.level else []
            stem = ".".join([*parents, *([node.module] if node.module else [])])
            names = [f"{stem}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top != "lsoahot":
                continue
            whole, parent = rest, rest.rpartition(".")[0]
            seen.add(whole if whole in modules else parent if parent in modules else "lsoahot")
    return seen


IMPORTS = {
    name: imported(
        path.read_text(encoding="utf-8"),
        ["lsoahot", *path.relative_to(PACKAGE).parts[:-1]],
        set(FILES),
    )
    - {name}
    for name, path in FILES.items()
}


def room(name: str) -> str:
    return name.partition(".")[0]


def test_a_room_imports_only_rooms_below_it() -> None:
    above = [
        f"{name} imports {other}, which stands above or beside it"
        for name, others in IMPORTS.items()
        for other in sorted(others)
        if other == "lsoahot"
        or (room(other) != room(name) and STOREY[room(other)] >= STOREY[room(name)])
    ]
    assert above == []
    assert len(FILES) > 100
    assert sum(map(len, IMPORTS.values())) > 500


def test_an_inner_room_is_imported_from_its_own_room_only() -> None:
    def inside(other: str) -> str | None:
        parts = other.split(".")
        depth = next((at for at, part in enumerate(parts) if part in INNER), None)
        return None if depth is None else ".".join(parts[:depth])

    inner = [
        (name, other, owner)
        for name, others in IMPORTS.items()
        for other in sorted(others)
        if (owner := inside(other)) is not None
    ]
    assert len(inner) > 50
    stray = [
        f"{name} imports {other} from outside its room"
        for name, other, owner in inner
        if not f"{name}.".startswith(f"{owner}.")
    ]
    assert stray == []


def test_no_circle_of_files() -> None:
    left = {name: set(others) for name, others in IMPORTS.items()}
    while left:
        free = {name for name, used in left.items() if not used & left.keys()}
        assert free, f"these import one another in a circle: {sorted(left)}"
        left = {name: used for name, used in left.items() if name not in free}


def test_no_two_files_of_one_name() -> None:
    names = Counter(path.name for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    assert [name for name, times in names.items() if times > 1] == []


def test_newcomers_are_shown_every_room() -> None:
    text = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = {room(name) for name in FILES} - {"_version"}
    assert len(rooms) <= 12
    assert {name for name in rooms if f"`{name}`" not in text} == set()


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("import lsoahot.counting.rates", {"counting.rates"}),
        ("from lsoahot.counting import joins, rates", {"counting.joins", "counting.rates"}),
        ("from lsoahot.counting.joins import join", {"counting.joins"}),
        ("from . import rates", {"counting.rates"}),
        ("from .rates import rate", {"counting.rates"}),
        ("def f():\n    from .rates import rate", {"counting.rates"}),
        ("if TYPE_CHECKING:\n    from .joins import join", {"counting.joins"}),
        ("from lsoahot import rate", {"lsoahot"}),
        ("import pandas\nfrom os import path", set()),
    ],
)
def test_the_reader_sees_every_form_of_import(source: str, seen: set[str]) -> None:
    modules = {"counting", "counting.joins", "counting.rates"}
    assert imported(source, ["lsoahot", "counting"], modules) == seen


def test_no_room_is_named_as_a_public_function() -> None:
    """`lsoahot.rate` must be the verb, whichever submodule was imported last."""
    assert not {room(name) for name in FILES} & set(lsoahot.__all__)


def test_every_public_name_is_there() -> None:
    missing = [name for name in lsoahot.__all__ if not hasattr(lsoahot, name)]
    assert len(lsoahot.__all__) > 90
    assert not missing


def test_import_brings_no_package_but_the_loader() -> None:
    """Every module loads with the first use of one of its names."""
    code = (
        "import sys\n"
        "before = {name.partition('.')[0] for name in sys.modules}\n"
        "import lsoahot\n"
        "after = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(after - before - sys.stdlib_module_names - {'lsoahot', 'lazy_loader'}))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_counting_brings_no_package_that_geopandas_has_not() -> None:
    """Heavy parts (matplotlib, scipy.stats, libpysal ...) load with the verb that uses them."""
    code = (
        "import sys, geopandas\n"
        "before = {name.partition('.')[0] for name in sys.modules}\n"
        "import lsoahot\n"
        "lsoahot.read_boundaries, lsoahot.read_dataset, lsoahot.count, lsoahot.rate\n"
        "lsoahot.find_hotspots, lsoahot.plot_rate, lsoahot.suppress, lsoahot.convert\n"
        "after = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(after - before - sys.stdlib_module_names - {'lsoahot', 'lazy_loader'}))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_names_are_listed_before_they_are_loaded() -> None:
    code = (
        "import sys, lsoahot\n"
        "assert set(lsoahot.__all__) <= set(dir(lsoahot))\n"
        "lsoahot.rate\n"
        "print(*sorted(name for name in sys.modules if name.startswith('lsoahot.')))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[1] for name in run.stdout.split()}
    assert "counting" in loaded
    assert not loaded & {"assessment", "plotting", "describe", "statistics"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="No lsoahot attribute hotspot"):
        operator.attrgetter("hotspot")(lsoahot)
