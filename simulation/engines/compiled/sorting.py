"""Rows put where they belong, without a second table."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.compiling import compiled

__all__ = ["put_in_order"]


def put_in_order(rows: NDArray[Any], place: NDArray[np.int64]) -> None:
    """Move each row of a table to its place, in the table itself.

    Parameters
    ----------
    rows
        The table; contiguous.
    place
        Where each row belongs, every place once; it is used up, and counts from 0 afterwards.

    Examples
    --------
    >>> rows = np.array([(7, 0.5), (8, 1.5), (9, 2.5)], [("case", "i8"), ("sent", "f8")])
    >>> put_in_order(rows, np.array([2, 0, 1]))
    >>> rows["case"].tolist()
    [8, 9, 7]
    """
    _exchange(rows.view(np.uint8).reshape(len(rows), rows.itemsize), place)


@compiled("void(uint8[:, ::1], int64[::1])")
def _exchange(rows: Any, place: Any) -> None:
    """Exchange each row with the one that stands where it belongs, until the right one has come."""
    for row in range(len(place)):
        while place[row] != row:
            to = place[row]
            for byte in range(rows.shape[1]):
                other = rows[to, byte]
                rows[to, byte] = rows[row, byte]
                rows[row, byte] = other
            place[row] = place[to]
            place[to] = to
