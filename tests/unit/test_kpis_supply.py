"""What was sought from departments, what came of it, how long it took, and how many teams it needed."""

import math
from dataclasses import replace

import numpy as np
import pytest

from simulation.kpis import Window, evaluate, measure
from simulation.kpis.examples import make_records, town
from simulation.kpis.measured import prepare
from simulation.kpis.supply import DEPARTMENT_LIMIT

DAY = Window(0.0, 24.0)
NAN = math.nan
DESK = ("claim.desk", "desk@hall", 0.0, 0.0, 0.0, 1.0, "completed")
REASONS = ["supply_lost", "supply_refused", "supply_ineligible", "supply_given_up", "supply_waiting"]


def claim(visits, exit_="open", ended=NAN, **more):
    row = {"need": "claim", "arrival": 0.0, "exit": exit_, "visits": visits, **more}
    return row | ({} if exit_ == "open" else {"ended": ended})


def sent(outcome, queued=NAN, started=NAN, ended=NAN, step="claim.bureau"):
    team = None if math.isnan(queued) else "bureau@bureau"
    return (step, team, 1.0, queued, started, ended, outcome)


DONE = sent("completed", 2.0, 3.0, 4.0)
WRONG = sent("completed", 2.0, 3.0, 4.0, step="claim.wrong")
EVERY = [
    DONE,
    sent("in_service", 2.0, 3.0),
    sent("lost", ended=1.0),
    sent("refused", ended=2.0),
    sent("ineligible", ended=2.0),
    sent("reneged", 2.0, ended=4.0),
    sent("balked", 2.0, ended=2.0),
    sent("waiting", 2.0),
    WRONG,
]


def overall(rows, horizon=480.0, scenario=None, window=DAY):
    scenario = scenario or town()
    frame = evaluate(scenario, make_records(scenario, horizon, rows), window)
    return frame[frame["dimension"] == "all"].set_index("kpi")


def test_what_was_sought_was_begun_or_there_is_a_reason():
    """Eight hand-overs to the bureau, two begun; what went to the wrong desk was not sought there."""
    frame = overall([claim([DESK, *EVERY])])
    assert frame.loc["supply_match", ["value", "n", "censored"]].tolist() == [2 / 8, 8, 1]
    assert frame.loc[REASONS, "value"].tolist() == [1 / 8, 1 / 8, 1 / 8, 2 / 8, 1 / 8]


def test_a_hand_over_within_the_own_line_is_no_supply_from_outside():
    """The bureau stands above the hall here, so that it is the place above and no department."""
    places = [
        {"id": "hall", "tier": "town", "parent": "bureau", "veterans": 100},
        {"id": "bureau", "tier": "city"},
    ]
    frame = overall([claim([DESK, DONE])], scenario=town(places=places))
    assert frame.loc["supply_match", "n"] == 0
    assert frame.loc["hand_overs", "value"] == 1


def test_the_match_is_told_by_need():
    frame = evaluate(town(), make_records(town(), 480.0, [claim([DESK, *EVERY])]), DAY)
    by_need = frame[(frame["kpi"] == "supply_match") & (frame["dimension"] == "need")].set_index("level")
    assert by_need.loc["claim", "value"] == 2 / 8
    assert math.isnan(by_need.loc["petition", "value"])


def test_the_department_is_done_when_its_reply_is_there():
    """Sent at 1, served from 3 to 4, the reply takes until 25: a day. The desk after it is none of it."""
    reply = ("claim.form", None, 4.0, 4.0, 4.0, 25.0, "completed")
    after = ("claim.desk", "desk@hall", 25.0, 26.0, 26.0, 30.0, "completed")
    frame = overall([claim([DESK, DONE, reply, after], "resolved", 30.0)])
    assert frame.loc["department_time_mean", ["value", "n"]].tolist() == [1, 1]


def test_a_department_that_is_never_done_counts_as_the_limit():
    """One is done within three hours, one was lost: half the limit and half the three hours."""
    frame = overall([claim([DESK, DONE]), claim([DESK, sent("lost", ended=1.0)])], horizon=200 * 24.0)
    assert frame.loc["department_time_mean", "value"] == pytest.approx((3 / 24 + DEPARTMENT_LIMIT) / 2)
    assert frame.loc["department_time_p90", "value"] == DEPARTMENT_LIMIT


def test_a_reply_that_is_still_awaited_is_censored():
    reply = ("claim.form", None, 4.0, 4.0, 4.0, NAN, "in_service")
    frame = overall([claim([DESK, DONE, reply])])
    assert frame.loc["department_time_mean", ["n", "censored"]].tolist() == [1, 1]


def test_branches_are_timed_apart():
    """Two departments side by side; the reply belongs to the branch in which it stands."""
    reply = ("claim.form", None, 4.0, 4.0, 4.0, 25.0, "completed")
    scenario = town()
    records = make_records(scenario, 480.0, [claim([DESK, DONE, DONE, reply])])
    records.visits["branch"][1:] = [1, 2, 1]
    frame = evaluate(scenario, records, DAY)
    mean = frame[(frame["kpi"] == "department_time_mean") & (frame["dimension"] == "all")]
    assert mean["value"].item() == pytest.approx((24 + 3) / 24 / 2)


def test_teams_are_counted_once_and_those_that_joined_too():
    """Resolved by the desk twice and the bureau: two teams; a case that ends otherwise is left out.

    A team that holds the case without work on it is none."""
    rows = [claim([DESK, DESK, DONE], "resolved", 4.0), claim([DESK], "unresolved", 1.0)]
    assert overall(rows).loc["teams_per_resolved", ["value", "n"]].tolist() == [2, 1]
    scenario = town()
    records = make_records(scenario, 480.0, [claim([DESK, DESK], "resolved", 4.0)])
    records.visits["lead"][1] = 0
    records.visits["team"][1] = records.names.teams.index("bureau@bureau")
    held = records.visits.copy()
    held["staff"][1] = -1
    frame = evaluate(scenario, replace(records, visits=held), DAY).query("dimension == 'all'")
    assert frame.set_index("kpi").loc["teams_per_resolved", "value"] == 1
    frame = evaluate(scenario, records, DAY).query("dimension == 'all'").set_index("kpi")
    assert frame.loc["teams_per_resolved", "value"] == 2
    assert frame.loc["trips", "value"] == 1


def test_a_petition_in_time_is_not_overdue_and_one_out_of_a_case_is_an_escalation():
    """Three petitions: in time, late, and one that arose by itself and is late: two of three, two opened."""
    rows = [
        {"need": "claim", "arrival": 1.0},
        {"need": "petition", "arrival": 2.0, "ended": 2.5, "exit": "resolved", "parent": 0},
        {"need": "petition", "arrival": 2.0, "parent": 0},
        {"need": "petition", "arrival": 2.0, "ended": 9.0, "exit": "unresolved"},
    ]
    frame = overall(rows)
    assert frame.loc["petitions_overdue_share", ["value", "n"]].tolist() == pytest.approx([2 / 3, 3])
    assert frame.loc["escalations", "value"] == 2


def test_contacts_in_person():
    """Work by the same team in a row is one contact; on-line there is none but at a front desk."""
    form = ("claim.form", None, 0.0, 0.0, 0.0, 0.5, "completed")
    review = ("claim.review", "desk@hall", 0.5, 0.5, 0.5, 1.0, "completed")
    assert overall([claim([DESK, DESK, DONE, DESK])]).loc["trips", "value"] == 3
    assert overall([claim([form, review], channel="online")]).loc["trips", "value"] == 0
    assert overall([claim([form, DESK], channel="online")]).loc["trips", "value"] == 1


def test_the_ledger_holds_every_need_once():
    """Two claims and a visit by how they ended; the petition came out of a case and is not among them."""
    rows = [
        claim([DESK], "resolved", 1.0),
        {"need": "claim", "arrival": 3.0, "exit": "not_presented"},
        {"need": "visit", "arrival": 3.0},
        {"need": "petition", "arrival": 4.0, "parent": 0},
    ]
    scenario = town()
    measured = prepare(scenario, make_records(scenario, 48.0, rows), DAY)
    ledger = measure(measured.replication, DAY).series["ledger"]
    some = ledger[ledger["cases"] > 0].sort_values(["need", "exit"])
    assert some.values.tolist() == [
        ["claim", "not_presented", 1],
        ["claim", "resolved", 1],
        ["visit", "open", 1],
    ]
    assert len(ledger) == len(np.unique(ledger["exit"])) * 3
