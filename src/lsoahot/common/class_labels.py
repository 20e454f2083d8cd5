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

# Ordered from hot to cold, as analysts know them from ArcGIS; the order is the legend's.
HOTSPOT_CLASSES: Final = (
    "Hot spot 99%",
    "Hot spot 95%",
    "Hot spot 90%",
    NOT_SIGNIFICANT,
    "Cold spot 90%",
    "Cold spot 95%",
    "Cold spot 99%",
    NOT_TESTED,
)

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
