"""What was measured, as tables: the race, whole systems, the aims."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulation.benchmark.aims import Aim
from simulation.benchmark.entrants import RECORDED_CPP, SIMPY
from simulation.benchmark.race import Result, over
from simulation.benchmark.systems import PHASES, SystemResult

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["aim_table", "race_table", "system_table"]


def race_table(results: Sequence[Result]) -> pd.DataFrame:
    """Return a row per workload and engine.

    `rate` is customers per second of processor time; `over_simpy` and `over_cpp` are how many times as fast
    as plain SimPy, and as C++ that keeps rows, an engine was; median, lowest and highest over the rounds.

    Examples
    --------
    >>> from simulation.benchmark.entrants import entrants
    >>> from simulation.benchmark.race import race
    >>> from simulation.benchmark.workloads import QUEUE
    >>> race_table(race(QUEUE, entrants().engines[:1], 500, 1))["answers"].tolist()
    ['right']
    """
    import pandas as pd

    rows = []
    for result in results:
        others = {one.engine.name: one for one in results if one.workload.id == result.workload.id}
        wait = next(check for check in result.checks if check.about.startswith("mean wait"))
        row: dict[str, Any] = {
            "workload": result.workload.id,
            "engine": result.engine.name,
            "does": result.engine.does,
            "rounds": len(result.rates),
            "customers": result.customers,
            **_spread("rate", result.rates),
        }
        for column, measure in (("over_simpy", SIMPY), ("over_cpp", RECORDED_CPP)):
            known = over(result, others[measure]) if measure in others else (float("nan"),)
            row |= _spread(column, known)
        row |= {
            "first_wait": wait.found,
            "first_wait_known": wait.known,
            "first_wait_tolerance": wait.tolerance,
            "answers": result.wrong or "right",
        }
        rows.append(row)
    return pd.DataFrame(rows)


def system_table(systems: Sequence[SystemResult]) -> pd.DataFrame:
    """Return a row per system and engine: seconds of processor time, medians over the rounds.

    `once` is what is made once for all replications, `engine_seconds` the events alone, `replication` all
    that a replication takes, `microseconds` the engine's time per visit; the answers are right when every
    engine left the same rows behind.

    Examples
    --------
    >>> system_table([]).empty
    True
    """
    import pandas as pd

    rows = []
    for result in systems:
        for engine, taken in result.engines.items():
            if not taken:
                continue
            seconds = result.seconds(engine)
            faster = result.faster() if engine != "reference" else (1.0,)
            rows.append(
                {
                    "system": result.system.id,
                    "title": result.system.title,
                    "engine": engine,
                    "rounds": len(taken),
                    "cases": result.cases,
                    "visits": result.visits,
                    "once": result.once,
                    **{phase: statistics.median(result.phases[phase]) for phase in PHASES},
                    "engine_seconds": seconds,
                    "replication": result.around + seconds,
                    "microseconds": 1e6 * seconds / max(result.visits, 1),
                    **_spread("over_reference", faster or (float("nan"),)),
                    "answers": result.wrong or "right",
                }
            )
    return pd.DataFrame(rows)


def aim_table(found: Sequence[Aim]) -> pd.DataFrame:
    """Return a row per aim.

    Examples
    --------
    >>> aim_table([Aim("two workers over one", "times", 1.8, True, 1.9, 1.7, 2.0)])["reached"].tolist()
    [True]
    """
    import pandas as pd

    return pd.DataFrame([{**aim._asdict(), "reached": aim.reached} for aim in found])


def _spread(name: str, values: Sequence[float]) -> dict[str, float]:
    return {
        name: statistics.median(values),
        f"{name}_lowest": min(values),
        f"{name}_highest": max(values),
    }
