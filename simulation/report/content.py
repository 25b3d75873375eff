"""What a report is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from simulation.analysis.wording import label
from simulation.assumptions import Assumption, Grounds
from simulation.kpis import Kpi
from simulation.report.checklist import Item
from simulation.scenario.difference import PathwayDifference

__all__ = ["ReportContent"]


@dataclass(frozen=True)
class ReportContent:
    """Everything that a report says.

    Parameters
    ----------
    title, question, hypothesis
        Of the study.
    scenarios
        Title of each scenario id, the baseline first: the mapping that the figures were drawn with.
    kpis
        All KPIs whose values or definitions are shown. The first KPI of `comparison` is the one that decides
        which policy helps most.
    comparison
        The frame of `simulation.analysis.compare` for the headline KPIs.
    summary
        The frame of `simulation.analysis.summarise`; the rows of dimension ``all`` are shown.
    pairs
        The frame of `simulation.analysis.pairwise` for the policies on the deciding KPI.
    equity
        Frames of `simulation.analysis.differences`, one below the other.
    figures
        SVG text and caption of each figure, by id, in order.
    assumptions
        What the configuration takes as known or assumes, as `simulation.assumptions.gather` gives it, and
        what depends on each, in words.
    run
        How it was run, in words: seed, replications, warm-up, run length, run-out.
    manifest
        Versions, machine, run time; ``command`` is what reproduces the results. May be nested.
    confidence
        Of the intervals.
    others
        The frame of `simulation.analysis.compare` for other KPIs: a family of intervals of its own.
    summaries
        What each policy would do, in a sentence, by scenario id.
    names
        Titles of groups, places and other levels by id; without one an id is shown in words.
    cost
        The KPI that says what a policy costs, wherever it is compared.
    packages
        The policies that consist of others, and these, by id.
    grounds
        The assumptions that the answer on each policy hangs on.
    pathways
        What each policy changes in the structure of pathways.
    incremental
        The frame of `simulation.analysis.incremental`.
    best
        The frame of `simulation.analysis.best`.
    standing
        What is computed of each scenario beside what was simulated, and whether it grows, in sentences.
    twin
        The frame of `simulation.analysis.agreement.agreement`, with the scenario in front.
    refused
        Scenarios without a steady state, where one was asked for, and why.
    tried
        Every scenario ever tried in the study: the entries of its ledger.
    digests
        Digest of each scenario of the comparison, in their order.
    answers
        Answers to questions asked under the same terms: name, title, question, answer, command, page, and
        about, the scenarios of one that is not about all.
    checklist
        STRESS-DES, filled.
    decided
        What was decided, said by people; blank until they do.
    """

    title: str
    question: str
    hypothesis: str
    scenarios: Mapping[str, str]
    kpis: Sequence[Kpi]
    comparison: pd.DataFrame
    summary: pd.DataFrame
    pairs: pd.DataFrame
    equity: pd.DataFrame
    figures: Mapping[str, tuple[str, str]]
    assumptions: Sequence[tuple[Assumption, str]]
    run: Mapping[str, object]
    manifest: Mapping[str, object]
    confidence: float = 0.95
    others: pd.DataFrame = field(default_factory=pd.DataFrame)
    summaries: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    cost: str = "cost"
    packages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    grounds: Mapping[str, Grounds] = field(default_factory=dict)
    pathways: Mapping[str, Sequence[PathwayDifference]] = field(default_factory=dict)
    incremental: pd.DataFrame = field(default_factory=pd.DataFrame)
    best: pd.DataFrame = field(default_factory=pd.DataFrame)
    standing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    twin: pd.DataFrame = field(default_factory=pd.DataFrame)
    refused: Mapping[str, str] = field(default_factory=dict)
    tried: Sequence[Mapping[str, Any]] = ()
    digests: Sequence[str] = ()
    answers: Sequence[Mapping[str, Any]] = ()
    checklist: Sequence[Item] = ()
    decided: str = ""

    @property
    def baseline(self) -> str:
        """The scenario that the others are compared with."""
        return next(iter(self.scenarios))

    @property
    def policies(self) -> list[str]:
        """The scenarios that are compared with the baseline."""
        return list(self.scenarios)[1:]

    @property
    def parts(self) -> list[tuple[str, list[str]]]:
        """The policies under headings, packages first; one list where all are of one sort."""
        packages = [name for name in self.policies if name in self.packages]
        single = [name for name in self.policies if name not in self.packages]
        if not packages or not single:
            return [("", self.policies)] if self.policies else []
        return [("Packages", packages), ("Single policies", single)]

    @property
    def headline(self) -> list[Kpi]:
        """The headline KPIs, the deciding one first."""
        return self.within(self.comparison)

    def within(self, table: pd.DataFrame) -> list[Kpi]:
        """Give the KPIs of a comparison, in its order."""
        found = {kpi.id: kpi for kpi in self.kpis}
        return [found[name] for name in dict.fromkeys(table["kpi"])] if len(table) else []

    def name(self, scenario: str) -> str:
        """Title of a scenario, or its id in words."""
        return self.scenarios.get(scenario) or label(scenario)

    def level(self, name: str) -> str:
        """Title of a level, or its id in words."""
        return self.names.get(name) or label(name)
