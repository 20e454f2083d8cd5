"""The scan of the New York leukaemia data, as R's smerc and SaTScan have it.

    python tests/calibration/new_york.py /usr/lib/R/site-library/spData/misc/nydata.dbf

The file is of R's package spData (Debian: r-cran-spdata); it is not committed. smerc's documentation
and SaTScan find, with whole cases and circles of at most half of the people: 37 areas with 117 cases
where 70.61 are expected, log likelihood ratio 15.00556; then 7.85101 and 7.19967.
"""

from __future__ import annotations

import sys

import geopandas as gpd
import numpy as np

import lsoahot as lh

table = gpd.read_file(sys.argv[1])
areas = gpd.GeoDataFrame(
    {"count": np.floor(table["TRACTCAS"]), "population": table["POP8"]},
    geometry=gpd.points_from_xy(table["X"] * 1000, table["Y"] * 1000),
    crs=27700,  # any in metres
).set_index(table["AREAKEY"].rename("area_code"))
found = lh.scan(areas, clusters=4)
print(found.drop(columns=["centre", "radius", "members"]).round(5).to_string(index=False))
print(found.attrs["statistics"]["scan"]["text"])
