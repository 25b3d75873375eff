"""How fast the engine is beside others that do the same work, answers checked."""

from simulation.benchmark.comparison import Cost, default_comparison
from simulation.benchmark.engines import Engine, Speed, race, reference
from simulation.benchmark.rivals import rivals
from simulation.benchmark.workloads import WORKLOADS, Found, Workload

__all__ = [
    "WORKLOADS",
    "Cost",
    "Engine",
    "Found",
    "Speed",
    "Workload",
    "default_comparison",
    "race",
    "reference",
    "rivals",
]
