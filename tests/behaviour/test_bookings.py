"""People who are seen by appointment."""

import pytest

from simulation.spec import InputError
from tests.scenarios import OFFICE, diary, exits, listed, run, scenario, team, work

# Monday is open from 9 to 12 and from 13 to 17: slots of an hour begin at 9, 10, 11, 13, 14, 15 and 16.


def booked(*moments, hours=0.5, count=1, returns=None, **booking):
    """Cases that are booked into slots of an hour at an office with so many heads."""
    needs = {
        "help": {"pathway": "path", "arrivals": listed(*moments), **({"returns": returns} if returns else {})}
    }
    return run(
        work("serve", hours, booking=booking),
        calendars=OFFICE,
        teams={"desk": team(count, calendar="office", appointments={"slot": "1 h"})},
        needs=needs,
    )


def starts(records):
    """When each case is first served."""
    return [started for (started,) in diary(records, "started")]


def test_each_case_takes_the_earliest_free_slot():
    """Five cases that book at eight are seen at nine, ten, eleven, and, after lunch, at one and two."""
    assert starts(booked(8.0, 8.0, 8.0, 8.0, 8.0)) == [9.0, 10.0, 11.0, 13.0, 14.0]


def test_a_slot_has_a_place_for_each_head_on_duty():
    """With two heads two cases share each slot."""
    assert starts(booked(8.0, 8.0, 8.0, count=2)) == [9.0, 9.0, 10.0]


def test_the_wait_begins_with_the_booking():
    """A case queues from the moment it books, not from its slot."""
    assert diary(booked(8.0), "queued", "started", "ended") == [(8.0, 9.0, 9.5)]


def test_a_slot_that_has_begun_is_not_given_out():
    """Who books at ten past nine is seen at ten; who books at ten sharp is seen at once."""
    assert starts(booked(9.2)) == [10.0]
    assert starts(booked(10.0)) == [10.0]


def test_the_lead_counts_working_days_of_the_team():
    """One working day is seven open hours: from Monday at ten, the earliest slot is Tuesday at ten."""
    assert starts(booked(10.0, lead="1 wd")) == [34.0]
    assert starts(booked(10.0, lead="3 h")) == [13.0]


def test_who_does_not_come_wastes_the_slot():
    """Without anybody coming, nobody is served, and each case is given up at its own slot."""
    records = booked(8.0, 8.0, no_show=1.0)
    assert diary(records, "started", "ended", "outcome") == [(None, 9.0, "reneged"), (None, 10.0, "reneged")]
    assert exits(records) == ["reneged", "reneged"]


def test_who_does_not_come_may_come_back():
    """After a missed slot a case that returns is booked anew."""
    returns = {
        "after": ["reneged"],
        "probability": 1.0,
        "delay": {"kind": "deterministic", "at": 1.0},
        "limit": 1,
    }
    records = booked(8.0, no_show=1.0, returns=returns)
    assert diary(records, "step", "sent", "ended") == [
        ("serve", 8.0, 9.0),
        ("help", 9.0, 10.0),
        ("serve", 10.0, 10.0),
    ]


def test_a_slot_too_far_ahead_may_be_declined():
    """The third case would wait three hours, which it declines; the fourth takes what it left."""
    records = booked(8.0, 8.0, 8.0, 9.5, too_far="2 h", declined=1.0)
    assert starts(records) == [9.0, 10.0, None, 11.0]
    assert exits(records) == ["resolved", "resolved", "balked", "resolved"]


def test_a_case_that_overruns_delays_the_next_booking():
    """The slot says when to come; service begins when somebody is free."""
    assert starts(booked(8.0, 8.0, hours=1.5)) == [9.0, 10.5]


def test_a_booking_needs_a_team_with_slots():
    """A booking with a team that has no slots is refused before anything runs."""
    with pytest.raises(InputError, match=r"pathways\.path\.steps\.serve\.booking: this team has no slots"):
        scenario(work("serve", 1.0, booking={}))
