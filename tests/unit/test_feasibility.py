"""Whether a target is met: a check worked out by hand, and how often it errs where the answer is known."""

import math

import numpy as np
import pytest
from scipy import stats

from simulation.analysis.feasibility import check, replications_at_most
from simulation.theory import mmc

FALSE_ALARM = 1e-4
"""Of each test of a probability below: how often it fails although all is right (seeds are fixed besides)."""


def test_a_check_worked_out_by_hand():
    """Values 1, 3, 2, 0, 1, 1 against a limit of 2, zone 1, error 0.05, spread from the first three.

    S2 = 1 and h2 = 2 (0.1^-1 - 1) = 18, so that the borders are 9 - r / 2: 7.5, 7, 6.5, 6, ... The sums of
    value - 2 are -1, 0, 0, -2, -3, -4; then -1 each time: after r replications it is 2 - r. It meets the
    border r / 2 - 9 where 2 - r <= r / 2 - 9, that is r >= 7.33: at 8 replications, with -6 against -5.
    """
    values = [1.0, 3.0, 2.0, 0.0, *[1.0] * 10]
    assert check(values[:7], 2.0, 1.0, 0.05, first=3) == (0, 7)
    assert check(values, 2.0, 1.0, 0.05, first=3) == (1, 8)
    assert check([4.0 - value for value in values], 2.0, 1.0, 0.05, first=3) == (-1, 8)
    assert replications_at_most(values, 1.0, 0.05, first=3) == 18


def test_equal_values_are_decided_at_once_and_infinite_ones_are_not_met():
    """Without spread the mean decides; a wait without end is above every limit."""
    assert check([2.0, 2.0, 2.0], 2.0, 0.1, 0.05, first=3) == (1, 3)
    assert check([2.1, 2.1, 2.1], 2.0, 0.1, 0.05, first=3) == (-1, 3)
    assert check([1.0, math.inf, 1.0], 2.0, 0.1, 0.05, first=3) == (-1, 2)
    assert check([1.0, math.nan, 1.0], 2.0, 0.1, 0.05, first=3) == (-1, 2)


@pytest.mark.parametrize(("field", "value"), [("zone", 0.0), ("error", 0.5), ("first", 1)])
def test_what_is_none_is_refused(field, value):
    """The message names the field and what would be right."""
    given = {"zone": 0.1, "error": 0.05, "first": 3} | {field: value}
    with pytest.raises(ValueError, match=field):
        check([1.0, 2.0, 3.0], 2.0, **given)


@pytest.mark.parametrize("distance", [-1.0, 1.0])
def test_at_the_edge_of_the_zone_the_check_errs_as_seldom_as_it_promises(distance):
    """Normal values with their mean one zone from the limit, 2,000 experiments: wrong in 5 % at most."""
    rng = np.random.default_rng(7)
    wrong = 0
    for values in rng.normal(distance, 3.0, (2000, 600)):
        decision, _ = check(values, 0.0, 1.0, 0.05, first=10)
        wrong += decision != -np.sign(distance)
    assert wrong <= stats.binom.ppf(1 - FALSE_ALARM, 2000, 0.05)


def test_the_least_number_of_servers_is_found_as_surely_as_promised():
    """M/M/c with 9 arrivals an hour and mean service of an hour: which c keeps the mean wait below 0.15 h?

    Erlang C: 0.669 h with 10 servers, 0.2463 h with 11, 0.1035 h with 12. Waits of at most 0.15 h need 12. A
    replication is the mean of 40 waits drawn from the exact law (zero, or exponential of rate c - 9); the
    zone is 0.04. In 600 experiments, 11 is refused and 12 accepted, each at an error of 0.025: wrong in
    5 % at most.
    """
    waits = {servers: mmc(9.0, 1.0, servers) for servers in (10, 11, 12)}
    assert waits[11].mean_wait > 0.15 + 0.04 > 0.15 - 0.04 > waits[12].mean_wait
    rng, wrong = np.random.default_rng(11), 0
    for _ in range(600):
        found = []
        for servers in (11, 12):
            waiting = waits[servers].mean_wait * (servers - 9.0)  # the probability of waiting
            law = rng.exponential(1 / (servers - 9.0), (2000, 40)) * (rng.random((2000, 40)) < waiting)
            found.append(check(law.mean(axis=1), 0.15, 0.04, 0.025, first=10).decision)
        wrong += found != [-1, 1]
    assert wrong <= stats.binom.ppf(1 - FALSE_ALARM, 600, 0.05)
