"""One thin adapter for each dataset: where to get it, what to know, and a frozen value."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from lsoahot.records.dataset import Dataset

from . import alcohol, asb, crime, domestic, drugs, fires, hate

DATASETS: Final = MappingProxyType(
    {
        module.SPEC.name: module.SPEC
        for module in (crime, asb, fires, domestic, hate, alcohol, drugs)
    }
)

__all__ = ["DATASETS", "Dataset"]
