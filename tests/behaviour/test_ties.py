"""What happens first of all that happens at one instant: the rules of `engines.ordering`, one by one.

Cases of one moment are numbered by key, which a test cannot choose; tests of equal moments therefore tell
cases apart by their needs.
"""

import numpy as np

from tests.scenarios import (
    OFFICE,
    delay,
    diary,
    exactly,
    exits,
    fork,
    listed,
    need,
    opening,
    run,
    started,
    team,
    work,
)

DAY = 24.0


def by_need(records, *columns):
    """The diary of each need's only case."""
    names = [records.names.needs[number] for number in records.cases["need"]]
    return {names[row[0]]: row[1:] for row in diary(records, "case", *columns)}


def test_a_phase_begins_before_anything_else():
    """A case that arises as a lever takes effect arises under it."""
    lever = {"kind": "scale_time", "id": "slow", "steps": ["rest"], "factor": 3, "from": "2026-01-06"}
    records = run(delay(hours=1.0), arrivals=listed(23.0, 24.0), levers=[lever])
    # The first ends its rest at 24, on a route that is looked up after the phase has begun.
    assert diary(records, "ended") == [(24.0,), (27.0,)]


def test_heads_come_on_duty_before_services_end():
    """At nine the desk opens, a night service ends and two wait: both are called at once."""
    staff = {"day": {"count": 1, "calendar": "office"}, "night": {"count": 1, "rank": 1}}
    records = run(
        work(hours=9.0),
        arrivals=listed(0, 1, 2),
        calendars=OFFICE,
        teams={"desk": {"place": "town", "staff": staff}},
    )
    assert diary(records, "started", "staff") == [
        (0, "desk@town.night"), (9, "desk@town.day"), (9, "desk@town.night"),
    ]  # fmt: skip


def test_services_end_before_hand_overs_arrive():
    """Work is given out when all have come: who is urgent and arrives as a clerk becomes free is called."""
    for moment in ("hand-over", "arrival"):
        step = work(hours=4.0, referral={"delay": exactly(4.0)}) if moment == "hand-over" else work(hours=4.0)
        records = run(
            pathways={"path": {"steps": [work(hours=4.0)]}, "fast": {"steps": [step]}},
            needs={
                "first": need(listed(0)),
                "second": need(listed(1)),
                "urgent": need(listed(0 if moment == "hand-over" else 4), priority=1, pathway="fast"),
            },
        )
        starts = by_need(records, "started")
        assert starts == {"first": (0,), "urgent": (4,), "second": (8,)}


def test_hand_overs_arrive_before_new_cases_arise():
    """The last place in a queue goes to who is handed over at that instant, not to the new case."""
    records = run(
        pathways={
            "path": {"steps": [work(hours=9.0)]},
            "sent": {"steps": [work(hours=9.0, referral={"delay": exactly(3.0)})]},
        },
        needs={"a": need(listed(0)), "new": need(listed(4)), "sent": need(listed(1), pathway="sent")},
        teams={"desk": team(queue_limit=1)},
    )  # fmt: skip
    assert by_need(records, "outcome") == {"a": ("completed",), "sent": ("completed",), "new": ("refused",)}


def test_the_end_of_a_delay_counts_as_a_hand_over():
    """Whose delay ends comes before who arises at that instant."""
    records = run(
        pathways={
            "path": {"steps": [work(hours=9.0)]},
            "rest": {"steps": [delay(hours=3.0), work("then", 9.0)]},
        },
        needs={"a": need(listed(0)), "new": need(listed(4)), "rest": need(listed(1), pathway="rest")},
        teams={"desk": team(queue_limit=1)},
    )
    assert by_need(records, "outcome") == {"a": ("completed",), "rest": ("completed",), "new": ("refused",)}


def test_services_end_before_new_cases_arise():
    """At a loss system the clerk who becomes free at that instant serves the newcomer."""
    records = run(work(hours=2.0), arrivals=listed(0, 2, 4), teams={"desk": team(queue_limit=0)})
    assert exits(records) == ["resolved"] * 3


def test_services_end_before_hand_overs_and_arrivals_whatever_their_numbers():
    """The kind goes before the number: the service of a case that another opened ends first, too."""
    way = {"delay": exactly(3.0)}
    for pathway, moment in (("path", 3.0), ("sent", 0.0)):
        records = run(
            pathways={
                "path": {"steps": [work(hours=2.0)]},
                "sent": {"steps": [work(hours=2.0, referral=way)]},
                "parent": {"steps": [delay(hours=1.0), opening("tell", "child")]},
            },
            needs={
                "child": need(),
                "parent": need(listed(0.0), pathway="parent"),
                "second": need(listed(moment), pathway=pathway),
            },
            teams={"desk": team(queue_limit=0)},
        )
        starts = {row[0]: row[1] for row in diary(records, "case", "started", "step") if row[2] == "serve"}
        assert sorted(starts.values()) == [1.0, 3.0]


def test_new_cases_arise_before_patience_ends():
    """Who gives up at that instant still fills the queue for the newcomer."""
    records = run(
        work(hours=9.0, patience={"time": exactly(3.0)}),
        arrivals=listed(0, 1, 4),
        teams={"desk": team(queue_limit=1)},
    )
    assert exits(records) == ["resolved", "reneged", "refused"]


def test_patience_ends_before_work_is_given_out():
    """Who has waited long enough leaves at opening time, and is not called."""
    records = run(
        work(hours=1.0, patience={"time": exactly(2.0)}),
        arrivals=listed(7, 8),
        calendars=OFFICE,
        teams={"desk": team(calendar="office")},
    )
    assert exits(records) == ["reneged", "resolved"]
    assert started(records) == [1]


def test_teams_give_out_work_in_their_order():
    """Two teams free at once, a case that needs both: the first team by name gives out its work first."""
    records = run(
        pathways={
            "path": {"steps": [work(hours=4.0, teams=["b", "a"], join="all")]},
            "at_a": {"steps": [work(hours=4.0, teams="a")]},
            "at_b": {"steps": [work(hours=4.0, teams="b")]},
        },
        teams={"a": team(), "b": team()},
        needs={
            "a0": need(listed(0), pathway="at_a"), "b0": need(listed(0), pathway="at_b"),
            "b1": need(listed(1), pathway="at_b"), "both": need(listed(2)),
        },
    )  # fmt: skip
    # At 4 both are free. Team a calls the case that needs both before b can call who came to it earlier.
    assert by_need(records, "started") == {"a0": (0,), "b0": (0,), "both": (4,), "b1": (8,)}


def test_within_a_kind_the_smaller_case_comes_first():
    """Of cases that arise, are handed over or are done at one instant the smaller number comes first."""
    lattice = [float(n // 7) for n in range(70)]
    records = run(
        work("front", 1.0), delay("way", 2.0), work("back", 1.0, referral={"delay": exactly(1.0)}),
        arrivals=listed(*lattice), teams={"desk": team(9)},
    )  # fmt: skip
    for step in ("front", "back"):
        rows = [
            (queued, case) for case, name, queued in diary(records, "case", "step", "queued") if name == step
        ]
        assert started(records, step) == [case for _, case in sorted(rows)]


def test_branches_of_one_case_come_in_the_order_of_their_names_in_the_fork():
    """Three branches that queue at one instant are called in the order in which the fork names them."""
    records = run(
        fork("fork", "c", "a", "b", next="resolved"),
        *(work(name, 1.0, next="join") for name in ("a", "b", "c")),
    )
    starts = {step: begun for step, begun in diary(records, "step", "started") if step != "fork"}
    assert starts == {"c": 0, "a": 1, "b": 2}


def test_the_parent_goes_on_before_its_child_begins():
    """A case that opens another and then queues comes before it; case numbers say the same."""
    records = run(
        pathways={"path": {"steps": [opening("tell", "child"), work()]}, "child": {"steps": [work()]}},
        needs={"help": need(listed(0)), "child": need(pathway="child")},
    )
    assert started(records) == [0, 1]


def test_a_crowd_on_a_lattice_is_served_in_order():
    """200 cases at 20 moments, services of whole hours: within a priority first come, first served."""
    records = run(
        work(hours={"kind": "discrete", "values": [1, 2, 3], "weights": [0.25, 0.25, 0.5]}),
        needs={
            "later": need(listed(*np.repeat(np.arange(20), 5)), priority=5),
            "sooner": need(listed(*np.repeat(np.arange(20), 5)), priority=1),
        },
        teams={"desk": team(7)},
    )
    for number in (0, 1):
        mine = records.visits[records.cases["need"][records.visits["case"]] == number]
        order = np.lexsort((mine["case"], mine["queued"]))
        assert np.all(np.diff(mine["started"][order]) >= 0)
        assert np.all(mine["started"] == np.floor(mine["started"]))
