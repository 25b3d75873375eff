"""The same SimPy models, writing down what the engine of this project does: a row per visit and case."""

# ruff: noqa: S311 (drawing customers, not secrets)

import math
import random
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import simpy

from simulation.benchmark.customers import departments, next_arrival
from simulation.benchmark.workloads import CLOSING, FIRST, STATIONS, URGENT
from simulation.records import CASE, VISIT, Exit, Names, Outcome, Records

__all__ = ["queue", "referral"]

COMPLETED, GAVE_UP = int(Outcome.completed), int(Outcome.reneged)
RESOLVED, RENEGED = int(Exit.resolved), int(Exit.reneged)


class Notebook:
    """Rows of visits and of cases, as they end."""

    def __init__(self, teams: Sequence[str], seed: int) -> None:
        self.teams = tuple(teams)
        self.seed = seed
        self.visits: list[tuple[Any, ...]] = []
        self.cases: list[tuple[Any, ...]] = []

    def visit(
        self, case: int, number: int, team: int, queued: float, started: float, ended: float, outcome: int
    ) -> None:
        """Write down a visit that has ended."""
        staff = team if outcome == COMPLETED else -1
        self.visits.append((case, number, 0, -1, team, team, staff, queued, queued, started, ended, outcome))

    def case(self, case: int, need: int, arrival: float, ended: float, exit_: int) -> None:
        """Write down a case that has ended."""
        self.cases.append((case, -1, -1, need, 0, 0, 0, 0, 1, 0, arrival, ended, exit_))

    def records(self, horizon: float) -> Records:
        """Turn the rows into sorted arrays."""
        visits, cases = np.array(self.visits, VISIT), np.array(self.cases, CASE)
        visits = np.take(visits, np.lexsort((visits["visit"], visits["case"])))
        cases = np.take(cases, np.argsort(cases["key"]))
        names = Names(teams=self.teams, activities=self.teams, staff=self.teams)
        return Records(visits, cases, names, horizon, self.seed, 0)


def queue(customers: int, seed: int) -> Records:
    """Run customers through the M/M/10 station.

    Examples
    --------
    >>> records = queue(100, seed=1)
    >>> records.check()
    >>> len(records.visits)
    100
    """
    random.seed(seed)
    env = simpy.Environment()
    desk = simpy.Resource(env, 10)
    notes = Notebook(["doctors"], seed)

    def customer(number: int) -> Generator[simpy.Event, Any, None]:
        arrived = env.now
        with desk.request() as request:
            yield request
            started = env.now
            yield env.timeout(random.expovariate(1.0))
        notes.visit(number, 0, 0, arrived, started, env.now, COMPLETED)
        notes.case(number, 0, arrived, env.now, RESOLVED)

    def source() -> Generator[simpy.Event, Any, None]:
        for number in range(customers):
            yield env.timeout(random.expovariate(9.0))
            env.process(customer(number))

    env.process(source())
    env.run()
    return notes.records(env.now)


def referral(customers: int, seed: int) -> Records:
    """Run customers through the referral workload.

    Examples
    --------
    >>> records = referral(100, seed=1)
    >>> records.check()
    >>> len(records.cases)
    100
    """
    random.seed(seed)
    env = simpy.Environment()
    desks = [simpy.PriorityResource(env, station.servers) for station in STATIONS]
    notes = Notebook([station.name for station in STATIONS], seed)

    def visit(case: int, number: int, place: int, priority: int) -> Generator[simpy.Event, Any, bool]:
        station = STATIONS[place]
        queued = env.now
        with desks[place].request(priority) as request:
            patience = env.timeout(random.expovariate(1 / station.patience))
            outcome = yield request | patience
            if request not in outcome:
                notes.visit(case, number, place, queued, math.nan, env.now, GAVE_UP)
                return False
            started = env.now
            yield env.timeout(random.expovariate(1 / station.service))
        notes.visit(case, number, place, queued, started, env.now, COMPLETED)
        return True

    def customer(case: int) -> Generator[simpy.Event, Any, None]:
        arrived = env.now
        priority = 0 if random.random() < URGENT else 1
        exit_ = RENEGED
        if (yield from visit(case, 0, FIRST, 0)):
            for number, place in enumerate((*departments(), CLOSING), start=1):
                if not (yield from visit(case, number, place, priority)):
                    break
            else:
                exit_ = RESOLVED
        notes.case(case, priority, arrived, env.now, exit_)

    def source() -> Generator[simpy.Event, Any, None]:
        for case in range(customers):
            yield env.timeout(next_arrival(env.now) - env.now)
            env.process(customer(case))

    env.process(source())
    env.run()
    return notes.records(env.now)
