"""A policy with a budget is carried out as far as the money goes in its first year."""

from __future__ import annotations

import pytest

from simulation import simulate
from simulation.scenario import Policy, apply, digest
from simulation.scenario.budget import first_year
from simulation.scenario.examples import single_queue

FAST = {"id": "fast", "kind": "scale_time", "steps": ["consult"], "factor": 0.5, "cost_once": 1000}
MORE = {
    "id": "more",
    "kind": "add_staff",
    "team": "doctors",
    "group": "doctor",
    "heads": 2,
    "cost_per_year": 3000,
}


def test_a_budget_weakens_all_levers_by_the_same_factor_until_it_pays_for_them():
    """1,000 once and 3,000 a year are 4,000 at first: 1,000 carries each lever a quarter of the way."""
    queue = single_queue()
    under = apply(Policy(id="cheap", levers=[FAST, MORE], budget=1000), queue)
    assert [lever.strength for lever in under.levers] == [0.25, 0.25]
    assert first_year(under.levers, queue) == pytest.approx(1000.0)


def test_a_budget_that_is_large_enough_changes_nothing():
    queue = single_queue()
    free, paid = (apply(Policy(id="p", levers=[FAST, MORE], budget=budget), queue) for budget in (None, 4000))
    assert digest(free) == digest(paid)


def test_without_money_nothing_happens():
    """A budget of zero leaves the records as they are without the policy."""
    queue = single_queue(rate=2.0)
    poor = apply(Policy(id="poor", levers=[FAST, MORE], budget=0), queue)
    with_, without = (simulate(system, 200.0, 3, 0) for system in (poor, queue))
    assert with_.visits.tobytes() == without.visits.tobytes()
    assert with_.cases.tobytes() == without.cases.tobytes()
