"""The workloads, written in the language of scenarios, and what is known of their answers.

*Queue* is an M/M/10 station: 9 arrivals an hour, 1 hour of service on average. *Referral* is a first desk,
three departments that refer a fifth of their customers to each other, at most four times, and a desk that
closes; arrivals swing over the day, a fifth has priority behind the first desk, patience is exponential.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simulation.records import Exit, Outcome, Records
from simulation.scenario import Scenario
from simulation.scenario.examples import single_queue

__all__ = ["WORKLOADS", "Found", "Workload", "referral", "summarise"]

STATIONS = ("first", "north", "centre", "south", "closing")
SERVERS = (9, 20, 13, 10, 5)
SERVICE = (0.2, 1.0, 1.0, 1.0, 0.1)
PATIENCE = (0.5, 4.0, 4.0, 4.0, 2.0)
ENTRY = (0.5, 0.3, 0.2)
REFERRED = 0.2
MOST = 4
FALSE_ALARMS = 5.0
"""Standard errors that an answer may be off."""


class Found(NamedTuple):
    """What a run found."""

    customers: int
    """Customers whose journey was over."""
    shares: tuple[float, ...]
    """Share of them that was done, then of those that gave up at each station."""
    waits: tuple[float, ...]
    """Mean wait at each station over all its visits, hours."""


@dataclass(frozen=True)
class Workload:
    """The same work for every engine."""

    id: str
    title: str
    scenario: Scenario
    hourly: float
    """Arrivals per hour."""
    stations: tuple[str, ...]
    """Teams, in the order in which answers are given."""
    shares: tuple[float, ...]
    """Known shares."""
    waits: tuple[float, ...]
    """Known mean waits, hours."""
    wait_sd: float
    """Standard deviation of the first mean wait in a run of a million customers, hours."""

    def horizon(self, customers: int) -> float:
        """Hours in which about so many customers arrive."""
        return customers / self.hourly

    def wrong(self, found: Found) -> str:
        """Say what is wrong with an answer; nothing, when it lies where chance may put it."""
        for name, known, share in zip(("done", *self.stations), self.shares, found.shares, strict=True):
            # Customers in one queue fare alike: twice the spread of independent ones.
            error = 2.0 * math.sqrt(known * (1 - known) / max(found.customers, 1)) + 0.0005
            if abs(share - known) > FALSE_ALARMS * error:
                return f"{name}: a share of {share:.4f} instead of {known:.4f}"
        error = self.wait_sd * math.sqrt(1e6 / max(found.customers, 1))
        if abs(found.waits[0] - self.waits[0]) > FALSE_ALARMS * error:
            return f"a mean wait of {found.waits[0]:.4f} h instead of {self.waits[0]:.4f} h"
        return ""


def referral() -> Scenario:
    """Return the referral workload as a scenario.

    Examples
    --------
    >>> len(referral().pathways[0].steps)
    14
    """
    steps = [_step("first", 0, {f"{name}1": share for name, share in zip(STATIONS[1:4], ENTRY, strict=True)})]
    steps[0]["priority"] = 5  # first come, first served
    for visit in range(1, MOST + 1):
        for place, name in enumerate(STATIONS[1:4], start=1):
            others = [other for other in STATIONS[1:4] if other != name]
            onward = {f"{other}{visit + 1}": REFERRED / 2 for other in others if visit < MOST}
            step = _step(f"{name}{visit}", place, {**onward, "closing": 1.0 - sum(onward.values())})
            steps.append(step)
    steps.append(_step("closing", 4, {"resolved": 1.0}))
    arrivals = {"kind": "poisson", "profile": "day"}
    return Scenario.model_validate(
        {
            "id": "referral",
            "start": "2026-01-01",
            "places": {"town": {}},
            "profiles": {"day": {"kind": "cyclic", "amplitude": 0.5, "period": 24.0}},
            "teams": {
                name: {"place": "town", "staff": {"clerk": {"count": count}}}
                for name, count in zip(STATIONS, SERVERS, strict=True)
            },
            "pathways": {"visit": {"steps": steps}},
            "needs": {
                "urgent": {"pathway": "visit", "priority": 0, "arrivals": {**arrivals, "rate": 8.0}},
                "usual": {"pathway": "visit", "priority": 10, "arrivals": {**arrivals, "rate": 32.0}},
            },
        }
    )


def _step(name: str, station: int, onward: dict[str, float]) -> dict[str, Any]:
    return {
        "id": name,
        "kind": "work",
        "teams": STATIONS[station],
        "time": {"kind": "exponential", "mean": SERVICE[station]},
        "patience": {"time": {"kind": "exponential", "mean": PATIENCE[station]}},
        "next": {"to": onward},
    }


def summarise(workload: Workload, records: Records) -> Found:
    """Read the answer out of records.

    Examples
    --------
    >>> from simulation.engines import simulate
    >>> queue = WORKLOADS[0]
    >>> summarise(queue, simulate(queue.scenario, 50.0, 1, 0)).shares[0]
    1.0
    """
    cases, visits = records.cases, records.visits
    over = cases["exit"] != Exit.open
    number = int(over.sum())
    teams = {name: index for index, name in enumerate(records.names.teams)}
    ended = (visits["outcome"] == Outcome.completed) | (visits["outcome"] == Outcome.reneged)
    waited = np.where(np.isnan(visits["started"]), visits["ended"], visits["started"]) - visits["queued"]
    gone, waits = [], []
    for name in workload.stations:
        team = next(index for label, index in teams.items() if label.partition("@")[0] == name)
        here = ended & (visits["team"] == team)
        gave_up = here & (visits["outcome"] == Outcome.reneged)
        gone.append(float(gave_up.sum()) / max(number, 1))
        waits.append(float(waited[here].mean()) if here.any() else 0.0)
    done = float((cases["exit"] == Exit.resolved).sum()) / max(number, 1)
    return Found(number, (done, *gone), tuple(waits))


WORKLOADS = (
    Workload(
        "queue", "one station, 10 servers", single_queue(), 9.0, ("doctors",), (1.0, 0.0), (0.66873,), 0.018
    ),
    Workload(
        "referral",
        "desk, three departments, closing desk",
        referral(),
        40.0,
        STATIONS,
        (0.757, 0.132, 0.044, 0.036, 0.026, 0.005),
        (0.066, 0.363, 0.446, 0.425, 0.0135),
        0.001,
    ),
)
"""Answers of the second: over 20 million customers, of engines that are not ours."""
