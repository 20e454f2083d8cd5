"""The command line: ``lsoahot demo``, ``init``, ``assess``, ``verify``, ``check``, ``fetch``."""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import sys
import textwrap
import warnings
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsoahot.common.progress import begin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsoahot.assessment.result import Assessment

FAILED = 2
# Tables and drawings are made of many objects that live long: looking for circles among them after
# every 700 new ones, as Python does, took a tenth of a run's time.
COLLECT_AFTER = 50_000
LOADING = "Loading the libraries"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, or 2 with a message on what to mend."""
    gc.set_threshold(COLLECT_AFTER, 20, 50)
    # All memory is given back at the end: to look for circles in it before takes half a second.
    atexit.register(gc.freeze)
    arguments = _parser().parse_args(argv)
    if hasattr(sys.stdout, "reconfigure"):  # a Windows console may lack a letter: show "?"
        sys.stdout.reconfigure(errors="replace")
    try:
        with _notes():
            arguments.run(arguments)
    except KeyboardInterrupt:
        return _fail("stopped. Nothing half-written was left behind.")
    except Exception as problem:
        if os.environ.get("LSOAHOT_TRACEBACK"):
            raise
        if isinstance(problem, OSError):
            from lsoahot.common.files import explained

            return _fail(explained(problem))
        if isinstance(problem, (ValueError, TypeError, ImportError)):
            return _fail(str(problem))
        return _fail(
            f"an error that lsoahot did not foresee ({type(problem).__name__}: {problem}). "
            "Set LSOAHOT_TRACEBACK=1, run it again, and report what it shows."
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    from ._version import __version__

    parser = argparse.ArgumentParser(
        prog="lsoahot", description="Small-area hotspot analysis for community safety."
    )
    parser.add_argument("--version", action="version", version=f"lsoahot {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="assess the packaged sample of Rutland, 2011-12")
    demo.add_argument(
        "--out", type=Path, default=Path("lsoahot-demo"), metavar="DIR", help="default: %(default)s"
    )
    demo.set_defaults(run=_demo)

    init = commands.add_parser(
        "init", help="write the settings file of a district of your own; asks for what is not given"
    )
    init.add_argument("folder", type=Path, metavar="DIR", help="the folder to make")
    init.add_argument("--district", metavar="NAME", help='such as "Charnwood"')
    init.add_argument("--start", metavar="YYYY-MM", help="the first month")
    init.add_argument("--end", metavar="YYYY-MM", help="the last month")
    init.add_argument(
        "--measures", metavar="A,B,...", help="what to count; 'usual' for the usual seven"
    )
    init.add_argument(
        "--data", type=Path, metavar="DIR", help="where your downloads are; default: DIR/data"
    )
    init.add_argument(
        "--fetch",
        action="store_true",
        help="download boundaries and population if they are lacking",
    )
    init.set_defaults(run=_init)

    assess = commands.add_parser("assess", help="make an assessment from a settings file")
    assess.add_argument("settings", type=Path, metavar="FILE.toml")
    assess.add_argument("--out", type=Path, metavar="DIR", help="where to write")
    assess.add_argument(
        "--report", action="store_true", help="write the report, a Word document, too"
    )
    assess.add_argument(
        "--check",
        action="store_true",
        help="read and count everything, make every file for trial, say all that is wrong, and write "
        "nothing",
    )
    assess.set_defaults(run=_assess)

    verify = commands.add_parser(
        "verify", help="prove that a folder is what a run wrote, of the sources that are there now"
    )
    verify.add_argument("folder", type=Path, metavar="DIR")
    verify.add_argument(
        "--settings", type=Path, metavar="FILE.toml", help="where the settings are, if moved"
    )
    verify.set_defaults(run=_verify)

    check = commands.add_parser(
        "check", help="list the claims of a draft that disagree with the data, or with one another"
    )
    check.add_argument("draft", type=Path, metavar="DRAFT.docx", help="or a .txt or .md")
    check.add_argument("settings", type=Path, metavar="FILE.toml", help="the assessment's settings")
    check.set_defaults(run=_proofread)

    fetch = commands.add_parser(
        "fetch", help="download boundaries, populations and look-ups into the cache"
    )
    fetch.add_argument(
        "name",
        nargs="+",
        help="boundaries (lsoa21, msoa11, lad), a population (residents21, or residents21:msoa) "
        "or a look-up between editions (lsoa11-lsoa21)",
    )
    fetch.set_defaults(run=_fetch)
    return parser


def _demo(arguments: argparse.Namespace) -> None:
    """Assess the packaged sample."""
    begin(LOADING)
    from lsoahot.assessment.assess import assess

    settings = resources.files("lsoahot") / "sample" / "assessment.toml"
    with resources.as_file(settings) as path:
        _show(assess(path, out=arguments.out, report=True, progress=True), arguments.out)


def _init(arguments: argparse.Namespace) -> None:
    """Write a first settings file, and say what is still to be done."""
    from lsoahot.assessment.downloads import EDITIONS
    from lsoahot.assessment.new_settings import MEASURES, USUAL, new_settings

    usual = ", ".join(USUAL)
    district = arguments.district or _ask("Which district? (as in the names of its LSOAs) ")
    start = arguments.start or _ask("First month? (such as 2025-01) ")
    end = arguments.end or _ask("Last month? (such as 2025-12) ")
    asked = arguments.measures
    if asked is None and not all((arguments.district, arguments.start, arguments.end)):
        others = ", ".join(name for name in MEASURES if name not in USUAL)
        asked = _ask(f"Which measures? Enter for {usual}. There are also {others}. ", empty=True)
    measures = USUAL if asked in {None, "", "usual"} else [one.strip() for one in asked.split(",")]
    path, sources = new_settings(
        arguments.folder,
        district=district,
        start=start,
        end=end,
        measures=measures,
        data=arguments.data,
    )
    print(f"Written: {path}")
    for what, file in (
        ("police records", ", ".join(map(str, sources.police))),
        ("boundaries", sources.boundaries),
        ("names", sources.names or "the official ones"),
        ("population", sources.population),
    ):
        print(f"  {what}: {file or 'not there yet'}")
    if sources.lacking:
        print("\nStill to be downloaded:")
        for line in sources.lacking:
            print(textwrap.fill(f"- {line}", 100, subsequent_indent="  "))
        print(
            textwrap.fill(
                f"Put files into {path.parent / 'data'} and their names into {path.name}, or delete "
                f"{path.name} and run this again: what is there is recognised.",
                100,
            )
        )
    if arguments.fetch:
        wanted = [] if sources.boundaries else [sources.edition]
        wanted += [] if sources.population else [EDITIONS[sources.edition][1]]
        _fetch(argparse.Namespace(name=wanted))
    print(f"\nNext:\n  lsoahot assess {path} --check")
    print(f"  lsoahot assess {path} --out {path.parent / 'results'} --report")


def _ask(question: str, *, empty: bool = False) -> str:
    """Ask on the terminal."""
    try:
        answer = input(question).strip()
    except EOFError:
        answer = ""
    if not answer and not empty:
        raise ValueError(
            "nothing was answered. Give --district, --start and --end, or answer the questions."
        )
    return answer


def _assess(arguments: argparse.Namespace) -> None:
    """Assess what a settings file says, or only see whether that would go well."""
    begin(LOADING)
    from lsoahot.assessment.assess import assess

    if arguments.check:
        _check(arguments)
        return
    if arguments.out is None:
        raise ValueError("where to? Give --out DIR; or --check, to see whether it would run.")
    result = assess(arguments.settings, out=arguments.out, report=arguments.report, progress=True)
    _show(result, arguments.out)


def _check(arguments: argparse.Namespace) -> None:
    """List what is wrong, what to look at, and what would be counted; fail if anything is wrong."""
    from lsoahot.assessment.dry_run import check_products

    result = check_products(
        arguments.settings, out=arguments.out, report=arguments.report, progress=True
    )
    headings = {"problem": "Problems", "note": "Look at these", "count": "What would be counted"}
    for kind, rows in result.groupby("kind", sort=False):
        heading = headings[str(kind)]
        print(f"\n{heading}\n{'-' * len(heading)}")
        for part, message in rows[["part", "message"]].itertuples(index=False):
            print(textwrap.fill(f"{part}: {message}", 100, subsequent_indent="    "))
    problems = int(result["kind"].eq("problem").sum())
    if problems:
        raise ValueError(
            f"{problems:,} problem{'' if problems == 1 else 's'}. Nothing was written. "
            "Mend the settings or the files, and check again."
        )
    print("\nIt would run: every file was made for trial. Nothing was written.")


def _verify(arguments: argparse.Namespace) -> None:
    """Say which files differ from the manifest; fail if any does."""
    from lsoahot.assessment.verification import verify

    files = verify(arguments.folder, settings=arguments.settings)
    differ = files[files["state"].isin(["changed", "missing"])]
    for kind, path, state in differ[["kind", "path", "state"]].itertuples(index=False):
        print(f"{state}: {path} ({kind})")
    for path in files.loc[files["kind"] == "other", "path"]:
        print(f"not of the run: {path}")
    for path in files.loc[files["state"] == "not proved", "path"]:
        print(f"not proved, without the key that stays beside the settings: {path}")
    same = files["state"].eq("same").groupby(files["kind"]).sum()
    print(
        f"{same.get('output', 0):,} outputs and {same.get('input', 0):,} inputs are as they were.\n"
        f"manifest.json has SHA-256 {files.attrs['manifest']}."
    )
    if len(differ):
        raise ValueError(
            f"{len(differ):,} of the files that the manifest of {arguments.folder} names are not as "
            "they were. Run the assessment again, or find out who changed them."
        )


def _proofread(arguments: argparse.Namespace) -> None:
    """List what is wrong in a draft, by the data of an assessment; fail if anything is."""
    begin(LOADING)
    from lsoahot.assessment.assess import assess
    from lsoahot.assessment.proofreading.check_draft import check_prose

    if not arguments.draft.is_file():
        raise FileNotFoundError(f"there is no draft at {arguments.draft}. Mend the path.")
    result = check_prose(arguments.draft, assess(arguments.settings, progress=True))
    for row in result.itertuples():
        section = str(row.section or "No section")
        print(f"\n{section} (paragraph {row.paragraph}): {row.verdict}")
        for text in (f'"{row.claim}"', row.why):
            print(textwrap.fill(str(text), 100, initial_indent="    ", subsequent_indent="    "))
    print(f"\n{result.attrs['checked']['sentence']}")
    wrong = int(result["verdict"].ne("rounded differently").sum())
    if wrong:
        raise ValueError(
            f"{wrong:,} claim{' is' if wrong == 1 else 's are'} wrong. Mend the draft, or the data."
        )


def _fetch(arguments: argparse.Namespace) -> None:
    """Download boundaries, populations and look-ups."""
    from lsoahot.boundaries.boundaries import fetch_boundaries
    from lsoahot.boundaries.lookups import fetch_lookup
    from lsoahot.boundaries.populations import fetch_population, population_names

    for name in arguments.name:
        table, _, kind = name.partition(":")
        if table in population_names():
            path = fetch_population(table, kind or "lsoa")
        elif "-" in name:
            path = fetch_lookup(*name.split("-", 1))
        else:
            path = fetch_boundaries(name)
        print(f"{name}: {path}")


def _show(assessment: Assessment, folder: Path) -> None:
    """Print the first measure's list, the account of its records, and where the files are."""
    import pandas as pd

    from lsoahot.common.class_labels import NOT_SIGNIFICANT
    from lsoahot.counting.rates import top
    from lsoahot.describe.area_sentences import describe_audit

    measure = assessment.config.measures[0]
    table = assessment.tables[measure.name]
    ranked = pd.DataFrame(table.loc[top(table, 10).index])
    ranked["times"] = ranked["count"] / (ranked["count"] - ranked["excess"])
    columns = ["rank", "area_name", "count", "rate", "times", "level", "hotspot"]
    words = {name: ranked[name].astype(str) for name in ("area_name", "level", "hotspot")}
    # Beside "Far above", "Not significant" would be read as taking it back.
    words["hotspot"] = words["hotspot"].replace(NOT_SIGNIFICANT, "no")
    first = ranked[columns].assign(
        **{
            name: text.str.ljust(text.str.len().max() if len(text) else 0)
            for name, text in words.items()
        }
    )
    title = f"{measure.title}, {assessment.config.years}: the top {len(first)} areas"
    lines = first.rename(
        columns={"area_name": "area", "rate": "per 1,000", "hotspot": "cluster?"}
    ).to_string(
        index=False, float_format="{:.1f}".format, na_rep="-", justify="left",
        formatters={"rank": "{:>4}".format},
    )  # fmt: skip
    if first.empty:
        title = f"{measure.title}, {assessment.config.years}"
        lines = "No area has a count that may be shown."
    print(f"\n{title}\n{'-' * len(title)}\n{lines}\n")
    print(textwrap.fill(describe_audit(table.attrs["audit"]), 100))
    if table.attrs.get("notice"):
        print(f"\nNote: {table.attrs['notice']}.")
    print(f"\nWritten to {folder.resolve()}:")
    for path in sorted(folder.iterdir()):
        inside = f" ({sum(1 for _ in path.iterdir())} files)" if path.is_dir() else ""
        print(f"  {path.name}{'/' if path.is_dir() else ''}{inside}")


@contextmanager
def _notes() -> Iterator[None]:
    """Show warnings as one line each, and each only once."""
    from tqdm import tqdm

    notes: set[str] = set()

    def write(message: Warning | str, *_: Any, **__: Any) -> None:
        if str(message) not in notes:
            notes.add(str(message))
            tqdm.write(f"note: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = write
        yield


def _fail(message: str) -> int:
    """Say what is wrong on the error stream."""
    sys.stderr.write(f"lsoahot: {message}\n")
    return FAILED


if __name__ == "__main__":
    raise SystemExit(main())
