"""How fast the engines are, beside each other and beside others that do the same work; answers checked."""

from simulation.benchmark.measure import Benchmark, run, write
from simulation.benchmark.systems import System

__all__ = ["Benchmark", "System", "run", "write"]
