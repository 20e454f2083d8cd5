"""Draw the tutorial's pictures as a notebook does: cut to what is drawn."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl


def tight(gallery_conf: dict[str, Any], fname: str) -> None:  # noqa: ARG001 - sphinx-gallery's call
    """Reset matplotlib before each example."""
    mpl.rcdefaults()
    mpl.use("agg")
    mpl.rcParams["savefig.bbox"] = "tight"
