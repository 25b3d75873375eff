"""How long things took: from a need to its first contact or resolution, and from a referral to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measures import Flags, Floats
from simulation.scenario.pathways import Assign, Delay, Work

if TYPE_CHECKING:
    from simulation.kpis.measured import Measured

__all__ = ["Times", "case_times", "department_times", "sought"]


@dataclass(frozen=True)
class Times:
    """Times until something; arrays have an item per case, or per referral."""

    case: NDArray[np.int64]
    """The case."""
    days: Floats
    """How long it took; or, where it did not happen, for how long it could have been followed."""
    happened: Flags
    pending: Flags
    """It may still happen: the case is open when the run ends."""


def case_times(measured: Measured, moments: Floats) -> Times:
    """Return the times from the moments at which presented needs of the window arose.

    Parameters
    ----------
    measured
        The replication.
    moments
        When it happened to each case, hours; NaN where it did not.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> example = worked_example()
    >>> (case_times(example, example.first_contact).days[:2] * 24.0).tolist()
    [0.0, 1.0]
    """
    rows = np.flatnonzero(measured.cohort & measured.presented)
    happened = ~np.isnan(moments[rows])
    until = np.where(happened, moments[rows], measured.records.horizon)
    days = (until - measured.cases["arrival"][rows]) / 24.0
    return Times(rows, days, happened, measured.open[rows] & ~happened)


def sought(measured: Measured) -> Flags:
    """Tell which visits are hand-overs to departments or partners; an item per visit.

    A department or partner is a place that does not lie on the way up from where needs arise; also a delay
    that cases are referred to. What was sent to a wrong desk was not sought there.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> sought(worked_example()).tolist()
    [False, False, False, True, False, False, False]
    """
    from simulation.kpis.strata import origins

    layout, team = measured.layout, measured.visits["team"]
    line = {place for origin in origins(layout) for place in layout.tree.above(origin)}
    outside = np.array([unit.place not in line for unit in layout.teams] + [False], dtype=bool)
    roles = {unit.role for number, unit in enumerate(layout.teams) if outside[number]}
    roles -= {unit.role for number, unit in enumerate(layout.teams) if not outside[number]}
    steps = measured.steps.items()
    meant = measured.activities(
        {name: isinstance(step, Delay) or (isinstance(step, Work | Assign) and step.teams[0].role in roles)
         for name, step in steps}
    )  # fmt: skip
    right = measured.activities({name: not step.wrong_desk for name, step in steps})
    there = np.where(team >= 0, outside[team], measured.visited(meant))
    return measured.referrals & there & measured.visited(right)


def department_times(measured: Measured) -> Times:
    """Return the times from being sent to a department to the end of what it does.

    A department is done when its own activity and the delays that follow it in the same branch have ended. A
    hand-over that was lost, refused or given up never ends.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> (department_times(worked_example()).days * 24.0).tolist()
    [3.0]
    """
    visits = measured.visits
    delays = {name: isinstance(s, Delay) and s.referral is None for name, s in measured.steps.items()}
    order = np.lexsort((np.arange(len(visits["case"])), visits["branch"], visits["case"]))
    tail = measured.visited(measured.activities(delays))[order]
    case, branch = visits["case"][order], visits["branch"][order]
    new = np.ones(len(order), bool)
    new[1:] = (case[1:] != case[:-1]) | (branch[1:] != branch[:-1])
    head = np.flatnonzero(~tail | new)
    last = np.append(head, len(order))[1:] - 1
    done = np.logical_and.reduceat(measured.completed[order], head) if len(head) else np.empty(0, bool)
    chosen = sought(measured)[order][head] & measured.cohort[case[head]]
    first, last, done = order[head][chosen], order[last][chosen], done[chosen]
    ended = np.where(done, visits["ended"][last], measured.records.horizon)
    days = (ended - visits["sent"][first]) / 24.0
    return Times(visits["case"][first], days, done, measured.unfinished[last])
