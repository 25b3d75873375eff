"""A station whose arrivals and staff follow the clock: the exact law of a day (Kolmogorov's equations)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

__all__ = ["Hour", "Snapshot", "periodic_queue"]

Matrix = NDArray[np.float64]
State = tuple[int, int, int]


class Hour(NamedTuple):
    """What holds for one unit of time of the day."""

    arrival_rate: float
    """Arrivals per unit of time."""
    extra: int = 0
    """Servers on duty besides those who always are."""


class Snapshot(NamedTuple):
    """What is expected at the beginning of a unit of time of the day."""

    queue: float
    """Mean number waiting."""
    busy: float
    """Mean number in service."""


def periodic_queue(
    hours: Sequence[Hour], service_rate: float, servers: int, room: int, patience_rate: float = 0.0
) -> tuple[Snapshot, ...]:
    """Return what is expected at each unit of a day that repeats, M(t)/M/c(t) or M(t)/M/c(t)+M.

    Those who always are on duty take a customer first. Extra servers whose time is over finish the customer
    whom they serve and take no other. The law is that of the repeating day, long after the beginning.

    Parameters
    ----------
    hours
        The day, unit by unit.
    service_rate
        Services per server and unit of time.
    servers
        Servers always on duty.
    room
        How many may wait; 0 for a loss system, many for a queue without limit.
    patience_rate
        Rate at which each who waits gives up; 0: nobody does.

    Examples
    --------
    >>> from simulation.theory import erlang_a
    >>> steady = periodic_queue([Hour(10.0)] * 2, 1.0, 9, 60, patience_rate=0.5)[0]
    >>> exact = erlang_a(10.0, 1.0, 9, 0.5)
    >>> round(steady.queue - exact.mean_queue, 6), round(steady.busy / 9 - exact.utilisation, 6)
    (0.0, 0.0)
    """
    most = max(hour.extra for hour in hours)
    states = [
        (base, extra, waiting)
        for base in range(servers + 1)
        for extra in range(most + 1)
        for waiting in range(room + 1 if base == servers else 1)
    ]
    number = {state: index for index, state in enumerate(states)}
    known: dict[Hour, Matrix] = {}
    for hour in hours:
        if hour not in known:
            moved = _taken_up(number, hour.extra)
            known[hour] = moved @ expm(_generator(number, hour, service_rate, servers, room, patience_rate))
    law = _stationary(np.linalg.multi_dot([known[hour] for hour in hours]))
    shots = []
    for hour in hours:
        taken = law @ _taken_up(number, hour.extra)
        queue = sum(p * waiting for p, (_, _, waiting) in zip(taken, states, strict=True))
        busy = sum(p * (base + extra) for p, (base, extra, _) in zip(taken, states, strict=True))
        shots.append(Snapshot(float(queue), float(busy)))
        law = law @ known[hour]
    return tuple(shots)


def _generator(
    number: dict[State, int],
    hour: Hour,
    service_rate: float,
    servers: int,
    room: int,
    patience_rate: float,
) -> Matrix:
    """Rates of all moves; who is served by an extra server after his time leaves him idle."""
    rates = np.zeros((len(number), len(number)))
    for (base, extra, waiting), here in number.items():
        following = (base, extra, waiting - 1)
        moves = [(waiting * patience_rate, following)]
        if base < servers:
            moves.append((hour.arrival_rate, (base + 1, extra, 0)))
        elif extra < hour.extra:
            moves.append((hour.arrival_rate, (base, extra + 1, waiting)))
        elif waiting < room:
            moves.append((hour.arrival_rate, (base, extra, waiting + 1)))
        moves.append((base * service_rate, following if waiting else (base - 1, extra, 0)))
        next_one = waiting and extra <= hour.extra
        moves.append((extra * service_rate, following if next_one else (base, extra - 1, waiting)))
        for rate, there in moves:
            if rate > 0 and there in number:
                rates[here, number[there]] += rate
                rates[here, here] -= rate
    return rates


def _taken_up(number: dict[State, int], extra: int) -> Matrix:
    """When extra servers come on duty, each who is free takes a customer who waits."""
    moved = np.zeros((len(number), len(number)))
    for (base, busy, waiting), here in number.items():
        taken = min(waiting, max(0, extra - busy))
        moved[here, number[base, busy + taken, waiting - taken]] = 1.0
    return moved


def _stationary(day: Matrix) -> Matrix:
    """Return the law that a day leaves as it is."""
    size = len(day)
    equations = np.vstack([day.T - np.eye(size), np.ones(size)])
    law: Matrix = np.linalg.lstsq(equations, np.append(np.zeros(size), 1.0), rcond=None)[0]
    return law
