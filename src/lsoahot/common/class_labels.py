"""The words that columns hold, shared by the verbs that write them and the maps."""

from __future__ import annotations

from typing import Final

NOT_SIGNIFICANT: Final = "Not significant"
NOT_TESTED: Final = "Not tested"

# How an area stands to the whole, ordered so that `>= "Above"` means what it says; each with its
# number, for programs that colour by numbers (none where there is no answer).
NO_TELLING: Final = "Can't tell"
LEVELS: Final = {
    NOT_TESTED: None,
    NO_TELLING: None,
    "Far below": -2,
    "Below": -1,
    "Near average": 0,
    "Probably above": 1,
    "Above": 2,
    "Far above": 3,
}

# A hot neighbourhood's area whose own rate isn't above the whole's.
BESIDE: Final = "Beside a hot spot"
HOT_SPOTS: Final = ("Hot spot 99%", "Hot spot 95%", "Hot spot 90%")
COLD_SPOTS: Final = ("Cold spot 90%", "Cold spot 95%", "Cold spot 99%")

# From hot to cold, as analysts know them from ArcGIS: the order of the legend.
HOTSPOT_CLASSES: Final = (*HOT_SPOTS, BESIDE, NOT_SIGNIFICANT, *COLD_SPOTS, NOT_TESTED)

# From cold to hot, so that `>= "Hot spot 95%"` means what it says; each with its number.
HOTSPOT_NUMBERS: Final = {
    NOT_TESTED: None,
    "Cold spot 99%": -3,
    "Cold spot 95%": -2,
    "Cold spot 90%": -1,
    NOT_SIGNIFICANT: 0,
    BESIDE: 0,
    "Hot spot 90%": 1,
    "Hot spot 95%": 2,
    "Hot spot 99%": 3,
}

# Anselin's (1995) order.
CLUSTER_CLASSES: Final = (
    "High-High",
    "Low-Low",
    "Low-High",
    "High-Low",
    NOT_SIGNIFICANT,
    NOT_TESTED,
)

# What became of an area between two periods; risen first, the order is the legend's.
CHANGE_CLASSES: Final = (
    "Rose 99%",
    "Rose 95%",
    "Rose 90%",
    "No clear change",
    "Fell 90%",
    "Fell 95%",
    "Fell 99%",
    NOT_TESTED,
)

# The plain words of every test of a change, and of every comparison with similar areas.
ROSE: Final = "rose"
FELL: Final = "fell"
NO_CLEAR_CHANGE: Final = "no clear change"

# ArcGIS's seventeen classes of emerging hot spot, hot to cold, and ours for what was not tested.
EMERGING_CLASSES: Final = (
    "New hot spot",
    "Consecutive hot spot",
    "Intensifying hot spot",
    "Persistent hot spot",
    "Diminishing hot spot",
    "Sporadic hot spot",
    "Oscillating hot spot",
    "Historical hot spot",
    "No pattern detected",
    "Historical cold spot",
    "Oscillating cold spot",
    "Sporadic cold spot",
    "Diminishing cold spot",
    "Persistent cold spot",
    "Intensifying cold spot",
    "Consecutive cold spot",
    "New cold spot",
    NOT_TESTED,
)
