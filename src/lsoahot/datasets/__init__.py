"""One thin adapter for each dataset: a docstring (where to get it, caveats, licence) and a frozen spec."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from lsoahot.datasets import alcohol, asb, crime, domestic, drugs, fires, hate
from lsoahot.datasets._spec import Dataset

DATASETS: Final = MappingProxyType(
    {
        module.SPEC.name: module.SPEC
        for module in (crime, asb, fires, domestic, hate, alcohol, drugs)
    }
)

__all__ = ["DATASETS", "Dataset"]
