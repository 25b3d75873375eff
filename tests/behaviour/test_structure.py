"""Levers on structure: other steps, another order, other teams; and what each can spoil.

Hours since Monday 5 January 2026. Each team has one clerk who never closes.
"""

import pytest

from simulation.engines import simulate
from simulation.scenario import phases, read_scenario
from simulation.scenario.difference import pathway_differences
from simulation.spec import InputError
from tests.scenarios import (
    delay,
    diary,
    ends,
    exactly,
    exits,
    exponential,
    listed,
    need,
    run,
    same,
    scenario,
    team,
    work,
    written,
)

BUSY = {"arrivals": {"kind": "poisson", "rate": 0.7}, "seed": 3}
TWO = {"desk": team(), "other": team()}


def triage(hours=0.0, **fields):
    """A lever that inserts a delay called ``sort``."""
    step = delay("sort", hours, **fields.pop("routes", {}))
    return {"id": "triage", "kind": "insert_step", "pathways": ["path"], "step": step, **fields}


def without(records, *steps):
    """The visits of a run in plain numbers, those to some steps left out."""
    rows = diary(records, "case", "step", "team", "sent", "queued", "started", "ended", "outcome")
    return [row for row in rows if row[1] not in steps]


def served(records):
    """Which needs were served by which teams."""
    need_of = [records.names.needs[number] for number in records.cases["need"]]
    return {(need_of[case], who) for case, who in diary(records, "case", "team")}


WAYS = [
    work("serve", exponential(1.0), next={"check": 0.5, "resolved": 0.5}),
    work("check", exponential(0.2), referral={"not_reached": 0.2, "delay": exponential(3.0)}),
]


# ---------------------------------------------------------------------------------------- insert a step


@pytest.mark.parametrize("before", [None, "serve", "check"])
def test_a_step_that_takes_no_time_adds_a_row_and_nothing_else(before):
    """All draws of the new version are those of the original, so every other row stays to the bit."""
    plain = run(*WAYS, **BUSY)
    changed = run(*WAYS, **BUSY, levers=[triage(before=before)])
    assert without(changed, "sort") == without(plain)
    assert len(changed.visits) > len(plain.visits)
    assert ends(changed) == ends(plain)


def test_at_strength_nought_there_is_no_step():
    """Not carried out: the same records."""
    assert same(run(*WAYS, **BUSY), run(*WAYS, **BUSY, levers=[triage(strength=0)]))


def test_part_strength_takes_the_step_for_part_of_the_cases():
    """Those who take it at 0.3 take it at 0.6 as well."""

    def taken(strength):
        records = run(*WAYS, **BUSY, levers=[triage(strength=strength)])
        return {case for case, step in diary(records, "case", "step") if step == "sort"}, len(records.cases)

    (few, total), (more, _) = taken(0.3), taken(0.6)
    assert few < more
    assert 0.2 < len(few) / total < 0.4
    assert 0.5 < len(more) / total < 0.7


def test_a_triage_may_send_some_home():
    """Of its cases, `resolved` leaves here and `onward` is where they would have gone."""
    route = {"next": {"resolved": 1.0}}
    records = run(*WAYS, levers=[triage(hours=2.0, routes=route)])
    assert diary(records, "step", "ended") == [("sort", 2.0)]
    half = run(**BUSY, levers=[triage(routes={"next": {"resolved": 0.5, "onward": 0.5}})])
    steps = [step for (step,) in diary(half, "step")]
    assert 0.4 < steps.count("serve") / steps.count("sort") < 0.6


def test_cases_under_way_finish_on_the_old_pathway():
    """Case 0 rests before its service when the triage begins, and passes it by; case 1 does not."""
    steps = [delay("rest", 30.0), work("serve")]
    lever = triage(hours=5.0, before="serve", **{"from": "2026-01-06"})
    records = run(*steps, arrivals=listed(0.0, 24.0), levers=[lever])
    assert diary(records, "case", "step", "ended") == [
        (0, "rest", 30.0),
        (0, "serve", 31.0),
        (1, "rest", 54.0),
        (1, "sort", 59.0),
        (1, "serve", 60.0),
    ]


def test_a_case_that_is_in_the_step_when_the_lever_ends_goes_on_from_it():
    """The version is gone from the system, and stays as it was for whoever is in it."""
    lever = triage(hours=30.0, to="2026-01-05")
    records = run(arrivals=listed(0.0, 25.0), levers=[lever])
    assert diary(records, "case", "step", "ended") == [
        (0, "sort", 30.0),
        (0, "serve", 31.0),
        (1, "serve", 26.0),
    ]


def test_a_case_that_comes_back_is_drawn_for_anew_on_the_new_version():
    """A case that was refused before the lever and returns after it does not draw the same service again."""
    step = work("serve", exponential(1.0), next="unresolved")
    comes_back = {"after": ["unresolved"], "probability": 1.0, "delay": exactly(48.0), "limit": 1}
    parts = {"needs": {"help": need(listed(0.0), returns=comes_back)}}
    plain = [e - s for s, e, name in diary(run(step, **parts), "started", "ended", "step") if name == "serve"]
    lever = triage(**{"from": "2026-01-06"})
    rows = diary(run(step, **parts, levers=[lever]), "started", "ended", "step")
    assert [e - s for s, e, name in rows if name == "serve"] == pytest.approx(plain)
    assert plain[0] != plain[1]


def test_a_triage_desk_can_become_the_bottleneck():
    """Ten cases at once: two clerks serve each in an hour, one sorts each for an hour before: the last ends
    after 11 h instead of 5."""
    cases, teams = listed(*[0.0] * 10), {"desk": team(2), "sorter": team()}
    sort = {"id": "sort", "kind": "work", "teams": "sorter", "time": exactly(1.0)}
    lever = {"id": "triage", "kind": "insert_step", "pathways": ["path"], "step": sort}
    assert max(ends(run(teams=teams, arrivals=cases))) == 5.0
    assert max(ends(run(teams=teams, arrivals=cases, levers=[lever]))) == 11.0


# ---------------------------------------------------------------------------------------- run in parallel

ROW = [
    delay("police", 5.0),
    delay("police_settled", 1.0),
    delay("pension", 2.0),
    delay("medical", 4.0),
    delay("letter", 1.0),
]
AT_ONCE = {
    "id": "once",
    "kind": "run_parallel",
    "pathway": "path",
    "branches": ["police", "pension", "medical"],
    "then": "letter",
}


def test_parts_at_the_same_time_take_as_long_as_the_longest():
    """5 + 1, 2 and 4 h one after the other and a letter of 1 h: 13 h; at once: 6 + 1 = 7 h."""
    assert ends(run(*ROW)) == [13.0]
    assert ends(run(*ROW, levers=[AT_ONCE])) == [7.0]


def test_parallel_at_strength_nought_is_sequential():
    """And in part it cannot be."""
    assert same(run(*ROW), run(*ROW, levers=[{**AT_ONCE, "strength": 0}]))
    with pytest.raises(InputError, match="cannot be carried out in part"):
        scenario(*ROW, levers=[{**AT_ONCE, "strength": 0.5}])


def test_nobody_is_later_by_parallel_departments():
    """Under common random numbers each case ends no later, since the times of its parts are the same."""
    steps = [delay(step["id"], exponential(step["time"]["at"])) for step in ROW]
    plain, changed = run(*steps, **BUSY), run(*steps, **BUSY, levers=[AT_ONCE])
    pairs = [(a, b) for a, b in zip(ends(plain), ends(changed), strict=True) if a is not None]
    assert all(b <= a + 1e-9 for a, b in pairs)
    assert sum(b for _, b in pairs) < sum(a for a, _ in pairs)


def test_parallel_work_is_done_in_vain_when_one_part_fails():
    """Police refuses after 6 h. One after the other, the pension office never hears of it; at once, it has
    done its two hours of work, and whoever comes next has waited for them."""
    steps = [
        delay("police", 6.0, next="unresolved"),
        work("pension", 2.0),
        delay("letter", 1.0),
    ]
    lever = {**AT_ONCE, "branches": ["police", "pension"]}
    plain, changed = run(*steps), run(*steps, levers=[lever])
    assert exits(plain) == exits(changed) == ["unresolved"]
    assert [step for (step,) in diary(plain, "step")] == ["police"]
    assert ("pension", 2.0) in diary(changed, "step", "ended")


def test_the_difference_shows_the_fork():
    """The report gets rows for the new step and for the routes that now end in it."""
    before, after = scenario(*ROW), scenario(*ROW, levers=[AT_ONCE])
    found = {(row.step, row.change, row.aspect): (row.before, row.after)
             for row in pathway_differences(before, after)}  # fmt: skip
    assert found["together", "added", "step"] == ("", "fork")
    assert found["", "changed", "routes"] == ("police", "together")
    assert found["police_settled", "changed", "routes"] == ("pension", "join")
    assert found["medical", "changed", "routes"] == ("letter", "join")


# ------------------------------------------------------------------------------------------- move a need

TREE = {
    "district": {"tier": "district"},
    "street": {"tier": "street", "parent": "district"},
}
DESKS = {"desk": team(place=None, tier="street"), "office": team(place=None, tier="district")}


def test_a_need_moves_to_another_tier():
    """First contact at the district instead of the street."""
    steps = [work("serve", teams=["desk @ contact", "office @ contact"])]
    parts = {"places": TREE, "teams": DESKS,
             "needs": {"help": need(listed(0.0, at=["street"]), first_contact="street")}}  # fmt: skip
    lever = {"id": "up", "kind": "move_need", "needs": ["help"], "first_contact": {"district": 1}}
    assert diary(run(*steps, **parts), "team") == [("desk@street",)]
    assert diary(run(*steps, **parts, levers=[lever]), "team") == [("office@district",)]
    assert same(run(*steps, **parts), run(*steps, **parts, levers=[{**lever, "strength": 0}]))


def test_other_teams_take_a_step_of_one_need_only():
    """Two needs share a pathway; the other team serves the one that was moved."""
    needs = {"help": need(listed(0.0)), "card": need(listed(0.0))}
    lever = {"id": "move", "kind": "move_need", "needs": ["card"], "steps": ["serve"], "teams": "other"}
    records = run(needs=needs, teams=TWO, levers=[lever])
    assert served(records) == {("card", "other@town"), ("help", "desk@town")}


# ------------------------------------------------------------------------------------------- merge teams

SIDE = [work("serve", teams="desk"), work("check", teams="other")]
ONE = {"id": "one", "kind": "merge_teams", "teams": ["desk", "other"], "into": "window"}
HALVES = {
    "needs": {"help": need(listed(0.0, 0.0, 0.0)), "card": need(listed(10.0), "second")},
    "pathways": {"path": {"steps": [work("serve")]}, "second": {"steps": [work("check", teams="other")]}},
    "teams": TWO,
}


def written_halves(**parts):
    """Three cases at once at one desk, and one much later at the other."""
    return {**written(), **HALVES, **parts}


def test_merging_serves_at_once_who_waited_beside_an_idle_desk():
    """Three cases of an hour at one desk end after 1, 2 and 3 h; with the idle clerk of the other team in the
    same window after 1, 1 and 2 h."""
    apart = simulate(read_scenario(written_halves()), 100.0, 1, 0)
    merged = simulate(read_scenario(written_halves(levers=[ONE])), 100.0, 1, 0)
    assert sorted(ends(apart)) == [1.0, 2.0, 3.0, 11.0]
    assert sorted(ends(merged)) == [1.0, 1.0, 2.0, 11.0]
    assert {row for (row,) in diary(merged, "team")} == {"window@town"}


def test_groups_that_are_alike_become_one_and_others_keep_their_name():
    """A clerk of the same kind would join the group; a faster one of that name is called after its team."""
    system = scenario(*SIDE, teams={"desk": team(), "other": team(speed=2.0)}, levers=[ONE])
    (window,) = phases(system)[0][1].teams
    assert [(group.id, group.count, group.speed) for group in window.staff] == [
        ("clerk", 1, 1.0), ("clerk_other", 1, 2.0),
    ]  # fmt: skip


def test_who_waits_when_teams_are_merged_waits_on_in_the_window():
    """Two cases of 40 h each at 0 h: the second would be served from 40 h on, and is from 24 h on, when the
    other clerk joins; it keeps the moment at which it queued. The service that has begun is finished."""
    later = {**ONE, "from": "2026-01-06"}
    records = run(work("serve", 40.0), teams=TWO, arrivals=listed(0.0, 0.0), levers=[later])
    assert diary(records, "queued", "started", "ended", "team") == [
        (0.0, 0.0, 40.0, "desk@town"),
        (0.0, 24.0, 64.0, "window@town"),
    ]


def test_patience_goes_on_when_a_queue_is_sent_on():
    """A case that waits 30 h at most gives up at 30 h, although its team was merged at 24 h."""
    step = work("serve", 40.0, patience={"time": exactly(30.0)})
    busy = {"teams": {"desk": team(), "other": team(0)}, "arrivals": listed(0.0, 0.0, 0.0)}
    records = run(step, **busy, levers=[{**ONE, "from": "2026-01-06"}])
    assert diary(records, "ended", "outcome", "team") == [
        (40.0, "completed", "desk@town"),
        (64.0, "completed", "window@town"),
        (30.0, "reneged", "window@town"),
    ]


def test_merged_teams_come_apart_when_the_lever_ends():
    """At 24 h the window is no more: who waits there is sent to the team of the step."""
    records = run(work("serve", 30.0), teams=TWO, arrivals=listed(0.0, 0.0, 0.0),
                  levers=[{**ONE, "to": "2026-01-05"}])  # fmt: skip
    assert diary(records, "started", "team") == [
        (0.0, "window@town"), (0.0, "window@town"), (24.0, "desk@town"),
    ]  # fmt: skip


def test_a_queue_that_has_no_room_refuses_who_is_sent_on():
    """The window takes one who waits; of three who waited at the desk, two are refused."""
    teams = {"desk": team(), "other": team(0, queue_limit=1)}
    lever = {**ONE, "teams": ["other", "desk"], "from": "2026-01-06"}
    records = run(work("serve", 100.0), teams=teams, arrivals=listed(0.0, 1.0, 2.0, 3.0, 4.0), levers=[lever])
    assert exits(records)[:2] == ["resolved", "resolved"]
    assert exits(records).count("refused") == 2


def test_who_waits_for_a_place_on_a_caseload_is_taken_on_by_the_merged_team():
    """One manager holds one case, and the second waits; at 24 h a team of two is formed."""
    steps = [{"id": "hold", "kind": "assign", "teams": "desk"}, delay("rest", 100.0)]
    teams = {"desk": team(caseload=1), "other": team(caseload=1)}
    lever = {**ONE, "teams": ["other", "desk"], "from": "2026-01-06"}
    plain, merged = (
        run(*steps, teams=teams, arrivals=listed(0.0, 0.0), levers=levers) for levers in ([], [lever])
    )
    assert diary(plain, "started", case=1) == [(100.0,), (100.0,)]
    assert diary(merged, "started", "team", case=1) == [(24.0, "window@town"), (24.0, None)]


def test_merging_takes_urgent_cases_their_own_desk():
    """A need with a team of its own is served at once; behind the long cases of the other need it waits."""
    parts = {
        "needs": {"help": need(listed(0.0, 0.0)), "card": need(listed(1.0), "second")},
        "pathways": {"path": {"steps": [work("serve", 8.0)]},
                     "second": {"steps": [work("check", 1.0, teams="other")]}},
    }  # fmt: skip
    apart, merged = (
        simulate(read_scenario(written_halves(**parts, levers=levers)), 100.0, 1, 0) for levers in ([], [ONE])
    )
    waits = [
        [row for name, row in diary(records, "step", "wait") if name == "check"]
        for records in (apart, merged)
    ]
    assert waits == [[0.0], [7.0]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"teams": ["desk", "nobody"]}, "no such name"),
        ({"into": "third"}, "no such name"),
        ({"teams": ["desk", "far"]}, "no such name"),
        ({"ramp": "60 d"}, "cannot be carried out in part"),
    ],
)
def test_teams_that_cannot_be_merged_are_refused(fields, message):
    """Unknown, of another place, under a name that is taken, or bit by bit."""
    teams = {**TWO, "third": team(), "far": team(place="village")}
    with pytest.raises(InputError, match=message):
        scenario(teams=teams, places={"town": {}, "village": {}}, levers=[{**ONE, **fields}],
                 needs={"help": need(listed(0.0, at=["town"]))})  # fmt: skip


# -------------------------------------------------------------------------------------------- split a team

APART = {
    "id": "own",
    "kind": "split_team",
    "team": "desk",
    "into": "cards",
    "heads": {"clerk": 1},
    "needs": ["card"],
}


def test_specialists_have_a_queue_of_their_own():
    """Two clerks, two needs with two cases each of an hour, all at once: together all end after 2 h; apart
    as well, but each need at its own team."""
    needs = {"help": need(listed(0.0, 0.0)), "card": need(listed(0.0, 0.0))}
    records = run(teams={"desk": team(2)}, needs=needs, levers=[APART])
    assert served(records) == {("card", "cards@town"), ("help", "desk@town")}
    assert sorted(ends(records)) == [1.0, 1.0, 2.0, 2.0]


def test_splitting_leaves_a_specialist_idle_beside_a_queue():
    """Four cases of one need: 2 h with both clerks, 4 h when one is kept for the other need."""
    needs = {"help": need(listed(0.0, 0.0, 0.0, 0.0)), "card": need(listed(50.0))}
    apart = run(teams={"desk": team(2)}, needs=needs, levers=[APART])
    together = run(teams={"desk": team(2)}, needs=needs)
    assert max(ends(together)[:-1]) == 2.0
    assert max(ends(apart)[:-1]) == 4.0


def test_a_split_that_moves_nobody_in_time_keeps_cases_under_way():
    """A case that waits for the team when it is split stays there: it is on the old pathway."""
    needs = {"card": need(listed(0.0, 0.0, 0.0, 25.0))}
    lever = {**APART, "from": "2026-01-06"}
    records = run(work("serve", 30.0), teams={"desk": team(2)}, needs=needs, levers=[lever])
    assert diary(records, "started", "team") == [
        (0.0, "desk@town"), (0.0, "desk@town"), (30.0, "desk@town"), (25.0, "cards@town"),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------- pool queues

VILLAGES = {
    "town": {"tier": "street"},
    "east": {"tier": "village", "parent": "town"},
    "west": {"tier": "village", "parent": "town"},
}
POOL = {"id": "pool", "kind": "pool_queues", "teams": ["desk"]}


def villages(*times, levers=(), hours=1.0):
    """Cases that arise in the east, each village having a desk of one clerk."""
    return run(
        work("serve", hours, teams="desk @ contact"),
        places=VILLAGES,
        teams={"desk": team(place=None, tier="village")},
        needs={"help": need(listed(*times, at=["east"]))},
        levers=list(levers),
    )


def test_a_pool_uses_the_idle_desk_next_door():
    """Two cases at once in the east: 1 and 2 h; with the idle desk in the west both take an hour."""
    assert ends(villages(0.0, 0.0)) == [1.0, 2.0]
    pooled = villages(0.0, 0.0, levers=[POOL])
    assert diary(pooled, "ended", "team") == [(1.0, "desk@east"), (1.0, "desk@west")]


def test_a_pool_that_nobody_adopts_is_none():
    """Strength nought."""
    assert same(villages(0.0, 0.0), villages(0.0, 0.0, levers=[{**POOL, "strength": 0.0}]))


def test_a_pool_is_adopted_by_part_of_the_visits():
    """Of cases that find the own desk busy, about the share of adoption goes next door; never fewer of them
    at a higher one."""
    times = [hour + half for hour in range(0, 800, 2) for half in (0.0, 0.5)]

    def beside(strength):
        rows = diary(villages(*times, levers=[{**POOL, "strength": strength}]), "case", "team")
        return {case for case, who in rows if who == "desk@west"}

    few, more, all_ = beside(0.3), beside(0.6), beside(1.0)
    assert few < more < all_
    assert 0.2 < len(few) / len(all_) < 0.4


def test_lost_ownership_can_cost_more_than_the_wait():
    """Work next door takes three times as long for want of the file: the second case ends after 3 h instead
    of 2 h."""
    assert max(ends(villages(0.0, 0.0))) == 2.0
    assert max(ends(villages(0.0, 0.0, levers=[{**POOL, "unfamiliar": 3.0}]))) == 3.0


# ------------------------------------------------------------------------------------- levers on each other


def test_a_lever_may_name_what_an_earlier_one_makes():
    """Heads are added to the window that the lever before it opens; the order is that of their names."""
    more = {"id": "two", "kind": "add_staff", "team": "window", "group": "clerk", "heads": 1}
    records = run(teams=TWO, arrivals=listed(0.0, 0.0, 0.0), levers=[ONE, more])
    assert ends(records) == [1.0, 1.0, 1.0]


def test_a_lever_on_a_pathway_changes_its_versions_too():
    """Work twice as fast on the pathway is so on the version with a triage, whichever lever comes first."""
    fast = {"id": "fast", "kind": "scale_time", "pathways": ["path"], "steps": ["serve"], "factor": 0.5}
    for levers in ([triage(), fast], [fast, triage()]):
        assert ends(run(levers=levers)) == [0.5]


def test_what_levers_make_wrong_is_said():
    """A triage whose routes lead to a step that is not there."""
    with pytest.raises(InputError, match=r"path-triage.*no such step or exit"):
        scenario(levers=[triage(routes={"next": "nowhere"})])
