"""One replication made ready for measurement: what the KPIs ask of records, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.deadlines import due
from simulation.kpis.measures import Clock, Dimension, Flags, Floats
from simulation.kpis.strata import Cells, case_dimensions, make_cells
from simulation.kpis.survival import Curve, curve
from simulation.kpis.times import Times, case_times, department_times, sought
from simulation.kpis.window import Window
from simulation.kpis.workload import Workload, make_workload
from simulation.records import Exit, Outcome, Records
from simulation.scenario import Scenario
from simulation.scenario.pathways import OpenCase, Step

if TYPE_CHECKING:
    from simulation.engines import Replication
    from simulation.layout import Layout
    from simulation.roster import Roster

__all__ = ["Measured", "prepare"]


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
    def cases(self) -> dict[str, NDArray[Any]]:
        """Columns of the cases, contiguous."""
        cases = self.records.cases
        return {name: np.ascontiguousarray(cases[name]) for name in cases.dtype.names or ()}

    @cached_property
    def visits(self) -> dict[str, NDArray[Any]]:
        """Columns of the visits, contiguous; an item per visit (joint work counts once)."""
        visits = self.records.visits
        visits = visits[visits["lead"] < 0]
        return {name: np.ascontiguousarray(visits[name]) for name in visits.dtype.names or ()}

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        """How cases are divided into levels."""
        return case_dimensions(self.layout, self.records.cases)

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
    def primary(self) -> Flags:
        """The need arose by itself, not out of another case: the same cases in every scenario."""
        return np.asarray(self.cases["parent"] < 0)

    @cached_property
    def by_veteran(self) -> Flags:
        """A veteran, not the service, starts cases of this need."""
        kinds = np.array([need.initiated == "veteran" for need in self.scenario.needs], dtype=bool)
        return np.asarray(kinds[self.cases["need"]])

    @cached_property
    def headline(self) -> Flags:
        """Needs that veterans have of their own accord: what KPIs are about unless they say otherwise."""
        return self.primary & self.by_veteran

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
        moments = np.full(len(self.records.cases), np.nan)
        for number, need in enumerate(self.scenario.needs):
            if need.deadline is not None:
                rows = np.flatnonzero(self.cases["need"] == number)
                arrival = self.cases["arrival"][rows]
                hours = self.layout.hours
                moments[rows] = due(self.scenario, hours, need.deadline, need.deadline_calendar, arrival)
        return moments

    @cached_property
    def root_need(self) -> NDArray[np.int64]:
        """The need out of which the case came, through all cases that opened one another; else its own."""
        parent, root = self.cases["parent"], np.arange(len(self.records.cases))
        while np.any(parent[root] >= 0):
            root = np.where(parent[root] >= 0, parent[root], root)
        return np.asarray(self.cases["need"][root], dtype=np.int64)

    # ------------------------------------------------------------ what happened to them

    @cached_property
    def steps(self) -> dict[str, Step]:
        """Steps by the name of their activity."""
        return {
            f"{pathway.id}.{step.id}": step
            for system in self.layout.systems
            for pathway in system.pathways
            for step in pathway.steps
        }

    def visited(self, activities: Flags) -> Flags:
        """Whether a visit was to one of these activities; an item per visit."""
        return np.asarray(activities[self.visits["activity"]])

    def activities(self, chosen: dict[str, bool]) -> Flags:
        """Turn flags by name into an array with an item per activity, false where none is given."""
        return np.array([chosen.get(name, False) for name in self.records.names.activities], dtype=bool)

    @cached_property
    def referrals(self) -> Flags:
        """The visit came about by a referral; an item per visit."""
        return self.visited(self.activities({n: s.referral is not None for n, s in self.steps.items()}))

    def count(self, visits: Flags) -> Floats:
        """How many of these visits each case had."""
        return self.count_of(self.visits["case"][visits])

    def count_of(self, cases: NDArray[np.int64]) -> Floats:
        """How often each case is among these."""
        return np.bincount(cases, minlength=len(self.records.cases)).astype(np.float64)

    @cached_property
    def worked(self) -> Flags:
        """A team began to work; an item per visit."""
        return np.asarray((self.visits["staff"] >= 0) & ~np.isnan(self.visits["started"]))

    @cached_property
    def first_contact(self) -> Floats:
        """When a team first began to work on the case, hours; NaN if none did.

        A case that was resolved without any team was first met when it was resolved.
        """
        moments = np.where(self.resolved, self.cases["ended"], np.nan)
        rows = np.flatnonzero(self.worked)
        if len(rows):
            case = self.visits["case"][rows]
            heads = np.flatnonzero(np.diff(case, prepend=-1))
            moments[case[heads]] = np.minimum.reduceat(self.visits["started"][rows], heads)
        return moments

    @cached_property
    def solved_at_once(self) -> Flags:
        """Resolved by the first team that worked on it, with nothing after that and without coming back.

        That another case was opened on the way does not count.
        """
        opens = [isinstance(self.steps.get(name), OpenCase) for name in self.records.names.activities]
        steps = np.flatnonzero(~self.visited(np.array(opens, dtype=bool)))
        rows = self.count_of(self.visits["case"][steps])
        works = self.count(self.worked)
        last = np.cumsum(rows).astype(np.int64) - 1
        ends_in_work = np.zeros(len(rows), bool)
        some = rows > 0
        ends_in_work[some] = self.worked[steps[last[some]]]
        once = (ends_in_work & (works == 1)) | ((works == 0) & (rows <= 1))
        return np.asarray(self.resolved & once & (self.cases["rounds"] == 0))

    @cached_property
    def completed(self) -> Flags:
        """The visit was completed; an item per visit."""
        return np.asarray(self.visits["outcome"] == Outcome.completed)

    @cached_property
    def unfinished(self) -> Flags:
        """The visit was still under way at the horizon; an item per visit."""
        outcome = self.visits["outcome"]
        return np.asarray((outcome == Outcome.waiting) | (outcome == Outcome.in_service))

    # ------------------------------------------------------------ how long it took

    @cached_property
    def sought(self) -> Flags:
        """The visit is a hand-over to a department or partner; an item per visit."""
        return sought(self)

    @cached_property
    def times(self) -> Mapping[Clock, Times]:
        """How long it took, case by case or referral by referral, of the window."""
        resolved = np.where(self.resolved, self.cases["ended"], np.nan)
        return {
            "first contact": case_times(self, self.first_contact),
            "resolution": case_times(self, resolved),
            "department": department_times(self),
        }

    @cached_property
    def workload(self) -> Workload:
        """Spells of work that touch the window."""
        return make_workload(self)

    def curves(self, clock: Clock, dimension: Dimension) -> list[Curve | None]:
        """Curves of the days that it took, one for each level of a dimension."""
        key = clock, dimension.name
        if key not in self._curves:
            times = self.times[clock]
            codes = dimension.codes[times.case]
            chosen = codes >= 0
            if dimension.name != "need":
                chosen &= self.headline[times.case]
            rows = np.flatnonzero(chosen)
            rows = rows[np.argsort(codes[rows], kind="stable")]
            edges = np.searchsorted(codes[rows], np.arange(len(dimension.levels) + 1))
            days, happened = times.days[rows], times.happened[rows]
            pairs = pairwise(edges.tolist())
            self._curves[key] = [curve(days[low:high], happened[low:high]) for low, high in pairs]
        return self._curves[key]

    @cached_property
    def _curves(self) -> dict[tuple[str, str], list[Curve | None]]:
        return {}


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
