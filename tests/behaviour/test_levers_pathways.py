"""Levers on pathways: at strength 0 they change nothing, at strength 1 they do what can be said before."""

import numpy as np
import pytest

from simulation.engines import simulate
from simulation.records import Exit
from simulation.scenario import Policy, apply, phases, read_spec
from simulation.spec import InputError
from tests.scenarios import delay, diary, exponential, need, same, scenario, team, work

PLACES = {
    "street": {"tier": "street"},
    "east": {"tier": "village", "parent": "street", "veterans": 9},
    "west": {"tier": "village", "parent": "street", "veterans": 1},
}
TEAMS = {
    "desk": team(place=None, tier="village"),
    "office": team(place="street", count=9),
    "partner": team(place="street", count=9),
}
HORIZON = 1500.0


def town():
    """Cases ask at their village; half are sent on to the street, where many are turned away."""
    ask = work(
        "ask",
        exponential(0.8),
        teams="desk @ contact",
        next={"check": 0.5, "wrong": 0.2, "resolved": 0.3},
    )
    wrong = delay("wrong", 48.0, wrong_desk=True, next="check")
    handed = {
        "delay": exponential(24.0),
        "not_attempted": 0.2,
        "not_reached": 0.1,
        "refusal": 0.2,
        "ineligible": 0.2,
    }
    check = work("check", exponential(0.5), teams="office @ above", re_entry=2.0, referral=handed)
    return scenario(
        ask, wrong, check, places=PLACES, teams=TEAMS,
        needs={"help": need({"rate": 0.1, "per_veterans": 1.0})},
    )  # fmt: skip


def lever(kind, **fields):
    """One lever."""
    return {"id": "it", "kind": kind, **fields}


def under(*levers):
    """Run the town under a policy."""
    policy = read_spec(Policy, {"id": "some", "levers": list(levers)}, "policy")[0]
    return simulate(apply(policy, town()), HORIZON, 1, 0)


LEVERS = (
    lever("reroute", pathways=["path"], steps=["ask"], of=["wrong"], into="check"),
    lever("reroute", pathways=["path"], first=True, of=["ask"], into="check"),
    lever("share_records"),
    lever("offer", steps=["ask"], options=["desk @ siblings"], join="shortest"),
    lever("offer", steps=["check"], options=["partner @ above"], stand="first"),
    lever("improve_referral", steps=["check"], refusal_factor=0.0, ineligible_factor=0.0, loss_factor=0.0),
    lever("scale_time", steps=["check"], factor=2.0, when={"teams": ["office"]}),
)


@pytest.fixture(scope="module")
def baseline(engine):
    """The town as it is."""
    return simulate(town(), HORIZON, 1, 0)


@pytest.mark.parametrize("it", LEVERS, ids=lambda it: it["kind"])
def test_a_lever_not_carried_out_changes_nothing(it, baseline):
    """At strength 0 the records are those without it; at strength 1 they are others."""
    assert same(under({**it, "strength": 0.0}), baseline)
    assert not same(under(it), baseline)


def test_an_offer_suits_the_queue():
    """By the earliest slot one joins only where there are bookings."""
    with pytest.raises(InputError, match="earliest"):
        under(lever("offer", steps=["ask"], options=["partner"], join="earliest"))


def went(records, step):
    """Cases that came to a step."""
    return {case for case, name in diary(records, "case", "step") if name == step}


def test_nobody_goes_where_all_are_led_away_from(baseline):
    """Of the wrong desk nobody is left; a part of .4 leaves .6 of them, who are the same cases as before."""
    none = under(LEVERS[0])
    some = under({**LEVERS[0], "part": 0.4})
    before, after = went(baseline, "wrong"), went(some, "wrong")
    assert went(none, "wrong") == set()
    assert after < before
    assert abs(len(after) / len(before) - 0.6) < 0.05
    assert went(baseline, "check") < went(none, "check")  # who was at the wrong desk at the end has come


def test_without_a_target_the_others_of_the_row_get_the_cases_in_proportion():
    """Of .5 on, .2 wrong and .3 resolved, the half of the wrong ones is shared 5 to 3: .5625, .1, .3375."""
    policy = read_spec(
        Policy, {"id": "some", "levers": [{**LEVERS[0], "into": None, "part": 0.5}]}, "policy"
    )[0]
    system = phases(apply(policy, town()))[0][1]
    to = system.pathways[0].steps[0].next[0].to
    found = {
        name: sum(share.share for share in to if share.of == name) for name in ("check", "wrong", "resolved")
    }
    assert found == pytest.approx({"check": 0.5625, "wrong": 0.1, "resolved": 0.3375})


def test_part_and_strength_are_one_scale():
    """Half of it half carried out is a quarter of it."""
    quarter = under({**LEVERS[0], "part": 0.25})
    assert same(under({**LEVERS[0], "part": 0.5, "strength": 0.5}), quarter)


def test_a_shared_record_saves_the_re_entry(baseline):
    """Every check is two hours shorter, to the last bit of rounding, and everything else is as it was."""
    shared = under(LEVERS[2])
    for name, saved in (("ask", 0.0), ("check", 2.0)):
        number = baseline.names.activities.index(f"path.{name}")
        times = [
            (records.visits["ended"] - records.visits["started"])[records.visits["activity"] == number]
            for records in (baseline, shared)
        ]
        size = min(len(column) for column in times)
        done = ~np.isnan(times[0][:size]) & ~np.isnan(times[1][:size])
        assert np.allclose((times[0][:size] - times[1][:size])[done], saved)


def test_shared_queues_even_out_the_load(baseline):
    """The east has a load of .72 and the west of .08: with shared queues the east waits less."""

    def wait(records):
        asked = records.visits["activity"] == records.names.activities.index("path.ask")
        return np.nanmean((records.visits["started"] - records.visits["queued"])[asked])

    half, whole = under({**LEVERS[3], "strength": 0.45}), under(LEVERS[3])
    assert wait(whole) < wait(half) < wait(baseline)


def test_an_offer_in_part_is_taken_by_a_part(baseline):
    """Of the checks three tenths go to the partner who is named first; wholly offered, all."""

    def partner(records):
        checks = [who for name, who in diary(records, "step", "team") if name == "check" and who is not None]
        return np.mean([who.startswith("partner") for who in checks])

    assert partner(baseline) == 0.0
    assert abs(partner(under({**LEVERS[4], "strength": 0.3})) - 0.3) < 0.05
    assert partner(under(LEVERS[4])) == 1.0


def test_a_closed_loop_turns_nobody_away(baseline):
    """Without loss, refusal and ineligibility nobody ends so; at half the factors, fewer do than before."""
    ways = [Exit.lost, Exit.refused, Exit.ineligible]
    half = {"loss_factor": 0.5, "refusal_factor": 0.5, "ineligible_factor": 0.5}
    ends = [
        np.isin(records.cases["exit"], ways)
        for records in (baseline, under({**LEVERS[5], **half}), under(LEVERS[5]))
    ]
    assert not ends[2].any()
    assert 0 < ends[1].sum() < ends[0].sum()


@pytest.mark.parametrize(
    "it",
    [
        lever("reroute", pathways=["path"], steps=["nowhere"], of=["wrong"], into="check"),
        lever("reroute", pathways=["path"], steps=["ask"], of=["nowhere"], into="check"),
        lever("reroute", pathways=["path"], steps=["ask"], of=["wrong"], into="nowhere"),
        lever("offer", steps=["nowhere"], options=["desk"]),
        lever("offer", steps=["ask"], options=["nowhere"]),
        lever("offer", steps=["ask"], options=["desk @ nowhere"]),
        lever("improve_referral", steps=["nowhere"]),
        lever("share_records", pathways=["nowhere"]),
        lever("scale_time", steps=["ask"], factor=2.0, when={"marks": ["nowhere"]}),
    ],
)
def test_a_lever_names_what_there_is(it):
    """A name that the scenario does not know is refused."""
    with pytest.raises(InputError, match="nowhere"):
        under(it)
