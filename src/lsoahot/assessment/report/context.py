"""What all parts of a report share: the paper, the assessment, and how things are called in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from lsoahot.assessment.notices import full_notice
from lsoahot.assessment.report.word import styles
from lsoahot.assessment.report_settings import THEMES
from lsoahot.common.month_names import month_name
from lsoahot.describe import nouns
from lsoahot.describe.comparison_sentences import describe_comparison

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from lsoahot.assessment.findings import Finding
    from lsoahot.assessment.report.word.document import Paper
    from lsoahot.assessment.result import Assessment
    from lsoahot.assessment.settings import Config

UNNAMED: Final = "the area"
TWO: Final = 2
EMU: Final = 914_400  # English metric units to the inch


@dataclass(frozen=True, kw_only=True)
class Context:
    """A report in the making."""

    paper: Paper
    assessment: Assessment
    findings: tuple[Finding, ...]
    maps: Mapping[str, bytes]
    noted: set[str] = field(default_factory=set)
    changed: dict[str, gpd.GeoDataFrame | None] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        """Return the settings."""
        return self.assessment.config

    @cached_property
    def shown(self) -> gpd.GeoDataFrame:
        """Return the areas reported, of any measure: for their names and shapes only."""
        return next(iter(self.assessment.tables.values())).sort_index()

    @cached_property
    def own_districts(self) -> list[str]:
        """Name the districts reported."""
        if "district" not in self.shown:
            return []
        return sorted(str(name) for name in self.shown["district"].dropna().unique())

    @property
    def place(self) -> str:
        """Name what is reported."""
        if self.config.report.coverage:
            return self.config.report.coverage
        if isinstance(self.config.select, str):
            return self.config.select
        if len(self.own_districts) == 1:
            return self.own_districts[0]
        return UNNAMED

    def dated(self, text: str) -> str:
        """Call a year by its last month in a sentence: "the year to September 2012"."""
        month = month_name(self.config.end)
        text = re.sub(r"\bFY (\d{4}) and FY (\d{4})", rf"the years to {month} \1 and \2", text)
        return re.sub(r"\bFY (\d{4})", rf"the year to {month} \1", text)

    def year(self, label: str) -> str:
        """Call a year by its last month in a heading: "to Sep 2012"."""
        month = f"to\N{NO-BREAK SPACE}{month_name(self.config.end)[:3]}"
        return re.sub(r"\bFY (\d{4})", rf"{month} \1", label)

    def span_of(self, labels: Sequence[str]) -> str:
        """Name some years in a title: "years to September 2007 to 2012"."""
        first, last = labels[0], labels[-1]
        if not last.startswith("FY "):
            return last if first == last else f"{first} to {last}"
        to = "and" if len(labels) == TWO else "to"
        span = last[3:] if first == last else f"{first[3:]} {to} {last[3:]}"
        return f"year{'' if first == last else 's'} to {month_name(self.config.end)} {span}"

    @property
    def whole(self) -> str:
        """Name all areas that were loaded, which rates are compared with."""
        loaded = self.assessment.areas
        if len(loaded) == len(self.shown):
            return self.place
        districts = loaded["district"].nunique() if "district" in loaded else 0
        return f"all {districts} districts" if districts > 1 else f"all {len(loaded):,} areas"

    @property
    def years(self) -> str:
        """Name the period."""
        return self.config.years

    @property
    def inches(self) -> float:
        """Return the width of the text."""
        return self.paper.width / EMU

    def unit(self, finding: Finding) -> str | None:
        """Name what a measure counts, in the singular."""
        return nouns.unit(self.assessment.records[finding.measure.name].attrs.get("unit"))

    def comparisons(self, finding: Finding) -> list[str]:
        """Say how each district reported compares with the others, if there are others."""
        compared = finding.districts
        if compared is None:
            return []
        ours = [name for name in self.own_districts if name in set(compared["area_name"])]
        group = f"the {len(compared)} districts compared"
        return [
            describe_comparison(compared, name, finding.measure.title, group=group)
            for name in ours
            if len(ours) < len(compared)
        ]

    def write_text(self, place: str, lacking: str = "") -> None:
        """Write the settings' text for a place; where it is lacking, that it is to be written."""
        text = self.config.report.text
        if place in text or not lacking:
            self.paper.own_words(text.get(place, ""))
        else:
            self.paper.placeholder(lacking)

    def notice(self, table: pd.DataFrame | None = None, *, again: bool = True) -> None:
        """Show what must be shown with every figure, or with those of one measure."""
        every = self.assessment.tables if table is None else {"": table}
        text = full_notice(self.assessment.areas if table is None else table, every)
        if text and (again or text not in self.noted):
            self.noted.add(text)
            self.paper.say(f"{text.rstrip('.')}.", style=styles.NOTICE)

    def themes(self) -> list[str]:
        """Return the chapters in order: as the settings say, then as the assessment had them."""
        there = [one.measure.theme for one in self.findings]
        there += [table.theme for table in self.config.tables]
        order = [*self.config.report.themes, *THEMES, *there]
        return [theme for theme in dict.fromkeys(order) if theme in there]
