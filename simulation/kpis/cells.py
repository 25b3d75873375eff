"""Cases that are of the same level in every dimension, counted together."""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measures import ByCell, Counts, Dimension, Flags, Floats, Numbers

__all__ = ["Cells", "add_up", "make_cells"]

MOST_CODES = 1 << 22
"""So many combinations of levels are told apart before those that occur are numbered anew."""


@dataclass(frozen=True)
class Cells:
    """Cases that are of the same level in every dimension, in the order of their levels.

    Build it with `make_cells`.
    """

    codes: Counts
    """Number of the cell of each case."""
    example: NDArray[np.int64]
    """A case of each cell."""
    dimensions: tuple[Dimension, ...]
    """The dimensions, with the level of each cell."""
    _known: dict[int, tuple[ref[Floats | Flags | Counts], Floats]] = field(
        default_factory=dict, init=False, repr=False
    )

    def add(self, numbers: Numbers) -> Floats:
        """Add up numbers of cases by cell, once for each array as long as it lives."""
        if isinstance(numbers, ByCell):
            return numbers.sums
        known, key = self._known, id(numbers)
        if key not in known:
            sums = add_up(self.codes, numbers, len(self.example))
            known[key] = ref(numbers, lambda _: known.pop(key, None)), sums
        return known[key][1]

    def by_level(self, sums: Floats, among: Flags) -> Floats:
        """Add up sums of cells, a column each, by level: the levels of all dimensions one below the other.

        Parameters
        ----------
        sums
            A row per cell.
        among
            Cells that are counted; the dimension need counts all.
        """
        from simulation.kpis._loops.sums import add_levels

        sizes = [len(one.levels) for one in self.dimensions]
        first = np.cumsum([0, *sizes])
        numbered = zip(self.dimensions, first[:-1].tolist(), strict=True)
        rows = [np.where(one.codes >= 0, one.codes + at, -1) for one, at in numbered]
        whole = np.array([one.name == "need" for one in self.dimensions], dtype=bool)
        levels = np.zeros((int(first[-1]), sums.shape[1]))
        level = np.array(rows, dtype=np.int32)
        add_levels(level, whole, np.ascontiguousarray(among), np.ascontiguousarray(sums), levels)
        return levels


def add_up(codes: Counts, numbers: Numbers, size: int) -> Floats:
    """Add up numbers by their code, in their order.

    Parameters
    ----------
    codes
        From 0 to less than `size`.
    numbers
        As many; flags count as 0 and 1.
    size
        How many sums there are.

    Raises
    ------
    TypeError
        If the numbers are added up by cell already.

    Examples
    --------
    >>> add_up(np.array([0, 2, 2], np.int32), np.array([1.0, 2.0, 3.0]), 3).tolist()
    [1.0, 0.0, 5.0]
    """
    from simulation.kpis._loops.sums import add_counts, add_flags, add_floats

    if isinstance(numbers, ByCell):
        raise TypeError("numbers: they are sums by cell; hand back numbers of cases to add them up otherwise")
    sums = np.zeros(size)
    loops = {"b": add_flags, "i": add_counts, "f": add_floats}
    loops[numbers.dtype.kind](codes, numbers, sums)
    return sums


def make_cells(dimensions: tuple[Dimension, ...], primary: Flags) -> Cells:
    """Return the cells of cases by their dimensions and by whether they arose by themselves.

    Examples
    --------
    >>> two = Dimension("place", ("a", "b"), np.array([0, 1, 0, -1], np.int32))
    >>> cells = make_cells((two,), np.array([True, True, True, True]))
    >>> sums = cells.add(np.ones(4))
    >>> sums.tolist(), cells.by_level(sums[:, None], np.array([True, True, True])).tolist()
    ([1.0, 2.0, 1.0], [[2.0], [1.0]])
    """
    code, size = primary.astype(np.int64), 2
    for dimension in dimensions:
        several = len(dimension.levels) + 1
        if size * several > MOST_CODES:
            code, size = _numbered(code, size)
        code *= several
        code += dimension.codes
        code += 1
        size *= several
    codes, number = _numbered(code, size)
    example = np.zeros(number, np.int64)
    example[codes] = np.arange(len(codes))
    by_cell = (Dimension(one.name, one.levels, one.codes[example]) for one in dimensions)
    return Cells(codes.astype(np.int32), example, tuple(by_cell))


def _numbered(code: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], int]:
    """Give the codes that occur new numbers, in their order; return these and how many there are."""
    occurs = np.zeros(size, bool)
    occurs[code] = True
    number = np.cumsum(occurs) - 1
    return number[code], int(number[-1]) + 1
