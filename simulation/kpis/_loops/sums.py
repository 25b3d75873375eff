"""Sums over cases, cell by cell, and over cells, level by level."""

from simulation.compiling import compiled
from simulation.kpis._loops.columns import COUNTS, FLAGS, FLOATS, Array

__all__ = ["add_counts", "add_flags", "add_floats", "add_levels"]


@compiled(f"void({COUNTS}, {FLAGS}, {FLOATS})")
def add_flags(code: Array, flags: Array, sums: Array) -> None:
    """Add up flags by their code, to `sums`, which come zero."""
    for item in range(len(code)):
        sums[code[item]] += flags[item]


@compiled(f"void({COUNTS}, {COUNTS}, {FLOATS})")
def add_counts(code: Array, counts: Array, sums: Array) -> None:
    """Add up counts by their code, to `sums`, which come zero."""
    for item in range(len(code)):
        sums[code[item]] += counts[item]


@compiled(f"void({COUNTS}, {FLOATS}, {FLOATS})")
def add_floats(code: Array, numbers: Array, sums: Array) -> None:
    """Add up numbers by their code, in their order, to `sums`, which come zero."""
    for item in range(len(code)):
        sums[code[item]] += numbers[item]


@compiled("void(int32[:, ::1], boolean[::1], boolean[::1], float64[:, ::1], float64[:, ::1])")
def add_levels(level: Array, whole: Array, among: Array, sums: Array, levels: Array) -> None:
    """Add up sums of cells, a column each, by level, in the order of the cells.

    `level` has a row per dimension and a column per cell, below zero for none. A dimension counts the
    `whole`, or the cells `among` which it counts.
    """
    dimensions, cells = level.shape
    for dimension in range(dimensions):
        for cell in range(cells):
            row = level[dimension, cell]
            if row >= 0 and (whole[dimension] or among[cell]):
                for column in range(sums.shape[1]):
                    levels[row, column] += sums[cell, column]
