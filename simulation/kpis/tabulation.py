"""From numbers per case to numbers per level."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measured import Measured
from simulation.kpis.measures import Across, Amount, Dimension, Flags, Floats, Measure, Ratio, Total, Wait
from simulation.kpis.survival import Curve

__all__ = ["Levels", "tabulate"]

QUANTILES = {"median": 0.5, "p90": 0.9}


class Levels(NamedTuple):
    """Values of one KPI on the levels of one dimension."""

    dimension: str
    levels: tuple[str, ...]
    values: Floats
    n: NDArray[np.int64]
    censored: NDArray[np.int64]


def tabulate(measured: Measured, measure: Measure) -> list[Levels]:
    """Add a measure up on every level of every dimension that it has.

    Parameters
    ----------
    measured
        The replication.
    measure
        What a KPI handed back.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> from simulation.kpis.needs import latent
    >>> example = worked_example()
    >>> [(row.levels, row.values.tolist()) for row in tabulate(example, latent(example))[:2]]
    [(('',), [4.0]), (('claim', 'petition', 'visit'), [4.0, 1.0, 1.0])]
    """
    if isinstance(measure, Amount):
        number = np.array([measure.n]), np.array([measure.censored])
        return [Levels("all", ("",), np.array([measure.value]), *number)]
    if isinstance(measure, Across):
        return _across(measure)
    if isinstance(measure, Wait):
        return _waits(measured, measure)
    if measure.of == "staff":
        numbers = _numbers(measure)
        return [
            _levels(measure, dimension, *(_by_level(array, dimension) for array in numbers))
            for dimension in measured.workload.dimensions
        ]
    return _of_cases(measured, measure)


def _numbers(measure: Ratio | Total) -> tuple[Floats | Flags, ...]:
    """Part, censored, counted and, of a ratio, whole."""
    if isinstance(measure, Total):
        return measure.part, measure.censored, measure.counted
    counted = () if measure.counted is None else (measure.counted,)
    return measure.part, measure.censored, *counted, measure.whole


def _of_cases(measured: Measured, measure: Ratio | Total) -> list[Levels]:
    """Add up once by cell, then the cells by each dimension; by need over all cases, else over some."""
    numbers, cells = _numbers(measure), measured.cells
    among = (measured.headline if measure.among is None else measure.among)[cells.example]
    sums = np.column_stack([cells.add(array) for array in numbers])
    of_some = cells.by_level(np.where(among[:, None], sums, 0.0))
    of_all = cells.by_level(sums)
    rows = []
    for position, dimension in enumerate(measured.dimensions):
        found = of_some[position]
        if dimension.name == "need":
            found = of_all[position]
            if isinstance(measure, Ratio) and measure.needs is not None:
                under = Dimension("need", dimension.levels, measure.needs)
                found = np.column_stack([_by_level(array, under) for array in numbers])
        rows.append(_levels(measure, dimension, *found.T))
    return rows


def _by_level(numbers: Floats | Flags, dimension: Dimension) -> Floats:
    weights = np.where(dimension.codes >= 0, numbers, 0.0)
    sums = np.bincount(np.maximum(dimension.codes, 0), weights, minlength=len(dimension.levels))
    return sums.astype(np.float64)


def _levels(
    measure: Ratio | Total, dimension: Dimension, part: Floats, censored: Floats, *rest: Floats
) -> Levels:
    counted = rest[0]
    if isinstance(measure, Ratio):
        whole = rest[-1]
        values = np.full(len(whole), np.nan)
        np.divide(part * measure.per, whole, out=values, where=whole > 0)
    else:
        values = part
    return Levels(dimension.name, dimension.levels, values, _whole(counted), _whole(censored))


def _whole(numbers: Floats) -> NDArray[np.int64]:
    return np.rint(numbers).astype(np.int64)


def _across(measure: Across) -> list[Levels]:
    """Give the first dimension over all, then every one under its name."""
    values = np.array(measure.values)
    count, censored = np.full(len(values), measure.n), np.full(len(values), measure.censored)
    overall = Levels("all", ("",), values[:1], count[:1], censored[:1])
    return [overall, Levels("across", measure.dimensions, values, count, censored)]


def _waits(measured: Measured, measure: Wait) -> list[Levels]:
    times = measured.times[measure.until]
    counted, pending = measured.count_of(times.case), measured.count_of(times.case[times.pending])
    counts = _of_cases(measured, Total(counted, counted, pending))
    return [
        found._replace(values=_statistics(measured.curves(measure.until, dimension), measure))
        for dimension, found in zip(measured.dimensions, counts, strict=True)
    ]


def _statistics(curves: list[Curve | None], measure: Wait) -> Floats:
    """Return the mean or quantile of each curve, NaN where there is none."""
    values = np.full(len(curves), np.nan)
    for number, found in enumerate(curves):
        if found is not None and measure.statistic == "mean":
            values[number] = found.mean(measure.limit)
        elif found is not None:
            values[number] = found.quantile(QUANTILES[measure.statistic], measure.limit)
    return values
