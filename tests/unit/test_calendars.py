"""Calendars open when they say, and working time is counted to the minute."""

import pickle
import tracemalloc
from datetime import date
from math import inf, nan

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from simulation.calendars import (
    AlwaysOpen,
    Calendar,
    Closure,
    OpeningHours,
    Week,
    WeeklyCalendar,
    lunar_new_year,
    public_holidays,
)

ANY: TypeAdapter[WeeklyCalendar | AlwaysOpen] = TypeAdapter(Calendar)
MONDAY = date(2026, 3, 2)
OFFICE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")
SPLIT = {day: ["08:30-12:00", "13:30-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


def calendar(week=OFFICE, **fields):
    return ANY.validate_python({"id": "desk", "kind": "weekly", "week": week, **fields})


def at(day, clock):
    """Hours since the midnight that begins `MONDAY`."""
    hour, minute = clock.split(":")
    return ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(day) * 24 + int(hour) + int(minute) / 60


# ------------------------------------------------------------------------------------ by hand


def test_work_begun_on_friday_afternoon_ends_on_monday_morning():
    desk = calendar().hours(MONDAY, 24.0 * 14)
    assert desk.add(at("fri", "16:50"), 40 / 60) == pytest.approx(7 * 24 + 9.5, abs=1e-12)
    assert desk.add(at("fri", "16:00"), 1.0) == at("fri", "17:00")
    assert desk.add(at("fri", "16:50"), 10 / 60) == at("fri", "17:00")


def test_work_that_rounding_makes_a_trifle_too_long_still_ends_at_closing():
    desk = calendar().hours(MONDAY, 24.0 * 14)
    for minute in range(1, 480):
        begin = 9 + minute / 60
        assert desk.add(begin, (480 - minute) / 60) == 17.0


def test_work_given_to_a_closed_desk_begins_when_it_opens():
    desk = calendar(SPLIT).hours(MONDAY, 24.0 * 14)
    assert desk.add(at("sat", "11:00"), 0.5) == 7 * 24 + 9.0
    assert desk.add(at("mon", "12:30"), 0.25) == at("mon", "13:45")
    assert desk.add(at("mon", "12:30"), 1e-12) == pytest.approx(at("mon", "13:30"))
    assert desk.add(at("mon", "17:00"), 7.0) == at("tue", "17:00")


def test_no_work_ends_at_once_even_when_closed_and_negative_work_is_refused():
    desk = calendar().hours(MONDAY, 24.0 * 14)
    assert desk.add(3.25, 0.0) == 3.25
    with pytest.raises(ValueError, match=r"work: -1\.0"):
        desk.add(3.25, -1.0)


def test_beyond_the_compiled_end_nothing_is_known():
    desk = calendar().hours(MONDAY, 30.0)
    assert desk.add(9.0, 8.0) == 17.0
    assert desk.add(9.0, 8.5) == inf
    assert desk.next_open(17.0) == inf
    assert desk.next_open(inf) == inf
    assert desk.add(inf, 1.0) == inf
    assert desk.add(9.0, inf) == inf
    assert desk.open_between(0.0, 1000.0) == 8.0


def test_the_last_interval_is_cut_at_the_compiled_end():
    desk = calendar().hours(MONDAY, 36.5)
    assert desk.closes.tolist() == [17.0, 36.5]
    assert desk.open_between(0.0, 99.0) == 8.0 + 3.5
    assert desk.before.tolist() == [0.0, 8.0, 11.5]
    assert calendar().hours(MONDAY, 5.0).opens.size == 0


def test_a_desk_is_open_at_its_opening_and_not_at_its_closing_moment():
    desk = calendar(SPLIT).hours(MONDAY, 24.0 * 7)
    moments = ["08:29", "08:30", "11:59", "12:00", "13:29", "13:30", "17:00"]
    assert [desk.is_open(at("mon", clock)) for clock in moments] == [0, 1, 1, 0, 0, 1, 0]
    assert [desk.next_open(at("mon", clock)) for clock in moments] == [
        8.5, 8.5, at("mon", "11:59"), 13.5, 13.5, 13.5, 32.5
    ]  # fmt: skip


def test_open_hours_between_two_moments():
    desk = calendar(SPLIT).hours(MONDAY, 24.0 * 14)
    assert desk.open_between(0.0, 24.0) == 7.0
    assert desk.open_between(at("mon", "11:00"), at("mon", "14:00")) == 1.5
    assert desk.open_between(at("mon", "12:10"), at("mon", "13:20")) == 0.0
    assert desk.open_between(at("fri", "16:00"), 7 * 24 + 9.0) == 1.5
    assert desk.open_between(at("sat", "00:00"), at("sun", "23:00")) == 0.0
    assert desk.open_between(5.0, 5.0) == desk.open_between(10.0, 9.0) == 0.0


def test_windows_that_meet_at_noon_or_at_midnight_are_one_interval():
    desk = calendar({"mon": ["09:00-12:00", "12:00-24:00"], "tue": "00:00-06:00"}).hours(MONDAY, 48.0)
    assert (desk.opens.tolist(), desk.closes.tolist()) == ([9.0], [30.0])
    assert desk.add(20.1, 9.0) == 29.1


def test_always_open_is_plain_addition():
    clock = AlwaysOpen(id="clock").hours(MONDAY, 100.0)
    assert (clock.opens.tolist(), clock.closes.tolist()) == ([0.0], [100.0])
    assert clock.add(0.1, 0.2) == 0.1 + 0.2
    assert clock.open_between(3.3, 77.7) == 77.7 - 3.3
    assert AlwaysOpen(id="clock").day_hours == 24.0


def test_a_working_day_is_the_mean_of_the_days_that_open():
    assert calendar(SPLIT).day_hours == 7.0
    assert calendar({"mon": "09:00-12:00", "wed": "09:00-17:00"}).day_hours == 5.5


# ------------------------------------------------------------------------- holidays, closures


def open_days(desk, first, days):
    hours = desk.hours(first, 24.0 * days)
    return [first.toordinal() + d for d in range(days) if hours.open_between(24.0 * d, 24.0 * (d + 1)) > 0]


def test_spring_festival_2026_with_its_two_working_saturdays():
    """State Council notice for 2026: off 15 to 23 February; 14 and 28 February (Saturdays) are worked."""
    desk = calendar(holidays="china")
    days = [date.fromordinal(day).day for day in open_days(desk, date(2026, 2, 9), 21)]
    assert days == [9, 10, 11, 12, 13, 14, 24, 25, 26, 27, 28]


def test_spring_festival_2025_with_its_working_sunday_and_saturday():
    """State Council notice for 2025: off 28 January to 4 February; 26 January and 8 February are worked."""
    desk = calendar(holidays="china")
    days = [date.fromordinal(day).day for day in open_days(desk, date(2025, 1, 20), 21)]
    assert days == [20, 21, 22, 23, 24, 26, 27, 5, 6, 7, 8]


def test_a_year_of_office_days():
    """248 working days in 2025 and in 2026: the year's weekdays, less days off, plus make-up days."""
    assert len(open_days(calendar(holidays="china"), date(2025, 1, 1), 365)) == 248
    assert len(open_days(calendar(holidays="china"), date(2026, 1, 1), 365)) == 248


def test_a_make_up_day_keeps_the_hours_of_the_chosen_weekday():
    week = {**OFFICE, "tue": "09:00-12:00", "fri": "09:00-16:00"}
    saturday = date(2026, 2, 14)
    assert calendar(week, holidays="china").hours(saturday, 24.0).closes.tolist() == [16.0]
    assert calendar(week, holidays="china", make_up="tue").hours(saturday, 24.0).closes.tolist() == [12.0]


def test_make_up_days_of_a_december_come_from_the_schedule_of_the_next_year():
    """The notice for 2007 moved work to Saturday 30 and Sunday 31 December 2006."""
    assert date(2006, 12, 30) in public_holidays(date(2006, 12, 1), date(2006, 12, 31)).worked


def test_a_year_without_announced_make_up_days_is_refused():
    with pytest.raises(ValueError, match=r"holidays: calendar 'desk' reaches 2098 .* end the run earlier"):
        calendar(holidays="china").hours(date(2098, 1, 1), 24.0)
    assert calendar(holidays="china").hours(date(2026, 12, 31), 24.0).opens.size == 1


def test_the_first_unannounced_year_is_named_and_the_same_hours_without_holidays_compile():
    unknown = next(year for year in range(2026, 2100) if not _announced(year))
    with pytest.raises(ValueError, match=f"reaches {unknown} "):
        calendar(holidays="china").hours(date(unknown - 1, 12, 31), 24.5)
    assert calendar().hours(date(unknown, 1, 1), 24.0 * 365).opens.size > 250


def _announced(year):
    try:
        public_holidays(date(year, 1, 1), date(year, 12, 31))
    except ValueError:
        return False
    return True


def test_every_year_since_2001_is_known_to_be_announced():
    assert [year for year in range(1995, 2027) if _announced(year)] == list(range(2001, 2027))


def test_the_spring_festival_of_each_year():
    known = ["2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10",
             "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03"]  # fmt: skip
    assert [lunar_new_year(int(day[:4])).isoformat() for day in known] == known
    with pytest.raises(ValueError, match="year: 1800"):
        lunar_new_year(1800)


def test_closures_win_over_the_week_and_over_make_up_days():
    desk = calendar(holidays="china", closed=[{"from": "2026-02-12", "to": "2026-02-14"}])
    days = [date.fromordinal(day).day for day in open_days(desk, date(2026, 2, 9), 21)]
    assert days == [9, 10, 11, 24, 25, 26, 27, 28]


def test_a_closure_survives_being_written_and_read():
    desk = calendar(closed=[{"from": "2026-02-12", "to": "2026-02-12"}])
    assert ANY.validate_python(desk.model_dump()) == desk
    assert ANY.validate_json(desk.model_dump_json(by_alias=True)) == desk
    assert desk.closed == (Closure(from_=date(2026, 2, 12), to=date(2026, 2, 12)),)


# ---------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("number", [540, 750, 1020, 45045, 9.0, True])
def test_an_unquoted_yaml_time_is_refused_with_the_remedy(number):
    for windows in (number, [number, "13:00-17:00"]):
        with pytest.raises(ValidationError, match=rf'wed: {number!r} .* quote the time: "09:00-12:00"'):
            calendar({**OFFICE, "wed": windows})


@pytest.mark.parametrize(
    ("windows", "complaint"),
    [
        ("9-12", "wed: '9-12' is not a window"),
        ("9:00-12:00", "leading zeros"),
        ("09:00", "wed: '09:00' is not a window"),
        ("09:60-12:00", "is not a window"),
        ("09:00-25:00", "is not a window"),
        ("24:00-24:00", "is not a window"),
        ("09:00-12:00-13:00", "is not a window"),
        (None, "wed: None is not a window"),
        (["09:00-12:00", {}], "wed: {} is not a window"),
        ("12:00-09:00", "wed: '12:00-09:00' does not end after it begins; swap"),
        ("09:00-09:00", "does not end after it begins"),
        ("22:00-06:00", "split hours that cross midnight"),
        (["09:00-12:00", "11:59-14:00"], "wed: '09:00-12:00' and '11:59-14:00' overlap; merge"),
        (["13:00-14:00", "09:00-13:30"], "overlap"),
    ],
)
def test_impossible_windows_are_refused_by_day_value_and_remedy(windows, complaint):
    with pytest.raises(ValidationError, match=complaint):
        calendar({**OFFICE, "wed": windows})


@pytest.mark.parametrize("week", [{}, {"mon": []}])
def test_a_calendar_that_never_opens_is_refused(week):
    with pytest.raises(ValidationError, match=r"never opens; open at least one day"):
        calendar(week)


def test_closures_are_refused_when_reversed_or_numeric():
    with pytest.raises(ValidationError, match="to: 2026-02-01 lies before from: 2026-02-12; swap"):
        calendar(closed=[{"from": "2026-02-12", "to": "2026-02-01"}])
    with pytest.raises(ValidationError, match="from_: 20260212 is a number; write a date"):
        calendar(closed=[{"from": 20260212, "to": "2026-02-12"}])


@pytest.mark.parametrize("end", [0.0, -1.0, inf, nan])
def test_a_range_must_end_after_it_begins_and_somewhere(end):
    with pytest.raises(ValueError, match="end: "):
        calendar().hours(MONDAY, end)


def test_unknown_keys_and_kinds_are_refused():
    for fields in ({"kind": "monthly"}, {"holidays": "france"}, {"week": {"monday": "09:00-12:00"}}):
        with pytest.raises(ValidationError):
            ANY.validate_python({"id": "desk", "kind": "weekly", "week": OFFICE, **fields})


# ---------------------------------------------------------------------- values that stay put


def test_equal_weeks_are_equal_however_they_were_typed():
    one = Week(mon="09:00-12:00", tue=["13:00-17:00", " 08:00 - 12:00 "])
    other = Week(mon=("09:00-12:00",), tue=("08:00-12:00", "13:00-17:00"))
    assert one == other
    assert hash(one) == hash(other)


def test_opening_hours_are_shared_read_only_and_travel_between_processes():
    desk = calendar().hours(MONDAY, 120.0)
    assert calendar().hours(MONDAY, 120.0) is desk
    with pytest.raises(ValueError, match="read-only"):
        desk.opens[0] = 0.0
    with pytest.raises(AttributeError, match="cannot be changed"):
        desk.end = 3.0
    copy = pickle.loads(pickle.dumps(desk))
    assert copy.opens.tolist() == desk.opens.tolist()
    assert copy.add(at("fri", "16:00"), 0.5) == at("fri", "16:30")


# --------------------------------------------------------------------------------- properties


@st.composite
def compiled(draw):
    """Four weeks of a random weekly pattern with a random horizon end."""
    marks = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(sorted)
    week = {}
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        if draw(st.booleans()):
            times = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in draw(marks)]
            week[day] = [f"{a}-{b}" for a, b in zip(times[::2], times[1::2], strict=False)]
    assume(week)
    return calendar(week).hours(MONDAY, draw(st.floats(24.0, 672.0)))


MOMENTS = st.floats(0.0, 700.0)
WORK = st.floats(0.0, 200.0) | st.integers(0, 4000).map(lambda minutes: minutes / 60)
SEARCH = settings(max_examples=300, deadline=None, derandomize=True)


@SEARCH
@given(compiled(), MOMENTS, WORK)
def test_work_takes_exactly_its_open_hours(desk: OpeningHours, t, work):
    end = desk.add(t, work)
    if end == inf:
        assert desk.open_between(t, 1e6) < work
    else:
        assert desk.open_between(t, end) == pytest.approx(work, abs=2e-9)
        assert end >= t


@SEARCH
@given(compiled(), MOMENTS, MOMENTS, WORK, WORK)
def test_more_work_or_a_later_start_never_ends_earlier(desk: OpeningHours, t, u, work, more):
    t, u = sorted((t, u))
    work, more = sorted((work, more))
    assert desk.add(t, work) <= desk.add(t, more) + 2e-9
    assume(work > 1e-6)  # nothing to do ends at once, even when closed
    assert desk.add(t, work) <= desk.add(u, work) + 2e-9


@SEARCH
@given(compiled(), MOMENTS, st.integers(1, 3000), st.integers(1, 3000))
def test_two_pieces_of_work_take_as_long_as_their_sum(desk: OpeningHours, t, first, second):
    t = round(t * 60) / 60
    assert desk.add(desk.add(t, first / 60), second / 60) == pytest.approx(
        desk.add(t, (first + second) / 60), abs=1e-8
    )


@SEARCH
@given(compiled(), MOMENTS, MOMENTS, MOMENTS)
def test_open_hours_add_up(desk: OpeningHours, a, b, c):
    a, b, c = sorted((a, b, c))
    assert desk.open_between(a, b) + desk.open_between(b, c) == pytest.approx(
        desk.open_between(a, c), abs=1e-9
    )


@SEARCH
@given(compiled(), MOMENTS)
def test_the_next_open_moment_is_open_and_nothing_before_it_is(desk: OpeningHours, t):
    opening = desk.next_open(t)
    assert desk.open_between(t, min(opening, 1e6)) == 0.0
    assert opening == inf or desk.is_open(opening)
    assert (opening == t) == desk.is_open(t)


@SEARCH
@given(compiled(), st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=20))
def test_arrays_are_clipped_exactly_as_single_pairs(desk: OpeningHours, pairs):
    starts, ends = np.array(pairs).T
    assert desk.clip(starts, ends).tolist() == [desk.open_between(a, b) for a, b in pairs]
    assert desk.clip(starts[0], ends).shape == ends.shape
    assert np.isnan(desk.clip([nan, 1.0], [1.0, nan])).all()


@SEARCH
@given(
    compiled(),
    st.lists(MOMENTS | st.integers(0, 42_000).map(lambda m: m / 60), min_size=1, max_size=20),
    WORK,
)
def test_work_of_many_ends_exactly_as_of_one(desk: OpeningHours, moments, work):
    """At openings and closings, between, and beyond the end."""
    moments = [*moments, *desk.opens.tolist(), *desk.closes.tolist()]
    assert desk.add_each(np.array(moments), work).tolist() == [desk.add(moment, work) for moment in moments]


def test_lists_of_opening_hours_are_made_when_they_are_asked_for():
    """Numbers in a list take several times the memory of an array; most calendars are only read as arrays."""
    hours = calendar().hours(MONDAY, 24.0 * 3000)
    tracemalloc.start()
    same = pickle.loads(pickle.dumps(hours))
    kept = tracemalloc.get_traced_memory()[0]
    assert same.is_open(10.0) == hours.is_open(10.0)
    more = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    arrays = sum(array.nbytes for array in (same.opens, same.closes, same.before))
    assert kept < 1.5 * arrays < more
