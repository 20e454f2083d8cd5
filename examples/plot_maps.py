"""
Maps for tasking
================

Five maps of one table, on the packaged sample: schematic boundaries, reconstructed records, **not
for operational use**. The guide to maps says more about each.
"""

import lsoahot as lh

areas = lh.read_boundaries("sample")
crimes = lh.read_dataset("crime", "sample")
year = ("2011-10", "2012-09")
table = areas.pipe(lh.count, crimes, period=year).pipe(lh.rate).pipe(lh.rank)

# %%
# Which area is which?

lh.plot_areas(table, figsize=(7, 7))

# %%
# How often for its size? The classes are natural breaks, and the legend counts the areas in each.

ax = lh.plot_rate(table, histogram=True, figsize=(7.5, 5.5))
lh.add_outline(ax, table)
lh.add_scale_bar(ax, table)
lh.add_north_arrow(ax, table)

# %%
# Fewer events make rates less certain. Here the uncertain ones are pale.

violence = crimes[crimes["category"] == "Violence against the person"]
rare = areas.pipe(lh.count, violence, period=year).pipe(lh.rate)
lh.plot_certainty(rare, figsize=(7.5, 5.5))

# %%
# Is it more than chance? On 23 areas little is.

lh.plot_clusters(lh.local_moran(table), figsize=(7.5, 5.5))

# %%
# What has changed since the year before?

before = areas.pipe(lh.count, crimes, period=("2010-10", "2011-09"))
lh.plot_change(lh.change(before, table), "rate_ratio", figsize=(7.5, 5.5))
