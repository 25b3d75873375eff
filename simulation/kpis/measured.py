"""One replication made ready for measurement: what the KPIs ask of records, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.cells import Cells, make_cells
from simulation.kpis.deadlines import due
from simulation.kpis.journeys import (
    Contacts,
    Referrals,
    Stages,
    count_referrals,
    count_stages,
    find_contacts,
)
from simulation.kpis.measures import Clock, Counts, Dimension, Flags, Floats, Statistic
from simulation.kpis.scheme import Scheme, scheme_of
from simulation.kpis.strata import case_dimensions
from simulation.kpis.survival import Curves, levels_of, make_curves
from simulation.kpis.times import Times, case_times, department_times
from simulation.kpis.window import Window
from simulation.kpis.workload import Workload, make_workload
from simulation.records import Exit, Records
from simulation.scenario import Scenario

if TYPE_CHECKING:
    from simulation.engines import Replication
    from simulation.layout import Layout
    from simulation.roster import Roster

__all__ = ["Measured", "prepare"]

COLUMNS = ("parent", "need", "group", "origin", "contact", "channel", "rounds", "arrival", "ended", "exit")
"""Columns of the cases that KPIs ask for."""
QUANTILES: dict[Statistic, float] = {"median": 0.5, "p90": 0.9}
BLOCK = 4096
"""So many rows are taken apart at a time, while they are at hand."""


@dataclass(frozen=True)
class Measured:
    """Records, the system that left them, and the window.

    Every array has an item per case unless it says otherwise.

    Build it of a replication, or with `prepare` of records that were kept. A window that reaches beyond the
    records is a ValueError.
    """

    replication: Replication
    window: Window

    def __post_init__(self) -> None:
        horizon = self.records.horizon
        if self.window.end > horizon:
            raise ValueError(
                f"window: it ends at {self.window.end:g} h but the records end at {horizon:g} h; "
                "shorten the window or run longer"
            )

    @property
    def layout(self) -> Layout:
        """The scenario written out."""
        return self.replication.layout

    @property
    def scenario(self) -> Scenario:
        """The system that left the records."""
        return self.layout.scenario

    @property
    def records(self) -> Records:
        """What happened."""
        return self.replication.records

    @property
    def roster(self) -> Roster:
        """Who was there."""
        return self.replication.roster

    @cached_property
    def scheme(self) -> Scheme:
        """What the layout says, in arrays."""
        return scheme_of(self.layout)

    @cached_property
    def cases(self) -> dict[str, NDArray[Any]]:
        """Columns of the cases that are asked for, contiguous."""
        cases = self.records.cases
        columns = {name: np.empty(len(cases), cases.dtype[name]) for name in COLUMNS}
        for start in range(0, len(cases), BLOCK):
            block = slice(start, start + BLOCK)
            for name, column in columns.items():
                column[block] = cases[name][block]
        return columns

    @property
    def visits(self) -> NDArray[Any]:
        """Rows of the visits; of joint work those whose `lead` is not below zero too."""
        return self.records.visits

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        """How cases are divided into levels."""
        return case_dimensions(self.scheme.strata, self.cases)

    @cached_property
    def cells(self) -> Cells:
        """Cases that are of the same level in every dimension."""
        return make_cells(self.dimensions, self.primary)

    # ------------------------------------------------------------ which cases count

    @cached_property
    def cohort(self) -> Flags:
        """The need arose in the window."""
        arrival = self.cases["arrival"]
        return np.asarray((arrival >= self.window.start) & (arrival < self.window.end))

    @cached_property
    def cohort_open(self) -> Flags:
        """The need arose in the window and is still open at the horizon."""
        return self.cohort & self.open

    @cached_property
    def solved(self) -> Flags:
        """The need arose in the window and was resolved."""
        return self.cohort & self.resolved

    @cached_property
    def asked(self) -> Flags:
        """The need arose in the window, and somebody was told of it."""
        return self.cohort & self.presented

    @cached_property
    def asked_open(self) -> Flags:
        """The need arose in the window, somebody was told of it, and it is still open at the horizon."""
        return self.asked & self.open

    @cached_property
    def primary(self) -> Flags:
        """The need arose by itself, not out of another case: the same cases in every scenario."""
        return np.asarray(self.cases["parent"] < 0)

    @cached_property
    def by_veteran(self) -> Flags:
        """A veteran, not the service, starts cases of this need."""
        return np.asarray(self.scheme.by_veteran[self.cases["need"]])

    @cached_property
    def headline(self) -> Flags:
        """Needs that veterans have of their own accord: what KPIs are about unless they say otherwise."""
        return self.primary & self.by_veteran

    @cached_property
    def core(self) -> Flags:
        """Needs that veterans have of their own accord and that arose in the window."""
        return self.cohort & self.headline

    @cached_property
    def everyone(self) -> Flags:
        """Every case."""
        return np.ones(len(self.records.cases), bool)

    @cached_property
    def nobody(self) -> Flags:
        """No case."""
        return np.zeros(len(self.records.cases), bool)

    def has_exit(self, exit_: Exit) -> Flags:
        """Whether the case ended so."""
        return np.asarray(self.cases["exit"] == exit_)

    @cached_property
    def presented(self) -> Flags:
        """Somebody was told of the need."""
        return ~self.has_exit(Exit.not_presented)

    @cached_property
    def open(self) -> Flags:
        """Still open at the horizon."""
        return self.has_exit(Exit.open)

    @cached_property
    def resolved(self) -> Flags:
        """Ended as resolved."""
        return self.has_exit(Exit.resolved)

    @cached_property
    def due(self) -> Floats:
        """The moment of the need's deadline, hours; infinite beyond the calendar, NaN without a deadline."""
        return due(self.scheme.calendars, self.scheme.deadlines, self.cases["need"], self.cases["arrival"])

    @cached_property
    def root_need(self) -> Counts:
        """The need out of which the case came, through all cases that opened one another; else its own."""
        parent, needs = self.cases["parent"], self.cases["need"].copy()
        rows = np.flatnonzero(~self.primary)
        root = parent[rows]
        while np.any(parent[root] >= 0):
            root = np.where(parent[root] >= 0, parent[root], root)
        needs[rows] = needs[root]
        return np.asarray(needs, dtype=np.int32)

    # ------------------------------------------------------------ what happened to those of the window

    @cached_property
    def contacts(self) -> Contacts:
        """Who worked on them."""
        return find_contacts(self)

    @cached_property
    def referrals(self) -> Referrals:
        """How they were referred."""
        return count_referrals(self)

    @cached_property
    def stages(self) -> Stages:
        """Their activities with a time limit."""
        return count_stages(self)

    @property
    def first_contact(self) -> Floats:
        """When a team first began to work on the case, hours; NaN if none did.

        A case that was resolved without any team was first met when it was resolved.
        """
        return self.contacts.first

    @cached_property
    def solved_at_once(self) -> Flags:
        """Resolved by the first team that worked on it, with nothing after that and without coming back.

        That another case was opened on the way does not count.
        """
        return np.asarray(self.resolved & self.contacts.at_once & (self.cases["rounds"] == 0))

    # ------------------------------------------------------------ how long it took

    def times(self, clock: Clock) -> Times:
        """How long it took, case by case or referral by referral, of the window."""
        if clock not in self._times:
            if clock == "department":
                found = department_times(self)
            elif clock == "resolution":
                found = case_times(self, np.where(self.resolved, self.cases["ended"], np.nan))
            else:
                found = case_times(self, self.first_contact)
            self._times[clock] = found
        return self._times[clock]

    @cached_property
    def _times(self) -> dict[Clock, Times]:
        return {}

    def curves(self, clock: Clock, dimension: Dimension) -> Curves:
        """Curves of the days that it took, one for each level of a dimension."""
        times = self.times(clock)
        among = self.everyone if dimension.name == "need" else self.headline
        codes = levels_of(times.case, dimension.codes, among)
        return make_curves(times.days, times.happened, codes, len(dimension.levels))

    def waits(self, clock: Clock, limit: float) -> dict[Statistic, Floats]:
        """Mean and quantiles of the days that it took, over the levels of all dimensions.

        Curves are as long as there are cases, and are not kept.
        """
        if (clock, limit) not in self._waits:
            found: dict[Statistic, list[Floats]] = {"mean": [], "median": [], "p90": []}
            for dimension in self.dimensions:
                curves = self.curves(clock, dimension)
                found["mean"].append(curves.means(limit))
                for statistic, share in QUANTILES.items():
                    found[statistic].append(curves.quantiles(share, limit))
            self._waits[clock, limit] = {name: np.concatenate(parts) for name, parts in found.items()}
        return self._waits[clock, limit]

    @cached_property
    def _waits(self) -> dict[tuple[Clock, float], dict[Statistic, Floats]]:
        return {}

    @cached_property
    def workload(self) -> Workload:
        """Work in the window."""
        return make_workload(self)


def prepare(scenario: Scenario, records: Records, window: Window) -> Measured:
    """Make the records of a scenario ready for measurement, whoever kept them.

    Parameters
    ----------
    scenario
        The system that the records are of.
    records
        What the replication left behind.
    window
        The measured stretch.

    Raises
    ------
    ValueError
        If the window reaches beyond the records, or the records are not of this scenario.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> example = worked_example()
    >>> int(prepare(example.scenario, example.records, Window(0.0, 24.0)).cohort.sum())
    6
    """
    from simulation.engines import Replication
    from simulation.layout import make_layout
    from simulation.roster import make_roster

    layout = make_layout(scenario, records.horizon)
    if layout.names != records.names:
        raise ValueError(
            f"records: their names are not those of scenario {scenario.id!r}; pass the scenario they are of"
        )
    roster = make_roster(layout, records.seed, records.replication)
    return Measured(Replication(layout, roster, records), window)
