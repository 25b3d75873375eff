"""Two workloads written as a practitioner would write them in SimPy and in Ciw.

They are the yardstick for the speed of this project's engines, and each answers with the same few
numbers, so that a faster engine can also be seen to be right. *Queue* is an M/M/c station. *Referral*
is a small service system: a first desk, three departments that refer cases to each other, and a desk
that closes them, with a daily rhythm of arrivals, two priorities and impatient customers.
Times are in hours.
"""

# ruff: noqa: S311 (drawing customers, not secrets)

import math
import random
from collections.abc import Generator, Iterable
from typing import Any, NamedTuple

import ciw
import simpy

__all__ = ["STATIONS", "Answer", "Station", "queue_ciw", "queue_simpy", "referral_ciw", "referral_simpy"]


class Answer(NamedTuple):
    """What a run found."""

    done: int
    """Customers whose whole journey was completed."""
    shares: tuple[float, ...]
    """Share of all customers who were done, then of those who gave up at each station."""
    mean_waits: tuple[float, ...]
    """Mean wait at each station, over all its visits, whether they ended in service or not."""


class Station(NamedTuple):
    """A station of the referral workload."""

    servers: int
    service: float
    patience: float
    """Mean patience in its queue; a customer draws a fresh one at each."""


STATIONS = (
    Station(9, 0.2, 0.5),
    Station(20, 1.0, 4.0),
    Station(13, 1.0, 4.0),
    Station(10, 1.0, 4.0),
    Station(5, 0.1, 2.0),
)
"""First desk, departments 1 to 3, closing desk."""

FIRST, CLOSING = 0, 4
ENTRY = (0.5, 0.3, 0.2)
"""Shares of the first desk's customers sent to departments 1, 2 and 3."""
REFERRED = 0.2
"""Probability that a department sends a customer on to one of the other two."""
MOST_VISITS = 4
"""Departments are visited at most so many times."""
URGENT = 0.2
"""Share of customers with priority at departments and closing desk."""
ARRIVALS, SWING = 40.0, 0.5
"""Mean arrivals per hour, and the relative height of their daily wave."""


def next_arrival(now: float) -> float:
    """Return the time of the next arrival of the daily wave, by thinning (Lewis and Shedler 1979)."""
    highest = ARRIVALS * (1 + SWING)
    while True:
        now += random.expovariate(highest)
        if random.random() * highest < ARRIVALS * (1 + SWING * math.sin(2 * math.pi * now / 24)):
            return now


def departments() -> list[int]:
    """Draw the departments that a customer is sent to, in order."""
    path = random.choices((1, 2, 3), ENTRY)
    while len(path) < MOST_VISITS and random.random() < REFERRED:
        path.append(random.choice([other for other in (1, 2, 3) if other != path[-1]]))
    return path


def answer(customers: int, done: int, gone: Iterable[int], waits: Iterable[list[float]]) -> Answer:
    """Summarise the counts and waits of a run."""
    shares = (done / customers, *(count / customers for count in gone))
    return Answer(done, shares, tuple(sum(wait) / max(len(wait), 1) for wait in waits))


# ---------------------------------------------------------------------------------------- SimPy


def queue_simpy(
    customers: int, seed: int, arrivals: float = 9.0, service: float = 1.0, servers: int = 10
) -> Answer:
    """Run `customers` through an M/M/c station in SimPy."""
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


def referral_simpy(customers: int, seed: int) -> Answer:
    """Run `customers` through the referral workload in SimPy."""
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


# ------------------------------------------------------------------------------------------ Ciw


def queue_ciw(
    customers: int, seed: int, arrivals: float = 9.0, service: float = 1.0, servers: int = 10
) -> Answer:
    """Run an M/M/c station in Ciw until `customers` have been served."""
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(arrivals)],
        service_distributions=[ciw.dists.Exponential(1 / service)],
        number_of_servers=[servers],
    )
    run = ciw.Simulation(network)
    run.simulate_until_max_customers(customers)
    waits = [record.waiting_time for record in run.get_all_records()]
    return answer(customers, run.nodes[-1].number_of_completed_individuals, [0], [waits])


class DailyWave(ciw.dists.Distribution):  # type: ignore[misc]
    """Times between arrivals of the daily wave."""

    def sample(self, t: float = 0.0, ind: object = None) -> float:  # noqa: ARG002
        """Return the time from `t` to the next arrival."""
        return next_arrival(t) - t


class Node(ciw.Node):  # type: ignore[misc]
    """A node that Ciw 3.2 can let a customer leave who came with a new class.

    Ciw looks for a reneging customer in the queue of the class it had *before* its last change.
    """

    def accept(self, next_individual: Any, completed: bool = False) -> None:
        """Take a customer into the queue of its present class."""
        next_individual.prev_priority_class = next_individual.priority_class
        super().accept(next_individual, completed)


def referral_ciw(customers: int, seed: int) -> Answer:
    """Run the referral workload in Ciw until `customers` have left, served or not."""
    ciw.seed(seed)
    service = [ciw.dists.Exponential(1 / station.service) for station in STATIONS]
    patience = [ciw.dists.Exponential(1 / station.patience) for station in STATIONS]
    kinds = ("urgent", "usual", "new")  # all are new at the first desk, which is first come, first served
    becomes = {kind: {"urgent": URGENT, "usual": 1 - URGENT, "new": 0.0} for kind in kinds}
    stays = {kind: {other: float(kind == other) for other in kinds} for kind in kinds}

    def route(*_: object) -> list[int]:
        return [1 + place for place in (*departments(), CLOSING)]  # nodes are numbered from 1

    network = ciw.create_network(
        arrival_distributions={
            kind: [
                DailyWave() if kind == "new" and place == FIRST else None for place in range(len(STATIONS))
            ]
            for kind in kinds
        },
        service_distributions=dict.fromkeys(kinds, service),
        reneging_time_distributions=dict.fromkeys(kinds, patience),
        number_of_servers=[station.servers for station in STATIONS],
        priority_classes={"urgent": 0, "usual": 1, "new": 1},
        class_change_matrices=[becomes if place == FIRST else stays for place in range(len(STATIONS))],
        routing={kind: ciw.routing.ProcessBased(route) for kind in kinds},
    )
    run = ciw.Simulation(network, node_class=Node)
    run.simulate_until_max_customers(customers, method="Finish")
    waits: list[list[float]] = [[] for _ in STATIONS]
    gone = [0] * len(STATIONS)
    for record in run.get_all_records():
        waits[record.node - 1].append(record.waiting_time)
        gone[record.node - 1] += record.record_type == "renege"
    return answer(customers, run.nodes[-1].number_of_completed_individuals, gone, waits)
