from .assessment.assess import (
    assess as assess,
)
from .assessment.dashboard.dashboard import (
    Dashboard as Dashboard,
    dashboard as dashboard,
)
from .assessment.dry_run import (
    check_settings as check_settings,
)
from .assessment.figures_table import (
    figures_table as figures_table,
)
from .assessment.geopackage import (
    geopackage as geopackage,
)
from .assessment.proofreading.check_draft import (
    check_prose as check_prose,
)
from .assessment.report.report import (
    report as report,
)
from .assessment.result import (
    Assessment as Assessment,
)
from .assessment.verification import (
    verify as verify,
)
from .assessment.workbook.workbook import (
    workbook as workbook,
)
from .boundaries.boundaries import (
    fetch_boundaries as fetch_boundaries,
    read_boundaries as read_boundaries,
    select_areas as select_areas,
)
from .boundaries.grid import (
    grid as grid,
)
from .boundaries.lookups import (
    fetch_lookup as fetch_lookup,
)
from .boundaries.populations import (
    fetch_population as fetch_population,
    read_population as read_population,
)
from .common.audit import (
    Audit as Audit,
)
from .counting.counts import (
    count as count,
    coverage as coverage,
    tabulate as tabulate,
)
from .counting.editions import (
    convert as convert,
    convert_records as convert_records,
)
from .counting.joins import (
    join as join,
)
from .counting.rates import (
    rank as rank,
    rate as rate,
    top as top,
)
from .counting.suppression import (
    suppress as suppress,
)
from .describe.area_sentences import (
    describe_area_changes as describe_area_changes,
    describe_audit as describe_audit,
    describe_hotspots as describe_hotspots,
    describe_ranking as describe_ranking,
    describe_suppression as describe_suppression,
)
from .describe.change_sentences import (
    describe_change as describe_change,
    describe_changes as describe_changes,
    describe_period as describe_period,
    describe_season as describe_season,
    describe_years as describe_years,
)
from .describe.comparison_sentences import (
    describe_comparison as describe_comparison,
    describe_profile as describe_profile,
    describe_share as describe_share,
    describe_shares as describe_shares,
)
from .describe.key_findings import (
    key_findings as key_findings,
)
from .plotting.atlas_pdf import (
    atlas as atlas,
)
from .plotting.basemap import (
    add_basemap as add_basemap,
)
from .plotting.certainty import (
    plot_certainty as plot_certainty,
)
from .plotting.charts import (
    plot_compare as plot_compare,
    plot_concentration as plot_concentration,
    plot_funnel as plot_funnel,
    plot_seasonality as plot_seasonality,
    plot_trend as plot_trend,
)
from .plotting.core.class_breaks import (
    class_breaks as class_breaks,
)
from .plotting.density import (
    kernel_density as kernel_density,
    plot_density as plot_density,
)
from .plotting.furniture import (
    add_labels as add_labels,
    add_north_arrow as add_north_arrow,
    add_outline as add_outline,
    add_scale_bar as add_scale_bar,
)
from .plotting.hotspot_maps import (
    plot_change as plot_change,
    plot_clusters as plot_clusters,
    plot_emerging as plot_emerging,
    plot_exceedance as plot_exceedance,
    plot_hotspots as plot_hotspots,
)
from .plotting.locator import (
    plot_locator as plot_locator,
)
from .plotting.maps import (
    plot_areas as plot_areas,
    plot_count as plot_count,
    plot_rate as plot_rate,
)
from .plotting.pages import (
    map_page as map_page,
    save_map as save_map,
)
from .plotting.small_multiples import (
    small_multiples as small_multiples,
)
from .records.datasets import (
    DATASETS as DATASETS,
    Dataset as Dataset,
)
from .records.records import (
    read_batches as read_batches,
    read_dataset as read_dataset,
)
from .statistics.autocorrelation import (
    global_g as global_g,
    global_geary as global_geary,
    global_moran as global_moran,
    join_counts as join_counts,
)
from .statistics.changes import (
    change as change,
    dispersion as dispersion,
)
from .statistics.comparison import (
    compare as compare,
)
from .statistics.concentration import (
    concentration as concentration,
)
from .statistics.emerging import (
    emerging_hotspots as emerging_hotspots,
    monthly_hotspots as monthly_hotspots,
)
from .statistics.evaluation import (
    evaluate as evaluate,
)
from .statistics.exceedance import (
    exceedance as exceedance,
)
from .statistics.hotspots import (
    find_hotspots as find_hotspots,
)
from .statistics.local import (
    getis_ord as getis_ord,
    local_moran as local_moran,
)
from .statistics.near_repeats import (
    near_repeat as near_repeat,
)
from .statistics.neighbours import (
    contiguity as contiguity,
    nearest as nearest,
    within_distance as within_distance,
)
from .statistics.profiles import (
    profile as profile,
)
from .statistics.rare_events import (
    local_risk as local_risk,
)
from .statistics.scan import (
    scan as scan,
)
from .statistics.seasons import (
    seasonality as seasonality,
)
from .statistics.smoothing import (
    empirical_bayes as empirical_bayes,
)
from .statistics.trends import (
    trend as trend,
)

__version__: str
