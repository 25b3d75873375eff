"""The rows that say what a policy changes in the pathway of a need."""

from simulation.scenario import Policy, apply
from simulation.scenario.difference import pathway_differences
from tests.scenarios import delay, exponential, scenario, work


def rows(before, after):
    return [tuple(row)[1:] for row in pathway_differences(before, after)]


def test_a_scenario_does_not_differ_from_itself():
    """No lever, no row."""
    assert rows(scenario(), scenario()) == []


def test_steps_are_added_removed_and_changed():
    """Each aspect that changes has a row; a route that leads to a new step has changed."""
    hand_over = {"delay": exponential(2.0), "refusal": 0.1}
    before = scenario(work("serve"), delay("rest"))
    after = scenario(work("serve", teams=["desk @ contact", "desk"]), work("check", referral=hand_over))
    assert rows(before, after) == [
        ("serve", "changed", "routes", "rest", "check"),
        ("serve", "changed", "teams", "desk @ nearest", "desk @ contact, desk @ nearest"),
        ("check", "added", "step", "", "work"),
        ("check", "added", "routes", "", "resolved"),
        ("check", "added", "hand-over", "", "delay exponential, mean 2 h, refusal 0.1"),
        ("check", "added", "time", "", "deterministic, at 1 h"),
        ("check", "added", "teams", "", "desk @ nearest"),
        ("rest", "removed", "step", "delay", ""),
    ]


def test_levers_count_whenever_they_take_effect():
    """A lever of next year is a difference too."""
    later = {"id": "fast", "kind": "scale_time", "steps": ["serve"], "factor": 0.5, "from": "2027-01-01"}
    after = apply(Policy(id="later", levers=[later]), scenario())
    assert rows(scenario(), after) == [
        ("serve", "changed", "time", "deterministic, at 1 h", "deterministic, at 1 h; times 0.5")
    ]
