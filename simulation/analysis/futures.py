"""Policies x futures: who is best in which future, what it costs to have chosen wrongly, what is luck.

A future is one set of values for what nobody knows; its outcomes are means over replications. All futures
spend the same luck (replication r has the same random numbers in each), so that they differ by their values
alone as far as these let the draws agree; what is left of luck is the interaction of futures and
replications.

Sources: Savage (1951), The theory of statistical decision, JASA 46 (regret); Lempert, Groves, Popper and
Bankes (2006), A general, analytic method for generating robust strategies, Management Science 52; McPhail
et al. (2018), Robustness metrics, Earth's Future 6 (regret and the share of futures that satisfy); Searle,
Casella and McCulloch (1992), Variance Components (two-way layout); Wilson (1927), JASA 22 (interval of a
share).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

__all__ = ["Parts", "regret", "share", "standing", "variance_parts", "winners"]

CLEAR = 2.0
"""Standard errors by which a lead must exceed zero to be called settled."""

Array = NDArray[np.float64]


class Parts(NamedTuple):
    """Where the variance of an outcome over futures comes from."""

    values: float
    """Variance that the values of the unknowns make."""
    luck: float
    """Variance that luck adds to the outcome of a future, after averaging over its replications."""


def regret(outcomes: Array, direction: int) -> Array:
    """Give by how much each policy falls short of the best one in the same future (Savage 1951).

    Parameters
    ----------
    outcomes
        A row per future, a column per policy.
    direction
        1 when higher is better, -1 when lower is.

    Examples
    --------
    >>> regret(np.array([[3.0, 5.0], [4.0, 1.0]]), 1).tolist()
    [[2.0, 0.0], [0.0, 3.0]]
    """
    better = outcomes * direction
    return np.asarray(better.max(axis=1, keepdims=True) - better)


def share(holds: int, of: int, confidence: float = 0.95) -> tuple[float, float, float]:
    """Give a share of futures with its interval (Wilson 1927).

    Examples
    --------
    >>> [round(number, 3) for number in share(8, 10)]
    [0.8, 0.49, 0.943]
    """
    if of == 0:
        return float("nan"), 0.0, 1.0
    edges = stats.binomtest(holds, of).proportion_ci(confidence, method="wilson")
    return holds / of, float(edges.low), float(edges.high)


def variance_parts(runs: Array) -> Parts:
    """Separate what values make from what luck makes, from a row per future and a column per replication.

    With common random numbers a replication that is lucky in one future is lucky in all; this takes nothing
    from the comparison of futures and is set aside. The interaction is luck: its mean square over R
    replications is what luck adds to the variance of the futures' means, and is taken off it (Searle et al.
    1992, ch. 4).

    Examples
    --------
    >>> variance_parts(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    Parts(values=4.0, luck=0.0)
    """
    futures, replications = runs.shape
    means = runs.mean(axis=1)
    total = float(means.var(ddof=1))
    if replications < 2:
        return Parts(total, float("nan"))
    left = runs - means[:, None] - runs.mean(axis=0) + runs.mean()
    luck = float((left**2).sum()) / ((futures - 1) * (replications - 1)) / replications
    return Parts(max(0.0, total - luck), luck)


def winners(outcomes: Array, policies: list[str], direction: int, indifference: float) -> pd.DataFrame:
    """Name the best of each future, the runner-up and the lead; whether that matters, and is settled.

    Parameters
    ----------
    outcomes
        Futures x policies x replications.
    policies
        Ids of the policies.
    direction
        1 when higher is better, -1 when lower is.
    indifference
        Smallest difference that matters.

    Returns
    -------
    DataFrame
        A row per future: winner, runner_up, lead, matters, settled. A lead is settled when it exceeds two
        standard errors of the paired difference, estimated over all futures together.

    Examples
    --------
    >>> runs = np.array([[[3.0, 3.0], [5.0, 5.0]], [[4.0, 4.0], [1.0, 1.0]]])
    >>> winners(runs, ["a", "b"], 1, 2.5)[["winner", "lead", "matters"]].values.tolist()
    [['b', 2.0, False], ['a', 3.0, True]]
    """
    means = outcomes.mean(axis=2) * direction
    order = np.argsort(-means, axis=1, kind="stable")
    rows = np.arange(len(means))
    first, second = order[:, 0], order[:, 1]
    lead = means[rows, first] - means[rows, second]
    errors = _errors(outcomes)[first, second]
    return pd.DataFrame(
        {
            "winner": [policies[n] for n in first],
            "runner_up": [policies[n] for n in second],
            "lead": lead,
            "matters": lead >= indifference,
            "settled": lead > CLEAR * errors,
        }
    )


def _errors(outcomes: Array) -> Array:
    """Give the standard error of the difference between two policies in a future, pooled over futures."""
    count = outcomes.shape[1]
    found = np.zeros((count, count))
    for one in range(count):
        for other in range(one):
            luck = variance_parts(outcomes[:, one] - outcomes[:, other]).luck
            found[one, other] = found[other, one] = np.sqrt(luck)
    return found


def standing(
    outcomes: Array, policies: list[str], direction: int, indifference: float, baseline: Array
) -> pd.DataFrame:
    """Summarise each policy over all futures.

    Parameters
    ----------
    outcomes
        Futures x policies: means over replications.
    policies, direction, indifference
        As for `winners`.
    baseline
        The outcome of the baseline in each future.

    Returns
    -------
    DataFrame
        policy; wins, wins_low, wins_high (share of futures in which it is best, with its interval);
        mean_regret, max_regret; gain_lowest, gain_mean, gain_highest (over the baseline, positive for
        better); helps (share of futures in which it is better than the baseline by what matters), harms
        (worse by as much).

    Examples
    --------
    >>> found = standing(np.array([[3.0, 5.0], [4.0, 1.0]]), ["a", "b"], 1, 1.0, np.array([2.0, 2.0]))
    >>> found[["policy", "wins", "mean_regret", "max_regret", "helps", "harms"]].values.tolist()
    [['a', 0.5, 1.0, 2.0, 1.0, 0.0], ['b', 0.5, 1.5, 3.0, 0.5, 0.5]]
    """
    lost = regret(outcomes, direction)
    best = np.argmin(lost, axis=1)
    rows = []
    for number, policy in enumerate(policies):
        wins, low, high = share(int((best == number).sum()), len(outcomes))
        gain = (outcomes[:, number] - baseline) * direction
        rows.append(
            {
                "policy": policy,
                "wins": wins,
                "wins_low": low,
                "wins_high": high,
                "mean_regret": lost[:, number].mean(),
                "max_regret": lost[:, number].max(),
                "gain_lowest": gain.min(),
                "gain_mean": gain.mean(),
                "gain_highest": gain.max(),
                "helps": (gain >= indifference).mean(),
                "harms": (gain <= -indifference).mean(),
            }
        )
    return pd.DataFrame(rows)
