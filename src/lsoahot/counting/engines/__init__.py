"""Counting where the records live: pandas, polars, pyarrow, DuckDB, Dask, Spark, or in batches."""
