"""What an assessment returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from .settings import Config


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What an assessment found: a ranked table for each measure, and the account of the records.

    Attributes
    ----------
    config : Config
        The settings it was made from.
    areas : GeoDataFrame
        All the areas that were loaded and tested.
    tables : dict of str to GeoDataFrame
        The selected areas of each measure, in rank order.
    records : dict of str to DataFrame
        The records of each measure, of every period in its files.
    audit : DataFrame
        What became of every record, a row for each measure and outcome.
    """

    config: Config
    areas: gpd.GeoDataFrame
    tables: dict[str, gpd.GeoDataFrame]
    records: dict[str, pd.DataFrame]
    audit: pd.DataFrame


def check_assessment(assessment: object, verb: str) -> None:
    """Refuse what `assess` does not return.

    Raises
    ------
    TypeError
        If it is something else.
    """
    if not isinstance(assessment, Assessment):
        raise TypeError(
            f"assessment is a {type(assessment).__name__}, not what assess() returns. "
            f"Assess first: {verb}(assess(settings), ...)."
        )
