"""What a diary can say: carved out places, overbooking, calling off, rebooking, slots of several places."""

import numpy as np
import pytest

from simulation.spec import InputError
from tests.scenarios import (
    OFFICE,
    diary,
    exits,
    listed,
    need,
    run,
    same,
    scenario,
    team,
    work,
)

# Monday is open from 9 to 12 and from 13 to 17: slots of an hour begin at 9, 10, 11, 13, 14, 15 and 16.
ALL_DAY = {"mornings": {"kind": "weekly", "week": {"tue": "09:00-12:00"}}, **OFFICE}


def clinic(*moments, urgent=(), hours=0.5, count=1, seed=1, horizon=1000.0, booking=None, **appointments):
    """Cases that are booked into slots of an hour; urgent ones have rank 1, the others 10."""
    return run(
        work("serve", hours, booking=booking or {}),
        calendars=ALL_DAY,
        teams={"desk": team(count, calendar="office", appointments={"slot": "1 h", **appointments})},
        needs={"help": need(listed(*moments), priority=10), "urgent": need(listed(*urgent), priority=1)},
        seed=seed,
        horizon=horizon,
    )


def starts(records, of=None):
    """When each case is first served; of one need or all."""
    cases = records.cases["need"]
    chosen = [records.names.needs.index(of)] if of else cases
    return [at for case, at in diary(records, "case", "started") if cases[case] in chosen]


# --------------------------------------------------------------------------------- carving out for urgent


def test_no_share_and_any_rules_for_it_change_nothing():
    """Carving out no share, with whatever rules, gives the records of a diary that says nothing of it."""
    plain = clinic(*[8.0] * 9, urgent=[8.5, 9.5])
    assert same(plain, clinic(*[8.0] * 9, urgent=[8.5, 9.5], urgent_priority=3, urgent_released="1 d"))


def test_a_third_of_the_places_is_kept_for_urgent_cases():
    """A share of one third keeps the third and the sixth slot of Monday, at 11 and at 15. The fourth of the
    others, which would have come at 13, comes at 14; the urgent case that asks last is seen at 11, where it
    would have come at 16 had nothing been kept."""
    share = 1.0 / 3.0
    kept = clinic(*[8.0] * 5, urgent=[8.5], urgent_share=share)
    assert starts(kept, "help") == [9.0, 10.0, 13.0, 14.0, 16.0]
    assert starts(kept, "urgent") == [11.0]
    plain = clinic(*[8.0] * 5, urgent=[8.5])
    assert starts(plain, "help") == [9.0, 10.0, 11.0, 13.0, 14.0]
    assert starts(plain, "urgent") == [15.0]


def test_an_urgent_case_takes_a_place_for_all_when_it_is_earlier():
    """The first kept place is at 11; an urgent case that finds 9 free takes it."""
    assert starts(clinic(urgent=[8.0, 8.0, 8.0], urgent_share=1 / 3), "urgent") == [9.0, 10.0, 11.0]


def test_in_the_same_slot_an_urgent_case_leaves_the_place_for_all():
    """With two heads and half of the places kept, each slot has one of each kind. The urgent case takes the
    kept one, so that the other case, which asks after it, comes at the same hour."""
    assert starts(clinic(8.5, urgent=[8.0], urgent_share=0.5, count=2)) == [9.0, 9.0]


def test_kept_places_are_released_shortly_before():
    """Everything is kept. Two hours before its slot a place is anybody's: who asks at eight is seen at nine
    and at ten; the third finds 11 not yet released and nothing else, ever. Who asks at nine gets 11."""
    records = clinic(8.0, 8.0, 8.0, 9.0, urgent_share=1.0, urgent_released="2 h")
    assert starts(records, "help") == [9.0, 10.0, None, 11.0]


def test_with_everything_kept_and_never_released_nobody_else_is_seen():
    """The bound: only urgent cases are served; the others wait for ever."""
    records = clinic(8.0, 8.0, urgent=[8.5], urgent_share=1.0)
    assert exits(records) == ["open", "open", "resolved"]
    assert starts(records) == [None, None, 9.0]


def test_carving_out_helps_the_urgent_and_makes_the_others_wait():
    """Direction and harm: with the same cases and times, a larger share means that no urgent case waits
    longer, and that the others wait longer on average, since kept places lapse."""
    moments, urgent = np.arange(8.0, 200.0, 1.1).tolist(), np.arange(8.0, 200.0, 6.0).tolist()

    def waits(of, share):
        records = clinic(*moments, urgent=urgent, urgent_share=share, horizon=5000.0)
        asked = records.cases["arrival"][records.cases["need"] == records.names.needs.index(of)]
        return np.array(starts(records, of)) - asked

    before, after = waits("urgent", 0.0), waits("urgent", 0.3)
    assert np.all(after <= before)
    assert after.mean() < before.mean()
    assert waits("help", 0.3).mean() > waits("help", 0.0).mean()


# ------------------------------------------------------------------------------------- sessions and places


def test_sessions_may_have_a_calendar_of_their_own():
    """The clerk is there every day, but people are booked on Tuesday mornings only: 33, 34 and 35 hours."""
    assert starts(clinic(8.0, 8.0, 8.0, 8.0, calendar="mornings")) == [33.0, 34.0, 35.0, 33.0 + 168.0]


def test_the_places_of_a_slot_may_be_said_by_weekday():
    """One person is seen in each slot of Tuesday, two in each of Wednesday, nobody on another day."""
    records = clinic(*[8.0] * 9, places={"tue": 1, "wed": 2}, hours=0.25)
    tuesday = [33.0, 34.0, 35.0, 37.0, 38.0, 39.0, 40.0]
    assert starts(records) == [*tuesday, 57.0, 57.25]


def test_one_place_for_each_head_said_or_unsaid_is_the_same():
    """One head and one place a slot: the same records as without saying the places."""
    assert same(clinic(*[8.0] * 9), clinic(*[8.0] * 9, places=1))


# -------------------------------------------------------------------------------------------- overbooking


def test_overbooking_gives_out_more_places_and_makes_people_wait_on_the_day():
    """With a share of one half every second slot has two places: four who book at eight come at 9, 10, 10 and
    11 instead of at 9, 10, 11 and 13. Each takes three quarters of an hour. The last is seen sooner, but who
    shares a slot waits for the other, and so does the one of the slot after it (harm)."""
    plain, over = clinic(*[8.0] * 4, hours=0.75), clinic(*[8.0] * 4, hours=0.75, overbooked=0.5)
    assert starts(plain) == [9.0, 10.0, 11.0, 13.0]
    assert starts(over) == [9.0, 10.0, 10.75, 11.5]


def test_no_overbooking_changes_nothing():
    """At zero, the records are those of a diary that says nothing of it."""
    assert same(clinic(*[8.0] * 9), clinic(*[8.0] * 9, overbooked=0.0))


# ---------------------------------------------------------------------- calling off, missing, booking again


def test_a_place_called_off_in_time_is_given_to_another():
    """The first case books 9 at eight and calls off two hours before, that is at once, as does every other:
    each takes the place that the one before has given back."""
    records = clinic(7.0, 7.5, 8.0, booking={"cancelled": 1.0, "notice": "1 h"})
    assert diary(records, "queued", "ended", "outcome") == [
        (7.0, 8.0, "reneged"),
        (7.5, 9.0, "reneged"),
        (8.0, 8.0, "reneged"),
    ]


def test_notice_longer_than_the_lead_calls_off_at_once():
    """Booked at seven for nine, with three hours' notice: called off at seven."""
    records = clinic(7.0, booking={"cancelled": 1.0, "notice": "3 h"})
    assert diary(records, "queued", "ended") == [(7.0, 7.0)]


def test_without_notice_the_place_is_lost_to_the_others():
    """Called off at its own hour, a slot helps nobody who asked before."""
    with_notice = clinic(7.0, 8.5, booking={"cancelled": 1.0, "notice": "1 h"})
    without = clinic(7.0, 8.5, booking={"cancelled": 1.0})
    assert [end for (end,) in diary(with_notice, "ended")] == [8.0, 8.5]
    assert [end for (end,) in diary(without, "ended")] == [9.0, 10.0]


def test_who_always_misses_and_always_books_again_is_never_seen():
    """Each time a later slot: 9, 10, 11, 13 on Monday, and so on; at the horizon the case still waits."""
    records = clinic(8.0, horizon=100.0, booking={"no_show": 1.0, "rebooks": 1.0})
    assert diary(records, "queued", "started", "ended", "outcome") == [(8.0, None, None, "waiting")]
    assert exits(records) == ["open"]


def test_who_books_again_keeps_the_moment_of_the_first_booking():
    """With some luck the case comes to its second or a later slot; it has queued since eight."""
    for seed in range(20):
        records = clinic(8.0, seed=seed, booking={"no_show": 0.5, "rebooks": 1.0})
        ((queued, begun, outcome),) = diary(records, "queued", "started", "outcome")
        assert (queued, outcome) == (8.0, "completed")
        assert begun % 1.0 == 0.0
    assert {starts(clinic(8.0, seed=s, booking={"no_show": 0.5, "rebooks": 1.0}))[0] for s in range(20)} > {
        9.0,
        10.0,
    }


def test_who_books_again_books_a_later_slot():
    """A case that is alone misses some slots; that a slot has a second place does not let it come sooner."""
    habits = {"no_show": 0.5, "cancelled": 0.2, "rebooks": 1.0}
    for seed in range(1, 13):
        single, double = (clinic(8.0, booking=habits, count=heads, seed=seed) for heads in (1, 2))
        assert same(single, double)


def test_rebooking_of_nobody_changes_nothing():
    """Rebooking and calling off with probability zero give the records of a booking without them."""
    plain = clinic(*[8.0] * 9, booking={"no_show": 0.5})
    assert same(plain, clinic(*[8.0] * 9, booking={"no_show": 0.5, "cancelled": 0.0, "notice": "1 d"}))


def test_booking_again_means_more_are_seen_and_later_ones_wait():
    """Direction and harm: no case that was seen is lost, more are resolved, and the mean wait grows."""
    moments = np.arange(8.0, 100.0, 1.3).tolist()
    once = clinic(*moments, booking={"no_show": 0.3})
    again = clinic(*moments, booking={"no_show": 0.3, "rebooks": 1.0})
    assert exits(once).count("reneged") > 10
    assert set(exits(again)) == {"resolved"}
    came = [number for number, exit_ in enumerate(exits(once)) if exit_ == "resolved"]
    assert sum(starts(again)[n] - starts(once)[n] for n in came) > 0


def test_who_gives_up_an_appointment_may_go_elsewhere():
    """After a missed slot the case goes to the walk-in step; after declining it counts as unresolved."""
    steps = [
        work("book", 0.5, booking={"no_show": 1.0, "to": "walk_in"}, next="resolved"),
        work("walk_in", 0.5, teams="counter"),
    ]
    teams = {"desk": team(calendar="office", appointments={"slot": "1 h"}), "counter": team()}
    records = run(*steps, calendars=OFFICE, teams=teams, arrivals=listed(8.0))
    assert diary(records, "step", "ended", "outcome") == [
        ("book", 9.0, "reneged"),
        ("walk_in", 9.5, "completed"),
    ]
    declining = {"too_far": "0 h", "declined": 1.0, "declined_to": "unresolved"}
    records = clinic(8.0, booking=declining)
    assert diary(records, "outcome") == [("balked",)]
    assert exits(records) == ["unresolved"]


# -------------------------------------------------------------------------------- several places

REGION = {
    "region": {"tier": "region"},
    "north": {"tier": "clinic", "parent": "region"},
    "south": {"tier": "clinic", "parent": "region"},
}


def region(teams, join="earliest", at=("north", "south"), booking=None, arrivals=None, local=None, **fields):
    """Cases of two clinics whose assessment slots lie in the morning of Monday and Tuesday; two clerks each
    are always there, so that the diary alone limits them."""
    appointments = {"slot": "1 d", "places": 0, "local": local or {}, **fields}
    return run(
        work("assess", 1.0, teams=teams, join=join, booking=booking or {}, next="resolved"),
        places=REGION,
        teams={"assessors": team(9, tier="clinic", appointments=appointments)},
        needs={f"from_{place}": need({**(arrivals or listed(*[8.0] * 3)), "at": [place]}) for place in at},
    )


def who_where(records):
    """Where each case was seen, and on which day (0: Monday)."""
    return [
        (None if name is None else name.split("@")[1], None if begun is None else int(begun // 24))
        for name, begun in diary(records, "team", "started")
    ]


def test_of_several_diaries_the_earliest_slot_wins():
    """North has one place on Tuesday and one on Friday, south one on Wednesday and one on Thursday. Three
    cases of the north that look in both diaries are seen on Tuesday at home, then on Wednesday and on
    Thursday in the south; those that look at home alone are seen on Tuesday, Friday and
    Tuesday of the next week."""
    local = {
        "northern": {"at": ["north"], "places": {"tue": 1, "fri": 1}},
        "southern": {"at": ["south"], "places": {"wed": 1, "thu": 1}},
    }
    both = ["assessors @ contact", "assessors @ siblings"]
    pooled = region(both, at=["north"], local=local)
    assert who_where(pooled) == [("north", 1), ("south", 2), ("south", 3)]
    alone = region(["assessors @ contact"], join="first", at=["north"], local=local)
    assert who_where(alone) == [("north", 1), ("north", 4), ("north", 8)]


def test_of_equal_slots_that_of_the_team_named_first_wins():
    """Both have a place on Tuesday: the case of the south, which asks second, stays at home too."""
    both = ["assessors @ contact", "assessors @ siblings"]
    records = region(both, arrivals=listed(8.0), places={"tue": 1})
    assert who_where(records) == [("north", 1), ("south", 1)]


def test_pooling_slots_may_crowd_out_those_of_the_place_itself():
    """Harm: two cases of the north take the Tuesday places of both clinics before the two of the south ask.
    The first of these is seen on Wednesday instead of Tuesday, at home; the second on Wednesday as before,
    but in the north."""
    both = ["assessors @ contact", "assessors @ siblings"]
    arrivals = listed(8.0, 8.0)
    needs = {"places": {"tue": 1, "wed": 1}}
    pooled = region(both, arrivals=arrivals, **needs)
    alone = region(["assessors @ contact"], join="first", arrivals=arrivals, **needs)
    assert who_where(alone)[2:] == [("south", 1), ("south", 2)]
    assert sorted(who_where(pooled)[:2]) == [("north", 1), ("south", 1)]
    assert who_where(pooled)[2:] == [("south", 2), ("north", 2)]


def test_assessment_slots_of_several_clinics_as_published_studies_have_them():
    """A service with assessment slots by weekday, some kept for urgent cases, shared by two clinics.

    North assesses 3 people on Tuesdays and 2 on Thursdays, south 2 on Tuesdays; 0.4 of the places are kept.
    Counted through each diary from Tuesday 6 January on, north keeps its places 3, 5, 8 and 10 and south its
    places 3 and 5: in the first week north has 2 places for all and 1 kept on Tuesday, 1 and 1 on Thursday,
    and in the second week the same (places 6 to 8, then 9 and 10); south has 2 and none, then 1 and 1.

    Routine cases wait at least three days and look in both diaries; urgent ones wait at least a day and look
    at home. On Monday 5 January four routine cases of the north ask at 8. From Thursday at 8 on, the next
    slots are those of Tuesday the 13th: two at home, one in the south; the fourth case is seen at home on
    Thursday the 15th. At 9 two urgent cases of the north ask. From Tuesday at 9 on, the next slot is that of
    Thursday the 8th: the first takes the kept place, the second the other.
    """
    local = {
        "northern": {"at": ["north"], "places": {"tue": 3, "thu": 2}},
        "southern": {"at": ["south"], "places": {"tue": 2}},
    }
    routine = work(
        "routine", 1.0, teams=["assessors @ contact", "assessors @ siblings"], join="earliest",
        booking={"lead": "3 d"}, priority=10, next="resolved",
    )  # fmt: skip
    urgent = work("urgent", 1.0, teams=["assessors @ contact"], booking={"lead": "1 d"}, priority=1)
    appointments = {"slot": "1 d", "places": 0, "local": local, "urgent_share": 0.4}
    records = run(
        places=REGION,
        teams={"assessors": team(9, tier="clinic", appointments=appointments)},
        pathways={"slow": {"steps": [routine]}, "fast": {"steps": [urgent]}},
        needs={
            "routine": need({**listed(*[8.0] * 4), "at": ["north"]}, "slow"),
            "urgent": need({**listed(9.0, 9.0), "at": ["north"]}, "fast"),
        },
    )
    assert who_where(records) == [
        ("north", 8), ("north", 8), ("south", 8), ("north", 10), ("north", 3), ("north", 3),
    ]  # fmt: skip


# ---------------------------------------------------------------------------------- what cannot be said


def test_a_booking_looks_in_diaries_not_at_queues():
    """Joining the shortest queue by appointment, and the earliest slot without one, are refused."""
    teams = {"desk": team(appointments={"slot": "1 h"})}
    with pytest.raises(InputError, match=r"steps\.serve\.join: a booking is made in a diary"):
        scenario(work(booking={}, join="shortest"), teams=teams)
    with pytest.raises(InputError, match=r"steps\.serve\.join: there is no booking here"):
        scenario(work(join="earliest"), teams=teams)


def test_a_place_has_one_diary():
    """Slots of a place that are said twice, or of a place that does not exist, are refused."""
    twice = {"a": {"at": ["town"]}, "b": {"at": ["town"]}}
    with pytest.raises(InputError, match=r"local\.b\.at: the place has slots of its own already"):
        scenario(teams={"desk": team(appointments={"slot": "1 h", "local": twice})})
    with pytest.raises(InputError, match=r"local\.a\.at: there is no such place"):
        scenario(teams={"desk": team(appointments={"slot": "1 h", "local": {"a": {"at": ["tow"]}}})})


def test_where_a_case_goes_must_exist():
    """A target of a missed appointment that is neither a step nor an exit is refused."""
    with pytest.raises(InputError, match="there is no such step or exit"):
        scenario(work(booking={"to": "walkin"}), teams={"desk": team(appointments={"slot": "1 h"})})


# ------------------------------------------------------------------------------------------------ the lever


def lever(**fields):
    """A lever on appointments."""
    return [{"id": "diary", "kind": "set_appointments", **fields}]


def under(levers, *moments, **parts):
    """Cases of an office with slots of an hour, with some missed appointments, under levers."""
    return run(
        work("serve", 0.5, booking={"lead": "1 h", "no_show": 0.4, "cancelled": 0.2}),
        calendars=OFFICE,
        teams={"desk": team(calendar="office", appointments={"slot": "1 h"})},
        needs={"help": need(listed(*moments), priority=10)},
        levers=levers,
        **parts,
    )


def test_the_lever_at_strength_zero_changes_nothing():
    """Not carried out, it leaves the records as they are without it."""
    changed = lever(no_show_factor=0.0, rebooks=1.0, urgent_share=1.0, strength=0.0)
    assert same(under([], *[8.0] * 9), under(changed, *[8.0] * 9))


def test_reminders_bring_people_in():
    """Direction: the fewer miss their appointment, the more are served; with nobody missing or calling off,
    all are (the bound). The same people come under the weaker measure as under none."""
    moments = np.arange(8.0, 100.0, 1.3).tolist()
    resolved = [
        {
            case
            for case, exit_ in enumerate(exits(under(lever(no_show_factor=factor), *moments)))
            if exit_ == "resolved"
        }
        for factor in (0.999, 0.5, 0.0)
    ]
    assert resolved[0] < resolved[1] < resolved[2]
    nobody = under(lever(no_show_factor=0.0, cancelled_factor=0.0), *moments)
    assert set(exits(nobody)) == {"resolved"}


def test_the_lever_says_as_much_as_the_scenario_would():
    """Half carried out, a share moves half of the way: as if the diary had been written so."""
    halfway = under(lever(overbooked=0.5, urgent_share=0.5, strength=0.5), *[8.0] * 9)
    written = run(
        work("serve", 0.5, booking={"lead": "1 h", "no_show": 0.4, "cancelled": 0.2}),
        calendars=OFFICE,
        teams={
            "desk": team(
                calendar="office", appointments={"slot": "1 h", "urgent_share": 0.25, "overbooked": 0.25}
            )
        },
        needs={"help": need(listed(*[8.0] * 9), priority=10)},
    )
    assert same(halfway, written)


def test_from_its_day_on_the_diary_is_another():
    """Everything is kept for urgent cases from Tuesday on: of nine cases seven have slots on Monday, and the
    other two are never seen."""
    records = run(
        work("serve", 0.5, booking={}),
        calendars=OFFICE,
        teams={"desk": team(calendar="office", appointments={"slot": "1 h"})},
        needs={"help": need(listed(*[8.0] * 9), priority=10)},
        levers=lever(urgent_share=1.0, **{"from": "2026-01-06"}),
    )
    assert exits(records) == ["resolved"] * 7 + ["open"] * 2


def test_a_lever_that_changes_nothing_is_refused():
    """It must say what it changes."""
    with pytest.raises(InputError, match="say what changes"):
        scenario(teams={"desk": team(appointments={"slot": "1 h"})}, levers=lever())
