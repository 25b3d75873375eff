"""Regret, winners, what is luck, boxes and indices: by hand, and on functions whose answer is known."""

import sys

import numpy as np
import pytest
from scipy import stats

from simulation.analysis.futures import regret, share, standing, variance_parts, winners
from simulation.analysis.prim import peel, prim
from simulation.analysis.sensitivity import indices, library, points
from simulation.spec import InputError
from simulation.streams import generator

# ------------------------------------------------------------------ regret, winners, shares


def test_regret_is_that_of_the_worked_table():
    """Three futures, three policies. Best: 9, 6, 8; so B loses 2, 0 and 3 against it."""
    outcomes = np.array([[9.0, 7.0, 5.0], [2.0, 6.0, 5.0], [8.0, 5.0, 6.0]])
    assert regret(outcomes, 1).tolist() == [[0, 2, 4], [4, 0, 1], [0, 3, 2]]
    found = standing(outcomes, ["A", "B", "C"], 1, 1.0, np.array([5.0, 5.0, 6.0]))
    assert found["mean_regret"].tolist() == pytest.approx([4 / 3, 5 / 3, 7 / 3])
    assert found["max_regret"].tolist() == [4, 3, 4]
    assert found["wins"].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert found["helps"].tolist() == pytest.approx([2 / 3, 2 / 3, 0])
    assert found["harms"].tolist() == pytest.approx([1 / 3, 1 / 3, 0])


def test_where_less_is_better_regret_counts_the_other_way():
    """The shortest wait is the best one."""
    assert regret(np.array([[9.0, 7.0]]), -1).tolist() == [[2, 0]]


def test_a_lead_is_settled_when_luck_cannot_explain_it():
    """Luck of the difference: ±1 in turn, so its standard error is 1; leads of 5 and 0.5."""
    base = np.zeros((2, 2))
    other = np.array([[6.0, 4.0], [-0.5, 1.5]])
    found = winners(np.stack([base, other], axis=1), ["A", "B"], 1, 2.0)
    assert found["winner"].tolist() == ["B", "B"]
    assert found["lead"].tolist() == [5, 0.5]
    assert found["matters"].tolist() == [True, False]
    assert found["settled"].tolist() == [True, False]


def test_variance_is_told_apart_by_hand():
    """Rows (1, 3), (4, 2): means 2 and 3; interaction ±1, mean square 4 over one degree; luck 4/2 = 2."""
    found = variance_parts(np.array([[1.0, 3.0], [4.0, 2.0]]))
    assert found == (0.0, 2.0)
    assert np.isnan(variance_parts(np.array([[1.0], [2.0]])).luck)


def test_variance_of_values_and_luck_are_recovered():
    """Values of variance 4, common luck of 9, own luck of 1 over 4 replications; means of 500 experiments."""
    rng = generator(20, "variance parts")
    found = []
    for _ in range(500):
        values, common = 2 * rng.normal(size=(50, 1)), 3 * rng.normal(size=(1, 4))
        found.append(variance_parts(values + common + rng.normal(size=(50, 4))))
    # Standard errors of the means are 0.037 and 0.0013: four of them are false one time in 16,000.
    assert np.mean([one.values for one in found]) == pytest.approx(4, abs=4 * 0.037)
    assert np.mean([one.luck for one in found]) == pytest.approx(0.25, abs=4 * 0.0013)


@pytest.mark.parametrize("true", [0.05, 0.3, 0.5, 0.9])
def test_intervals_of_shares_cover(true):
    """95 % intervals of a share over 60 independent futures cover 0.93 to 0.98, by the binomial law."""
    hits = np.arange(61)
    edges = np.array([share(int(n), 60)[1:] for n in hits])
    covered = stats.binom.pmf(hits, 60, true)[(edges[:, 0] <= true) & (true <= edges[:, 1])].sum()
    assert 0.93 <= covered <= 0.98


def test_over_a_latin_hypercube_intervals_of_shares_are_too_wide_if_anything():
    """500 hypercubes of 60 points; x + y > 1.2 has the share 0.32. At 95 %, below 0.93 is false 3 in 100."""
    covered = 0
    for number in range(500):
        found = points("latin", 2, 60, generator(number, "coverage"))
        low, high = share(int((found.sum(axis=1) > 1.2).sum()), 60)[1:]
        covered += low <= 0.32 <= high
    assert covered / 500 >= 0.93


# ------------------------------------------------------------------ boxes


def test_a_slice_is_peeled_where_it_leaves_most_of_interest():
    """Ten points, a tenth at a time: the low end goes until only 7, 8, 9 are left."""
    values = np.arange(10.0)[:, None]
    boxes = peel(values, values[:, 0] > 6, share=0.1, least=0.1)
    assert [box.low[0] for box in boxes[1:]] == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    assert boxes[-1].density == boxes[-1].coverage == 1


def test_a_known_box_is_found_and_nothing_else_limited():
    """Of five values two decide: x0 > 0.6 and x1 < 0.5; 400 points leave each edge within 0.03."""
    values = points("latin", 5, 400, generator(3, "box"))
    box = prim(values, (values[:, 0] > 0.6) & (values[:, 1] < 0.5))
    assert box is not None
    assert box.limited == (0, 1)
    assert box.low[0] == pytest.approx(0.6, abs=0.03)
    assert box.high[1] == pytest.approx(0.5, abs=0.03)
    assert box.coverage > 0.9
    assert box.density > 0.9
    assert box.held_out > 0.8
    assert box.held_chance < 1e-6


def test_what_a_box_of_pure_chance_is_worth_shows_in_the_other_half():
    """Interest by coin (0.3), 200 times 100 futures and four values.

    A box was searched for, so it looks better than it is. In the half that it was not found from, the share
    of interest is that of all: 0.3, within three standard errors (0.035). So a box is confirmed in at most
    5 % (10 of 200; 20 or more are false one time in 370).
    """
    found, density, confirmed = [], [], 0
    for number in range(200):
        rng = generator(number, "coin")
        box = prim(rng.random((100, 4)), rng.random(100) < 0.3)
        if box is not None:
            density.append(box.density)
            found.append(box.held_out)
            confirmed += box.held_chance <= 0.05
    assert confirmed < 20
    assert np.mean(density) > 0.4
    assert np.nanmean(found) == pytest.approx(0.3, abs=0.105)


def test_all_or_none_of_interest_has_no_box():
    """There is nothing to tell apart."""
    values = points("latin", 2, 30, generator(3, "none"))
    assert prim(values, np.ones(30, bool)) is None
    assert prim(values, np.zeros(30, bool)) is None


# ------------------------------------------------------------------ indices


def ishigami(unit):
    """Ishigami and Homma (1990), a = 7, b = 0.1."""
    x = np.pi * (2 * unit - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_sobol_indices_of_ishigami():
    """First 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437 (Sobol' and Levitan 1999)."""
    pytest.importorskip("SALib")
    values = points("saltelli", 3, 5 * 4096, generator(1, "ishigami"))
    assert len(values) == 5 * 4096
    found = indices("saltelli", ["a", "b", "c"], values, ishigami(values), generator(1, "resampling"))
    found = found.set_index("unknown")
    assert found["first"].loc[["a", "b", "c"]].tolist() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.01)
    assert found["total"].loc[["a", "b", "c"]].tolist() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.01)
    assert (found["total_half"] < 0.05).all()


def test_morris_effects_of_a_straight_line_are_its_slopes():
    """y = 3a - 2b: mu 3 and -2, no spread; what does nothing has none."""
    pytest.importorskip("SALib")
    values = points("morris", 3, 40, generator(1, "line"))
    outcome = 3 * values[:, 0] - 2 * values[:, 1]
    found = indices("morris", ["a", "b", "c"], values, outcome, generator(1, "resampling"))
    found = found.set_index("unknown")
    assert found["mu"].loc[["a", "b", "c"]].tolist() == pytest.approx([3, -2, 0])
    assert found["mu_star"].loc[["a", "b", "c"]].tolist() == pytest.approx([3, 2, 0])
    assert found["sigma"].tolist() == pytest.approx([0, 0, 0], abs=1e-9)


def test_pawn_puts_what_decides_first():
    """Knowing a tells nearly all of y = a + b / 10; the index of a is the largest."""
    pytest.importorskip("SALib")
    values = points("pawn", 3, 200, generator(1, "pawn"))
    outcome = values[:, 0] + values[:, 1] / 10
    found = indices("pawn", ["a", "b", "c"], values, outcome, generator(1, "resampling"))
    assert found["unknown"][0] == "a"
    assert found["median"][0] > 2 * found["median"][1]


def test_without_the_extra_the_remedy_is_named(monkeypatch):
    """Before anything is run."""
    monkeypatch.setitem(sys.modules, "SALib", None)
    monkeypatch.setitem(sys.modules, "SALib.analyze.morris", None)
    with pytest.raises(InputError, match="pip install"):
        library("saltelli")
    assert library("latin") is None


def test_points_fill_the_cube_evenly():
    """A Latin hypercube has a point in each of n slices of every value; a Sobol' sequence has 2^k points."""
    found = points("latin", 3, 16, generator(2, "cube"))
    assert (np.sort((found * 16).astype(int), axis=0) == np.arange(16)[:, None]).all()
    assert points("sobol", 3, 40, generator(2, "cube")).shape == (32, 3)
