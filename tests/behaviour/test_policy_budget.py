"""A policy with a budget is carried out as far as the money goes in its first year."""

from __future__ import annotations

import pytest

from simulation import simulate
from simulation.scenario import Policy, Scenario, apply, digest
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
    assert sum(first_year(under.levers, queue)) == pytest.approx(1000.0)


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


def test_what_is_done_wholly_or_not_at_all_is_paid_first_or_left_out():
    """Two steps at once for 500: of 1,500 yuan, 1,000 are left for half of a lever of 2,000; of 400, none."""
    steps = [
        {"id": name, "kind": "delay", "time": {"kind": "deterministic", "at": 1}} for name in ("one", "two")
    ]
    system = Scenario(
        start="2026-01-01",
        places=[{"id": "town"}],
        pathways=[{"id": "path", "steps": steps}],
        needs=[{"id": "help", "pathway": "path", "arrivals": {"kind": "listed", "times": [1]}}],
    )
    at_once = {
        "id": "at_once", "kind": "run_parallel", "pathway": "path", "branches": ["one", "two"],
        "then": "resolved", "cost_once": 500,
    }  # fmt: skip
    fast = {"id": "fast", "kind": "scale_time", "steps": ["one"], "factor": 0.5, "cost_once": 2000}
    rich, poor = (
        apply(Policy(id="p", levers=[at_once, fast], budget=budget), system) for budget in (1500, 400)
    )
    assert [lever.strength for lever in rich.levers] == [1.0, 0.5]
    assert [lever.strength for lever in poor.levers] == [0.0, 0.2]
