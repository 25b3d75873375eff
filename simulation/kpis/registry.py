"""All KPIs by name, with what a reader needs to know of each; nothing slow is loaded here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from simulation.kpis import (
    contacts,
    coverage,
    equity,
    indices,
    load,
    money,
    needs,
    opening,
    referrals,
    supply,
    volunteers,
)
from simulation.kpis.kpi import Kpi
from simulation.kpis.kpi import make_kpi as _kpi
from simulation.kpis.kpi import make_statistics as _statistics
from simulation.records import Exit
from simulation.spec import InputError, Problem, nearest

__all__ = ["HEADLINE", "REGISTRY", "named"]

_EXITS = {
    Exit.not_presented: ("Needs never presented", "Needs of which nobody was ever told"),
    Exit.unresolved: (
        "Needs closed unresolved",
        "Needs whose case went its whole way and ended without a solution",
    ),
    Exit.reneged: (
        "Needs given up in a queue",
        "Needs whose case left a queue after waiting, and did not come back",
    ),
    Exit.balked: (
        "Needs turned away by a queue",
        "Needs whose case did not join a long queue, and did not come back",
    ),
    Exit.lost: ("Needs lost at a hand-over", "Needs whose case was lost on the way to another desk"),
    Exit.refused: ("Needs refused", "Needs whose case no team would or could take"),
    Exit.ineligible: ("Needs found ineligible", "Needs whose case no rule of the receiver covered"),
    Exit.dropped_out: (
        "Needs silently given up",
        "Needs whose case the veteran silently gave up while it was open",
    ),
    Exit.resolved_itself: ("Needs that resolved themselves", "Needs that went away before anybody met them"),
    Exit.open: ("Needs still open", "Needs whose case was still open at the end of the run"),
}


def _exits() -> tuple[Kpi, ...]:
    return tuple(
        Kpi(
            id=f"exit_{exit_.name}",
            title=title,
            unit="share",
            direction=-1,
            rule="cohort",
            indifference=0.01,
            family="meeting needs",
            doc=f"{meaning}, of all that arose.",
            measure=partial(needs.ended_as, exit_=exit_),
        )
        for exit_, (title, meaning) in _EXITS.items()
    )


_NEEDS: tuple[Kpi, ...] = (
    _kpi(needs.fulfilment, "Needs resolved", "share", 1, 0.01, headline=True),
    _kpi(needs.on_time, "Needs resolved on time", "share", 1, 0.01, headline=True),
    *_statistics(contacts.wait_first_contact, "wait for first contact", (0.25, 0.25, 0.5), "p90"),
    *_statistics(contacts.time_to_resolution, "time to resolution", (1.0, 1.0, 2.0), "mean"),
    _kpi(
        contacts.first_contact_resolution, "Needs resolved at first contact", "share", 1, 0.01, headline=True
    ),
    _kpi(needs.latent, "Needs that arose", "cases", 0, 0.0),
    _kpi(needs.resolved, "Number of needs resolved", "cases", 1, 10.0),
    _kpi(needs.presented, "Needs presented", "share", 1, 0.01),
    _kpi(needs.covered, "Needs at a staffed station", "share", 1, 0.01),
    _kpi(coverage.veterans_covered, "Veterans with a staffed station", "share", 1, 0.01, rule="time average"),
    _kpi(coverage.distance_to_station, "Mean way to a staffed station", "km", -1, 0.1, rule="time average"),
    _kpi(needs.unserved, "Needs never served", "share", -1, 0.01),
    *_exits(),
    _kpi(needs.outreach_done, "Planned visits made", "share", 1, 0.01),
)
_CONTRADICTION: tuple[Kpi, ...] = (
    _kpi(referrals.petitions_overdue, "Petitions overdue", "per 1,000 needs", -1, 0.5, headline=True),
    _kpi(referrals.petitions_opened, "Petitions opened", "per 1,000 needs", -1, 1.0),
    _kpi(referrals.petitions_overdue_share, "Share of petitions overdue", "share", -1, 0.02),
    _kpi(referrals.escalations, "Cases opened by other cases", "cases", -1, 5.0),
)
_EQUITY: tuple[Kpi, ...] = (
    _kpi(equity.fulfilment_gap, "Gap in needs resolved", "share", -1, 0.01),
    _kpi(equity.fulfilment_ratio, "Worst over best share of needs resolved", "ratio", 1, 0.02),
    _kpi(equity.fulfilment_gini, "Gini coefficient of needs resolved", "coefficient", -1, 0.005),
    _kpi(equity.fulfilment_worst_tenth, "Needs resolved in the worst tenth of places", "share", 1, 0.01),
    _kpi(equity.wait_gap, "Gap in the mean wait for first contact", "days", -1, 0.25),
    _kpi(equity.wait_ratio, "Shortest over longest mean wait for first contact", "ratio", 1, 0.02),
    _kpi(equity.wait_gini, "Gini coefficient of the wait for first contact", "coefficient", -1, 0.005),
    _kpi(equity.wait_worst_tenth, "Mean wait in the worst tenth of places", "days", -1, 0.5),
)
_COLLABORATION: tuple[Kpi, ...] = (
    _kpi(
        referrals.referral_completion, "Referrals completed", "share", 1, 0.01, "collaborative mechanism",
        headline=True,
    ),
    _kpi(referrals.hand_overs, "Referrals per need", "per need", -1, 0.05, "collaborative mechanism"),
    _kpi(referrals.misrouting, "Needs sent to a wrong desk", "share", -1, 0.01, "collaborative mechanism"),
    _kpi(
        referrals.stages_on_time, "Stages completed on time", "share", 1, 0.01, "collaborative mechanism"
    ),
    *_statistics(
        supply.department_time, "time in departments", (1.0, 1.0, 2.0), family="collaborative mechanism"
    ),
    _kpi(
        referrals.teams_per_resolved, "Teams per resolved need", "per need", 0, 0.05,
        "collaborative mechanism",
    ),
)  # fmt: skip
_EFFICIENCY: tuple[Kpi, ...] = (
    _kpi(
        money.cost_per_resolved, "Cost per resolved need", "yuan", -1, 20.0, "service efficiency",
        headline=True,
    ),
    _kpi(
        money.resolved_per_staff_time, "Needs resolved per staff time", "per 1,000 h", 1, 1.0,
        "service efficiency",
    ),
    _kpi(contacts.trips, "Contacts in person per need", "per need", -1, 0.05, "service efficiency"),
    _kpi(contacts.online_share, "Needs presented on-line", "share", 0, 0.01, "service efficiency"),
    _kpi(
        contacts.failure_demand, "On-line contacts that came back in person", "share", -1, 0.01,
        "service efficiency",
    ),
    _kpi(
        load.backlog_mean, "Mean number of open cases", "cases", -1, 10.0, "service efficiency",
        rule="time average",
    ),
    _kpi(
        load.backlog_end, "Open cases at the end of the window", "cases", -1, 10.0, "service efficiency",
        rule="time average",
    ),
    _kpi(
        opening.opening_cleared, "Opening backlog cleared", "share", 1, 0.01, "service efficiency",
        rule="time average",
    ),
    _kpi(
        opening.opening_cleared_day, "Day by which the opening backlog was cleared", "days", -1, 7.0,
        "service efficiency", rule="time average",
    ),
    _kpi(
        load.utilisation, "Utilisation of staff", "share", 0, 0.01, "service efficiency",
        rule="time average",
    ),
    _kpi(load.overtime, "Overtime", "h", -1, 10.0, "service efficiency", rule="time average"),
    _kpi(money.cost, "Cost", "yuan", -1, 50_000.0, "service efficiency", rule="time average"),
    _kpi(money.cost_staff, "Cost of staff", "yuan", -1, 50_000.0, "service efficiency", rule="time average"),
    _kpi(money.cost_contacts, "Cost of contacts", "yuan", -1, 5_000.0, "service efficiency"),
    _kpi(
        money.cost_levers, "Cost of the policy besides staff", "yuan", -1, 5_000.0, "service efficiency",
        rule="time average",
    ),
)  # fmt: skip
_EXTENSION: tuple[Kpi, ...] = (
    _kpi(supply.supply_match, "Supply that matched the need", "share", 1, 0.01, "socialised extension"),
    _kpi(supply.supply_lost, "Supply sought but lost on the way", "share", -1, 0.01, "socialised extension"),
    _kpi(
        supply.supply_refused,
        "Supply refused for want of capacity",
        "share",
        -1,
        0.01,
        "socialised extension",
    ),
    _kpi(supply.supply_ineligible, "Supply refused as ineligible", "share", -1, 0.01, "socialised extension"),
    _kpi(supply.supply_given_up, "Supply sought but given up", "share", -1, 0.01, "socialised extension"),
    _kpi(supply.supply_waiting, "Supply still waited for", "share", -1, 0.01, "socialised extension"),
    _kpi(
        volunteers.volunteer_hours,
        "Hours of volunteers",
        "h",
        1,
        10.0,
        "socialised extension",
        rule="time average",
    ),
    _kpi(
        volunteers.supervision_hours,
        "Hours of supervising volunteers",
        "h",
        -1,
        10.0,
        "socialised extension",
        rule="time average",
    ),
    _kpi(
        volunteers.volunteer_hours_net,
        "Hours of volunteers, net of supervision",
        "h",
        1,
        10.0,
        "socialised extension",
        rule="time average",
    ),
    _kpi(
        volunteers.volunteer_part,
        "Hours of volunteers per 1,000 veterans and year",
        "h",
        1,
        5.0,
        "socialised extension",
        rule="time average",
    ),
)
_INDICES: tuple[Kpi, ...] = (
    _kpi(
        indices.satisfaction, "Satisfaction (index)", "index", 1, 0.01,
        components=("fulfilment", "time_to_resolution_mean", "trips"),
    ),
    _kpi(
        indices.sense_of_achievement, "Sense of achievement (index)", "index", 1, 0.01,
        "socialised extension",
        components=("on_time", "first_contact_resolution", "outreach_done", "volunteer_part"),
    ),
)  # fmt: skip

REGISTRY: tuple[Kpi, ...] = (
    *_NEEDS,
    *_COLLABORATION,
    *_CONTRADICTION,
    *_EQUITY,
    *_EFFICIENCY,
    *_EXTENSION,
    *_INDICES,
)
"""Every KPI."""

HEADLINE: tuple[str, ...] = tuple(kpi.id for kpi in REGISTRY if kpi.headline)
"""Ids of the KPIs that are compared between policies unless a study says otherwise."""


def named(where: str, names: Sequence[str]) -> tuple[Kpi, ...]:
    """Return KPIs by their names.

    Parameters
    ----------
    where
        What to call the names where one is unknown, such as ``--kpi``.
    names
        Ids.

    Raises
    ------
    InputError
        With each name that is not known, and the nearest one that is.

    Examples
    --------
    >>> [kpi.unit for kpi in named("--kpi", ["fulfilment"])]
    ['share']
    """
    known = {one.id: one for one in REGISTRY}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            [Problem(where, name, f"there is no such KPI; {nearest(name, list(known))}") for name in unknown]
        )
    return tuple(known[name] for name in names)
