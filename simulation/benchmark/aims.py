"""What the engine is meant to reach, and how far it is from that."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from simulation.benchmark.commands import Cost
from simulation.benchmark.entrants import CPP, EVENTS, RECORDED_CPP, SIMPY, VETSIM
from simulation.benchmark.race import Result, over
from simulation.benchmark.systems import SystemResult
from simulation.benchmark.threads import Crew
from simulation.benchmark.workloads import REFERRAL
from simulation.engines import ENGINES

__all__ = ["Aim", "aims"]


class Aim(NamedTuple):
    """Something to be reached, and what was found."""

    about: str
    unit: str
    wanted: float
    at_least: bool
    """Whether more is better."""
    found: float
    lowest: float
    """Over the rounds."""
    highest: float

    @property
    def reached(self) -> bool:
        """Whether it is."""
        return self.found >= self.wanted if self.at_least else self.found <= self.wanted


def aims(
    results: Sequence[Result],
    systems: Sequence[SystemResult],
    crew: Crew | None,
    costs: Mapping[str, Cost],
) -> list[Aim]:
    """Set what was measured beside what is wanted; what was not measured is left out.

    Parameters
    ----------
    results
        The race.
    systems
        Whole systems, the one that the others are compared with first.
    crew
        One worker and two.
    costs
        What commands cost.

    Examples
    --------
    >>> [(aim.about, aim.reached) for aim in aims([], [], Crew(4, (2.0,), (1.0,)), {})]
    [('two workers over one', True)]
    """
    found = [*_in_the_race(results), *_in_systems(systems)]
    if crew is not None:
        found.append(_least("two workers over one", "times", 1.8, crew.faster))
    whole = {
        "first start": [("a first start, compiling", "s", 20.0, 0)],
        "start": [("a start, to the end of the smallest run", "s", 1.5, 0)],
        "whole year": [("a year of City S with all KPIs, one command", "MB", 500.0, 1)],
        "comparison": [("the default comparison", "s", 30.0, 0)],
    }
    for name, cost in costs.items():
        found += [_most(about, unit, wanted, (cost[at],)) for about, unit, wanted, at in whole.get(name, [])]
    return found


def _in_the_race(results: Sequence[Result]) -> Iterator[Aim]:
    by_name = {result.engine.name: result for result in results if result.workload.id == REFERRAL.id}
    for name, wanted in ((SIMPY, 200.0), (RECORDED_CPP, 0.6), (CPP, 0.6)):
        for own in (VETSIM, EVENTS):
            if name in by_name and own in by_name:
                yield _least(
                    f"{REFERRAL.id}: {own} over {name}", "times", wanted, over(by_name[own], by_name[name])
                )


def _in_systems(systems: Sequence[SystemResult]) -> Iterator[Aim]:
    for number, result in enumerate(systems):
        title = result.system.title
        if number == 0:
            yield _least(f"{title}: the engine over the reference", "times", 150.0, result.faster())
            continue
        if number == 1:
            own = result.engines[ENGINES[0]]
            yield _most(f"{title}: one replication", "s", 5.0, [result.around + mine for mine in own])
        least = systems[0].seconds(ENGINES[0]) / systems[0].visits
        growth = [mine / result.visits / least for mine in result.engines[ENGINES[0]]]
        first = systems[0].system.title
        yield _most(f"{title}: the engine, cost per visit over that of {first}", "times", 1.5, growth)


def _least(about: str, unit: str, wanted: float, found: Sequence[float]) -> Aim:
    return Aim(about, unit, wanted, True, statistics.median(found), min(found), max(found))


def _most(about: str, unit: str, wanted: float, found: Sequence[float]) -> Aim:
    return _least(about, unit, wanted, found)._replace(at_least=False)
