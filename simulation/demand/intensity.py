"""When needs arise: cumulative intensities of profiles, and their inverse."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from simulation.calendars import lunar_new_year
from simulation.scenario.arrivals import Campaign, CyclicProfile, SeasonalProfile, SteppedProfile
from simulation.scenario.scenario import Scenario

__all__ = ["Intensity", "make_intensity", "months"]

STEPS_PER_CYCLE = 480


@dataclass(frozen=True)
class Intensity:
    """Cumulative intensity of a rate whose long-run mean is one, linear between grid points.

    Examples
    --------
    >>> flat = Intensity(np.array([0.0, 10.0]), np.array([0.0, 10.0]))
    >>> flat.gathered(2.0, 5.0), flat.between(2.0, 5.0)
    ((2.0, 5.0), 3.0)
    """

    edges: NDArray[np.float64]
    """Moments of the grid, hours."""
    cumulative: NDArray[np.float64]
    """Intensity gathered up to each moment, hours of mean rate."""

    def gathered(self, begin: float, end: float) -> tuple[float, float]:
        """Intensity gathered up to two moments."""
        low, high = np.interp([begin, end], self.edges, self.cumulative)
        return float(low), float(high)

    def between(self, begin: float, end: float) -> float:
        """Intensity gathered between two moments."""
        low, high = self.gathered(begin, end)
        return high - low


def months(start: date, horizon: float) -> Iterator[tuple[int, float, float]]:
    """Calendar months that the horizon touches: a running number, begin and end in hours since the start.

    Examples
    --------
    >>> list(months(date(2026, 1, 15), 24.0))
    [(24313, -336.0, 408.0)]
    """
    day = start.replace(day=1)
    while (begin := (day - start).days * 24.0) < horizon:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield day.year * 12 + day.month, begin, (following - start).days * 24.0
        day = following


def make_intensity(scenario: Scenario, profile: str | None, horizon: float) -> Intensity:
    """Work out the cumulative intensity of a profile over the calendar years that the horizon touches.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> make_intensity(single_queue(), None, 48.0).between(0.0, 48.0)
    48.0
    """
    start = scenario.start
    last = start + timedelta(days=max(0, math.ceil(horizon / 24.0) - 1))
    first_day, end_day = date(start.year, 1, 1), date(last.year + 1, 1, 1)
    begin = (first_day - start).days * 24.0
    end = (end_day - start).days * 24.0
    spec = next((p for p in scenario.profiles if p.id == profile), None)
    if spec is None:
        return Intensity(np.array([begin, end]), np.array([0.0, end - begin]))
    if isinstance(spec, CyclicProfile):
        step = spec.period / STEPS_PER_CYCLE
        edges = begin + step * np.arange(math.ceil((end - begin) / step) + 1, dtype=np.float64)
        turn = 2.0 * math.pi / spec.period
        return Intensity(
            edges, edges - begin - spec.amplitude / turn * (np.cos(turn * edges) - math.cos(turn * begin))
        )
    if isinstance(spec, SteppedProfile):
        return _stepped(spec, begin, end)
    weights = _hourly_weights(scenario, spec, first_day, end_day)
    edges = begin + np.arange(len(weights) + 1, dtype=np.float64)
    return Intensity(edges, np.concatenate(([0.0], np.cumsum(weights))))


def _stepped(spec: SteppedProfile, begin: float, end: float) -> Intensity:
    """Repeat the steps of a period, counted from time zero, over all years; a period's mean is one."""
    lengths = np.diff([*spec.times, spec.period])
    gathered = np.concatenate(([0.0], np.cumsum(np.asarray(spec.weights) * lengths)))
    gathered *= spec.period / gathered[-1]
    first, last = math.floor(begin / spec.period), math.ceil(end / spec.period)
    periods = np.arange(first, last, dtype=np.float64)[:, None] * spec.period
    edges = np.append((periods + np.asarray(spec.times)).ravel(), last * spec.period)
    cumulative = np.append((periods + gathered[:-1]).ravel(), last * spec.period)
    return Intensity(edges, cumulative - cumulative[0])


def _hourly_weights(scenario: Scenario, spec: SeasonalProfile, first: date, end: date) -> NDArray[np.float64]:
    """Weigh every hour; a year's mean is one, but for campaigns that reach over its ends."""
    days = [first + timedelta(days=n) for n in range((end - first).days)]
    by_hour = (
        np.asarray(spec.hours)[None, :] * np.asarray([spec.weekdays[day.weekday()] for day in days])[:, None]
    )
    if spec.calendar is not None:
        hours = scenario.calendar(spec.calendar).hours(first, len(days) * 24.0)
        edges = np.arange(len(days) * 24 + 1, dtype=np.float64)
        by_hour = by_hour * hours.clip(edges[:-1], edges[1:]).reshape(-1, 24)
    year = np.asarray([day.year for day in days])
    month = np.asarray([spec.months[day.month - 1] for day in days])
    rest = 1.0 - sum(campaign.share for campaign in spec.campaigns)
    weights = np.zeros_like(by_hour)
    for one in np.unique(year):
        inside = year == one
        total = inside.sum() * 24.0
        weights[inside] += _scaled(by_hour[inside] * month[inside, None], rest * total)
        for campaign in spec.campaigns:
            for begin, stop in (_window(campaign, int(one) + shift) for shift in (-1, 0, 1)):
                chosen = inside & np.asarray([begin <= day < stop for day in days])
                part = chosen.sum() / campaign.days
                weights[chosen] += _scaled(by_hour[chosen], campaign.share * total * part)
    flat: NDArray[np.float64] = weights.ravel()
    return flat


def _window(campaign: Campaign, year: int) -> tuple[date, date]:
    if campaign.anchor == "lunar_new_year":
        anchor = lunar_new_year(year)
    else:
        anchor = date(year, int(campaign.anchor[:2]), int(campaign.anchor[3:]))
    begin = anchor + timedelta(days=campaign.offset)
    return begin, begin + timedelta(days=campaign.days)


def _scaled(weights: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    gathered = weights.sum()
    return weights * (total / gathered) if gathered > 0 else weights
