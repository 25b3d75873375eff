"""One system by itself: means over replications, their spread and half-widths."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

__all__ = [
    "Floats",
    "Interval",
    "Moments",
    "average",
    "average_series",
    "half_widths",
    "interval",
    "moments",
    "replications_for",
    "summarise",
]

Floats: TypeAlias = NDArray[np.float64]


class Interval(NamedTuple):
    """A mean and the half-width of its confidence interval."""

    mean: float
    half_width: float


class Moments(NamedTuple):
    """Of many rows at once: finite entries, their mean and standard deviation."""

    number: NDArray[np.int64]
    mean: Floats
    sd: Floats


def interval(values: ArrayLike, confidence: float = 0.95, comparisons: int = 1) -> Interval:
    """Estimate a mean from independent replications with a Student-t interval.

    Parameters
    ----------
    values
        One number per replication; those that are not finite are left out.
    confidence
        Probability that the interval covers the true mean.
    comparisons
        Number of intervals that shall cover *together* with that probability; each is widened by Bonferroni's
        inequality (Law 2015, ch. 10), which needs no independence between them.

    Returns
    -------
    Interval
        The half-width is NaN below two values, and zero when all values are equal.

    Examples
    --------
    >>> mean, half_width = interval([9.0, 10.0, 11.0])
    >>> f"{mean:.1f} +/- {half_width:.2f}"
    '10.0 +/- 2.48'
    """
    found = moments(np.asarray(values, dtype=np.float64).reshape(1, -1))
    half = half_widths(found, confidence, comparisons)
    return Interval(float(found.mean[0]), float(half[0]))


def replications_for(sd: float, half_width: float, confidence: float = 0.95, comparisons: int = 1) -> int:
    """Count the replications at which an interval is at most so wide.

    Parameters
    ----------
    sd
        Standard deviation between replications (of the paired difference, when scenarios are compared).
    half_width
        Half-width to reach, in the unit of `sd`; above zero.
    confidence, comparisons
        As in `interval`.

    Examples
    --------
    >>> replications_for(sd=4.0, half_width=1.0)
    64
    """
    if not (half_width > 0 and np.isfinite(sd)):
        raise ValueError(f"half_width: {half_width} with sd {sd} is never reached; give a half-width above 0")
    tail = _tail(confidence, comparisons)
    # The normal quantile is below every t quantile, so this start is never too high.
    count = max(2, int(np.ceil((special.ndtri(tail) * sd / half_width) ** 2)))
    while special.stdtrit(count - 1, tail) * sd / np.sqrt(count) > half_width:
        count += 1
    return count


def summarise(results: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Describe each scenario by itself: mean, spread and half-width of every KPI at every level.

    Parameters
    ----------
    results
        Columns scenario, replication, kpi, dimension, level, value, n, censored.
    confidence
        Of each interval alone. Do not compare scenarios by these: `compare` pairs them.

    Returns
    -------
    DataFrame
        Per scenario, kpi, dimension and level: replications (with a finite value), mean, sd (between
        replications), half_width, and the mean `n` and `censored` of a replication.

    Examples
    --------
    >>> frame = pd.DataFrame({"scenario": "a", "replication": [0, 1, 2], "kpi": "solved", "dimension": "all",
    ...                       "level": "", "value": [9.0, 10.0, 11.0], "n": 50, "censored": [0, 0, 3]})
    >>> summarise(frame)[["mean", "sd", "censored"]].values.tolist()
    [[10.0, 1.0, 1.0]]
    """
    keys = ["scenario", "kpi", "dimension", "level"]
    found = average(results, keys, "value", confidence).drop(columns=["lowest", "highest"])
    counts = results.groupby(keys, sort=False, observed=True)[["n", "censored"]].mean().reset_index()
    return found.merge(counts, on=keys, how="left", validate="one_to_one")


def average_series(series: Mapping[str, pd.DataFrame], confidence: float = 0.95) -> dict[str, pd.DataFrame]:
    """Average the series of `simulation.kpis.series` over the replications: what the figures draw.

    Parameters
    ----------
    series
        Frames by name, each with the columns scenario and replication in front; a name that is not known is
        left out.
    confidence
        As in `average`.

    Returns
    -------
    dict of DataFrame
        The frames of `average`, by name.

    Examples
    --------
    >>> flows = pd.DataFrame({"scenario": "a", "replication": [0, 0, 1], "source": "desk",
    ...                       "target": ["bank", "police", "bank"], "cases": [4, 2, 6]})
    >>> average_series({"flows": flows})["flows"]["mean"].tolist()
    [5.0, 1.0]
    """
    known = {
        "waits": (("scenario", "dimension", "level", "days"), "share", math.nan),
        "waterfall": (("scenario", "stage"), "cases", math.nan),
        "backlog": (("scenario", "day"), "open", math.nan),
        "utilisation": (("scenario", "team", "month"), "share", math.nan),
        "ledger": (("scenario", "need", "exit"), "cases", math.nan),
        "flows": (("scenario", "source", "target"), "cases", 0.0),
    }
    return {
        name: average(_complete(series[name], keys, value, absent), keys, value, confidence)
        for name, (keys, value, absent) in known.items()
        if name in series
    }


def _complete(frame: pd.DataFrame, keys: Sequence[str], value: str, absent: float) -> pd.DataFrame:
    """Give each replication of a scenario a row for every combination of keys that the scenario has."""
    if math.isnan(absent):
        return frame
    runs = frame[["scenario", "replication"]].drop_duplicates()
    every = frame[list(keys)].drop_duplicates().merge(runs, on="scenario")
    return every.merge(frame, how="left", on=[*keys, "replication"]).fillna({value: absent})


def average(frame: pd.DataFrame, keys: Sequence[str], value: str, confidence: float = 0.95) -> pd.DataFrame:
    """Average a series over its replications: the frame that a figure draws.

    Parameters
    ----------
    frame
        One row per replication and combination of `keys`.
    keys
        Columns that tell one point from another, such as ``["scenario", "day"]``.
    value
        Column to average; values that are not finite are left out.
    confidence
        Of the interval of each mean alone (pointwise).

    Returns
    -------
    DataFrame
        The keys in order of first occurrence, replications, mean, sd, half_width, lowest, highest.

    Examples
    --------
    >>> backlog = pd.DataFrame({"day": [0, 1, 0, 1], "replication": [0, 0, 1, 1], "open": [4, 6, 6, 6]})
    >>> average(backlog, ["day"], "open")[["day", "mean", "lowest", "highest"]].values.tolist()
    [[0.0, 5.0, 4.0, 6.0], [1.0, 6.0, 6.0, 6.0]]
    """
    numbers = frame[value].astype(np.float64)
    finite = frame.assign(**{value: numbers.where(np.isfinite(numbers))})
    grouped = finite.groupby(list(keys), sort=False, observed=True)[value]
    table = grouped.agg(
        replications="count", mean="mean", sd="std", lowest="min", highest="max"
    ).reset_index()
    same = (table["lowest"] == table["highest"]).to_numpy()
    table["mean"] = np.where(same, table["lowest"], table["mean"])
    table["sd"] = np.where(same & (table["replications"] > 1).to_numpy(), 0.0, table["sd"])
    estimates = Moments(*(table[name].to_numpy() for name in ("replications", "mean", "sd")))
    table["half_width"] = half_widths(estimates, confidence, 1)
    return table[[*keys, "replications", "mean", "sd", "half_width", "lowest", "highest"]]


def moments(values: Floats) -> Moments:
    """Count, mean and sd of each row over its finite entries; equal entries give exactly zero.

    Examples
    --------
    >>> moments(np.array([[1.0, 2.0, 3.0]])).sd.tolist()
    [1.0]
    """
    finite = np.isfinite(values)
    count = finite.sum(axis=-1)
    known = np.where(finite, values, 0.0)
    first = np.take_along_axis(known, finite.argmax(axis=-1, keepdims=True), axis=-1)
    shifted = np.where(finite, known - first, 0.0)  # a constant row has no rounding left in it
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = shifted.sum(axis=-1) / count
        squares = np.where(finite, (shifted - mean[..., None]) ** 2, 0.0).sum(axis=-1)
        sd = np.where(count > 1, np.sqrt(squares / (count - 1)), np.nan)
    return Moments(count, mean + first[..., 0], sd)


def half_widths(estimates: Moments, confidence: float, comparisons: int) -> Floats:
    """Student-t half-width of each mean; NaN below two values.

    Examples
    --------
    >>> half_widths(moments(np.array([[9.0, 10.0, 11.0]])), 0.95, 1).round(2).tolist()
    [2.48]
    """
    tail = _tail(confidence, comparisons)
    freedom = np.where(estimates.number > 1, estimates.number - 1, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        half: Floats = special.stdtrit(freedom, tail) * estimates.sd / np.sqrt(estimates.number)
    return half


def _tail(confidence: float, comparisons: int) -> float:
    """Upper quantile level of one interval out of a family."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence: {confidence} is not between 0 and 1; give a probability such as 0.95")
    return 1 - (1 - confidence) / (2 * max(1, comparisons))
