"""Where mechanisms meet: what one does to cases that are in the middle of another, worked out by hand.

Hours since Monday 5 January 2026.
"""

from tests.scenarios import OFFICE, delay, diary, exactly, exits, listed, run, team, work

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
