"""How long things took: from a need to its first contact or resolution, and from a referral to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measures import Counts, Flags, Floats

if TYPE_CHECKING:
    from simulation.kpis.measured import Measured

__all__ = ["Times", "case_times", "department_times"]


@dataclass(frozen=True)
class Times:
    """Times until something; arrays have an item per case, or per referral, the shortest time first."""

    case: NDArray[np.int64]
    """The case."""
    days: Floats
    """How long it took; or, where it did not happen, for how long it could have been followed."""
    happened: Flags
    counted: Counts | Flags
    """How often each case is among these; an item per case of the records."""
    pending: Counts | Flags
    """How often it may still happen to each, because the case is open when the run ends."""


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
    >>> (case_times(example, example.first_contact).days * 24.0).tolist()
    [0.0, 0.0, 0.0, 1.0, 36.0]
    """
    rows = np.flatnonzero(measured.asked)
    happened = ~np.isnan(moments[rows])
    until = np.where(happened, moments[rows], measured.records.horizon)
    days = (until - measured.cases["arrival"][rows]) / 24.0
    order = np.argsort(days)
    pending = measured.asked_open & np.isnan(moments)
    return Times(rows[order], days[order], happened[order], measured.asked, pending)


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
    from simulation.kpis._loops.visits import follow_departments

    scheme, visits, number = measured.scheme, measured.visits, int(measured.referrals.sought.sums.sum())
    kinds = scheme.activities
    case, begin, end = np.empty(number, np.int64), np.empty(number), np.empty(number)
    done, pending = np.empty(number, bool), np.empty(number, bool)
    found = follow_departments(
        visits["case"], visits["branch"], visits["lead"], visits["activity"], visits["team"], visits["sent"],
        visits["ended"], visits["outcome"], measured.cohort, kinds.referral & ~kinds.wrong_desk,
        kinds.meant, scheme.outside, kinds.tail, case, begin, end, done, pending,
    )  # fmt: skip
    case, done = case[:found].copy(), done[:found].copy()
    days = (np.where(done, end[:found], measured.records.horizon) - begin[:found]) / 24.0
    order = np.argsort(days)
    several = len(measured.records.cases)
    counted, waiting = (np.bincount(some, minlength=several) for some in (case, case[pending[:found]]))
    return Times(case[order], days[order], done[order], counted.astype(np.int32), waiting.astype(np.int32))
