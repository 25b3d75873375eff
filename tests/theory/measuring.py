"""Replications of one station or network, and what is measured in them."""

import numpy as np

from simulation.engines import simulate
from simulation.records import Exit, Outcome, Records
from tests.engines import in_use
from tests.scenarios import need, scenario, team, work

REPLICATIONS = {"reference": 20, "compiled": 100}
"""By engine: the fast one is looked at more sharply."""
LEVEL = 1e-4
SEED = 424_242


class Stretch:
    """One replication, looked at from the end of its warm-up on.

    Means over customers are of those who arise between the warm-up and the last `tail` hours; who they are
    does not depend on how they fare, and none of them is still under way at the end.
    """

    def __init__(self, records: Records, warm_up: float, tail: float) -> None:
        self.records = records
        self.begin, self.end = warm_up, records.horizon - tail
        arrival = records.cases["arrival"]
        self.measured = (arrival >= self.begin) & (arrival < self.end)
        assert not np.any(records.cases["exit"][self.measured] == Exit.open)
        self.visits = records.visits[self.measured[records.visits["case"]]]

    def mean_wait(self, need: int | None = None) -> float:
        """Mean time in queue, however it ends, of one need or all."""
        visits = self.visits
        if need is not None:
            visits = visits[self.records.cases["need"][visits["case"]] == need]
        return float(np.mean(left_queue(visits) - visits["queued"]))

    def share_waiting(self, longer_than: float = 0.0) -> float:
        """Share of visits that wait longer than a time."""
        return float(np.mean(self.visits["started"] - self.visits["queued"] > longer_than))

    def share(self, outcome: Outcome) -> float:
        """Share of visits with an outcome."""
        return float(np.mean(self.visits["outcome"] == outcome))

    def mean_number(self, begins: np.ndarray, ends: np.ndarray) -> float:
        """Time average of the number of visits between two of their moments; they may still be under way."""
        begun = ~np.isnan(begins)
        first = np.clip(begins[begun], self.begin, self.end)
        last = np.clip(np.where(np.isnan(ends), np.inf, ends)[begun], self.begin, self.end)
        return float(np.sum(last - first)) / (self.end - self.begin)

    def mean_queue(self, step: int = 0) -> float:
        """Mean number in the queue of a step."""
        visits = self.records.visits[self.records.visits["activity"] == step]
        return self.mean_number(visits["queued"], left_queue(visits))

    def mean_busy(self) -> float:
        """Mean number in service."""
        return self.mean_number(self.records.visits["started"], self.records.visits["ended"])

    def mean_present(self) -> float:
        """Mean number in queue and in service."""
        return self.mean_number(self.records.visits["queued"], self.records.visits["ended"])

    def mean_time(self) -> float:
        """Mean time of a case from its arrival to its end."""
        cases = self.records.cases[self.measured]
        return float(np.mean(cases["ended"] - cases["arrival"]))


def left_queue(visits: np.ndarray) -> np.ndarray:
    """The moment at which each visit began, or gave up; nan for those who still wait."""
    return np.where(np.isnan(visits["started"]), visits["ended"], visits["started"])


def replications(horizon: float, warm_up: float, tail: float = 60.0, **parts) -> list[Stretch]:
    """Replications of a scenario, on the engine in use."""
    model, count = scenario(**parts), REPLICATIONS[in_use()]
    return [Stretch(simulate(model, horizon, SEED, number), warm_up, tail) for number in range(count)]


def station(time, servers: int, rate: float, **fields):
    """One station with one stream of customers."""
    of_team = {name: fields.pop(name) for name in ("queue_limit", "discipline") if name in fields}
    return {
        "pathways": {"path": {"steps": [work(hours=time, **fields)]}},
        "teams": {"desk": team(servers, **of_team)},
        "needs": {"help": need({"rate": rate})},
    }
