"""KPIs of needs: how many arose, were presented, covered and met, and what became of the others."""

from __future__ import annotations

import numpy as np

from simulation.kpis.coverage import contact_covered
from simulation.kpis.measured import Measured
from simulation.kpis.measures import Flags, Floats, Ratio, Total
from simulation.records import Exit

__all__ = [
    "covered",
    "ended_as",
    "fulfilment",
    "latent",
    "on_time",
    "outreach_done",
    "presented",
    "resolved",
    "unserved",
]


def _share(measured: Measured, part: Flags | Floats) -> Ratio:
    """Part of the needs that arose in the window."""
    return Ratio(part, measured.cohort, measured.cohort_open)


def latent(measured: Measured) -> Total:
    """Needs of veterans that arose in the window, whether anybody was told of them or not.

    The same in every scenario. Work that the service plans for itself and cases that other cases opened are
    not among them; they appear under their own need only.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(latent)
    4.0
    """
    return Total(measured.cohort, measured.cohort, measured.cohort_open)


def presented(measured: Measured) -> Ratio:
    """Needs that were brought to a place or a channel, of all that arose.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(presented)
    0.75
    """
    return _share(measured, measured.asked)


def covered(measured: Measured) -> Ratio:
    """Needs that arose where the station of first contact is staffed, of all that arose.

    The station is the one at which the need would first be presented; where it may be one of several tiers,
    each counts with its share. A contact that needs no station counts in the same way.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(covered)
    1.0
    """
    cases = measured.cases
    staffed = contact_covered(measured.scheme.stretches, cases["need"], cases["origin"], cases["arrival"])
    return _share(measured, np.where(measured.cohort, staffed, 0.0))


def fulfilment(measured: Measured) -> Ratio:
    """Needs that were resolved, of all that arose; those never presented count as not resolved.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(fulfilment)
    0.5
    """
    return _share(measured, measured.solved)


def resolved(measured: Measured) -> Total:
    """Needs of the window that were resolved: what the cost of a policy is set against.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(resolved)
    2.0
    """
    return Total(measured.solved, measured.cohort, measured.cohort_open)


def on_time(measured: Measured) -> Ratio:
    """Needs that were resolved by their deadline, of all that arose and have one.

    A need that was never presented, that ended otherwise or that is still open is not on time; those that
    are open and whose deadline lies beyond the end of the run are counted as censored.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(on_time)
    0.25
    """
    owed = measured.cohort & ~np.isnan(measured.due)
    kept = owed & measured.solved & (measured.cases["ended"] <= measured.due)
    return Ratio(kept, owed, owed & measured.open & (measured.due > measured.records.horizon))


def unserved(measured: Measured) -> Ratio:
    """Needs on which no team ever began to work, of all that arose.

    They were not presented, given up, refused or lost, or still wait at the end of the run.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(unserved)
    0.5
    """
    never = measured.cohort & np.isnan(measured.first_contact)
    return Ratio(never, measured.cohort, never & measured.open)


def ended_as(measured: Measured, exit_: Exit) -> Ratio:
    """Needs that ended in one way, of all that arose.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(lambda measured: ended_as(measured, Exit.reneged))
    0.25
    """
    return _share(measured, measured.cohort & measured.has_exit(exit_))


def outreach_done(measured: Measured) -> Ratio:
    """Contacts planned by the service itself that were made, of all that were due in the window.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(outreach_done)
    1.0
    """
    planned = measured.cohort & ~measured.by_veteran & measured.primary
    return Ratio(planned & measured.resolved, planned, planned & measured.open, among=measured.everyone)
