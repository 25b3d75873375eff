"""Where a case goes: hand-overs, routes, branches, other cases that it opens, and coming back."""

import numpy as np
import pytest

from simulation.records import Exit
from tests.scenarios import (
    OFFICE,
    delay,
    diary,
    ends,
    exactly,
    exits,
    exponential,
    fork,
    listed,
    need,
    opening,
    run,
    team,
    work,
)

ALL = "sent", "queued", "started", "ended", "outcome"


# ---------------------------------------------------------------------------------------------- hand-over


def test_a_hand_over_takes_its_time():
    """A case sent at 1 with two hours on the way joins the queue at 3."""
    records = run(work("front", 1.0), work("back", 1.0, referral={"delay": exactly(2.0)}))
    assert diary(records, *ALL) == [(0, 0, 0, 1, "completed"), (1, 3, 3, 4, "completed")]


def test_a_hand_over_travels_by_its_calendar():
    """Two office hours on the way from Monday 16:00 end on Tuesday at ten."""
    way = {"delay": exactly(2.0), "calendar": "office"}
    records = run(work(referral=way), arrivals=listed(16.0), calendars=OFFICE)
    assert diary(records, "queued") == [(34.0,)]


def test_a_factor_scales_the_time_on_the_way():
    """Half the time on the way by factor one half; no time at all by factor zero."""
    for factor, arrives in ((0.5, 1.0), (0.0, 0.0)):
        records = run(work(referral={"delay": exactly(2.0), "factor": factor}))
        assert diary(records, "queued") == [(arrives,)]


def test_a_working_day_on_the_way_is_as_long_as_the_office_is_open():
    """One working day of a calendar of seven hours from Monday 9:00 ends on Monday at 17:00."""
    way = {"delay": {"kind": "deterministic", "at": 1, "unit": "wd"}, "calendar": "office"}
    records = run(work(referral=way), arrivals=listed(9.0), calendars=OFFICE)
    assert diary(records, "queued") == [(17.0,)]


@pytest.mark.parametrize("how", ["not_attempted", "not_reached"])
def test_a_hand_over_that_is_always_lost_ends_the_case_as_it_is_sent(how):
    """A lost case is never queued; it ends when it was sent."""
    records = run(work("front", 1.0), work("back", referral={"delay": exactly(2.0), how: 1.0}))
    assert diary(records, *ALL)[1] == (1, None, None, 1, "lost")
    assert (exits(records), ends(records)) == (["lost"], [1.0])


def test_a_receiver_who_always_refuses_does_so_on_receipt():
    """A refused case has been on its way, and is refused when it arrives."""
    records = run(work("front", 1.0), work("back", referral={"delay": exactly(2.0), "refusal": 1.0}))
    assert diary(records, *ALL)[1] == (1, None, None, 3, "refused")
    assert (exits(records), ends(records)) == (["refused"], [3.0])


def test_losses_of_a_hand_over_have_their_probabilities():
    """Of 4,000 cases .1 are not sent, of the others .2 not received, of the others .25 refused."""
    way = {"not_attempted": 0.1, "not_reached": 0.2, "refusal": 0.25}
    records = run(delay(hours=0.0, referral=way), arrivals=listed(*np.arange(4000) / 10))
    shares = np.bincount(records.cases["exit"], minlength=9) / 4000
    expected = {Exit.lost: 0.28, Exit.refused: 0.72 * 0.25, Exit.resolved: 0.72 * 0.75}
    for exit_, share in expected.items():
        assert abs(shares[exit_] - share) < 4 * (share * (1 - share) / 4000) ** 0.5


def test_a_delay_may_be_reached_by_a_hand_over_too():
    """Any activity may be at the end of a hand-over, a delay as well as work."""
    records = run(delay(hours=5.0, referral={"delay": exactly(2.0)}))
    assert diary(records, *ALL) == [(0, 2, 2, 7, "completed")]


# ----------------------------------------------------------------------------------------- routes, rework


def test_rows_of_a_route_are_tried_in_order():
    """The first row whose condition holds decides; the last holds for all."""
    next_ = [
        {"when": {"channels": ["web"]}, "to": "unresolved"},
        {"when": {"groups": ["old"]}, "to": "lost"},
        {"to": "resolved"},
    ]
    groups = {"old": {"share": 1.0, "channels": {"desk": 0.5, "web": 0.5}}}
    records = run(
        delay(next=next_), arrivals=listed(*range(50)), groups=groups, channels={"desk": {}, "web": {}}
    )
    web = records.cases["channel"] == records.names.channels.index("web")
    assert 10 < web.sum() < 40
    assert np.all(np.where(web, Exit.unresolved, Exit.lost) == records.cases["exit"])


def test_routes_have_their_probabilities():
    """Of 4,000 cases a quarter go on, a quarter end unresolved and a half end resolved."""
    records = run(
        delay("a", 0.0, next={"b": 0.25, "resolved": 0.5, "unresolved": 0.25}),
        delay("b", 0.0, next="dropped_out"),
        arrivals=listed(*np.arange(4000) / 10),
    )
    shares = np.bincount(records.cases["exit"], minlength=9) / 4000
    assert np.abs(shares[[Exit.resolved, Exit.unresolved, Exit.dropped_out]] - [0.5, 0.25, 0.25]).max() < 0.03


def test_rework_repeats_the_work_with_fresh_draws():
    """Done right with probability p, a piece of work is done 1/p times on average, each time anew."""
    records = run(
        work(hours=exponential(1.0), next={"serve": 0.6, "resolved": 0.4}),
        arrivals=listed(*np.arange(2000) / 10),
        teams={"desk": team(2000)},
    )
    times = np.bincount(records.visits["case"])
    assert abs(times.mean() - 2.5) < 4 * (0.6**0.5 / 0.4) / 2000**0.5
    durations = records.visits["ended"] - records.visits["started"]
    assert len(np.unique(durations)) == len(durations)
    again = np.flatnonzero(np.diff(records.visits["case"]) == 0)
    assert abs(np.corrcoef(durations[again], durations[again + 1])[0, 1]) < 0.08


def test_rework_joins_the_end_of_the_queue():
    """A case that is sent back queues like any other."""
    records = run(
        work("a", 1.0),
        delay("b", 0.0, next=[{"when": {"late": True}, "to": "resolved"}, {"to": "a"}]),
        needs={"help": need(listed(0.0, 0.5), deadline="2 h")},
    )
    # Due at 2.0 and 2.5. The clerk: 0 till 1, 1 till 2, 0 (back at 1) till 3, 1 (back at 2) till 4.
    works = [row for row in diary(records) if row[1] == "a"]
    assert [row[0::3] for row in sorted(works, key=lambda row: row[3])] == [(0, 0), (1, 1), (0, 2), (1, 3)]
    assert ends(records) == [3.0, 4.0]


def test_a_time_factor_holds_for_its_channel():
    """By phone the same service takes seven tenths of the time, also at a slow clerk."""
    records = run(
        work(hours=10.0, time_factors=[{"when": {"channels": ["phone"]}, "factor": 0.7}]),
        needs={"a": need(listed(0), channels="phone"), "b": need(listed(100), channels="visit")},
        channels={"phone": {}, "visit": {}},
        teams={"desk": team(speed=0.5)},
    )
    assert ends(records) == pytest.approx([14.0, 120.0])


def test_time_factors_multiply_and_ask_for_the_standard_of_first_contact():
    """A place below standard doubles a time, the phone takes a tenth of it: together a fifth."""
    factors = [
        {"when": {"standards": ["below"]}, "factor": 2.0},
        {"when": {"channels": ["phone"]}, "factor": 0.1},
        {"when": {"tiers": ["elsewhere"]}, "factor": 99.0},
    ]
    records = run(
        delay(hours=10.0, time_factors=factors),
        places={"far": {"tier": "elsewhere"}, "good": {"standard": "model"}, "poor": {"standard": "below"}},
        teams={"desk": team(place="good")},
        needs={
            "a": need(listed(0, at=["poor"]), channels="phone"),
            "b": need(listed(100, at=["good", "poor"])),
        },
        channels={"desk": {}, "phone": {}},
        groups={"all": {"share": 1.0, "channels": "desk"}},
    )
    assert sorted(ends(records)) == pytest.approx([2.0, 110.0, 120.0])


# ------------------------------------------------------------------------------------------ fork and join


def test_a_fork_takes_as_long_as_its_longest_branch():
    """Branches of 3 and of 2 + 4 hours: the case goes on at 6."""
    records = run(
        fork("fork", "left", "right", next="after"),
        delay("left", 3.0, next="join"),
        delay("right", 2.0, next="more"),
        delay("more", 4.0, next="join"),
        delay("after", 1.0),
    )
    assert diary(records, "step", "branch", "started", "ended") == [
        ("fork", 0, 0, 6),
        ("left", 1, 0, 3),
        ("right", 2, 0, 2),
        ("more", 2, 2, 6),
        ("after", 0, 6, 7),
    ]
    assert (exits(records), ends(records)) == (["resolved"], [7.0])


def test_branches_queue_for_the_same_clerk_one_after_the_other():
    """Branches need time of a team like anybody: two branches of two hours at one clerk take four."""
    records = run(fork("fork", "left", "right", next="resolved"), work("left", 2.0, next="join"),
                  work("right", 2.0, next="join"))  # fmt: skip
    assert diary(records, "step", "started", "ended") == [("fork", 0, 4), ("left", 0, 2), ("right", 2, 4)]


def test_a_branch_that_fails_ends_the_case_when_all_branches_have_ended():
    """One branch ends unresolved at 2, the other at 5: the case ends unresolved at 5 and goes no further."""
    records = run(
        fork("fork", "left", "right", next="after"),
        delay("left", 2.0, next="unresolved"),
        delay("right", 5.0, next="join"),
        delay("after", 1.0),
    )
    assert (exits(records), ends(records)) == (["unresolved"], [5.0])
    assert [step for (step,) in diary(records, "step")] == ["fork", "left", "right"]


def test_of_two_failures_the_first_named_branch_decides():
    """When several branches fail the case ends as the branch that the fork names first, whenever it ended."""
    records = run(
        fork("fork", "left", "right", next="resolved"),
        delay("left", 5.0, next="unresolved"),
        delay("right", 2.0, next="refused"),
    )
    assert (exits(records), ends(records)) == (["unresolved"], [5.0])


def test_a_resolved_branch_has_joined():
    """A branch that ends by resolved counts as joined."""
    records = run(
        fork("fork", "left", "right", next="after"),
        delay("left", 2.0, next="resolved"),
        delay("right", 1.0, next="join"),
        delay("after", 1.0),
    )
    assert (exits(records), ends(records)) == (["resolved"], [3.0])


def test_a_branch_that_gives_up_ends_the_case_as_reneged():
    """Patience in a branch is patience of the case; the other branch is finished first."""
    records = run(
        fork("fork", "left", "right", next="resolved"),
        work("left", 9.0, next="join"),
        work("right", 1.0, next="join", patience={"time": exactly(1.0)}),
    )
    assert (exits(records), ends(records)) == (["reneged"], [9.0])


def test_forks_may_stand_inside_forks():
    """A branch that forks again joins its inner fork before it joins the outer one."""
    records = run(
        fork("outer", "inner", "slow", next="after"),
        fork("inner", "a", "b", next="c"),
        delay("a", 1.0, next="join"),
        delay("b", 2.0, next="join"),
        delay("c", 1.0, next="join"),
        delay("slow", 10.0, next="join"),
        delay("after", 1.0),
    )
    assert diary(records, "step", "branch", "started", "ended") == [
        ("outer", 0, 0, 10),
        ("inner", 1, 0, 2),
        ("a", 3, 0, 1),
        ("slow", 2, 0, 10),
        ("b", 4, 0, 2),
        ("c", 1, 2, 3),
        ("after", 0, 10, 11),
    ]
    assert ends(records) == [11.0]


def test_a_failure_in_an_inner_fork_fails_the_branch_around_it():
    """An inner branch that ends refused ends its outer branch so, and so the case, once the outer is done."""
    records = run(
        fork("outer", "inner", "slow", next="after"),
        fork("inner", "a", "b", next="c"),
        delay("a", 1.0, next="refused"),
        delay("b", 2.0, next="join"),
        delay("c", 1.0, next="join"),
        delay("slow", 10.0, next="join"),
        delay("after", 1.0),
    )
    assert (exits(records), ends(records)) == (["refused"], [10.0])
    assert "c" not in [step for (step,) in diary(records, "step")]


def test_a_case_may_fork_again_and_again():
    """Sent back to the fork, a case opens new branches, with numbers of their own."""
    records = run(
        fork("fork", "left", "right", next=[{"when": {"late": True}, "to": "resolved"}, {"to": "fork"}]),
        delay("left", 1.0, next="join"),
        delay("right", 2.0, next="join"),
        needs={"help": need(listed(0.0), deadline="3 h")},
    )
    assert ends(records) == [4.0]
    assert sorted({branch for (branch,) in diary(records, "branch")}) == [0, 1, 2, 3, 4]


# -------------------------------------------------------------------------------- other cases, lateness


def test_a_case_opens_another_for_the_same_veteran_and_goes_on():
    """The opened case begins at that instant, knows its parent, and has a life of its own."""
    records = run(
        pathways={
            "path": {"steps": [delay("a", 2.0), opening("tell", "petition"), delay("b", 1.0)]},
            "petition": {"steps": [delay("hear", 5.0)]},
        },
        needs={"help": need(listed(1.0)), "petition": need(pathway="petition", deadline="4 h")},
        places={"town": {"veterans": 10}},
    )
    parent, child = records.cases
    assert (parent["parent"], child["parent"]) == (-1, 0)
    for column in ("veteran", "group", "origin", "contact", "channel", "persons"):
        assert parent[column] == child[column]
    assert (child["arrival"], ends(records)) == (3.0, [4.0, 8.0])
    assert exits(records) == ["resolved", "resolved"]


def test_every_opening_opens_a_case_of_its_own():
    """A case that passes the step three times opens three cases, with different keys and draws."""
    records = run(
        pathways={
            "path": {"steps": [delay("a", 1.0), opening("tell", "petition", next=[
                {"when": {"late": True}, "to": "resolved"}, {"to": "a"}])]},
            "petition": {"steps": [delay("hear", exponential(5.0))]},
        },
        needs={"help": need(listed(0.0), deadline="2.5 h"), "petition": need(pathway="petition")},
    )  # fmt: skip
    children = records.cases[1:]
    assert children["arrival"].tolist() == [1.0, 2.0, 3.0]
    assert len(set(children["key"].tolist())) == len(set(children["ended"].tolist())) == 3


def test_a_case_that_is_late_escalates():
    """The condition asks whether the deadline has passed when the step ends; at the deadline it has not."""
    next_ = [{"when": {"late": True}, "to": "escalate"}, {"to": "resolved"}]
    for hours, late in ((1.9, False), (2.0, False), (2.1, True)):
        records = run(
            pathways={
                "path": {"steps": [delay("a", hours, next=next_), opening("escalate", "petition")]},
                "petition": {"steps": [delay("hear", 5.0)]},
            },
            needs={"help": need(listed(1.0), deadline="2 h"), "petition": need(pathway="petition")},
        )
        assert (len(records.cases) == 2) is late


def test_a_deadline_in_working_days_is_reckoned_on_its_calendar():
    """One working day (seven hours) from Friday 16:00 ends on Monday at 16:00, 72 hours later."""
    friday = 4 * 24 + 16.0
    for hours, exit_ in ((71.9, "resolved"), (72.1, "unresolved")):
        records = run(
            delay(hours=hours, next=[{"when": {"late": True}, "to": "unresolved"}, {"to": "resolved"}]),
            needs={"help": need(listed(friday), deadline="1 wd", deadline_calendar="office")},
            calendars=OFFICE,
        )
        assert exits(records) == [exit_]


# ------------------------------------------------------------------------------- coming back, dropping out


def test_who_gave_up_comes_back_as_often_as_the_limit_allows():
    """Refused at 0, back after 5 hours, refused again, back again, and then no more."""
    returns = {"after": ["refused"], "probability": 1.0, "delay": exactly(5.0), "limit": 2}
    records = run(needs={"help": need(listed(0.0), returns=returns)}, teams={"desk": team(0, queue_limit=0)})
    assert diary(records, "activity", "started", "ended", "outcome") == [
        ("path.serve", None, 0, "refused"),
        ("away.help", 0, 5, "completed"),
        ("path.serve", None, 5, "refused"),
        ("away.help", 5, 10, "completed"),
        ("path.serve", None, 10, "refused"),
    ]
    assert (exits(records), ends(records)) == (["refused"], [10.0])
    assert records.cases["rounds"].tolist() == [2]


def test_who_comes_back_may_be_served():
    """Back when the clerk is free, the case is resolved in its second round."""
    returns = {"after": ["reneged"], "probability": 1.0, "delay": exactly(5.0)}
    records = run(
        work(hours=4.0, patience={"time": exactly(1.0)}),
        needs={"help": need(listed(0.0, 0.5), returns=returns)},
    )
    assert (exits(records), ends(records)) == (["resolved"] * 2, [4.0, 10.5])
    assert records.cases["rounds"].tolist() == [0, 1]


def test_only_the_named_exits_bring_a_case_back():
    """A rule for those who gave up does not bring back the refused."""
    returns = {"after": ["reneged"], "probability": 1.0, "delay": exactly(5.0)}
    records = run(needs={"help": need(listed(0.0), returns=returns)}, teams={"desk": team(0, queue_limit=0)})
    assert (exits(records), ends(records)) == (["refused"], [0.0])


def test_who_is_away_at_the_end_is_open():
    """A case that is away when the run ends is open, with being away under way."""
    returns = {"after": ["unresolved"], "probability": 1.0, "delay": exactly(50.0)}
    records = run(delay(next="unresolved"), needs={"help": need(listed(0.0), returns=returns)}, horizon=10.0)
    assert exits(records) == ["open"]
    assert diary(records, "activity", "started", "ended", "outcome")[-1] == (
        "away.help",
        1,
        None,
        "in_service",
    )


def test_coming_back_has_its_probability_each_time():
    """With probability one half and up to three returns, 2,000 cases come back as 1/2, 1/4, 1/8, 1/8 say."""
    returns = {"after": ["unresolved"], "probability": 0.5, "delay": exactly(1.0), "limit": 3}
    records = run(
        delay(next="unresolved"), needs={"help": need(listed(*np.arange(2000) / 10), returns=returns)}
    )
    shares = np.bincount(records.cases["rounds"], minlength=4) / 2000
    assert np.abs(shares - [0.5, 0.25, 0.125, 0.125]).max() < 0.04


def test_a_case_is_dropped_without_a_word():
    """Who surely drops out within a week is found gone when called, when a delay ends, or on receipt."""
    sure = {"dropout_per_week": 1.0}
    for step, outcome in (
        (delay(hours=200.0), "completed"),
        (work(referral={"delay": exactly(200.0)}), "reneged"),
    ):
        records = run(step, needs={"help": need(listed(0.0), **sure)})
        assert (exits(records), ends(records)) == (["dropped_out"], [200.0])
        assert diary(records, "outcome") == [(outcome,)]
    records = run(
        work(hours=200.0), pathways={"path": {"steps": [work(hours=200.0)]}},
        needs={"a": need(listed(0.0)), "b": need(listed(0.0), **sure)},
    )  # fmt: skip
    assert sorted(exits(records)) == ["dropped_out", "resolved"]


def test_who_is_found_gone_takes_no_time_of_the_clerk():
    """Behind a case that has silently been given up the next is called at the same instant."""
    records = run(
        work(hours=200.0),
        needs={"a": need(listed(0.0)), "b": need(listed(1.0), dropout_per_week=1.0), "c": need(listed(2.0))},
    )
    assert diary(records, "case", "started", "ended", "outcome") == [
        (0, 0, 200, "completed"),
        (1, None, 200, "reneged"),
        (2, 200, 400, "completed"),
    ]


def test_dropping_out_has_its_weekly_probability():
    """After two weeks of waiting with a tenth lost each week, .81 of 2,000 are still there."""
    records = run(
        delay(hours=336.0), needs={"help": need(listed(*np.arange(2000) / 10), dropout_per_week=0.1)}
    )
    there = np.mean(records.cases["exit"] == Exit.resolved)
    assert abs(there - 0.81) < 4 * (0.81 * 0.19 / 2000) ** 0.5
