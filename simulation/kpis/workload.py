"""How busy staff were: work clipped to the window and to opening hours, against the heads on duty."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measures import Dimension, Flags, Floats
from simulation.kpis.strata import staff_dimensions
from simulation.scenario.pathways import Work

if TYPE_CHECKING:
    from simulation.kpis.measured import Measured

__all__ = ["Workload", "integral", "make_workload"]

PER_YEAR = 8760.0
"""Hours of the year for which a head's annual cost is paid."""


def integral(times: Floats, heads: NDArray[np.int64], moments: Floats) -> Floats:
    """Integrate a step function of heads from time 0 to each moment: head-hours.

    Examples
    --------
    >>> integral(np.array([0.0, 9.0, 17.0]), np.array([0, 2, 0]), np.array([10.0, 24.0])).tolist()
    [2.0, 16.0]
    """
    before = np.concatenate(([0.0], np.cumsum(heads[:-1] * np.diff(times))))
    step = np.searchsorted(times, moments, side="right") - 1
    return np.asarray(before[step] + heads[step] * (moments - times[step]), dtype=np.float64)


@dataclass(frozen=True)
class Workload:
    """Spells of work that touch the window; arrays have an item per spell unless it says otherwise.

    A spell is a visit on which a team began to work, alone or with others, cut at the edges of the window.
    """

    measured: Measured
    staff: NDArray[np.int64]
    """Number of the staff group."""
    case: NDArray[np.int64]
    """Number of the case."""
    start: Floats
    """Hours, not before the window."""
    end: Floats
    """Hours, not after the window."""
    pauses: Flags
    """The work was put down at closing time, not finished in overtime."""
    unfinished: Flags
    """Still under way at the horizon."""

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        """How staff groups are divided into levels."""
        return staff_dimensions(self.measured.layout)

    @cached_property
    def groups(self) -> int:
        """How many staff groups there are."""
        return len(self.measured.records.names.staff)

    def per_group(self, amounts: Floats | Flags) -> Floats:
        """Add up spells by staff group; an item per staff group."""
        return np.bincount(self.staff, weights=amounts, minlength=self.groups).astype(np.float64)

    def open_hours(self, staff: NDArray[np.int64], start: Floats, end: Floats) -> Floats:
        """Return the hours for which the staff group was open between pairs of moments."""
        units = [unit for team in self.measured.layout.teams for unit in team.staff]
        calendars = {id(unit.hours): unit.hours for unit in units}
        number = {key: n for n, key in enumerate(calendars)}
        kept = np.array([number[id(unit.hours)] for unit in units], dtype=np.int64)[staff]
        result = np.zeros(len(staff))
        for hours, n in zip(calendars.values(), range(len(number)), strict=True):
            rows = np.flatnonzero(kept == n)
            result[rows] = hours.clip(start[rows], end[rows])
        return result

    @cached_property
    def busy(self) -> Floats:
        """Hours of the spell within opening hours."""
        return self.open_hours(self.staff, self.start, self.end)

    @cached_property
    def overtime(self) -> Floats:
        """Hours of the spell outside opening hours, none where work pauses."""
        return np.where(self.pauses, 0.0, np.maximum(self.end - self.start - self.busy, 0.0))

    def on_duty(self, edges: Floats) -> Floats:
        """Head-hours on duty between consecutive moments; a row per staff group, a column per stretch."""
        units = self.measured.roster.staff
        hours = [np.diff(integral(unit.times, unit.capacity, edges)) for unit in units]
        return np.array(hours).reshape(len(units), len(edges) - 1)

    @cached_property
    def pay(self) -> Floats:
        """Cost of the heads in the window, yuan, on duty or not, and of overtime; an item per staff group.

        Nobody is paid for an empty post; whoever is away is paid.
        """
        edges = np.array([self.measured.window.start, self.measured.window.end])
        units = self.measured.roster.staff
        costs = [np.diff(integral(u.times, u.planned, edges))[0] * u.annual_cost / PER_YEAR for u in units]
        prices = np.array([unit.overtime_cost for unit in units], dtype=np.float64)
        pay = np.array(costs, dtype=np.float64) + self.per_group(self.overtime) * prices
        return np.asarray(pay, dtype=np.float64)


def make_workload(measured: Measured) -> Workload:
    """Return the spells of work that touch the window.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> float(make_workload(worked_example()).busy.sum())
    6.0
    """
    visits, window = measured.records.visits, measured.window
    end = np.where(np.isnan(visits["ended"]), measured.records.horizon, visits["ended"])
    chosen = (visits["staff"] >= 0) & (visits["started"] < window.end) & (end > window.start)
    rows = np.flatnonzero(chosen)
    steps = measured.steps.items()
    pausing = {name: isinstance(step, Work) and step.at_close == "pause" for name, step in steps}
    return Workload(
        measured=measured,
        staff=visits["staff"][rows].astype(np.int64),
        case=visits["case"][rows],
        start=np.maximum(visits["started"][rows], window.start),
        end=np.minimum(end[rows], window.end),
        pauses=measured.activities(pausing)[visits["activity"][rows]],
        unfinished=np.isnan(visits["ended"][rows]),
    )
