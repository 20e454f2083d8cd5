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
# How many?
# ---------
# :func:`lsoahot.count` adds a column. The sample holds six years, of which we take the last. The
# audit is the account of every record: what was counted, and what was not and why.

NOW = ("2011-10", "2012-09")
counted = lh.count(areas, crimes, period=NOW)
print(counted.attrs["audit"])

# %%
# How often for its size?
# -----------------------
# A count alone favours areas with many people. :func:`lsoahot.rate` divides by the population and
# gives the limits between which the rate lies with 95 % confidence. Verbs are chained with pandas'
# ``pipe``.

table = counted.pipe(lh.rate).pipe(lh.rank)
columns = ["area_name", "count", "rate", "rate_lower", "rate_upper", "rank"]
table[columns].head(10).round(1)

# %%
# Read the limits before the ranks: areas whose limits overlap widely can't be told apart.

lh.plot_rate(table)

# %%
# Which areas are really high?
# ----------------------------
# Some place always comes out top. :func:`lsoahot.find_hotspots` asks two things. First, of each
# area *itself*: is its rate surely above that of all areas together, small numbers allowed for?
# That is its ``level``, and ``excess`` says how many events more than at that rate.

table = lh.find_hotspots(table)
lh.top(table, 5)[["area_name", "count", "rate", "level"]].round(1)

# %%
# Oakham Centre is far above: surely at least twice. Second: do high areas lie together? Here it is
# an area *and its neighbours* that are set against the same rates placed on the map at random. The
# probability ``gi_p`` is exact, so you get the same answer every time; ``gi_q`` allows for having
# asked 23 times, and ``hotspot`` is cut on it.

table[["area_name", "rate", "level", "gi_p", "gi_q", "hotspot"]].head(6).round(3)

# %%
# No cluster of high areas was found for crime as a whole, which is no proof that there is none.

# %%
# Only some of the crimes
# -----------------------
# A measure is a choice of rows, made with pandas. Serious acquisitive crime (burglary of dwellings,
# robbery, theft of and from vehicles) does lie together:

serious = crimes[crimes["category"] == "Serious acquisitive crime"]
table = areas.pipe(lh.count, serious, period=NOW).pipe(lh.rate).pipe(lh.find_hotspots)
lh.plot_hotspots(table)

# %%
# An area is coloured for its neighbourhood: it may be quiet itself. So read the map beside the
# list.

lh.top(table, 5)[["area_name", "count", "rate", "hotspot"]].round(1)

# %%
# Is it rising?
# -------------
# :func:`lsoahot.trend` compares each year with the one before and says in a word whether the
# difference is more than chance: total crime is up by 43, which is no clear change, while serious
# acquisitive crime rose.

years = lh.trend(crimes)
last = years[years["year"] == "FY 2012"]
last[["category", "previous", "count", "change_pct", "verdict"]].round(1)

# %%
# To hand over
# ------------
# ``lh.save_map(table, "burglary.png", plot=lh.plot_hotspots, title="...")`` makes a finished A4
# page, :func:`lsoahot.atlas` a PDF of many, :func:`lsoahot.dashboard` one HTML file that opens
# without internet. :func:`lsoahot.assess` (``lsoahot assess`` on the command line) makes all of
# them from one settings file.
#
# And a table is a table: leave with pandas wherever you like.

table.drop(columns="geometry").nlargest(3, "rate")[["area_name", "count", "rate"]].round(1)
