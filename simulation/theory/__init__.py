"""Exact results of queueing theory, against which the engines are tested and validated.

Rates and times share one unit of time of the caller's choice (rates per hour give waits in hours).
Waits are waits in queue; times include service.
"""

from simulation.theory.networks import infinite_servers, jackson, tandem
from simulation.theory.periodic import Hour, Snapshot, periodic_queue
from simulation.theory.results import AbandonmentQueue, DelayQueue, LossQueue, Network, PriorityQueue, Queue
from simulation.theory.stations import erlang_a, erlang_b, erlang_c, md1, mg1, mmc, mmck, priority_mmc

__all__ = [
    "AbandonmentQueue",
    "DelayQueue",
    "Hour",
    "LossQueue",
    "Network",
    "PriorityQueue",
    "Queue",
    "Snapshot",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "infinite_servers",
    "jackson",
    "md1",
    "mg1",
    "mmc",
    "mmck",
    "periodic_queue",
    "priority_mmc",
    "tandem",
]
