"""Time averages are cut at the edges of the window, work at opening hours, and costs at both."""

import math

import pytest

from simulation.kpis import Window, evaluate
from simulation.kpis.examples import make_records, town

NAN = math.nan
HEAD = {"count": 1, "calendar": "office", "annual_cost": 8760}


def case(arrival, exit_="open", ended=NAN, need="claim", **more):
    row = {"need": need, "arrival": arrival, "exit": exit_, **more}
    return row | ({} if exit_ in ("open", "not_presented") else {"ended": ended})


def work(started, ended, outcome="completed", step="claim.desk", team="desk@hall"):
    """A case that is worked on without a wait."""
    visit = (step, team, started, started, started, ended, outcome)
    return case(started, "open" if math.isnan(ended) else "resolved", ended, visits=[visit])


def measure(rows, window, horizon=240.0, scenario=None, dimension="all"):
    scenario = scenario or town()
    frame = evaluate(scenario, make_records(scenario, horizon, rows), window)
    found = frame[frame["dimension"] == dimension]
    return found.set_index("kpi" if dimension == "all" else ["kpi", "level"]).sort_index()


def pathways_that_pause():
    step = {"kind": "work", "time": {"kind": "deterministic", "at": 1}, "teams": "desk", "at_close": "pause"}
    names = {"claim": "desk", "petition": "decide", "visit": "call"}
    return {name: {"steps": [{"id": first, **step}]} for name, first in names.items()}


# ------------------------------------------------------------------------------------ backlog


def test_the_backlog_is_cut_at_both_edges():
    """Ten hours of window: open all through (10), ending in it (2), beginning in it (3), elsewhere (0)."""
    rows = [
        case(0.0),
        case(5.0, "resolved", 12.0),
        case(17.0, "reneged", 30.0),
        case(1.0, "resolved", 10.0),
        case(20.0),
        case(12.0, "not_presented"),
    ]
    frame = measure(rows, Window(10.0, 20.0))
    assert frame.loc["backlog_mean", ["value", "n", "censored"]].tolist() == pytest.approx([1.5, 3, 1])


def test_a_case_counts_in_the_backlog_wherever_it_came_from_but_own_work_does_not():
    """Petitions are open cases of veterans; visits that the service planned are open under their own need."""
    rows = [case(0.0), case(0.0, need="petition", parent=0), case(0.0, need="visit")]
    frame = measure(rows, Window(0.0, 10.0))
    assert frame.loc["backlog_mean", "value"] == frame.loc["backlog_end", "value"] == 2
    assert measure(rows, Window(0.0, 10.0), dimension="need").loc[("backlog_mean", "visit"), "value"] == 1


def test_the_backlog_at_the_end_is_what_was_not_closed_by_then():
    rows = [case(1.0, "resolved", 10.0), case(1.0, "resolved", 10.1), case(1.0), case(11.0)]
    assert measure(rows, Window(0.0, 10.0)).loc["backlog_end", ["value", "censored"]].tolist() == [2, 1]


# ------------------------------------------------------------------------------------ work


def test_work_across_the_warm_up_counts_from_the_edge():
    """Work from 9 to 11, window from 10: one hour of fourteen on duty (two heads, seven hours)."""
    frame = measure([work(9.0, 11.0)], Window(10.0, 24.0))
    assert frame.loc["utilisation", ["value", "n"]].tolist() == pytest.approx([1 / 14, 1])


def test_work_that_ended_before_or_begins_after_the_window_does_not_count():
    frame = measure([work(9.0, 10.0), work(16.0, 17.0)], Window(10.0, 16.0))
    assert frame.loc["utilisation", ["value", "n"]].tolist() == [0, 0]


def test_work_after_closing_is_overtime_and_not_utilisation():
    """Begun at 16, closing at 17, finished at 19."""
    frame = measure([work(16.0, 19.0)], Window(0.0, 24.0))
    assert frame.loc["utilisation", "value"] == pytest.approx(1 / 16)
    assert frame.loc["overtime", "value"] == pytest.approx(2)


def test_overtime_is_cut_at_the_window_too():
    frame = measure([work(16.0, 19.0)], Window(0.0, 18.0))
    assert frame.loc["overtime", "value"] == pytest.approx(1)


def test_work_that_pauses_at_closing_makes_no_overtime():
    """Begun Monday at 16, put down at 17, taken up at 9, finished Tuesday at 10: two hours of 32."""
    frame = measure([work(16.0, 34.0)], Window(0.0, 48.0), scenario=town(pathways=pathways_that_pause()))
    assert frame.loc["utilisation", "value"] == pytest.approx(2 / 32)
    assert frame.loc["overtime", "value"] == 0


def test_work_under_way_at_the_end_of_the_run_counts_until_then():
    frame = measure([work(9.0, NAN, "in_service")], Window(0.0, 12.0), horizon=12.0)
    assert frame.loc["utilisation", ["value", "censored"]].tolist() == pytest.approx([3 / 6, 1])


def test_waiting_and_delays_occupy_nobody():
    waiting = ("claim.desk", "desk@hall", 9.0, 9.0, NAN, 12.0, "reneged")
    form = ("claim.form", None, 9.0, 9.0, 9.0, 12.0, "completed")
    frame = measure([case(9.0, "reneged", 12.0, visits=[form, waiting])], Window(0.0, 24.0))
    assert frame.loc["utilisation", ["value", "n"]].tolist() == [0, 0]


def test_nobody_on_duty_is_no_utilisation():
    """On a Sunday there is nothing to divide by."""
    assert math.isnan(measure([], Window(144.0, 168.0)).loc["utilisation", "value"])


def test_load_is_told_apart_by_team_tier_and_place():
    """The desk works two hours of eight, the bureau four; departments are places of their own."""
    bureau = work(9.0, 13.0, step="claim.bureau", team="bureau@bureau")
    rows = [work(9.0, 11.0), bureau]
    for dimension, desk in (("team", "desk"), ("tier", "town"), ("place", "hall")):
        frame = measure(rows, Window(0.0, 24.0), dimension=dimension)
        other = "department" if dimension == "tier" else "bureau"
        assert frame.loc[("utilisation", desk), "value"] == pytest.approx(2 / 8)
        assert frame.loc[("utilisation", other), "value"] == pytest.approx(4 / 8)
        assert frame.loc[("cost_staff", other), "value"] == pytest.approx(24)


# ------------------------------------------------------------------------------------ capacity and money


def hiring():
    """A town whose desk has a second head from Tuesday on."""
    hired = {**HEAD, "changes": [{"from": "2026-01-06", "add": 1}]}
    teams = {
        "desk": {"place": "hall", "staff": {"clerk": hired}},
        "bureau": {"place": "bureau", "staff": {"officer": HEAD}},
    }
    return town(teams=teams)


def test_heads_count_from_the_day_they_come():
    """Two heads on Monday and three on Tuesday, eight hours each, paid day and night at a yuan an hour."""
    frame = measure([work(9.0, 13.0)], Window(0.0, 48.0), scenario=hiring())
    assert frame.loc["utilisation", "value"] == pytest.approx(4 / 40)
    assert frame.loc["cost_staff", "value"] == pytest.approx(2 * 24 + 3 * 24)


def test_a_lever_costs_once_and_by_the_year():
    """From Tuesday: 1,000 once, a yuan an hour for the 24 hours left of the window, and its staff."""
    lever = {"id": "more", "kind": "add_staff", "team": "desk", "group": "clerk", "heads": 1}
    priced = {**lever, "from": "2026-01-06", "cost_once": 1000, "cost_per_year": 8760}
    frame = measure([], Window(0.0, 48.0), scenario=town(levers=[priced]))
    assert frame.loc["cost_levers", ["value", "n"]].tolist() == [1024, 1]
    assert frame.loc["cost_staff", "value"] == pytest.approx(2 * 24 + 3 * 24)
    assert frame.loc["cost", "value"] == pytest.approx(1024 + 120)


def test_a_lever_that_was_there_before_the_window_costs_its_part_of_it():
    lever = {"id": "fast", "kind": "scale_time", "teams": ["desk"], "factor": 0.5}
    frame = measure(
        [], Window(24.0, 48.0), scenario=town(levers=[{**lever, "cost_once": 5, "cost_per_year": 8760}])
    )
    assert frame.loc["cost_levers", "value"] == 29


def test_a_lever_of_later_costs_nothing():
    lever = {"id": "late", "kind": "scale_time", "teams": ["desk"], "factor": 0.5}
    later = {**lever, "from": "2026-01-07", "cost_once": 5, "cost_per_year": 8760}
    assert measure([], Window(0.0, 48.0), scenario=town(levers=[later])).loc["cost_levers", "value"] == 0


def test_contacts_cost_what_their_channel_costs_each_time():
    """One in person (10), one on-line that came back twice (3 x 1), a planned visit (10)."""
    rows = [
        case(1.0),
        case(1.0, channel="online", rounds=2),
        case(1.0, need="visit"),
        case(1.0, "not_presented"),
        case(50.0),
    ]
    frame = measure(rows, Window(0.0, 48.0))
    assert frame.loc["cost_contacts", ["value", "n"]].tolist() == [23, 5]


def test_the_cost_of_a_resolved_need_is_over_needs_of_veterans():
    """Two heads for a day (48) and four contacts (40), over two claims, petition and visit not counted."""
    rows = [
        case(1.0, "resolved", 2.0),
        case(1.0, "resolved", 2.0),
        case(1.0, "resolved", 2.0, need="visit"),
        case(1.0, "resolved", 2.0, need="petition", parent=0),
    ]
    frame = measure(rows, Window(0.0, 24.0))
    assert frame.loc["cost_per_resolved", ["value", "n"]].tolist() == [44, 2]
    assert math.isnan(measure([case(1.0)], Window(0.0, 24.0)).loc["cost_per_resolved", "value"])
