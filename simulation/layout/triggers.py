"""Triggers with names turned into numbers, and the moments at which they are looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from simulation.calendars import OpeningHours
from simulation.scenario.levers import Lever
from simulation.scenario.phases import course, strength_at, switchable
from simulation.scenario.scenario import Scenario

__all__ = ["TriggerRule", "make_triggers"]

DAY = 24.0
YEAR = 8760.0


@dataclass(frozen=True)
class TriggerRule:
    """A lever that is switched while the system runs; a day is a moment at which it is looked at."""

    lever: str
    observe: str
    """age_p90, open_cases or waiting."""
    needs: frozenset[int]
    """Empty: all."""
    teams: frozenset[str]
    """Roles; empty: all."""
    above: float
    above_for: int
    below: float
    below_for: int
    moments: tuple[float, ...]
    """When it is looked at, hours, ascending."""
    strength: tuple[float, ...]
    """By phase; 0 where it cannot be on."""
    cost_once: float
    """Yuan at its strength, when it is first on."""
    cost_per_hour: float
    """Yuan at its strength, while it is on."""
    budget: float
    """Yuan after which it stays off; infinite without one."""


def make_triggers(
    scenario: Scenario,
    starts: tuple[float, ...],
    needs: Mapping[str, int],
    hours: Mapping[str, OpeningHours],
    horizon: float,
) -> tuple[TriggerRule, ...]:
    """Return the triggers of a scenario, in the order of its levers.

    Parameters
    ----------
    scenario
        The specification, levers included.
    starts
        Hours at which phases begin.
    needs
        Numbers of the needs.
    hours
        Opening hours by calendar.
    horizon
        Hours that will be simulated.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> make_triggers(single_queue(), (0.0,), {}, {}, 24.0)
    ()
    """
    return tuple(
        _make_trigger(lever, scenario, starts, needs, hours, horizon) for lever in switchable(scenario)
    )


def _make_trigger(
    lever: Lever,
    scenario: Scenario,
    starts: tuple[float, ...],
    needs: Mapping[str, int],
    hours: Mapping[str, OpeningHours],
    horizon: float,
) -> TriggerRule:
    trigger = lever.trigger
    if trigger is None:
        raise LookupError(f"lever {lever.id} has no trigger")
    steps = course(lever, scenario)
    return TriggerRule(
        lever=lever.id,
        observe=trigger.observe,
        needs=frozenset(needs[name] for name in trigger.needs),
        teams=frozenset(trigger.teams),
        above=trigger.above,
        above_for=trigger.above_for,
        below=trigger.below,
        below_for=trigger.below_for,
        moments=_openings(hours[trigger.calendar], trigger.calendar, horizon),
        strength=tuple(strength_at(steps, start) for start in starts),
        cost_once=lever.cost_once * lever.strength,
        cost_per_hour=lever.running_cost(scenario) * lever.strength / YEAR,
        budget=math.inf if lever.budget is None else lever.budget,
    )


def _openings(hours: OpeningHours, calendar: str, horizon: float) -> tuple[float, ...]:
    """List the first opening of each day; the beginning of each day where it never closes."""
    if calendar == "always":
        return tuple(day * DAY for day in range(math.ceil(horizon / DAY)))
    first: dict[int, float] = {}
    for opens in hours.opens.tolist():
        first.setdefault(int(opens // DAY), opens)
    return tuple(moment for moment in first.values() if moment < horizon)
