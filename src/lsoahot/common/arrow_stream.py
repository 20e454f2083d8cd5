"""Tables of any library that speaks Arrow: polars, pyarrow, DuckDB, R by way of a file ...

An object with ``__arrow_c_stream__`` hands its columns over without a copy (Apache Arrow's PyCapsule
interface), whichever library made it.
"""

from __future__ import annotations

import pandas as pd


def is_stream(table: object) -> bool:
    """Tell whether something other than a pandas table hands itself over as an Arrow stream."""
    return not isinstance(table, (pd.DataFrame, pd.Series)) and hasattr(table, "__arrow_c_stream__")


def as_pandas(table: object) -> object:
    """Return what comes as an Arrow stream as a pandas table; anything else as it is.

    Examples
    --------
    >>> import pyarrow as pa
    >>> as_pandas(pa.table({"area_code": ["E01013787"]})).shape, as_pandas("police.csv")
    ((1, 1), 'police.csv')
    """
    if not is_stream(table):
        return table
    import pyarrow as pa

    return pa.table(table).to_pandas()
