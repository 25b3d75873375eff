"""Who holds a post when: spells of one person each, and empty stretches between them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simulation.distributions import Distribution, Exponential, encode, hours_per
from simulation.layout import StaffUnit
from simulation.streams import decision, mix, uniforms, variate, variates

__all__ = ["Spell", "hold_post", "post_key"]

YEAR = 8760.0
FIRST = decision("post/first")
SPELL = decision("post/spell")
GRID = 4096
"""Points at which a distribution of empty stretches is looked at, to meet one of them half-way."""
UNIT_TABLE, UNIT_STARTS = encode([(Exponential(kind="exponential", mean=1.0), 1.0)])


class Spell(NamedTuple):
    """One person in a post."""

    hired: float
    """Hour at which the person began; before 0 for those met there, minus infinity for the experienced."""
    begin: float
    """Hour from which the post is held by the person, within the run."""
    end: float
    """Hour at which the person leaves, or the post ceases."""


class _Vacancy:
    """How long a post stands empty, by the law of its recruitment."""

    def __init__(self, law: Distribution, factor: float) -> None:
        hours = hours_per(law.unit, 24.0) * factor
        self.table, starts = encode([(law, hours)])
        self.start = int(starts[0])
        self.mean = law.mean() * hours
        self.points = variates(self.table, self.start, (np.arange(GRID) + 0.5) / GRID)
        self.weights = np.cumsum(self.points)

    def hours(self, u: float) -> float:
        """Draw a whole empty stretch."""
        return variate(self.table, self.start, u)

    def rest(self, u: float, v: float) -> float:
        """Draw what is left of an empty stretch that is met half-way: long ones are met more often."""
        met = int(np.searchsorted(self.weights, u * self.weights[-1]))
        return float(self.points[min(met, GRID - 1)]) * v


@lru_cache(maxsize=64)
def _vacancy(law: Distribution, factor: float) -> _Vacancy:
    return _Vacancy(law, factor)


def _empty(unit: StaffUnit, now: float) -> _Vacancy:
    """Find the law of an empty stretch that begins now."""
    workforce = unit.era(now).workforce
    return _vacancy(workforce.recruitment, workforce.recruitment_factor)


def post_key(unit: StaffUnit, post: int) -> int:
    """Return the key of a post: of its staff group's name and its number, and of nothing else.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> unit = make_layout(single_queue(servers=2), 24.0).teams[0].staff[0]
    >>> post_key(unit, 0) == post_key(unit, 1)
    False
    """
    return int(mix(decision(f"post/{unit.id}"), post))


def hold_post(unit: StaffUnit, post: int, horizon: float, seed: int, replication: int) -> list[Spell]:
    """Return the spells for which a post is held until the horizon (hours), in order.

    A post that is there from the start, or comes along into a team that is formed of others, is met on an
    ordinary day: with the chance of the long run it is empty, else its holder has been there for a while. Any
    other post begins empty, to be filled.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> unit = make_layout(single_queue(), 24.0).teams[0].staff[0]
    >>> hold_post(unit, 0, 24.0, seed=1, replication=0)
    [Spell(hired=-inf, begin=0.0, end=24.0)]
    """
    if not unit.held:
        return [Spell(-math.inf, begin, end) for begin, end in _stretches(unit, post, horizon)]
    key, number, spells = post_key(unit, post), 0, list[Spell]()
    settled = dict(unit.settled)
    for time, (begin, end) in enumerate(_stretches(unit, post, horizon)):
        first = uniforms(seed, replication, FIRST, key, time, 0)
        if post < settled.get(begin, 0):
            hired, start = _met(unit, begin, first)
        else:
            hired = start = begin + _empty(unit, begin).hours(first[1])
        while start < end:
            tenure, empty, _, _ = uniforms(seed, replication, SPELL, key, number, 0)
            left = _leaves(unit, start, variate(UNIT_TABLE, int(UNIT_STARTS[0]), tenure))
            spells.append(Spell(hired, start, min(left, end)))
            number += 1
            if left >= end:
                break
            hired = start = left + _empty(unit, left).hours(empty)
    return spells


def _stretches(unit: StaffUnit, post: int, horizon: float) -> Iterator[tuple[float, float]]:
    """Give the stretches in which there is such a post."""
    there = unit.planned > post
    edges = np.flatnonzero(np.diff(np.concatenate(([False], there, [False]))))
    times = np.append(unit.times, horizon)
    for begin, end in edges.reshape(-1, 2).tolist():
        yield float(times[begin]), float(times[end])


def _met(unit: StaffUnit, now: float, u: tuple[float, float, float, float]) -> tuple[float, float]:
    """Meet a post at a moment, as it is in the long run: when its holder began, and from when it is held."""
    rate = unit.era(now).workforce.turnover / YEAR
    vacancy = _empty(unit, now)
    empty = rate * vacancy.mean
    if u[0] < empty / (1.0 + empty):
        filled = now + vacancy.rest(u[1], u[2])
        return filled, filled
    if rate == 0.0:
        return -math.inf, now
    return now - variate(UNIT_TABLE, int(UNIT_STARTS[0]), u[3]) / rate, now


def _leaves(unit: StaffUnit, start: float, risk: float) -> float:
    """Return when a person who holds a post from `start` on leaves: when so much risk has gathered."""
    now = start
    for number, era in enumerate(unit.eras):
        until = unit.eras[number + 1].begin if number + 1 < len(unit.eras) else math.inf
        rate = era.workforce.turnover / YEAR
        if until <= now:
            continue
        if rate > 0.0 and risk <= rate * (until - now):
            return now + risk / rate
        risk -= rate * (until - now) if until < math.inf else 0.0
        now = until
    return math.inf
