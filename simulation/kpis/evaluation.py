"""Every KPI on every level, as one table; and the series for the figures beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simulation.kpis.frames import series
from simulation.kpis.labels import kept, text
from simulation.kpis.measured import Measured, prepare
from simulation.kpis.registry import REGISTRY
from simulation.kpis.tabulation import tabulate_all
from simulation.kpis.window import Window
from simulation.records import Records
from simulation.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from simulation.engines import Replication

__all__ = ["Tables", "evaluate", "measure"]


class Tables(NamedTuple):
    """What is kept of a replication."""

    values: pd.DataFrame
    """Every KPI on every level, the frame of `evaluate`."""
    series: dict[str, pd.DataFrame]
    """What figures draw, the frames of `frames.series`."""


def measure(replication: Replication, window: Window) -> Tables:
    """Measure one replication: every KPI, and the series for the figures.

    Parameters
    ----------
    replication
        Layout, roster and records.
    window
        The measured stretch.

    Raises
    ------
    ValueError
        If the window reaches beyond the records.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> example = worked_example()
    >>> measure(example.replication, example.window).series["flows"].values.tolist()
    [['desk', 'bureau', 1]]
    """
    measured = Measured(replication, window)
    return Tables(_values(measured), series(measured))


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
        kpi; dimension: of cases all, need, group, tier of first contact, place of origin, and distance where
        the scenario has any; of staff all, team, tier, place; of inequality all, across; level: empty for
        all, of across the dimension between whose levels the value is unequal; value: NaN where there is
        nothing to divide by; n: how many cases, referrals or spells of work it rests on; censored: how many
        of these were undecided at the end of the run. The same rows in the same order for every replication
        and policy.

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
    return _values(prepare(scenario, records, window))


def _values(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    tables = tabulate_all(measured, (kpi.measure(measured) for kpi in REGISTRY))
    rows = [(kpi.id, found) for kpi, table in zip(REGISTRY, tables, strict=True) for found in table]

    def labels() -> dict[str, Any]:
        sizes = [len(found.levels) for _, found in rows]
        return {
            "kpi": text([name for name, _ in rows], sizes),
            "dimension": text([found.dimension for _, found in rows], sizes),
            "level": text([level for _, found in rows for level in found.levels]),
        }

    levels = tuple(one.levels for one in measured.dimensions)
    return pd.DataFrame(
        {
            **kept(measured.layout, ("values", levels), labels),
            "value": np.concatenate([found.values for _, found in rows]),
            "n": np.concatenate([found.n for _, found in rows]),
            "censored": np.concatenate([found.censored for _, found in rows]),
        }
    )
