"""The workloads: numbers, scenarios in the language of this project, and what is known of the answers.

*Queue* is an M/M/10 station: 9 arrivals an hour, 1 hour of service on average. *Referral* is a first desk,
three departments that refer a fifth of their customers to each other, at most four times, and a desk that
closes; arrivals swing over the day, a fifth has priority behind the first desk, patience is exponential.
Times are in hours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simulation import theory
from simulation.records import Exit, Outcome, Records
from simulation.scenario import Scenario
from simulation.scenario.examples import single_queue

__all__ = ["QUEUE", "REFERRAL", "STATIONS", "Found", "Station", "Workload", "referral", "summarise"]


class Station(NamedTuple):
    """A station of the referral workload."""

    name: str
    servers: int
    service: float
    """Mean service time."""
    patience: float
    """Mean patience in its queue; a customer draws a fresh one at each."""


STATIONS = (
    Station("first", 9, 0.2, 0.5),
    Station("north", 20, 1.0, 4.0),
    Station("centre", 13, 1.0, 4.0),
    Station("south", 10, 1.0, 4.0),
    Station("closing", 5, 0.1, 2.0),
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

DEVIATIONS = 4.0
"""Standard deviations by which an answer may miss what is known."""


class Found(NamedTuple):
    """What a run found."""

    customers: int
    """Customers whose journey was over."""
    shares: tuple[float, ...]
    """Share of them that was done, then of those that gave up at each station."""
    waits: tuple[float, ...]
    """Mean wait at each station over all its visits, whether they ended in service or not."""


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
    known: Found
    """Known shares and waits, and how many customers they rest on (0: exact)."""
    spread: tuple[tuple[float, ...], tuple[float, ...]]
    """Standard deviations of shares and waits over runs of `SPREAD_OVER` customers."""

    def horizon(self, customers: int) -> float:
        """Hours in which about so many customers arrive."""
        return customers / self.hourly

    def check(self, found: Found) -> list[Check]:
        """Set each answer beside what is known."""
        names = ["done", *(f"gave up at {name}" for name in self.stations)]
        names += [f"mean wait at {name} (h)" for name in self.stations]
        chance = DEVIATIONS * math.sqrt(SPREAD_OVER / max(found.customers, 1))
        certain = ROUNDED if self.known.customers else EXACT
        rows = zip(
            names,
            (*found.shares, *found.waits),
            (*self.known.shares, *self.known.waits),
            (*self.spread[0], *self.spread[1]),
            strict=True,
        )
        return [Check(name, answer, known, spread * chance + certain) for name, answer, known, spread in rows]


class Check(NamedTuple):
    """An answer beside what is known."""

    about: str
    found: float
    known: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether chance may explain the difference."""
        return abs(self.found - self.known) <= self.tolerance


SPREAD_OVER = 20_000
EXACT = 1e-9
ROUNDED = 0.0005
"""Half a unit of the last digit of what is known of the referral workload."""


def referral() -> Scenario:
    """Return the referral workload as a scenario.

    Examples
    --------
    >>> len(referral().pathways[0].steps)
    14
    """
    departments = STATIONS[1:CLOSING]
    entry = {f"{station.name}1": share for station, share in zip(departments, ENTRY, strict=True)}
    steps = [_step("first", STATIONS[FIRST], entry)]
    steps[0]["priority"] = 5  # first come, first served
    for visit in range(1, MOST_VISITS + 1):
        for here in departments:
            others = [other.name for other in departments if other != here and visit < MOST_VISITS]
            onward = {f"{other}{visit + 1}": REFERRED / 2 for other in others}
            onward["closing"] = 1.0 - sum(onward.values())
            steps.append(_step(f"{here.name}{visit}", here, onward))
    steps.append(_step("closing", STATIONS[CLOSING], {"resolved": 1.0}))
    arrivals = {"kind": "poisson", "profile": "day"}
    rates = {"urgent": (0, ARRIVALS * URGENT), "usual": (10, ARRIVALS * (1 - URGENT))}
    return Scenario.model_validate(
        {
            "id": "referral",
            "start": "2026-01-01",
            "places": {"town": {}},
            "profiles": {"day": {"kind": "cyclic", "amplitude": SWING, "period": 24.0}},
            "teams": {
                station.name: {"place": "town", "staff": {"clerk": {"count": station.servers}}}
                for station in STATIONS
            },
            "pathways": {"visit": {"steps": steps}},
            "needs": {
                name: {"pathway": "visit", "priority": priority, "arrivals": {**arrivals, "rate": rate}}
                for name, (priority, rate) in rates.items()
            },
        }
    )


def _step(name: str, station: Station, onward: dict[str, float]) -> dict[str, Any]:
    return {
        "id": name,
        "kind": "work",
        "teams": station.name,
        "time": {"kind": "exponential", "mean": station.service},
        "patience": {"time": {"kind": "exponential", "mean": station.patience}},
        "next": {"to": onward},
    }


def summarise(workload: Workload, records: Records) -> Found:
    """Read the answer out of records.

    Examples
    --------
    >>> from simulation.engines import simulate
    >>> summarise(QUEUE, simulate(QUEUE.scenario, 50.0, 1, 0)).shares[0]
    1.0
    """
    cases, visits = records.cases, records.visits
    number = int((cases["exit"] != Exit.open).sum())
    reneged = visits["outcome"] == Outcome.reneged
    ended = reneged | (visits["outcome"] == Outcome.completed)
    waited = np.where(np.isnan(visits["started"]), visits["ended"], visits["started"]) - visits["queued"]
    gone, waits = [], []
    roles = [name.partition("@")[0] for name in records.names.teams]
    for station in workload.stations:
        here = ended & (visits["team"] == roles.index(station))
        gone.append(float((here & reneged).sum()) / max(number, 1))
        waits.append(float(waited[here].mean()) if here.any() else 0.0)
    done = float((cases["exit"] == Exit.resolved).sum()) / max(number, 1)
    return Found(number, (done, *gone), tuple(waits))


QUEUE = Workload(
    id="queue",
    title="One station of 10",
    scenario=single_queue(9.0, 1.0, 10),
    hourly=9.0,
    stations=("doctors",),
    known=Found(0, (1.0, 0.0), (theory.mmc(9.0, 1.0, 10).mean_wait,)),
    spread=((0.0, 0.0), (18.0 / math.sqrt(SPREAD_OVER),)),  # seen over runs of a million
)
"""Its mean wait is Erlang's."""

REFERRAL = Workload(
    id="referral",
    title="Desk, three departments, closing desk",
    scenario=referral(),
    hourly=ARRIVALS,
    stations=tuple(station.name for station in STATIONS),
    known=Found(20_000_000, (0.757, 0.132, 0.044, 0.036, 0.026, 0.005), (0.066, 0.363, 0.446, 0.425, 0.0135)),
    spread=((0.007, 0.007, 0.005, 0.004, 0.0037, 0.0007), (0.0035, 0.033, 0.05, 0.05, 0.001)),
)
"""Its answers are known from 20 million customers in other engines."""
