"""Volunteers take over work, and their supervision takes the time of those who look after them."""

import pytest

from simulation.engines import simulate
from simulation.kpis import Window, evaluate
from simulation.scenario import Policy, apply
from tests.scenarios import diary, listed, need, opening, same, scenario, team, work

ALL_DAY = Window(0.0, 24.0)
HELPERS = {"place": "town", "staff": {"volunteers": {"count": 1, "volunteer": True}}}
OFFERED = {
    "id": "offered",
    "kind": "offer",
    "pathways": ["path"],
    "steps": ["serve"],
    "options": [{"role": "helpers", "only_if_free": True}],
    "stand": "first",
}


def helped(talk=0.5, strength=1.0, count=1, claims=(), times=(0.0, 0.0, 0.0)):
    """A desk of one clerk, two hours a case; the lever asks volunteers first, who need a talk afterwards."""
    steps = [
        work(hours=2.0, next=[{"when": {"teams": ["helpers"]}, "to": "after"}, {"to": "resolved"}]),
        opening("after", "supervision", next="resolved"),
    ]
    volunteers = {**HELPERS, "staff": {"volunteers": {"count": count, "volunteer": True}}}
    plain = scenario(
        teams={"desk": team(), "helpers": volunteers},
        pathways={
            "path": {"steps": steps},
            "claim": {"steps": [work("hear", 1.0)]},
            "talk": {"steps": [work("talk", talk)]},
        },
        needs={
            "claim": need(listed(*claims), pathway="claim"),
            "help": need(listed(*times)),
            "supervision": need(pathway="talk", initiated="supervision"),
        },
    )
    return apply(Policy(id="volunteers", levers=[{**OFFERED, "strength": strength}]), plain)


def measured(made, kpi):
    """The value of a KPI over the first day."""
    frame = evaluate(made, simulate(made, 100.0, seed=1, replication=0), ALL_DAY)
    return frame[(frame["dimension"] == "all") & (frame["kpi"] == kpi)]["value"].item()


def test_volunteers_take_what_they_are_free_for_and_are_supervised_afterwards():
    """Of three cases at 0 the volunteer has one and the desk one until 2, then the third, which was there
    before the talk: from 2 to 4. The talk lasts from 4 to 4.5. Without volunteers the third ends at 6."""
    records = simulate(helped(), 100.0, seed=1, replication=0)
    assert diary(records, "step", "team", "queued", "started", "ended") == [
        ("serve", "helpers@town", 0.0, 0.0, 2.0),
        ("after", None, 2.0, 2.0, 2.0),
        ("serve", "desk@town", 0.0, 0.0, 2.0),
        ("serve", "desk@town", 0.0, 2.0, 4.0),
        ("talk", "desk@town", 2.0, 4.0, 4.5),
    ]
    alone = simulate(helped(strength=0.0), 100.0, seed=1, replication=0)
    assert diary(alone, "ended") == [(2.0,), (4.0,), (6.0,)]


def test_a_lever_without_strength_or_without_volunteers_changes_nothing():
    """Nobody asked, or nobody there to be asked: the records are those of the desk alone."""
    bare = helped(strength=0.0).model_copy(update={"levers": ()})
    before = simulate(bare, 100.0, seed=1, replication=0)
    for made in (helped(strength=0.0), helped(count=0)):
        assert same(before, simulate(made, 100.0, seed=1, replication=0))


def test_hours_are_counted_net_of_supervision():
    """Two hours of the volunteer and half an hour of the clerk: an hour and a half is gained."""
    values = [
        measured(helped(), kpi) for kpi in ("volunteer_hours", "supervision_hours", "volunteer_hours_net")
    ]
    assert values == pytest.approx([2.0, 0.5, 1.5])


def test_supervision_is_no_need_of_a_veteran():
    """Three needs arose, with volunteers and without; a talk is no petition and no second contact."""
    for strength in (0.0, 1.0):
        made = helped(strength=strength)
        assert measured(made, "latent") == 3
        assert measured(made, "petitions_opened") == 0
        assert measured(made, "first_contact_resolution") == 1


def test_volunteers_who_need_more_than_they_give_make_others_wait():
    """A talk of 3 hours begins at 2, so a claim that comes at 2.5 is heard at 5 and not at once; net, an
    hour is lost."""
    made = helped(talk=3.0, claims=[2.5], times=[0.0])
    records = simulate(made, 100.0, seed=1, replication=0)
    assert ("hear", 2.5, 5.0) in diary(records, "step", "queued", "started")
    assert measured(made, "volunteer_hours_net") == pytest.approx(-1.0)
    alone = simulate(helped(strength=0.0, claims=[2.5], times=[0.0]), 100.0, seed=1, replication=0)
    assert ("hear", 2.5, 2.5) in diary(alone, "step", "queued", "started")
