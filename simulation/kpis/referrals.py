"""KPIs of working together: hand-overs, referrals, stages, and the petitions that follow what was not met."""

from __future__ import annotations

import numpy as np

from simulation.kpis.deadlines import due
from simulation.kpis.measured import Measured
from simulation.kpis.measures import Flags, Floats, Ratio, Total
from simulation.scenario.pathways import OpenCase

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
    asked = measured.cohort & measured.presented
    return Ratio(asked * measured.count(measured.referrals), asked, asked & measured.open)


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
    sent = measured.referrals
    done = measured.count(sent & measured.completed & ~_wrong_desk(measured))
    pending = measured.count(sent & measured.unfinished)
    return Ratio(measured.cohort * done, measured.cohort * measured.count(sent), measured.cohort * pending)


def misrouting(measured: Measured) -> Ratio:
    """Needs that were sent to a wrong desk at least once, of all presented.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(misrouting)
    0.0
    """
    asked = measured.cohort & measured.presented
    return Ratio(asked & (measured.count(_wrong_desk(measured)) > 0), asked, asked & measured.open)


def _wrong_desk(measured: Measured) -> Flags:
    """Visits to a wrong desk; an item per visit."""
    steps = measured.steps.items()
    return measured.visited(measured.activities({name: step.wrong_desk for name, step in steps}))


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
    limit = _stage_due(measured)
    owed = ~np.isnan(limit)
    kept = owed & measured.completed & (measured.visits["ended"] <= limit)
    pending = owed & measured.unfinished & (limit > measured.records.horizon)
    cohort = measured.cohort
    return Ratio(
        cohort * measured.count(kept), cohort * measured.count(owed), cohort * measured.count(pending)
    )


def _stage_due(measured: Measured) -> Floats:
    """When each visit should have ended, hours; NaN without a limit; an item per visit."""
    limit = np.full(len(measured.visits["case"]), np.nan)
    for number, name in enumerate(measured.records.names.activities):
        step = measured.steps.get(name)
        if step is not None and step.deadline is not None:
            rows = np.flatnonzero(measured.visits["activity"] == number)
            sent = measured.visits["sent"][rows]
            hours = measured.layout.hours
            limit[rows] = due(measured.scenario, hours, step.deadline, step.deadline_calendar, sent)
    return limit


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
    everyone = np.ones(len(petitions), bool)
    late = petitions & (ended > measured.due)
    return Ratio(late, petitions, undecided, among=everyone, needs=measured.root_need)


def escalations(measured: Measured) -> Total:
    """Cases that other cases opened in the window, such as petitions, by the tier at which they were lodged.

    Work that the service makes for itself, such as the supervision of volunteers, is not among them.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(escalations)
    1.0
    """
    opened = measured.cohort & measured.presented & ~measured.primary & measured.by_veteran
    return Total(opened, opened, opened & measured.open, among=np.ones(len(opened), bool))


def teams_per_resolved(measured: Measured) -> Ratio:
    """Teams that worked on a need, each counted once, per need resolved; those that worked jointly count.

    A team that only holds the case on its caseload does not work on it.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(teams_per_resolved)
    1.5
    """
    visits = measured.records.visits
    rows = np.flatnonzero((visits["staff"] >= 0) & ~np.isnan(visits["started"]))
    teams = len(measured.records.names.teams)
    pairs = np.unique(visits["case"][rows] * teams + visits["team"][rows])
    number = measured.count_of(pairs // max(1, teams))
    solved = measured.cohort & measured.resolved
    return Ratio(solved * number, solved, np.zeros(len(solved), bool))


def _petitions(measured: Measured) -> Flags:
    """Presented cases of the window whose need other cases can open, work that the service makes left out."""
    opened = {step.need for step in measured.steps.values() if isinstance(step, OpenCase)}
    for need in measured.scenario.needs:
        opened |= {rule.need for rule in need.overdue} | {rule.need for rule in need.unmet}
    kinds = np.array([need in opened for need in measured.records.names.needs], dtype=bool)
    petitions = kinds[measured.cases["need"]] & measured.by_veteran
    return np.asarray(measured.cohort & measured.presented & petitions)


def _per_thousand(measured: Measured, petitions: Flags, pending: Flags) -> Ratio:
    return Ratio(
        part=petitions,
        whole=measured.cohort & measured.headline,
        censored=_petitions(measured) & pending,
        among=np.ones(len(petitions), bool),
        needs=measured.root_need,
        per=PER_NEEDS,
    )
