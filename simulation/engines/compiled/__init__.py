"""The compiled engine."""

from simulation.engines.compiled.engine import simulate_compiled

__all__ = ["simulate_compiled"]
