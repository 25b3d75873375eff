"""What a policy does is shared among its parts as Shapley's axioms say, and the intervals keep their word."""

from itertools import combinations, permutations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from simulation.analysis import attribution, games

SOLVED = SimpleNamespace(id="solved", direction=1, indifference=0.5)
EXPERIMENTS = 1000
ALARM = 1e-4
"""False-alarm rate of each check of coverage: how often it would fail at another seed though all is right."""


def table(values, kpi="solved", first=0):
    """Rows of games: an array of replications x coalitions."""
    return pd.DataFrame(
        {
            "coalition": np.tile(np.arange(values.shape[1]), len(values)),
            "replication": np.repeat(np.arange(len(values)) + first, values.shape[1]),
            "kpi": kpi,
            "value": values.ravel(),
        }
    )


def whole(players):
    """Games of small whole numbers, so that sums are exact."""
    return arrays.arrays(np.int64, 2**players, elements=st.integers(-50, 50)).map(lambda v: v.astype(float))


def covered(hits, confidence=0.95):
    """The coverage over the experiments is what was promised, within binomial error at `ALARM`."""
    low, high = stats.binom.interval(1 - ALARM, len(hits), confidence)
    assert low <= hits.sum() <= high, f"{hits.mean():.3f} of {len(hits)}"


def test_runway_worked_out_by_hand():
    """Littlechild and Owen (1973): a runway costs as much as the largest aircraft needs, here 1, 2 and 4.

    All three share the first stretch, two the second, one bears the third: 1/3, 1/3 + 1/2, 1/3 + 1/2 + 2.
    """
    needs = np.array([1.0, 2.0, 4.0])
    runway = np.array([max([0.0, *(needs[i] for i in range(3) if s >> i & 1)]) for s in range(8)])
    assert games.shapley(runway) == pytest.approx([1 / 3, 5 / 6, 17 / 6])


def test_six_orders_written_out():
    """Three players worth 10, 20 and 30 alone, 50, 60 and 70 in pairs, 120 together.

    What each adds, over the six orders: a 10, 10, 30, 50, 30, 50; b 40, 60, 20, 20, 60, 40; c 70, 50, 70, 50,
    30, 30. The means are 30, 40 and 50. For a and b: apart from c they gain 50 - 10 - 20 = 20 together,
    beside c 120 - 60 - 70 + 30 = 20, hence 20.
    """
    values = np.array([0.0, 10, 20, 50, 30, 60, 70, 120])
    assert games.shapley(values).tolist() == pytest.approx([30, 40, 50])
    assert games.interactions(values).tolist() == pytest.approx([20, 20, 20])
    orders = np.array(list(permutations(range(3))))
    added = {tuple(order): np.diff(values[games.along(order)]).tolist() for order in orders}
    assert added[0, 1, 2] == [10, 40, 70]
    assert added[2, 1, 0] == [30, 40, 50]


@pytest.mark.parametrize("members", [2, 3, 4, 5])
def test_interactions_of_a_game_that_needs_all_of_a_set(members):
    """Grabisch and Roubens (1999): worth 1 where all t members are there; two of them interact by 1/(t-1)."""
    needed = (1 << members) - 1
    values = np.array([float(s & needed == needed) for s in range(2**5)])
    found = games.interactions(values)
    wanted = [1 / (members - 1) if pair[1] < members else 0.0 for pair in combinations(range(5), 2)]
    assert found.tolist() == pytest.approx(wanted)


@given(whole(4))
def test_efficiency(values):
    """The shares add up to what all bring together."""
    assert games.shapley(values).sum() == pytest.approx(values[-1] - values[0], abs=1e-9)


@given(whole(3))
def test_a_player_who_never_adds_anything_has_nothing(values):
    """A fourth player beside three: exactly 0, alone and with each other."""
    values = np.concatenate([values, values])
    assert games.shapley(values)[3] == 0
    pairs = list(combinations(range(4), 2))
    assert all(games.interactions(values)[n] == 0 for n, pair in enumerate(pairs) if 3 in pair)


@given(whole(4), st.permutations(range(4)))
def test_names_do_not_matter(values, names):
    """Symmetry: with the players renamed, each keeps its share; hence who adds the same has the same."""
    coalitions = np.arange(16)
    renamed = sum((coalitions >> old & 1) << new for old, new in enumerate(names))
    other = np.empty(16)
    other[renamed] = values
    assert games.shapley(other)[list(names)] == pytest.approx(games.shapley(values), abs=1e-9)


@given(whole(4), whole(4))
def test_shares_of_a_sum_are_sums_of_shares(one, two):
    """Additivity, of shares and of interactions."""
    for share in (games.shapley, games.interactions):
        assert share(one + two) == pytest.approx(share(one) + share(two), abs=1e-9)


@given(whole(4))
def test_all_orders_together_give_the_value(values):
    """The two definitions are one: weights over coalitions, and the mean over the 24 orders."""
    orders = np.array(list(permutations(range(4))))
    along = values[games.along(orders)]
    assert games.shapley_along(along, orders) == pytest.approx(games.shapley(values), abs=1e-9)


@given(whole(5), st.integers(0, 2**32))
def test_any_orders_add_up(values, seed):
    """Efficiency holds for one pair of orders as well, each of which is followed by its reverse."""
    orders = games.orders(np.random.default_rng(seed).random((1, 5)))
    assert orders[1].tolist() == orders[0][::-1].tolist()
    shares = games.shapley_along(values[games.along(orders)], orders)
    assert shares.sum() == pytest.approx(values[-1] - values[0], abs=1e-9)


def test_an_interaction_is_what_is_left_when_effects_add_up():
    """Without interactions, what a player adds first, last and on average is the same."""
    worth = np.array([1.0, 2.0, -4.0])
    values = np.array([sum(worth[i] for i in range(3) if s >> i & 1) for s in range(8)])
    found = attribution.attribute(table(np.stack([values, values + 1])), "abc", [SOLVED])
    for name in ("contribution", "first", "last"):
        assert found.contributions[name].tolist() == pytest.approx(worth)
    assert found.totals["beyond"].tolist() == pytest.approx([0])
    assert found.pairs["interaction"].tolist() == pytest.approx([0, 0, 0])


def test_intervals_worked_out_by_hand():
    """Two players whose shares are 1, 2 and 3 in three replications: mean 2, sd 1, quantile 6.205347 of two.

    Their effect is 2, 4 and 6: 4 on average, sd 2, quantile 4.302653 of one.
    """
    values = np.array([[0.0, n, n, 2 * n] for n in (1, 2, 3)])
    found = attribution.attribute(table(values), "ab", [SOLVED])
    half = 6.205347 / 3**0.5
    assert found.contributions[["low", "high"]].to_numpy() == pytest.approx(
        np.array([[2 - half, 2 + half]] * 2), rel=1e-6
    )
    total = found.totals.iloc[0]
    assert total["high"] - total["difference"] == pytest.approx(4.302653 * 2 / 3**0.5, rel=1e-6)
    assert found.contributions["verdict"].tolist() == ["too noisy"] * 2


def test_a_replication_without_a_value_is_left_out_for_that_kpi():
    """Nobody ever waits in one replication: no share of its wait, and the others still add up."""
    values = np.random.default_rng(3).random((4, 8))
    values[2, 5] = np.nan
    found = attribution.attribute(table(values), "abc", [SOLVED])
    kept = attribution.attribute(table(values[[0, 1, 3]]), "abc", [SOLVED])
    for one, other in zip(found, kept, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_a_coalition_that_was_not_run_is_missed():
    """No share is worked out from less than it needs."""
    frame = table(np.random.default_rng(4).random((2, 8)))
    with pytest.raises(ValueError, match=r"coalition 5 .* replication 1; run it"):
        attribution.attribute(frame.query("not (coalition == 5 and replication == 1)"), "abc", [SOLVED])


@given(arrays.arrays(np.float64, (3, 16), elements=st.floats(-1e6, 1e6)))
def test_a_waterfall_adds_up_exactly(values):
    """To the bit: from the mean of the baseline, each step where the last ended, to that of the policy."""
    found = attribution.attribute(table(values), "abcd", [SOLVED])
    steps = attribution.waterfall(found, "solved")
    total = found.totals.iloc[0]
    assert steps["start"].iloc[0] == total["baseline_mean"]
    assert steps["end"].iloc[-1] == total["mean"]
    assert (steps["start"].to_numpy()[1:] == steps["end"].to_numpy()[:-1]).all()
    drawn = (steps["end"] - steps["start"]).to_numpy()
    assert drawn == pytest.approx(steps["contribution"].to_numpy(), abs=1e-8)


def noisy(rng, worth, replications):
    """Experiments of a known game: luck that all coalitions share, and luck of each coalition's own."""
    shape = (EXPERIMENTS, replications, 1)
    size = np.array([int(s).bit_count() for s in range(len(worth))])
    common, slope = 5 * rng.normal(size=shape), 0.3 * rng.normal(size=shape)
    return worth + common + slope * size + 0.5 * rng.normal(size=(*shape[:2], len(worth)))


def test_intervals_of_a_known_game_cover():
    """Of 1,000 experiments, 95 % have all four shares, and all six interactions, inside their intervals.

    Bonferroni promises at least that; each interval alone is exact, so that is tested exactly.
    """
    worth = np.random.default_rng(5).integers(-4, 9, size=16).astype(float)
    values = noisy(np.random.default_rng(6), worth, replications=8)
    for share in (games.shapley, games.interactions):
        truth, found = share(worth), np.moveaxis(share(values), 1, 2)
        half = attribution.half_widths(attribution.moments(found), 0.95, 1)
        inside = np.abs(found.mean(axis=2) - truth) <= half
        for player in range(truth.size):
            covered(inside[:, player])
        half = attribution.half_widths(attribution.moments(found), 0.95, truth.size)
        together = (np.abs(found.mean(axis=2) - truth) <= half).all(axis=1)
        assert together.sum() >= stats.binom.ppf(ALARM, EXPERIMENTS, 0.95)


def test_intervals_with_drawn_orders_cover_the_luck_of_drawing():
    """Ten players, of whom pairs interact strongly: two orders for each of 20 replications, drawn anew.

    The shares of a replication vary by the orders more than by the luck of the replication.
    """
    rng = np.random.default_rng(7)
    players, replications = 10, 20
    bits = np.arange(2**players)[:, None] >> np.arange(players) & 1
    worth = bits @ rng.normal(size=players)
    worth += 2.0 * np.einsum("si,ij,sj->s", bits, np.triu(rng.normal(size=(players, players)), 1), bits)
    truth = games.shapley(worth)
    shape = (EXPERIMENTS * replications, players)
    orders = games.orders(rng.random(shape)).reshape(-1, 2, players)
    along = worth[games.along(orders)] + 0.2 * rng.normal(size=(shape[0], 2, players + 1))
    shares = games.shapley_along(along, orders).reshape(EXPERIMENTS, replications, players)
    found = np.moveaxis(shares, 1, 2)
    half = attribution.half_widths(attribution.moments(found), 0.95, 1)
    inside = np.abs(found.mean(axis=2) - truth) <= half
    for player in range(players):
        covered(inside[:, player])
