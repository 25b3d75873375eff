"""All KPIs by name, with what a reader needs to know of each; nothing slow is loaded here."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from simulation.kpis import contacts, load, money, needs, referrals
from simulation.kpis.measured import Measured
from simulation.kpis.measures import Measure
from simulation.records import Exit

__all__ = ["HEADLINE", "REGISTRY", "Kpi"]

Rule = Literal["cohort", "time average"]


@dataclass(frozen=True)
class Kpi:
    """A named number that is measured on records over a window."""

    id: str
    """Name in tables."""
    title: str
    """Name for readers."""
    unit: str
    """Unit of the values; a share is a fraction of one."""
    direction: Literal[-1, 0, 1]
    """1 when higher is better, -1 when lower is better, 0 when neither is."""
    rule: Rule
    """``cohort``: cases that arose in the window, followed to the end of the run; ``time average``: what
    happened inside the window, cut at its edges."""
    indifference: float
    """Smallest difference that matters, in the unit."""
    doc: str = field(repr=False)
    """The definition."""
    measure: Callable[[Measured], Measure] = field(repr=False)
    """What measures it."""
    headline: bool = False
    """Whether it is compared between policies unless a study says otherwise."""


def _kpi(
    measure: Callable[..., Measure],
    title: str,
    unit: str,
    direction: Literal[-1, 0, 1],
    indifference: float,
    *,
    rule: Rule = "cohort",
    headline: bool = False,
) -> Kpi:
    """Name a KPI after the function that measures it, and define it by its docstring."""
    doc = (inspect.getdoc(measure) or "").partition("\n\nExamples\n")[0]
    return Kpi(measure.__name__, title, unit, direction, rule, indifference, doc, measure, headline)


def _statistics(
    measure: Callable[..., Measure], what: str, indifference: tuple[float, float, float], headline: str
) -> tuple[Kpi, ...]:
    """Name the mean, the median and the 90th percentile of a time."""
    doc = (inspect.getdoc(measure) or "").partition("\n\nExamples\n")[0]
    words = {"mean": "Mean", "median": "Median", "p90": "90th percentile of the"}
    return tuple(
        Kpi(
            id=f"{measure.__name__}_{statistic}",
            title=f"{word} {what}",
            unit="days",
            direction=-1,
            rule="cohort",
            indifference=zone,
            doc=doc,
            measure=partial(measure, statistic=statistic),
            headline=statistic == headline,
        )
        for (statistic, word), zone in zip(words.items(), indifference, strict=True)
    )


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
            doc=f"{meaning}, of all that arose.",
            measure=partial(needs.ended_as, exit_=exit_),
        )
        for exit_, (title, meaning) in _EXITS.items()
    )


REGISTRY: tuple[Kpi, ...] = (
    _kpi(needs.fulfilment, "Needs resolved", "share", 1, 0.01, headline=True),
    _kpi(needs.on_time, "Needs resolved on time", "share", 1, 0.01, headline=True),
    *_statistics(contacts.wait_first_contact, "wait for first contact", (0.25, 0.25, 0.5), "p90"),
    *_statistics(contacts.time_to_resolution, "time to resolution", (1.0, 1.0, 2.0), "mean"),
    _kpi(
        contacts.first_contact_resolution, "Needs resolved at first contact", "share", 1, 0.01, headline=True
    ),
    _kpi(referrals.referral_completion, "Referrals completed", "share", 1, 0.01, headline=True),
    _kpi(referrals.petitions_overdue, "Petitions overdue", "per 1,000 needs", -1, 0.5, headline=True),
    _kpi(money.cost_per_resolved, "Cost per resolved need", "yuan", -1, 20.0, headline=True),
    _kpi(needs.latent, "Needs that arose", "cases", 0, 0.0),
    _kpi(needs.presented, "Needs presented", "share", 1, 0.01),
    _kpi(needs.covered, "Needs at a staffed station", "share", 1, 0.01),
    _kpi(needs.unserved, "Needs never served", "share", -1, 0.01),
    *_exits(),
    _kpi(needs.outreach_done, "Planned visits made", "share", 1, 0.01),
    _kpi(contacts.online_share, "Needs presented on-line", "share", 0, 0.01),
    _kpi(contacts.failure_demand, "On-line contacts that came back in person", "share", -1, 0.01),
    _kpi(referrals.hand_overs, "Referrals per need", "per need", -1, 0.05),
    _kpi(referrals.misrouting, "Needs sent to a wrong desk", "share", -1, 0.01),
    _kpi(referrals.stages_on_time, "Stages completed on time", "share", 1, 0.01),
    _kpi(referrals.petitions_opened, "Petitions opened", "per 1,000 needs", -1, 1.0),
    _kpi(load.backlog_mean, "Mean number of open cases", "cases", -1, 10.0, rule="time average"),
    _kpi(load.backlog_end, "Open cases at the end of the window", "cases", -1, 10.0, rule="time average"),
    _kpi(load.utilisation, "Utilisation of staff", "share", 0, 0.01, rule="time average"),
    _kpi(load.overtime, "Overtime", "h", -1, 10.0, rule="time average"),
    _kpi(money.cost, "Cost", "yuan", -1, 50_000.0, rule="time average"),
    _kpi(money.cost_staff, "Cost of staff", "yuan", -1, 50_000.0, rule="time average"),
    _kpi(money.cost_contacts, "Cost of contacts", "yuan", -1, 5_000.0),
    _kpi(money.cost_levers, "Cost of the policy besides staff", "yuan", -1, 5_000.0, rule="time average"),
)
"""Every KPI, the headline first."""

HEADLINE: tuple[str, ...] = tuple(kpi.id for kpi in REGISTRY if kpi.headline)
"""Ids of the KPIs that are compared between policies unless a study says otherwise."""
