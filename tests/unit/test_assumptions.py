"""The assumptions: each once, with what depends on it; each policy with those that its answer hangs on."""

import pytest

from simulation.assumptions import gather, grounds
from simulation.configuration import read_design
from simulation.scenario import Evidence, Policy, read_scenario

TIME = {"kind": "exponential", "mean": 1}


def guess(value, why="?"):
    return {"value": value, "assumption": why, "low": 1, "high": 9}


def office():
    """A desk that sends half of the cards to a bank, and a second need that never leaves the desk."""
    desk = {"id": "desk", "kind": "work", "teams": "desk"}
    desk["time"] = {**TIME, "assumption": "a guess", "factors": [0.5, 2]}
    way = {"delay": {**TIME, "assumption": "ways are long", "factors": [0.5, 2]}}
    bank = {"id": "bank", "kind": "work", "teams": "bank", "time": TIME, "referral": way}
    shares = {"next": {"bank": 0.5, "resolved": 0.5}}
    return read_scenario(
        {
            "start": "2026-01-01",
            "places": {"hall": {}},
            "channels": {"phone": {"title": "By phone", "cost": guess(3)}},
            "teams": {
                "desk": {"place": "hall", "staff": {"clerks": {"count": guess(2)}}},
                "bank": {"place": "hall", "staff": {"clerks": {"count": 1}}},
            },
            "pathways": {"card": {"steps": [{**desk, **shares}, bank]}, "advice": {"steps": [desk]}},
            "needs": {
                name: {"pathway": name, "arrivals": {"kind": "poisson", "rate": guess(9, name)}}
                for name in ("card", "advice")
            },
        }
    )


MORE = Policy(
    id="more", levers=[{"id": "heads", "kind": "add_staff", "team": "desk", "group": "clerks", "heads": 1}]
)
WIRE = Policy(id="wire", levers=[{"id": "wire", "kind": "improve_referral", "delay_factor": 0.4}])
BOTH = Policy(id="both", includes=["more", "wire"], levers=[*MORE.levers, *WIRE.levers])
POLICIES = [MORE, WIRE, BOTH]
OWN = [
    Evidence(
        path="policies.wire.levers.wire.delay_factor", found="0.4", assumption="self-report", range=(0.2, 1)
    )
]


def gathered():
    return gather([*office().evidence, *OWN], office(), POLICIES)


def named(path):
    (found,) = [one for one in gathered() if path in one.paths]
    return found


def test_the_same_assumption_in_two_places_is_one():
    """The desk times of both needs say the same: one row, both needs, one step, one team."""
    found = named("pathways.advice.steps.desk.time")
    assert found.paths == ("pathways.card.steps.desk.time", "pathways.advice.steps.desk.time")
    assert found.values == ("exponential, mean 1",)
    assert (found.range, found.reason) == ("× 0.5 to × 2", "a guess")
    assert found.reach.needs == ("advice", "card")
    assert (found.reach.steps, found.reach.teams) == (("desk",), ("desk",))


def test_what_a_number_means_is_said_in_the_words_of_the_manual():
    """The docstring of its field, without brackets and code."""
    assert named("needs.card.arrivals.rate").what == "How many needs arise per period"
    assert named("teams.desk.staff.clerks.count").what == "Heads"
    assert named("policies.wire.levers.wire.delay_factor").what == "Factor on the time on the way"


def test_what_concerns_everybody_says_so_and_names_the_channel():
    """A contact by phone costs the same whatever it is about."""
    reach = named("channels.phone.cost").reach
    assert reach.everything
    assert reach.items == ("By phone",)


def test_a_team_concerns_the_needs_that_it_works_for():
    """The desk serves both needs."""
    assert named("teams.desk.staff.clerks.count").reach.needs == ("advice", "card")


def test_a_lever_concerns_its_policy_and_the_packages_with_it():
    """The wire is also in the package."""
    assert named("policies.wire.levers.wire.delay_factor").reach.policies == ("wire", "both")


@pytest.mark.parametrize(
    ("policy", "levers", "mechanisms"),
    [
        (MORE, [], ["pathways.card.steps.desk.time", "teams.desk.staff.clerks.count"]),
        (WIRE, ["policies.wire.levers.wire.delay_factor"], ["pathways.card.steps.bank.referral.delay"]),
        (
            BOTH,
            ["policies.wire.levers.wire.delay_factor"],
            [
                "pathways.card.steps.bank.referral.delay",
                "pathways.card.steps.desk.time",
                "teams.desk.staff.clerks.count",
            ],
        ),
        (Policy(id="none"), [], []),
    ],
)  # fmt: skip
def test_an_answer_hangs_on_its_levers_and_on_what_they_change(policy, levers, mechanisms):
    """Heads bring the work of the team; hand-overs their own time; what nothing changes is left out."""
    found = grounds(policy, office(), gathered())
    assert [one.paths[0] for one in found.levers] == levers
    assert sorted(one.paths[0] for one in found.mechanisms) == mechanisms


def test_numbers_that_were_never_in_doubt_are_no_assumptions():
    """A source without a range is believed; a source with one is a number from elsewhere."""
    sure = Evidence(path="needs.card.arrivals.rate", found="9", source="the register")
    unsure = Evidence(path="needs.card.arrivals.rate", found="9", source="another city", range=(3, 12))
    found, known = gather([sure, unsure], office(), [])
    assert (found.number, found.sourced, found.reason) == (1, True, "another city")
    assert (known.number, known.range, known.reason) == (0, "", "the register")


def test_every_policy_of_the_default_study_hangs_on_something():
    """No answer of the study of record stands on nothing, and no assumption lacks words."""
    design = read_design([])
    found = gather(design.evidence, design.city, design.policies)
    assert all(one.what and one.reason and bool(one.range) == bool(one.number) for one in found)
    assert sorted(path for one in found if one.number for path in one.paths) == sorted(
        one.path for one in design.evidence if one.range is not None
    )
    for policy in design.policies:
        stands = grounds(policy, design.city, found)
        assert bool(stands.mechanisms) == bool(policy.levers), policy.id
