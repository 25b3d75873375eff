"""Where a need is presented, and which team a role means there."""

import pytest

from simulation.scenario.levers import AddStaff
from simulation.spec import InputError
from tests.scenarios import diary, exits, listed, need, run, same, scenario, work

TREE = {
    "city": {"tier": "city"},
    "north": {"tier": "street", "parent": "city"},
    "south": {"tier": "street", "parent": "city"},
    "n1": {"tier": "community", "parent": "north"},
    "n2": {"tier": "community", "parent": "north"},
    "s1": {"tier": "community", "parent": "south"},
    "tax": {"tier": "office", "parent": "city"},
}


def tree(**changes):
    """The tree of places, some of them changed."""
    return {name: {**place, **changes.get(name, {})} for name, place in TREE.items()}


def teams(limit=None, **tiers):
    """A team of one clerk for each role at every place of a tier."""
    team = {"staff": {"clerk": {"count": 1}}, "queue_limit": limit}
    return {role: {**team, "tier": tier} for role, tier in tiers.items()}


def served(options, roles, places=None, origin="n1", join="first", **fields):
    """The team at which a case of `origin` queues, or how it ended, whether or not queues are limited."""
    with_limit, without = (
        run(
            places=places or tree(),
            teams=teams(limit, **roles),
            pathways={"path": {"steps": [work(teams=options, join=join)]}},
            needs={"help": need(listed(0.0, at=[origin]), **fields)},
        )
        for limit in (9, None)
    )
    assert same(with_limit, without)
    return [team or outcome for team, outcome in diary(without, "team", "outcome")] or exits(without)


# ------------------------------------------------------------------------------------------- which team


def test_nearest_is_the_first_on_the_way_up():
    """From a community: its own team, else that of its street, else that of the city."""
    assert served("desk", {"desk": "community"}) == ["desk@n1"]
    assert served("desk", {"desk": "street"}) == ["desk@north"]
    assert served("desk", {"desk": "city"}) == ["desk@city"]


def test_a_department_stands_where_its_parent_stands():
    """An office under the city is reached from every community of the city."""
    assert served("desk", {"desk": "office"}) == ["desk@tax"]


def test_nearest_passes_over_places_without_a_station():
    """Where the street has no station the city's own team is the nearest, not that of the next street."""
    places = tree(north={"staffed": False})
    records = served(["desk"], {"desk": "street"}, places)
    assert records == ["refused"]


def test_contact_is_the_place_of_first_contact():
    """A need first presented at the street is served there, though it arises in the community."""
    roles = {"desk": "street"}
    assert served("desk @ contact", roles, first_contact="street") == ["desk@north"]
    assert served("desk @ contact", roles) == ["refused"]


def test_above_is_the_place_above_that_of_first_contact():
    """`above` is one step up from first contact, and only one."""
    assert served("desk @ above", {"desk": "street"}) == ["desk@north"]
    assert served("desk @ above", {"desk": "city"}) == ["refused"]
    assert served("desk @ above", {"desk": "city"}, first_contact="street") == ["desk@city"]
    assert served("desk @ above", {"desk": "city"}, first_contact="city") == ["refused"]


def test_origin_is_where_the_case_arose():
    """`origin` stays in the community wherever the need is presented."""
    assert served("desk @ origin", {"desk": "community"}, first_contact="city") == ["desk@n1"]


def test_a_named_tier_is_the_place_of_that_tier_above_the_origin():
    """`@ street` is the street of the case's own community."""
    assert served("desk @ street", {"desk": "street"}, origin="s1") == ["desk@south"]
    assert served("desk @ city", {"desk": "city"}, origin="s1") == ["desk@city"]


def test_an_option_that_does_not_exist_is_passed_over():
    """Without a team in the community the case goes to the next option."""
    roles = {"desk": "street"}
    assert served(["desk @ origin", "desk @ street"], roles) == ["desk@north"]
    assert served(["desk @ origin"], roles) == ["refused"]
    assert served(["desk @ above", "desk @ contact"], roles, first_contact="street") == ["desk@north"]


def test_joining_all_asks_for_those_who_exist():
    """Work by all teams is done by those that exist for the case."""
    assert served(["desk @ origin", "desk @ street"], {"desk": "street"}, join="all") == ["desk@north"]


def test_one_team_named_twice_serves_once():
    """Two options that mean the same team are one."""
    assert served(["desk", "desk @ street"], {"desk": "street"}, join="all") == ["desk@north"]


# ---------------------------------------------------------------------------------------- first contact


def contact(places, **fields):
    """Place of first contact, and exit."""
    records = run(
        places=places,
        teams=teams(desk="city"),
        needs={"help": need(listed(0.0, at=["n1"]), **fields)},
        channels={"phone": {"remote": True}, "visit": {}},
        groups={"all": {"share": 1.0, "channels": "visit"}},
    )
    place = records.cases["contact"][0]
    return (records.names.places[place] if place >= 0 else None), exits(records)[0]


def test_without_a_station_nearby_the_need_goes_to_the_next_one_above():
    """An unstaffed community sends its people to the street; an unstaffed street to the city."""
    assert contact(tree()) == ("n1", "resolved")
    assert contact(tree(n1={"staffed": False})) == ("north", "resolved")
    assert contact(tree(n1={"staffed": False}, north={"staffed": False})) == ("city", "resolved")


@pytest.mark.parametrize(
    ("channel", "expected"), [("visit", ("north", "not_presented")), ("phone", ("north", "resolved"))]
)
def test_who_does_not_travel_presents_nothing_unless_the_channel_is_remote(channel, expected):
    """Who never goes further away presents no need where there is no station, except by telephone.

    The case keeps the place where it would have been presented.
    """
    records = run(
        places=tree(n1={"staffed": False}),
        teams=teams(desk="city"),
        needs={"help": need(listed(0.0, at=["n1"]))},
        channels={"phone": {"remote": True}, "visit": {}},
        groups={"all": {"share": 1.0, "channels": channel, "uncovered": 0.0}},
    )
    place = records.cases["contact"][0]
    assert (records.names.places[place] if place >= 0 else None, exits(records)[0]) == expected


def test_a_tier_that_is_not_above_means_the_top():
    """First contact at a tier that the place does not have above it is at the top of its tree."""
    assert contact(tree(), first_contact="office") == ("city", "resolved")


def test_where_no_place_above_is_staffed_nothing_can_be_presented():
    """A need without any staffed place at or above it is not presented."""
    nobody = {name: {"staffed": False} for name in ("n1", "north", "city")}
    assert contact(tree(**nobody)) == ("n1", "not_presented")


# ------------------------------------------------------------------------------- staff at some places only


def test_heads_are_added_at_the_named_places_alone():
    """Two cases of an hour in each street at once; the second clerk is in the south alone."""
    more = {
        "id": "more",
        "kind": "add_staff",
        "team": "desk",
        "group": "clerk",
        "heads": 1,
        "places": ["south"],
    }
    two = {name: need(listed(0.0, 0.0, at=[place])) for name, place in (("up", "n1"), ("down", "s1"))}
    records = run(levers=[more], places=tree(), teams=teams(desk="street"), needs=two)
    by_team = sorted(diary(records, "team", "started"))
    assert by_team == [("desk@north", 0.0), ("desk@north", 1.0), ("desk@south", 0.0), ("desk@south", 0.0)]


def test_heads_added_at_some_places_are_paid_there_alone():
    """A head costs 100 yuan a year; two streets have the team, and one of them gets a head."""
    paid = {"desk": {"tier": "street", "staff": {"clerk": {"count": 1, "annual_cost": 100.0}}}}
    more = {"id": "more", "kind": "add_staff", "team": "desk", "group": "clerk", "heads": 1}
    system = scenario(places=tree(), teams=paid, arrivals=listed(0.0, at=["n1"]))
    everywhere, here = (AddStaff(**more, places=places) for places in ((), ("south",)))
    assert (everywhere.running_cost(system), here.running_cost(system)) == (200.0, 100.0)


def test_heads_at_a_place_that_is_not_there_are_refused():
    """The name of the place is misspelt: the field, the name and the nearest right one are said."""
    more = {
        "id": "more",
        "kind": "add_staff",
        "team": "desk",
        "group": "clerk",
        "heads": 1,
        "places": ["suoth"],
    }
    with pytest.raises(InputError, match=r'places.*did you mean "south"'):
        scenario(levers=[more], places=tree(), teams=teams(desk="street"), arrivals=listed(0.0, at=["n1"]))
