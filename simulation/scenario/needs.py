"""Needs: how often they arise and when, who presents them, and what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from simulation.distributions import Distribution
from simulation.scenario.quantities import (
    Hours,
    Identifier,
    Probability,
    Shares,
    WholeShares,
    WrittenDuration,
)
from simulation.spec import Spec

__all__ = [
    "Arrivals",
    "Campaign",
    "CyclicProfile",
    "ListedArrivals",
    "Need",
    "Overdue",
    "PoissonArrivals",
    "Profile",
    "RenewalArrivals",
    "Returns",
    "SeasonalProfile",
    "SteppedProfile",
    "Unmet",
]

PER_YEAR = 8760.0
_PERIOD_HOURS = {"h": 1.0, "d": 24.0, "y": PER_YEAR}


class PoissonArrivals(Spec):
    """Needs that arise at random, at a rate that may follow a profile.

    Examples
    --------
    >>> PoissonArrivals(rate=250, per="y", per_veterans=1000).hourly(2000)
    0.05707762557077625
    """

    kind: Literal["poisson"] = "poisson"
    """Poisson process, homogeneous or following a profile."""
    rate: float = Field(ge=0)
    """How many needs arise per period (and per so many veterans, when that is given)."""
    per: Literal["h", "d", "y"] = "h"
    """The period of the rate: hour, day, or year of 8,760 hours."""
    per_veterans: float | None = Field(default=None, gt=0)
    """The rate is per this many veterans of a place; when absent it is per place."""
    at: tuple[Identifier, ...] = ()
    """Places where the need arises; empty: every place that has veterans, or the only place."""
    profile: Identifier | None = None
    """The profile that the rate follows over the year, week and day; none: constant."""

    def hourly(self, veterans: float) -> float:
        """Mean rate per hour at a place with so many veterans."""
        scale = 1.0 if self.per_veterans is None else veterans / self.per_veterans
        return self.rate * scale / _PERIOD_HOURS[self.per]


class RenewalArrivals(Spec):
    """Needs with independent gaps between them.

    Examples
    --------
    >>> RenewalArrivals(kind="renewal", gap={"kind": "deterministic", "at": 0.5}).kind
    'renewal'
    """

    kind: Literal["renewal"]
    """Renewal process: independent gaps from one distribution."""
    gap: Distribution
    """Time from one need to the next, the first counted from the start."""
    first: Distribution | None = None
    """Time from the start to the first need, where it differs from a gap; none: it is a gap."""
    at: tuple[Identifier, ...] = ()
    """Places where the need arises; empty: every place that has veterans, or the only place."""


class ListedArrivals(Spec):
    """Needs that arise at given moments.

    Examples
    --------
    >>> ListedArrivals(kind="listed", times=["30 min", 2]).times
    (0.5, 2.0)
    """

    kind: Literal["listed"]
    """Exactly the listed moments, for worked examples and recorded demand."""
    times: tuple[Hours, ...]
    """Moments since the start; text such as "30 min", or hours."""
    at: tuple[Identifier, ...] = ()
    """Places where each of the moments occurs; empty: every place that has veterans, or the only place."""


def _kind(default: str) -> BeforeValidator:
    """Fill in the kind that is meant when none is written."""

    def fill(data: Any) -> Any:
        return {"kind": default, **data} if isinstance(data, Mapping) else data

    return BeforeValidator(fill)


Arrivals = Annotated[
    Annotated[PoissonArrivals | RenewalArrivals | ListedArrivals, Field(discriminator="kind")],
    _kind("poisson"),
]


class Campaign(Spec):
    """A stretch of the year that holds a fixed share of the year's needs.

    Examples
    --------
    >>> Campaign(share=0.45, anchor="lunar_new_year", offset=-28, days=28).days
    28
    """

    share: Probability
    """Share of the year's needs that arises within the stretch."""
    anchor: Annotated[str, Field(pattern=r"^(lunar_new_year|\d\d-\d\d)$")]
    """The day it is counted from: "MM-DD", or lunar_new_year."""
    offset: int = 0
    """First day, days after the anchor (negative: before it)."""
    days: int = Field(ge=1)
    """Length, days."""

    @field_validator("anchor")
    @classmethod
    def _in_every_year(cls, anchor: str) -> str:
        if anchor != "lunar_new_year":
            try:
                date.fromisoformat(f"2001-{anchor}")
            except ValueError:
                raise ValueError('no such day in every year; write a day as "MM-DD"') from None
        return anchor


class SeasonalProfile(Spec):
    """A rate that varies by month, weekday and hour, with campaigns.

    Weights are relative: the profile is scaled so that each calendar year holds the year's rate.

    Examples
    --------
    >>> SeasonalProfile(id="office", kind="seasonal", weekdays=[1.2, 1, 1, 1, 0.9, 0, 0]).months[0]
    1.0
    """

    id: Identifier
    """Short name."""
    kind: Literal["seasonal"] = "seasonal"
    """Weights by month, weekday and hour."""
    months: tuple[float, ...] = (1.0,) * 12
    """Twelve weights, January first."""
    weekdays: tuple[float, ...] = (1.0,) * 7
    """Seven weights, Monday first."""
    hours: tuple[float, ...] = (1.0,) * 24
    """Twenty-four weights, midnight to one o'clock first."""
    calendar: Identifier | None = None
    """When given, needs arise only while this calendar is open."""
    campaigns: tuple[Campaign, ...] = ()
    """Stretches of the year that hold a fixed share of it; the rest follows the months."""

    @field_validator("months", "weekdays", "hours")
    @classmethod
    def _weights(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if min(weights, default=0.0) < 0 or sum(weights) <= 0:
            raise ValueError("weights are zero or more, and not all zero")
        return weights

    @model_validator(mode="after")
    def _lengths(self) -> SeasonalProfile:
        for name, length in (("months", 12), ("weekdays", 7), ("hours", 24)):
            if len(getattr(self, name)) != length:
                raise ValueError(f"{name} needs {length} weights; it has {len(getattr(self, name))}")
        if sum(campaign.share for campaign in self.campaigns) > 1 + 1e-9:
            raise ValueError("the shares of the campaigns sum to more than 1")
        return self


class CyclicProfile(Spec):
    """A rate that swings as 1 + amplitude * sin(2 pi t / period).

    Examples
    --------
    >>> CyclicProfile(id="day", kind="cyclic", amplitude=0.5, period="1 d").period
    24.0
    """

    id: Identifier
    """Short name."""
    kind: Literal["cyclic"]
    """One sine wave."""
    amplitude: Probability
    """Relative height of the wave."""
    period: Hours
    """Length of one wave."""


class SteppedProfile(Spec):
    """A rate that is constant between given moments of a period, which repeats from the start of the scenario.

    Weights are relative: the profile is scaled so that a period holds the rate of its length.

    Examples
    --------
    >>> SteppedProfile(id="day", kind="steps", period="1 d", times=[0, 8, 16], weights=[1, 4, 2]).times
    (0.0, 8.0, 16.0)
    """

    id: Identifier
    """Short name."""
    kind: Literal["steps"]
    """Steps within a period."""
    period: Hours
    """Length of the period; for a rate that does not repeat, as long as the run."""
    times: tuple[Hours, ...] = Field(min_length=1)
    """Moments of the period from which the weights hold, ascending, the first 0."""
    weights: tuple[Annotated[float, Field(ge=0)], ...]
    """A weight for each of the moments."""

    @model_validator(mode="after")
    def _whole(self) -> SteppedProfile:
        if len(self.weights) != len(self.times):
            raise ValueError(
                f"each of the {len(self.times)} moments needs a weight; there are {len(self.weights)}"
            )
        if self.times[0] != 0 or any(b <= a for a, b in pairwise((*self.times, self.period))):
            raise ValueError("the moments ascend from 0 and lie before the end of the period")
        if sum(self.weights) == 0:
            raise ValueError("weights are zero or more, and not all zero")
        return self


Profile = Annotated[
    Annotated[SeasonalProfile | CyclicProfile | SteppedProfile, Field(discriminator="kind")], _kind("seasonal")
]


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
    """Where the new case is presented: at the place of first `contact` of the old one, at the place `above` it,
    at the `origin`, or at the place of a named tier; if that is not staffed, at the next one above."""
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
            "unresolved", "reneged", "balked", "lost", "refused", "ineligible", "dropped_out", "resolved_itself"
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
    """Who starts it: a veteran; the service, and work that it plans for itself is not an unmet need when it is not
    done; or supervision, the work that volunteers make for the staff."""
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
    """Probability per week that the need of an open case is met without the service; like a case that is given up,
    it is found out when its turn comes."""
    returns: Returns | None = None
    """Whether and when a case that was not served comes back."""
    overdue: tuple[Overdue, ...] = ()
    """What its cases set off when they are open too long."""
    unmet: tuple[Unmet, ...] = ()
    """What its cases set off when they end unmet."""
