"""Costs and effects side by side, who is dominated, and for whom a policy is good."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation import analysis

COST = SimpleNamespace(id="cost", direction=-1, indifference=0)
GAIN = SimpleNamespace(id="resolved", direction=1, indifference=0)
NOISE = (-1.0, 0.0, 1.0)


def results(numbers, dimension="all", level=""):
    """Three replications of {scenario: (cost, effect)}, all with the same noise."""
    rows = [
        (name, replication, kpi, dimension, level, value + noise)
        for name, pair in numbers.items()
        for replication, noise in enumerate(NOISE)
        for kpi, value in zip(("cost", "resolved"), pair, strict=True)
    ]
    return pd.DataFrame(rows, columns=["scenario", "replication", "kpi", "dimension", "level", "value"])


def table(numbers):
    frame = analysis.incremental(results(numbers), next(iter(numbers)), COST, GAIN)
    return frame.set_index("scenario")


def test_a_table_of_costs_worked_out_by_hand():
    """Base (100, 50), a: 20 more for 10, b: 60 more for 15, c: 50 more for 5, d saves 10 and loses 5."""
    found = table({"base": (100, 50), "a": (120, 60), "b": (160, 65), "c": (150, 55), "d": (90, 45)})
    assert found.index.tolist() == ["d", "base", "a", "c", "b"]
    assert found["per_effect"].tolist() == pytest.approx([math.nan, math.nan, 2, 10, 4], nan_ok=True)
    assert found.loc["c", ["status", "dominated_by"]].tolist() == ["dominated", "a"]
    assert found.loc[["d", "base", "a", "b"], "status"].unique().tolist() == ["on the frontier"]
    steps = found.loc[["d", "base", "a", "b"], "step_per_effect"].tolist()
    assert steps == pytest.approx([math.nan, 2, 2, 8], nan_ok=True)
    assert found.loc["a", "against_baseline"] == "pays and gains"
    assert found.loc["d", "against_baseline"] == "saves and loses"
    assert found.loc["base", ["cost_difference", "effect_difference"]].tolist() == [0, 0]


def test_a_mix_of_two_may_dominate_a_third():
    """Half-way between nothing and the full programme costs 5 for 5; the half programme costs 8 for 4."""
    found = table({"none": (0, 0), "half": (8, 4), "full": (10, 10)})
    assert found.loc["half", ["status", "dominated_by"]].tolist() == ["extendedly dominated", "none and full"]


def test_intervals_hold_together_over_costs_and_effects():
    """Differences of cost of 1, 2, 3: mean 2, sd 1; two intervals, so the quantile is 6.205347."""
    frame = results({"base": (0, 0), "more": (2, 2)})
    more = (frame["scenario"] == "more") & (frame["kpi"] == "cost")
    frame.loc[more, "value"] = [x + d for x, d in zip(NOISE, (1, 2, 3), strict=True)]
    row = analysis.incremental(frame, "base", COST, GAIN).set_index("scenario").loc["more"]
    assert row["cost_high"] - row["cost_difference"] == pytest.approx(6.205347 / 3**0.5, rel=1e-6)
    assert row["effect_low"] == row["effect_high"] == 2
    assert row["against_baseline"] == "not established"


def test_more_of_the_effect_must_be_better():
    with pytest.raises(ValueError, match="effect: of 'cost' more is not better"):
        analysis.incremental(results({"a": (1, 1), "b": (2, 2)}), "a", GAIN, COST)


POINTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8)


@given(POINTS, st.floats(0.01, 50))
def test_the_best_buy_at_any_price_is_on_the_frontier(points, price):
    """Whatever a unit of effect is worth, no option beats the best one of the frontier."""
    named = {f"p{n}": (float(cost), float(effect)) for n, (cost, effect) in enumerate(points)}
    found = analysis.frontier(named)
    assert found.keys() == named.keys()
    worth = {name: price * effect - cost for name, (cost, effect) in named.items()}
    frontier = [name for name, (status, _, _) in found.items() if status == "on the frontier"]
    assert max(worth[name] for name in frontier) == pytest.approx(max(worth.values()))
    steps = sorted(found[name][2] for name in frontier if not math.isnan(found[name][2]))
    by_cost = sorted(frontier, key=lambda name: named[name][0])
    assert [found[name][2] for name in by_cost[1:]] == steps


# ------------------------------------------------------------------------------------ for whom


def levels(values):
    """Frame of {(dimension, level): {scenario: [value of each replication]}}."""
    rows = [
        (scenario, replication, "wait", dimension, level, value)
        for (dimension, level), scenarios in values.items()
        for scenario, numbers in scenarios.items()
        for replication, value in enumerate(numbers)
    ]
    return pd.DataFrame(rows, columns=["scenario", "replication", "kpi", "dimension", "level", "value"])


WAIT = SimpleNamespace(id="wait", direction=-1, indifference=1.0)
FRAME = levels(
    {
        ("group", "old"): {"base": [9, 10, 11], "app": [12, 13, 15]},
        ("group", "young"): {"base": [9, 10, 11], "app": [3, 4, 4]},
        ("place", "north"): {"base": [9, 10, 11], "app": [8.5, 9.5, 10.5]},
    }
)


def test_the_intervals_hold_over_all_levels_of_all_dimensions():
    """Three levels of two dimensions and one policy: each interval is one of three."""
    found = analysis.for_whom(FRAME, "base", [WAIT], ["group", "place", "distance"]).set_index("level")
    alone = analysis.interval([3, 3, 4], comparisons=3)
    assert found.loc["old", "difference"] == pytest.approx(alone.mean)
    assert found.loc["old", "half_width"] == pytest.approx(alone.half_width)
    assert found["gain"].tolist() == pytest.approx([-10 / 3, 19 / 3, 0.5])


def test_who_gains_and_who_loses():
    """The old lose and the young gain, both beyond doubt; in the north half a day is no difference."""
    found = analysis.gainers_and_losers(analysis.for_whom(FRAME, "base", [WAIT])).set_index("dimension")
    counts = found[["better", "worse", "alike", "not_known"]]
    assert counts.loc["group"].tolist() == [1, 1, 0, 0]
    assert counts.loc["place"].tolist() == [0, 0, 1, 0]
    assert found.loc["group", ["most", "least"]].tolist() == ["young", "old"]


def test_a_kpi_without_direction_makes_nobody_better_off():
    with pytest.raises(ValueError, match="kpis: 'share' has no direction"):
        analysis.for_whom(FRAME, "base", [SimpleNamespace(id="share", direction=0, indifference=1)])
