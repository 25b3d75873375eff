"""Workforce: empty posts, newcomers who learn and are taught, absence by day, and overtime up to a limit."""

import math

import numpy as np
import pytest

from simulation.engines import simulate
from simulation.kpis import Window, evaluate
from simulation.layout import make_layout
from tests.scenarios import (
    OFFICE,
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
)

DAY = 24.0
MONTH = 730.0
STREAM = {"kind": "poisson", "rate": 0.4}
BUSY = {
    "turnover": 4.0, "recruitment": {"kind": "exponential", "mean": 20, "unit": "d"}, "absence": 0.2,
    "ramp_up": 1000.0, "ramp_speed": 0.5, "training": 0.2,
}  # fmt: skip


def days(number):
    return {"kind": "deterministic", "at": number, "unit": "d"}


def desk(count=1, **fields):
    return {"teams": {"desk": team(count, **fields)}}


def more(heads=1, **fields):
    return {"kind": "add_staff", "id": "more", "team": "desk", "group": "clerk", "heads": heads, **fields}


def lever(kind, **fields):
    return {"kind": kind, "id": "lever", **fields}


def busily(count=2, levers=(), hours=1000.0, **group):
    """A desk with a random stream of cases and work of random length."""
    return run(
        work(hours=exponential(2.0)),
        arrivals=STREAM,
        levers=list(levers),
        horizon=hours,
        **desk(count, **group),
    )


def waits(records):
    """Mean wait of the cases whose service began, and of the others until the end of the run."""
    started = np.where(np.isnan(records.visits["started"]), records.horizon, records.visits["started"])
    return float((started - records.visits["queued"]).mean())


# ------------------------------------------------------------------------------------- nothing is changed


@pytest.mark.parametrize(
    "workforce",
    [
        {},
        {"turnover": 0.0, "recruitment": days(45), "ramp_up": 1000.0, "ramp_speed": 0.5, "training": 0.5},
        {"turnover": 9.0, "ramp_up": 1000.0, "ramp_speed": 1.0},
        {"turnover": 9.0, "recruitment": days(45), "recruitment_factor": 0.0},
        {"absence": 0.0, "ramp_up": 0.0, "ramp_speed": 0.5},
    ],
)
def test_a_workforce_that_always_is_there_and_able_changes_no_record(workforce):
    """Nobody leaves, or everybody is replaced at once by somebody as fast, and nobody is ever away."""
    assert same(busily(), busily(workforce=workforce))


@pytest.mark.parametrize(
    "change",
    [
        lever("retain_staff", turnover=0.0, recruitment=0.5, absence=0.0),
        lever("train_staff", speed=2.0, needs={"help": 3.0}),
        lever("allow_overtime", hours=3.0),
        lever("convert_staff", team="desk", group="clerk", into="clerk", heads=1),
        more(2),
    ],
)
def test_a_lever_on_staff_at_no_strength_changes_no_record(change):
    plain = busily(workforce=BUSY)
    assert same(plain, busily(workforce=BUSY, levers=[{**change, "strength": 0.0}]))
    assert not same(plain, busily(workforce=BUSY, levers=[more(2)])), "the world is one that levers change"


def test_retention_at_its_most_is_a_workforce_that_is_always_there():
    """Nobody leaves and nobody is ever away: the records of a desk of which no workforce is said."""
    keep = lever("retain_staff", turnover=0.0, absence=0.0)
    assert same(busily(), busily(workforce=BUSY, levers=[keep]))


# ------------------------------------------------------------------------------------- absence


def test_whoever_is_always_away_serves_nobody():
    records = run(arrivals=listed(0.0, 5.0), horizon=100.0, **desk(3, workforce={"absence": 1.0}))
    assert diary(records, "outcome") == [("waiting",), ("waiting",)]


def test_absence_lasts_from_midnight_to_midnight():
    """Whenever a case waits for the only clerk, it is called at a midnight; else at once."""
    cases = listed(*(12.0 + DAY * day for day in range(60)))
    records = run(work(hours=0.5), arrivals=cases, **desk(workforce={"absence": 0.3}), horizon=70 * DAY)
    called = records.visits["started"]
    late = called > records.visits["queued"]
    assert 5 < late.sum() < 40
    first = called[late][np.diff(called[late], prepend=-1.0) > 0.5]
    assert np.all(first % DAY == 0.0)


def test_less_absence_means_that_no_case_is_called_later():
    """One clerk, the same days and cases: with less absence every service begins as early or earlier."""
    runs = [busily(1, hours=3000.0, workforce={"absence": share}) for share in (0.0, 0.1, 0.3)]
    called = [np.where(np.isnan(r.visits["started"]), math.inf, r.visits["started"]) for r in runs]
    assert np.all(called[0] <= called[1])
    assert np.all(called[1] <= called[2])
    assert waits(runs[0]) < waits(runs[1]) < waits(runs[2])


# ------------------------------------------------------------------------------------- empty posts


def test_a_new_post_serves_once_it_is_filled():
    """A second clerk from the start, found in five hours: two of four cases of an hour wait for the first."""
    records = run(
        arrivals=listed(0.0, 0.0, 4.5, 4.5), levers=[more()], **desk(workforce={"recruitment": exactly(5.0)})
    )
    assert diary(records, "started", "ended") == [(0, 1), (1, 2), (4.5, 5.5), (5, 6)]


def test_a_station_that_opens_without_anybody_has_to_find_somebody():
    """Nobody at first; the lever of day two adds a post, and finding somebody takes three days."""
    add = more(**{"from": "2026-01-07"})
    records = run(arrivals=listed(0.0), levers=[add], **desk(0, workforce={"recruitment": days(3)}))
    assert diary(records, "started") == [(5 * DAY,)]


def test_turnover_makes_cases_wait():
    """Same cases, same desk: with four leaving a year and twenty days to find the next, waits are longer."""
    empty = {"turnover": 4.0, "recruitment": {"kind": "exponential", "mean": 20, "unit": "d"}}
    assert waits(busily(hours=8000.0, workforce=empty)) > waits(busily(hours=8000.0))


def test_retention_shortens_waits():
    """Half the turnover, half the time to fill a post and half the absence, on the same draws."""
    keep = lever("retain_staff", turnover=0.5, recruitment=0.5, absence=0.5)
    plain, kept = (busily(hours=8000.0, workforce=BUSY, levers=each) for each in ([], [keep]))
    assert waits(kept) < waits(plain)


# ------------------------------------------------------------------------------------- newcomers


def test_a_newcomer_is_slow_at_first():
    """At half speed an hour of work takes two; a step of a month later it takes an hour."""
    workforce = {"ramp_up": MONTH, "ramp_speed": 0.5}
    records = run(arrivals=listed(0.0, MONTH), levers=[more()], **desk(0, workforce=workforce))
    assert diary(records, "started", "ended") == [(0, 2), (MONTH, MONTH + 1)]


def test_work_keeps_the_pace_at_which_it_was_begun():
    """Begun an hour before the newcomer has learnt everything, an hour of work still takes two."""
    workforce = {"ramp_up": MONTH, "ramp_speed": 0.5}
    records = run(arrivals=listed(MONTH - 1), levers=[more()], **desk(0, workforce=workforce))
    assert ends(records) == [MONTH + 1]


def test_whoever_has_been_there_for_long_is_no_newcomer():
    """One in a thousand leaves in a year: on the first day the holder has long learnt everything."""
    workforce = {"turnover": 0.001, "ramp_up": MONTH, "ramp_speed": 0.5}
    assert ends(run(arrivals=listed(0.0), **desk(workforce=workforce))) == [1.0]


def test_colleagues_give_no_more_time_than_they_have():
    """A newcomer alone is taught by nobody: an hour takes two at half speed. Two newcomers take all the time
    of their one colleague: the three do the work of one, so an hour takes three."""
    workforce = {"ramp_up": MONTH, "ramp_speed": 0.5, "training": 1.0}
    assert ends(run(arrivals=listed(0.0), levers=[more()], **desk(0, workforce=workforce))) == [2.0]
    three = run(arrivals=listed(0.0), levers=[more(2)], **desk(1, workforce=workforce))
    assert ends(three) == [pytest.approx(3.0)]


def test_training_makes_the_first_months_worse():
    """A newcomer at a tenth of the speed who takes half of the colleague's time: the two do 0.6 of what the
    one did alone, until the month is over; after that they do twice as much."""
    workforce = {"ramp_up": MONTH, "ramp_speed": 0.1, "training": 0.5}
    many = {"arrivals": listed(*[0.0] * 3000), "horizon": 2 * MONTH}
    alone = run(**many, **desk())
    helped = run(levers=[more()], **many, **desk(workforce=workforce))
    done = [
        [int(np.sum(r.visits["ended"] <= moment)) for moment in (MONTH, 2 * MONTH)] for r in (alone, helped)
    ]
    assert done[0] == [730, 1459]
    assert done[1][0] == pytest.approx(0.6 * MONTH, abs=3)
    assert done[1][1] - done[1][0] == pytest.approx(2 * MONTH, abs=5)


# ------------------------------------------------------------------------------------- overtime


LATE = {"calendars": OFFICE, "teams": {"desk": team(calendar="office", overtime=1.5)}}


def test_overtime_begins_what_was_waiting_until_its_limit():
    """Three cases of an hour at 16:30: the second is begun at 17:30, the third not at 18:30 but next day."""
    records = run(arrivals=listed(16.5, 16.5, 16.5), **LATE)
    assert diary(records, "started", "ended") == [(16.5, 17.5), (17.5, 18.5), (33.0, 34.0)]


def test_whoever_comes_after_closing_is_not_served_in_overtime():
    """The case of 17:00 comes when the desk has closed, more urgent or not; that of 16:30 is served."""
    needs = {
        "help": need(listed(16.0, 16.5)),
        "urgent": need(listed(17.0, 17.5), priority=1),
    }
    records = run(needs=needs, **LATE)
    assert diary(records, "queued", "started") == [(16, 16), (16.5, 17), (17, 33), (17.5, 34)]


def test_whoever_queues_as_the_desk_closes_comes_too_late():
    """At 17:00 two clerks are done: one takes the case of 16:30; the other leaves the case of 17:00."""
    records = run(
        arrivals=listed(16.0, 16.0, 16.5, 17.0),
        calendars=OFFICE,
        **desk(2, calendar="office", overtime=1.5),
    )
    assert diary(records, "queued", "started") == [(16, 16), (16, 16), (16.5, 17), (17, 33)]


def test_overtime_ends_when_the_next_day_begins():
    """Twenty hours of overtime after 17:00 would last until 13:00; who comes on Tuesday at 9:30 is served."""
    late = desk(calendar="office", overtime=20.0)
    records = run(arrivals=listed(16.5, 33.5), calendars=OFFICE, **late)
    assert diary(records, "started") == [(16.5,), (33.5,)]


def test_over_noon_there_is_no_overtime():
    records = run(arrivals=listed(11.5, 11.5), **LATE)
    assert diary(records, "started") == [(11.5,), (13.0,)]


def test_work_that_is_put_down_is_not_begun_in_overtime():
    """An hour begun at 16:30 ends on Tuesday at 9:30, and only then the next one is begun."""
    records = run(work(at_close="pause"), arrivals=listed(16.5, 16.5), **LATE)
    assert diary(records, "started", "ended") == [(16.5, 33.5), (33.5, 34.5)]
    short = run(work(hours=0.5, at_close="pause"), arrivals=listed(16.5, 16.6), **LATE)
    assert diary(short, "started") == [(16.5,), (33.0,)]


def test_overtime_counts_against_newcomers_who_would_balk():
    """At 17:15 the clerk is free to go: nobody could begin a new case, so the queue counts as full."""
    records = run(arrivals=listed(17.25), calendars=OFFICE,
                  teams={"desk": team(calendar="office", overtime=1.5, queue_limit=0)})  # fmt: skip
    assert exits(records) == ["refused"]


def test_allowed_overtime_is_that_of_the_group():
    allow = lever("allow_overtime", teams=["desk"], hours="90 min")
    plain = {"calendars": OFFICE, "teams": {"desk": team(calendar="office")}}
    cases = listed(*(16.5 + DAY * day for day in range(5) for _ in range(3)))
    assert same(run(arrivals=cases, **LATE), run(arrivals=cases, levers=[allow], **plain))
    from_tuesday = run(arrivals=cases, levers=[{**allow, "from": "2026-01-06"}], **plain)
    assert diary(from_tuesday, "started")[:6] == [(16.5,), (33.0,), (34.0,), (40.5,), (41.5,), (57.0,)]


def test_overtime_has_its_price():
    """Two hours after closing at 50 yuan, and nothing else is paid."""
    late = {"calendars": OFFICE, "teams": {"desk": team(calendar="office", overtime=2.0, overtime_cost=50.0)}}
    assert paid(scenario(arrivals=listed(16.0, 16.5, 16.5), **late)) == pytest.approx(100.0)


# ------------------------------------------------------------------------------------- heads and pay


def measured(written, kpi, horizon=96.0):
    records = simulate(written, horizon, 1, 0)
    frame = evaluate(written, records, Window(0.0, horizon))
    return float(frame[(frame["kpi"] == kpi) & (frame["dimension"] == "all")]["value"].iloc[0])


def paid(written):
    return measured(written, "cost_staff")


def test_nobody_is_paid_for_an_empty_post():
    """One clerk for four days, and a second one found after two: 144 hours at a yuan."""
    one = scenario(levers=[more()], **desk(annual_cost=8760.0, workforce={"recruitment": days(2)}))
    assert paid(one) == pytest.approx(96 + 48)


def test_whoever_is_away_is_paid_and_not_on_duty():
    one = scenario(**desk(annual_cost=8760.0, workforce={"absence": 1.0}))
    assert paid(one) == pytest.approx(96)
    assert math.isnan(measured(one, "utilisation"))


def test_heads_by_veterans_registered_at_the_place_and_below():
    """One head for 100: 165 make two, 50 make one, and 40 there with 215 below make three (2.55, rounded)."""
    below = {"tier": "town", "parent": "top"}
    places = {
        "top": {"tier": "city", "veterans": 40},
        "a": {**below, "veterans": 165},
        "b": {**below, "veterans": 50},
    }
    teams = {
        "desk": {"tier": "town", "staff": {"clerk": {"per_veterans": 100.0}}},
        "hall": {"tier": "city", "staff": {"clerk": {"per_veterans": 100.0}}},
        "some": {"tier": "town", "staff": {"clerk": {"per_veterans": 400.0}}},
    }
    layout = make_layout(scenario(work(teams="desk @ nearest"), places=places, teams=teams), 24.0)
    heads = {unit.id: unit.on_duty(0.0) for unit in layout.teams}
    assert heads == {"desk@a": 2, "desk@b": 1, "hall@top": 3, "some@a": 0, "some@b": 0}


def test_a_lever_on_the_pace_takes_effect_on_its_day():
    """Twice the speed from Tuesday on; what was begun before keeps its pace."""
    train = lever("train_staff", speed=2.0, **{"from": "2026-01-06"})
    records = run(work(hours=2.0), arrivals=listed(0.0, 23.0, 24.0, 30.0), levers=[train], **desk(2))
    assert diary(records, "started", "ended") == [(0, 2), (23, 25), (24, 25), (30, 31)]
