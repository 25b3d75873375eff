"""Volunteers and their supervision, the opening backlog, and the indices with what they are made of."""

import math

import pytest

from simulation.kpis import REGISTRY, Window, evaluate
from simulation.kpis.examples import make_records, town
from simulation.scenario import digest

NAN = math.nan
DAY = Window(0.0, 24.0)
HEAD = {"count": 1, "calendar": "office", "annual_cost": 8760}


def with_volunteers():
    """The clerk is paid; the officers of the bureau are volunteers; visits are supervision."""
    scenario = town()
    needs = [need.model_dump(exclude_unset=True) for need in scenario.needs]
    needs[2] = {"id": "visit", "pathway": "visit", "initiated": "supervision"}
    teams = [
        {"id": "desk", "place": "hall", "staff": [{"id": "clerk", **HEAD}]},
        {"id": "bureau", "place": "bureau", "staff": [{"id": "helper", **HEAD, "volunteer": True}]},
    ]
    return town(needs=needs, teams=teams)


def overall(rows, scenario=None, horizon=480.0, window=DAY):
    scenario = scenario or town()
    frame = evaluate(scenario, make_records(scenario, horizon, rows), window)
    return frame[frame["dimension"] == "all"].set_index("kpi")


def test_volunteers_count_net_of_their_supervision():
    """Volunteers work from 16 to 18, an hour of it after closing; half an hour of supervision: 1.5 h net."""
    helped = ("claim.bureau", "bureau@bureau", 16.0, 16.0, 16.0, 18.0, "completed")
    advice = ("visit.call", "desk@hall", 9.0, 9.0, 9.0, 9.5, "completed")
    rows = [
        {"need": "claim", "arrival": 9.0, "exit": "resolved", "ended": 18.0, "visits": [helped]},
        {"need": "visit", "arrival": 9.0, "exit": "resolved", "ended": 9.5, "parent": 0, "visits": [advice]},
    ]
    frame = overall(rows, with_volunteers())
    names = ["volunteer_hours", "supervision_hours", "volunteer_hours_net"]
    assert frame.loc[names, "value"].tolist() == [2, 0.5, 1.5]
    assert frame.loc["volunteer_part", "value"] == pytest.approx(2 * 10 * 365)
    assert frame.loc["resolved_per_staff_time", "value"] == pytest.approx(1000 / 8)
    assert frame.loc["escalations", "value"] == 0


def test_volunteers_may_cost_more_than_they_give():
    advice = ("visit.call", "desk@hall", 9.0, 9.0, 9.0, 12.0, "completed")
    rows = [
        {"need": "claim", "arrival": 9.0},
        {"need": "visit", "arrival": 9.0, "exit": "resolved", "ended": 12.0, "parent": 0, "visits": [advice]},
    ]
    assert overall(rows, with_volunteers()).loc["volunteer_hours_net", "value"] == -3


def old(ended=NAN):
    row = {"need": "claim", "arrival": -240.0}
    return row if math.isnan(ended) else row | {"exit": "resolved", "ended": ended}


def test_the_opening_backlog_is_cleared_by_its_95th_of_a_hundred():
    """Nineteen of twenty closed on the first to the nineteenth day; one is open at the end of the run."""
    rows = [old(24.0 * (day + 1)) for day in range(19)] + [old(), {"need": "claim", "arrival": 3.0}]
    frame = overall(rows, horizon=720.0, window=Window(0.0, 240.0))
    assert frame.loc["opening_cleared", ["value", "n", "censored"]].tolist() == [10 / 20, 20, 1]
    assert frame.loc["opening_cleared_day", ["value", "n", "censored"]].tolist() == [19, 20, 0]
    assert frame.loc["latent", "value"] == 1


def test_a_backlog_that_is_not_cleared_says_so():
    """Two of three are open when the run ends after ten days: the day is the last, and two are censored."""
    frame = overall([old(24.0), old(), old()], horizon=240.0)
    assert frame.loc["opening_cleared_day", ["value", "n", "censored"]].tolist() == [10, 3, 2]


def test_satisfaction_falls_with_delay_and_trips_and_rises_with_resolution():
    """Each by its weight alone: the logistic of 0, of 1, of -2 days x 0.5 and of -1 trip x 0.25."""
    weights = {"constant": 0, "resolved": 1, "per_day": -0.5, "per_trip": -0.25}
    scenario = town(indices={"satisfaction": weights})

    def score(exit_, days, visits=()):
        row = {"need": "claim", "arrival": 0.0, "exit": exit_, "ended": days * 24.0, "visits": list(visits)}
        value = overall([row], scenario).loc["satisfaction", "value"]
        return math.log(value / (1 - value))

    desk = ("claim.desk", "desk@hall", 0.0, 0.0, 0.0, 0.0, "completed")
    assert score("unresolved", 0) == pytest.approx(0)
    assert score("resolved", 0) == pytest.approx(1)
    assert score("unresolved", 2) == pytest.approx(-1)
    assert score("unresolved", 0, [desk]) == pytest.approx(-0.25)
    assert score("unresolved", 19) == pytest.approx(-9.5)


def test_the_sense_of_achievement_is_the_mean_of_its_components():
    """On time 1, first contact 1, no planned visits, no volunteers: weights 2, 1, 1 of 1, 1, 0."""
    desk = ("claim.desk", "desk@hall", 0.0, 0.0, 0.0, 1.0, "completed")
    row = {"need": "claim", "arrival": 0.0, "exit": "resolved", "ended": 1.0, "visits": [desk]}
    weights = {"on_time": 2, "first_contact": 1, "reached": 5, "taking_part": 1}
    frame = overall([row], town(indices={"achievement": weights}))
    assert frame.loc["sense_of_achievement", "value"] == pytest.approx(3 / 4)


def test_taking_part_counts_in_full_from_a_number_of_hours():
    """Twice the hours that count in full are no more than those."""
    helped = ("claim.bureau", "bureau@bureau", 9.0, 9.0, 9.0, 11.0, "completed")
    row = {"need": "claim", "arrival": 9.0, "exit": "unresolved", "ended": 11.0, "visits": [helped]}
    for full, share in ((3650, 1), (7300, 1), (14600, 0.5)):
        weights = {"on_time": 1, "first_contact": 0, "reached": 0, "taking_part": 1, "full_part": full}
        scenario = with_volunteers().model_copy(
            update={"indices": town(indices={"achievement": weights}).indices}
        )
        value = overall([row], scenario).loc["sense_of_achievement", "value"]
        assert value == pytest.approx(share / 2)


def test_the_weights_of_indices_change_no_record():
    """Replications that are stored are found again under other weights."""
    other = town(indices={"satisfaction": {"per_day": -0.01}})
    assert digest(other) == digest(town())


def test_an_index_names_what_it_is_made_of():
    """Every component is a KPI of its own, and no index."""
    known = {kpi.id: kpi for kpi in REGISTRY}
    composed = [kpi for kpi in REGISTRY if kpi.components]
    assert [kpi.id for kpi in composed] == ["satisfaction", "sense_of_achievement"]
    for kpi in composed:
        assert all(name in known and not known[name].components for name in kpi.components)
