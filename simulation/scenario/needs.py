"""Needs: who presents them, what is owed, and what becomes of those that are not met."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simulation.distributions import Distribution
from simulation.scenario.arrivals import Arrivals
from simulation.scenario.quantities import (
    Identifier,
    Probability,
    Shares,
    WholeShares,
    WrittenDuration,
)
from simulation.spec import Spec

__all__ = ["Need", "Overdue", "Returns", "Unmet"]


class Returns(Spec):
    """How a case that was not served comes back.

    Examples
    --------
    >>> week = {"kind": "deterministic", "at": 7, "unit": "d"}
    >>> Returns(after=["reneged"], probability=0.5, delay=week).limit
    1
    """

    after: tuple[Literal["reneged", "balked", "lost", "refused", "unresolved"], ...]
    """The exits after which a case may come back."""
    probability: Probability
    """Probability of coming back, each time."""
    delay: Distribution
    """Time until it is back at the start of its pathway, calendar time."""
    limit: int = Field(default=1, ge=1)
    """How many times a case comes back at most."""
    marks: tuple[Identifier, ...] = ()
    """Marks that a case which comes back bears from then on: returned sicker, or angrier."""


class Overdue(Spec):
    """What a case that is still open too long sets off: another case for the same veteran.

    Examples
    --------
    >>> Overdue(need="petition", probability=0.25, at="above").after is None
    True
    """

    need: Identifier
    """The need of the new case."""
    probability: Probability
    """Probability that an overdue case sets it off; each case does so at most once."""
    after: WrittenDuration | None = None
    """Time from arising; working days count on the deadline's calendar. None: the deadline."""
    at: Identifier = "contact"
    """Where the new case is presented: at the place of first `contact` of the old one, at the place `above`
    it, at the `origin`, or at the place of a named tier; if that is not staffed, at the next one above."""
    marks: tuple[Identifier, ...] = ()
    """Marks that the new case bears."""


class Unmet(Spec):
    """What a case that ends unmet sets off: another case for the same veteran.

    Examples
    --------
    >>> month = {"kind": "exponential", "mean": 30, "unit": "d"}
    >>> Unmet(exits=["lost", "refused"], need="petition", probability=0.05, delay=month).at
    'contact'
    """

    exits: tuple[
        Literal[
            "unresolved",
            "reneged",
            "balked",
            "lost",
            "refused",
            "ineligible",
            "dropped_out",
            "resolved_itself",
        ],
        ...,
    ] = Field(min_length=1)
    """The exits after which it may be set off, once the case does not come back any more."""
    need: Identifier
    """The need of the new case."""
    probability: Probability
    """Probability that it is set off."""
    delay: Distribution
    """Time from the end of the old case to the new one, calendar time."""
    at: Identifier = "contact"
    """Where the new case is presented, as for `overdue`."""
    marks: tuple[Identifier, ...] = ()
    """Marks that the new case bears."""


class Need(Spec):
    """A kind of request: it decides the pathway, the priority and the deadline.

    Examples
    --------
    >>> Need(id="illness", pathway="visit", arrivals={"kind": "poisson", "rate": 9, "per": "h"}).priority
    10
    """

    id: Identifier
    """Short name."""
    title: str = ""
    """Name for people."""
    pathway: Identifier
    """The pathway that its cases take."""
    arrivals: Arrivals | None = None
    """When it arises; none: only out of other cases."""
    initiated: Literal["veteran", "service", "supervision"] = "veteran"
    """Who starts it: a veteran; the service, whose own plans are not an unmet need when they are not carried
    out; or supervision, the work that volunteers make for the staff."""
    priority: int = Field(default=10, ge=0, le=1000)
    """Rank in queues; lower is served first, work in progress is not interrupted."""
    presented: Probability = 1.0
    """Probability that a need which arises is presented, times the group's if veterans start it."""
    group_rates: Shares = ()
    """Factors on the rate for single groups."""
    channels: WholeShares = ()
    """Shares of the channels, instead of the group's own."""
    first_contact: WholeShares = ()
    """Shares of the tiers at which the need is first presented; empty: where it arises."""
    companions: float = Field(default=0.0, ge=0)
    """Mean number of persons who come along (geometric), persons."""
    deadline: WrittenDuration | None = None
    """Time from arising within which it should be resolved; working days count on `deadline_calendar`."""
    deadline_calendar: Identifier = "always"
    """The calendar of a deadline in working days."""
    dropout_per_week: Probability = 0.0
    """Probability per week that an open case is silently given up by the veteran."""
    resolves_itself_per_week: Probability = 0.0
    """Probability per week that the need of an open case is met without the service; as with a case that is
    given up, this is found out when its turn comes."""
    returns: Returns | None = None
    """Whether and when a case that was not served comes back."""
    overdue: tuple[Overdue, ...] = ()
    """What its cases set off when they are open too long."""
    unmet: tuple[Unmet, ...] = ()
    """What its cases set off when they end unmet."""
