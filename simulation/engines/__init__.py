"""Engines: from a scenario and the key of its random numbers to the records of one replication."""

from simulation.engines.replication import ENGINES, Replication, replicate, simulate, unsupported

__all__ = ["ENGINES", "Replication", "replicate", "simulate", "unsupported"]
