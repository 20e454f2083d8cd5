"""The tutorial's order, and its pictures: cut to what is drawn, as a notebook shows them."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl


def tight(gallery_conf: dict[str, Any], fname: str) -> None:  # noqa: ARG001 - sphinx-gallery's call
    """Reset matplotlib before each example."""
    mpl.rcdefaults()
    mpl.use("agg")
    mpl.rcParams["savefig.bbox"] = "tight"


class TutorialFirst:
    """Put the tutorial first, then what runs on the sample, then what needs real data."""

    def __init__(self, src_dir: str) -> None:
        self.src_dir = src_dir

    def __call__(self, filename: str) -> tuple[bool, bool, str]:
        """Return the key by which the examples are sorted."""
        return (filename != "plot_ten_minutes.py", not filename.startswith("plot_"), filename)
