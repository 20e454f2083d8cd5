"""The words that columns hold, shared by the verbs that write them and the maps."""

from __future__ import annotations

from typing import Final

NOT_SIGNIFICANT: Final = "Not significant"
NOT_TESTED: Final = "Not tested"

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
