"""From numbers per case to numbers per level."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measured import Measured
from simulation.kpis.measures import Amount, Dimension, Flags, Floats, Measure, Ratio, Total, Wait

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
    if isinstance(measure, Wait):
        return [_waits(measured, measure, dimension) for dimension in measured.dimensions]
    if measure.of == "staff":
        return [_sums(measure, dimension, None) for dimension in measured.workload.dimensions]
    among = measured.headline if measure.among is None else measure.among
    rows = []
    for dimension in measured.dimensions:
        if dimension.name == "need":
            needs = measure.needs if isinstance(measure, Ratio) else None
            by = dimension if needs is None else Dimension("need", dimension.levels, needs)
            rows.append(_sums(measure, by, None))
        else:
            rows.append(_sums(measure, dimension, among))
    return rows


def _sums(measure: Ratio | Total, dimension: Dimension, among: Flags | None) -> Levels:
    def total(numbers: Floats | Flags) -> Floats:
        chosen = dimension.codes >= 0 if among is None else among & (dimension.codes >= 0)
        weights = np.where(chosen, numbers, 0.0)
        sums = np.bincount(np.maximum(dimension.codes, 0), weights, minlength=len(dimension.levels))
        return sums.astype(np.float64)

    part, censored = total(measure.part), total(measure.censored)
    if isinstance(measure, Ratio):
        whole = total(measure.whole)
        counted = whole if measure.counted is None else total(measure.counted)
        values = np.full(len(whole), np.nan)
        np.divide(part * measure.per, whole, out=values, where=whole > 0)
    else:
        values, counted = part, total(measure.counted)
    return Levels(dimension.name, dimension.levels, values, _whole(counted), _whole(censored))


def _whole(numbers: Floats) -> NDArray[np.int64]:
    return np.rint(numbers).astype(np.int64)


def _waits(measured: Measured, measure: Wait, dimension: Dimension) -> Levels:
    values = np.full(len(dimension.levels), np.nan)
    for number, found in enumerate(measured.curves[measure.until, dimension.name]):
        if found is None:
            continue
        if measure.statistic == "mean":
            values[number] = found.mean(measure.limit)
        else:
            values[number] = found.quantile(QUANTILES[measure.statistic], measure.limit)
    asked = measured.cohort & measured.presented
    pending = asked & measured.open & np.isnan(measured.moments(measure.until))
    counts = _sums(
        Total(asked, asked, pending), dimension, None if dimension.name == "need" else measured.headline
    )
    return Levels(dimension.name, dimension.levels, values, counts.n, counts.censored)
