"""Engines: from a scenario and the key of its random numbers to the records of one replication."""

from simulation.engines.simulate import simulate

__all__ = ["simulate"]
