"""Quality of a team: proficiency, training, specialists who have no cover, and work in a hurry."""

import numpy as np
import pytest

from simulation.spec import InputError
from tests.scenarios import diary, exits, exponential, listed, need, run, same, team, work

DAY = 24.0
STREAM = {"kind": "poisson", "rate": 0.4}


def desk(count=1, **fields):
    return {"teams": {"desk": team(count, **fields)}}


def train(**fields):
    return {"kind": "train_staff", "id": "course", **fields}


def mean_stay(records):
    """Mean time from queueing to the end of the service, or to the end of the run."""
    ended = np.where(np.isnan(records.visits["ended"]), records.horizon, records.visits["ended"])
    return float((ended - records.visits["queued"]).mean())


# ------------------------------------------------------------------------------------- proficiency


def test_proficiency_is_speed_at_one_need():
    """At twice the speed an hour of claims takes half an hour; advice takes its hour."""
    needs = {"advice": need(listed(0.0)), "claim": need(listed(10.0))}
    records = run(needs=needs, **desk(proficiency={"claim": 2.0}))
    assert diary(records, "started", "ended") == [(0, 1), (10, 10.5)]


def test_proficiency_multiplies_speed_and_share():
    records = run(arrivals=listed(0.0), **desk(proficiency={"help": 4.0}, speed=0.5, share=0.5))
    assert diary(records, "ended") == [(1.0,)]


def test_proficiency_of_one_changes_no_record():
    cases = {"arrivals": STREAM, "horizon": 500.0}
    plain = run(work(hours=exponential(2.0)), **cases, **desk())
    assert same(plain, run(work(hours=exponential(2.0)), **cases, **desk(proficiency={"help": 1.0})))


def test_proficiency_at_the_only_need_is_speed():
    cases = {"arrivals": STREAM, "horizon": 500.0}
    fast = run(work(hours=exponential(2.0)), **cases, **desk(speed=1.25))
    assert same(fast, run(work(hours=exponential(2.0)), **cases, **desk(proficiency={"help": 1.25})))


# ------------------------------------------------------------------------------------- training


def test_training_multiplies_what_is_there():
    """Speed 2 by the course, and 1.5 for the need on top of its proficiency of 2: an hour takes a sixth."""
    course = train(teams=["desk"], group="clerk", speed=2.0, needs={"help": 1.5})
    records = run(levers=[course], **desk(proficiency={"help": 2.0}))
    assert diary(records, "ended") == [(pytest.approx(1 / 6),)]


def test_training_by_half_goes_half_of_the_way():
    """A factor of 3 at half strength is 2: an hour takes half an hour."""
    records = run(levers=[train(needs={"help": 3.0}, strength=0.5)], **desk())
    assert diary(records, "ended") == [(0.5,)]


def test_training_for_a_need_takes_effect_on_its_day():
    course = train(needs={"help": 2.0}, **{"from": "2026-01-06"})
    records = run(levers=[course], arrivals=listed(0.0, DAY), **desk())
    assert diary(records, "started", "ended") == [(0, 1), (24, 24.5)]


def test_training_means_that_no_case_ends_later():
    """One clerk, the same cases in the same order: with a higher speed every one of them ends earlier."""
    runs = [
        run(
            work(hours=exponential(2.0)),
            arrivals=STREAM,
            horizon=2000.0,
            levers=[train(speed=speed)],
            **desk(),
        )
        for speed in (1.0, 1.2, 1.5)
    ]
    ended = [np.where(np.isnan(r.visits["ended"]), np.inf, r.visits["ended"]) for r in runs]
    assert np.all(ended[0] >= ended[1])
    assert np.all(ended[1] >= ended[2])


# ------------------------------------------------------------------------------------- specialisation


def two(kind, absence=0.0):
    """Two heads: generalists who both do everything, or a specialist for each of two needs, who is faster."""
    workforce = {"absence": absence}
    if kind == "generalists":
        staff = {"any": {"count": 2, "workforce": workforce}}
    else:
        staff = {
            f"for_{name}": {
                "count": 1, "skills": [name], "proficiency": {name: 1 / 0.85}, "workforce": workforce,
            }
            for name in ("advice", "claim")
        }  # fmt: skip
    needs = {name: need({"kind": "poisson", "rate": 0.02}) for name in ("advice", "claim")}
    return run(
        work(hours=exponential(1.0)),
        needs=needs,
        teams={"desk": {"place": "town", "staff": staff}},
        horizon=20_000.0,
    )


def test_specialists_are_better_as_long_as_they_are_there():
    """Few cases: hardly anybody waits, and the work takes 0.85 of the time."""
    assert mean_stay(two("specialists")) < mean_stay(two("generalists"))


def test_specialists_without_cover_are_worse_when_they_are_away():
    """A fifth of the days away: a case waits for the day to end whenever its one specialist is away, while of
    two generalists one is nearly always there."""
    assert mean_stay(two("specialists", absence=0.2)) > 2 * mean_stay(two("generalists", absence=0.2))


def test_a_case_waits_for_the_specialist_who_is_away():
    """The generalist is there and may not do it."""
    staff = {
        "clerk": {"count": 1, "skills": ["advice"]},
        "lawyer": {"count": 1, "skills": ["claim"], "workforce": {"absence": 1.0}},
    }
    needs = {"advice": need(listed(0.0)), "claim": need(listed(0.0))}
    records = run(needs=needs, teams={"desk": {"place": "town", "staff": staff}}, horizon=50.0)
    assert sorted(diary(records, "outcome")) == [("completed",), ("waiting",)]


CONVERT = {
    "kind": "convert_staff", "id": "lawyers", "team": "desk", "group": "clerk", "into": "lawyer", "heads": 1,
}  # fmt: skip


def mixed_desk(lawyers):
    """Two clerks for everything and some lawyers, who take claims first and need half the time for them."""
    lawyer = {"count": 0, "rank": -1, "skills": ["claim"], "proficiency": {"claim": 2.0}, **lawyers}
    return {"teams": {"desk": {"place": "town", "staff": {"clerk": {"count": 2}, "lawyer": lawyer}}}}


def test_converted_heads_do_the_one_and_no_longer_the_other():
    """A clerk becomes a lawyer: the claim takes half an hour, and the second piece of advice has to wait."""
    needs = {"advice": need(listed(0.0, 0.0)), "claim": need(listed(0.0))}
    before = run(needs=needs, **mixed_desk({}))
    after = run(needs=needs, levers=[CONVERT], **mixed_desk({}))
    assert diary(before, "started", "ended") == [(0, 1), (0, 1), (1, 2)]
    assert sorted(diary(after, "started", "ended")) == [(0, 0.5), (0, 1), (1, 2)]


def test_a_course_takes_its_time():
    """The lawyers' posts are filled after a course of ten hours; until then a clerk does the claims."""
    course = {"workforce": {"recruitment": {"kind": "deterministic", "at": 10}}}
    needs = {"claim": need(listed(0.0, 0.0, 10.0))}
    records = run(needs=needs, levers=[CONVERT], **mixed_desk(course))
    assert diary(records, "started", "ended") == [(0, 1), (1, 2), (10, 10.5)]


# ------------------------------------------------------------------------------------- squeeze


def test_work_is_hurried_while_many_wait():
    """Four cases at once, twice as fast from two waiting on: half an hour each while 3 and 2 are left."""
    records = run(arrivals=listed(*[0.0] * 4), **desk(squeeze={"waiting": 2, "speed": 2.0}))
    assert diary(records, "started", "ended") == [(0, 0.5), (0.5, 1), (1, 2), (2, 3)]


def test_the_squeeze_counts_by_the_head():
    """Two clerks: of five cases the first leaves four, two for each head; the second leaves three and is not
    hurried."""
    records = run(arrivals=listed(*[0.0] * 5), **desk(2, squeeze={"waiting": 2, "speed": 2.0}))
    assert diary(records, "started", "ended")[:2] == [(0, 0.5), (0, 1)]


@pytest.mark.parametrize("squeeze", [{"waiting": 1e9, "speed": 2.0}, {"waiting": 0.5, "speed": 1.0}])
def test_a_squeeze_that_never_comes_or_never_hurries_changes_no_record(squeeze):
    cases = {"arrivals": STREAM, "horizon": 500.0}
    plain = run(work(hours=exponential(2.0)), **cases, **desk())
    assert same(plain, run(work(hours=exponential(2.0)), **cases, **desk(squeeze=squeeze)))


def hurried_returns(again, squeeze=True):
    """A busy clerk who hurries when one waits; hurried work fails with a probability and comes back later."""
    step = work(
        hours=exponential(2.0),
        next=[
            {"when": {"hurried": True}, "to": {"resolved": 1 - again, "unresolved": again}},
            {"to": "resolved"},
        ],
    )
    back = {"after": ["unresolved"], "probability": 1.0, "delay": exponential(24.0), "limit": 3}
    pressed = {"squeeze": {"waiting": 1, "speed": 1.5}} if squeeze else {}
    return run(step, needs={"help": need(STREAM, returns=back)}, horizon=2000.0, **desk(**pressed))


def test_hurry_brings_cases_back():
    """The faster the work, the worse: of hurried cases the share that comes back is that of the route."""
    rounds = [int(hurried_returns(again).cases["rounds"].sum()) for again in (0.0, 0.3, 0.6)]
    assert rounds[0] == 0
    assert 0 < rounds[1] < rounds[2]
    assert hurried_returns(0.6, squeeze=False).cases["rounds"].sum() == 0


def test_hurry_is_asked_of_the_last_work():
    """Three cases: the first leaves two waiting and is hurried, the others are not."""
    step = work(next=[{"when": {"hurried": True}, "to": "unresolved"}, {"to": "resolved"}])
    records = run(step, arrivals=listed(0.0, 0.0, 0.0), **desk(squeeze={"waiting": 2, "speed": 2.0}))
    assert exits(records) == ["unresolved", "resolved", "resolved"]


# ------------------------------------------------------------------------------------- misrouting


def test_specialists_send_fewer_cases_to_the_wrong_desk():
    """A fifth of what generalists refer is misrouted, .08 of what specialists do: the same draws, nested."""

    def wrong(group):
        rows = [
            {"when": {"staff": ["specialist"]}, "to": {"wrong": 0.08, "right": 0.92}},
            {"to": {"wrong": 0.2, "right": 0.8}},
        ]
        steps = [work("front", 0.1, next=rows), work("wrong", 0.1), work("right", 0.1, next="resolved")]
        staff = {name: {"count": 3 * (name == group)} for name in ("generalist", "specialist")}
        records = run(*steps, arrivals={"kind": "poisson", "rate": 1.0}, horizon=2000.0,
                      teams={"desk": {"place": "town", "staff": staff}})  # fmt: skip
        chosen = records.names.activities.index("path.wrong")
        return set(records.visits["case"][records.visits["activity"] == chosen].tolist())

    few, many = wrong("specialist"), wrong("generalist")
    assert few < many
    assert len(many) == pytest.approx(0.2 * 2000, rel=0.2)
    assert len(few) == pytest.approx(0.08 * 2000, rel=0.3)


def test_no_more_can_be_converted_than_there_are():
    """Of two clerks three cannot become lawyers: it is said before anything runs."""
    with pytest.raises(InputError, match="has 2 heads; convert as many at most"):
        run(levers=[{**CONVERT, "heads": 3}], **mixed_desk({}), needs={"claim": need(listed(0.0))})
