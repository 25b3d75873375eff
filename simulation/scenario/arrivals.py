"""How often needs arise, and how that varies over year, week and day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from simulation.distributions import Distribution
from simulation.scenario.quantities import Hours, Identifier, Probability
from simulation.spec import Spec

__all__ = [
    "Arrivals",
    "Campaign",
    "CyclicProfile",
    "ListedArrivals",
    "PoissonArrivals",
    "Profile",
    "RenewalArrivals",
    "SeasonalProfile",
    "SteppedProfile",
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
    """A rate that is constant between given moments of a period; periods follow each other from the start.

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
    Annotated[SeasonalProfile | CyclicProfile | SteppedProfile, Field(discriminator="kind")],
    _kind("seasonal"),
]
