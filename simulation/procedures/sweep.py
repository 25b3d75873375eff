"""Sweeps: every policy at every point of a design, the same luck at each; nothing is computed twice.

Policies and what is varied are two axes, crossed (Lempert, Popper and Bankes 2003). What is taken out are two
flat tables: the design, and the KPIs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pandas as pd

from simulation.assumptions import Unknown
from simulation.kpis import Kpi
from simulation.procedures.designs import Axis
from simulation.runner import Runs
from simulation.scenario import Scenario
from simulation.spec import InputError
from simulation.study import Design

__all__ = ["At", "Sweep", "SweepOptions", "settled_points", "sweep"]

At = Callable[[Mapping[Unknown, float], Sequence[str], Mapping[str, Any]], Design]
"""Gives the design at a point: values of assumptions, the policies, and values of anything by dotted name."""
ALL = "all of them"
"""In the list of failures: of a point that cannot be set up, every scenario."""


@dataclass(frozen=True)
class SweepOptions:
    """What decides the answer.

    Parameters
    ----------
    kind
        Which design: one of `simulation.procedures.designs.DESIGNS`, or ``table`` for points that were given.
    axes
        What is varied.
    policies
        Who is run at each point, the baseline first.
    replications
        Of each policy at each point, from 0.
    kpis
        What the page tells; the tables have all.

    Examples
    --------
    >>> from simulation.kpis import REGISTRY
    >>> SweepOptions("grid", (Axis("heads", "Heads", (1, 2)),), ("baseline",), 2, (REGISTRY[0],)).kind
    'grid'
    """

    kind: str
    axes: tuple[Axis, ...]
    policies: tuple[str, ...]
    replications: int
    kpis: tuple[Kpi, ...]


@dataclass(frozen=True)
class Sweep:
    """What came of it.

    Parameters
    ----------
    options
        What was asked.
    points
        The design: point, and a column for each axis; None is as configured.
    values
        point, policy, replication, kpi, value, n, censored: every KPI over all, in this order; without what
        failed.
    failures
        point, policy, replication (-1 where the point could not be set up), message.
    """

    options: SweepOptions
    points: pd.DataFrame
    values: pd.DataFrame
    failures: pd.DataFrame
