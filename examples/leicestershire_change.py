"""
Real data: what changed in Leicestershire
=========================================

October 2020 to September 2021, the year after, and 2025: by district, by LSOA, and month by
month. The first year holds two lockdowns, so almost everything rose after it; the question worth
asking is what rose *otherwise than everything else*. The data are open but not packaged, and this
page is not run when the documentation is built. With the data in a folder of your own::

    python examples/leicestershire_change.py path/to/data
"""

import sys
from pathlib import Path

import pandas as pd

import lsoahot as lh

pd.set_option("display.width", 160, "display.max_columns", 20)
data = Path(sys.argv[1] if len(sys.argv) > 1 else Path(sys.argv[0]).parent / "data")

# %%
# Three years of records, and the 611 areas of the 2011 edition with their residents. The records of
# 2025 carry codes of the 2021 edition; their points put them back into the older areas exactly.

areas = lh.read_boundaries(data / "boundaries/leics_rutland_lsoa11_bgc.gpkg")
people = pd.read_csv(data / "population/pop_lsoa11_2011_2017_2019_2020.csv")
areas = lh.join(
    areas, people.rename(columns={"pop_mid2020": "population"})[["lsoa11cd", "population"]]
)

first = lh.read_dataset("crime", data / "police/leicestershire-2020-10_2021-09.zip")
second = lh.read_dataset("crime", data / "police/leicestershire-2021-10_2022-09.zip")
latest = lh.convert_records(
    lh.read_dataset("crime", data / "police/leicestershire-2025.zip"),
    areas=areas,
    from_="lsoa21",
    to="lsoa11",
    lookup=data / "lookups/lookup_lsoa11_lsoa21.csv",
)
both = pd.concat([first, second], ignore_index=True)

# %%
# **Is it rising?** Each category against the year before. The column ``dispersion`` says how many
# times Poisson's a year scatters: 2 to 28 for most, and 88 for burglary, whose months came in runs
# (few in the lockdowns). A test that took the counts for Poisson's would call almost any change real.

by_category = lh.trend(both, years=1).set_index("category")
print(
    by_category[["count", "previous", "change_pct", "dispersion", "change_q", "verdict"]].round(3)
)

# %%
# **By district.** Records without a place are counted too, and 2,781 in the second year against 439
# in the first are a warning: part of that year's record lies nowhere, so the districts' own rises
# are understated.

districts = sorted(areas["district"].unique())
here = both[both["district"].isin(districts) | both["district"].isna()]
by_district = lh.trend(here, "district", years=1).set_index("district")
print(
    by_district[["count", "previous", "change_pct", "ratio_lower", "ratio_upper", "verdict"]].round(
        2
    )
)

# %%
# **Rutland against the county's other districts**, as against a most similar group: the mean of the
# members' rates, itself included, and exact control limits.

year = lh.count(areas, second, period=("2021-10", "2022-09"))
district = year.groupby("district")[["count", "population"]].sum()
compared = lh.compare(district)
print(compared[["rate", "group_rate", "place", "beyond", "verdict"]].round(2))
print(compared.attrs["statistics"]["compare"]["text"])

# %%
# **By LSOA.** Crimes come in series, so an area's years scatter two and a half times as much as
# chance alone.
# With that allowed for, few areas changed, and fewer changed otherwise than all together.

before = lh.count(areas, first, period=("2020-10", "2021-09"))
scatter = lh.dispersion(both[both["area_code"].isin(areas.index)])
print(f"dispersion: {scatter:.2f}")
changes = {
    "as if Poisson": lh.change(before, year, dispersion=1),
    "against no change": lh.change(before, year, dispersion=scatter),
    "against the county's": lh.change(before, year, dispersion=scatter, against="overall"),
}
print(pd.DataFrame({name: table["change_class"].value_counts() for name, table in changes.items()}))
print(changes["against the county's"].nsmallest(5, "change_p")[
    ["area_name", "count_then", "count", "rate_ratio", "ratio_lower", "ratio_upper", "change_class"]
].round(2))  # fmt: skip

# %%
# **2025 against 2021-22**, on the same areas. The 60 records told of lie in other counties, where
# nothing puts them back.

now = lh.count(areas, latest, period=("2025-01", "2025-12"))
since = lh.change(year, now, dispersion=scatter, against="overall")
print(since["change_class"].value_counts())
print(f"overall: {since.attrs['statistics']['change']['against']:.3f} times the rate of 2021-22")

later = now.groupby("district")["count"].sum()
print(pd.DataFrame({"2021-22": district["count"], "2025": later}).assign(
    change_pct=lambda table: (100 * table["2025"] / table["2021-22"] - 100).round(1)
))  # fmt: skip

# %%
# **Which hot spots last?** Gi* in each of the 24 months, and what became of it.

history = lh.emerging_hotspots(areas, both)
print(history["emerging"].value_counts().loc[lambda n: n > 0])

# %%
# **Would they have been the right places?** The hot spots of burglary in the first year against the
# burglaries of the second, and against choosing as many areas by last year's count or rate alone.

burglary = {
    name: lh.count(areas, records[records["category"] == "Burglary"], period=period)
    for name, records, period in (
        ("then", first, ("2020-10", "2021-09")),
        ("now", second, ("2021-10", "2022-09")),
    )
}
tested = burglary["then"].pipe(lh.rate).pipe(lh.getis_ord)
n = int(tested["hotspot"].astype(str).str.startswith("Hot").sum())
scores = lh.evaluate(
    {
        "Gi*, exact, adjusted": tested,
        f"top {n} by count": tested.nlargest(n, "count").index,
        f"top {n} by rate": tested.nlargest(n, "rate").index,
    },
    burglary["now"],
    earlier=burglary["then"],
    size="population",
)
print(scores.round(3).to_string())
