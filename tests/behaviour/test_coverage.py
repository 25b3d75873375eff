"""Coverage and standards: who reaches a station, and what building more of them changes.

Unless a test says otherwise a community, ``n1``, lies ten kilometres from its street, ``north``, and has no
staffed station; everybody would come in person.
"""

import numpy as np
import pytest

from simulation.engines import simulate
from simulation.records import Exit
from simulation.scenario import phases
from simulation.spec import InputError
from tests.scenarios import OFFICE, delay, diary, exits, keyed, listed, need, same, scenario, work

MANY = listed(*np.arange(400) / 100, at=["n1"])
STAFFED = {"n1": {"staffed": True}}


def places(distance=10.0, **changes):
    """The street and its community; the community has no staffed station."""
    tree = {
        "city": {"tier": "city"},
        "north": {"tier": "street", "parent": "city", "distance": 7.0},
        "n1": {"tier": "community", "parent": "north", "staffed": False, "distance": distance},
    }
    return {name: {**place, **changes.get(name, {})} for name, place in tree.items()}


def world(*steps, tree=None, levers=(), arrivals=MANY, **group):
    """A scenario of one group of people who come in person."""
    return scenario(
        *(steps or [delay(hours=0.0)]),
        places=tree or places(),
        teams={"desk": {"tier": "street", "staff": {"clerk": {"count": 1, "annual_cost": 60_000}}}},
        channels={"visit": {}, "phone": {"remote": True}},
        groups={"all": {"share": 1.0, "channels": "visit", **group}},
        needs={"help": need(arrivals)},
        levers=[{"id": f"lever{number}", **lever} for number, lever in enumerate(levers)],
        calendars=OFFICE,
    )


def records(*steps, horizon=100.0, **fields):
    """Records of a world."""
    return simulate(world(*steps, **fields), horizon, 1, 0)


def presented(found):
    """Keys of the cases that were presented."""
    return set(found.cases["key"][found.cases["exit"] != Exit.not_presented].tolist())


# ------------------------------------------------------------------------------------------- the way there


@pytest.mark.parametrize(("distance", "uncovered"), [(0.0, 0.8), (10.0, 0.4), (20.0, 0.2)])
def test_the_further_the_way_the_fewer_go(distance, uncovered):
    """With a reach of ten kilometres, .8 go next door, .4 go ten kilometres and .2 go twenty."""
    by_way = records(tree=places(distance), uncovered=0.8, reach=10.0)
    assert same(by_way, records(tree=places(distance), uncovered=uncovered))


def test_the_way_is_that_to_the_first_staffed_place():
    """Where the street is not staffed either, its own way to the city is added: 10 + 7 kilometres."""
    tree = places(north={"staffed": False})
    share = 0.8 * 2.0**-1.7
    assert same(records(tree=tree, uncovered=0.8, reach=10.0), records(tree=tree, uncovered=share))


def test_where_there_is_a_station_the_way_does_not_matter():
    """Ways are walked only where the place of first contact is not staffed."""
    near = places(1000.0, **STAFFED)
    assert same(records(tree=near, uncovered=0.1, reach=1.0), records(tree=near))


def test_a_longer_way_loses_people_and_gains_none():
    """With the same draws, who goes twenty kilometres also goes five; and some go only five."""
    far, near = (presented(records(tree=places(km), uncovered=0.9, reach=10.0)) for km in (20.0, 5.0))
    assert far < near


def test_who_is_diverted_comes_over_the_other_channel():
    """Nobody walks, and all telephone instead: every need is presented, to the street."""
    found = records(uncovered=0.0, diverted=1.0, diverted_to="phone")
    assert set(exits(found)) == {"resolved"}
    assert set(found.cases["channel"]) == {found.names.channels.index("phone")}
    assert set(found.cases["contact"]) == {found.names.places.index("north")}
    assert set(exits(records(uncovered=0.0))) == {"not_presented"}


def test_diversion_moves_nobody_who_goes_anyway():
    """Who goes in person without the other channel does so with it; the others are a chance more."""
    without = records(uncovered=0.5)
    with_ = records(uncovered=0.5, diverted=0.5, diverted_to="phone")
    before, after = keyed(without)[0], keyed(with_)[0]
    for key in presented(without):
        assert before[key] == after[key]
    assert presented(without) < presented(with_)
    assert same(without, records(uncovered=0.5, diverted=0.0, diverted_to="phone"))


@pytest.mark.parametrize(
    ("group", "complaint"),
    [
        ({"diverted": 0.5}, r"groups\.all\.diverted_to: name the remote channel"),
        ({"diverted": 0.5, "diverted_to": "visit"}, "this channel needs a station nearby"),
        ({"diverted": 0.5, "diverted_to": "fax"}, "no such channel"),
    ],
)
def test_needs_are_diverted_to_a_remote_channel_only(group, complaint):
    """Who does not travel cannot come in person."""
    with pytest.raises(InputError, match=complaint):
        world(**group)


# -------------------------------------------------------------------------------------- building stations


BUILD = {"kind": "build_stations", "tiers": ["community"]}


def test_building_nothing_changes_nothing():
    """A lever of strength 0 leaves the records as they are, and of full strength as if it were written so."""
    assert same(records(levers=[{**BUILD, "strength": 0.0}], uncovered=0.4), records(uncovered=0.4))
    built = records(levers=[BUILD], uncovered=0.4)
    assert same(built, records(tree=places(**STAFFED), uncovered=0.4))
    assert "not_presented" not in exits(built)


def test_a_station_holds_from_the_day_on_which_it_opens():
    """Needs of Monday are lost, those of Tuesday (from hour 24) are presented."""
    found = records(
        levers=[{**BUILD, "from": "2026-01-06"}], uncovered=0.0, arrivals=listed(0, 23.75, 24, 30, at=["n1"])
    )
    assert exits(found) == ["not_presented", "not_presented", "resolved", "resolved"]


def test_more_strength_builds_more_of_the_same():
    """The stations built at strength .3 are among those built at .6; at 1 all are."""
    tree = {"city": {"tier": "street"}}
    tree |= {f"c{n}": {"tier": "community", "parent": "city", "staffed": False} for n in range(100)}
    built = []
    for strength in (0.3, 0.6, 1.0):
        system = world(levers=[{**BUILD, "strength": strength}], tree=tree, arrivals=listed(0.0, at=["c1"]))
        built.append({place.id for place in phases(system)[0][1].places if place.staffed})
    assert built[0] < built[1] < built[2]
    assert len(built[2]) == 101


def test_a_station_costs_the_pay_of_those_who_work_there():
    """A tier of three unstaffed streets with one clerk each at 60,000 yuan costs 180,000 yuan a year more."""
    tree = places(north={"staffed": False})
    tree |= {f"s{n}": {"tier": "street", "parent": "city", "staffed": False} for n in range(2)}
    system = world(tree=tree, levers=[{"kind": "build_stations", "tiers": ["street"], "cost_per_year": 500}])
    assert system.levers[0].running_cost(system.model_copy(update={"levers": ()})) == 180_500


def test_a_station_may_be_staffed_by_the_veterans_below_it():
    """One clerk for 100 veterans: a street over a community of 150 gets two (1.5, rounded), 120,000 yuan."""
    clerk = {"per_veterans": 100, "annual_cost": 60_000}
    system = scenario(
        places=places(north={"staffed": False}, n1={"veterans": 150}),
        teams={"desk": {"tier": "street", "staff": {"clerk": clerk}}},
        needs={"help": need(MANY)},
        levers=[{"id": "near", "kind": "build_stations", "tiers": ["street"]}],
    )
    assert system.levers[0].running_cost(system.model_copy(update={"levers": ()})) == 120_000


def test_a_tier_that_does_not_exist_is_refused():
    """Levers on places name tiers of the scenario."""
    for kind in ("build_stations", "raise_standard", "level_practice"):
        with pytest.raises(InputError, match=r"lever0\.tiers: .*known: city, community, street"):
            world(levers=[{"kind": kind, "tiers": ["moon"]}])


def test_a_station_that_is_rarely_open_can_be_worse_than_none():
    """Before, the street serves at once. The new station has its own desk, open from nine: those who came at
    hours 0 and 1 wait 9 and 8 hours and more for it."""
    tree = places(n1={"staffed": False})
    parts = {
        "places": tree,
        "teams": {
            "desk": {"tier": "street", "staff": {"clerk": {"count": 1}}},
            "window": {"tier": "community", "staff": {"clerk": {"count": 1, "calendar": "office"}}},
        },
        "needs": {"help": need(listed(0.0, 1.0, at=["n1"]))},
        "calendars": OFFICE,
    }
    step = work(teams=["window @ contact", "desk @ contact"])
    none = simulate(scenario(step, **parts), 100.0, 1, 0)
    one = simulate(scenario(step, **parts, levers=[{"id": "near", **BUILD}]), 100.0, 1, 0)
    assert diary(none, "team", "wait") == [("desk@north", 0.0), ("desk@north", 0.0)]
    assert diary(one, "team", "wait") == [("window@n1", 9.0), ("window@n1", 9.0)]


# --------------------------------------------------------------------------------------------- standards


RAISE = {"kind": "raise_standard", "tiers": ["community"]}
SORTED = delay(hours=0.0, next=[{"when": {"standards": ["below"]}, "to": "unresolved"}, {"to": "resolved"}])


def standard(name):
    """A staffed community of a standard."""
    return places(n1={"staffed": True, "standard": name})


def test_raising_nothing_changes_nothing():
    """At strength 0 the records are as before; at full strength as if the station met the standard."""
    low = records(SORTED, tree=standard("below"))
    assert same(low, records(SORTED, tree=standard("below"), levers=[{**RAISE, "strength": 0.0}]))
    raised = records(SORTED, tree=standard("below"), levers=[RAISE])
    assert same(raised, records(SORTED, tree=standard("standard")))
    assert set(exits(low)) == {"unresolved"}
    assert set(exits(raised)) == {"resolved"}


def test_raising_lowers_no_station():
    """A model station stays one; to the model standard everybody is raised."""
    for before, target, after in [
        ("model", "standard", "model"),
        ("standard", "model", "model"),
        ("below", "model", "model"),
        ("below", "standard", "standard"),
    ]:
        system = world(tree=standard(before), levers=[{**RAISE, "to_standard": target}])
        assert {p.id: p.standard for p in phases(system)[0][1].places}["n1"] == after
