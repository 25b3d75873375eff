"""When teams work: calendars, holidays, overtime, and heads that come and go."""

import pytest

from simulation.layout import make_layout
from tests.scenarios import OFFICE, delay, diary, ends, exits, listed, need, run, scenario, team, work

DESK = {"calendars": OFFICE, "teams": {"desk": team(calendar="office")}}
DAY = 24.0
MORE = {"kind": "add_staff", "id": "more", "team": "desk", "group": "clerk", "heads": 1}


def test_who_comes_before_opening_is_served_at_opening():
    """Cases of Monday at seven and at eight are served from nine on, in order."""
    records = run(work(hours=1.0), arrivals=listed(7.0, 8.0), **DESK)
    assert diary(records, "queued", "started", "ended") == [(7, 9, 10), (8, 10, 11)]


def test_nothing_begins_at_closing_time():
    """Open hours hold their beginning and not their end: who comes at twelve waits until one."""
    records = run(work(hours=0.5), arrivals=listed(9.0, 12.0, 17.0), **DESK)
    assert diary(records, "started") == [(9.0,), (13.0,), (33.0,)]


def test_a_service_that_ends_at_closing_time_lets_nobody_in():
    """The clerk is free at twelve and the desk is closed: the next is called at one."""
    records = run(work(hours=3.0), arrivals=listed(9.0, 9.0), **DESK)
    assert diary(records, "started", "ended") == [(9, 12), (13, 16)]


def test_begun_work_is_finished_in_overtime():
    """Forty minutes of work begun at 16:50 end at 17:30."""
    records = run(work(hours=40 / 60), arrivals=listed(16 + 50 / 60), **DESK)
    assert ends(records) == pytest.approx([17.5])


def test_begun_work_pauses_over_the_weekend():
    """Two hours of work begun on Friday at 16:00 are put down at 17:00 and end on Monday at 10:00."""
    friday, monday = 4 * DAY, 7 * DAY
    records = run(work(hours=2.0, at_close="pause"), arrivals=listed(friday + 16, friday + 16.5), **DESK)
    # The clerk keeps the case over the weekend; the next one starts when it is done.
    assert diary(records, "started", "ended") == [
        (friday + 16, monday + 10),
        (monday + 10, monday + 12),
    ]


def test_work_that_fits_exactly_ends_at_closing_time():
    """Paused or not, one hour begun at sixteen ends at seventeen on the same day."""
    for at_close in ("finish", "pause"):
        records = run(work(hours=1.0, at_close=at_close), arrivals=listed(16.0), **DESK)
        assert ends(records) == [17.0]


def test_overtime_keeps_one_clerk_of_two_and_no_more():
    """After closing the one works on; at one o'clock the other, and then both, are called."""
    records = run(
        work(hours=2.0),
        arrivals=listed(11.5, 12.5, 12.5),
        calendars=OFFICE,
        teams={"desk": team(2, calendar="office")},
    )
    assert diary(records, "started", "ended") == [(11.5, 13.5), (13.0, 15.0), (13.5, 15.5)]


def test_on_a_holiday_all_stations_are_closed():
    """Who comes in the National Day holiday of 2026 is served when it is over, on 8 October."""
    china = {"office": {**OFFICE["office"], "holidays": "china"}}
    records = run(
        start="2026-09-30",
        arrivals=listed(16.0, DAY + 10, 3 * DAY + 10),
        calendars=china,
        teams={"desk": team(3, calendar="office")},
        horizon=30 * DAY,
    )
    assert diary(records, "started") == [(16.0,), (8 * DAY + 9,), (8 * DAY + 9,)]


def test_a_make_up_day_is_worked():
    """Saturday 10 October 2026 is worked for the holiday: a case of Saturday morning is served at once."""
    china = {"office": {**OFFICE["office"], "holidays": "china"}}
    for calendars, starts in ((china, 10.0), (OFFICE, 2 * DAY + 9)):
        records = run(
            start="2026-10-10",
            arrivals=listed(10.0),
            calendars=calendars,
            teams={"desk": team(calendar="office")},
        )
        assert diary(records, "started") == [(starts,)]


def test_a_closure_closes():
    """A desk closed on Tuesday serves Tuesday's case on Wednesday."""
    closed = [{"from": "2026-01-06", "to": "2026-01-06"}]
    records = run(
        arrivals=listed(DAY + 10),
        calendars={"office": {**OFFICE["office"], "closed": closed}},
        teams={"desk": team(calendar="office")},
    )
    assert diary(records, "started") == [(2 * DAY + 9,)]


def test_staff_groups_have_hours_of_their_own():
    """In the lunch break the one who is always there serves; in office hours the preferred clerk does."""
    staff = {"clerk": {"count": 1, "calendar": "office"}, "porter": {"count": 1, "rank": 1}}
    records = run(
        arrivals=listed(10.0, 12.5, 14.0), calendars=OFFICE, teams={"desk": {"place": "town", "staff": staff}}
    )
    assert diary(records, "staff", "started") == [
        ("desk@town.clerk", 10.0),
        ("desk@town.porter", 12.5),
        ("desk@town.clerk", 14.0),
    ]


def test_a_delay_may_follow_a_calendar():
    """Eight office hours from Monday at nine end on Tuesday at ten; eight hours of the clock at seventeen."""
    for calendar, end in (("office", DAY + 10), ("always", 17.0)):
        records = run(delay(hours=8.0, calendar=calendar), arrivals=listed(9.0), calendars=OFFICE)
        assert ends(records) == [end]


# ---------------------------------------------------------------------------------------------- heads


def test_a_hire_serves_from_the_first_day_on():
    """From Wednesday a second clerk: who waits is called at the beginning of that day."""
    hire = [{"from": "2026-01-07", "add": 1}]
    records = run(work(hours=100.0), arrivals=listed(0, 1, 2), teams={"desk": team(1, changes=hire)})
    assert diary(records, "started") == [(0,), (48,), (100,)]


def test_a_closure_of_some_days_keeps_cases_waiting():
    """Away on Tuesday and Wednesday: a service under way is finished, the next begins on Thursday."""
    away = [{"from": "2026-01-06", "to": "2026-01-07", "add": -1}]
    records = run(work(hours=20.0), arrivals=listed(10, 10), teams={"desk": team(1, changes=away)})
    assert diary(records, "started", "ended") == [(10, 30), (72, 92)]


def test_there_are_never_fewer_heads_than_none():
    """Three away from a team of one leave nobody; two more on the next day still leave nobody."""
    changes = [{"from": "2026-01-06", "to": "2026-01-07", "add": -3}, {"from": "2026-01-07", "add": 2}]
    records = run(work(hours=1.0), arrivals=listed(30, 50), teams={"desk": team(1, changes=changes)})
    # Monday 1, Tuesday 1 - 3, Wednesday 1 - 3 + 2, from Thursday on 1 + 2.
    unit = make_layout(scenario(teams={"desk": team(1, changes=changes)}), 200.0).teams[0].staff[0]
    assert list(dict.fromkeys(unit.planned.tolist())) == [1, 0, 3]
    assert diary(records, "started") == [(72,), (72,)]


def test_who_leaves_as_a_service_ends_begins_no_other():
    """At one instant heads change before services end: a clerk gone at midnight takes no case at midnight."""
    away = [{"from": "2026-01-06", "to": "2026-01-06", "add": -1}]
    records = run(work(hours=24.0), arrivals=listed(0, 0), teams={"desk": team(1, changes=away)})
    assert diary(records, "started") == [(0,), (48,)]


def test_who_comes_as_a_service_ends_shares_the_queue():
    """At midnight a service ends and a second clerk comes: two are called at once."""
    hire = [{"from": "2026-01-06", "add": 1}]
    records = run(work(hours=24.0), arrivals=listed(0, 0, 0), teams={"desk": team(1, changes=hire)})
    assert diary(records, "started") == [(0,), (24,), (24,)]


def test_changes_meet_opening_hours():
    """A second clerk from Tuesday comes when the desk opens, not at midnight."""
    hire = [{"from": "2026-01-06", "add": 1}]
    records = run(
        work(hours=30.0),
        arrivals=listed(9, 10, 11),
        calendars=OFFICE,
        teams={"desk": team(1, calendar="office", changes=hire)},
    )
    assert diary(records, "started") == [(9,), (DAY + 9,), (DAY + 15,)]


def test_a_policy_adds_heads_from_its_day_on():
    """A lever that adds a head from Wednesday works like a hire on Wednesday."""
    lever = {**MORE, "from": "2026-01-07"}
    records = run(work(hours=100.0), arrivals=listed(0, 1, 2), levers=[lever])
    assert diary(records, "started") == [(0,), (48,), (100,)]


@pytest.mark.parametrize("where", ["place", "tier"])
def test_a_policy_adds_heads_where_a_place_has_its_own_number(where):
    """Where a place states its heads, one more is one more than those, in the team that grows only."""
    own = {"place": "town"} if where == "place" else {"tier": "place"}
    records = run(
        work(hours=10.0),
        places={"town": {"staff": 2}},
        teams={
            "desk": {"staff": {"clerk": {"count": 7}}, **own},
            "other": {"staff": {"clerk": {"count": 7}}, **own},
        },
        pathways={
            "path": {"steps": [work(hours=10.0)]},
            "side": {"steps": [work(hours=10.0, teams="other")]},
        },
        needs={"help": need(listed(*[0] * 5)), "hint": need(listed(*[0] * 5), pathway="side")},
        levers=[MORE],
    )
    begun = diary(records, "activity", "started")
    assert sum(row == ("path.serve", 0.0) for row in begun) == 3
    assert sum(row == ("side.serve", 0.0) for row in begun) == 2


def test_a_place_states_the_heads_of_the_first_staff_group():
    """A place's own number of heads stands for the count of the first group; the others keep theirs."""
    staff = {"a": {"count": 5}, "b": {"count": 1, "rank": 1}}
    records = run(
        work(hours=10.0),
        arrivals=listed(*[0] * 5),
        places={"town": {"staff": 2}},
        teams={"desk": {"place": "town", "staff": staff}},
    )
    assert sum(started == 0.0 for (started,) in diary(records, "started")) == 3


def test_a_place_without_a_station_has_no_team():
    """At an unstaffed place there is nobody to do the work: the case is refused."""
    records = run(
        places={"town": {"staffed": False}, "city": {}}, needs={"help": need(listed(0.0, at=["town"]))}
    )
    assert exits(records) == ["not_presented"]


def test_patience_in_line_runs_while_somebody_who_can_serve_is_there():
    """The clerk works office hours, the guard from 7 to 9 and from 11 to 14, and is busy from 7 on. Where
    the guard can serve too, somebody is there from 7 to 17: five hours of patience from eight on end at 13.
    The clerk's hours alone let them end at 15, and a guard who can do nothing here changes nothing."""
    hours = {"guard": {"kind": "weekly", "week": {"mon": ["07:00-09:00", "11:00-14:00"]}}}
    step = work(hours=20.0, patience={"time": {"kind": "deterministic", "at": 5.0}, "clock": "open"})
    clerk = {"count": 1, "calendar": "office"}
    able, unable = ({"count": 1, "skills": [need_], "calendar": "guard"} for need_ in ("help", "other"))
    for staff, times, end in (
        ({"clerk": clerk}, (7.0, 8.0), 15.0),
        ({"clerk": clerk, "guard": unable}, (7.0, 8.0), 15.0),
        ({"clerk": clerk, "guard": able}, (7.0, 7.5, 8.0), 13.0),
    ):
        records = run(
            step,
            calendars={**OFFICE, **hours},
            teams={"desk": {"place": "town", "staff": staff}},
            needs={"help": need(listed(*times)), "other": need()},
        )
        assert diary(records, "ended", case=len(times) - 1) == [(end,)]
