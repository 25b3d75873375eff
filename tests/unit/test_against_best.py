"""Who is best: intervals and probabilities that are right as often as they say."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import special, stats

from simulation.analysis import against_best as subject

WAIT = SimpleNamespace(id="wait", direction=-1, indifference=1.0)


def generator(key):
    return np.random.Generator(np.random.Philox(key))


def covariances(systems):
    """Independent; common luck; three families; every spread its own; one alone, the others nearly alike."""
    family = np.arange(systems) // max(1, systems // 3)
    spread = np.geomspace(0.3, 3, systems)
    odd = 0.98 + 0.02 * np.eye(systems)
    odd[0] = odd[:, 0] = 0.2
    odd[0, 0] = 1.0
    return {
        "independent": np.eye(systems),
        "common": 0.9 + 0.1 * np.eye(systems),
        "families": 0.8 * (family[:, None] == family) + 0.1 + 0.1 * np.eye(systems),
        "spreads": (0.7 + 0.3 * np.eye(systems)) * np.outer(spread, spread),
        "odd": odd,
    }


def test_intervals_against_the_best_worked_out_by_hand():
    """Three replications of three systems; t(2) at 1 - 0.05/2 is 4.302653.

    B - A is 3, 3.5, 2.5: mean 3, sd 0.5, width 4.302653 x 0.5 / sqrt(3) = 1.242. B - C: 7 +- 1.242.
    A - C is 4 always. Only B may be the best, so that A falls short by 3 - 1.242 to 3 + 1.242.
    """
    found = subject.against_the_best(np.array([[5.0, 8.0, 1.0], [7.0, 10.5, 3.0], [6.0, 8.5, 2.0]]))
    width = 4.302653 * 0.5 / 3**0.5
    assert found.difference == pytest.approx([-3, 3, -7])
    assert found.low == pytest.approx([-3 - width, 0, -7 - width], rel=1e-6)
    assert found.high == pytest.approx([0, 3 + width, 0], rel=1e-6)
    assert subject.standings(found, 0.5) == ["not the best", "best", "not the best"]


def test_two_that_cannot_be_told_apart_may_both_be_best():
    """Differences 1, -1, 1.5: mean 0.5, sd 1.3229, t(2) at 0.95 is 2.919986, width 2.2302."""
    width = 2.919986 * 1.75**0.5 / 3**0.5
    found = subject.against_the_best(np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 0.5]]))
    assert found.low == pytest.approx([0.5 - width, -0.5 - width], rel=1e-6)
    assert found.high == pytest.approx([0.5 + width, -0.5 + width], rel=1e-6)
    assert subject.standings(found, 0.5) == ["may be the best"] * 2
    assert subject.standings(found, 3.0) == ["as good as the best"] * 2


def test_systems_that_are_the_same_are_equally_good():
    """No difference, no width, and half the probability each."""
    values = np.repeat(np.array([[1.0], [2.0], [4.0]]), 2, axis=1)
    found = subject.against_the_best(values)
    assert [found.low.tolist(), found.high.tolist()] == [[0.0, 0.0], [0.0, 0.0]]
    assert subject.standings(found, 0.0) == ["as good as the best"] * 2
    assert subject.chances(values, 0.0, generator(1)).best.tolist() == [0.5, 0.5]


def test_one_replication_tells_nothing_and_one_system_has_no_rival():
    """No interval ends; nobody is best."""
    found = subject.against_the_best(np.array([[1.0, 2.0]]))
    assert subject.standings(found, 0.5) == ["may be the best"] * 2
    assert np.isnan(subject.chances(np.array([[1.0, 2.0]]), 0.5, generator(1)).best).all()
    assert subject.standings(subject.against_the_best(np.array([[1.0], [2.0]])), 0.5) == [
        "as good as the best"
    ]


@pytest.mark.parametrize("structure", list(covariances(6)))
@pytest.mark.parametrize("place", [0, 5])
def test_intervals_against_the_best_cover_together(structure, place):
    """1,000 experiments, 6 systems, 8 replications, the best far ahead (the least favourable case).

    Coverage is at least 0.95: below 0.95 - 3.1 standard errors (0.929) once in 1,000 times, ten such tests.
    """
    luck = np.linalg.cholesky(covariances(6)[structure])
    rng = generator(20260101)
    means = np.zeros(6)
    means[place] = 50.0
    truth = np.where(np.arange(6) == place, 50.0, -50.0)
    covered = 0
    for values in means + rng.standard_normal((1000, 8, 6)) @ luck.T:
        found = subject.against_the_best(values)
        covered += np.all((found.low <= truth) & (truth <= found.high))
    assert covered >= 929


def test_the_true_best_is_called_not_the_best_as_rarely_as_promised():
    """1,000 experiments with the best 0.3 ahead: excluded in at most 5 % (7.1 % once in 1,000 times)."""
    rng = generator(7)
    wrong = 0
    for noise in rng.standard_normal((1000, 10, 5)):
        wrong += subject.against_the_best(noise + np.array([0.3, 0, 0, 0, 0])).high[0] <= 0
    assert wrong <= 71


def test_of_two_the_probability_is_that_of_the_paired_t():
    """P(best) of two systems is 1 - p of the one-sided paired t-test; error of 4,000 draws at most 0.026."""
    values = generator(3).standard_normal((6, 2)) + np.array([0.0, 0.4])
    expected = 1 - stats.ttest_rel(values[:, 1], values[:, 0], alternative="greater").pvalue
    assert subject.chances(values, 0.0, generator(4)).best[1] == pytest.approx(expected, abs=0.026)


def test_the_probability_of_being_near_the_best_worked_out_by_hand():
    """Differences 0, 1, 2: mean 1, error 1/sqrt(3); A is within 0.5 of B when t(2) < -0.5 sqrt(3)."""
    values = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    expected = special.stdtr(2, -0.5 * 3**0.5)
    assert subject.chances(values, 0.5, generator(5)).good[0] == pytest.approx(expected, abs=0.026)


def test_probabilities_of_being_best_add_up_and_follow_common_luck():
    """Less common luck, less certainty; the probabilities of all add up to one."""
    rng = generator(6)
    common, own = 5 * rng.standard_normal((10, 1)), rng.standard_normal((10, 12))
    lead = np.zeros(12)
    lead[4] = 3.0
    together, apart = own + common + lead, own + lead + 5 * rng.standard_normal((10, 12))
    sure, unsure = (subject.chances(values, 0.0, generator(8)).best for values in (together, apart))
    assert (sure.sum(), unsure.sum()) == pytest.approx((1, 1))
    assert sure[4] > 0.95 > unsure[4]


def test_what_a_best_probability_says_happens_as_often():
    """1,000 pairs with differences from a wide prior: of those given 0.6 to 0.9, as many are best.

    The mean of the probabilities given is within 3.3 standard errors (0.0015 false alarms) of the share.
    """
    rng = generator(9)
    given, right = [], []
    for _ in range(1000):
        gap = rng.normal(scale=20)
        values = rng.standard_normal((6, 2)) * 10 + np.array([0.0, gap])
        chance = subject.chances(values, 0.0, rng).best
        top = int(chance.argmax())
        if 0.6 <= chance[top] <= 0.9:
            given.append(chance[top])
            right.append(top == int(gap > 0))
    error = np.sqrt(np.mean(np.multiply(given, np.subtract(1, given))) / len(given))
    assert len(given) > 100
    assert np.mean(right) == pytest.approx(np.mean(given), abs=3.3 * error)


def test_a_replication_without_a_value_is_left_out_for_all():
    """A wait that nobody ended has no mean: the whole replication is left out, and the count says so."""
    import pandas as pd

    rows = [("a", 0, 1.0), ("a", 1, np.nan), ("a", 2, 1.5), ("b", 0, 3.0), ("b", 1, 3.0), ("b", 2, 3.0)]
    frame = pd.DataFrame(rows, columns=["scenario", "replication", "value"])
    frame = frame.assign(kpi="wait", dimension="all", level="")
    table = subject.best(frame, [WAIT], 0.95, lambda _: generator(1))
    assert table["replications"].tolist() == [2, 2]
    assert table["difference"].tolist() == [1.75, -1.75]
    assert table["mean"].tolist() == [1.25, 3.0]
