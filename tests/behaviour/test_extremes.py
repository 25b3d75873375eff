"""Systems so simple that their answer is known without a calculation."""

import numpy as np
import pytest

from simulation.records import Outcome
from tests.scenarios import delay, diary, ends, exits, exponential, listed, need, run, started, team, work


def test_without_arrivals_nothing_happens():
    """A system that nobody comes to leaves empty records, and they add up."""
    for arrivals in ({"rate": 0}, listed()):
        records = run(work(), arrivals=arrivals)
        assert (len(records.cases), len(records.visits)) == (0, 0)


def test_needs_that_nobody_presents_are_latent_and_nothing_more():
    """A need that is never presented is a case without a visit, which ends as it arises."""
    records = run(needs={"help": need(listed(1.0, 2.0), presented=0.0)})
    assert exits(records) == ["not_presented"] * 2
    assert ends(records) == [1.0, 2.0]
    assert len(records.visits) == 0


def test_infinite_capacity_knows_no_waiting():
    """Where there are more clerks than cases, everybody is served on arrival."""
    records = run(
        work(hours=exponential(5.0)), arrivals={"rate": 20}, teams={"desk": team(10_000)}, horizon=100.0
    )
    assert len(records.visits) > 1500
    assert np.array_equal(records.visits["queued"], records.visits["started"])


def test_nobody_on_duty_serves_nobody():
    """A team without heads keeps everybody waiting to the end."""
    records = run(arrivals=listed(0, 1), teams={"desk": team(0)})
    assert diary(records, "started", "outcome") == [(None, "waiting")] * 2
    assert exits(records) == ["open"] * 2


def test_when_everyone_is_urgent_nobody_is():
    """The same priority for all, whatever it is, gives the order of arrival."""
    urgent, ordinary = (
        run(work(hours=exponential(0.9)), horizon=300.0, needs={"help": need({"rate": 1}, priority=priority)})
        for priority in (0, 10)
    )
    assert urgent.visits.tobytes() == ordinary.visits.tobytes()
    assert started(urgent) == sorted(started(urgent))


def test_a_pathway_of_given_times_takes_their_sum():
    """Reception half an hour, review two hours, decision one hour, one clerk for both desks.

    The clerk takes who joined first: case 0 is back from review at 2.5, after case 2 joined at 1.0.
    """
    records = run(
        work("reception", 0.5), delay("review", 2.0), work("decision", 1.0), arrivals=listed(0.0, 0.25, 1.0)
    )
    assert diary(records) == [
        (0, "reception", 0.0, 0.0, 0.5, "completed"),
        (0, "review", 0.5, 0.5, 2.5, "completed"),
        (0, "decision", 2.5, 2.5, 3.5, "completed"),
        (1, "reception", 0.25, 0.5, 1.0, "completed"),
        (1, "review", 1.0, 1.0, 3.0, "completed"),
        (1, "decision", 3.0, 3.5, 4.5, "completed"),
        (2, "reception", 1.0, 1.0, 1.5, "completed"),
        (2, "review", 1.5, 1.5, 3.5, "completed"),
        (2, "decision", 3.5, 4.5, 5.5, "completed"),
    ]
    assert ends(records) == [3.5, 4.5, 5.5]


def test_a_queue_worked_out_by_hand():
    """One clerk, services of two hours: who comes at 0, 1, 1 and 5 starts at 0, 2, 4 and 6."""
    records = run(work(hours=2.0), arrivals=listed(0, 1, 1, 5))
    assert diary(records, "queued", "started", "ended") == [(0, 0, 2), (1, 2, 4), (1, 4, 6), (5, 6, 8)]


def test_what_happens_at_the_horizon_has_not_happened():
    """A service that would end at the horizon is under way, and who would arise then does not exist."""
    records = run(work(hours=2.0), arrivals=listed(0.0, 1.0, 2.0, 4.0), horizon=4.0)
    assert diary(records, "started", "ended", "outcome") == [
        (0.0, 2.0, "completed"),
        (2.0, None, "in_service"),
        (None, None, "waiting"),
    ]
    assert exits(records) == ["resolved", "open", "open"]


def test_a_service_without_duration_is_over_as_it_begins():
    """Work of no length passes through one clerk at one instant, however many come at once."""
    records = run(work(hours=0.0), arrivals=listed(3, 3, 3))
    assert diary(records, "started", "ended") == [(3, 3)] * 3


def test_time_is_hours_from_the_beginning_of_the_first_day():
    """The first case of one every 30 minutes arises after the first gap, at half past midnight."""
    renewal = {"kind": "renewal", "gap": {"kind": "deterministic", "at": 30, "unit": "min"}}
    records = run(work(hours=0.25), arrivals=renewal, horizon=2.0)
    assert records.cases["arrival"].tolist() == [0.5, 1.0, 1.5]


@pytest.mark.parametrize("first", ["resolved", "unresolved", "refused", "lost", "dropped_out"])
def test_a_pathway_may_end_before_it_begins(first):
    """A route from first contact straight to an exit ends the case as it arises, without a visit."""
    records = run(pathways={"path": {"first": first, "steps": [work()]}}, arrivals=listed(2.0))
    assert (exits(records), ends(records), len(records.visits)) == ([first], [2.0], 0)


@pytest.mark.parametrize("last", ["resolved", "unresolved", "refused", "lost", "dropped_out"])
def test_a_case_ends_by_the_exit_that_its_route_names(last):
    """Every exit that a pathway may name ends the case when its last service ends."""
    records = run(work(next=last), arrivals=listed(2.0))
    assert (exits(records), ends(records)) == ([last], [3.0])
    assert records.visits["outcome"].tolist() == [Outcome.completed]
