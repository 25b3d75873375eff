"""The engines of others: the same workloads as practitioners write them, from the clone's experiments."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulation.benchmark.engines import Engine
from simulation.benchmark.workloads import Found, Workload

__all__ = ["rivals"]

FILE = Path(__file__).resolve().parents[2] / "experiments" / "idiomatic.py"


def rivals() -> list[tuple[str, Engine]]:
    """Return SimPy and Ciw as engines; none where they, or the clone, are not there.

    Examples
    --------
    >>> [name for name, _ in rivals()] in ([], ["SimPy", "Ciw"])
    True
    """
    spec = importlib.util.spec_from_file_location("idiomatic", FILE) if FILE.exists() else None
    if spec is None or spec.loader is None:
        return []
    idiomatic = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(idiomatic)
    except ImportError:  # Ciw comes with the tests
        return []
    return [
        ("SimPy", _engine(queue=idiomatic.queue_simpy, referral=idiomatic.referral_simpy)),
        ("Ciw", _engine(queue=idiomatic.queue_ciw, referral=idiomatic.referral_ciw)),
    ]


def _engine(**runs: Callable[[int, int], Any]) -> Engine:
    def engine(workload: Workload, customers: int, seed: int) -> Found:
        answer = runs[workload.id](customers, seed)
        return Found(customers, answer.shares, answer.mean_waits)

    return engine
