"""The workloads as a practitioner would write them in SimPy, keeping only what is asked for."""

# ruff: noqa: S311 (drawing customers, not secrets)

import random
from collections.abc import Generator, Sequence
from typing import Any

import simpy

from simulation.benchmark.customers import departments, next_arrival
from simulation.benchmark.workloads import CLOSING, FIRST, STATIONS, URGENT, Found

__all__ = ["answer", "queue", "referral"]


def answer(customers: int, done: int, gone: Sequence[int], waits: Sequence[list[float]]) -> Found:
    """Summarise the counts and waits of a run.

    Examples
    --------
    >>> answer(4, done=3, gone=[1], waits=[[0.0, 1.0]])
    Found(customers=4, shares=(0.75, 0.25), waits=(0.5,))
    """
    shares = (done / customers, *(count / customers for count in gone))
    return Found(customers, shares, tuple(sum(wait) / max(len(wait), 1) for wait in waits))


def queue(customers: int, seed: int, arrivals: float = 9.0, service: float = 1.0, servers: int = 10) -> Found:
    """Run customers through an M/M/c station.

    Examples
    --------
    >>> queue(100, seed=1).shares
    (1.0, 0.0)
    """
    random.seed(seed)
    env = simpy.Environment()
    desk = simpy.Resource(env, servers)
    waits: list[float] = []

    def customer() -> Generator[simpy.Event, Any, None]:
        arrived = env.now
        with desk.request() as request:
            yield request
            waits.append(env.now - arrived)
            yield env.timeout(random.expovariate(1 / service))

    def source() -> Generator[simpy.Event, Any, None]:
        for _ in range(customers):
            yield env.timeout(random.expovariate(arrivals))
            env.process(customer())

    env.process(source())
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
    env = simpy.Environment()
    desks = [simpy.PriorityResource(env, station.servers) for station in STATIONS]
    waits: list[list[float]] = [[] for _ in STATIONS]
    gone = [0] * len(STATIONS)
    done = 0

    def visit(place: int, priority: int) -> Generator[simpy.Event, Any, bool]:
        station = STATIONS[place]
        queued = env.now
        with desks[place].request(priority) as request:
            patience = env.timeout(random.expovariate(1 / station.patience))
            outcome = yield request | patience
            waits[place].append(env.now - queued)
            if request not in outcome:
                gone[place] += 1
                return False
            yield env.timeout(random.expovariate(1 / station.service))
            return True

    def customer() -> Generator[simpy.Event, Any, None]:
        nonlocal done
        if not (yield from visit(FIRST, 0)):
            return
        priority = 0 if random.random() < URGENT else 1
        for place in (*departments(), CLOSING):
            if not (yield from visit(place, priority)):
                return
        done += 1

    def source() -> Generator[simpy.Event, Any, None]:
        for _ in range(customers):
            yield env.timeout(next_arrival(env.now) - env.now)
            env.process(customer())

    env.process(source())
    env.run()
    return answer(customers, done, gone, waits)
