"""Where mechanisms meet: what one does to cases that are in the middle of another, worked out by hand.

Hours since Monday 5 January 2026.
"""

import pytest

from tests.scenarios import OFFICE, delay, diary, ends, exactly, exits, fork, listed, need, run, team, work

ONE = {"id": "one", "kind": "merge_teams", "teams": ["desk", "other"], "into": "window", "from": "2026-01-06"}
DIARIES = {role: team(calendar="office", appointments={"slot": "1 h"}) for role in ("desk", "other")}


# --------------------------------------------------------------- teams change while a case is on its way


def test_who_is_on_the_way_to_a_caseload_is_taken_on_by_the_team_that_is_there_on_arrival():
    """Sent at 0 h, the case arrives at 30 h; at 24 h its managers have become part of another team."""
    hold = {"id": "hold", "kind": "assign", "teams": "desk", "referral": {"delay": exactly(30.0)}}
    managers = {"desk": team(caseload=1), "other": team(caseload=1)}
    records = run(hold, delay("rest", 2.0), teams=managers, levers=[ONE])
    assert diary(records, "queued", "started", "ended", "team") == [
        (30.0, 30.0, 30.0, "window@town"),
        (30.0, 30.0, 32.0, None),
    ]


def test_who_is_on_the_way_to_a_booking_books_with_the_team_that_is_there_on_arrival():
    """Sent at 0 h, the case arrives at 30 h, on Tuesday at 6; the first slot of the merged team is at 9."""
    step = work("serve", 0.5, booking={}, referral={"delay": exactly(30.0)})
    records = run(step, teams=DIARIES, calendars=OFFICE, levers=[ONE])
    assert diary(records, "queued", "started", "team") == [(30.0, 33.0, "window@town")]


def test_who_finds_the_diary_full_books_with_the_team_that_will_be_there():
    """The desk has seven slots on Monday, its last day; of nine cases two are seen on Tuesday at 9 by the
    merged team, which has two places in every slot."""
    records = run(
        work("serve", 0.5, booking={}),
        teams=DIARIES,
        calendars=OFFICE,
        levers=[ONE],
        arrivals=listed(*[8.0] * 9),
    )
    assert diary(records, "started") == [(moment,) for moment in (9, 10, 11, 13, 14, 15, 16, 33, 33)]
    assert [who for (who,) in diary(records, "team")] == ["desk@town"] * 7 + ["window@town"] * 2


def test_who_misses_an_appointment_books_again_with_the_team_that_is_there_now():
    """The slot of Monday at 16 is missed and the next one booked; on Tuesday the teams are merged."""
    step = work("serve", 0.5, booking={"no_show": 0.7, "rebooks": 1.0})
    records = run(step, teams=DIARIES, calendars=OFFICE, levers=[ONE], arrivals=listed(*[15.5] * 8))
    assert exits(records) == ["resolved"] * 8
    later = [who for began, who in diary(records, "started", "team") if began > 24.0]
    assert set(later) == {"window@town"}
    assert len(later) > 6


# ----------------------------------------------------------------------------- workforce and structure


def test_the_people_of_merged_teams_come_along():
    """Recruitment takes ten days; nobody leaves. At 24 h the two clerks become one team, and none of
    them has to be found first: a case of 30 h is served at once."""
    posts = {
        "recruitment": {"kind": "deterministic", "at": 10, "unit": "d"},
        "ramp_up": "90 d",
        "ramp_speed": 0.5,
    }
    teams = {"desk": team(workforce=posts), "other": team(workforce=posts)}
    records = run(work("serve", 2.0), teams=teams, levers=[ONE], arrivals=listed(30.0, 30.0))
    assert diary(records, "started", "ended", "team") == [(30.0, 32.0, "window@town")] * 2


def test_heads_that_are_split_off_come_along_into_the_new_team():
    """One of two clerks becomes a team of their own at 24 h, and serves at once."""
    posts = {
        "recruitment": {"kind": "deterministic", "at": 10, "unit": "d"},
        "absence": 0.0,
        "ramp_up": "90 d",
    }
    split = {"id": "own", "kind": "split_team", "team": "desk", "into": "cards", "heads": {"clerk": 1},
             "needs": ["help"], "from": "2026-01-06"}  # fmt: skip
    records = run(work("serve", 2.0), teams={"desk": team(2, workforce=posts)}, levers=[split],
                  arrivals=listed(30.0))  # fmt: skip
    assert diary(records, "started", "ended", "team") == [(30.0, 32.0, "cards@town")]


# ------------------------------------------------------------------------- squeeze, overtime and closing


HASTY = {
    "calendars": OFFICE,
    "teams": {"desk": team(calendar="office", overtime=1.5, squeeze={"waiting": 1, "speed": 2})},
}


def test_a_squeeze_goes_on_in_overtime():
    """Three cases of an hour at 16:30: two are left, so half an hour; at closing one is left, so half an
    hour of overtime; at 17:30 none is left, and the last one takes its hour, although the limit is 18:30."""
    records = run(arrivals=listed(16.5, 16.5, 16.5), **HASTY)
    assert diary(records, "started", "ended") == [(16.5, 17.0), (17.0, 17.5), (17.5, 18.5)]


def test_who_comes_at_the_moment_of_closing_hurries_others_but_is_not_served():
    """A fourth case at 17:00 sharp waits until 9:00, but hurries the one begun at 17:30."""
    records = run(arrivals=listed(16.5, 16.5, 16.5, 17.0), **HASTY)
    assert diary(records, "started", "ended") == [(16.5, 17.0), (17.0, 17.5), (17.5, 18.0), (33.0, 34.0)]


def test_heads_on_duty_in_overtime_are_those_of_the_closing_moment():
    """One of two clerks leaves at midnight; the overtime of eight hours after 17:00 is worked by both until
    then. Three cases of six hours at 16:00: two at once; the third at 22:00, when both have finished."""
    away = {"changes": [{"from": "2026-01-06", "add": -1}]}
    desk = team(2, calendar="office", overtime=8.0, **away)
    records = run(
        work("serve", 6.0), calendars=OFFICE, teams={"desk": desk}, arrivals=listed(16.0, 16.0, 16.0)
    )
    assert diary(records, "started") == [(16.0,), (16.0,), (22.0,)]


def test_hurry_is_forgotten_once_work_without_hurry_follows():
    """The first case is hurried at the desk by the second, and not at the other one; it ends well."""
    hasty = {"desk": team(squeeze={"waiting": 1, "speed": 2.0}), "other": team()}
    ways = [{"when": {"hurried": True}, "to": "unresolved"}, {"to": "resolved"}]
    records = run(work("serve", 2.0), work("check", 1.0, teams="other", next=ways), teams=hasty,
                  arrivals=listed(0.0, 0.0))  # fmt: skip
    assert diary(records, "started", "ended", case=0) == [(0.0, 1.0), (1.0, 2.0)]
    assert exits(records) == ["resolved", "resolved"]


# ------------------------------------------------------------------------ neighbours, limits and patience


TOWNS = {
    "city": {"tier": "city"},
    "east": {"tier": "town", "parent": "city"},
    "west": {"tier": "town", "parent": "city"},
}


def shared(limit, share=1.0, **fields):
    """Cases of five hours at the eastern desk, which its neighbour may serve too."""
    teams = [{"role": "desk", "at": "contact"}, {"role": "desk", "at": "siblings", "share": share}]
    serve = {
        "id": "serve",
        "kind": "work",
        "teams": teams,
        "time": exactly(5.0),
        "next": "resolved",
        **fields,
    }
    return run(
        serve,
        delay("call", 1.0),
        places=TOWNS,
        teams={"desk": team(tier="town", queue_limit=limit)},
        needs={"help": need(listed(0.0, 0.0, 0.0, 0.0, 0.0, at=["east"]), first_contact="town")},
    )


def test_without_room_to_wait_the_neighbour_serves_and_the_rest_is_sent_away():
    """One is served at each place; the other three find no room, and make a call of an hour."""
    records = shared(0, referral={"refused_to": "call"})
    assert ends(records) == [5.0, 5.0, 1.0, 1.0, 1.0]
    assert diary(records, "step", "team", "outcome", case=1) == [("serve", "desk@west", "completed")]
    assert diary(records, "step", "outcome", case=4) == [("serve", "refused"), ("call", "completed")]


def test_with_room_for_one_each_queue_holds_one_who_gives_up_and_goes_on():
    """The second waits in the east, the third is served in the west, the fourth waits there, and the fifth is
    refused. Who waits does so for two hours, then makes the call."""
    records = shared(1, patience={"time": exactly(2.0), "to": "call"})
    assert exits(records) == ["resolved"] * 4 + ["refused"]
    assert ends(records) == [5.0, 3.0, 5.0, 3.0, 0.0]
    first = [diary(records, "team", case=case)[0] for case in range(4)]
    assert first == [("desk@east",), ("desk@east",), ("desk@west",), ("desk@west",)]


def test_where_nobody_shares_the_neighbour_does_not_help():
    """The first is served, the second waits, and three find the only queue full."""
    assert exits(shared(1, share=0.0)) == ["resolved"] * 2 + ["refused"] * 3


# ------------------------------------------------------------------------------------------ joint work


MEET = {"id": "meet", "kind": "work", "teams": ["desk", "other"], "join": "all", "time": exactly(10.0)}


def test_a_meeting_goes_on_with_the_team_that_takes_over_from_one_that_is_dissolved():
    """The desk is busy until 40 h. At 24 h the other team becomes part of a third; at 40 h that one meets."""
    lever = {**ONE, "teams": ["third", "other"]}
    trio = {role: team() for role in ("desk", "other", "third")}
    needs = {"help": need(listed(0.0), "busy"), "case": need(listed(1.0), "path")}
    ways = {"path": {"steps": [MEET]}, "busy": {"steps": [work("serve", 40.0)]}}
    records = run(teams=trio, needs=needs, pathways=ways, levers=[lever])
    rows = diary(records, "lead", "queued", "started", "ended", "team", case=1)
    assert rows == [(-1, 1.0, 40.0, 50.0, "desk@town"), (0, 1.0, 40.0, 50.0, "window@town")]


def test_a_meeting_is_finished_though_a_head_leaves():
    """The other team's only clerk goes at 24 h; a meeting lasts from 20 to 30 h, the next is never held."""
    leaves = {"desk": team(), "other": team(changes=[{"from": "2026-01-06", "add": -1}])}
    records = run(MEET, teams=leaves, arrivals=listed(20.0, 20.0))
    assert diary(records, "started", "ended", "team") == [
        (20.0, 30.0, "desk@town"), (20.0, 30.0, "other@town"), (None, None, "desk@town"),
    ]  # fmt: skip


def test_a_meeting_is_hurried_by_the_queue_of_its_first_team():
    """Two cases wait to meet: the first is hurried by the other, and takes half of its time."""
    hasty = {"desk": team(squeeze={"waiting": 1, "speed": 2.0}), "other": team()}
    records = run(MEET, teams=hasty, arrivals=listed(0.0, 0.0))
    assert diary(records, "started", "ended") == [(0.0, 5.0)] * 2 + [(5.0, 15.0)] * 2


# ------------------------------------------------------------------------------------- coming back


def test_who_gave_up_and_went_elsewhere_may_come_back_sicker():
    """The second case gives up at 1 h, calls until 2 h, is left unresolved, is away for ten hours, and takes
    twice as long when it comes back sicker at 12 h."""
    sicker = [{"when": {"marks": ["sicker"], "returned": True}, "factor": 2.0}]
    serve = work("serve", 10.0, time_factors=sicker, next="resolved",
                 patience={"time": exactly(1.0), "to": "call"})  # fmt: skip
    back = {
        "after": ["unresolved"],
        "probability": 1.0,
        "delay": exactly(10.0),
        "limit": 1,
        "marks": ["sicker"],
    }
    records = run(
        serve, delay("call", 1.0, next="unresolved"), needs={"help": need(listed(0.0, 0.0), returns=back)}
    )
    assert diary(records, "queued", "started", "ended", "outcome", case=1) == [
        (0.0, None, 1.0, "reneged"), (1.0, 1.0, 2.0, "completed"), (2.0, 2.0, 12.0, "completed"),
        (12.0, 12.0, 32.0, "completed"),
    ]  # fmt: skip


def test_an_open_case_is_at_its_step_and_who_comes_back_waits_for_the_channel():
    """A case that is open at 0 h makes no contact, though the channel is closed: it is served at once, fails,
    and comes back from 3 h on, when the channel opens at 9. A new case of 0 h waits until 9 too."""
    back = {"after": ["unresolved"], "probability": 1.0, "delay": exactly(2.0), "limit": 1}
    records = run(
        work("serve", 1.0, next="unresolved"),
        calendars=OFFICE,
        channels={"visit": {"calendar": "office"}},
        teams={"desk": team(9)},
        needs={"help": need(listed(0.0), returns=back)},
        opening=[{"need": "help", "place": "town", "step": "serve", "age": 50.0}],
    )
    assert diary(records, "queued", "ended", case=0) == [(0.0, 1.0), (1.0, 9.0), (9.0, 10.0)]
    assert diary(records, "queued", "ended", case=1) == [(0.0, 9.0), (9.0, 10.0), (10.0, 13.0), (13.0, 14.0)]


# ------------------------------------------------------------------------------- levers and cases under way


def test_parts_are_parallel_only_for_who_begins_them_so():
    """Two parts of ten hours. Begun at 20 h they follow each other until 40 h, though they are parallel from
    24 h on; begun at 25 h they end together at 35 h."""
    together = {"id": "both", "kind": "run_parallel", "pathway": "path", "branches": ["one", "two"],
                "then": "resolved", "from": "2026-01-06"}  # fmt: skip
    records = run(delay("one", 10.0), delay("two", 10.0), arrivals=listed(20.0, 25.0), levers=[together])
    assert ends(records) == [40.0, 35.0]


def test_added_heads_leave_when_their_budget_is_spent():
    """A head costs 100 a day; 250 pay for two days. Of two cases a day one waits from the third day on."""
    more = {"id": "more", "kind": "add_staff", "team": "desk", "group": "clerk", "heads": 1, "budget": 250.0}
    moments = [0.0, 0.0, 24.0, 24.0, 48.0, 48.0]
    records = run(work("serve", 5.0), teams={"desk": team(annual_cost=36500.0)}, levers=[more],
                  arrivals=listed(*moments))  # fmt: skip
    assert [wait for (wait,) in diary(records, "wait")] == [0.0, 0.0, 0.0, 0.0, 0.0, 5.0]


def test_a_practice_half_way_to_the_standard_meets_a_factor_on_time():
    """Work takes twice as long here; half way to the standard 1.5 times; another lever halves it."""
    levers = [
        {"id": "level", "kind": "level_practice", "strength": 0.5},
        {"id": "quick", "kind": "scale_time", "steps": ["serve"], "factor": 0.5},
    ]
    records = run(work("serve", 4.0), places={"town": {"practice": {"work": 2.0}}}, levers=levers)
    assert ends(records) == [3.0]


# --------------------------------------------------------------------------------- the end of what is held


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        (work("serve", 1.0, teams="busy", patience={"time": exactly(1.0)}), {}),
        (work("serve", 1.0, teams="busy", balk={"waiting": 0, "probability": 1.0}), {}),
        (work("serve", 1.0, referral={"not_reached": 1.0}), {}),
        (work("serve", 1.0, referral={"refusal": 1.0}), {}),
        (work("serve", 1.0, referral={"ineligible": 1.0}), {}),
        (fork("both", "a", "b", next="resolved"), {}),
        (delay("serve", 300.0), {"dropout_per_week": 0.999999}),
        (delay("serve", 300.0), {"resolves_itself_per_week": 0.999999}),
        (delay("serve", 9.0, next="unresolved"), {}),
    ],
)
def test_however_a_case_ends_its_place_on_the_caseload_is_free(step, fields):
    """One manager holds one case; the other is taken on at the very moment at which the first one ends."""
    hold = {"id": "hold", "kind": "assign", "teams": "managers"}
    parts = [delay("a", 2.0, next="refused"), delay("b", 3.0, next="join")] if step["kind"] == "fork" else []
    records = run(
        hold,
        step,
        *parts,
        teams={"desk": team(), "busy": team(0), "managers": team(caseload=1)},
        needs={"help": need(listed(0.0), **fields), "later": need(listed(0.5))},
    )
    (began,) = [began for case, name, began in diary(records, "case", "step", "started")
                if case == 1 and name == "hold"]  # fmt: skip
    assert began == max(0.5, ends(records)[0])
    assert exits(records)[0] != "resolved"


def test_who_is_sent_on_to_a_team_that_holds_the_case_already_takes_no_second_place():
    """Two managers of one case each: the second holds one case, and another, which the first one holds, waits
    for it too. At 24 h they become one team under the first's name, with two places: the case passes, and
    takes one of them; the other place is for a case of 30 h."""
    hold = {"kind": "assign", "id": "hold"}
    both = [
        fork("both", "a", "b", next="rest"),
        {**hold, "id": "a", "teams": "first", "next": "join"},
        {**hold, "id": "b", "teams": "second", "next": "join"},
        delay("rest", 1000.0),
    ]
    needs = {"plain": need(listed(0.0), "of_second"), "twice": need(listed(1.0), "of_both"),
             "later": need(listed(30.0), "of_first")}  # fmt: skip
    ways = {
        "of_both": {"steps": both},
        "of_first": {"steps": [{**hold, "teams": "first"}, delay("rest", 1000.0)]},
        "of_second": {"steps": [{**hold, "teams": "second"}, delay("rest", 1000.0)]},
    }
    managers = {"first": team(caseload=1), "second": team(caseload=1)}
    merge = {**ONE, "teams": ["first", "second"], "into": "first"}
    records = run(teams=managers, needs=needs, pathways=ways, levers=[merge])
    assert diary(records, "step", "started", "team", case=1)[2:] == [
        ("b", 24.0, "first@town"), ("rest", 24.0, None),
    ]  # fmt: skip
    assert diary(records, "step", "started", case=2) == [("hold", 30.0), ("rest", 30.0)]


def test_a_release_names_the_merged_team_too():
    """Two managers of one case each are one team from the start: two of three cases are held at 0 h, and when
    both are released at 5 h the third one is."""
    steps = [
        {"id": "hold", "kind": "assign", "teams": "desk"},
        delay("rest", 5.0),
        {"id": "let_go", "kind": "release", "teams": ["desk"]},
        delay("more", 100.0),
    ]
    managers = {"desk": team(caseload=1), "other": team(caseload=1)}
    merge = {field: value for field, value in ONE.items() if field != "from"}
    records = run(*steps, teams=managers, arrivals=listed(0.0, 0.0, 0.0), levers=[merge])
    assert [at for step, at in diary(records, "step", "started") if step == "hold"] == [0.0, 0.0, 5.0]


def test_what_is_overdue_at_the_very_beginning_is_not_past():
    """An open case whose deadline of 50 h is up at 0 h sets a petition off; one of 51 h did before."""
    overdue = [{"need": "petition", "probability": 1.0}]
    for age, cases in ((50.0, 2), (51.0, 1)):
        records = run(
            delay("serve", 5.0),
            needs={"help": need(deadline=50.0, overdue=overdue), "petition": need()},
            opening=[{"need": "help", "place": "town", "step": "serve", "age": age}],
        )
        assert len(records.cases) == cases


# ------------------------------------------------------------------------------------------- triggers


def while_others_are_open(lever):
    """A lever that is on from 24 h, when a case of another need is open, to 48 h, when none is."""
    seen = {"observe": "open_cases", "above": 0.5, "below": 0.5, "needs": ["signal"]}
    return {"id": "now", "trigger": seen, **lever}


SIGNAL = {"signal": need(listed(10.0), "long")}
LONG = {"steps": [delay("rest", 20.0)]}


def test_an_appointment_is_kept_though_the_lever_that_gave_it_is_off():
    """From 24 h to 48 h another team helps, who sees people on Thursday at 9, a day before the desk does. Who
    books at 25 h is seen there; who books at 49 h is not."""
    weekly = {day: {"kind": "weekly", "week": {day: "09:00-12:00"}} for day in ("thu", "fri")}
    teams = {
        role: team(calendar=day, appointments={"slot": "1 h"})
        for role, day in (("desk", "fri"), ("other", "thu"))
    }
    helps = {
        "kind": "offer",
        "pathways": ["path"],
        "steps": ["serve"],
        "options": ["other"],
        "join": "earliest",
    }
    records = run(
        calendars=weekly,
        teams=teams,
        pathways={"path": {"steps": [work("serve", 0.5, booking={})]}, "long": LONG},
        needs={"help": need(listed(25.0, 49.0)), **SIGNAL},
        levers=[while_others_are_open(helps)],
    )
    assert [tuple(row) for row in records.switches[["time", "on"]]] == [(24.0, 1), (48.0, 0)]
    served = [row for row in diary(records, "queued", "started", "team") if row[2]]
    assert served == [(25.0, 81.0, "other@town"), (49.0, 105.0, "desk@town")]


def test_who_waits_for_a_caseload_is_not_moved_by_a_switch():
    """A case is held from 0 to 60 h, another waits. A sorting of two hours, on from 24 h to 48 h, is for who
    begins then: the one of 30 h asks at 32 h, and is taken on after the one that waited since 1 h."""
    sort = {"kind": "insert_step", "pathways": ["path"], "step": delay("sort", 2.0)}
    hold = {"id": "hold", "kind": "assign", "teams": "desk"}
    records = run(
        teams={"desk": team(caseload=1)},
        pathways={"path": {"steps": [hold, delay("rest", 60.0)]}, "long": LONG},
        needs={"help": need(listed(0.0, 1.0, 30.0)), **SIGNAL},
        levers=[while_others_are_open(sort)],
    )
    held = [row for row in diary(records, "step", "queued", "started") if row[0] == "hold"]
    assert held == [("hold", 0.0, 0.0), ("hold", 1.0, 60.0), ("hold", 32.0, 120.0)]


# ---------------------------------------------------------------------------------------- silent ends


def test_who_gives_up_silently_while_away_does_not_come_back():
    """Not reached at 0 h, the case would come back at 300 h; it is then found to have been given up."""
    back = {"after": ["lost"], "probability": 1.0, "delay": exactly(300.0), "limit": 1}
    records = run(
        work("serve", 1.0, referral={"not_reached": 1.0}),
        needs={"help": need(listed(0.0), dropout_per_week=0.999999, returns=back)},
    )
    assert (exits(records), ends(records)) == (["dropped_out"], [300.0])
    assert records.cases["rounds"].tolist() == [0]
    assert diary(records, "step", "outcome") == [("serve", "lost"), ("help", "completed")]


def test_who_gave_up_a_queue_but_was_served_elsewhere_is_not_unmet():
    """The second case leaves the queue after an hour and is resolved by a call: no petition follows."""
    unmet = [{"exits": ["reneged"], "need": "petition", "probability": 1.0, "delay": exactly(5.0)}]
    serve = work("serve", 10.0, next="resolved", patience={"time": exactly(1.0), "to": "call"})
    records = run(serve, delay("call", 1.0),
                  needs={"help": need(listed(0.0, 0.0), unmet=unmet), "petition": need()})  # fmt: skip
    assert exits(records) == ["resolved", "resolved"]
    assert ends(records) == [10.0, 2.0]
