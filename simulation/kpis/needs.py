"""KPIs of needs: how many arose, were presented, covered and met, and what became of the others."""

from __future__ import annotations

import numpy as np

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
    """Of the needs that arose in the window."""
    return Ratio(np.where(measured.cohort, part, 0.0), measured.cohort, _open(measured))


def _open(measured: Measured) -> Flags:
    return measured.cohort & measured.open


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
    return Total(measured.cohort, measured.cohort, _open(measured))


def presented(measured: Measured) -> Ratio:
    """Needs that were brought to a place or a channel, of all that arose.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(presented)
    0.75
    """
    return _share(measured, measured.presented)


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
    layout, cases = measured.layout, measured.cases
    tree = layout.tree
    staffed = np.zeros(len(measured.records.cases))
    ends = [*(phase.start for phase in layout.phases[1:]), np.inf]
    for phase, end in zip(layout.phases, ends, strict=True):
        here = np.array(phase.staffed, dtype=np.float64)
        now = (cases["arrival"] >= phase.start) & (cases["arrival"] < end)
        for number, need in enumerate(phase.system.needs):
            rows = np.flatnonzero(now & (cases["need"] == number))
            if not need.first_contact:
                staffed[rows] = here[cases["origin"][rows]]
            for share in need.first_contact:
                at = np.array(tree.all_at_tier(share.of))
                staffed[rows] += share.share * here[at[cases["origin"][rows]]]
    return _share(measured, staffed)


def fulfilment(measured: Measured) -> Ratio:
    """Needs that were resolved, of all that arose; those never presented count as not resolved.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(fulfilment)
    0.5
    """
    return _share(measured, measured.resolved)


def resolved(measured: Measured) -> Total:
    """Needs of the window that were resolved: what the cost of a policy is set against.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(resolved)
    2.0
    """
    return Total(measured.cohort & measured.resolved, measured.cohort, _open(measured))


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
    kept = owed & measured.resolved & (measured.cases["ended"] <= measured.due)
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
    return _share(measured, measured.has_exit(exit_))


def outreach_done(measured: Measured) -> Ratio:
    """Contacts planned by the service itself that were made, of all that were due in the window.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(outreach_done)
    1.0
    """
    planned = measured.cohort & ~measured.by_veteran & measured.primary
    everyone = np.ones(len(planned), bool)
    return Ratio(planned & measured.resolved, planned, planned & measured.open, among=everyone)
