"""What must not change when something else does: common random numbers, held to the bit."""

import numpy as np
import pytest

from simulation.engines import simulate
from simulation.records import Exit
from simulation.scenario import Policy, Scenario, apply, digest, read_scenario
from tests.scenarios import (
    OFFICE,
    delay,
    exits,
    exponential,
    fork,
    keyed,
    listed,
    need,
    opening,
    same,
    started,
    team,
    until,
    work,
    written,
)

HORIZON = 900.0
SEED = 20260105
LEVERS = [
    {"kind": "add_staff", "team": "desk", "group": "clerk", "heads": 1},
    {"kind": "shift_channels", "groups": ["young"], "needs": ["advice"], "channels": "phone"},
    {"kind": "scale_presentation", "groups": ["old"], "factor": 0.5},
    {"kind": "improve_referral", "delay_factor": 0.5, "loss_factor": 0.5, "refusal_factor": 0.0},
    {"kind": "scale_time", "teams": ["desk"], "factor": 0.5},
]  # fmt: skip


def busy_town(desk=1, office=1, join="shortest", **parts):
    """A small system with everything in it, in which queues are long unless there are many heads."""
    return {
        "start": "2026-01-05",
        "calendars": OFFICE,
        "places": {
            "city": {"tier": "city"},
            "east": {"tier": "town", "parent": "city", "veterans": 60},
            "west": {"tier": "town", "parent": "city", "veterans": 40, "staffed": False},
        },
        "groups": {
            "old": {"share": 0.7, "channels": "visit", "presented": 0.9, "uncovered": 0.6},
            "young": {"share": 0.3, "channels": {"phone": 0.8, "visit": 0.2}},
        },
        "channels": {"phone": {"remote": True}, "visit": {}},
        "profiles": {"counter": {"calendar": "office", "months": [1, 2] * 6}},
        "teams": {
            "desk": {"tier": "town", "staff": {"clerk": {"count": desk, "calendar": "office"}}},
            "office": {"place": "city", "discipline": "lifo", "staff": {
                "expert": {"count": office}, "helper": {"count": office, "rank": 1, "speed": 0.5}}},
        },
        "pathways": {
            "advice": {"steps": [
                work("talk", exponential(4.0), teams=["desk @ contact", "office"], join="available",
                     patience={"time": exponential(24.0), "clock": "open"},
                     next={"send": 0.6, "resolved": 0.4}),
                fork("send", "paper", "check", next="decide"),
                work("paper", exponential(3.0), teams="office", next="join",
                     referral={"delay": exponential(8.0), "not_reached": 0.1, "refusal": 0.1}),
                delay("check", exponential(20.0), next="join"),
                work("decide", exponential(1.0), teams=["office", "desk"], join=join, next=[
                    {"when": {"late": True}, "to": {"complain": 0.5, "unresolved": 0.5}},
                    {"to": {"talk": 0.2, "resolved": 0.8}}]),
                opening("complain", "claim", next="unresolved"),
            ]},
            "claim": {"steps": [work("hear", exponential(6.0), teams="office", at_close="pause")]},
        },
        "needs": {
            "advice": need({"rate": 8, "per": "d", "per_veterans": 100, "profile": "counter"}, "advice",
                           deadline="3 d", dropout_per_week=0.1, companions=0.4, group_rates={"young": 2.0},
                           channels={"phone": 0.3, "visit": 0.7}, returns={
                               "after": ["reneged", "lost"], "probability": 0.5, "delay": exponential(50.0)}),
            "claim": need(None, "claim", priority=2),
            "survey": need({"kind": "renewal", "gap": exponential(40.0), "at": ["east"]}, "claim",
                           priority=20),
        },
        **parts,
    }  # fmt: skip


AMPLE = {"desk": 500, "office": 500, "join": "first"}
"""More heads than cases, and nobody looks how many are at a desk."""


def read(data) -> Scenario:
    return read_scenario(data)


def simulated(data, horizon=HORIZON, seed=SEED, replication=0):
    return simulate(read(data), horizon, seed, replication)


@pytest.fixture(scope="module")
def baseline(engine):
    """The busy town as it is."""
    return simulated(busy_town())


@pytest.fixture(scope="module")
def ample(engine):
    """The town with more heads than cases, so that cases do not meet in queues."""
    return simulated(busy_town(**AMPLE))


def test_the_town_shows_all_that_may_happen(baseline):
    """The scenario of these tests is a fair one: it has every exit and long queues."""
    assert set(baseline.cases["exit"].tolist()) == set(Exit) - {
        Exit.balked,
        Exit.ineligible,
        Exit.resolved_itself,
    }
    waits = baseline.visits["started"] - baseline.visits["queued"]
    assert np.nanmax(waits) > 48
    assert len(baseline.cases) > 200
    assert (baseline.cases["parent"] >= 0).sum() > 5


# ------------------------------------------------------------------------------- the same again and again


def test_the_same_key_gives_the_same_records(baseline):
    """A replication is a function of scenario, seed and number."""
    assert same(baseline, simulated(busy_town()))


def test_another_seed_or_replication_is_another_world(baseline):
    """Seed and replication number are both part of the key."""
    for other in (simulated(busy_town(), seed=SEED + 1), simulated(busy_town(), replication=1)):
        assert not set(baseline.cases["arrival"].tolist()) & set(other.cases["arrival"].tolist())


def test_a_policy_without_levers_changes_nothing(baseline):
    """No policy is the baseline, whatever it is called."""
    scenario = apply(Policy(id="nothing", title="All as it is"), read(busy_town()))
    assert same(baseline, simulate(scenario, HORIZON, SEED, 0))


def test_levers_that_change_nothing_change_nothing(baseline):
    """A factor of one, or no heads added, leaves every record as it is."""
    idle = [
        {**LEVERS[0], "heads": 0},
        {**LEVERS[2], "factor": 1.0},
        {"kind": "improve_referral"},
        {**LEVERS[4], "factor": 1.0},
    ]
    levers = [{**lever, "id": f"lever{number}"} for number, lever in enumerate(idle)]
    assert same(baseline, simulated(busy_town(levers=levers)))


def test_the_order_of_keys_means_nothing(baseline):
    """Parts and items written in another order are the same scenario, with the same address and records."""

    def turned(data):
        if isinstance(data, dict):
            return {key: turned(data[key]) for key in reversed(data)}
        return data

    data = turned(busy_town())
    assert list(data["needs"]) == ["survey", "claim", "advice"]
    assert digest(read(data)) == digest(read(busy_town()))
    assert same(baseline, simulated(data))


def test_items_written_as_a_list_are_the_same_scenario(baseline):
    """A list of items with ids is another way to write a mapping."""
    data = busy_town()
    data["needs"] = [{"id": name, **item} for name, item in data["needs"].items()]
    assert same(baseline, simulated(data))


def test_labels_and_evidence_are_no_part_of_the_model(baseline):
    """A title, and a source beside a number, change no record and no address."""
    data = busy_town(title="Another title", id="another")
    data["teams"]["desk"]["staff"]["clerk"]["count"] = {"value": 1, "source": "counted"}
    assert digest(read(data)) == digest(read(busy_town()))
    assert same(baseline, simulated(data))


# ---------------------------------------------------------------------------------------- time


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever["kind"])
def test_a_policy_from_a_day_on_changes_nothing_before(baseline, lever):
    """Until the day a lever takes effect the records are those of the baseline; then they are not."""
    day = 10 * 24.0
    changed = simulated(busy_town(levers=[{"id": "lever", "from": "2026-01-15", **lever}]))
    assert until(changed, day) == until(baseline, day)
    assert until(changed, HORIZON) != until(baseline, HORIZON)


def test_all_levers_at_once_change_nothing_before_their_day(baseline):
    """The same for five levers with three days of their own."""
    days = ["2026-01-20", "2026-01-15", "2026-01-20", "2026-01-25", "2026-01-15"]
    levers = [
        {"id": f"l{n}", "from": day, **lever} for n, (day, lever) in enumerate(zip(days, LEVERS, strict=True))
    ]
    changed = simulated(busy_town(levers=levers))
    assert until(changed, 240.0) == until(baseline, 240.0)


@pytest.mark.parametrize("longer", [HORIZON + 0.5, 2 * HORIZON, 9000.0])
def test_a_longer_run_begins_like_a_shorter_one(longer):
    """What happens does not depend on how long one looks, not even in another calendar year."""
    data = busy_town()
    data["profiles"] = {
        "counter": {"weekdays": [5, 4, 3, 2, 1, 0, 0],
                    "campaigns": [{"share": 0.3, "anchor": "12-20", "days": 30}]},
    }  # fmt: skip
    shorter = simulated(data)
    assert until(simulated(data, horizon=longer), HORIZON) == until(shorter, HORIZON)


def test_a_longer_run_begins_like_a_shorter_one_on_a_wave():
    """The same for demand that swings with a period that does not divide the year."""
    data = busy_town(profiles={"counter": {"kind": "cyclic", "amplitude": 0.8, "period": "100 h"}})
    assert until(simulated(data, horizon=10_000.0), HORIZON) == until(simulated(data), HORIZON)


# ------------------------------------------------------------------------------------- one more of something


def others(records, keys):
    """Cases and visits of the cases with these keys."""
    by_case, by_visit = keyed(records)
    return (
        {key: row for key, row in by_case.items() if key in keys},
        {key: row for key, row in by_visit.items() if key[0] in keys},
    )


def test_one_more_case_changes_no_draw_of_another(baseline):
    """With one more veteran's case every latent case is as it was; only what depends on queues may change."""
    data = busy_town()
    data["needs"]["extra"] = need(listed(100.0, at=["east"]), "advice")
    more = simulated(data)
    latent = baseline.cases[baseline.cases["parent"] < 0]
    columns = ["key", "veteran", "group", "origin", "channel", "contact", "persons", "arrival"]
    there = more.cases[np.isin(more.cases["key"], latent["key"])]
    assert np.array_equal(there[columns], latent[columns])
    assert (more.cases["parent"] < 0).sum() == len(latent) + 1
    assert until(more, 100.0) == until(baseline, 100.0)


def test_one_more_case_is_not_noticed_where_nobody_queues(ample):
    """Where capacity is ample, one more veteran's case changes not one record of the others."""
    data = busy_town(**AMPLE)
    data["needs"]["extra"] = need(listed(100.0, at=["east"]), "advice")
    more = simulated(data)
    keys = set(ample.cases["key"].tolist())
    assert len(more.cases) > len(ample.cases)
    assert others(more, keys) == keyed(ample)


def test_one_more_place_is_not_noticed_where_nobody_queues(ample):
    """A new place, with or without veterans, changes no case of the other places."""
    for veterans in (0, 50):
        data = busy_town(**AMPLE)
        data["places"]["alps"] = {"tier": "town", "parent": "city", "veterans": veterans}
        more = simulated(data)
        keys = set(ample.cases["key"].tolist())
        assert (len(more.cases) > len(ample.cases)) is (veterans > 0)
        assert others(more, keys) == keyed(ample)


def test_one_more_place_without_veterans_is_not_noticed_at_all(baseline):
    """A place that nobody comes from changes nothing, queues or not."""
    data = busy_town()
    data["places"]["alps"] = {"tier": "town", "parent": "city"}
    assert keyed(simulated(data)) == keyed(baseline)


def test_one_more_need_pathway_team_group_or_channel_is_not_noticed(baseline):
    """What nobody uses changes nothing."""
    data = busy_town()
    data["needs"]["another"] = need(None, "aaa")
    data["pathways"]["aaa"] = {"steps": [work("aaa", 1.0, teams="aaa")]}
    data["teams"]["aaa"] = {"tier": "town", "staff": {"clerk": {"count": 1}}}
    data["channels"]["letter"] = {}
    data["calendars"] = {**OFFICE, "aaa": {"kind": "always"}}
    assert keyed(simulated(data)) == keyed(baseline)


@pytest.mark.parametrize("rate", [8.5, 12, 40])
def test_a_higher_rate_only_adds_cases(ample, rate):
    """All cases of the lower rate are there at the higher one, with every draw of theirs."""
    data = busy_town(**AMPLE)
    data["needs"]["advice"]["arrivals"]["rate"] = rate
    more = simulated(data)
    keys = set(ample.cases["key"].tolist())
    assert len(more.cases) > len(ample.cases)
    assert others(more, keys) == keyed(ample)


def test_more_presentation_only_adds_presented_cases(ample):
    """Who presents a need at a lower probability does so at a higher one, with the same journey."""
    lever = {"kind": "scale_presentation", "id": "less", "groups": ["old", "young"], "factor": 0.5}
    fewer, (cases, visits) = simulated(busy_town(**AMPLE, levers=[lever])), keyed(ample)
    some_cases, some_visits = keyed(fewer)
    presented = {key for key, row in some_cases.items() if row[-1] != 0}
    assert len(presented) < 0.7 * len(cases)
    assert {key: some_cases[key] for key in presented} == {key: cases[key] for key in presented}
    assert some_visits == {key: row for key, row in visits.items() if key[0] in presented}
    latent = {key for key, row in cases.items() if row[0] is None}
    assert latent <= some_cases.keys()


def test_another_time_of_one_step_changes_no_draw_of_another(ample):
    """A longer talk shifts what follows in time, and changes no route, no loss and no other duration."""
    lever = {"kind": "scale_time", "id": "slow", "pathways": ["claim"], "factor": 3.0}
    slow = simulated(busy_town(**AMPLE, levers=[lever]))
    advice = ample.cases["key"][ample.cases["need"] == 0]
    keys = set(advice.tolist())
    assert others(slow, keys) == others(ample, keys)


def test_a_longer_run_does_not_change_the_order_of_deadlines():
    """Deadlines in working days beyond the end of a run order its queues as they would in a longer one."""
    data = written(
        work(hours=30.0),
        calendars=OFFICE,
        teams={"desk": team(discipline="deadline")},
        needs={
            "long": need(listed(0.0, 1.0), deadline="40 wd", deadline_calendar="office"),
            "short": need(listed(2.0, 3.0), deadline="20 wd", deadline_calendar="office"),
        },
    )
    shorter = simulated(data, horizon=150.0)
    assert started(shorter) == [0, 2, 3, 1]
    assert until(simulated(data, horizon=2000.0), 150.0) == until(shorter, 150.0)


@pytest.mark.parametrize("horizon", [10.5, 20.0, 40.0])
def test_a_longer_run_does_not_change_appointments(horizon):
    """A slot that reaches over the end is given out, one too far beyond it declined, as in a longer run."""
    booking = {"lead": "1 h", "too_far": "1 wd", "declined": 1.0}
    data = written(
        work(hours=0.5, booking=booking),
        calendars=OFFICE,
        teams={"desk": team(calendar="office", appointments={"slot": "1 h"})},
        arrivals=listed(*[8.0] * 9, 9.0),
    )
    shorter, longer = simulated(data, horizon=horizon), simulated(data, horizon=1000.0)
    assert until(longer, horizon) == until(shorter, horizon)
    # Monday has seven slots; for three of the ten the next one is on Tuesday.
    assert exits(longer).count("balked") == 3
