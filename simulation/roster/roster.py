"""The roster of one replication: heads on duty and their pace, posts by posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulation.layout import Layout, StaffUnit, TeamUnit
from simulation.roster.posts import Spell, hold_post, post_key
from simulation.scenario.teams import Workforce
from simulation.streams import decision, mix_array, uniforms_array

__all__ = ["Roster", "make_roster"]

DAY = 24.0
MONTH = 730.0
ABSENCE = decision("post/absence")

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Roster:
    """The teams of a layout with the heads that are really there.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(servers=3), 100.0)
    >>> make_roster(layout, seed=1, replication=0).teams[0].on_duty(50.0)
    3
    """

    teams: tuple[TeamUnit, ...]
    """Teams in the order of the layout: `planned` heads hold posts and are paid, `capacity` are on duty."""

    @cached_property
    def staff(self) -> tuple[StaffUnit, ...]:
        """Staff groups, in the order of the names of the staff."""
        return tuple(unit for team in self.teams for unit in team.staff)


def make_roster(layout: Layout, seed: int, replication: int) -> Roster:
    """Draw who holds which post when, who is away on which day, and how fast those on duty are.

    Every draw is keyed by the post: another post, place or lever changes none of them.

    Parameters
    ----------
    layout
        The scenario written out.
    seed, replication
        Key of the random numbers.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 100.0)
    >>> make_roster(layout, seed=1, replication=0).teams is layout.teams
    True
    """
    if not any(unit.held for team in layout.teams for unit in team.staff):
        return Roster(layout.teams)
    teams = [
        replace(
            team,
            staff=tuple(
                _filled(unit, layout.horizon, seed, replication) if unit.held else unit for unit in team.staff
            ),
        )
        if any(unit.held for unit in team.staff)
        else team
        for team in layout.teams
    ]
    return Roster(tuple(teams))


def _filled(unit: StaffUnit, horizon: float, seed: int, replication: int) -> StaffUnit:
    """Return a staff group with the heads that are really there."""
    posts = [
        hold_post(unit, post, horizon, seed, replication) for post in range(int(unit.planned.max(initial=0)))
    ]
    if not posts:
        return unit
    away = _away(unit, len(posts), horizon, seed, replication)
    lessons = [[_lessons(unit, spell) for spell in spells] for spells in posts]
    times = _moments(unit, posts, lessons, away, horizon)
    held, speed, learning = _on_grid(times, posts, lessons)
    there = held & ~away[:, (times // DAY).astype(np.int64)]
    heads, newcomers = there.sum(axis=0), (there & learning).sum(axis=0)
    training = np.array([era.workforce.training for era in unit.eras])[_era_numbers(unit, times)]
    taught = np.minimum(training * newcomers, heads - newcomers)
    work = np.where(there, speed, 0.0).sum(axis=0) - taught
    base = unit.pace[np.searchsorted(unit.times, times, side="right") - 1]
    capacity = np.where(unit.hours.open_at(times), heads, 0)
    pace = np.where(capacity > 0, base * (work / np.maximum(heads, 1)), base)
    planned = held.sum(axis=0)
    changes = (np.diff(capacity) != 0) | (np.diff(planned) != 0) | (np.diff(pace) != 0)
    kept = np.append(True, changes)
    return replace(unit, times=times[kept], capacity=capacity[kept], planned=planned[kept], pace=pace[kept])


def _era_numbers(unit: StaffUnit, times: Floats) -> NDArray[np.int64]:
    begins = np.array([era.begin for era in unit.eras])
    return np.maximum(np.searchsorted(begins, times, side="right") - 1, 0)


def _away(unit: StaffUnit, posts: int, horizon: float, seed: int, replication: int) -> Flags:
    """Draw on which days the holder of each post is away; a row per post, a column per day."""
    days = int(horizon // DAY) + 1
    share = np.array([era.workforce.absence for era in unit.eras])[
        _era_numbers(unit, np.arange(days, dtype=np.float64) * DAY)
    ]
    if not share.any():
        return np.zeros((posts, days), bool)
    blocks = -(-days // 4)
    keys = np.array([[post_key(unit, post)] for post in range(posts)], dtype=np.uint64)
    u = uniforms_array(seed, replication, ABSENCE, mix_array(keys, np.arange(blocks)).reshape(-1), 0)
    return np.asarray(u.reshape(posts, 4 * blocks)[:, :days] < share)


def _lessons(unit: StaffUnit, spell: Spell) -> list[tuple[float, float, float]]:
    """List the steps by which a newcomer learns, as far as they lie in the spell: begin, end, speed."""
    workforce: Workforce = unit.era(max(spell.hired, 0.0)).workforce
    if workforce.ramp_up == 0.0:
        return []
    steps = int(np.ceil(workforce.ramp_up / MONTH))
    length = workforce.ramp_up / steps
    found = []
    for step in range(steps):
        begin, end = spell.hired + step * length, spell.hired + (step + 1) * length
        if end > spell.begin and begin < spell.end:
            speed = workforce.ramp_speed + (1.0 - workforce.ramp_speed) * step / steps
            found.append((max(begin, spell.begin), min(end, spell.end), speed))
    return found


def _moments(
    unit: StaffUnit,
    posts: Sequence[Sequence[Spell]],
    lessons: Sequence[Sequence[Sequence[tuple[float, float, float]]]],
    away: Flags,
    horizon: float,
) -> Floats:
    """Collect the moments at which anything may change."""
    moments = [moment for spells in posts for spell in spells for moment in (spell.begin, spell.end)]
    moments += [moment for post in lessons for spell in post for step in spell for moment in step[:2]]
    moments += [era.begin for era in unit.eras]
    days = np.flatnonzero((away[:, 1:] != away[:, :-1]).any(axis=0)) + 1
    times = np.unique(np.concatenate((unit.times, moments, unit.hours.opens, unit.hours.closes, days * DAY)))
    return np.asarray(times[times < horizon], dtype=np.float64)


def _on_grid(
    times: Floats,
    posts: Sequence[Sequence[Spell]],
    lessons: Sequence[Sequence[Sequence[tuple[float, float, float]]]],
) -> tuple[Flags, Floats, Flags]:
    """Say of posts and moments whether one is held, how fast the holder is, and whether they still learn."""
    shape = (len(posts), len(times))
    held, speed, learning = np.zeros(shape, bool), np.ones(shape), np.zeros(shape, bool)
    for post, spells in enumerate(posts):
        for spell, steps in zip(spells, lessons[post], strict=True):
            begin, end = np.searchsorted(times, (spell.begin, spell.end))
            held[post, begin:end] = True
            for first, last, factor in steps:
                begin, end = np.searchsorted(times, (first, last))
                speed[post, begin:end] = factor
                learning[post, begin:end] = True
    return held, speed, learning
