"""One thin adapter for each dataset: where to get it, what to know, and a frozen value."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from lsoahot.records.dataset import Dataset

from . import alcohol, asb, crime, domestic, drugs, fires, hate

_SPECS: Final = (
    crime.SPEC, asb.SPEC, fires.SPEC, domestic.SPEC, hate.SPEC, alcohol.SPEC, drugs.SPEC,
)  # fmt: skip
DATASETS: Final = MappingProxyType({spec.name: spec for spec in _SPECS})

__all__ = ["DATASETS", "Dataset"]
