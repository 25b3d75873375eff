"""When something is due: deadlines in hours, days or working days, for many moments at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simulation.calendars import SLACK, OpeningHours
from simulation.scenario import Scenario
from simulation.scenario.quantities import Duration

__all__ = ["add_many", "due"]

Floats = NDArray[np.float64]


def add_many(hours: OpeningHours, moments: Floats, work: float) -> Floats:
    """Return the first moments by which `work` open hours have passed: `OpeningHours.add` for arrays.

    Parameters
    ----------
    hours
        Opening hours on which the time passes.
    moments
        Hours from which to count.
    work
        Open hours, zero or more.

    Examples
    --------
    >>> desk = OpeningHours.from_minutes([(540, 720), (780, 1020)], end=24.0)
    >>> add_many(desk, np.array([8.0, 11.0, 16.0]), 2.0).tolist()
    [11.0, 14.0, inf]
    """
    if work <= 0.0:
        return moments.copy()
    count = len(hours.opens)
    opens, closes = np.append(hours.opens, np.inf), np.append(hours.closes, np.inf)
    first = np.searchsorted(hours.closes, moments, side="right")
    begun = moments >= opens[first]
    inside = begun & (moments + work <= closes[first] + SLACK)
    same_day = np.where(moments + work < closes[first] - SLACK, moments + work, closes[first])
    passed = np.where(begun, moments - np.where(begun, opens[first], 0.0), 0.0)
    target = hours.before[first] + passed + work
    later = np.maximum(np.searchsorted(hours.before, target - SLACK, side="left"), first + begun + 1) - 1
    beyond = (first == count) | (~inside & (later >= count))
    later = np.minimum(later, count)
    end = opens[later] + (target - hours.before[later])
    end = np.where(end < closes[later] - SLACK, end, closes[later])
    return np.where(beyond, np.inf, np.where(inside, same_day, end))


def due(
    scenario: Scenario, hours: Mapping[str, OpeningHours], deadline: Duration, calendar: str, moments: Floats
) -> Floats:
    """Return when something is due that begins at `moments` (hours); infinity beyond the calendar.

    Working days pass on the calendar, one working day being its mean open hours; other units pass always.

    Parameters
    ----------
    scenario
        Where the calendar is written.
    hours
        Compiled opening hours by calendar.
    deadline
        The time allowed.
    calendar
        Name of the calendar of working days.
    moments
        Hours from which the deadline counts.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> due(single_queue(), {}, Duration(amount=2, unit="d"), "always", np.array([1.0])).tolist()
    [49.0]
    """
    if deadline.unit == "wd":
        return add_many(hours[calendar], moments, deadline.hours(scenario.calendar(calendar).day_hours))
    return moments + deadline.hours(24.0)
