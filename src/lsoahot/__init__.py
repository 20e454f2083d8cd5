"""Small-area hotspot analysis for community safety.

>>> import lsoahot as lh
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ._audit import Audit
from .autocorrelation import global_g, global_moran
from .basemaps import add_basemap
from .boundaries import fetch_boundaries, read_boundaries, select_areas
from .certainty_maps import plot_certainty
from .changes import change, dispersion
from .charts import plot_compare, plot_funnel, plot_seasonality, plot_trend
from .choosing import find_hotspots, recommend_test
from .class_maps import plot_change, plot_clusters, plot_emerging, plot_hotspots
from .comparison import compare
from .counts import count, coverage, tabulate
from .datasets import DATASETS, Dataset
from .density import kernel_density, plot_density
from .disclosure import suppress
from .editions import convert, convert_records, fetch_lookup
from .emerging import emerging_hotspots, monthly_hotspots
from .evaluation import evaluate
from .furniture import add_north_arrow, add_outline, add_scale_bar
from .hotspots import getis_ord, local_moran
from .joins import join
from .labels import add_labels
from .locators import plot_locator
from .maps import class_breaks, plot_areas, plot_count, plot_rate
from .neighbours import contiguity, nearest, within_distance
from .populations import fetch_population, read_population
from .profiles import profile
from .rates import rank, rate, top
from .records import read_batches, read_dataset
from .repeats import near_repeat
from .risk import local_risk
from .seasons import seasonality
from .smoothing import empirical_bayes
from .trends import trend

if TYPE_CHECKING:
    from .assessments import Assessment, assess
    from .atlases import atlas
    from .contrasts import describe_comparison, describe_profile, describe_share, describe_shares
    from .dashboards import Dashboard, dashboard
    from .documents import report
    from .drafts import check_prose
    from .findings import key_findings
    from .pages import map_page, save_map
    from .rehearsals import check_settings
    from .sentences import (
        describe_change,
        describe_changes,
        describe_period,
        describe_season,
        describe_years,
    )
    from .series import small_multiples
    from .standings import (
        describe_area_changes,
        describe_audit,
        describe_hotspots,
        describe_ranking,
        describe_suppression,
    )
    from .verification import verify
    from .workbooks import workbook

__version__ = "0.1.0"

__all__ = [
    "DATASETS",
    "Assessment",
    "Audit",
    "Dashboard",
    "Dataset",
    "add_basemap",
    "add_labels",
    "add_north_arrow",
    "add_outline",
    "add_scale_bar",
    "assess",
    "atlas",
    "change",
    "check_prose",
    "check_settings",
    "class_breaks",
    "compare",
    "contiguity",
    "convert",
    "convert_records",
    "count",
    "coverage",
    "dashboard",
    "describe_area_changes",
    "describe_audit",
    "describe_change",
    "describe_changes",
    "describe_comparison",
    "describe_hotspots",
    "describe_period",
    "describe_profile",
    "describe_ranking",
    "describe_season",
    "describe_share",
    "describe_shares",
    "describe_suppression",
    "describe_years",
    "dispersion",
    "emerging_hotspots",
    "empirical_bayes",
    "evaluate",
    "fetch_boundaries",
    "fetch_lookup",
    "fetch_population",
    "find_hotspots",
    "getis_ord",
    "global_g",
    "global_moran",
    "join",
    "kernel_density",
    "key_findings",
    "local_moran",
    "local_risk",
    "map_page",
    "monthly_hotspots",
    "near_repeat",
    "nearest",
    "plot_areas",
    "plot_certainty",
    "plot_change",
    "plot_clusters",
    "plot_compare",
    "plot_count",
    "plot_density",
    "plot_emerging",
    "plot_funnel",
    "plot_hotspots",
    "plot_locator",
    "plot_rate",
    "plot_seasonality",
    "plot_trend",
    "profile",
    "rank",
    "rate",
    "read_batches",
    "read_boundaries",
    "read_dataset",
    "read_population",
    "recommend_test",
    "report",
    "save_map",
    "seasonality",
    "select_areas",
    "small_multiples",
    "suppress",
    "tabulate",
    "top",
    "trend",
    "verify",
    "within_distance",
    "workbook",
]

# Finished products are loaded when first asked for: a script that only counts need not wait for them.
_PRODUCTS = {
    "Assessment": "assessments",
    "Dashboard": "dashboards",
    "assess": "assessments",
    "atlas": "atlases",
    "check_prose": "drafts",
    "check_settings": "rehearsals",
    "dashboard": "dashboards",
    "describe_area_changes": "standings",
    "describe_audit": "standings",
    "describe_change": "sentences",
    "describe_changes": "sentences",
    "describe_comparison": "contrasts",
    "describe_hotspots": "standings",
    "describe_period": "sentences",
    "describe_profile": "contrasts",
    "describe_ranking": "standings",
    "describe_season": "sentences",
    "describe_share": "contrasts",
    "describe_shares": "contrasts",
    "describe_suppression": "standings",
    "describe_years": "sentences",
    "key_findings": "findings",
    "map_page": "pages",
    "report": "documents",
    "save_map": "pages",
    "small_multiples": "series",
    "verify": "verification",
    "workbook": "workbooks",
}


if not TYPE_CHECKING:  # a type checker reads the imports above, and so still finds a misspelt name

    def __getattr__(name: str) -> object:
        """Load a product, and keep it."""
        if name not in _PRODUCTS:
            raise AttributeError(f"module 'lsoahot' has no attribute {name!r}")
        globals()[name] = found = getattr(import_module(f".{_PRODUCTS[name]}", __name__), name)
        return found


def __dir__() -> list[str]:
    """List products, too, so that notebooks complete their names."""
    return sorted({*globals(), *_PRODUCTS})
