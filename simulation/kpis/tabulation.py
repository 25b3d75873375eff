"""From numbers per case to numbers per level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.cells import add_up
from simulation.kpis.measured import Measured
from simulation.kpis.measures import (
    Across,
    Amount,
    Flags,
    Floats,
    Measure,
    Numbers,
    Ratio,
    Total,
    Wait,
)

__all__ = ["Levels", "tabulate", "tabulate_all"]


AT_A_TIME = 16
"""So many KPIs are held as sums of cells, of which there may be many, before these are added up."""


class Levels(NamedTuple):
    """Values of one KPI on the levels of one dimension."""

    dimension: str
    levels: tuple[str, ...]
    values: Floats
    n: NDArray[np.int64]
    censored: NDArray[np.int64]


@dataclass(frozen=True)
class _Sums:
    """A measure of cases, added up by cell."""

    measure: Ratio | Total | Wait
    columns: tuple[Floats, ...]
    """Part, censored, counted and, of a ratio, whole."""
    among: Flags
    """Cells that are counted."""
    by_need: tuple[Floats, ...] = ()
    """The same by need, where cases are counted under another need than their own."""


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
    return tabulate_all(measured, [measure])[0]


def tabulate_all(measured: Measured, measures: Iterable[Measure]) -> list[list[Levels]]:
    """Add several measures up, as `tabulate` does one; the cells of some at a time are added up by level.

    Parameters
    ----------
    measured
        The replication.
    measures
        What KPIs hand back; one after the other, so that the numbers of cases of one can be let go before the
        next is made.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> from simulation.kpis.needs import fulfilment, latent
    >>> example = worked_example()
    >>> both = tabulate_all(example, (kpi(example) for kpi in (latent, fulfilment)))
    >>> [float(rows[0].values[0]) for rows in both]
    [4.0, 0.5]
    """
    left, done = iter(measures), []
    while found := [_add_up(measured, measure) for measure in islice(left, AT_A_TIME)]:
        tables = iter(_by_level(measured, [each for each in found if isinstance(each, _Sums)]))
        done += [_of_cases(measured, e, next(tables)) if isinstance(e, _Sums) else e for e in found]
    return done


def _add_up(measured: Measured, measure: Measure) -> _Sums | list[Levels]:
    if isinstance(measure, Amount):
        number = np.array([measure.n]), np.array([measure.censored])
        return [Levels("all", ("",), np.array([measure.value]), *number)]
    if isinstance(measure, Across):
        return _across(measure)
    cells = measured.cells
    if isinstance(measure, Wait):
        times = measured.times(measure.until)
        counted = cells.add(times.counted)
        return _Sums(measure, (counted, cells.add(times.pending), counted), measured.headline[cells.example])
    numbers = _numbers(measure)
    if measure.of == "staff":
        return _of_staff(measured, measure, numbers)
    among = measured.headline if measure.among is None else measure.among
    needs = measure.needs if isinstance(measure, Ratio) else None
    return _Sums(
        measure,
        tuple(cells.add(array) for array in numbers),
        among[cells.example],
        () if needs is None else tuple(add_up(needs, a, len(measured.scheme.strata.needs)) for a in numbers),
    )


def _numbers(measure: Ratio | Total) -> tuple[Numbers, ...]:
    """Part, censored, counted and, of a ratio, whole."""
    if isinstance(measure, Total):
        return measure.part, measure.censored, measure.counted
    counted = measure.whole if measure.counted is None else measure.counted
    return measure.part, measure.censored, counted, measure.whole


def _by_level(measured: Measured, several: Sequence[_Sums]) -> list[list[Floats]]:
    """Add the cells of measures up by level: for each measure, its columns over the levels of all dimensions.

    Columns that measures share are added up once for all that count the same cells.
    """
    groups: dict[bytes, tuple[Flags, dict[int, Floats]]] = {}
    for each in several:
        _, columns = groups.setdefault(each.among.tobytes(), (each.among, {}))
        columns.update((id(column), column) for column in each.columns)
    tables = {}
    for key, (among, columns) in groups.items():
        levels = measured.cells.by_level(np.column_stack(list(columns.values())), among)
        tables[key] = dict(zip(columns, np.ascontiguousarray(levels.T), strict=True))
    return [[tables[each.among.tobytes()][id(column)] for column in each.columns] for each in several]


def _of_cases(measured: Measured, sums: _Sums, columns: list[Floats]) -> list[Levels]:
    dimensions = measured.dimensions
    ends = np.cumsum([len(dimension.levels) for dimension in dimensions]).tolist()
    if sums.by_need:
        place = [dimension.name for dimension in dimensions].index("need")
        columns = [column.copy() for column in columns]
        for column, by_need in zip(columns, sums.by_need, strict=True):
            column[ends[place - 1] : ends[place]] = by_need
    if isinstance(sums.measure, Wait):
        values = measured.waits(sums.measure.until, sums.measure.limit)[sums.measure.statistic]
    else:
        values = _values(sums.measure, columns)
    n, censored = _whole(columns[2]), _whole(columns[1])
    parts = [slice(end - len(one.levels), end) for one, end in zip(dimensions, ends, strict=True)]
    return [
        Levels(one.name, one.levels, values[part], n[part], censored[part])
        for one, part in zip(dimensions, parts, strict=True)
    ]


def _of_staff(measured: Measured, measure: Ratio | Total, numbers: Sequence[Numbers]) -> list[Levels]:
    found = []
    for one in measured.workload.dimensions:
        columns = [add_up(one.codes, array, len(one.levels)) for array in numbers]
        values = _values(measure, columns)
        found.append(Levels(one.name, one.levels, values, _whole(columns[2]), _whole(columns[1])))
    return found


def _values(measure: Ratio | Total, columns: Sequence[Floats]) -> Floats:
    """Divide the part by the whole, where there is any."""
    if isinstance(measure, Total):
        return columns[0]
    whole = columns[3]
    values = np.full(len(whole), np.nan)
    np.divide(columns[0] * measure.per, whole, out=values, where=whole > 0)
    return values


def _whole(numbers: Floats) -> NDArray[np.int64]:
    return np.rint(numbers).astype(np.int64)


def _across(measure: Across) -> list[Levels]:
    """Give the first dimension over all, then every one under its name."""
    values = np.array(measure.values)
    count, censored = np.full(len(values), measure.n), np.full(len(values), measure.censored)
    overall = Levels("all", ("",), values[:1], count[:1], censored[:1])
    return [overall, Levels("across", measure.dimensions, values, count, censored)]
