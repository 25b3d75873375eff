"""How many replications: until every interval is as narrow as asked for, and stays so.

Source: Hoad, Robinson and Davies (2010), Automated selection of the number of replications for a
discrete-event simulation, *Journal of the Operational Research Society* 61(11), 1632-1644.
"""

from typing import Final

import numpy as np
from scipy import special

from simulation.analysis.estimates import Floats

__all__ = ["enough", "look_ahead", "running_half_widths"]

AHEAD: Final = 5
"""Replications for which the precision must hold on, per hundred and at least (kLimit in the source)."""


def running_half_widths(values: Floats, confidence: float = 0.95, comparisons: int = 1) -> Floats:
    """Half-width of each mean after 1, 2, 3 ... replications.

    Parameters
    ----------
    values
        A row per quantity, a column per replication; those that are not finite are left out.
    confidence, comparisons
        As in `interval`.

    Returns
    -------
    ndarray
        Of the same shape; NaN as long as fewer than two values are finite.

    Examples
    --------
    >>> running_half_widths(np.array([[9.0, 10.0, 11.0]])).round(2).tolist()
    [[nan, 6.35, 2.48]]
    """
    finite = np.isfinite(values)
    number = np.cumsum(finite, axis=1)
    known = np.where(finite, values, 0.0)
    first = np.take_along_axis(known, finite.argmax(axis=1)[:, None], axis=1)
    shifted = np.where(finite, known - first, 0.0)  # sums of squares lose no digits to the level
    total, squares = np.cumsum(shifted, axis=1), np.cumsum(shifted**2, axis=1)
    freedom = np.where(number > 1, number - 1, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.maximum(squares - total**2 / number, 0.0) / freedom
        tail = 1 - (1 - confidence) / (2 * max(1, comparisons))
        half: Floats = special.stdtrit(freedom, tail) * np.sqrt(variance / number)
    return half


def look_ahead(replications: int) -> int:
    """Count the further replications for which the precision must hold: five, or five in a hundred.

    Parameters
    ----------
    replications
        After how many the precision was there.

    Examples
    --------
    >>> look_ahead(10), look_ahead(100), look_ahead(250)
    (5, 5, 12)
    """
    return AHEAD * max(replications, 100) // 100


def enough(widths: Floats, least: int = 3) -> int | None:
    """Find the number of replications from which all intervals are narrow enough, and stay so.

    That is the smallest n, not below `least`, with all widths at most 1 after n, n + 1, ..., n + `look_ahead`
    replications. A single look would stop too early: by chance the estimated spread is small now and then.

    Parameters
    ----------
    widths
        Running half-widths over those that are wanted, a row per quantity; an interval that is not known yet
        is not narrow enough.
    least
        Replications before the first look (three in the source).

    Returns
    -------
    int or None
        None when it takes more replications than there are.

    Examples
    --------
    >>> widths = np.array([[np.nan, 9.0, 2.0, 0.9, 1.1, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8]])
    >>> enough(widths), enough(widths[:, :10])
    (6, None)
    """
    narrow = np.logical_and.reduce(widths <= 1.0, axis=0)  # a comparison with NaN is false
    wide = np.flatnonzero(~narrow) + 1  # after so many replications it is too wide
    for n in [least, *(int(number) + 1 for number in wide if number >= least)]:
        last = n + look_ahead(n)
        if last > len(narrow):
            return None
        if narrow[n - 1 : last].all():
            return n
    return None
