"""Case managers with a cap: a case is held by a team until it is released or ends, and others wait."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simulation.layout import make_layout
from simulation.records import Outcome
from simulation.scenario import Policy, apply
from simulation.scenario.examples import single_queue
from simulation.spec import InputError
from tests.scenarios import (
    OFFICE,
    delay,
    diary,
    ends,
    exits,
    exponential,
    fork,
    listed,
    need,
    run,
    same,
    scenario,
    team,
    work,
)


def assign(id_="hold", teams="managers", **fields):
    """A step that takes the case onto a caseload."""
    return {"id": id_, "kind": "assign", "teams": teams, **fields}


def release(id_="let_go", **fields):
    """A step that takes the case off the caseloads that hold it."""
    return {"id": id_, "kind": "release", **fields}


def managed(*steps, cap=1, count=1, moments=(0.0,), managers=None, **parts):
    """Cases that arise at some moments and are held by managers, so many cases each."""
    teams = {"desk": team(99), "managers": team(count, caseload=cap, **(managers or {}))}
    return run(*steps, teams=teams, **{"arrivals": listed(*moments), **parts})


def grants(records, step="hold"):
    """When each case was taken onto the caseload."""
    return [began for name, began in diary(records, "step", "started") if name == step]


# ------------------------------------------------------------------------------------------- the cap


def test_the_twenty_sixth_waits_until_one_ends():
    """One manager holds 25. Of 27 cases that ask at 0, 1, ..., 26 and need 100 hours each, the first 25 are
    held at once; the 26th asks at 25 and is held at 100, when the first ends, the 27th at 101."""
    records = managed(assign(), delay("live", 100.0), cap=25, moments=range(27))
    assert grants(records) == [*map(float, range(25)), 100.0, 101.0]
    assert ends(records)[-2:] == [200.0, 201.0]


def test_the_cap_holds_for_each_head():
    """Two managers with three cases each hold six."""
    records = managed(assign(), delay("live", 10.0), cap=3, count=2, moments=[0.0] * 7)
    assert grants(records) == [0.0] * 6 + [10.0]


def test_without_a_cap_the_assignment_is_no_more_than_its_rows():
    """Records less the rows of the step are those of the pathway without the step, visit for visit."""
    steps = [work("one", 1.0), work("two", 2.0)]
    moments = [0.0, 0.0, 0.5, 1.0, 1.0, 3.0]
    plain = managed(*steps, moments=moments)
    held = managed(assign(), *steps, cap=None, moments=moments)
    rows = ("case", "step", "team", "queued", "started", "ended", "outcome")
    assert [row for row in diary(held, *rows) if row[1] != "hold"] == diary(plain, *rows)
    assert ends(held) == ends(plain)
    assert diary(held, *rows, case=0)[0] == (0, "hold", "managers@town", 0.0, 0.0, 0.0, "completed")


def test_a_cap_of_nothing_lets_nobody_pass():
    """With no cases a head, or no heads, all wait; they are open at the end."""
    for fields in ({"cap": 0}, {"count": 0}):
        records = managed(assign(), work("one", 1.0), moments=[0.0, 1.0], **fields)
        assert exits(records) == ["open", "open"]
        assert diary(records, "outcome") == [("waiting",), ("waiting",)]


def test_a_caseload_held_for_a_time_is_a_station_that_serves_so_long():
    """Two heads with three cases each, held while a delay lasts, against six clerks who work as long: drawn
    by the same names the times are the same, and every case begins at the same moment, in every order."""
    poisson = {"kind": "poisson", "rate": 0.4}
    for discipline in ("fifo", "lifo"):
        lives = delay("live", exponential(12.0))
        held = managed(assign(), lives, cap=3, count=2, arrivals=poisson, managers={"discipline": discipline})
        served = run(
            work("live", exponential(12.0)), arrivals=poisson, teams={"desk": team(6, discipline=discipline)}
        )
        assert len(served.cases) > 300
        assert grants(held) == grants(served, "live")
        assert ends(held) == ends(served)


def test_a_smaller_cap_makes_everybody_wait_longer():
    """Direction: with the same cases, each is held no sooner under a smaller cap, and some later."""
    moments = np.arange(0.0, 60.0, 1.5).tolist()
    by_cap = [grants(managed(assign(), delay("live", 12.0), cap=cap, moments=moments)) for cap in (8, 6, 4)]
    for larger, smaller in pairwise(by_cap):
        assert all(b >= a for a, b in zip(larger, smaller, strict=True))
    assert by_cap[0] == moments
    assert sum(by_cap[2]) > sum(by_cap[1])


# -------------------------------------------------------------------------------------- how long it is held


def test_a_case_is_held_until_it_is_released():
    """The first is released at 2, though it lives on until 12; the second is held at 2, not at 12."""
    steps = [assign(), delay("plan", 2.0), release(), delay("live", 10.0)]
    records = managed(*steps, moments=[0.0, 0.0])
    assert grants(records) == [0.0, 2.0]
    assert diary(records, "step", "queued", "started", "ended", case=0)[2] == ("let_go", 2.0, 2.0, 2.0)


def test_any_end_of_a_case_frees_its_place():
    """Lost at a hand-over, given up in a queue or silently: the next one is held at that moment."""
    lost = delay("away", 5.0, referral={"delay": {"kind": "deterministic", "at": 1.0}, "refusal": 1.0})
    records = managed(assign(), lost, moments=[0.0, 0.0, 0.0])
    assert exits(records) == ["refused"] * 3
    assert grants(records) == [0.0, 1.0, 2.0]


def test_a_case_that_will_come_back_is_not_held_meanwhile():
    """Refused at 1, the first comes back at 6; the second is held from 1 to 2, and the first again at 6."""
    lost = delay("away", 5.0, referral={"delay": {"kind": "deterministic", "at": 1.0}, "refusal": 1.0})
    returns = {"after": ["refused"], "probability": 1.0, "limit": 1}
    returns["delay"] = {"kind": "deterministic", "at": 5.0}
    records = managed(assign(), lost, needs={"help": need(listed(0.0, 0.0), returns=returns)}, horizon=5.5)
    assert grants(records) == [0.0, 1.0]


def test_asking_again_for_a_caseload_that_one_is_on_passes():
    """A second assignment to the same team neither waits nor takes another place."""
    steps = [assign(), assign("again"), delay("live", 3.0)]
    records = managed(*steps, moments=[0.0, 0.0])
    assert grants(records) == [0.0, 3.0]
    assert grants(records, "again") == [0.0, 3.0]


def test_a_release_may_name_whose_caseload():
    """Held by both teams; released by the experts at 1, by the managers at the end, 3. So the second case,
    which the managers hold at 3, finds the experts free."""
    steps = [
        assign(),
        assign("ask", "experts"),
        delay("plan", 1.0),
        release(teams=["experts"]),
        delay("live", 2.0),
    ]
    teams = {"managers": team(caseload=2), "experts": team(caseload=1)}
    records = run(*steps, teams=teams, arrivals=listed(0.0, 0.0))
    assert grants(records) == [0.0, 0.0]
    assert grants(records, "ask") == [0.0, 1.0]


def test_branches_share_the_place_of_their_case():
    """Both branches ask for the same team with one place; the second gets it with the first. When a branch
    has ended the case is still held, until both have joined at 5."""
    steps = [
        fork("split", "left", "right", next="resolved"),
        assign("left"), delay("short", 1.0, next="join"),
        assign("right"), delay("long", 5.0, next="join"),
    ]  # fmt: skip
    records = managed(*steps, cap=1, moments=[0.0, 0.0])
    assert grants(records, "left") == [0.0, 5.0]
    assert grants(records, "right") == [0.0, 5.0]


# ------------------------------------------------------------------------------------ heads come and go


def test_heads_that_leave_lower_the_cap_without_dropping_cases():
    """Two managers hold one case each; one leaves on the second day. Both cases go on to their ends at 30 and
    40; the third case is held not at 30, when one is left with one case, but at 40."""
    changes = [{"from": "2026-01-06", "add": -1}]
    steps = [assign(), delay("live", {"kind": "discrete", "values": [30, 40], "weights": [0.5, 0.5]})]
    for seed in range(9):
        records = managed(*steps, count=2, moments=[0.0] * 3, managers={"changes": changes}, seed=seed)
        first, second, third = grants(records)
        assert (first, second) == (0.0, 0.0)
        assert third == max(ends(records)[:2])


def test_a_head_that_comes_takes_on_those_who_wait():
    """A second manager comes on the second day and takes the second case on at midnight, office hours or not:
    holding a case is not work."""
    changes = [{"from": "2026-01-06", "add": 1}]
    steps = [assign(), delay("live", 100.0)]
    managers = {"changes": changes, "calendar": "office"}
    records = managed(*steps, moments=[0.0, 0.0], managers=managers, calendars=OFFICE)
    assert grants(records) == [0.0, 24.0]


# -------------------------------------------------------------------------------------- who waits, and where


def test_those_who_wait_are_taken_on_by_rank_then_in_order():
    """One is held until 5; then the urgent one that asked at 2, then the others as they asked."""
    records = managed(
        assign(),
        delay("live", 5.0),
        needs={"help": need(listed(0.0, 1.0, 1.5), priority=10), "urgent": need(listed(2.0), priority=1)},
    )
    assert grants(records) == [0.0, 10.0, 15.0, 5.0]


def test_who_waits_may_lose_patience():
    """Three hours of patience: the second leaves at 3, the third, which asks at 4, is held at 5."""
    patience = {"time": {"kind": "deterministic", "at": 3.0}}
    records = managed(assign(patience=patience), delay("live", 5.0), moments=[0.0, 0.0, 4.0])
    assert exits(records) == ["resolved", "reneged", "resolved"]
    assert ends(records) == [5.0, 3.0, 10.0]
    assert np.count_nonzero(records.visits["outcome"] == Outcome.reneged) == 1


def test_patience_may_run_while_the_managers_are_in_their_office():
    """Two open hours from 16:00 on: one until 17:00 on Monday, and one until 10:00 on Tuesday."""
    patience = {"time": {"kind": "deterministic", "at": 2.0}, "clock": "open"}
    records = managed(assign(patience=patience), delay("rest", 100.0), moments=[0.0, 16.0],
                      managers={"calendar": "office"}, calendars=OFFICE)  # fmt: skip
    assert (exits(records)[1], ends(records)[1]) == ("reneged", 34.0)


def test_patience_goes_on_when_managers_become_another_team():
    """One case is held and three wait from 0 h on, for 30 h at most. At 24 h two managers make one team that
    takes on two of them; the last one gives up at 30 h."""
    step = assign(teams="desk", patience={"time": {"kind": "deterministic", "at": 30.0}})
    merge = {"id": "one", "kind": "merge_teams", "teams": ["desk", "other"], "into": "window"}
    records = run(step, delay("rest", 100.0), teams={"desk": team(caseload=1), "other": team(caseload=1)},
                  arrivals=listed(0.0, 0.0, 0.0, 0.0), levers=[{**merge, "from": "2026-01-06"}])  # fmt: skip
    assert grants(records) == [0.0, 24.0, 24.0, None]
    assert (exits(records)[3], ends(records)[3]) == ("reneged", 30.0)


def test_a_place_that_is_free_at_once_needs_no_patience():
    """Who can be held at the instant of asking is held, even without any patience."""
    patience = {"time": {"kind": "deterministic", "at": 0.0}}
    records = managed(assign(patience=patience), delay("live", 5.0), moments=[0.0, 0.0, 5.0])
    assert exits(records) == ["resolved", "reneged", "resolved"]


def test_of_several_teams_the_first_is_asked_or_the_first_with_a_place():
    """Two teams with one place each. Asked in order, both cases wait for the first; else the second goes to
    the other team."""
    teams = {"managers": team(caseload=1), "helpers": team(caseload=1)}
    for join, held in (("first", [0.0, 5.0]), ("available", [0.0, 0.0])):
        step = assign(teams=["managers", "helpers"], join=join)
        assert grants(run(step, delay("live", 5.0), teams=teams, arrivals=listed(0.0, 0.0))) == held


def test_without_any_team_to_hold_it_a_case_is_refused():
    """There is no such team where the case is."""
    places = {"city": {"tier": "city"}, "town": {"tier": "town", "parent": "city"}}
    records = run(
        assign(teams="managers @ town", next="resolved"),
        places=places,
        teams={"managers": team(place="city", caseload=1)},
        needs={"help": need({**listed(0.0), "at": ["town"]})},
    )
    assert exits(records) == ["refused"]


def test_a_cap_can_do_harm():
    """A cap that keeps managers from being overloaded keeps cases waiting: with the work the same, the last
    of four cases ends at 4 without the step, and at 40 with a cap of one and nine hours of follow-up each."""
    steps = [work("plan", 1.0), delay("follow_up", 9.0)]
    teams = {"desk": team(1), "managers": team(caseload=1)}
    plain = run(*steps, teams=teams, arrivals=listed(*[0.0] * 4))
    capped = run(assign(), *steps, teams=teams, arrivals=listed(*[0.0] * 4))
    assert (ends(plain)[-1], ends(capped)[-1]) == (13.0, 40.0)


def test_unknown_teams_are_refused():
    """Names of teams in both steps are checked."""
    with pytest.raises(InputError, match=r"steps\.hold\.teams: there is no such team"):
        scenario(assign(teams="manager"), teams={"managers": team()})
    with pytest.raises(InputError, match=r"steps\.let_go\.teams: there is no such team"):
        scenario(release(teams=["manager"]), teams={"managers": team()})


# ------------------------------------------------------------------------------------------------ the lever


def managing(**fields):
    """A lever by which new cases are held."""
    return [{"id": "named", "kind": "manage_cases", "pathways": ["path"], "teams": "managers", **fields}]


def test_the_lever_at_strength_zero_changes_nothing():
    """Not carried out, it leaves the records as they are without it."""
    steps, moments = [work("one", 1.0), delay("live", 5.0)], [0.0, 0.0, 1.0]
    plain = managed(*steps, moments=moments)
    lever = managing(before="live", strength=0.0)
    assert same(plain, managed(*steps, moments=moments, levers=lever))


def test_the_lever_holds_cases_as_the_written_steps_do():
    """Taken on before a step and let go before another: the same moments as with the steps in the pathway."""
    one, live, rest = work("one", 1.0), delay("live", 5.0), delay("rest", 7.0)
    lever = managing(before="live", until="rest")
    by_lever = managed(one, live, rest, moments=[0.0, 0.0, 3.0], levers=lever)
    by_hand = managed(one, assign(), live, release(), rest, moments=[0.0, 0.0, 3.0])
    assert grants(by_lever, "case_manager") == grants(by_hand) == [1.0, 6.0, 11.0]
    assert ends(by_lever) == ends(by_hand)


def test_the_lever_without_a_cap_makes_nobody_wait():
    """The bound: with no limit to the caseload every case ends when it would have ended anyway."""
    steps, moments = [work("one", 1.0), delay("live", 5.0)], [0.0, 0.0, 1.0]
    held = managed(*steps, cap=None, moments=moments, levers=managing())
    assert ends(held) == ends(managed(*steps, moments=moments))
    assert grants(held, "case_manager") == moments


def test_the_lever_names_what_it_does_not_find():
    """Unknown steps and teams are reported before anything runs."""
    base = scenario(work("one", 1.0), teams={"desk": team(), "managers": team(caseload=1)})
    for field, name in (("before", "two"), ("until", "two"), ("teams", "manager")):
        policy = Policy.model_validate({"id": "p", "levers": managing(**{field: name})})
        with pytest.raises(InputError, match=rf"levers\.named\.{field}: the system has no such name"):
            apply(policy, base)


def test_a_team_that_nobody_was_split_off_to_holds_no_cases():
    """Of a team that was split without a head no group is left: it has none in post, at any time."""
    desk = make_layout(single_queue(), 24.0).teams[0]
    assert replace(desk, staff=()).in_post == [(0.0, 0)]
