"""Working together: neighbours who share their queues, several teams on one case, documents entered again."""

import numpy as np
import pytest

from simulation.engines import simulate
from simulation.kpis import evaluate
from simulation.kpis.window import Window
from simulation.records import Exit
from simulation.scenario import read_scenario
from simulation.spec import InputError
from tests.scenarios import (
    delay,
    diary,
    exactly,
    exits,
    exponential,
    listed,
    need,
    opening,
    run,
    same,
    scenario,
    started,
    team,
    work,
    written,
)

STREET = {
    "street": {"tier": "street"},
    "east": {"tier": "village", "parent": "street", "veterans": 1},
    "middle": {"tier": "village", "parent": "street", "veterans": 1},
    "west": {"tier": "village", "parent": "street", "veterans": 1},
}
DESKS = {"desk": team(place=None, tier="village"), "hall": team(place="street")}
SHARED = ["desk @ contact", "desk @ siblings"]


def street(*steps, arrivals, **parts):
    """A street with three villages, each with a desk of one clerk."""
    return run(*steps, arrivals=arrivals, **{"places": STREET, "teams": DESKS, **parts})


def waits(records):
    """How long each service waited."""
    return records.visits["started"] - records.visits["queued"]


# ---------------------------------------------------------------------------------------- shared queues


def test_siblings_are_the_neighbours_in_the_order_of_their_names():
    """Four cases of the middle: its own desk, then east, then west have somebody free, then nobody."""
    step = work(hours=9.0, teams=SHARED, join="available")
    records = street(step, arrivals=listed(0.0, 0.0, 0.0, 0.0, at=["middle"]))
    assert diary(records, "team", "started") == [
        ("desk@middle", 0.0), ("desk@east", 0.0), ("desk@west", 0.0), ("desk@middle", 9.0),
    ]  # fmt: skip


def test_the_top_of_the_tree_has_no_siblings():
    """Nobody may do the work there: the case is refused."""
    records = street(work(teams="hall @ siblings"), arrivals=listed(0.0, at=["street"]))
    assert exits(records) == ["refused"]


def shared(share, **parts):
    """Three villages, all needs of which arise in the east, and a degree to which the neighbours help."""
    options = ["desk @ contact", {"role": "desk", "at": "siblings", "share": share}]
    step = work(hours=exponential(1.0), teams=options, join="shortest")
    arrivals = {"rate": 0.9, "at": ["east"]}
    return street(step, arrivals=arrivals, horizon=2000.0, **parts)


def test_sharing_not_adopted_is_no_sharing():
    """At degree 0 the records are those of a desk alone, at degree 1 those of sharing as such."""
    alone = street(
        work(hours=exponential(1.0), teams="desk @ contact", join="shortest"),
        arrivals={"rate": 0.9, "at": ["east"]}, horizon=2000.0,
    )  # fmt: skip
    whole = street(
        work(hours=exponential(1.0), teams=SHARED, join="shortest"),
        arrivals={"rate": 0.9, "at": ["east"]}, horizon=2000.0,
    )  # fmt: skip
    assert same(shared(0.0), alone)
    assert same(shared(1.0), whole)


def test_a_team_that_helps_only_if_free_is_never_waited_for():
    """Helpers come first, one of them, for 4 hours a case; the desk takes an hour. Of cases at 0, 1, 2 and 5
    the helper takes those at 0 and 5; those at 1 and 2 find him busy and go to the desk at once."""
    teams = {"helper": team(speed=0.25), "desk": team()}
    step = work(hours=1.0, teams=[{"role": "helper", "only_if_free": True}, "desk"])
    records = run(step, arrivals=listed(0.0, 1.0, 2.0, 5.0), teams=teams)
    assert diary(records, "team", "started", "ended") == [
        ("helper@town", 0.0, 4.0),
        ("desk@town", 1.0, 2.0),
        ("desk@town", 2.0, 3.0),
        ("helper@town", 5.0, 9.0),
    ]


def test_where_nobody_is_free_and_nobody_else_may_serve_a_case_is_refused():
    """The only team helps only if free: the second case of two is refused."""
    step = work(hours=1.0, teams=[{"role": "desk", "only_if_free": True}])
    assert exits(run(step, arrivals=listed(0.0, 0.5, 1.0))) == ["resolved", "refused", "resolved"]


def test_a_booking_cannot_be_made_only_if_somebody_is_free():
    """Who books is not served at once."""
    step = work(teams=[{"role": "desk", "only_if_free": True}], booking={"lead": 1})
    with pytest.raises(InputError, match="only_if_free"):
        read_scenario(written(step, teams={"desk": team(appointments={"slot": 1})}))


def test_the_more_share_the_shorter_the_wait():
    """Mean waits fall with the degree of adoption, the draws of work being the same."""
    means = [np.nanmean(waits(shared(share))) for share in (0.0, 0.2, 0.45, 1.0)]
    assert means == sorted(means, reverse=True)
    assert means[-1] < 0.25 * means[0]


def test_the_degree_of_adoption_is_the_share_of_visits_and_nested():
    """Who is open to help at a small degree is so at a greater one; the share is that of the visits."""
    teams = {"desk": team(place=None, tier="village", count=999)}

    def helped(share):
        options = [{"role": "desk", "at": "siblings", "share": share}, "desk @ contact"]
        records = street(
            work(teams=options), teams=teams, arrivals={"rate": 2.0, "at": ["east"]}, horizon=2000.0
        )
        return np.array([team_ != "desk@east" for (team_,) in diary(records, "team")])

    some, more = helped(0.3), helped(0.6)
    assert not (some & ~more).any()
    assert abs(some.mean() - 0.3) < 0.03
    assert abs(more.mean() - 0.6) < 0.03


def ownership(teams, **work_fields):
    """Each village has a load of .72; a case comes to the desks four times on average, a day between."""
    again = {"rest": 0.75, "resolved": 0.25}
    rest = delay("rest", exponential(24.0), next="serve")
    step = work(hours=exponential(1.0), teams=teams, join="shortest", **work_fields, next=again)
    return street(step, rest, arrivals={"rate": 0.18, "at": ["east", "middle", "west"]}, horizon=4000.0)


def resolved(records):
    """How many cases were resolved."""
    return int(np.sum(records.cases["exit"] == Exit.resolved))


def test_sharing_helps_where_nothing_is_lost_by_it():
    """Shared queues of equal desks wait less than their own queues."""
    assert np.nanmean(waits(ownership(SHARED))) < 0.7 * np.nanmean(waits(ownership("desk @ contact")))


@pytest.mark.parametrize(
    "lost",
    [
        {"re_entry": "90 min"},
        {"time_factors": [{"when": {"elsewhere": True}, "factor": 2.0}]},
    ],
)
def test_sharing_harms_where_nobody_owns_the_case(lost):
    """When each change of hands means reading it all again, or neighbours work at half the speed, the desks
    that share sink (their load passes 1) and those that do not stay as they were."""
    apart, together = ownership("desk @ contact", **lost), ownership(SHARED, **lost)
    assert same(apart, ownership("desk @ contact"))
    assert np.nanmean(waits(together)) > 2.0 * np.nanmean(waits(apart))
    assert resolved(together) < resolved(apart)


# -------------------------------------------------------------------------------------- documents once more


def test_documents_are_entered_again_by_another_team():
    """An hour at the desk, an hour and a half at the hall, which had it not before; then an hour there."""
    steps = [
        work("ask", teams="desk @ contact", re_entry="30 min"),
        work("check", teams="hall @ above", re_entry="30 min"),
        work("sign", teams="hall @ above", re_entry="30 min"),
    ]
    records = street(*steps, arrivals=listed(0.0, at=["east"]))
    assert diary(records, "step", "ended") == [("ask", 1.0), ("check", 2.5), ("sign", 3.5)]


def test_re_entry_is_content_and_no_factor_applies():
    """Three hours by factor and half an hour of re-entry at half speed: seven hours."""
    teams = {"desk": team(place=None, tier="village"), "hall": team(place="street", speed=0.5)}
    check = work("check", teams="hall @ above", re_entry=0.5, time_factors=[{"factor": 3.0}])
    records = street(
        work("ask", teams="desk @ contact"), check, teams=teams, arrivals=listed(0.0, at=["east"])
    )
    assert diary(records, "step", "ended") == [("ask", 1.0), ("check", 8.0)]


# ------------------------------------------------------------------------------------------------ joint work


def test_everybody_at_a_joint_meeting_is_recorded():
    """Both teams have a row of the meeting, with the same times; the second joins the first."""
    step = work(hours=2.0, teams=["desk @ contact", "hall @ above"], join="all")
    records = street(step, arrivals=listed(0.0, 1.0, at=["east"]))
    columns = ("case", "visit", "lead", "team", "staff", "queued", "started", "ended")
    assert diary(records, *columns) == [
        (0, 0, -1, "desk@east", "desk@east.clerk", 0.0, 0.0, 2.0),
        (0, 1, 0, "hall@street", "hall@street.clerk", 0.0, 0.0, 2.0),
        (1, 0, -1, "desk@east", "desk@east.clerk", 1.0, 2.0, 4.0),
        (1, 1, 0, "hall@street", "hall@street.clerk", 1.0, 2.0, 4.0),
    ]  # fmt: skip


def test_a_meeting_under_way_at_the_end_is_recorded_for_all():
    """At the horizon both rows are in service."""
    step = work(hours=9.0, teams=["desk @ contact", "hall @ above"], join="all")
    records = street(step, arrivals=listed(0.0, at=["east"]), horizon=5.0)
    assert diary(records, "lead", "ended", "outcome") == [(-1, None, "in_service"), (0, None, "in_service")]


def test_joint_work_is_workload_of_all_and_one_contact():
    """Two hours of each of two clerks in a day of twenty-four: 4 of 96 hours of the four clerks; the need was
    resolved by its first contact."""
    step = work(hours=2.0, teams=["desk @ contact", "hall @ above"], join="all")
    one = scenario(step, places=STREET, teams=DESKS, arrivals=listed(0.0, at=["east"]))
    frame = evaluate(
        one, run(step, places=STREET, teams=DESKS, arrivals=listed(0.0, at=["east"])), Window(0.0, 24.0)
    )
    found = frame[frame["dimension"] == "all"].set_index("kpi")["value"]
    assert found["utilisation"] == pytest.approx(4.0 / 96.0)
    assert found["first_contact_resolution"] == 1.0


def test_a_meeting_draws_what_work_alone_draws():
    """That a second team joins does not change how long the work takes."""
    parts = {"arrivals": {"rate": 0.2, "at": ["east"]}, "horizon": 500.0}
    alone = street(work(hours=exponential(1.0), teams="desk @ contact"), **parts)
    both = street(work(hours=exponential(1.0), teams=["desk @ contact", "hall @ above"], join="all"), **parts)
    first = both.visits[both.visits["lead"] < 0]
    assert np.array_equal(first["ended"], alone.visits["ended"])


# ------------------------------------------------------------------------------------------------ other cases


@pytest.mark.parametrize(
    ("at", "where"), [("contact", "east"), ("above", "street"), ("origin", "east"), ("street", "street")]
)
def test_an_opened_case_is_presented_where_the_step_says(at, where):
    """A petition out of the east may go to the village, or to the street above it; it bears its own marks."""
    claim = opening("escalate", "petition", at=at, opened_marks=["angry"])
    marked = [{"when": {"marks": ["angry"]}, "to": "resolved"}, {"to": "unresolved"}]
    hear = work(teams=["desk @ contact", "hall @ contact"], next=marked)
    needs = {"help": need(listed(0.0, at=["east"])), "petition": need(pathway="hear")}
    pathways = {"path": {"steps": [claim]}, "hear": {"steps": [hear]}}
    records = street(claim, arrivals={}, pathways=pathways, needs=needs)
    assert records.names.places[records.cases["contact"][1]] == where
    assert exits(records) == ["resolved", "resolved"]


def test_an_opened_case_needs_a_staffed_place():
    """The street is closed: a case meant for it goes to the city above, one at the same place stays."""
    places = {
        "city": {"tier": "city"},
        "street": {"tier": "street", "parent": "city", "staffed": False},
        "east": {"tier": "village", "parent": "street", "veterans": 1},
    }
    parts = {
        "pathways": {
            "path": {"steps": [opening("up", "petition", at="above"), opening("here", "petition")]},
            "hear": {"steps": [delay()]},
        },
        "needs": {"help": need(listed(0.0)), "petition": need(pathway="hear")},
        "teams": {"desk": team(place="city")},
    }
    records = run(places=places, **parts)
    assert [records.names.places[number] for number in records.cases["contact"]] == ["east", "city", "east"]


def test_positions_are_known():
    """A position that there is not is refused, for teams and for opened cases."""
    for step in (work(teams="desk @ nowhere"), opening("open", "help", at="nowhere")):
        with pytest.raises(InputError, match="nowhere"):
            read_scenario(written(step))


def test_calls_of_equal_priority_keep_their_order():
    """With sharing, too, who came first at a desk is served first there."""
    records = street(
        work(hours=exactly(2.0), teams=SHARED, join="shortest"),
        arrivals=listed(0, 0, 0, 0, 0, 0, at=["east"]),
    )
    assert started(records) == [0, 1, 2, 3, 4, 5]


def test_supervision_is_no_petition_and_no_second_contact():
    """Two cases are served and set off supervision each; none is a petition, both are resolved at once."""
    steps = [work(hours=1.0), opening("supervise", "advice")]
    served = scenario(
        pathways={"path": {"steps": steps}, "talk": {"steps": [work("teach", hours=0.5)]}},
        needs={"help": need(listed(0.0, 5.0)), "advice": need(pathway="talk", initiated="supervision")},
    )
    frame = evaluate(served, simulate(served, 48.0, 1, 0), Window(0.0, 24.0))
    found = frame[frame["dimension"] == "all"].set_index("kpi")["value"]
    names = ["petitions_opened", "first_contact_resolution", "supervision_hours"]
    assert found[names].tolist() == [0.0, 1.0, 1.0]
