"""Charts of change and comparison: years, months, funnels and bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lsoahot.common import checks
from lsoahot.common.class_labels import FELL, ROSE
from lsoahot.plotting.core.draw import axes_for
from lsoahot.statistics import concentration, count_tests

from . import chart_frame, colours as _colours

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools


UP: Final = "#9c4a08"  # the maps' colours of "Rose 95%" and "Fell 95%", the latter in full strength
DOWN: Final = "#8270bd"
EVEN: Final = "#b9b3a3"
TOTAL: Final = "Total"
ROOM: Final = 40  # percent: from there on, a label to the right would leave the axes
VERDICTS: Final = {"significantly worse": UP, "in line": EVEN, "significantly better": DOWN}
MONTHS: Final = {"peak": UP, "trough": DOWN, "spell": "#e3c9a6", "even": EVEN}
MONTH_LEGEND: Final = {
    "peak": "Peak: above the average month",
    "trough": "Low: below the average month",
    "spell": "Spell: on account of one year alone",
    "even": "No clear difference",
}


def plot_trend(result: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the years of each group as a line, and say at its end what became of it.

    Parameters
    ----------
    result : DataFrame
        The result of `trend`. The total is drawn only where it stands alone, because its scale
        would flatten the rest.
    ax : matplotlib.axes.Axes
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes that were drawn on.

    Raises
    ------
    ValueError
        If the table is not a result of `trend`.

    Examples
    --------
    >>> import lsoahot as lh
    >>> result = lh.trend(lh.read_dataset("crime", "sample"))
    >>> ax = lh.plot_trend(result)
    >>> len(ax.lines)
    5
    """
    checks.columns(result, ["year", "count", "verdict"], "the table", "Make it with trend().")
    ax = axes_for(ax, (9, 5))
    name = result.columns[0]
    parts = result[name] != TOTAL
    shown = result[parts] if parts.any() else result
    value = "weighted" if "weighted" in result.columns else "count"
    years = list(dict.fromkeys(shown["year"]))
    place = {year: at for at, year in enumerate(years)}
    ends, texts, colours = [], [], []
    for group, rows in shown.groupby(name, sort=False):
        values = rows[value].to_numpy(dtype="float64", na_value=np.nan)
        last = rows.iloc[-1]
        colour = {ROSE: UP, FELL: DOWN}.get(last["verdict"], _colours.FAINT)
        ax.plot(rows["year"].map(place), values, color=colour, lw=2, marker="o", ms=4,
                label=str(group))  # fmt: skip
        ends.append(values[-1])
        texts.append(_end_of_line(str(group), values[-1], last))
        colours.append(colour)
    ax.set_ylim(0, 1.08 * np.nanmax(shown[value].to_numpy(dtype="float64", na_value=np.nan)))
    ax.set_xticks(range(len(years)), years)
    ax.set_xlim(-0.3, len(years) - 1 + 0.1)
    for y, text, colour, end in zip(
        chart_frame.spread_labels(ends, ax), texts, colours, ends, strict=True
    ):
        if np.isfinite(end):
            ax.annotate(
                text, (len(years) - 1, end), (10, y), textcoords=("offset points", "data"),
                color=colour, va="center", fontsize=9, annotation_clip=False,
            )  # fmt: skip
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.set_ylabel("Harm a year" if value == "weighted" else "Events a year")
    chart_frame.plain(ax)
    return ax


def plot_seasonality(
    result: pd.DataFrame, group: str | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw the months against an even year, with their limits, and colour the peaks.

    Parameters
    ----------
    result : DataFrame
        The result of `seasonality`.
    group : str
        Which group to draw, where there are several.
    ax : matplotlib.axes.Axes
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes that were drawn on.

    Raises
    ------
    ValueError
        If the table is not a result of `seasonality`, or ``group`` is not one of its groups.

    Examples
    --------
    >>> import lsoahot as lh
    >>> domestic = lh.read_dataset("domestic", "sample")
    >>> ax = lh.plot_seasonality(lh.seasonality(domestic))
    >>> len(ax.patches)
    12
    """
    checks.columns(
        result, ["month_name", "index", "verdict"], "the table", "Make it with seasonality()."
    )
    ax = axes_for(ax, (9, 4.5))
    name = result.columns[0]
    groups = [str(one) for one in dict.fromkeys(result[name])]
    if group is None and len(groups) > 1:
        raise ValueError(
            f"the table has {len(groups)} groups, and one chart shows one: "
            f"{checks.shown(groups, 10)}. Say which: group={groups[-1]!r}."
        )
    if group is not None:
        checks.one_of(group, groups, "group")
    rows = result[result[name] == (group or groups[0])]
    if rows["index"].isna().all():
        raise ValueError(
            f"{group or groups[0]!r} has no year with data, so there is nothing to draw. "
            "Its counts are withheld at the source; draw another group."
        )
    index = rows["index"].to_numpy()
    drawn = ax.bar(range(12), index, width=0.75, color=[MONTHS[v] for v in rows["verdict"]])
    for bar, verdict in zip(drawn, rows["verdict"], strict=True):
        if verdict == "spell":
            bar.set(hatch="///", edgecolor=UP, linewidth=0)
    spread = [index - rows["index_lower"], rows["index_upper"] - index]
    ax.errorbar(range(12), index, yerr=spread, fmt="none", ecolor=_colours.INK, elinewidth=1,
                capsize=2.5)  # fmt: skip
    ax.axhline(100, color=_colours.INK, lw=1, ls=(0, (4, 3)))
    ax.set_xticks(range(12), [str(month)[:3] for month in rows["month_name"]])
    ax.set_ylabel("Average month = 100")
    present = [v for v in MONTHS if (rows["verdict"] == v).any()]
    handles = [drawn[int((rows["verdict"] == v).to_numpy().argmax())] for v in present]
    ax.set_ylim(0, 1.18 * rows["index_upper"].max())
    ax.legend(handles, [MONTH_LEGEND[v] for v in present], frameon=False, fontsize=9,
              loc="upper left", ncols=2)  # fmt: skip
    chart_frame.plain(ax)
    return ax


def plot_funnel(
    result: pd.DataFrame, highlight: str | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw the rates of a group against their sizes, within its 95 and 99.8% control limits.

    Parameters
    ----------
    result : DataFrame
        The result of `compare`.
    highlight : str
        The code or name of the member to point out; those beyond the limits are named anyway.
    ax : matplotlib.axes.Axes
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes that were drawn on.

    Raises
    ------
    ValueError
        If the table is not a result of `compare`, or has lost what it says of itself, or
        ``highlight`` is not a member.

    Examples
    --------
    >>> import lsoahot as lh
    >>> areas = lh.count(lh.read_boundaries("sample"), lh.read_dataset("crime", "sample"))
    >>> ax = lh.plot_funnel(lh.compare(areas), "Oakham Centre")
    >>> ax.get_xlabel()
    'Population'
    """
    notes = result.attrs.get("statistics", {}).get("compare")
    if notes is None:
        raise ValueError(
            "the table does not say how it was compared. Give the result of compare() as it came, "
            "without merging or concatenating it."
        )
    ax = axes_for(ax, (8, 5.5))
    names = _names(result)
    people = result["population"].to_numpy(dtype="float64")
    mean = float(result["group_rate"].iloc[0])
    span = np.linspace(max(people.min() * 0.8, 1), people.max() * 1.06, 300)
    for level, style, label in ((0.95, (0, (4, 3)), "95% limits"), (0.998, "-", "99.8% limits")):
        expected = np.maximum(mean * span / notes["per"], 1e-9)
        lower, upper = count_tests.funnel(
            expected, level, dispersion=notes["scatter"], spread=notes["spread"]
        )
        for side, name in ((lower, "_lower"), (upper, label)):
            ax.plot(span, side / span * notes["per"], color=_colours.FAINT, ls=style, lw=1,
                    label=name)  # fmt: skip
    ax.axhline(mean, color=_colours.INK, lw=1, label=f"Mean of the group: {mean:.3g}")
    ours = _member(names, result, highlight)
    for verdict, colour in VERDICTS.items():
        here = (result["verdict"] == verdict).to_numpy()
        if here.any():
            ax.scatter(people[here], result["rate"][here], s=34, color=colour, zorder=3,
                       edgecolor=_colours.INK, linewidth=0.5, label=verdict.capitalize())  # fmt: skip
    ax.set(xlim=(span[0], span[-1]), ylim=(max(ax.get_ylim()[0], 0), ax.get_ylim()[1]))
    ax.set(xlabel="Population", ylabel=f"Rate per {notes['per']:,.0f}")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.legend(frameon=False, fontsize=8.5)
    chart_frame.plain(ax)
    outside = (result["verdict"] != "in line").to_numpy()
    chart_frame.name_points(
        ax, people, result["rate"].to_numpy(), names, bold=ours, shown=outside | ours
    )
    return ax


def plot_compare(
    result: pd.DataFrame, highlight: str | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw the members' rates as bars in order, each with the range that is in line with the group.

    Parameters
    ----------
    result : DataFrame
        The result of `compare`.
    highlight : str
        The code or name of the member to set in bold.
    ax : matplotlib.axes.Axes
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes that were drawn on.

    Raises
    ------
    ValueError
        If the table is not a result of `compare`, or ``highlight`` is not a member.

    Examples
    --------
    >>> import lsoahot as lh
    >>> areas = lh.count(lh.read_boundaries("sample"), lh.read_dataset("crime", "sample"))
    >>> ax = lh.plot_compare(lh.compare(areas))
    >>> len(ax.get_yticklabels())
    23
    """
    checks.columns(
        result, ["rate", "group_rate", "verdict"], "the table", "Make it with compare()."
    )
    ax = axes_for(ax, (8, 1.2 + 0.3 * len(result)))
    names = _names(result)
    bold = _member(names, result, highlight)
    at = np.arange(len(result))
    ax.barh(at, result["rate"], color=[VERDICTS[v] for v in result["verdict"]], height=0.7)
    for y, low, high in zip(at, result["funnel_lower_95"], result["funnel_upper_95"], strict=True):
        ax.plot([low, high], [y, y], color=_colours.INK, lw=1, marker="|", ms=6)
    mean = float(result["group_rate"].iloc[0])
    ax.axvline(mean, color=_colours.INK, lw=1, ls=(0, (4, 3)))
    ax.set_yticks(at, names, fontsize=9)
    for label, ours in zip(ax.get_yticklabels(), bold, strict=True):
        label.set_fontweight("bold" if ours else "normal")
    notes = result.attrs.get("statistics", {}).get("compare", {})
    ax.set_xlabel(
        f"Rate per {notes.get('per', 1000):,.0f}\n"
        f"dashed: mean of the group, {mean:.3g}; whiskers: in line with it at 95%"
    )
    present = [v for v in VERDICTS if (result["verdict"] == v).any()]
    handles = [ax.patches[int((result["verdict"] == v).to_numpy().argmax())] for v in present]
    ax.legend(handles, [v.capitalize() for v in present], frameon=False, fontsize=8.5,
              loc="lower right")  # fmt: skip
    ax.set_ylim(-0.6, len(result) - 0.4)
    chart_frame.plain(ax, grid="x")
    return ax


def plot_concentration(
    areas: pd.DataFrame,
    *,
    count: str = "count",
    population: str | None = "population",
    ax: Axes | None = None,
) -> Axes:
    """Draw what share of places holds what share of events, against chance alone (Lorenz curve).

    Parameters
    ----------
    areas : geopandas.GeoDataFrame or pandas.DataFrame
        What `concentration` takes: areas, or cells of a `grid`, with counts.
    count, population : str
        As of `concentration`.
    ax : matplotlib.axes.Axes
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes that were drawn on. Places are in order, those with most events first.

    Raises
    ------
    TypeError, ValueError
        As `concentration`.

    Examples
    --------
    >>> import lsoahot as lh
    >>> areas = lh.count(lh.read_boundaries("sample"), lh.read_dataset("crime", "sample"))
    >>> lh.plot_concentration(areas).get_ylabel()
    'Share of events (%)'
    """
    marks = concentration.concentration(areas, count=count, population=population)
    curve, _ = concentration.measure(areas, np.arange(101.0), count, population, whole=False)
    ax = axes_for(ax, (6.5, 5.5))
    ax.fill_betweenx(curve["events_pct"], curve["chance_lower"], curve["chance_upper"],
                     color=EVEN, lw=0.5, label="By chance alone (95% of maps)")  # fmt: skip
    ax.plot([*curve["places_pct"], 100], [*curve["events_pct"], 100], color=UP, lw=2,
            label="These events")  # fmt: skip
    for share, places in zip(marks["events_pct"], marks["places_pct"], strict=True):
        at = curve["places_pct"].iloc[int(share)], share
        ax.plot(*at, "o", color=UP, ms=6)
        # below the curve while there is room to the right, else above it
        offset, side = ((34, -26), "left") if at[0] <= ROOM else ((-16, 14), "right")
        ax.annotate(
            f"{share:.0f}% of events in {places:.2g}% of places", at, offset,
            textcoords="offset points", fontsize=9, va="center", ha=side,
            arrowprops={"arrowstyle": "-", "color": _colours.FAINT, "lw": 0.8},
        )  # fmt: skip
    facts = curve.attrs["statistics"]["concentration"]
    ax.set(xlim=(0, 100), ylim=(0, 101), ylabel="Share of events (%)")
    ax.set_xlabel(
        f"Share of {facts['places']:,} places (%), those with most events first\n"
        f"Generalised Gini {facts['gini']:.2f}; by chance "
        f"{facts['gini_chance_lower']:.2f} to {facts['gini_chance_upper']:.2f}"
    )
    ax.legend(frameon=False, fontsize=9, loc="lower right")
    chart_frame.plain(ax)
    return ax


def _end_of_line(group: str, value: float, last: pd.Series) -> str:
    """Return what stands at the end of a line: "Criminal damage 188 (-21%, fell)"."""
    change, notes = last.get("change_pct", np.nan), ""
    if np.isfinite(change):
        notes = f" ({change:+.0f}%, {last['verdict']})".replace("-", "\N{MINUS SIGN}")
    return f"{group} {value:,.0f}{notes}"


def _names(result: pd.DataFrame) -> NDArray[np.object_]:
    """Return what the members are called."""
    return (
        np.asarray(result.get("area_name", result.index), dtype=object).astype(str).astype(object)
    )


def _member(names: NDArray[np.object_], result: pd.DataFrame, highlight: str | None) -> Bools:
    """Return which row is to be pointed out."""
    if highlight is None:
        return np.zeros(len(result), dtype=bool)
    here = (names == highlight) | (result.index.astype(str) == highlight)
    if not here.any():
        checks.one_of(highlight, [str(name) for name in names], "highlight")
    return np.asarray(here)
