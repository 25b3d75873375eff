"""KPIs of supply: of what was sought from departments and partners, what was begun, and why not the rest."""

from __future__ import annotations

from simulation.kpis.measured import Measured
from simulation.kpis.measures import ByCell, Ratio, Statistic, Wait

__all__ = [
    "DEPARTMENT_LIMIT",
    "department_time",
    "supply_given_up",
    "supply_ineligible",
    "supply_lost",
    "supply_match",
    "supply_refused",
    "supply_waiting",
]

DEPARTMENT_LIMIT = 180.0
"""Days after which a department that is not done counts as one that took so long."""


def _of_sought(measured: Measured, part: ByCell) -> Ratio:
    """Of the hand-overs of the window to departments and partners."""
    return Ratio(part, measured.referrals.sought, measured.referrals.undecided)


def supply_match(measured: Measured) -> Ratio:
    """Hand-overs to departments and partners at which service was begun, of all that were sought.

    The match of supply to need, need by need. A department or partner is a place that does not lie on the way
    up from where veterans live, or a delay that cases are referred to; what was sent to a wrong desk is left
    out. The others were lost on the way, refused, found ineligible, given up, or still wait: together with
    these five shares it makes one.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(supply_match)
    1.0
    """
    return _of_sought(measured, measured.referrals.begun)


def supply_lost(measured: Measured) -> Ratio:
    """Hand-overs to departments and partners that were never made or reached nobody, of all that were sought.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(supply_lost)
    0.0
    """
    return _of_sought(measured, measured.referrals.lost)


def supply_refused(measured: Measured) -> Ratio:
    """Hand-overs refused by departments and partners for want of capacity, of all that were sought.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(supply_refused)
    0.0
    """
    return _of_sought(measured, measured.referrals.refused)


def supply_ineligible(measured: Measured) -> Ratio:
    """Hand-overs that no rule of the department or partner covered, of all that were sought.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(supply_ineligible)
    0.0
    """
    return _of_sought(measured, measured.referrals.ineligible)


def supply_given_up(measured: Measured) -> Ratio:
    """Hand-overs to departments and partners that the veteran gave up before service, of all sought.

    Either in the queue, or by not joining it, or by leaving while the case was on its way.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(supply_given_up)
    0.0
    """
    return _of_sought(measured, measured.referrals.given_up)


def supply_waiting(measured: Measured) -> Ratio:
    """Hand-overs on the way to or in the queue of a department or partner when the run ends, of all sought.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(supply_waiting)
    0.0
    """
    return _of_sought(measured, measured.referrals.waiting)


def department_time(measured: Measured, statistic: Statistic) -> Wait:  # noqa: ARG001
    """Days from the moment a case is sent to a department or partner until that is done with it.

    The delays that follow the visit in the same branch, such as the wait for a decision, belong to it.
    Estimated by Kaplan and Meier: a hand-over under way at the end of the run counts for as long as it was
    followed. One that was lost, refused, found ineligible or given up counts as never done, and times are cut
    at 180 days, so losing cases never looks fast.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> round(overall(lambda measured: department_time(measured, "mean")) * 24.0, 9)
    3.0
    """
    return Wait("department", statistic, DEPARTMENT_LIMIT)
