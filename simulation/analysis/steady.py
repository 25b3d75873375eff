"""Whether there is a long run to speak of: growth of what is open, and where a start-up ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from simulation.analysis.estimates import Floats, interval

__all__ = ["Growth", "growth", "mser5", "welch"]

BATCH = 5
NOTEWORTHY = 0.1
"""Growth over the window, of the mean, below which a backlog is not said to grow."""


class Growth(NamedTuple):
    """By how much more is open at the end of a stretch than at its beginning, on a straight line."""

    gained: float
    low: float
    high: float
    mean: float
    """Open on average over the stretch."""
    grows: bool | None
    """None: too few replications to tell."""


def growth(frame: pd.DataFrame, confidence: float = 0.95) -> Growth:
    """Test whether what is open grows over a stretch.

    A straight line is fitted to each replication by least squares; the gains are independent, so that their
    mean has a Student-t interval. It grows when the whole interval lies above zero and the gain is at least a
    tenth of the mean: a trend that can be shown but does not matter is no growth.

    Parameters
    ----------
    frame
        replication, day, open.
    confidence
        Of the interval; a backlog without trend is said to grow with half of what is missing to 1 at most.

    Examples
    --------
    >>> days = pd.DataFrame({"replication": [0] * 3 + [1] * 3, "day": [0, 1, 2] * 2})
    >>> found = growth(days.assign(open=[10, 20, 30, 10, 21, 32]))
    >>> round(found.gained, 6), found.mean, found.grows
    (21.0, 20.5, True)
    """
    wide = frame.pivot(index="replication", columns="day", values="open").to_numpy(np.float64)
    days = np.sort(frame["day"].unique()).astype(np.float64)
    centred = days - days.mean()
    square = float((centred**2).sum())
    slopes = wide @ centred / square if square > 0 else np.zeros(len(wide))
    gained, half = interval(slopes * (days[-1] - days[0]), confidence)
    mean = float(wide.mean())
    told = bool(gained - half > 0 and gained >= NOTEWORTHY * mean) if np.isfinite(half) else None
    return Growth(gained, gained - half, gained + half, mean, told)


def mser5(series: ArrayLike) -> int | None:
    """Return how many first observations to leave out so that the rest tells most of the long run (MSER-5).

    Of the means of batches of five, so many are left out that the squared standard error of the mean of the
    rest is least. None when the least lies in the second half: then the series is too short to tell.

    Parameters
    ----------
    series
        Observations in the order of time, at least ten; a last batch that is not full is left out.

    Notes
    -----
    White (1997), *Simulation* 69(6); White, Cobb and Spratt (2000). Without batches: the statistic of d is
    the sum of squared deviations of the observations after d from their mean, over their number squared.

    Examples
    --------
    >>> mser5([9.0] * 5 + [1.0, 2.0, 1.0, 2.0, 1.0] * 9)
    5
    """
    values = np.asarray(series, dtype=np.float64)
    number = len(values) // BATCH
    if number < 2:
        raise ValueError(f"series: {len(values)} observations; give at least {2 * BATCH}")
    batches = values[: number * BATCH].reshape(number, BATCH).mean(axis=1)
    errors = [float(((rest := batches[d:]) - rest.mean()) @ (rest - rest.mean())) / (number - d) ** 2
              for d in range(number - 1)]  # fmt: skip
    least = int(np.argmin(errors))
    return least * BATCH if least <= number // 2 else None


def welch(frame: pd.DataFrame, window: int) -> pd.DataFrame:
    """Average a series over replications, and smooth it by moving averages (Welch 1983).

    Parameters
    ----------
    frame
        replication, day, open.
    window
        Days on each side; near the beginning as many as there are, at the end so many days are left out.

    Returns
    -------
    DataFrame
        day, mean over the replications, smooth.

    Examples
    --------
    >>> frame = pd.DataFrame({"replication": 0, "day": [0, 1, 2, 3], "open": [1.0, 5.0, 6.0, 7.0]})
    >>> welch(frame, 1)["smooth"].tolist()[:3]
    [1.0, 4.0, 6.0]
    """
    mean = frame.groupby("day")["open"].mean()
    values: Floats = mean.to_numpy(np.float64)
    smooth = np.full(len(values), np.nan)
    for at in range(max(len(values) - window, 0)):
        side = min(at, window)
        smooth[at] = values[at - side : at + side + 1].mean()
    return pd.DataFrame({"day": mean.index, "mean": values, "smooth": smooth})
