"""How fast the engine is beside others that do the same work, answers checked."""

from simulation.benchmark.measure import Benchmark, run, write

__all__ = ["Benchmark", "run", "write"]
