"""The workloads as a practitioner would write them in Ciw, which is installed with the tests only."""

from typing import Any

import ciw

from simulation.benchmark.customers import departments, next_arrival
from simulation.benchmark.plain_simpy import answer
from simulation.benchmark.workloads import CLOSING, FIRST, STATIONS, URGENT, Found

__all__ = ["queue", "referral"]


def queue(customers: int, seed: int, arrivals: float = 9.0, service: float = 1.0, servers: int = 10) -> Found:
    """Run an M/M/c station until so many customers have been served.

    Examples
    --------
    >>> queue(100, seed=1).shares
    (1.0, 0.0)
    """
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


def referral(customers: int, seed: int) -> Found:
    """Run the referral workload until so many customers have left, served or not.

    Examples
    --------
    >>> len(referral(100, seed=1).waits)
    5
    """
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
