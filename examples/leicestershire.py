"""
Real data: Rutland within Leicestershire
========================================

From a police archive as downloaded to tested hotspots, for two years on two census editions. The
data are open but not packaged; ``leicestershire.toml`` beside this file says where to download
them, and this page is not run when the documentation is built. With the data in ``examples/data``::

    python examples/leicestershire.py

The same from the command line::

    lsoahot assess examples/leicestershire.toml --out leicestershire

All areas of the force are tested and Rutland is reported: half of Rutland's areas touch one of
another district, and tested alone they would lose those neighbours.
"""

import sys
from pathlib import Path

import pandas as pd

import lsoahot as lh

here = Path(sys.argv[0]).parent

# %%
# A year from the settings file. With ``out=`` it would also write the tables, maps and audit.

found = lh.assess(here / "leicestershire.toml")
print(lh.top(found.tables["burglary"], 4).to_string())
print(found.tables["burglary"].attrs["audit"])

# %%
# The same year step by step, to leave the beaten path at any line.

data = here / "data"
areas = lh.read_boundaries(data / "boundaries/leics_rutland_lsoa11_bgc.gpkg")
people = pd.read_csv(data / "population/pop_lsoa11_2011_2017_2019_2020.csv")
people = people.rename(columns={"pop_mid2020": "population"})
areas = lh.join(areas, people[["lsoa11cd", "population"]])

crimes = lh.read_dataset("crime", data / "police/leicestershire-2021-10_2022-09.zip")
burglary = crimes[crimes["category"] == "Burglary"]
tested = areas.pipe(lh.count, burglary).pipe(lh.rate).pipe(lh.getis_ord)
print(tested["hotspot"].value_counts())

# %%
# Report a district; its neighbours across the border have played their part.

rutland = lh.select_areas(tested, "Rutland")
print(lh.top(rutland, 4).to_string())

# %%
# 2025's records carry codes of the 2021 census, so they go with the 2021 boundaries.

found = lh.assess(here / "leicestershire-2025.toml")
print(lh.top(found.tables["burglary"], 4).to_string())
