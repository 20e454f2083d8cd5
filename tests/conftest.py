"""Where the development data is, and the marks of tests that need it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes depends on who else uses the machine: no test may fail for it.
settings.register_profile("lsoahot", deadline=None)
settings.load_profile("lsoahot")

SHARED = Path(os.environ.get("LSOAHOT_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data beside the checkout; skip where it is missing."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"the development data is not at {SHARED}")
    return SHARED
