"""How unequal fulfilment and waiting are, by hand."""

import math

import numpy as np
import pytest

from simulation.kpis import Window, evaluate
from simulation.kpis.examples import make_records, town
from simulation.kpis.strata import distance_bands
from simulation.kpis.survival import make_curves, restricted_means
from simulation.layout import make_layout

NAN = math.nan
DAY = Window(0.0, 24.0)
GROUPS = [{"id": "old", "share": 0.5}, {"id": "young", "share": 0.5}]
PLACES = [
    {"id": "hall", "tier": "town"},
    {"id": "bureau", "tier": "department", "parent": "hall"},
    {"id": "a", "tier": "community", "parent": "hall", "veterans": 60, "distance": 1},
    {"id": "b", "tier": "community", "parent": "hall", "veterans": 30, "distance": 4, "staffed": False},
    {"id": "c", "tier": "community", "parent": "hall", "veterans": 10, "distance": 9, "staffed": False},
]


def met(origin, wait=0.0, group="old"):
    """A claim that is served after `wait` hours, for an hour, and resolved."""
    visit = ("claim.desk", "desk@hall", 0.0, 0.0, wait, wait + 1.0, "completed")
    row = {"need": "claim", "arrival": 0.0, "exit": "resolved", "ended": wait + 1.0, "visits": [visit]}
    return row | {"origin": origin, "group": group, "contact": "hall"}


def unmet(origin, group="old"):
    visit = ("claim.desk", "desk@hall", 0.0, 0.0, NAN, 1.0, "reneged")
    row = {"need": "claim", "arrival": 0.0, "exit": "reneged", "ended": 1.0, "visits": [visit]}
    return row | {"origin": origin, "group": group, "contact": "hall"}


def values(rows, **changes):
    scenario = town(places=PLACES, groups=GROUPS, **changes)
    frame = evaluate(scenario, make_records(scenario, 2400.0, rows), DAY)
    return frame.set_index(["kpi", "dimension", "level"])["value"]


def test_the_gap_is_between_the_best_and_the_worst():
    """At a all of two, at b one of two, at c none of one; the old 2 of 4, the young 1 of 1.

    Those at a are near, those at b and c, one met of three, are far.
    """
    found = values([met("a"), met("a", group="young"), met("b"), unmet("b"), unmet("c")])
    assert found["fulfilment_gap", "all", ""] == found["fulfilment_gap", "across", "place"] == 1
    assert found["fulfilment_ratio", "across", "place"] == 0
    assert found["fulfilment_gap", "across", "group"] == 0.5
    assert found["fulfilment_ratio", "across", "group"] == 0.5
    assert found["fulfilment_gap", "across", "tier"] == 0
    assert found["fulfilment_gap", "across", "distance"] == pytest.approx(1 - 1 / 3)


def test_a_level_with_hardly_any_need_is_left_out():
    """One need out of two hundred is met at c: no hundredth, so that a and b alone are compared."""
    rows = [met("a")] * 100 + [unmet("a")] * 49 + [met("b")] * 25 + [unmet("b")] * 25 + [unmet("c")]
    assert values(rows)["fulfilment_gap", "all", ""] == pytest.approx(100 / 149 - 1 / 2)


def test_the_gini_coefficient_by_hand():
    """Two needs at a, both met, two at b, none: those of b hold half the needs and nothing: one half."""
    found = values([met("a"), met("a"), unmet("b"), unmet("b")])
    assert found["fulfilment_gini", "all", ""] == pytest.approx(0.5)
    assert values([met("a"), met("b")])["fulfilment_gini", "all", ""] == 0
    assert values([unmet("a"), unmet("b")])["fulfilment_gini", "all", ""] == 0


def test_the_gini_coefficient_is_the_mean_difference():
    """Half the mean absolute difference between two needs, over the mean: for shares 1, 1/2, 0 of 1, 2, 3."""
    found = values([met("a"), met("b"), unmet("b"), unmet("c"), unmet("c"), unmet("c")])
    shares = np.array([1, 0.5, 0.5, 0, 0, 0])
    expected = np.abs(shares[:, None] - shares).mean() / 2 / shares.mean()
    assert found["fulfilment_gini", "all", ""] == pytest.approx(expected)


def test_the_worst_tenth_takes_part_of_the_last_place():
    """Of twenty needs two make the tenth: the one of c, met by none, and one at the rate of b (1/2)."""
    rows = [met("a")] * 17 + [met("b"), unmet("b")] + [unmet("c")]
    assert values(rows)["fulfilment_worst_tenth", "all", ""] == pytest.approx((0 + 0.5) / 2)


def test_waits_are_compared_as_the_mean_wait_is():
    """A day at a, four days at b; who gives up waits the limit of 90 days, at c."""
    rows = [met("a", 24.0)] * 8 + [met("b", 96.0), unmet("c")]
    found = values(rows)
    assert found["wait_gap", "all", ""] == pytest.approx(89)
    assert found["wait_ratio", "all", ""] == pytest.approx(1 / 90)
    assert found["wait_worst_tenth", "all", ""] == pytest.approx(90)
    assert values(rows[:-1])["wait_ratio", "all", ""] == pytest.approx(1 / 4)
    spread = [1, 1, 1, 1, 1, 1, 1, 1, 4, 90]
    expected = np.abs(np.subtract.outer(spread, spread)).mean() / 2 / np.mean(spread)
    assert found["wait_gini", "all", ""] == pytest.approx(expected)


def test_many_means_are_the_means_of_the_curves():
    """Thirty levels at once give what the curve of each gives, censored and tied times included."""
    rng = np.random.default_rng(4)
    times, codes = np.sort(rng.integers(0, 12, 400) / 2.0), rng.integers(-1, 29, 400).astype(np.int32)
    happened = rng.random(400) < 0.7
    means = restricted_means(times, happened, codes, 30, 4.0)
    assert means == pytest.approx(make_curves(times, happened, codes, 30).means(4.0), nan_ok=True)
    assert np.isnan(means).tolist() == [False] * 29 + [True]


def test_the_curve_is_that_of_scipy():
    from scipy.stats import CensoredData, ecdf

    rng = np.random.default_rng(3)
    times, happened = np.sort(rng.integers(0, 40, 300) / 4.0), rng.random(300) < 0.6
    theirs = ecdf(CensoredData.right_censored(times, ~happened)).sf
    ours = make_curves(times, happened, np.zeros(300, np.int32), 1)
    steps = slice(1, ours.steps[0] + 1)
    assert ours.times[steps].tolist() == theirs.quantiles.tolist()
    assert ours.shares[steps] == pytest.approx(theirs.probabilities)


# ------------------------------------------------------------------------------------ coverage and distance


def test_who_is_covered_and_how_far_the_others_have_to_go():
    """Sixty of a hundred have a station; thirty go 4 km and ten 9 km to the hall: 2.1 km on average."""
    found = values([])
    assert found["veterans_covered", "all", ""] == pytest.approx(0.6)
    assert found["distance_to_station", "all", ""] == pytest.approx((30 * 4 + 10 * 9) / 100)


def test_distance_is_in_thirds_of_the_veterans():
    """By the way to the first contact at the hall: the 60 of a are near; the middle of the 30 of b is
    the 75th of a hundred, that of the 10 of c the 95th: both in the last third.
    """
    needs = {
        "claim": {"pathway": "claim", "arrivals": {"rate": 1}, "first_contact": {"town": 1}},
        "petition": {"pathway": "petition"},
    }
    layout = make_layout(town(places=PLACES, needs=needs), 24.0)
    bands = dict(zip(layout.names.places, distance_bands(layout).tolist(), strict=True))
    assert [bands[name] for name in ("a", "b", "c")] == [0, 2, 2]


def test_without_distances_there_is_no_such_dimension():
    """The rows of a scenario do not depend on what happens in it."""
    frame = evaluate(town(), make_records(town(), 48.0, []), DAY)
    assert "distance" not in set(frame["dimension"])
    assert ("fulfilment_gap", "across", "distance") not in set(
        frame[["kpi", "dimension", "level"]].itertuples(index=False, name=None)
    )
