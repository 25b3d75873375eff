"""The workloads as a practitioner would write them in salabim, which is not installed with this project."""

# ruff: noqa: S311 (drawing customers, not secrets)

import random
from collections.abc import Iterator
from typing import Any

import salabim

from simulation.benchmark.customers import departments, next_arrival
from simulation.benchmark.plain_simpy import answer
from simulation.benchmark.workloads import CLOSING, FIRST, STATIONS, URGENT, Found

__all__ = ["queue", "referral"]


def queue(customers: int, seed: int, arrivals: float = 9.0, service: float = 1.0, servers: int = 10) -> Found:
    """Run customers through an M/M/c station.

    Examples
    --------
    >>> queue(100, seed=1).shares
    (1.0, 0.0)
    """
    random.seed(seed)
    env = salabim.Environment(yieldless=False, trace=False, random_seed=None)
    desk = salabim.Resource("desk", servers, env=env)
    waits: list[float] = []

    class Customer(salabim.Component):  # type: ignore[misc]
        def process(self) -> Iterator[Any]:
            arrived = env.now()
            yield self.request(desk)
            waits.append(env.now() - arrived)
            yield self.hold(random.expovariate(1 / service))
            self.release(desk)

    class Source(salabim.Component):  # type: ignore[misc]
        def process(self) -> Iterator[Any]:
            for _ in range(customers):
                yield self.hold(random.expovariate(arrivals))
                Customer(env=env)

    Source(env=env)
    env.run()
    return answer(customers, len(waits), [0], [waits])


def referral(customers: int, seed: int) -> Found:
    """Run customers through the referral workload.

    Examples
    --------
    >>> round(sum(referral(100, seed=1).shares), 9)
    1.0
    """
    random.seed(seed)
    env = salabim.Environment(yieldless=False, trace=False, random_seed=None)
    desks = [salabim.Resource(station.name, station.servers, env=env) for station in STATIONS]
    waits: list[list[float]] = [[] for _ in STATIONS]
    gone = [0] * len(STATIONS)
    done = [0]

    class Customer(salabim.Component):  # type: ignore[misc]
        def visit(self, place: int, priority: int) -> Iterator[Any]:
            station = STATIONS[place]
            queued = env.now()
            patience = random.expovariate(1 / station.patience)
            yield self.request((desks[place], 1, priority), fail_delay=patience)
            waits[place].append(env.now() - queued)
            if self.failed():
                gone[place] += 1
                return
            yield self.hold(random.expovariate(1 / station.service))
            self.release(desks[place])

        def process(self) -> Iterator[Any]:
            yield from self.visit(FIRST, 0)
            priority = 0 if random.random() < URGENT else 1
            for place in (*departments(), CLOSING):
                if self.failed():
                    return
                yield from self.visit(place, priority)
            done[0] += not self.failed()

    class Source(salabim.Component):  # type: ignore[misc]
        def process(self) -> Iterator[Any]:
            for _ in range(customers):
                yield self.hold(next_arrival(env.now()) - env.now())
                Customer(env=env)

    Source(env=env)
    env.run()
    return answer(customers, done[0], gone, waits)
