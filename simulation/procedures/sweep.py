"""Sweeps: every policy at every point of a design, the same luck at each; nothing is computed twice.

Policies and what is varied are two axes, crossed (Lempert, Popper and Bankes 2003). What is taken out are two
flat tables: the design, and the KPIs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from simulation.assumptions import Unknown
from simulation.kpis import Kpi
from simulation.procedures.axes import Axis
from simulation.runner import Runs
from simulation.scenario import Scenario
from simulation.spec import InputError, Problem
from simulation.study import Design

__all__ = [
    "At",
    "Outstanding",
    "Sweep",
    "SweepOptions",
    "check_axes",
    "outstanding",
    "settled_points",
    "sweep",
]

At = Callable[[Mapping[Unknown, float], Sequence[str], Mapping[str, Any]], Design]
"""Gives the design at a point: values of assumptions, the policies, and values of anything by dotted name."""
ALL = "all of them"
"""In the list of failures: of a point that cannot be set up, every scenario."""
TRIES: Final = 3
"""Values of an axis, none of which can be set, that tell that it is no axis."""
COLUMNS: Final = ("replication", "kpi", "value", "n", "censored")
"""What is taken out of each replication, behind point and policy."""


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


def settled_points(points: pd.DataFrame, axes: Sequence[Axis]) -> Iterator[_Point]:
    """Give the points of a design one by one, with the values that are not as configured.

    Examples
    --------
    >>> points = pd.DataFrame({"point": [0, 1], "heads": [None, 3]}, dtype=object)
    >>> [point.settings for point in settled_points(points, [Axis("heads", "Heads", (3,))])]
    [{}, {'heads': 3}]
    """
    for number, *values in points[["point", *(axis.id for axis in axes)]].itertuples(index=False, name=None):
        there = [(axis, value) for axis, value in zip(axes, values, strict=True) if value is not None]
        yield _Point(
            int(number),
            {axis.unknown: float(value) for axis, value in there if axis.unknown is not None},
            {axis.id: value for axis, value in there if axis.unknown is None},
        )


def check_axes(axes: Sequence[Axis], at: At, policies: Sequence[str]) -> None:
    """Raise InputError for each axis none of whose first values can be set: it leads nowhere, or is no field.

    Parameters
    ----------
    axes
        What is varied.
    at
        Gives the design at a point.
    policies
        Who is run.

    Examples
    --------
    >>> check_axes([], None, ["baseline"])
    """
    found: list[Problem] = []
    for axis in axes:
        refused: InputError | None = None
        for value in axis.levels()[:TRIES]:
            try:
                if axis.unknown is not None:
                    at({axis.unknown: float(value)}, policies, {})
                else:
                    at({}, policies, {axis.id: value})
            except InputError as error:
                refused = refused or error
            else:
                break
        else:
            found += refused.problems if refused else []
    if found:
        raise InputError(found)


def sweep(points: pd.DataFrame, options: SweepOptions, at: At, runs: Runs, batch: int) -> Sweep:
    """Run every policy at every point of a design.

    A point that the configuration refuses, and a replication that fails, are put on a list; the others go on.

    Parameters
    ----------
    points
        As `simulation.procedures.designs.design_points` lays them out.
    options
        What is varied, who is run and how often.
    at
        Gives the design at a point.
    runs
        Gives replications.
    batch
        Points whose scenarios are in memory at a time: some for each worker.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.kpis import REGISTRY
    >>> from simulation.procedures.designs import design_points
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=8, engine="reference")
    >>> def at(unknowns, policies, settings):
    ...     return Design(study, single_queue(settings["rate"]), (Policy(id="baseline"),))
    >>> options = SweepOptions("list", (Axis("rate", "Rate", (6.0, 9.0)),), ("baseline",), 2, REGISTRY[:1])
    >>> runs = Runs(study, Store(Path(tempfile.mkdtemp())))
    >>> found = sweep(design_points("list", options.axes, 0, 1), options, at, runs, batch=4)
    >>> found.values[found.values["kpi"] == "latent"]["value"].tolist()
    [50.0, 57.0, 73.0, 76.0]
    """
    values: list[pd.DataFrame] = []
    failures: list[dict[str, Any]] = []
    numbered = settled_points(points, options.axes)
    each = len(options.policies) * options.replications
    runs.expect(len(points) * each)
    while some := list(islice(numbered, batch)):
        wanted, whose = _scenarios(some, options, at, failures)
        runs.expect(len(wanted) * options.replications - len(some) * each)
        asked = runs.once([(scenario, range(options.replications)) for scenario in wanted])
        values.append(_flat(asked.values, whose))
        for one in asked.failures:
            point, policy = whose[one.scenario]
            failures.append(_failure(point, policy, one.replication, one.message))
    return Sweep(
        options,
        points,
        pd.concat(values, ignore_index=True),
        pd.DataFrame(failures, columns=["point", "policy", "replication", "message"]),
    )


class Outstanding(NamedTuple):
    """What a sweep has still to do."""

    missing: int
    """Replications that are not in the store."""
    example: Scenario | None
    """A scenario of which some are missing."""
    failures: list[dict[str, Any]]
    """Points that cannot be set up."""


def outstanding(
    points: pd.DataFrame,
    options: SweepOptions,
    at: At,
    runs: Runs,
    progress: Callable[[int, int], None],
) -> Outstanding:
    """Set up every point, and count the replications that are not there yet.

    Parameters
    ----------
    points, options, at, runs
        As for `sweep`.
    progress
        Called with the number of points done and of all.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.kpis import REGISTRY
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=8, engine="reference")
    >>> def at(unknowns, policies, settings):
    ...     return Design(study, single_queue(settings["rate"]), (Policy(id="baseline"),))
    >>> options = SweepOptions("list", (Axis("rate", "Rate", (6.0, 9.0)),), ("baseline",), 2, REGISTRY[:1])
    >>> points = pd.DataFrame({"point": [0, 1], "rate": [6.0, 9.0]}, dtype=object)
    >>> runs = Runs(study, Store(Path(tempfile.mkdtemp())))
    >>> outstanding(points, options, at, runs, lambda *_: None).missing
    4
    """
    missing, example = 0, None
    failures: list[dict[str, Any]] = []
    wanted = set(range(options.replications))
    for done, point in enumerate(settled_points(points, options.axes), 1):
        for scenario in _scenarios([point], options, at, failures)[0]:
            left = len(wanted - runs.there(scenario))
            missing += left
            example = scenario if left else example
        progress(done, len(points))
    return Outstanding(missing, example, failures)


class _Point(NamedTuple):
    """One point of a design."""

    number: int
    unknowns: dict[Unknown, float]
    settings: dict[str, Any]


def _scenarios(
    some: Sequence[_Point], options: SweepOptions, at: At, failures: list[dict[str, Any]]
) -> tuple[list[Scenario], dict[str, tuple[int, str]]]:
    """Set up the scenarios of some points under ids of their own; say which point and policy each is of."""
    found: list[Scenario] = []
    whose: dict[str, tuple[int, str]] = {}
    for point in some:
        try:
            scenarios = at(point.unknowns, options.policies, point.settings).scenarios
        except InputError as error:
            failures.append(_failure(point.number, ALL, -1, "; ".join(map(str, error.problems))))
            continue
        for policy, scenario in zip(options.policies, scenarios, strict=True):
            name = f"point_{point.number}_{policy}"
            found.append(scenario.model_copy(update={"id": name}))
            whose[name] = point.number, policy
    return found, whose


def _failure(point: int, policy: str, replication: int, message: str) -> dict[str, Any]:
    return {"point": point, "policy": policy, "replication": replication, "message": message}


def _flat(asked: pd.DataFrame, whose: Mapping[str, tuple[int, str]]) -> pd.DataFrame:
    """Keep of what was measured each KPI over all, with point and policy in front."""
    if asked.empty:
        return pd.DataFrame(columns=["point", "policy", *COLUMNS])
    kept = asked[asked["dimension"] == "all"]
    named = kept["scenario"].map(whose)
    front = pd.DataFrame(
        {
            "point": np.array([point for point, _ in named], dtype=np.int64),
            "policy": [policy for _, policy in named],
        }
    )
    return pd.concat([front, kept[list(COLUMNS)].reset_index(drop=True)], axis=1)
