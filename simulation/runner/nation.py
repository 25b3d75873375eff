"""A nation, city by city: of each only what is needed of it is kept, so that memory does not grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulation.kpis import REGISTRY, Tables

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["nation_table", "nationwide"]

KEPT = ("all", "need", "group")
"""Dimensions whose levels are the same in all cities."""
ADDED = {"cases", "h", "yuan"}
"""Units of KPIs that are added up over the cities, but for those of a single case."""
OF_A_CASE = {"cost_per_resolved", "volunteer_part"}


def nationwide(tables: Tables) -> Tables:
    """Keep of what was measured in a city what can be put together with other cities.

    Parameters
    ----------
    tables
        What was measured.

    Examples
    --------
    >>> from simulation.kpis import measure
    >>> from simulation.kpis.examples import worked_example
    >>> example = worked_example()
    >>> kept = nationwide(measure(example.replication, example.window))
    >>> sorted(set(kept.values["dimension"])), kept.series
    (['all', 'group', 'need'], {})
    """
    values = tables.values
    return Tables(values[values["dimension"].isin(KEPT)].reset_index(drop=True), {})


def nation_table(cities: pd.DataFrame) -> pd.DataFrame:
    """Put the KPIs of many cities together.

    Cases, hours and yuan are added up. Everything else is the mean over the cities, weighted by what it rests
    on in each; for shares that is the nation's share itself, for medians and percentiles a mean of them.

    Parameters
    ----------
    cities
        A row per replication (which is a city), kpi, dimension and level, with value and n.

    Returns
    -------
    DataFrame
        kpi, title, unit, dimension, level, cities (those that have a value), nation, and per_city, lowest
        and highest: the plain mean and the ends over the cities.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"kpi": "fulfilment", "dimension": "all", "level": ""}
    >>> two = pd.DataFrame([{**row, "value": 0.5, "n": 100.0}, {**row, "value": 0.8, "n": 200.0}])
    >>> nation_table(two)[["cities", "nation", "per_city", "lowest", "highest"]].values.tolist()
    [[2.0, 0.7, 0.65, 0.5, 0.8]]
    """
    import pandas as pd

    known = {kpi.id: kpi for kpi in REGISTRY}
    rows = []
    for (name, dimension, level), part in cities.groupby(["kpi", "dimension", "level"], sort=False):
        there = part[part["value"].notna()]
        value, n = (there[column].to_numpy(dtype=np.float64) for column in ("value", "n"))
        kpi = known[str(name)]
        if kpi.unit in ADDED and kpi.id not in OF_A_CASE:
            nation = float(value.sum())
        else:
            nation = float(value @ n / n.sum()) if n.sum() > 0 else float("nan")
        rows.append(
            {
                "kpi": kpi.id,
                "title": kpi.title,
                "unit": kpi.unit,
                "dimension": dimension,
                "level": level,
                "cities": len(there),
                "nation": nation,
                "per_city": float(value.mean()) if len(value) else float("nan"),
                "lowest": float(value.min()) if len(value) else float("nan"),
                "highest": float(value.max()) if len(value) else float("nan"),
            }
        )
    return pd.DataFrame(rows)
