"""Engines: from a scenario and the key of its random numbers to the records of one replication.

Only names are loaded with this package; an engine, and what it needs, when it is first used.
"""

from simulation.engines.replication import (
    ENGINES,
    Replication,
    refuse,
    replicate,
    run_engine,
    simulate,
    unsupported,
)

__all__ = ["ENGINES", "Replication", "refuse", "replicate", "run_engine", "simulate", "unsupported"]
