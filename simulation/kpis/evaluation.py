"""Every KPI on every level, as one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulation.kpis.measured import prepare
from simulation.kpis.registry import REGISTRY
from simulation.kpis.tabulation import tabulate
from simulation.kpis.window import Window
from simulation.records import Records
from simulation.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["evaluate"]


def evaluate(scenario: Scenario, records: Records, window: Window) -> pd.DataFrame:
    """Measure every KPI of one replication, over all and on every level.

    Parameters
    ----------
    scenario
        The system that the records are of.
    records
        What the replication left behind.
    window
        The measured stretch.

    Returns
    -------
    DataFrame
        kpi; dimension (all, need, group, tier of first contact, place of origin; of staff: all, team, tier,
        place); level, empty for all; value, NaN where there is nothing to divide by; n, how many cases,
        referrals or spells of work it rests on; censored, how many of these were undecided at the end of the
        run. The same rows in the same order for every replication and policy.

    Raises
    ------
    ValueError
        If the window reaches beyond the records, or the records are not of this scenario.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> example = worked_example()
    >>> frame = evaluate(example.scenario, example.records, example.window)
    >>> resolved = frame[(frame["kpi"] == "fulfilment") & (frame["dimension"] == "all")]
    >>> resolved[["value", "n", "censored"]].values.tolist()
    [[0.5, 4.0, 0.0]]
    """
    import pandas as pd

    measured = prepare(scenario, records, window)
    rows = [(kpi.id, found) for kpi in REGISTRY for found in tabulate(measured, kpi.measure(measured))]
    sizes = [len(found.levels) for _, found in rows]
    return pd.DataFrame(
        {
            "kpi": np.repeat(np.array([name for name, _ in rows], dtype=object), sizes),
            "dimension": np.repeat(np.array([found.dimension for _, found in rows], dtype=object), sizes),
            "level": np.array([level for _, found in rows for level in found.levels], dtype=object),
            "value": np.concatenate([found.values for _, found in rows]),
            "n": np.concatenate([found.n for _, found in rows]),
            "censored": np.concatenate([found.censored for _, found in rows]),
        }
    )
