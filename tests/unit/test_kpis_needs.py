"""Of all needs that arose, each is counted once, in the right window and over the right denominator."""

import math

import pytest

from simulation.kpis import Window, evaluate
from simulation.kpis.examples import make_records, town, worked_example

DAY = Window(0.0, 24.0)
BRIDGE = {"id": "bridge", "kind": "delay", "time": {"kind": "deterministic", "at": 1}}


def claim(arrival, exit_="open", ended=math.nan, **more):
    row = {"need": "claim", "arrival": arrival, "exit": exit_, **more}
    return row | ({} if exit_ in ("open", "not_presented") else {"ended": ended})


def measure(rows, window=DAY, horizon=240.0, scenario=None):
    scenario = scenario or town()
    frame = evaluate(scenario, make_records(scenario, horizon, rows), window)
    return frame.set_index(["kpi", "dimension", "level"]).sort_index()


def at(frame, kpi, dimension="all", level=""):
    return frame.loc[(kpi, dimension, level), "value"]


WORKED = {
    "latent": 4,
    "presented": 3 / 4,
    "covered": 1,
    "fulfilment": 2 / 4,
    "on_time": 1 / 4,
    "unserved": 2 / 4,
    "exit_not_presented": 1 / 4,
    "exit_reneged": 1 / 4,
    "exit_unresolved": 0,
    "exit_balked": 0,
    "exit_lost": 0,
    "exit_refused": 0,
    "exit_ineligible": 0,
    "exit_resolved_itself": 0,
    "exit_dropped_out": 0,
    "exit_open": 0,
    "outreach_done": 1,
    "wait_first_contact_mean": (0 + 1 / 24 + 90) / 3,
    "wait_first_contact_median": 1 / 24,
    "wait_first_contact_p90": 90,
    "time_to_resolution_mean": (1 / 24 + 5 / 24 + 180) / 3,
    "time_to_resolution_median": 5 / 24,
    "time_to_resolution_p90": 180,
    "first_contact_resolution": 1 / 3,
    "online_share": 1 / 3,
    "failure_demand": 1,
    "hand_overs": 1 / 3,
    "referral_completion": 1,
    "misrouting": 0,
    "stages_on_time": 0,
    "petitions_opened": 250,
    "petitions_overdue": 250,
    "backlog_mean": (1 + 5 + 1 + 2) / 24,
    "backlog_end": 0,
    "utilisation": 6 / 16,
    "overtime": 1,
    "cost_staff": 48,
    "cost_contacts": 41,
    "cost_levers": 0,
    "cost": 89,
    "cost_per_resolved": 44.5,
    "resolved": 2,
    "veterans_covered": 1,
    "distance_to_station": 0,
    "petitions_overdue_share": 1,
    "escalations": 1,
    "fulfilment_gap": 0,
    "fulfilment_ratio": 1,
    "fulfilment_gini": 0,
    "fulfilment_worst_tenth": 2 / 4,
    "wait_gap": 0,
    "wait_ratio": 1,
    "wait_gini": 0,
    "wait_worst_tenth": (0 + 1 / 24 + 90) / 3,
    "department_time_mean": 3 / 24,
    "department_time_median": 3 / 24,
    "department_time_p90": 3 / 24,
    "teams_per_resolved": (1 + 2) / 2,
    "resolved_per_staff_time": 2 / 16 * 1000,
    "trips": (1 + 1 + 0) / 3,
    "opening_cleared": math.nan,
    "opening_cleared_day": math.nan,
    "supply_match": 1,
    "supply_lost": 0,
    "supply_refused": 0,
    "supply_ineligible": 0,
    "supply_given_up": 0,
    "supply_waiting": 0,
    "volunteer_hours": 0,
    "supervision_hours": 0,
    "volunteer_hours_net": 0,
    "volunteer_part": 0,
    "satisfaction": sum(
        1 / (1 + math.exp(0.5 - solved * 2 + hours / 24 * 0.03 + trips * 0.3))
        for solved, hours, trips in ((1, 1, 1), (1, 5, 1), (0, 1, 0))
    )
    / 3,
    "sense_of_achievement": 0.4 * 1 / 4 + 0.2 * 1 / 3 + 0.2 * 1 + 0.2 * 0,
}
"""Every KPI of the worked example, by hand."""


@pytest.fixture(scope="module")
def worked():
    example = worked_example()
    frame = evaluate(example.scenario, example.records, example.window)
    return frame.set_index(["kpi", "dimension", "level"]).sort_index()


def test_every_kpi_is_worked_out_by_hand(worked):
    """The table of the worked example has these KPIs and no others."""
    assert set(worked.index.get_level_values("kpi")) == set(WORKED)


@pytest.mark.parametrize("kpi", WORKED)
def test_the_worked_example(worked, kpi):
    """A day with six cases gives the value that pencil and paper give."""
    assert at(worked, kpi) == pytest.approx(WORKED[kpi], nan_ok=True)


def test_own_work_and_opened_cases_appear_under_their_need_only(worked):
    """Planned visits and petitions are in no headline number, and each in that of its own need."""
    assert at(worked, "latent") == at(worked, "latent", "need", "claim") == 4
    assert at(worked, "latent", "need", "petition") == at(worked, "latent", "need", "visit") == 1
    assert at(worked, "fulfilment", "need", "visit") == 1
    assert at(worked, "fulfilment", "place", "hall") == at(worked, "fulfilment", "group", "all") == 0.5


def test_the_tier_is_that_of_first_contact(worked):
    """A need counts in the tier where it was or would have been presented, if that is known."""
    assert at(worked, "latent", "tier", "town") == 3
    assert at(worked, "fulfilment", "tier", "town") == pytest.approx(2 / 3)
    rows = [
        claim(1.0, "not_presented", contact="hall"),
        claim(1.0, "not_presented"),
        claim(1.0, contact="hall"),
    ]
    frame = measure(rows)
    assert at(frame, "latent", "tier", "town") == 2
    assert at(frame, "presented", "tier", "town") == 1 / 2


def test_warm_up_and_run_out_are_filters():
    """A need counts when it arises in the window, wherever its case ends; the end is not in the window."""
    rows = [
        claim(23.9, "resolved", 30.0),
        claim(24.0, "resolved", 100.0),
        claim(47.9, "reneged", 49.0),
        claim(48.0, "resolved", 48.0),
    ]
    frame = measure(rows, Window(24.0, 48.0))
    assert at(frame, "latent") == 2
    assert at(frame, "fulfilment") == 0.5


def test_unmet_is_measured_over_all_that_arose():
    """Presenting fewer needs never raises the share that is met."""
    some = [claim(1.0, "resolved", 2.0), claim(1.0, "reneged", 2.0)]
    fewer = [claim(1.0, "resolved", 2.0), claim(1.0, "not_presented")]
    assert at(measure(some), "fulfilment") == at(measure(fewer), "fulfilment") == 0.5


def test_what_is_open_at_the_end_is_counted_beside():
    """An open case is not resolved, and is counted as censored."""
    frame = measure([claim(1.0), claim(1.0, "resolved", 2.0)])
    assert frame.loc[("fulfilment", "all", ""), ["value", "n", "censored"]].tolist() == [0.5, 2, 1]
    assert at(frame, "exit_open") == 0.5


def test_nothing_divided_by_nothing_has_no_value():
    """Without a case a share is no number, not zero; a count is zero."""
    frame = measure([])
    counts = {"latent", "resolved", "backlog_mean", "backlog_end", "overtime", "cost_contacts", "cost_levers"}
    counts |= {"escalations", "volunteer_hours", "supervision_hours", "volunteer_hours_net", "volunteer_part"}
    counts |= {"distance_to_station", "resolved_per_staff_time", "sense_of_achievement"}
    for kpi in WORKED:
        value = at(frame, kpi)
        if kpi in counts:
            assert value == 0
        elif kpi in ("cost", "cost_staff"):
            assert value == 48
        elif kpi == "utilisation":
            assert value == 0
        elif kpi == "veterans_covered":
            assert value == 1
        else:
            assert math.isnan(value), kpi
    assert (frame.loc["fulfilment", "n"] == 0).all()


def test_on_time_means_resolved_by_the_deadline():
    """Exactly at the deadline is on time; later, ended otherwise, open past it or never presented is not."""
    rows = [
        claim(1.0, "resolved", 4.0),
        claim(1.0, "resolved", 4.1),
        claim(1.0, "unresolved", 2.0),
        claim(1.0),
        claim(1.0, "not_presented"),
        {"need": "visit", "arrival": 1.0, "exit": "resolved", "ended": 2.0},
    ]
    frame = measure(rows)
    assert frame.loc[("on_time", "all", ""), ["value", "n", "censored"]].tolist() == [1 / 5, 5, 0]
    assert math.isnan(at(frame, "on_time", "need", "visit"))


def test_a_deadline_beyond_the_run_is_undecided():
    """A case that is open when the run ends before its deadline is not on time yet, and censored."""
    frame = measure([claim(9.0), claim(1.0)], Window(0.0, 10.0), horizon=10.0)
    assert frame.loc[("on_time", "all", ""), ["value", "n", "censored"]].tolist() == [0, 2, 1]


@pytest.mark.parametrize(("ended", "kept"), [(8 * 24 + 16.0, 1), (8 * 24 + 16.1, 0)])
def test_working_days_pass_on_their_calendar(ended, kept):
    """Two working days (of eight hours) from Friday four o'clock last until Tuesday four o'clock."""
    needs = [
        {
            "id": "claim",
            "pathway": "visit",
            "arrivals": {"rate": 1},
            "deadline": "2 wd",
            "deadline_calendar": "office",
        },
        {"id": "petition", "pathway": "petition"},
    ]
    friday = 4 * 24 + 16.0
    frame = measure([claim(friday, "resolved", ended)], Window(0.0, 240.0), scenario=town(needs=needs))
    assert at(frame, "on_time") == kept


def test_covered_asks_for_the_station_of_first_contact():
    """A need taken to the community with probability .4 is covered to .6 where that is unstaffed."""
    places = [
        {"id": "hall", "tier": "town", "veterans": 0},
        {"id": "bureau", "tier": "department", "parent": "hall"},
        {"id": "far", "tier": "community", "parent": "hall", "veterans": 50, "staffed": False},
        {"id": "near", "tier": "community", "parent": "hall", "veterans": 50},
    ]
    need = {"pathway": "claim", "first_contact": {"community": 0.4, "town": 0.6}, "arrivals": {"rate": 1}}
    scenario = town(places=places, needs={"claim": need, "petition": {"pathway": "petition"}})
    rows = [claim(1.0, origin="far"), claim(1.0, origin="near"), claim(1.0, "not_presented", origin="far")]
    frame = measure(rows, scenario=scenario)
    assert at(frame, "covered") == pytest.approx((0.6 + 1.0 + 0.6) / 3)
    assert at(frame, "covered", "place", "far") == pytest.approx(0.6)


def test_served_means_that_somebody_began_to_work():
    """Not presented, or left before anyone began, is unserved; still waiting is that too, and censored."""
    desk = ("claim.desk", "desk@hall", 9.0, 9.0, 10.0, 11.0, "completed")
    waiting = ("claim.desk", "desk@hall", 9.0, 9.0, math.nan, math.nan, "waiting")
    rows = [
        claim(9.0, "unresolved", 11.0, visits=[desk]),
        claim(9.0, visits=[waiting]),
        claim(9.0, "not_presented"),
        claim(9.0, "refused", 9.0),
    ]
    frame = measure(rows)
    assert frame.loc[("unserved", "all", ""), ["value", "censored"]].tolist() == [3 / 4, 1]


def test_planned_visits_are_measured_by_themselves():
    """Outreach is done when it is resolved; needs of veterans are not in it."""
    rows = [
        {"need": "visit", "arrival": 1.0, "exit": "resolved", "ended": 2.0},
        {"need": "visit", "arrival": 1.0, "exit": "not_presented"},
        claim(1.0, "resolved", 2.0),
    ]
    frame = measure(rows)
    assert frame.loc[("outreach_done", "all", ""), ["value", "n"]].tolist() == [1 / 2, 2]
    assert at(frame, "outreach_done", "need", "visit") == 1 / 2
    assert math.isnan(at(frame, "outreach_done", "need", "claim"))
