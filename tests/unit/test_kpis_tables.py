"""The tables as a whole: identities between KPIs, stable rows, series that agree with the KPIs."""

import gc
import math
import subprocess
import sys
from dataclasses import replace
from datetime import date
from weakref import ref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.calendars import OpeningHours
from simulation.engines import simulate
from simulation.kpis import HEADLINE, REGISTRY, Window, evaluate, measure
from simulation.kpis.cells import add_up
from simulation.kpis.deadlines import Limits, due, flatten
from simulation.kpis.examples import make_records, town, worked_example
from simulation.kpis.measured import prepare
from simulation.kpis.measures import ByCell
from simulation.kpis.strata import MOST_AREAS, area_of
from simulation.kpis.workload import month_edges
from simulation.layout import make_layout
from simulation.records import Exit

NAN = math.nan
WEEK = Window(24.0, 168.0)
EXITS = ["fulfilment", *(f"exit_{exit_.name}" for exit_ in Exit if exit_ != Exit.resolved)]


@pytest.fixture(scope="module")
def simulated():
    scenario = town()
    return scenario, simulate(scenario, 240.0, 7, 0)


def tables(scenario, records, window):
    return measure(prepare(scenario, records, window).replication, window)


def desk(start, end):
    """Work at the desk, begun as it is sent."""
    return ("claim.desk", "desk@hall", start, start, start, end, "completed")


def wide(frame):
    return frame.set_index(["dimension", "level", "kpi"])["value"].unstack()


# ------------------------------------------------------------------------------------ identities


def check_identities(frame):
    table = wide(frame)
    some = table[table["latent"] > 0]
    assert some[EXITS].sum(axis=1).to_numpy() == pytest.approx(1)
    assert some["presented"].to_numpy() == pytest.approx(1 - some["exit_not_presented"])
    for dimension in ("group", "place"):
        assert table.loc[dimension, "latent"].sum() == table.loc[("all", ""), "latent"]
        assert table.loc[dimension, "backlog_mean"].sum() == pytest.approx(
            table.loc[("all", ""), "backlog_mean"]
        )
    for dimension in ("team", "tier", "place"):
        for kpi in ("overtime", "cost_staff"):
            assert table.loc[dimension, kpi].sum() == pytest.approx(table.loc[("all", ""), kpi])


def test_a_window_in_whole_hours_is_a_window(simulated):
    """Hours may be written without a point."""
    scenario, records = simulated
    assert evaluate(scenario, records, Window(24, 168)).equals(evaluate(scenario, records, WEEK))


def test_everything_adds_up(simulated):
    """Every need has one exit, one group, one tier and one place; every hour one team."""
    scenario, records = simulated
    frame = evaluate(scenario, records, WEEK)
    check_identities(frame)
    by_need = wide(frame).loc["need", "latent"]
    arrival = records.cases["arrival"]
    assert by_need.sum() == np.sum((arrival >= WEEK.start) & (arrival < WEEK.end))


ENDS = st.sampled_from([exit_.name for exit_ in Exit])
ROWS = st.lists(
    st.tuples(st.sampled_from(["claim", "visit"]), st.floats(0, 100), st.floats(0, 50), ENDS), max_size=15
)


@given(ROWS)
def test_everything_adds_up_whatever_happens(rows):
    """The same for any mixture of needs and exits, also of none."""
    cases = [
        {"need": need, "arrival": arrival, "exit": exit_}
        | ({} if exit_ in ("open", "not_presented") else {"ended": arrival + after})
        for need, arrival, after, exit_ in rows
    ]
    scenario = town()
    check_identities(evaluate(scenario, make_records(scenario, 200.0, cases), Window(10.0, 90.0)))


def test_littles_law_holds_in_the_records(simulated):
    """Over the whole run, the mean number of open cases is the time that all cases spent open, per hour."""
    scenario, records = simulated
    frame = evaluate(scenario, records, Window(0.0, 240.0)).query("kpi == 'backlog_mean'")
    cases = records.cases[records.cases["need"] != 2]
    spent = np.where(np.isnan(cases["ended"]), 240.0, cases["ended"]) - cases["arrival"]
    assert frame["value"].iloc[0] == pytest.approx(spent.sum() / 240.0)


def test_the_same_rows_for_every_replication(simulated):
    """Levels without a case are there too, so that replications and policies can be paired row by row."""
    scenario, records = simulated
    empty = replace(records, visits=records.visits[:0], cases=records.cases[:0])
    columns = ["kpi", "dimension", "level"]
    full, none = evaluate(scenario, records, WEEK)[columns], evaluate(scenario, empty, WEEK)[columns]
    assert full.equals(none)
    assert not full.duplicated().any()


def test_a_window_cuts_nothing_out_of_the_records(simulated):
    """Warm-up is a filter: measuring leaves the records as they are."""
    scenario, records = simulated
    before = records.cases.copy(), records.visits.copy()
    tables(scenario, records, WEEK)
    assert before[0].tobytes() == records.cases.tobytes()
    assert before[1].tobytes() == records.visits.tobytes()


# ------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(("start", "end"), [(-1.0, 5.0), (5.0, 5.0), (6.0, 5.0), (NAN, 5.0)])
def test_an_impossible_window_is_refused(start, end):
    with pytest.raises(ValueError, match="window: from"):
        Window(start, end)


def test_a_window_beyond_the_records_is_refused(simulated):
    with pytest.raises(ValueError, match="window: it ends at 500 h but the records end at 240 h"):
        evaluate(*simulated, Window(0.0, 500.0))


def test_records_of_another_scenario_are_refused(simulated):
    places = [
        {"id": "hall", "tier": "town", "veterans": 9},
        {"id": "bureau", "tier": "department"},
        {"id": "x"},
    ]
    with pytest.raises(ValueError, match="records: their names are not those of scenario 'scenario'"):
        evaluate(town(places=places), simulated[1], WEEK)


# ---------------------------------------------------------------------------- what KPIs say of themselves


def test_the_headline_is_what_the_study_promises():
    assert HEADLINE == (
        "fulfilment",
        "on_time",
        "wait_first_contact_p90",
        "time_to_resolution_mean",
        "first_contact_resolution",
        "referral_completion",
        "petitions_overdue",
        "cost_per_resolved",
    )


def test_every_kpi_says_what_it_is():
    """Unique ids and titles, a definition without code, a zone of indifference where it is compared."""
    assert len({kpi.id for kpi in REGISTRY}) == len({kpi.title for kpi in REGISTRY}) == len(REGISTRY)
    for kpi in REGISTRY:
        assert kpi.doc.endswith(".")
        assert ">>>" not in kpi.doc
        assert kpi.direction in (-1, 0, 1)
        assert kpi.indifference > 0 or not kpi.headline


def test_naming_kpis_loads_nothing_slow():
    """`vetsim list` prints them without waiting for pandas or scipy."""
    code = "import sys, simulation.kpis; print({'pandas', 'scipy', 'numba', 'matplotlib'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


# ------------------------------------------------------------------------------------ deadlines and places


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), min_size=1, max_size=6),
    st.lists(st.integers(-10, 400), min_size=1, max_size=8),
    st.integers(0, 120),
)
def test_working_time_for_many_is_that_for_each(gaps, minutes, work):
    """The loop gives to the bit what `OpeningHours.add` gives one by one, on one calendar of several."""
    spans, clock = [], 0
    for gap, length in gaps:
        spans.append((clock + gap, clock + gap + length))
        clock += gap + length
    hours = OpeningHours.from_minutes(spans, end=400 / 60)
    moments = np.array(minutes) / 60
    expected = [hours.add(moment, work / 60) for moment in moments.tolist()]
    calendars = flatten([OpeningHours.from_minutes([(0, 30)], end=1.0), hours])
    found = due(
        calendars, Limits(np.array([1]), np.array([work / 60])), np.zeros(len(minutes), np.int32), moments
    )
    assert found.tolist() == expected


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 900)), max_size=9),
    st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 9000)), min_size=1, max_size=8),
)
def test_hours_worked_are_those_open_between(gaps, pairs):
    """Spells of work are cut to the window and to opening hours as `OpeningHours.open_between` cuts them."""
    spans, clock = [], 0
    for gap, length in gaps:
        spans.append((clock + gap, clock + gap + length))
        clock += gap + length
    hours = OpeningHours.from_minutes(spans, end=100.0)
    work = [(min(pair) / 60, max(pair) / 60) for pair in pairs]
    rows = [{"need": "claim", "arrival": start, "visits": [desk(start, end)]} for start, end in work]
    measured = prepare(town(), make_records(town(), 200.0, rows), Window(5.0, 120.0))
    calendars = flatten([hours], staff=[0, 0])
    measured.__dict__["scheme"] = replace(measured.scheme, calendars=calendars)
    inside = [(max(start, 5.0), min(end, 120.0)) for start, end in work if start < 120.0 and end > 5.0]
    busy = [hours.open_between(start, end) for start, end in inside]
    spent = [end - start - open_ for (start, end), open_ in zip(inside, busy, strict=True)]
    assert measured.workload.busy.sum() == pytest.approx(sum(busy))
    assert measured.workload.overtime.sum() == pytest.approx(sum(max(0.0, each) for each in spent))
    assert measured.workload.monthly_busy.sum() == pytest.approx(sum(busy))


def test_sums_by_cell_are_those_of_the_numbers_that_are_there():
    """A sum is kept as long as its numbers: others in the same place of memory are added up anew."""
    cells = worked_example().cells
    for number in range(50):
        assert cells.add(np.full(6, float(number))).sum() == 6 * number
    kept = np.ones(6, bool)
    assert cells.add(kept) is cells.add(kept)
    assert cells.add(ByCell(np.zeros(len(cells.example)))).sum() == 0
    with pytest.raises(TypeError, match="sums by cell"):
        add_up(cells.codes, ByCell(np.zeros(1)), 1)


def test_a_layout_is_not_kept_alive_by_what_was_worked_out_of_it():
    """What measurement keeps with a layout goes when the layout goes."""
    measured = worked_example()
    measure(measured.replication, measured.window)
    layout = ref(measured.layout)
    del measured
    gc.collect()
    assert layout() is None


def test_deadlines_are_those_of_the_engines(simulated):
    """The moment at which a need is due is the one by which cases are routed as late."""
    scenario, records = simulated
    measured, layout = prepare(scenario, records, WEEK), make_layout(scenario, records.horizon)
    for case, moment in zip(records.cases, measured.due, strict=True):
        expected = layout.due(case["need"], case["arrival"])
        assert moment == expected or (math.isnan(moment) and case["need"] == 2)


def test_areas_are_as_many_as_a_table_can_show():
    """Thirty communities under two streets: the streets are the areas, and the hall above them is none."""
    places = [{"id": "hall", "tier": "town"}, {"id": "bureau", "tier": "department", "parent": "hall"}]
    places += [{"id": f"s{n}", "tier": "street", "parent": "hall"} for n in range(2)]
    places += [
        {"id": f"c{n:02d}", "tier": "community", "parent": f"s{n % 2}", "veterans": 5}
        for n in range(MOST_AREAS + 6)
    ]
    layout = make_layout(town(places=places), 24.0)
    names = layout.names.places
    areas = {names[place]: names[area] if area >= 0 else None for place, area in enumerate(area_of(layout))}
    assert areas["c03"] == areas["s1"] == "s1"
    assert areas["hall"] is None
    few = make_layout(town(places=places[:-10]), 24.0)
    assert len(set(area_of(few)[area_of(few) >= 0])) == MOST_AREAS - 4


# ------------------------------------------------------------------------------------ series


def test_the_waterfall_ends_with_what_is_left():
    example = worked_example()
    frames = measure(example.replication, example.window).series
    cases = frames["waterfall"].set_index("stage")["cases"]
    assert cases.index[0] == "latent"
    assert cases.index[-1] == "resolved"
    assert cases["latent"] - cases.iloc[1:-1].sum() == cases["resolved"] == 2
    assert cases[["not_presented", "reneged"]].tolist() == [1, 1]


def test_the_waits_are_the_curve():
    """Two of three are met within an hour, the third never."""
    example = worked_example()
    waits = measure(example.replication, example.window).series["waits"]
    everyone = waits[waits["dimension"] == "all"].set_index("days")["share"]
    assert everyone[0.0] == pytest.approx(2 / 3)
    assert everyone[0.25] == everyone[30.0] == pytest.approx(1 / 3)
    assert waits.loc[waits["dimension"] == "group", "level"].unique().tolist() == ["all"]


def test_the_backlog_of_a_day_is_that_at_its_end():
    rows = [
        {"need": "claim", "arrival": 1.0, "ended": 30.0, "exit": "resolved"},
        {"need": "claim", "arrival": 30.0},
        {"need": "claim", "arrival": 2.0, "exit": "not_presented"},
        {"need": "visit", "arrival": 2.0},
    ]
    scenario = town()
    backlog = tables(scenario, make_records(scenario, 120.0, rows), Window(24.0, 60.0)).series["backlog"]
    assert backlog.to_dict("list") == {"day": [1, 2], "open": [1, 1]}


def test_utilisation_is_shared_out_over_themonth_edges():
    """Work through the night of the last of January belongs to both months; the parts make up the whole."""
    begun = (30 * 24) + 16.0
    visit = ("claim.desk", "desk@hall", begun, begun, begun, begun + 26.0, "completed")
    rows = [{"need": "claim", "arrival": begun, "ended": begun + 26.0, "exit": "resolved", "visits": [visit]}]
    always = {"place": "hall", "staff": {"clerk": {"count": 1}}}
    scenario = town(start="2026-01-01", teams={"desk": always, "bureau": {**always, "place": "bureau"}})
    found = tables(scenario, make_records(scenario, 1000.0, rows), Window(0.0, 1000.0)).series["utilisation"]
    share = found.set_index(["team", "month"])["share"]
    assert share["desk", 1] == pytest.approx(8 / 744)
    assert share["desk", 2] == pytest.approx(18 / 256)
    assert share["bureau", 1] == share["bureau", 2] == 0


def test_months_are_numbers_in_a_year_and_dates_in_more():
    """The edges are the first of each month, cut to the window."""
    edges, months = month_edges(date(2026, 1, 5), Window(24.0, 60 * 24.0))
    assert edges.tolist() == [24.0, 27 * 24.0, 55 * 24.0, 60 * 24.0]
    assert months == (1, 2, 3)
    assert month_edges(date(2026, 1, 1), Window(0.0, 365 * 24.0))[1] == tuple(range(1, 13))
    assert month_edges(date(2026, 1, 1), Window(0.0, 366 * 24.0))[1][-1] == "2027-01"


def test_flows_lead_from_the_team_before():
    """In a branch from its last team, at its beginning from the team before the fork; lost ones count."""
    office = "bureau@bureau"
    rows = [
        {
            "need": "claim",
            "arrival": 0.0,
            "visits": [
                ("claim.desk", "desk@hall", 0.0, 0.0, 0.0, 1.0, "completed"),
                ("claim.bureau", office, 1.0, 2.0, 2.0, 3.0, "completed"),
                ("claim.form", None, 3.0, 3.0, 3.0, 4.0, "completed"),
                ("claim.wrong", None, 4.0, NAN, NAN, 4.0, "lost"),
            ],
        },
        {
            "need": "claim",
            "arrival": 0.0,
            "visits": [("claim.bureau", office, 0.0, 1.0, 1.0, 2.0, "completed")],
        },
    ]
    scenario = town()
    records = make_records(scenario, 48.0, rows)
    flows = tables(scenario, records, Window(0.0, 24.0)).series["flows"]
    assert flows.values.tolist() == [["bureau", "bureau", 1], ["desk", "bureau", 1]]
    records.visits["branch"][1:4] = [1, 2, 2]
    flows = tables(scenario, records, Window(0.0, 24.0)).series["flows"]
    assert flows.values.tolist() == [["desk", "bureau", 2]]
