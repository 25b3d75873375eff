"""Who holds a post when: spells of one person each, and empty stretches between them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.distributions import Distribution, Exponential, encode, hours_per
from simulation.layout import Era, StaffUnit
from simulation.roster.filling import hold
from simulation.streams import decision, mix_array, variates

__all__ = ["Posts", "Spell", "hold_post", "make_posts"]

YEAR = 8760.0
GRID = 4096
"""Points at which a distribution of empty stretches is looked at, to meet one of them half-way."""

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Law = tuple[Distribution, float]
"""A distribution and the length of its unit, hours."""


class Spell(NamedTuple):
    """One person in a post."""

    hired: float
    """Hour at which the person began; before 0 for those met there, minus infinity for the experienced."""
    begin: float
    """Hour from which the post is held by the person, within the run."""
    end: float
    """Hour at which the person leaves, or the post ceases."""


@dataclass(frozen=True)
class Posts:
    """Posts of several staff groups, and all that decides who holds them: the same in every replication."""

    first_post: Numbers
    """First post of each group, and the number of all."""
    keys: NDArray[np.uint64]
    """Key of each post: of its staff group's name and its number, and of nothing else."""
    first_stretch: Numbers
    """First stretch of each post, and the number of all."""
    stretches: Floats
    """In which there is such a post: begin, end (hours), and whether it is met on an ordinary day."""
    first_era: Numbers
    """First era of each group, and the number of all."""
    eras: Floats
    """Columns `filling.ERA`."""
    table: Floats
    """Laws of tenure, in units of its mean, and of empty stretches."""
    starts: Numbers
    """Where the law of each kind of empty stretch begins in the table."""
    points: Floats
    """Quantiles of the empty stretches, by law."""
    weights: Floats
    """Their running sums."""


@lru_cache(maxsize=64)
def _empty_stretches(law: Distribution, hours: float) -> tuple[Floats, Floats]:
    """Return quantiles of a law, and their running sums."""
    table, starts = encode([(law, hours)])
    points = variates(table, starts[0], (np.arange(GRID) + 0.5) / GRID)
    return points, np.cumsum(points)


def make_posts(groups: Sequence[tuple[StaffUnit, Sequence[int]]], horizon: float) -> Posts:
    """Lay out posts of staff groups until the horizon (hours).

    Parameters
    ----------
    groups
        Staff groups whose posts are held, each with the numbers of the posts that are meant.
    horizon
        Hours that are simulated.

    Examples
    --------
    >>> make_posts([], 24.0).keys.tolist()
    []
    """
    laws: dict[Law, int] = {}
    keys, stretches, eras = [np.empty(0, np.uint64)], list[list[tuple[float, float, float]]](), []
    for unit, posts in groups:
        keys.append(mix_array(np.uint64(decision(f"post/{unit.id}")), np.array(posts, np.uint64)))
        stretches += [list(_stretches(unit, post, horizon)) for post in posts]
        eras.append([_era(era, laws) for era in unit.eras])
    tenure: Law = (Exponential(kind="exponential", mean=1.0), 1.0)
    table, starts = encode([tenure, *laws])
    looked_at = [_empty_stretches(*law) for law in laws]
    return Posts(
        first_post=_firsts([posts for _, posts in groups]),
        keys=np.concatenate(keys),
        first_stretch=_firsts(stretches),
        stretches=np.array([stretch for each in stretches for stretch in each]).reshape(-1, 3),
        first_era=_firsts(eras),
        eras=np.array([era for each in eras for era in each]).reshape(-1, 8),
        table=table,
        starts=starts[1:],
        points=np.array([points for points, _ in looked_at]).reshape(-1, GRID),
        weights=np.array([weights for _, weights in looked_at]).reshape(-1, GRID),
    )


def _firsts(items: Sequence[Sequence[Any]]) -> Numbers:
    return np.cumsum([0, *(len(each) for each in items)], dtype=np.int64)


def _era(era: Era, laws: dict[Law, int]) -> tuple[float, ...]:
    """Return a row of the table of eras; its law of empty stretches gets a number."""
    work = era.workforce
    hours = hours_per(work.recruitment.unit, 24.0) * work.recruitment_factor
    law = laws.setdefault((work.recruitment, hours), len(laws))
    mean = work.recruitment.mean() * hours
    rest = (work.absence, work.training, work.ramp_up, work.ramp_speed)
    return (era.begin, work.turnover / YEAR, float(law), mean, *rest)


def _stretches(unit: StaffUnit, post: int, horizon: float) -> Iterator[tuple[float, float, float]]:
    """Give the stretches in which there is such a post, and whether it is met on an ordinary day."""
    settled = dict(unit.settled)
    there = unit.planned > post
    edges = np.flatnonzero(np.diff(np.concatenate(([False], there, [False]))))
    times = np.append(unit.times, horizon)
    for begin, end in times[edges].reshape(-1, 2).tolist():
        yield begin, end, float(post < settled.get(begin, 0))


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
        return [Spell(-math.inf, begin, end) for begin, end, _ in _stretches(unit, post, horizon)]
    one = make_posts([(unit, [post])], horizon)
    spells, count = hold(
        seed, replication, one.keys[0], post, one.stretches, one.eras, one.table, one.starts, one.points,
        one.weights, np.empty((16, 4)), 0,
    )  # fmt: skip
    return [Spell(*spell[1:]) for spell in spells[:count].tolist()]
