"""Local variation: places that work otherwise than the standard says, and levelling them up to it.

Unless a test says otherwise a street with a village below it serves every case for an hour.
"""

import numpy as np
import pytest

from simulation.engines import simulate
from simulation.records import Exit
from simulation.scenario import phases
from simulation.scenario.generation import PlaceGenerator
from tests.scenarios import (
    delay,
    diary,
    ends,
    exactly,
    exits,
    exponential,
    keyed,
    listed,
    need,
    same,
    scenario,
    work,
)

MANY = listed(*np.arange(500) / 10, at=["village"])


def records(*steps, **fields):
    """Records of cases of the village, places having a practice of their own where it is given."""
    return simulate(world(*steps, **fields), 300.0, 1, 0)


def world(*steps, arrivals=None, levers=(), street=None, village=None, city=None):
    """A city, a street and a village, with a desk at the village and one at the city."""
    return scenario(
        *steps,
        places={
            "city": {"tier": "city", "practice": city},
            "street": {"tier": "street", "parent": "city", "practice": street},
            "village": {"tier": "village", "parent": "street", "practice": village},
        },
        teams={
            "desk": {"tier": "village", "staff": {"clerk": {"count": 1}}},
            "bureau": {"tier": "city", "staff": {"clerk": {"count": 1}}},
        },
        needs={"help": need(arrivals or listed(0.0, at=["village"]))},
        levers=[{"id": f"lever{number}", **lever} for number, lever in enumerate(levers)],
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ practice


def test_the_standard_is_no_practice_of_its_own():
    """Factors of 1, anywhere, leave the records as they are."""
    steps = [work("first", exponential(0.05), referral={"delay": exponential(1.0), "not_reached": 0.2})]
    plain = records(*steps, arrivals=MANY)
    assert same(plain, records(*steps, arrivals=MANY, village={"work": 1.0}, city={"loss": 1.0}))


def test_work_takes_longer_where_it_is_done_otherwise():
    """At the village an hour takes a half more; at the bureau of the city, which is as the standard, not."""
    steps = [work(), work("review", teams="bureau")]
    done = diary(records(*steps, village={"work": 1.5}), "step", "started", "ended")
    assert done == [("serve", 0.0, 1.5), ("review", 1.5, 2.5)]


def test_hand_overs_are_those_of_the_place_of_first_contact():
    """A hand-over of four hours takes eight for cases of the village; a slow bureau works slowly on all."""
    step = work(teams="bureau", referral={"delay": exactly(4.0)})
    assert ends(records(step, village={"hand_over": 2.0})) == [9.0]
    assert ends(records(step, city={"work": 2.0, "hand_over": 3.0}, village={})) == [6.0]


def test_a_place_works_as_the_one_above_unless_it_has_a_way_of_its_own():
    """The village follows the street, the street the city; with a practice of its own it follows nobody."""
    assert ends(records(work(), street={"work": 3.0})) == [3.0]
    assert ends(records(work(), city={"work": 2.0})) == [2.0]
    assert ends(records(work(), city={"work": 2.0}, street={"work": 3.0})) == [3.0]
    assert ends(records(work(), city={"work": 2.0}, village={"loss": 1.0})) == [1.0]


@pytest.mark.parametrize(
    ("practice", "exit_", "chance"),
    [
        ("loss", "lost", "not_reached"),
        ("refusal", "refused", "refusal"),
        ("refusal", "ineligible", "ineligible"),
    ],
)
def test_who_is_lost_by_the_standard_is_lost_by_a_worse_practice_too(practice, exit_, chance):
    """With the same draws a factor of two loses all that are lost at one, and more; a factor of a hundred
    loses everybody, and none nobody."""
    step = delay(hours=0.0, referral={chance: 0.2})
    lost = []
    for factor in (0.0, 1.0, 2.0, 100.0):
        found = records(step, arrivals=MANY, village={practice: factor})
        lost.append(set(found.cases["key"][found.cases["exit"] == Exit[exit_]].tolist()))
    assert not lost[0]
    assert lost[1] < lost[2] < lost[3]
    assert len(lost[3]) == 500


# ---------------------------------------------------------------------------------------------- levelling up


LEVEL = {"kind": "level_practice"}
SLOW = {"work": 1.5, "hand_over": 0.5}


def test_levelling_nothing_changes_nothing():
    """At strength 0 the records are as before, at full strength the worse factors are 1, the better stay."""
    steps = [work(hours=exponential(0.05), referral={"delay": exponential(1.0)})]
    before = records(*steps, arrivals=MANY, village=SLOW)
    assert same(before, records(*steps, arrivals=MANY, village=SLOW, levers=[{**LEVEL, "strength": 0.0}]))
    after = records(*steps, arrivals=MANY, village=SLOW, levers=[LEVEL])
    assert same(after, records(*steps, arrivals=MANY, village={"hand_over": 0.5}))


@pytest.mark.parametrize(("strength", "ended"), [(0.0, 1.5), (0.5, 1.25), (1.0, 1.0)])
def test_levelling_goes_part_of_the_way(strength, ended):
    """Half of the way from a half more work to the standard is a quarter more."""
    assert ends(records(work(), village=SLOW, levers=[{**LEVEL, "strength": strength}])) == [ended]


def test_levelling_may_be_of_some_tiers_and_from_a_day_on():
    """The street's way is levelled on Tuesday: work begun at 0 takes three hours, at 24 one; to level cities
    alone is of no use to it."""
    arrivals = listed(0.0, 24.0, at=["village"])
    later = {**LEVEL, "tiers": ["street"], "from": "2026-01-06"}
    assert ends(records(work(), arrivals=arrivals, street={"work": 3.0}, levers=[later])) == [3.0, 25.0]
    other = {**LEVEL, "tiers": ["city"]}
    assert ends(records(work(), street={"work": 3.0}, levers=[other])) == [3.0]


def test_a_better_place_loses_nothing_by_levelling():
    """Every case ends at most as late as before, whatever the place does better or worse."""
    steps = [delay(hours=exponential(1.0), referral={"delay": exponential(2.0), "not_reached": 0.3})]
    bad = {"hand_over": 2.0, "loss": 1.5}
    parts = {"arrivals": MANY, "village": bad}
    before, after = (keyed(records(*steps, levers=levers, **parts))[0] for levers in ([], [LEVEL]))
    kept = [key for key, row in before.items() if row[-1] == Exit.resolved]
    assert all(after[key][-1] == Exit.resolved and after[key][-2] <= before[key][-2] for key in kept)
    assert exits(records(*steps, levers=[LEVEL], **parts)).count("lost") < 500 - len(kept)


# ----------------------------------------------------------------------------------------- generated places


def generated(**plan):
    """Places of a city of a hundred districts."""
    tiers = [{"tier": "city", "prefix": "c"}, {"tier": "district", "prefix": "d", "per_parent": 100, **plan}]
    return PlaceGenerator(tiers=tiers, veterans=1000, registered_at="district").places()


def test_practice_is_spread_around_the_standard():
    """The factors of a hundred districts have a mean of 1 and the coefficient of variation that is asked for,
    and do not follow each other; without one nothing is written."""
    places = [place for place in generated(practice_cv=0.3) if place["tier"] == "district"]
    table = np.array(
        [[place["practice"][part] for part in ("work", "hand_over", "loss", "refusal")] for place in places]
    )
    assert table.mean(axis=0) == pytest.approx(1.0, abs=1e-5)
    assert table.std(axis=0) == pytest.approx(0.3, abs=0.03)
    assert np.abs(np.corrcoef(table.T) - np.eye(4)).max() < 0.4
    assert all("practice" not in place and "distance" not in place for place in generated())


def test_ways_are_spread_around_their_mean():
    """Ways have their mean and their coefficient of variation; a tier with more places keeps them so."""
    ways = np.array([place["distance"] for place in generated(distance=5.0, distance_cv=0.5)[1:]])
    assert ways.mean() == pytest.approx(5.0, abs=1e-4)
    assert ways.std() == pytest.approx(2.5, abs=0.2)
    assert {place["distance"] for place in generated(distance=5.0)[1:]} == {5.0}


def test_a_levelled_scenario_is_valid_in_every_phase():
    """Levers change what the gate has checked into something that it would accept."""
    system = world(work(), village=SLOW, levers=[{**LEVEL, "from": "2026-01-06", "ramp": "60 d"}])
    factors = [{p.id: p.practice for p in system_.places}["village"].work for _, system_ in phases(system)]
    assert factors == [1.5, 1.25, 1.0]
