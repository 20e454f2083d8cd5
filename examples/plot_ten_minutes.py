"""
Ten minutes with lsoahot
========================

From records and boundaries to a tested map of hotspots, on the packaged sample: the county of
Rutland, October 2011 to September 2012. The sample was made to agree with the figures published in
the county's strategic assessment; its boundaries are schematic and its records reconstructed, so it
is **not for operational use**.

All you need to know is pandas.
"""

import lsoahot as lh

# %%
# Two tables
# ----------
# Everything is made of two tables. *Areas* have a row for each area: here 23 LSOAs (census areas of
# about 1,500 people), with their population.

areas = lh.read_boundaries("sample")
areas.drop(columns="geometry").head()

# %%
# *Records* have a row for each event. ``"crime"`` names the kind of data; instead of ``"sample"``
# you would give a file, a folder or a zip as you downloaded it from data.police.uk.

crimes = lh.read_dataset("crime", "sample")
crimes[["area_code", "period", "category"]].head()

# %%
# The sample holds six years. A table is cut with pandas, like any other.

year = crimes[crimes["period"].between("2011-10", "2012-09")]
len(year)

# %%
# How many?
# ---------
# :func:`lsoahot.count` adds a column. It also keeps account of every record: what had no location,
# lay outside the areas, or had a code of another census.

counted = lh.count(areas, year)
print(counted.attrs["audit"])

# %%
# How often for its size?
# -----------------------
# A count alone favours areas with many people. :func:`lsoahot.rate` divides by the population and
# gives the limits between which the rate lies with 95 % confidence. Verbs are chained with pandas'
# ``pipe``.

table = counted.pipe(lh.rate).pipe(lh.rank)
table[["area_name", "count", "rate", "rate_lower", "rate_upper", "rank"]].head(10).round(1)

# %%
# Read the limits before the ranks: areas whose limits overlap widely can't be told apart.

lh.plot_rate(table)

# %%
# Is it more than chance?
# -----------------------
# If the same rates were dealt out to the areas at random, some place would come out top all the
# same. :func:`lsoahot.getis_ord` asks of each area whether it *and its neighbours* are higher (or
# lower) than such dealing explains. The probability is exact, so you get the same answer every
# time; it is adjusted for having asked 23 times.

table = lh.getis_ord(table)
table[["area_name", "rate", "gi_z", "gi_p", "gi_q", "hotspot"]].head(8).round(3)

# %%
# The legend says how many areas are in each class. "Not significant" means that chance explains
# what is seen, not that nothing happens there.

lh.plot_hotspots(table)

# %%
# :func:`lsoahot.local_moran` answers a neighbouring question: is a high area among high ones
# (High-High), or does it stand out from quiet neighbours (High-Low)?

table = lh.local_moran(table)
table["cluster"].value_counts()

# %%
# Only some of the crimes
# -----------------------
# A measure is a choice of rows. What kinds there are, area by area, is one call:

lh.tabulate(areas, year).head()

# %%
# The whole of it again for one group, as one expression:

damage = year[year["category"] == "Criminal damage"]
table = areas.pipe(lh.count, damage).pipe(lh.rate).pipe(lh.rank).pipe(lh.getis_ord)
lh.top(table, 5)
