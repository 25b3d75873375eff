"""Who is served next, by whom, and who does not wait for it."""

import pytest

from tests.scenarios import (
    OFFICE,
    delay,
    diary,
    ends,
    exactly,
    exits,
    listed,
    need,
    run,
    started,
    team,
    work,
)


def two_needs(urgent: dict, ordinary: dict, **parts):
    """Two needs on the same pathway; `parts` as for a scenario."""
    return {"needs": {"ordinary": need(**ordinary), "urgent": need(**urgent)}, **parts}


# ------------------------------------------------------------------------------------ priorities, discipline


def test_the_urgent_overtake_those_who_wait_but_interrupt_nobody():
    """Priority decides who is called next; a service under way is finished first."""
    records = run(
        work(hours=2.0),
        **two_needs({"arrivals": listed(1.0), "priority": 1}, {"arrivals": listed(0.0, 0.5), "priority": 5}),
    )
    # Cases by arrival: 0 ordinary at 0.0, 1 ordinary at 0.5, 2 urgent at 1.0.
    assert diary(records, "case", "started", "ended") == [(0, 0, 2), (1, 4, 6), (2, 2, 4)]


def test_a_step_may_have_a_rank_of_its_own():
    """The priority of an activity takes the place of the need's own, in that queue only."""
    records = run(
        work("front", 1.0), work("back", 1.0, priority=1), arrivals=listed(0.0, 0.0, 0.0)
    )  # fmt: skip
    # Without the rank the clerk would do all three fronts first.
    assert [started(records, step) for step in ("front", "back")] == [[0, 1, 2], [0, 1, 2]]
    assert diary(records, "started") == [(0,), (1,), (2,), (3,), (4,), (5,)]


def test_last_come_first_served():
    """With discipline lifo the newest of those who wait is called."""
    records = run(work(hours=4.0), arrivals=listed(0, 1, 2, 3), teams={"desk": team(discipline="lifo")})
    assert started(records) == [0, 3, 2, 1]


def test_earliest_deadline_first():
    """With discipline deadline the case that is due first is called; a case without a deadline comes last."""
    records = run(
        work(hours=4.0),
        teams={"desk": team(discipline="deadline")},
        needs={
            "a_free": need(listed(0.0, 1.0)),
            "b_slow": need(listed(2.0), deadline="10 d"),
            "c_fast": need(listed(3.0), deadline="1 d"),
        },
    )
    assert started(records) == [0, 3, 2, 1]


def test_priority_goes_before_discipline():
    """The discipline orders those of equal rank only."""
    records = run(
        work(hours=4.0),
        **two_needs(
            {"arrivals": listed(1.0), "priority": 1},
            {"arrivals": listed(0.0, 2.0)},
            teams={"desk": team(discipline="lifo")},
        ),
    )
    assert started(records) == [0, 1, 2]


# ---------------------------------------------------------------------------------------------- patience


def test_a_case_whose_patience_ends_leaves_the_queue():
    """Patience of one hour at a desk that is busy for four: the second leaves, the third is served."""
    records = run(
        work(hours=4.0, patience={"time": exactly(1.0)}), arrivals=listed(0.0, 1.0, 3.5)
    )  # fmt: skip
    assert diary(records) == [
        (0, "serve", 0.0, 0.0, 4.0, "completed"),
        (1, "serve", 1.0, None, 2.0, "reneged"),
        (2, "serve", 3.5, 4.0, 8.0, "completed"),
    ]
    assert exits(records) == ["resolved", "reneged", "resolved"]


def test_patience_that_ends_as_a_clerk_becomes_free_has_ended():
    """At one instant patience ends before work is given out."""
    records = run(work(hours=4.0, patience={"time": exactly(3.0)}), arrivals=listed(0.0, 1.0))
    assert exits(records) == ["resolved", "reneged"]


def test_who_has_no_patience_is_served_if_served_at_once():
    """Zero patience is enough when somebody is free, also who became free at that very instant."""
    records = run(work(hours=1.0, patience={"time": exactly(0.0)}), arrivals=listed(0.0, 0.5, 1.0, 2.5))
    assert exits(records) == ["resolved", "reneged", "resolved", "resolved"]
    assert ends(records) == [1.0, 0.5, 2.0, 3.5]


def test_patience_does_not_end_a_service():
    """Patience counts while a case waits, not while it is served."""
    records = run(work(hours=9.0, patience={"time": exactly(1.0)}), arrivals=listed(0.0))
    assert exits(records) == ["resolved"]


def test_patience_by_the_calendar_runs_while_the_team_is_closed():
    """Three hours of calendar patience from Monday 8:00 end at 11:00; the desk opens at nine and is busy."""
    step = work(hours=3.0, patience={"time": exactly(3.0), "clock": "calendar"})
    records = run(step, arrivals=listed(7.0, 8.0), calendars=OFFICE, teams={"desk": team(calendar="office")})
    assert diary(records, "started", "ended", "outcome") == [
        (9.0, 12.0, "completed"),
        (None, 11.0, "reneged"),
    ]


def test_patience_in_line_runs_only_while_the_team_is_open():
    """Two and a half open hours from Monday 8:00 end at 11:30, three and a half at 13:30."""
    for hours, leaves in ((2.5, 11.5), (3.5, 13.5)):
        step = work(hours=6.0, patience={"time": exactly(hours), "clock": "open"})
        records = run(
            step, arrivals=listed(7.0, 8.0), calendars=OFFICE, teams={"desk": team(calendar="office")}
        )
        assert diary(records, "started", "ended", "outcome") == [
            (9.0, 15.0, "completed"),
            (None, leaves, "reneged"),
        ]


def test_each_visit_has_its_own_patience():
    """A case that waits twice has its full patience each time."""
    step = {"patience": {"time": exactly(1.5)}}
    records = run(work("front", 1.0, **step), work("back", 1.0, **step), arrivals=listed(0.0, 0.0))
    # 0: front 0-1; 1: front waits 0-1, served 1-2; 0: back waits 1-2, served 2-3; 1: back waits 2-3.
    assert diary(records, "case", "step", "queued", "started") == [
        (0, "front", 0, 0), (0, "back", 1, 2), (1, "front", 0, 1), (1, "back", 2, 3),
    ]  # fmt: skip


# -------------------------------------------------------------------------------- balking and full queues


def test_balking_begins_at_the_stated_length():
    """Who finds two waiting does not join; who finds one does."""
    records = run(work(hours=10.0, balk={"waiting": 2, "probability": 1.0}), arrivals=listed(0, 1, 2, 3, 4))
    assert exits(records) == ["resolved", "resolved", "resolved", "balked", "balked"]
    assert diary(records, case=3) == [(3, "serve", 3.0, None, 3.0, "balked")]


def test_balking_at_zero_scares_away_also_who_need_not_wait():
    """A case that balks at nobody waiting never joins."""
    records = run(work(balk={"waiting": 0, "probability": 1.0}), arrivals=listed(0))
    assert exits(records) == ["balked"]


def test_who_is_in_overtime_is_not_waiting():
    """After closing time a clerk finishes one case; a newcomer finds nobody waiting and joins the line."""
    parts = {"calendars": OFFICE, "teams": {"desk": team(calendar="office")}}
    balking = work(hours=4.0, balk={"waiting": 1, "probability": 1.0})
    assert exits(run(balking, arrivals=listed(16.0, 18.0, 19.0), **parts)) == [
        "resolved",
        "resolved",
        "balked",
    ]
    parts["teams"] = {"desk": team(calendar="office", queue_limit=1)}
    assert exits(run(work(hours=4.0), arrivals=listed(16.0, 18.0, 19.0), **parts)) == [
        "resolved", "resolved", "refused",
    ]  # fmt: skip


def test_a_full_queue_refuses():
    """With room for one to wait, the third of three is turned away; later there is room again."""
    records = run(work(hours=10.0), arrivals=listed(0, 1, 2, 11), teams={"desk": team(queue_limit=1)})
    assert exits(records) == ["resolved", "resolved", "refused", "resolved"]
    assert diary(records, case=2) == [(2, "serve", 2.0, None, 2.0, "refused")]


def test_without_room_to_wait_only_the_free_are_served():
    """Queue limit zero is a loss system: served at once or lost; a clerk free at that instant counts."""
    records = run(work(hours=2.0), arrivals=listed(0, 1, 2, 2), teams={"desk": team(queue_limit=0)})
    assert exits(records) == ["resolved", "refused", "resolved", "refused"]


def test_those_who_gave_up_leave_room():
    """A queue with room for one has room again when the one who waited has left."""
    step = work(hours=10.0, patience={"time": exactly(2.0)})
    records = run(step, arrivals=listed(0, 1, 4), teams={"desk": team(queue_limit=1)})
    assert exits(records) == ["resolved", "reneged", "reneged"]


# --------------------------------------------------------------------------------------- several teams


def two_desks(join: str, **step):
    return {"teams": {"left": team(), "right": team()}, "pathways": {"path": {"steps": [
        work(hours=10.0, teams=["left", "right"], join=join, **step)]}}}  # fmt: skip


def test_join_first_waits_for_the_first_team():
    """By `first` a case queues at the first team that exists, though the other is idle."""
    records = run(arrivals=listed(0, 1), **two_desks("first"))
    assert diary(records, "team", "started") == [("left@town", 0), ("left@town", 10)]


def test_join_available_takes_the_first_that_is_free():
    """By `available` a case takes the first team that can start at once, else it waits for the first."""
    records = run(arrivals=listed(0, 1, 2), **two_desks("available"))
    assert diary(records, "team", "started") == [("left@town", 0), ("right@town", 1), ("left@town", 10)]


def test_join_available_is_not_fooled_by_a_clerk_without_the_skill():
    """A free clerk who may not serve the need cannot start at once, and does not count as available."""
    parts = two_desks("available")
    parts["teams"]["left"] = {
        "place": "town",
        "staff": {"a": {"count": 1, "skills": ["other"]}, "b": {"count": 1}},
    }
    parts["needs"] = {"help": need(listed(0, 1)), "other": need()}
    assert diary(run(**parts), "team", "started") == [("left@town", 0), ("right@town", 1)]


def test_join_available_sees_who_is_free_beside_overtime():
    """A team of which one works overtime and another is free can start at once."""
    parts = two_desks("available")
    staff = {"day": {"count": 1, "calendar": "office"}, "night": {"count": 1, "rank": 1}}
    parts["teams"]["left"] = {"place": "town", "staff": staff}
    records = run(arrivals=listed(16.0, 18.0), calendars=OFFICE, **parts)
    assert diary(records, "staff", "started") == [("left@town.day", 16.0), ("left@town.night", 18.0)]


def test_join_available_counts_those_who_came_at_the_same_instant():
    """Two who come at once to two free desks take one each."""
    records = run(arrivals=listed(3, 3), **two_desks("available"))
    assert diary(records, "team", "started") == [("left@town", 3), ("right@town", 3)]


def test_join_shortest_takes_the_fewest_waiting_or_in_service():
    """By `shortest` cases spread evenly; the first team wins ties; the choice is not revised."""
    records = run(arrivals=listed(0, 1, 2, 3), **two_desks("shortest"))
    assert diary(records, "team", "started") == [
        ("left@town", 0), ("right@town", 1), ("left@town", 10), ("right@town", 11),
    ]  # fmt: skip


def test_join_all_needs_everybody_at_once():
    """By `all` the work begins when both teams have somebody free, and holds both until it ends."""
    parts = two_desks("all")
    parts["pathways"]["alone"] = {"steps": [work(hours=4.0, teams="right")]}
    parts["needs"] = {"help": need(listed(1)), "single": need(listed(0, 2), pathway="alone")}
    records = run(**parts)
    # right is busy until 4; then both serve case 1 until 14; case 2, at 2, comes after it at right.
    assert diary(records, "case", "visit", "lead", "team", "started", "ended") == [
        (0, 0, -1, "right@town", 0, 4), (1, 0, -1, "left@town", 4, 14), (1, 1, 0, "right@town", 4, 14),
        (2, 0, -1, "right@town", 14, 18),
    ]  # fmt: skip


def test_who_waits_for_two_teams_does_not_hold_up_one():
    """A team with a free clerk passes over a case that also needs a team that is busy."""
    parts = two_desks("all")
    parts["pathways"]["alone"] = {"steps": [work(hours=4.0, teams="left")]}
    parts["pathways"]["long"] = {"steps": [work(hours=9.0, teams="right")]}
    parts["needs"] = {
        "a_long": need(listed(0), pathway="long"),
        "help": need(listed(1)),
        "single": need(listed(2), pathway="alone"),
    }
    assert diary(run(**parts), "case", "started") == [(0, 0), (1, 9), (1, 9), (2, 2)]


def test_giving_up_on_two_teams_leaves_both_queues():
    """A case that waits for two teams and gives up waits for neither."""
    parts = two_desks("all", patience={"time": exactly(2.0)})
    parts["pathways"]["long"] = {"steps": [work(hours=9.0, teams="right")]}
    parts["needs"] = {"a_long": need(listed(0), pathway="long"), "help": need(listed(1))}
    records = run(**parts)
    assert exits(records) == ["resolved", "reneged"]
    assert ends(records) == [9.0, 3.0]


# ------------------------------------------------------------------------------------------------- staff


def test_the_skilled_serve_what_only_they_can():
    """A case that nobody free can serve does not hold up the cases behind it."""
    staff = {"generalist": {"count": 1, "skills": ["easy"]}, "specialist": {"count": 1, "rank": 1}}
    records = run(
        work(hours=4.0),
        teams={"desk": {"place": "town", "staff": staff}},
        needs={"easy": need(listed(1, 3)), "hard": need(listed(0, 2))},
    )
    # Case 2 is hard: specialist, free at 4. Case 3 is easy: generalist, free at 5.
    assert diary(records, "case", "staff", "started") == [
        (0, "desk@town.specialist", 0),
        (1, "desk@town.generalist", 1),
        (2, "desk@town.specialist", 4),
        (3, "desk@town.generalist", 5),
    ]
    behind = run(
        work(hours=4.0),
        teams={"desk": {"place": "town", "staff": staff}},
        needs={"easy": need(listed(3)), "hard": need(listed(0, 2))},
    )
    assert diary(behind, "case", "started") == [(0, 0), (1, 4), (2, 3)]


def test_the_preferred_staff_group_takes_the_case():
    """Of several who are free, the staff group of the lowest rank serves; names break ties of rank."""
    staff = {"a": {"count": 1, "rank": 2}, "b": {"count": 1, "rank": 1}, "c": {"count": 1, "rank": 1}}
    records = run(arrivals=listed(0, 0, 0), teams={"desk": {"place": "town", "staff": staff}})
    assert diary(records, "staff") == [("desk@town.b",), ("desk@town.c",), ("desk@town.a",)]


@pytest.mark.parametrize(
    ("speed", "share", "ends_at"), [(1, 1, 6.0), (2, 1, 3.0), (1, 0.5, 12.0), (0.5, 0.5, 24.0)]
)
def test_work_takes_its_content_over_speed_and_share(speed, share, ends_at):
    """Six hours of work by a clerk of speed s, there for a share of the time, take 6 / (s x share) hours."""
    assert ends(run(work(hours=6.0), teams={"desk": team(speed=speed, share=share)})) == [ends_at]


def test_a_delay_takes_the_same_time_whoever_works():
    """Speed and share are of teams; a delay has none."""
    assert ends(run(delay(hours=6.0), teams={"desk": team(speed=3)})) == [6.0]


def test_a_team_of_two_serves_two_at_once():
    """Two clerks, three cases at once: two start, the third follows the first who ends."""
    records = run(work(hours=5.0), arrivals=listed(0, 0, 0), teams={"desk": team(2)})
    assert diary(records, "started") == [(0,), (0,), (5,)]
