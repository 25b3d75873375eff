"""Levers that are switched on and off by what is seen; every switch worked out by hand.

Hours since Monday 5 January 2026. The calendar of the triggers never closes, unless said: they are looked at
at 0, 24, 48 h ...
"""

import pytest

from simulation.engines import simulate
from simulation.kpis.measured import prepare
from simulation.kpis.money import cost_levers
from simulation.kpis.window import Window
from simulation.scenario import Policy, apply
from simulation.scenario.phases import variants
from simulation.spec import InputError
from tests.scenarios import (
    OFFICE,
    delay,
    diary,
    ends,
    exactly,
    exits,
    keyed,
    listed,
    need,
    run,
    same,
    scenario,
    team,
    until,
    work,
)

BUSY = {"arrivals": {"kind": "poisson", "rate": 0.9}, "seed": 7}


def fast(factor=0.5, **fields):
    """A lever that makes the work of the desk faster, when its trigger says so."""
    trigger = {"observe": "waiting", "above": 2, "below": 1, **fields.pop("trigger", {})}
    return {
        "id": "fast",
        "kind": "scale_time",
        "steps": ["serve"],
        "factor": factor,
        "trigger": trigger,
        **fields,
    }


def switched(records):
    """The switches: moment, lever, on or off."""
    names = records.names.levers
    return [(row["time"], names[row["lever"]], bool(row["on"])) for row in records.switches]


FOUR = {"arrivals": listed(0.0, 0.0, 0.0, 0.0, 0.0)}
"""Five cases at once, of 20 h each: 4 wait at first; at 24 h 3, at 48 h 2 and at 72 h 1, at 96 h none."""


def test_it_is_switched_on_above_and_off_below():
    """At 24 h three wait, more than two: on. The service of 20 h begun at 20 h ends at 40 h; those begun at
    40, 50, 60 h take 10 h each. At 48 h two wait, at 72 h none, less than one: off."""
    records = run(work(hours=20.0), **FOUR, levers=[fast()])
    assert switched(records) == [(24.0, "fast", True), (72.0, "fast", False)]
    assert ends(records) == [20.0, 40.0, 50.0, 60.0, 70.0]


def test_a_trigger_that_is_never_reached_changes_nothing():
    """Nothing is that high: the records are those without the lever."""
    never = fast(trigger={"above": 10_000, "below": 0})
    plain, changed = run(**BUSY), run(**BUSY, levers=[never])
    assert keyed(plain) == keyed(changed)
    assert switched(changed) == []


def test_nothing_changes_before_the_first_switch():
    """Until then the records are those without the lever."""
    plain, changed = run(**BUSY), run(**BUSY, levers=[fast()])
    first = switched(changed)[0][0]
    assert until(plain, first) == until(changed, first)
    assert keyed(plain) != keyed(changed)


def test_a_trigger_that_is_always_on_is_the_lever_from_the_second_look_on():
    """Above nought cases waiting from 24 h on; below nought is never seen. It is the lever from 24 h on."""
    always = fast(trigger={"above": 0, "below": 0})
    busy = {"arrivals": listed(*[0.0] * 40)}
    dated = {**fast(), "from": "2026-01-06"}
    del dated["trigger"]
    one, other = run(**busy, levers=[always]), run(**busy, levers=[dated])
    assert switched(one) == [(24.0, "fast", True)]
    assert one.visits.tobytes() == other.visits.tobytes()


def test_days_in_a_row_are_needed():
    """More than one waits at 24 and 48 h, and only then is it switched on: the service begun at 60 h is fast.
    At 72 h nobody waits, at 96 h neither: off on the second of these days."""
    lever = fast(trigger={"above": 1, "above_for": 2, "below": 1, "below_for": 2})
    records = run(work(hours=20.0), **FOUR, levers=[lever])
    assert switched(records) == [(48.0, "fast", True), (96.0, "fast", False)]
    assert ends(records) == [20.0, 40.0, 60.0, 70.0, 80.0]


def test_a_day_in_between_begins_the_count_anew():
    """Three wait at 24 h, none at 48 h, three again at 72 h and at 96 h: on at 96 h."""
    times = [23.0] * 4 + [71.0] * 4 + [95.0] * 4
    lever = fast(factor=1.0, trigger={"above": 2, "above_for": 2, "below": 0})
    records = run(work(hours=2.0), arrivals=listed(*times), levers=[lever])
    assert switched(records) == [(96.0, "fast", True)]


def test_between_the_thresholds_nothing_is_switched():
    """It goes on above two and off below one: with one or two waiting it stays as it is. Without hysteresis
    (below two) it is off a day earlier."""
    slow = {"arrivals": listed(*[0.0] * 5)}
    wide = run(work(hours=20.0), **slow, levers=[fast(factor=1.0)])
    narrow = run(work(hours=20.0), **slow, levers=[fast(factor=1.0, trigger={"below": 2})])
    assert switched(wide) == [(24.0, "fast", True), (96.0, "fast", False)]
    assert switched(narrow) == [(24.0, "fast", True), (72.0, "fast", False)]


def test_it_is_looked_at_when_the_calendar_opens():
    """The office opens at 9 on weekdays. Four wait at 9 h on Monday: on. From 20 h on each service takes
    10 h; at 33 h two wait, at 57 h, on Wednesday, none: off. Who comes on Saturday is seen on Monday."""
    lever = fast(trigger={"calendar": "office"})
    records = run(work(hours=20.0), **FOUR, calendars=OFFICE, levers=[lever])
    assert switched(records) == [(9.0, "fast", True), (57.0, "fast", False)]
    saturday = run(work(hours=20.0), arrivals=listed(*[121.0] * 6), calendars=OFFICE, levers=[lever])
    assert switched(saturday)[0] == (177.0, "fast", True)


def test_open_cases_are_counted_and_those_away_are_not():
    """Three rest for 50 h, one is away and comes back later. Above two: on; above three: never."""
    step = delay("rest", 50.0, next="unresolved")
    comes_back = {"after": ["unresolved"], "probability": 1.0, "delay": exactly(500.0), "limit": 1}
    needs = {"help": need(listed(0.0, 0.0, 0.0)), "gone": need(listed(0.0), "out", returns=comes_back)}
    pathways = {"path": {"steps": [step]}, "out": {"steps": [delay("try", 1.0, next="unresolved")]}}

    def moments(above):
        lever = fast(trigger={"observe": "open_cases", "above": above, "below": 1}, steps=["rest"])
        return switched(run(needs=needs, pathways=pathways, levers=[lever]))

    assert moments(2) == [(24.0, "fast", True), (72.0, "fast", False)]
    assert moments(3) == []


@pytest.mark.parametrize(("cases", "above", "first"), [(10, 1.5, 48.0), (20, 1.5, 96.0)])
def test_the_percentile_is_the_smallest_age_that_nine_tenths_do_not_exceed(cases, above, first):
    """Two cases are of hour 0, the others of hour 47. Of ten, eight are young: the ninth is 48 h old at 48 h.
    Of twenty, eighteen are young: the eighteenth is the 90th percentile, and 1.5 d old at 96 h only."""
    lever = fast(trigger={"observe": "age_p90", "above": above, "below": 0}, steps=["rest"])
    times = [0.0] * 2 + [47.0] * (cases - 2)
    records = run(delay("rest", 300.0), arrivals=listed(*times), levers=[lever])
    assert switched(records)[0] == (first, "fast", True)


def test_only_the_chosen_needs_and_teams_are_seen():
    """The queue of the other team is long; a trigger that looks at the desk does not see it."""
    needs = {"help": need(listed(0.0)), "card": need(listed(*[0.0] * 9), "second")}
    pathways = {"path": {"steps": [work("serve", 30.0)]},
                "second": {"steps": [work("check", 30.0, teams="other")]}}  # fmt: skip
    parts = {"needs": needs, "pathways": pathways, "teams": {"desk": team(), "other": team()}}

    def first(**trigger):
        return switched(run(**parts, levers=[fast(trigger=trigger)]))[:1]

    assert first() == first(teams=["other"]) == first(needs=["card"]) == [(24.0, "fast", True)]
    assert first(teams=["desk"]) == first(needs=["help"]) == []


def test_all_are_seen_before_any_is_switched():
    """Two levers with the same trigger are switched at the same look, in the order of the levers."""
    again = {**fast(), "id": "slow", "factor": 2.0}
    records = run(work(hours=20.0), **FOUR, levers=[fast(), again])
    assert switched(records)[:2] == [(24.0, "fast", True), (24.0, "slow", True)]
    assert ends(records) == ends(run(work(hours=20.0), **FOUR))


def test_a_lever_is_switched_off_when_its_time_ends():
    """On from 24 h, and its last day is the second: off at 48 h, although many wait."""
    records = run(work(hours=20.0), **FOUR, levers=[fast(to="2026-01-06")])
    assert switched(records) == [(24.0, "fast", True), (48.0, "fast", False)]


def test_a_lever_is_not_switched_on_before_its_time():
    """Its first day is the third: what it saw before does not count, and at 48 h two wait, not more."""
    records = run(work(hours=20.0), **FOUR, levers=[fast(**{"from": "2026-01-07"})])
    assert switched(records) == []


def test_cases_on_a_version_that_is_switched_off_finish_on_it():
    """A triage while many wait: a case that is in it when it is switched off goes on to its service."""
    sort = {"id": "sort", "kind": "delay", "time": exactly(60.0)}
    trigger = {"observe": "waiting", "above": 1, "below": 1}
    lever = {"id": "triage", "kind": "insert_step", "pathways": ["path"], "step": sort, "trigger": trigger}
    records = run(work(hours=15.0), arrivals=listed(0.0, 0.0, 0.0, 0.0, 25.0, 50.0), levers=[lever])
    assert switched(records) == [(24.0, "triage", True), (48.0, "triage", False)]
    assert exits(records) == ["resolved"] * 6
    assert diary(records, "step", "ended", case=4) == [("sort", 85.0), ("serve", 100.0)]
    assert diary(records, "step", "ended", case=5) == [("serve", 75.0)]


def test_overflow_helps_and_hands_work_back():
    """Under common random numbers a lever that speeds up work in need leaves waits shorter in sum."""
    lever = fast(trigger={"above": 3, "below": 1})
    plain, changed = run(**BUSY), run(**BUSY, levers=[lever])
    waits = [sum(row for (row,) in diary(records, "wait") if row == row) for records in (plain, changed)]
    assert waits[1] < waits[0]
    assert len(switched(changed)) >= 2


def test_a_rescue_that_takes_the_time_of_those_it_should_rescue_makes_things_worse():
    """When somebody waits at 24 h, the clerk begins to sort each new case for an hour: six cases of 25 h end
    by 66 h instead of 60 h."""
    sort = {"id": "sort", "kind": "work", "teams": "desk", "time": exactly(1.0)}
    trigger = {"observe": "waiting", "above": 0, "below": 0}
    lever = {"id": "triage", "kind": "insert_step", "pathways": ["path"], "step": sort, "trigger": trigger}
    busy = {"arrivals": listed(*[0.0] * 6, *[25.0] * 6)}
    plain, changed = run(work(hours=5.0), **busy), run(work(hours=5.0), **busy, levers=[lever])
    assert switched(changed) == [(24.0, "triage", True)]
    assert (max(ends(plain)), max(ends(changed))) == (60.0, 66.0)


# -------------------------------------------------------------------------------------------------- cost


def cost(levers, horizon=1000.0, window=None, **parts):
    """The cost of the levers in a window, by default the first twenty days."""
    system = scenario(work(hours=20.0), levers=levers, **(parts or FOUR))
    records = simulate(system, horizon, 1, 0)
    return cost_levers(prepare(system, records, window or Window(0.0, 480.0))).value


DAILY = {"cost_per_year": 3650.0}
"""Ten yuan a day."""


def test_a_lever_costs_while_it_is_on():
    """On from 24 to 72 h: two days at 10 yuan, and 100 once, when it is first switched on."""
    assert cost([fast(**DAILY)]) == pytest.approx(20.0)
    assert cost([fast(**DAILY, cost_once=100.0)]) == pytest.approx(120.0)


def test_a_lever_that_is_never_on_costs_nothing():
    """Its set-up is paid when it is first needed."""
    assert cost([fast(**DAILY, cost_once=100.0, trigger={"above": 50})]) == 0.0


def test_only_the_time_in_the_window_counts():
    """On from 24 to 72 h: half a day of it before 36 h."""
    assert cost([fast(**DAILY)], window=Window(36.0, 480.0)) == pytest.approx(15.0)
    assert cost([fast(**DAILY)], window=Window(0.0, 36.0)) == pytest.approx(5.0)


def test_strength_scales_the_cost():
    """Half the strength, half the money: on at 24 h; the work of 15 h leaves it on until 72 h."""
    assert cost([fast(**DAILY, cost_once=100.0, strength=0.5)]) == pytest.approx(0.5 * (100.0 + 20.0))


def test_a_budget_switches_a_lever_off_for_good():
    """Ten yuan a day; at 48 h ten are spent, of ten: off, and not on again, although two wait."""
    lever = fast(factor=1.0, **DAILY, budget=10.0, trigger={"above": 1, "below": 1})
    records = run(work(hours=20.0), **FOUR, levers=[lever])
    assert switched(records) == [(24.0, "fast", True), (48.0, "fast", False)]
    assert cost([lever]) == pytest.approx(10.0)


def test_a_ramp_costs_by_its_steps():
    """Two steps of a half, 10 yuan a day and 100 once: 50 and 30 x 5 in 30 d, then 50 and 10 x 10."""
    lever = {**fast(), "ramp": "60 d", **DAILY, "cost_once": 100.0}
    del lever["trigger"]
    assert cost([lever], window=Window(0.0, 960.0)) == pytest.approx(50 + 150 + 50 + 100)
    assert cost([lever], window=Window(240.0, 480.0)) == pytest.approx(50 + 50)


def test_a_lever_costs_until_its_end_or_the_end_of_its_budget():
    """Ten days in the calendar; or 55 yuan, which pay for five full days."""
    lever = {**fast(), **DAILY}
    del lever["trigger"]
    assert cost([{**lever, "to": "2026-01-14"}]) == pytest.approx(100.0)
    assert cost([{**lever, "budget": 55.0}]) == pytest.approx(50.0)


# -------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("lever", "message"),
    [
        ({"kind": "add_staff", "team": "desk", "group": "clerk", "heads": 1}, "a trigger cannot switch"),
        ({"kind": "scale_presentation", "groups": ["all"], "factor": 0.5}, "a trigger cannot switch"),
        ({"kind": "merge_teams", "teams": ["desk", "b"], "into": "c"}, "a trigger cannot switch"),
        ({"kind": "scale_time", "steps": ["serve"], "factor": 0.5, "ramp": "60 d"}, "has no ramp"),
    ],
)
def test_what_cannot_be_switched_is_refused(lever, message):
    """Heads, places, and who presents a need stay in a run; a ramp and a trigger exclude each other."""
    with pytest.raises(InputError, match=message):
        scenario(levers=[{"id": "x", "trigger": fast()["trigger"], **lever}])


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        ({"below": 3}, "at once"),
        ({"needs": ["nobody"]}, "no such name"),
        ({"teams": ["nobody"]}, "no such name"),
        ({"calendar": "never"}, "no such name"),
        ({"observe": "age_p90", "teams": ["desk"]}, "not seen at a team"),
    ],
)
def test_triggers_that_make_no_sense_are_refused(trigger, message):
    """Thresholds the wrong way round, names that are not there."""
    with pytest.raises(InputError, match=message):
        scenario(levers=[fast(trigger=trigger)])


def test_at_most_four_triggers():
    """Every set of them is laid out before the run: sixteen systems with four."""
    levers = [{**fast(), "id": f"l{number}"} for number in range(5)]
    assert len(variants(scenario(levers=levers[:4]))[0][1]) == 16
    with pytest.raises(InputError, match="at most 4"):
        scenario(levers=levers)
    with pytest.raises(InputError, match="at most 4"):
        apply(Policy(id="more", levers=levers[4:]), scenario(levers=levers[:4]))


def test_the_same_key_gives_the_same_switches():
    """Whatever the order in which open cases are held."""
    lever = fast(trigger={"observe": "age_p90", "above": 0.2, "below": 0.1})
    one, other = (run(**BUSY, levers=[lever]) for _ in range(2))
    assert same(one, other)
    assert one.switches.tobytes() == other.switches.tobytes()
    assert len(one.switches) > 2
