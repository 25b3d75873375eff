"""The SimPy engine."""

from simulation.engines.reference.journey import simulate_reference

__all__ = ["simulate_reference"]
