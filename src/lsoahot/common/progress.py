"""How far a run has come, on a terminal, and what it reported on the way."""

from __future__ import annotations

import sys
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tqdm import tqdm


def bar(steps: int, *, progress: bool) -> tqdm:
    """Return a bar of so many steps: shown only where it is wanted, and only on a terminal."""
    from tqdm import tqdm

    return tqdm(
        total=steps,
        disable=None if progress else True,
        leave=False,
        bar_format="{desc:<34.34} {bar} {n_fmt}/{total_fmt} [{elapsed}<{remaining}]",
    )


def begin(what: str) -> None:
    """Say on a terminal what goes before the bar: loading the libraries takes a second or two.

    Parameters
    ----------
    what : str
        What is under way; the bar is drawn over it.
    """
    if sys.stderr.isatty():
        sys.stderr.write(f"{what} ...\r")
        sys.stderr.flush()


@contextmanager
def step(shown: tqdm, what: str) -> Iterator[None]:
    """Name the step that is under way, and count it when it is done."""
    shown.set_description_str(what)
    yield
    shown.update()


def warn_each(messages: Iterable[str], stacklevel: int = 2) -> None:
    """Warn of each message.

    Parameters
    ----------
    messages
        What to look at.
    stacklevel
        As `warnings.warn` takes it in the function that calls this one: 2 is its caller.
    """
    for message in messages:
        warnings.warn(message, UserWarning, stacklevel=stacklevel + 1)


@dataclass
class Notes:
    """What was reported during a run, each with the measure that it is of."""

    measure: str = ""
    messages: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def noting() -> Iterator[Notes]:
    """Write down every warning that is shown, and show it all the same, after its measure's name."""
    notes = Notes()
    with warnings.catch_warnings():
        show = warnings.showwarning

        def note(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, UserWarning):
                notes.messages.append((notes.measure, str(message)))
                message = f"{notes.measure}: {message}" if notes.measure else message
            show(message, category, *rest, **more)

        warnings.showwarning = note
        yield notes
