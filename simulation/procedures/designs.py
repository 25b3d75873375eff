"""Designs of experiments: which values of which axes are tried together (Law 2015, chapter 12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, Final

import pandas as pd

from simulation.analysis.sensitivity import points
from simulation.procedures.axes import LEVELS, Axis
from simulation.spec import InputError, Problem, nearest
from simulation.streams import generator

__all__ = ["DESIGNS", "design_points", "numbered"]

POINTS: Final = 64
"""Points of a design that can have any number."""


Rows = list[dict[str, Any]]


def _grid(axes: Sequence[Axis], cut: int) -> Rows:
    names = [axis.id for axis in axes]
    return [dict(zip(names, row, strict=True)) for row in product(*(axis.levels(cut) for axis in axes))]


def _list(axes: Sequence[Axis], cut: int) -> Rows:
    found = {axis.id: axis.levels(cut) for axis in axes}
    sizes = {len(values) for values in found.values()}
    if len(sizes) != 1 or 0 in sizes:
        said = ", ".join(f"{name}: {len(values)}" for name, values in found.items())
        message = f"takes the first value of each axis, then the second: give each equally many ({said})"
        raise InputError([Problem("--design", "list", message)])
    return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]


def _one_at_a_time(axes: Sequence[Axis], cut: int) -> Rows:
    rows: Rows = [{}]
    rows += [{axis.id: value} for axis in axes for value in axis.levels(cut)]
    return [{axis.id: row.get(axis.id) for axis in axes} for row in rows]


DESIGNS: Final[Mapping[str, str]] = {
    "grid": "every combination of the values (full factorial)",
    "list": "the first value of each axis together, then the second",
    "one_at_a_time": "as configured, then each value of each axis alone",
    "latin": "a Latin hypercube",
    "sobol": "a Sobol' sequence",
}
"""Designs by name, each in words."""
_CUT: Final[Mapping[str, Callable[[Sequence[Axis], int], Rows]]] = {
    "grid": _grid,
    "list": _list,
    "one_at_a_time": _one_at_a_time,
}
"""Designs that take values, the others take positions."""


def design_points(kind: str, axes: Sequence[Axis], count: int, seed: int) -> pd.DataFrame:
    """Lay out the points of a design.

    Parameters
    ----------
    kind
        One of `DESIGNS`.
    axes
        What is varied; at least one.
    count
        Number of points of a Latin hypercube or a Sobol' sequence (0: 64; the sequence is as long as the next
        smaller power of two); of the others, the values that an interval is cut into (0: 5).
    seed
        What the points of a Latin hypercube or a Sobol' sequence are drawn by.

    Returns
    -------
    DataFrame
        point (numbered from 0), and a column for each axis; None is as configured.

    Raises
    ------
    InputError
        When there is no such design, nothing is varied, or something is varied twice.

    Examples
    --------
    >>> axes = [Axis("heads", "Heads", (1, 2)), Axis("rate", "Rate", low=1.0, high=3.0)]
    >>> design_points("grid", axes, 2, 1).values.tolist()
    [[0, 1, 1.0], [1, 1, 3.0], [2, 2, 1.0], [3, 2, 3.0]]
    >>> design_points("one_at_a_time", axes[:1], 0, 1)["heads"].tolist()
    [None, 1, 2]
    """
    names = [axis.id for axis in axes]
    if kind not in DESIGNS:
        raise InputError([Problem("--design", kind, nearest(kind, list(DESIGNS)))])
    if not axes:
        message = "nothing is varied; write KEY=1,2,3 or KEY=interval(1,3), or name --assumptions or --from"
        raise InputError([Problem("sweep", "", message)])
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError([Problem(name, name, "this is varied twice; give it one axis") for name in twice])
    if count < 0 or count == 1:
        raise InputError([Problem("--points", count, "take 2 or more")])
    if kind in _CUT:
        rows = _CUT[kind](axes, count or LEVELS)
    else:
        unit = points(kind, len(axes), count or POINTS, generator(seed, "sweep", kind))
        rows = [{axis.id: axis.at(float(at)) for axis, at in zip(axes, row, strict=True)} for row in unit]
    return numbered(rows, names)


def numbered(rows: Rows, names: Sequence[str]) -> pd.DataFrame:
    """Put points into a table, numbered from 0; what is not set is None.

    Parameters
    ----------
    rows
        For each point what it sets.
    names
        What is varied.

    Examples
    --------
    >>> numbered([{"a": 1}, {}], ["a"]).values.tolist()
    [[0, 1], [1, None]]
    """
    frame = pd.DataFrame(
        [[row.get(name) for name in names] for row in rows], columns=list(names), dtype=object
    )
    frame.insert(0, "point", range(len(frame)))
    return frame
