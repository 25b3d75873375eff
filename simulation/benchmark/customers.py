"""What the plain models draw alike: when customers of the referral workload come, and where they go."""

# ruff: noqa: S311 (drawing customers, not secrets)

import math
import random

from simulation.benchmark.workloads import ARRIVALS, ENTRY, MOST_VISITS, REFERRED, SWING

__all__ = ["departments", "next_arrival"]


def next_arrival(now: float) -> float:
    """Return the time of the next arrival of the daily wave, by thinning (Lewis and Shedler 1979).

    Examples
    --------
    >>> next_arrival(5.0) > 5.0
    True
    """
    highest = ARRIVALS * (1 + SWING)
    while True:
        now += random.expovariate(highest)
        if random.random() * highest < ARRIVALS * (1 + SWING * math.sin(2 * math.pi * now / 24)):
            return now


def departments() -> list[int]:
    """Draw the departments that a customer is sent to, in order.

    Examples
    --------
    >>> 1 <= len(departments()) <= 4
    True
    """
    path = random.choices((1, 2, 3), ENTRY)
    while len(path) < MOST_VISITS and random.random() < REFERRED:
        path.append(random.choice([other for other in (1, 2, 3) if other != path[-1]]))
    return path
