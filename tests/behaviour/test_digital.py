"""Digital services: what fails on-line comes back in person, later and angrier; who cannot use them shows."""

import numpy as np
import pytest

from simulation.engines import simulate
from simulation.kpis import evaluate
from simulation.kpis.window import Window
from simulation.records import Exit
from simulation.scenario import Policy, apply, read_spec
from tests.scenarios import (
    delay,
    diary,
    ends,
    exactly,
    exits,
    exponential,
    listed,
    need,
    run,
    scenario,
    team,
    work,
)

HORIZON = 2000.0


def forms(fails, **desk):
    """The form takes an hour; what fails is at the desk two days later, others come there at once."""
    ok = {"resolved": 1.0 - fails, "again": fails} if 0 < fails < 1 else ("again" if fails else "resolved")
    return {
        "path": {
            "first": [{"when": {"channels": ["online"]}, "to": "form"}, {"to": "desk"}],
            "steps": [
                delay("form", 1.0, marks=["tried"], next=ok),
                delay("again", 48.0, next="desk"),
                work("desk", exponential(1.0), next="resolved", **desk),
            ],
        }
    }  # fmt: skip


def office(fails, online, heads=1, **desk):
    """An office that most come to in person; the old never use the form."""
    return scenario(
        pathways=forms(fails, **desk),
        channels={"online": {"remote": True}, "visit": {}},
        groups={
            "old": {"share": 0.5, "channels": "visit"},
            "young": {
                "share": 0.5,
                "channels": {"online": online, "visit": 1.0 - online} if online else "visit",
            },
        },
        teams={"desk": team(heads)},
        needs={"help": need({"rate": 0.9})},
    )


def waits(records):
    """Hours that each service at the desk waited."""
    desk = records.visits["activity"] == records.names.activities.index("path.desk")
    return (records.visits["started"] - records.visits["queued"])[desk]


def test_a_form_that_failed_is_at_the_desk_later():
    """Sent at 0, failed at 1, at the desk at 49; there it takes twice the hour; patience is half."""
    angry = {"when": {"marks": ["tried"]}, "factor": 2.0}
    hasty = {"when": {"marks": ["tried"]}, "factor": 0.5}
    pathways = {
        "path": {
            "steps": [
                delay("form", 1.0, marks=["tried"]),
                delay("again", 48.0),
                work(
                    "desk",
                    1.0,
                    time_factors=[angry],
                    patience={"time": exactly(3.0), "time_factors": [hasty]},
                ),
            ]
        },
        "block": {"steps": [work("desk", 9.0)]},
    }
    needs = {"help": need(listed(0.0, 100.0)), "other": need(listed(148.0), pathway="block")}
    records = run(pathways=pathways, needs=needs)
    assert diary(records, "step", "started", "ended", case=0)[2:] == [("desk", 49.0, 51.0)]
    assert (exits(records)[1], ends(records)[1]) == ("reneged", 150.5)


def test_forms_that_always_do_take_work_off_the_desk():
    """With every young case on-line and no failure the desk has the old alone, who wait less."""
    paper, web = (simulate(office(0.0, online), HORIZON, 1, 0) for online in (0.0, 1.0))
    young = web.cases["group"] == 1
    assert (web.cases["exit"][young] != Exit.reneged).all()
    assert len(waits(web)) == (web.cases["group"] == 0).sum()
    assert np.nanmean(waits(web)) < 0.5 * np.nanmean(waits(paper))


def test_forms_that_never_do_are_failure_demand():
    """Every on-line contact comes to the desk after all, and the measure says so."""
    system = office(1.0, 1.0, heads=9)
    records = simulate(system, HORIZON, 1, 0)
    frame = evaluate(system, records, Window(0.0, 1500.0)).set_index(["kpi", "dimension", "level"])["value"]
    assert frame["failure_demand", "all", ""] == 1.0
    assert frame["online_share", "group", "young"] == 1.0
    assert frame["online_share", "group", "old"] == 0.0


@pytest.mark.parametrize("fails", [0.0, 0.3, 0.6])
def test_the_more_forms_fail_the_more_come_to_the_desk(fails):
    """At a greater share the same cases fail, and more."""
    less, more = (simulate(office(share, 1.0), HORIZON, 1, 0) for share in (fails, fails + 0.3))
    came = [{case for case, name in diary(one, "case", "step") if name == "desk"} for one in (less, more)]
    assert came[0] < came[1]


def test_digital_services_can_harm_who_cannot_use_them():
    """When failed forms make angry visits of three hours, the old, who never used a form, wait longer than on
    paper; on average over all it is not better either."""
    angry = {"time_factors": [{"when": {"marks": ["tried"]}, "factor": 3.0}]}
    paper, web = (simulate(office(0.5, online, **angry), HORIZON, 1, 0) for online in (0.0, 1.0))

    def resolved(records):
        return np.mean((records.cases["exit"] == Exit.resolved)[records.cases["group"] == 0])

    assert np.nanmean(waits(web)) > 1.5 * np.nanmean(waits(paper))
    assert resolved(web) < resolved(paper)


def test_deflection_is_a_route():
    """All who would have gone to the desk are led to the form, which never fails: nobody is served."""
    deflect = {"kind": "reroute", "pathways": ["path"], "first": True, "of": ["desk"], "into": "form"}
    policy = {"id": "web", "levers": [{"id": "deflect", **deflect}]}
    system = office(0.0, 0.5)
    records = simulate(apply(read_spec(Policy, policy, "policy")[0], system), HORIZON, 1, 0)
    assert len(waits(records)) == 0
