"""Deadlines: the moment that lies a length of time, perhaps in working days, after another."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from simulation.calendars import OpeningHours
from simulation.layout.beyond import hours_beyond
from simulation.scenario.quantities import Duration
from simulation.scenario.scenario import Scenario

__all__ = ["Deadlines"]

Floats = NDArray[np.float64]

DAY = 24.0
WEEK = 168.0
YEAR = 8760.0
LEAP_YEAR = 366


class Deadlines:
    """Counts time from a moment on; what arose before the scenario begins counts its working days from then.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> Deadlines(single_queue(), 24.0).after(-30.0, Duration(amount=2, unit="d"), "always")
    18.0
    """

    def __init__(self, scenario: Scenario, horizon: float) -> None:
        self.scenario = scenario
        self.horizon = horizon
        self._hours: dict[tuple[Duration, str, int], tuple[float, OpeningHours]] = {}

    def after(self, moment: float, duration: Duration, calendar: str) -> float:
        """Return the moment (hours) that lies a duration after another, working days on a calendar."""
        if duration.unit != "wd":
            return moment + duration.hours(DAY)
        earlier = 0 if moment >= 0.0 else math.ceil(-moment / DAY / LEAP_YEAR) * LEAP_YEAR
        work, hours = self.open_hours(duration, calendar, earlier)
        return hours.add(moment + earlier * DAY, work) - earlier * DAY

    def after_each(self, moments: Floats, duration: Duration, calendar: str) -> Floats:
        """Return the moment that lies a duration after each of many, as `after` does for one."""
        if duration.unit != "wd":
            return moments + duration.hours(DAY)
        due = np.empty(len(moments))
        early = moments < 0.0
        due[early] = [self.after(moment, duration, calendar) for moment in moments[early].tolist()]
        if not early.all():
            work, hours = self.open_hours(duration, calendar)
            due[~early] = hours.add_each(moments[~early], work)
        return due

    def open_hours(self, duration: Duration, calendar: str, earlier: int = 0) -> tuple[float, OpeningHours]:
        """Return working days in open hours, with the opening hours from so many days before the start on."""
        key = (duration, calendar, earlier)
        if key not in self._hours:
            self._hours[key] = self._open_hours(duration, calendar, earlier)
        return self._hours[key]

    def _open_hours(self, duration: Duration, calendar: str, earlier: int) -> tuple[float, OpeningHours]:
        """Return a duration in open hours, and opening hours from so many days before the start, far on."""
        kept = self.scenario.calendar(calendar)
        work = duration.hours(kept.day_hours)
        horizon = self.horizon + earlier * DAY
        end = horizon + YEAR + work * WEEK
        return work, hours_beyond(kept, self.scenario.start - timedelta(days=earlier), horizon, end)
