"""Conditions: what a case bears from its past, who did the work, and what follows from that."""

import pytest

from simulation.scenario import read_scenario
from simulation.spec import InputError
from tests.scenarios import delay, diary, ends, exits, listed, need, run, same, team, work, written

CITY = {"city": {"tier": "city"}, "town": {"tier": "town", "parent": "city", "veterans": 1}}
DESKS = {"desk": team(), "hall": team(place="city")}


def rows(when, target, otherwise="unresolved"):
    """A routing that sends those for whom a condition holds to one target, all others to another."""
    return [{"when": when, "to": target}, {"to": otherwise}]


def meets(when, *steps, **parts):
    """Whether a condition holds for case 0 once it has gone through some steps."""
    *before, last = steps or (work(),)
    return exits(run(*before, {**last, "next": rows(when, "resolved")}, **parts))[0] == "resolved"


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({"marks": ["form"]}, True),
        ({"marks": ["form", "stamp"]}, True),
        ({"marks": ["form", "seal"]}, False),
        ({"unmarked": ["seal"]}, True),
        ({"unmarked": ["form", "seal"]}, False),
        ({"marks": ["stamp"], "unmarked": ["seal"]}, True),
    ],
)
def test_a_case_bears_the_marks_of_the_steps_that_it_completed(when, holds):
    """A form and a stamp are given on the way, the stamp by the step that asks; a seal only later."""
    steps = (work("fill", marks=["form"]), work("check", marks=["stamp"]))
    later = {"id": "seal", "kind": "delay", "time": {"kind": "deterministic", "at": 1}, "marks": ["seal"]}
    check = {**steps[1], "next": rows(when, "resolved")}
    records = run(steps[0], check, later)
    assert (exits(records)[0] == "resolved") is holds


def test_marks_are_kept_when_a_case_comes_back():
    """The first time the case is sent away unresolved at 1; back at 3, it bears the mark and is resolved."""
    again = {"after": ["unresolved"], "probability": 1.0, "delay": {"kind": "deterministic", "at": 2}}
    first = rows({"marks": ["seen"]}, "known", "serve")
    steps = [work(marks=["seen"], next="unresolved"), delay("known")]
    helped = {"help": need(listed(0.0), returns=again)}
    parts = {"pathways": {"path": {"first": first, "steps": steps}}, "needs": helped}
    assert ends(run(**parts)) == [4.0]
    assert exits(run(**parts)) == ["resolved"]


def test_a_fork_marks_the_case_when_its_branches_have_joined():
    """Each branch bears the marks of the other as soon as they are given; the fork's own come at the end."""
    fork = {"id": "split", "kind": "fork", "branches": ["quick", "slow"], "marks": ["joined"], "next": "look"}
    quick = delay("quick", 1.0, marks=["quick"], next="join")
    slow = delay("slow", 2.0, next=rows({"marks": ["quick"], "unmarked": ["joined"]}, "join"))
    look = delay("look", 1.0, next=rows({"marks": ["joined"]}, "resolved"))
    assert (exits(run(fork, quick, slow, look)), ends(run(fork, quick, slow, look))) == (["resolved"], [3.0])


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({"teams": ["desk"]}, True),
        ({"teams": ["hall"]}, False),
        ({"staff": ["clerk"]}, True),
        ({"elsewhere": False}, True),
        ({"elsewhere": True}, False),
        ({"hurried": False}, True),
        ({"returned": False}, True),
        ({"needs": ["help"]}, True),
        ({"needs": ["other"]}, False),
    ],
)
def test_a_route_asks_about_the_last_work(when, holds):
    """The desk of the town did it, where the case was first presented; the delay after it is no work."""
    other = {"help": need(listed(0.0)), "other": need()}
    assert meets(when, work(), delay(), places=CITY, teams=DESKS, needs=other) is holds


def test_what_was_done_in_a_hurry_shows_on_the_way_on():
    """Of three at once the first is served with two behind it, in a hurry, and its work does not do."""
    pressed = {"desk": team(squeeze={"waiting": 2.0, "speed": 2.0})}
    step = {**work(), "next": rows({"hurried": True}, "unresolved", "resolved")}
    records = run(step, teams=pressed, arrivals=listed(0.0, 0.0, 0.0))
    assert exits(records) == ["unresolved", "resolved", "resolved"]
    assert ends(records) == [0.5, 1.5, 2.5]


def test_work_elsewhere_is_known_as_such():
    """The hall stands in the city, the case was presented in the town."""
    hall = work(teams="hall @ above")
    assert meets({"elsewhere": True, "teams": ["hall"]}, hall, places=CITY, teams=DESKS)


def test_before_any_work_nobody_has_done_it():
    """A case that has only rested was not worked on by the desk, nor elsewhere."""
    assert not meets({"teams": ["desk"]}, delay(), places=CITY, teams=DESKS)
    assert meets({"elsewhere": False}, delay(), places=CITY, teams=DESKS)


def test_a_factor_on_work_asks_who_serves_now():
    """Of two cases at 0 the first is served at the desk in an hour, the second at the hall in three."""
    slow = {"when": {"elsewhere": True}, "factor": 3.0}
    both = work(teams=["desk @ contact", "hall @ above"], join="shortest", time_factors=[slow])
    records = run(both, places=CITY, teams=DESKS, arrivals=listed(0.0, 0.0, at=["town"]))
    assert diary(records, "team", "ended") == [("desk@town", 1.0), ("hall@city", 3.0)]


def test_a_factor_on_work_asks_when_the_work_begins():
    """The deadline at 1 has passed when the second case is called at 1.5, not when it queued."""
    late = work(hours=1.5, time_factors=[{"when": {"late": True}, "factor": 2.0}])
    records = run(late, needs={"help": need(listed(0.0, 0.0), deadline="1 h")})
    assert ends(records) == [1.5, 4.5]


def test_a_factor_on_a_delay_asks_about_the_last_work():
    """What the hall has done rests twice as long."""
    rest = delay(time_factors=[{"when": {"teams": ["hall"]}, "factor": 2.0}])
    assert ends(run(work(teams="hall @ above"), rest, places=CITY, teams=DESKS)) == [3.0]
    assert ends(run(work(), rest, places=CITY, teams=DESKS)) == [2.0]


def test_marks_that_nobody_asks_for_change_nothing():
    """A mark alone is no event."""
    parts = {"arrivals": {"rate": 1.0}, "horizon": 200.0}
    assert same(
        run(work(hours=0.8), delay(), **parts), run(work(hours=0.8, marks=["x"]), delay(marks=["y"]), **parts)
    )


@pytest.mark.parametrize("field", ["needs", "marks", "unmarked", "teams", "staff"])
def test_a_condition_uses_names_that_there_are(field):
    """A name that nothing has, or a mark that nothing gives, is refused."""
    with pytest.raises(InputError, match=field):
        read_scenario(written({**work(), "next": rows({field: ["nowhere"]}, "resolved")}))


def test_marks_are_not_without_number():
    """Sixty bits are kept."""
    written_down = written(work(marks=[f"m{n}" for n in range(61)]))
    with pytest.raises(InputError, match="at most 60"):
        read_scenario(written_down)
