"""How levers take effect over time: the strength of each, and the system in each stretch of time."""

from __future__ import annotations

import math
from bisect import bisect_right
from datetime import date

from simulation.scenario.levers import Lever
from simulation.scenario.scenario import Scenario

__all__ = ["course", "in_full", "phases", "strength_at", "switchable", "variants"]

DAY = 24.0
YEAR = 8760.0
MONTH = YEAR / 12

Course = tuple[tuple[float, float], ...]


def phases(scenario: Scenario) -> tuple[tuple[float, Scenario], ...]:
    """Return the system in each stretch of time, as its levers take effect; those with a trigger do not.

    Returns
    -------
    tuple of (float, Scenario)
        Hour from which the system holds, the first 0, and the system without levers.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> [time for time, system in phases(single_queue())]
    [0.0]
    """
    return tuple((start, systems[0]) for start, systems in variants(scenario))


def variants(scenario: Scenario) -> tuple[tuple[float, dict[int, Scenario]], ...]:
    """Return for each stretch of time the system for each set of levers that triggers have switched on.

    Returns
    -------
    tuple of (float, dict)
        Hour from which the systems hold, the first 0, and a system by the set, written as the bits of a
        number: bit n is the nth of the levers with a trigger.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> [(time, list(systems)) for time, systems in variants(single_queue())]
    [(0.0, [0])]
    """
    courses = [course(lever, scenario) for lever in scenario.levers]
    moments = {moment for steps in courses for moment, _ in steps if moment > 0.0}
    bits = {lever.id: 1 << number for number, lever in enumerate(switchable(scenario))}
    bare = scenario.model_copy(update={"levers": ()})
    found = []
    for start in (0.0, *sorted(moments)):
        systems = {0: bare}
        for lever, steps in zip(scenario.levers, courses, strict=True):
            strength = strength_at(steps, start)
            if strength == 0.0:
                continue
            bit = bits.get(lever.id, 0)
            systems |= {mask | bit: lever.change(old, strength) for mask, old in systems.items()}
        found.append((start, dict(sorted(systems.items()))))
    return tuple(found)


def switchable(scenario: Scenario) -> tuple[Lever, ...]:
    """Return the levers that have a trigger.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> switchable(single_queue())
    ()
    """
    return tuple(lever for lever in scenario.levers if lever.trigger is not None)


def strength_at(steps: Course, hour: float) -> float:
    """Return the strength of a lever at a moment (hours).

    Examples
    --------
    >>> strength_at(((24.0, 0.5), (48.0, 1.0)), 30.0)
    0.5
    """
    position = bisect_right(steps, (hour, math.inf))
    return steps[position - 1][1] if position else 0.0


def course(lever: Lever, scenario: Scenario) -> Course:
    """Return how strongly a lever is in effect when: moments (hours) with the strength from each on.

    Before the first moment it is not in effect. A lever that began before the scenario does has moments
    below zero. With a budget it ends after the last day that the budget pays for; a step of its ramp whose
    share of the one-off cost cannot be paid is not taken, and the lever ends there. A lever with a trigger
    may be on in this time; its budget is spent by the time that it is on.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.scenario.levers import ScaleTime
    >>> lever = ScaleTime.model_validate(
    ...     {"id": "fast", "kind": "scale_time", "steps": ["consult"], "factor": 0.5, "from": "2026-01-02",
    ...      "to": "2026-12-31", "ramp": "60 d"})
    >>> course(lever, single_queue())
    ((24.0, 0.5), (744.0, 1.0), (8760.0, 0.0))
    """
    begin = 0.0 if lever.from_ is None else _hour(scenario, lever.from_)
    end = math.inf if lever.to is None else _hour(scenario, lever.to) + DAY
    parts = max(1, math.ceil(round(lever.ramp / MONTH, 9)))
    every = lever.ramp / parts / DAY
    steps = [
        (begin + math.floor(part * every) * DAY, lever.strength * (part + 1) / parts) for part in range(parts)
    ]
    if lever.budget is not None and lever.trigger is None:
        end = min(end, _paid_until(lever, lever.running_cost(scenario), steps, lever.budget))
    taken = [step for step in steps if step[0] < end]
    return (*taken, (end, 0.0)) if taken and end < math.inf else tuple(taken)


def _hour(scenario: Scenario, day: date) -> float:
    return (day - scenario.start).days * DAY


def _paid_until(lever: Lever, per_year: float, steps: list[tuple[float, float]], budget: float) -> float:
    """Find the end of the last day that a budget pays for."""
    before = 0.0
    for (moment, strength), following in zip(
        steps, [*(moment for moment, _ in steps[1:]), math.inf], strict=True
    ):
        budget -= lever.cost_once * (strength - before)
        before = strength
        if budget < -1e-9:
            return moment
        per_day = per_year * strength * DAY / YEAR
        days = math.floor(round(budget / per_day, 9)) if per_day > 0.0 else math.inf
        if moment + days * DAY < following:
            return moment + days * DAY
        budget -= per_day * (following - moment) / DAY if per_day > 0.0 else 0.0
    return math.inf


def in_full(scenario: Scenario) -> Scenario:
    """Return the system with all its levers in effect at their strength, whenever they are, without levers.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> in_full(single_queue()) == single_queue()
    True
    """
    system = scenario.model_copy(update={"levers": ()})
    for lever in scenario.levers:
        system = lever.change(system, lever.strength)
    return system
