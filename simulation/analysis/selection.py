"""Find the best of several systems with as few replications as it takes: procedure KN, and OCBA.

Sources: Kim and Nelson (2001), *ACM Transactions on Modeling and Computer Simulation* 11(3), 251-273 (KN,
with c = 1, valid under common random numbers); Chen, Lin, Yucesan and Chick (2000), *Discrete Event Dynamic
Systems* 10, 251-270 (OCBA); Fu, Hu, Chen and Xiong (2007), *INFORMS Journal on Computing* 19(1) (its rates
where samples are correlated); Branke, Chick and Schmidt (2007), *Management Science* 53(12) (stopping once a
good selection is likely enough).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from simulation.analysis.against_best import paired
from simulation.analysis.estimates import Floats

__all__ = ["FIRST", "Sample", "Selection", "kim_nelson", "ocba", "ocba_shares"]

Sample: TypeAlias = Callable[[Sequence[int], range], Floats]
"""Values of these systems (columns, in this order) in these replications (rows); more is better."""

FIRST: Final = 10
"""Replications of every system at the start, from which the spread is estimated."""
BATCH: Final = 5
"""Replications of each system left that KN asks for at a time, so that cores are busy."""
STEP: Final = 10
"""Replications that OCBA gives out at a time."""


@dataclass(frozen=True)
class Selection:
    """What a search found.

    Parameters
    ----------
    best
        Number of the system selected.
    used
        Replications of each system that were looked at.
    means
        Mean of each system over these.
    out
        Replication after which each was eliminated; 0 where it was not.
    by
        Number of the system that eliminated it; -1 where none did.
    reached
        Whether the probability asked for is reached: always by KN; by OCBA when the budget was enough.
    assurance
        The probability that the selected one is best, or within the zone of the best: promised by KN, a
        lower bound estimated from the data by OCBA.
    """

    best: int
    used: tuple[int, ...]
    means: tuple[float, ...]
    out: tuple[int, ...]
    by: tuple[int, ...]
    reached: bool
    assurance: float


def kim_nelson(sample: Sample, systems: int, zone: float, assurance: float, first: int = FIRST) -> Selection:
    """Select by elimination: procedure KN of Kim and Nelson (2001), valid under common random numbers.

    All start with `first` replications. Then a system is dropped as soon as its mean falls behind that of
    another one left by more than a margin that shrinks with the replications and grows with the spread of
    their paired difference; the others go on, until one is left or the margins are used up. With normal
    values the one selected is the best with at least the probability `assurance` whenever the best leads by
    the zone. Where others are within the zone of the best, that the one selected is, too, is not proven; the
    tests count how often it is.

    Parameters
    ----------
    sample
        Gives values; asked for some replications at a time, for those that are left.
    systems
        How many there are.
    zone
        Difference that does not matter, above 0.
    assurance
        Probability of a correct selection; above that of a blind guess.
    first
        Replications of every system at the start, at least 2.

    Raises
    ------
    ValueError
        When one of the numbers is outside these.

    Examples
    --------
    >>> from simulation.streams import generator
    >>> values = generator(1, "example").standard_normal((200, 3)) + np.array([0, 0.5, 1.0])
    >>> found = kim_nelson(lambda who, when: values[when.start : when.stop, who], 3, 0.5, 0.95)
    >>> found.best, found.out.count(0)
    (2, 1)
    """
    _check(systems, zone, assurance, first)
    rows = np.asarray(sample(range(systems), range(first)), dtype=np.float64)
    spread = paired(rows)[1]
    eta = 0.5 * ((2 * (1 - assurance) / max(1, systems - 1)) ** (-2 / (first - 1)) - 1)
    reach = (
        2 * eta * (first - 1) * spread**2 / zone
    )  # replications x distance at which all margins are used up
    longest = int(np.floor((reach / zone).max() + 1e-9)) + 1
    sums = rows.sum(axis=0)
    used, out, by = np.full(systems, first), np.zeros(systems, dtype=int), np.full(systems, -1)
    left, number = np.arange(systems), first
    waiting = np.empty((0, systems))
    while len(left) > 1 and number < longest:
        margin = np.maximum(0.0, (reach[np.ix_(left, left)] - zone * number) / 2)
        behind = (
            sums[left][None, :] - sums[left][:, None] - margin
        )  # row: who may go; column: who sends it away
        gone = (behind > 0).any(axis=1)
        out[left[gone]], by[left[gone]] = number, left[behind[gone].argmax(axis=1)]
        left = left[~gone]
        if len(left) == 1:
            break
        if not len(waiting):
            more = range(number, min(number + BATCH, longest))
            waiting = np.full((len(more), systems), np.nan)
            waiting[:, left] = sample(left.tolist(), more)
        sums[left] += waiting[0, left]
        waiting, number = waiting[1:], number + 1
        used[left] = number
    last = left[sums[left].argmax()]
    rest = left[left != last]
    out[rest], by[rest] = number, last
    means = tuple((sums / used).tolist())
    return Selection(int(last), _whole(used), means, _whole(out), _whole(by), True, assurance)


def ocba(
    sample: Sample, systems: int, zone: float, assurance: float, budget: int, first: int = FIRST
) -> Selection:
    """Spend a fixed number of replications where they tell most about who is best: OCBA.

    All start with `first` replications. Then some at a time go to where `ocba_shares` says that they are
    wanting, with the spreads of the *paired* differences from the leader: under common random numbers these
    are what hides a lead (Fu et al. 2007). Leads below the zone count as the zone, so that the budget is not
    spent on telling twins apart. It ends early when the estimated probability of a good selection reaches
    `assurance` (Branke, Chick and Schmidt 2007); that estimate is a bound by Bonferroni's inequality.

    Parameters
    ----------
    sample
        Gives values; asked for some replications at a time.
    systems
        How many there are.
    zone
        Difference that does not matter, above 0.
    assurance
        Probability of a good selection at which the search ends early.
    budget
        Replications of all systems together, at least systems x first.
    first
        Replications of every system at the start, at least 2.

    Raises
    ------
    ValueError
        When one of the numbers is outside these.

    Examples
    --------
    >>> from simulation.streams import generator
    >>> values = generator(1, "example").standard_normal((200, 3)) + np.array([0, 0.5, 1.0])
    >>> found = ocba(lambda who, when: values[when.start : when.stop, who], 3, 0.5, 0.95, 120)
    >>> found.best, sum(found.used) <= 120
    (2, True)
    """
    _check(systems, zone, assurance, first)
    if budget < systems * first:
        raise ValueError(f"budget: {budget} is below {systems} systems x {first} replications to begin with")
    values = np.asarray(sample(range(systems), range(first)), dtype=np.float64)
    used = np.full(systems, first)
    while True:
        means, leader = _means(values, used)
        lead, spread, pairs = _lead(values, used, leader)
        chance = _chance(lead + zone, spread, pairs)
        more = min(STEP, budget - int(used.sum()))
        if chance >= assurance or more <= 0:
            break
        shares = _paired_shares(np.maximum(lead, zone), spread, leader)
        grants = _grants(shares, used, more)
        values = np.concatenate(
            [values, np.full((max(0, (used + grants).max() - len(values)), systems), np.nan)]
        )
        for place in np.flatnonzero(grants):
            when = range(int(used[place]), int(used[place] + grants[place]))
            values[when.start : when.stop, place] = sample([int(place)], when)[:, 0]
        used = used + grants
    reached, nobody = bool(chance >= assurance), (-1,) * systems
    return Selection(leader, _whole(used), tuple(means.tolist()), (0,) * systems, nobody, reached, chance)


def ocba_shares(means: Floats, sds: Floats) -> Floats:
    """Shares of a budget that make a correct selection most likely, for independent samples.

    Theorem 1 of Chen et al. (2000): the shares of two rivals are as the squares of spread over distance from
    the best, and that of the best is its spread times the root of the sum of (share / spread) squared.

    Parameters
    ----------
    means
        Mean of each system; more is better, and one is above all others.
    sds
        Standard deviation of each, above 0.

    Examples
    --------
    >>> ocba_shares(np.array([3.0, 2.0, 1.0]), np.ones(3)).round(3).tolist()
    [0.452, 0.438, 0.11]
    """
    best = int(np.argmax(means))
    rivals = np.arange(len(means)) != best
    rates = np.zeros(len(means))
    rates[rivals] = (sds[rivals] / (means[best] - means[rivals])) ** 2
    rates[best] = sds[best] * np.sqrt(((rates[rivals] / sds[rivals]) ** 2).sum())
    shares: Floats = rates / rates.sum()
    return shares


def _paired_shares(lead: Floats, spread: Floats, leader: int) -> Floats:
    """Shares under common random numbers: by the paired differences; the leader as much as any rival."""
    rates = (spread / lead) ** 2
    rates[leader] = 0.0
    rates[leader] = max(rates.max(), np.finfo(float).tiny)
    shares: Floats = rates / rates.sum()
    return shares


def _grants(shares: Floats, used: NDArray[np.int_], more: int) -> NDArray[np.int_]:
    """Give so many replications to those that have less than their share of the new total."""
    wanting = np.maximum(shares * (used.sum() + more) - used, 0.0)
    upto = np.rint(np.cumsum(wanting) / wanting.sum() * more).astype(int)
    grants: NDArray[np.int_] = np.diff(upto, prepend=0)
    return grants


def _means(values: Floats, used: NDArray[np.int_]) -> tuple[Floats, int]:
    """Means by the differences from the one that ran most, as if all had run so often; and the best."""
    most = int(used.argmax())
    means: Floats = np.nanmean(values[:, most]) + np.nanmean(values - values[:, [most]], axis=0)
    return means, int(means.argmax())


def _lead(values: Floats, used: NDArray[np.int_], leader: int) -> tuple[Floats, Floats, NDArray[np.int_]]:
    """Mean lead of one over each, the sd of that difference, and the pairs that both rest on."""
    apart = values[:, [leader]] - values
    return np.nanmean(apart, axis=0), np.nanstd(apart, axis=0, ddof=1), np.minimum(used, used[leader])


def _chance(lead: Floats, spread: Floats, pairs: NDArray[np.int_]) -> float:
    """Lower bound of the probability that each lead is above zero: Bonferroni over paired t tails."""
    with np.errstate(divide="ignore", invalid="ignore"):
        tails = special.stdtr(pairs - 1, -lead * np.sqrt(pairs) / spread)
    tails = np.where(spread > 0, tails, np.where(lead > 0, 0.0, 1.0))
    return max(0.0, 1.0 - float(tails.sum()))


def _whole(numbers: NDArray[np.int_]) -> tuple[int, ...]:
    return tuple(int(number) for number in numbers)


def _check(systems: int, zone: float, assurance: float, first: int) -> None:
    if not zone > 0:
        raise ValueError(f"zone: {zone} is not above 0; give the smallest difference that matters")
    if not 1 / max(2, systems) < assurance < 1:
        raise ValueError(f"assurance: {assurance} is not between a blind guess (1/{max(2, systems)}) and 1")
    if first < 2:
        raise ValueError(f"first: {first} gives no spread; give at least 2 replications to begin with")
