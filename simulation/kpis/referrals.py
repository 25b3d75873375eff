"""KPIs of working together: hand-overs, referrals, stages, and the petitions that follow what was not met."""

from __future__ import annotations

import numpy as np

from simulation.kpis.measured import Measured
from simulation.kpis.measures import Flags, Ratio, Total

__all__ = [
    "escalations",
    "hand_overs",
    "misrouting",
    "petitions_opened",
    "petitions_overdue",
    "petitions_overdue_share",
    "referral_completion",
    "stages_on_time",
    "teams_per_resolved",
]

PER_NEEDS = 1000.0


def hand_overs(measured: Measured) -> Ratio:
    """Referrals sent to another place or department, per presented need.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(hand_overs)
    0.3333
    """
    return Ratio(measured.referrals.sent, measured.asked, measured.asked_open)


def referral_completion(measured: Measured) -> Ratio:
    """Referrals whose activity at the other end was completed, of all that were due.

    Referrals that were never made, that reached nobody, were refused or given up are not completed, nor are
    those to a wrong desk; those still on the way or in hand at the end of the run are counted as censored.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(referral_completion)
    1.0
    """
    referrals = measured.referrals
    return Ratio(referrals.done, referrals.sent, referrals.unfinished)


def misrouting(measured: Measured) -> Ratio:
    """Needs that were sent to a wrong desk at least once, of all presented.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(misrouting)
    0.0
    """
    return Ratio(measured.asked & measured.referrals.misled, measured.asked, measured.asked_open)


def stages_on_time(measured: Measured) -> Ratio:
    """Activities with a time limit of their own that were completed within it, of all that were due.

    The limit counts from the moment the case is sent to the activity. An activity that was given up, lost or
    refused is not on time; one under way whose limit lies beyond the end of the run is counted as censored.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(stages_on_time)
    0.0
    """
    stages = measured.stages
    return Ratio(stages.kept, stages.due, stages.pending)


def petitions_opened(measured: Measured) -> Ratio:
    """Petitions lodged in the window, per 1,000 needs that arose.

    A petition is a case of a veteran's need that other cases can open. By need, it is counted under the need
    that it came of.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(petitions_opened)
    250.0
    """
    return _per_thousand(measured, _petitions(measured), measured.open)


def petitions_overdue(measured: Measured) -> Ratio:
    """Petitions lodged in the window and still open after their deadline, per 1,000 needs that arose.

    A petition that was concluded in time is not overdue, whatever the conclusion. Counted per need and not
    per petition, so a policy that prevents petitions does not look worse for the hard ones that remain.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(petitions_overdue)
    250.0
    """
    horizon = measured.records.horizon
    ended = np.where(measured.open, horizon, measured.cases["ended"])
    late = _petitions(measured) & (ended > measured.due)
    return _per_thousand(measured, late, measured.open & (measured.due >= horizon))


def petitions_overdue_share(measured: Measured) -> Ratio:
    """Petitions lodged in the window and still open after their deadline, of all lodged in it.

    A policy that prevents the easy petitions can raise this share while fewer are overdue: read it beside the
    number of petitions overdue. By need, a petition is counted under the need that it came of.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(petitions_overdue_share)
    1.0
    """
    horizon = measured.records.horizon
    ended = np.where(measured.open, horizon, measured.cases["ended"])
    petitions = _petitions(measured)
    undecided = petitions & measured.open & (measured.due >= horizon)
    late = petitions & (ended > measured.due)
    return Ratio(late, petitions, undecided, among=measured.everyone, needs=measured.root_need)


def escalations(measured: Measured) -> Total:
    """Cases that other cases opened in the window, such as petitions, by the tier at which they were lodged.

    Work that the service makes for itself, such as the supervision of volunteers, is not among them.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(escalations)
    1.0
    """
    opened = measured.asked & ~measured.primary & measured.by_veteran
    return Total(opened, opened, opened & measured.open, among=measured.everyone)


def teams_per_resolved(measured: Measured) -> Ratio:
    """Teams that worked on a need, each counted once, per need resolved; those that worked jointly count.

    A team that only holds the case on its caseload does not work on it.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(teams_per_resolved)
    1.5
    """
    solved = measured.solved
    return Ratio(np.where(solved, measured.contacts.teams, np.int32(0)), solved, measured.nobody)


def _petitions(measured: Measured) -> Flags:
    """Presented cases of the window whose need other cases can open, work that the service makes left out."""
    return np.asarray(measured.asked & measured.scheme.petition[measured.cases["need"]])


def _per_thousand(measured: Measured, petitions: Flags, pending: Flags) -> Ratio:
    return Ratio(
        part=petitions,
        whole=measured.cohort & measured.headline,
        censored=_petitions(measured) & pending,
        among=measured.everyone,
        needs=measured.root_need,
        per=PER_NEEDS,
    )
