"""Indices: how satisfaction and the sense of achievement are made up; every weight is an assumption."""

from __future__ import annotations

from pydantic import Field

from simulation.spec import Spec

__all__ = ["Achievement", "Indices", "Satisfaction"]


class Satisfaction(Spec):
    """Satisfaction with one presented case: 1 / (1 + exp(-score)).

    The score is `constant`, plus `resolved` if the case was resolved, plus `per_day` for each day that it
    took, plus `per_trip` for each contact in person. No source gives the weights: published ratings of 99 per
    cent and more have no room left to show a difference, so the index is not calibrated to them.

    Examples
    --------
    >>> Satisfaction(per_day=-0.02).per_day
    -0.02
    """

    constant: float = -0.5
    """Score of a case that was not resolved, without any delay or trip; plausible from -1.5 to 0.5."""
    resolved: float = Field(default=2.0, ge=0)
    """Added when the case was resolved; plausible from 1 to 3."""
    per_day: float = Field(default=-0.03, le=0)
    """Added for each day from the need to its end or the end of the run; plausible from -0.06 to -0.01."""
    most_days: float = Field(default=180.0, gt=0)
    """Days after which more delay makes no difference."""
    per_trip: float = Field(default=-0.3, le=0)
    """Added for each contact in person; plausible from -0.6 to -0.1."""


class Achievement(Spec):
    """Sense of achievement: the mean of four shares, weighted.

    The weights are relative. A share that a scenario does not have, such as planned visits where none are
    planned, is left out, and the others keep their proportions.

    Examples
    --------
    >>> Achievement(taking_part=0).taking_part
    0.0
    """

    on_time: float = Field(default=0.4, ge=0)
    """Weight of the share of needs resolved on time; plausible from 0.2 to 0.6."""
    first_contact: float = Field(default=0.2, ge=0)
    """Weight of the share of needs resolved at first contact; plausible from 0.1 to 0.4."""
    reached: float = Field(default=0.2, ge=0)
    """Weight of the share of planned visits that were made; plausible from 0.1 to 0.4."""
    taking_part: float = Field(default=0.2, ge=0)
    """Weight of taking part, measured by the hours that volunteers work; plausible from 0 to 0.4."""
    full_part: float = Field(default=120.0, gt=0)
    """Hours of volunteers per 1,000 veterans and year at which taking part counts in full: 5 per cent of
    veterans, a tenth of them active, two hours a month; plausible from 60 to 240."""


class Indices(Spec):
    """Weights of the indices. They change no record and are no part of what records are stored under.

    Examples
    --------
    >>> Indices().achievement.on_time
    0.4
    """

    satisfaction: Satisfaction = Satisfaction()
    """Satisfaction with presented cases."""
    achievement: Achievement = Achievement()
    """Sense of achievement of all."""
