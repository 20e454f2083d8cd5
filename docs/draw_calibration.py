"""Draw the simulations of tests/calibration: python docs/draw_calibration.py.

Reads docs/_static/calibration.csv, power.csv and made_risks.csv; writes the plots and tables of
docs/statistics.md beside them.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

mpl.use("Agg")
HERE = Path(__file__).parent / "_static"
# Okabe & Ito's colours, safe for the colour-blind; ours solid, the peers' dashed.
STYLES = {
    "Gi* exact, rate": ("#0072B2", "-", "o"),
    "risk with neighbours": ("#009E73", "-", "s"),
    "risk of the area alone": ("#56B4E9", "-", "^"),
    "Gi* exact, standardised rate": ("#CC79A7", "-", "D"),
    "Gi* analytic, rate": ("#D55E00", "--", "v"),
    "Gi* esda 999, rate": ("#E69F00", "--", "x"),
}
RATES = (0.3, 1, 5, 30)
# Made risks: the methods from the top, and the surfaces on which some areas are truly high.
NAMERS = {
    "level: Above": "level Above",
    "level with neighbours: Above": "the same, with neighbours",
    "level: Probably above": "level Probably above",
    "level with neighbours: Probably above": "the same, with neighbours",
    "find_hotspots: hot spot 95%": "hot spot 95 % (fenced)",
    "getis_ord: hot spot 95%": "hot spot 95 %",
    "Gi* analytic, q <= 0.05": "Gi* from the normal table",
    "Gi* esda 999, p <= 0.05": "Gi* esda, p <= 0.05",
    "local_risk with neighbours: hot 95%": "local_risk with neighbours",
    "empirical Bayes above 1.5": "empirical Bayes above 1.5",
    "raw rate above 1.5": "rate above 1.5",
}
SURFACES = {
    "gamma 0.5": ("#0072B2", "o"),
    "gamma 0.8": ("#56B4E9", "s"),
    "lognormal 0.6": ("#009E73", "^"),
    "outlier": ("#D55E00", "v"),
    "lognormal, in series": ("#CC79A7", "D"),
}
ENOUGH = 10  # named: of fewer no share is drawn
MEMBERS = 5  # of the clusters that are drawn


def draw_size(table: pd.DataFrame) -> None:
    kinds = [(611, "equal", "611 areas"), (23, "equal", "23 areas (Rutland)")]
    figure, axes = plt.subplots(2, 2, figsize=(9, 6.6), sharex=True, sharey="row")
    rows = (("maps_with_any", "maps with a false\nhot or cold spot"),
            ("p_below_0.05", "areas with p below 0.05"))  # fmt: skip
    for down, (column, label) in enumerate(rows):
        for across, (areas, risk, title) in enumerate(kinds):
            ax = axes[down, across]
            part = table[(table["areas"] == areas) & (table["risk"] == risk)]
            for name, (colour, line, mark) in STYLES.items():
                one = part[part["test"] == name]
                ax.plot(one["per_1000"], one[column] * 100, line, color=colour, marker=mark,
                        markersize=5, label=name)  # fmt: skip
            ax.axhline(5, color="0.3", linewidth=0.8)
            ax.text(1.01, 5, "5 %", fontsize=8, color="0.3", va="center",
                    transform=ax.get_yaxis_transform())  # fmt: skip
            ax.set_xscale("log")
            ax.set_xticks(RATES, [f"{rate:g}" for rate in RATES])
            ax.minorticks_off()
            ax.set_ylim(0, 40 if down == 0 else 25)
            ax.spines[["top", "right"]].set_visible(False)
            if down == 0:
                ax.set_title(title, fontsize=11)
            else:
                ax.set_xlabel("events per 1,000 people")
            if across == 0:
                ax.set_ylabel(f"% of {label}")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle("Where every area has the same risk, whatever is flagged is false", fontsize=12)
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    figure.savefig(HERE / "calibration.png", dpi=110)
    plt.close(figure)


def draw_power(table: pd.DataFrame) -> None:
    figure, axes = plt.subplots(1, 4, figsize=(11, 4), sharey=True)
    part = table[table["cluster"] == MEMBERS]
    for ax, rate in zip(axes, RATES, strict=True):
        for name, (colour, line, mark) in STYLES.items():
            one = part[(part["test"] == name) & (part["per_1000"] == rate)]
            ax.plot(one["times"], one["areas_found"] * 100, line, color=colour, marker=mark,
                    markersize=5, label=name)  # fmt: skip
        ax.set_title(f"{rate:g} per 1,000", fontsize=11)
        ax.set_xticks([1.5, 2, 3])
        ax.set_xlabel("times the risk")
        ax.set_ylim(-2, 102)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("% of planted areas found")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle(
        "A cluster of 5 among 611 areas, each test cut at 5 % of maps falsely flagged", fontsize=12
    )
    figure.tight_layout(rect=(0, 0.12, 1, 1))
    figure.savefig(HERE / "power.png", dpi=110)
    plt.close(figure)


def draw_made(table: pd.DataFrame) -> None:
    figure, axes = plt.subplots(2, 4, figsize=(11, 7.4), sharex=True, sharey=True)
    rows = {name: -place for place, name in enumerate(NAMERS)}
    for down, (column, label) in enumerate(
        (("right", "of those named are truly high"), ("found", "of the truly high are named"))
    ):
        for ax, rate in zip(axes[down], RATES, strict=True):
            for surface, (colour, mark) in SURFACES.items():
                part = table[(table["risks"] == surface) & (table["per_1000"] == rate)]
                part = part[part["method"].isin(rows)]
                if column == "right":
                    part = part[part["named"] * part["maps"] >= ENOUGH]
                ax.plot(part[column] * 100, part["method"].map(rows), mark, color=colour,
                        markersize=5, alpha=0.8, label=surface)  # fmt: skip
            ax.set_xlim(-3, 103)
            ax.set_yticks(list(rows.values()), list(NAMERS.values()), fontsize=9)
            ax.grid(axis="y", color="0.9")
            ax.spines[["top", "right"]].set_visible(False)
            ax.set_xlabel(f"% {label}" if rate == RATES[0] else "%", fontsize=9)
            if column == "right":
                ax.axvline(95, color="0.3", linewidth=0.8)
                ax.set_title(f"{rate:g} per 1,000", fontsize=11)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=5, frameon=False, fontsize=9)
    figure.suptitle(
        "Who names the truly high (above 1.5 times)? Made risks, 611 areas", fontsize=12
    )
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    figure.savefig(HERE / "made_risks.png", dpi=110)
    plt.close(figure)


def percent(share: pd.Series) -> pd.Series:
    return (share * 100).map("{:.1f}".format)


def main() -> None:
    size, power = (pd.read_csv(HERE / f"{name}.csv") for name in ("calibration", "power"))
    draw_size(size)
    draw_power(power)
    draw_made(pd.read_csv(HERE / "made_risks.csv"))
    shown = size[size["risk"] == "equal"].assign(
        cell=percent(size["maps_with_any"]) + " (" + percent(size["p_below_0.05"]) + ")"
    )
    wide = shown.pivot_table(
        index="test", columns=["areas", "per_1000"], values="cell", aggfunc="first"
    )
    wide = wide.reindex(STYLES)[[(areas, rate) for areas in (611, 23) for rate in RATES]]
    wide.columns = [f"{areas} areas, {rate:g}" for areas, rate in wide.columns]
    wide.to_csv(HERE / "calibration_table.csv")
    uneven = size[size["risk"] == "uneven"].assign(cell=percent(size["maps_with_any"]))
    wide = uneven.pivot_table(index="test", columns="per_1000", values="cell", aggfunc="first")
    wide.reindex(STYLES).rename(columns="{:g} per 1,000".format).to_csv(HERE / "uneven_table.csv")
    power["cell"] = (power["areas_found"] * 100).map("{:.0f}".format)
    wide = power.pivot_table(
        index=["per_1000", "cluster", "times"], columns="test", values="cell", aggfunc="first"
    )
    wide[list(STYLES)].to_csv(HERE / "power_table.csv")


if __name__ == "__main__":
    main()
