"""Supply: who is refused, who is not eligible, who waits how long, and where those go who are turned away."""

import pytest

from simulation.records import Exit, Outcome
from simulation.scenario import read_scenario
from simulation.spec import InputError
from tests.scenarios import (
    delay,
    diary,
    ends,
    exactly,
    exits,
    fork,
    listed,
    need,
    run,
    same,
    scenario,
    team,
    work,
    written,
)

PARTNER = delay("partner", 5.0)
TEAMS = {"desk": team(), "partner": team(place="town")}


def outcomes(records):
    """How each visit ended."""
    return [Outcome(number).name for number in records.visits["outcome"]]


# ------------------------------------------------------------------------------------------ turned away


def test_who_is_refused_may_go_to_a_partner():
    """The department refuses everybody; the partner has the case from 2, when it arrives, to 7."""
    sent = {"delay": exactly(2.0), "refusal": 1.0, "refused_to": "partner"}
    records = run(work(referral=sent, next="resolved"), PARTNER)
    assert diary(records, "step", "sent", "ended", "outcome") == [
        ("serve", 0.0, 2.0, "refused"), ("partner", 2.0, 7.0, "completed"),
    ]  # fmt: skip
    assert exits(records) == ["resolved"]


def test_who_is_not_eligible_ends_so_or_goes_on():
    """A rule of the receiver covers nobody."""
    assert exits(run(work(referral={"ineligible": 1.0}))) == ["ineligible"]
    led = run(work(referral={"ineligible": 1.0, "ineligible_to": "partner"}, next="resolved"), PARTNER)
    assert (outcomes(led), ends(led)) == (["ineligible", "completed"], [5.0])


def test_refused_and_ineligible_are_shares_of_the_same_cases():
    """One draw decides: with .3 and .7 nobody is let in, and the .3 are the same without the .7."""
    parts = {"arrivals": {"rate": 1.0}, "horizon": 1000.0}
    both = exits(run(work(referral={"refusal": 0.3, "ineligible": 0.7}), **parts))
    one = exits(run(work(referral={"refusal": 0.3}), teams={"desk": team(99)}, **parts))
    assert set(both) == {"refused", "ineligible"}
    assert [name == "refused" for name in both] == [name == "refused" for name in one]


def test_more_than_everybody_cannot_be_turned_away():
    """Shares of refusal and ineligibility above one are an error."""
    with pytest.raises(InputError, match="at most 1"):
        scenario(work(referral={"refusal": 0.6, "ineligible": 0.6}))


def test_who_gives_up_or_does_not_join_may_go_on():
    """One is served until 4; one gives up at 2 and one, finding one waiting, does not join at 1."""
    step = work(
        hours=4.0,
        patience={"time": exactly(2.0), "to": "partner"},
        balk={"waiting": 1, "probability": 1.0, "to": "partner"},
        next="resolved",
    )
    records = run(step, PARTNER, arrivals=listed(0.0, 0.0, 1.0))
    assert (exits(records), ends(records)) == (["resolved"] * 3, [4.0, 7.0, 6.0])
    assert outcomes(records) == ["completed", "reneged", "completed", "balked", "completed"]


def test_a_target_may_be_an_exit_or_a_join():
    """Giving up counts as resolved, say; within a branch it may bring the branch back."""
    wait = {"time": exactly(1.0), "to": "dropped_out"}
    assert exits(run(work(hours=9.0, patience=wait), arrivals=listed(0.0, 0.0))) == [
        "resolved",
        "dropped_out",
    ]
    one = work("one", 9.0, patience={"time": exactly(1.0), "to": "join"}, next="join")
    two = delay("two", 3.0, next="join")
    records = run(fork("split", "one", "two", next="resolved"), one, two, arrivals=listed(0.0, 0.0))
    assert (exits(records), ends(records)) == (["resolved", "resolved"], [9.0, 3.0])


def test_who_has_silently_given_up_goes_nowhere():
    """Patience ends after the veteran has given the case up: it ends as dropped out, wherever it would go."""
    step = work(hours=2000.0, patience={"time": exactly(900.0), "to": "partner"}, next="resolved")
    gone = {"help": need(listed(0.0, 0.0), dropout_per_week=0.999999)}
    records = run(step, PARTNER, needs=gone, horizon=999.0)
    assert exits(records) == ["open", "dropped_out"]


def test_patience_differs_between_cases():
    """Who has been here before waits half as long: back at 3, it gives up at 4 instead of 5."""
    again = {"after": ["reneged"], "probability": 1.0, "delay": exactly(1.0)}
    step = work(
        hours=9.0,
        patience={"time": exactly(2.0), "time_factors": [{"when": {"returned": True}, "factor": 0.5}]},
    )
    records = run(step, needs={"help": need(listed(0.0, 0.0), returns=again)})
    assert (exits(records), ends(records)) == (["resolved", "reneged"], [9.0, 4.0])


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("patience", {"time": exactly(1.0), "to": "nowhere"}),
        ("balk", {"waiting": 0, "probability": 1.0, "to": "nowhere"}),
        ("referral", {"refused_to": "nowhere"}),
        ("referral", {"ineligible_to": "nowhere"}),
        ("balk", {"waiting": 0, "probability": 1.0, "to": "join"}),
    ],
)
def test_a_target_is_a_step_or_an_exit(field, what):
    """A name that the pathway lacks is refused, and a join where there is no fork."""
    with pytest.raises(InputError, match=what.get("to", "nowhere")):
        read_scenario(written(work(**{field: what})))


def test_nobody_is_led_in_a_circle():
    """Two queues that send each other those they do not take would do so without end, at one instant."""
    one = work("one", balk={"waiting": 0, "probability": 1.0, "to": "two"})
    two = work("two", balk={"waiting": 0, "probability": 1.0, "to": "one"})
    with pytest.raises(InputError, match="come back here at once"):
        read_scenario(written(one, two))


# --------------------------------------------------------------------------------------------- full queues


def full(join, **limits):
    """Four cases at once for two teams of one clerk each, ten hours each, with limits on their queues."""
    teams = {name: team(queue_limit=limit) for name, limit in limits.items()}
    step = work(
        hours=10.0, teams=list(limits), join=join, referral={"refused_to": "partner"}, next="resolved"
    )
    return run(step, PARTNER, teams=teams, arrivals=listed(0.0, 0.0, 0.0, 0.0))


def test_a_full_queue_is_passed_over():
    """By `first`: one is served and one waits at the left, one is served at the right, the last goes on."""
    records = full("first", left=1, right=0)
    assert diary(records, "case", "team", "outcome") == [
        (0, "left@town", "completed"), (1, "left@town", "completed"), (2, "right@town", "completed"),
        (3, None, "refused"), (3, None, "completed"),
    ]  # fmt: skip


def test_joint_work_is_refused_when_any_queue_is_full():
    """By `all`: the first has both, the next waits at the left but finds no room at the right."""
    records = full("all", left=1, right=0)
    assert outcomes(records) == ["completed", "completed", *["refused", "completed"] * 3]


def test_the_last_room_is_found():
    """By `shortest` and by `available` only queues with room count."""
    for join in ("shortest", "available"):
        assert outcomes(full(join, left=0, right=None)) == ["completed"] * 4


# ------------------------------------------------------------------------------------------------ extremes


def test_targets_that_nobody_is_sent_to_change_nothing():
    """Nobody is refused, not eligible, impatient or turned away: the records are those without the words."""
    parts = {"arrivals": {"rate": 0.9}, "horizon": 500.0}
    calm = {
        "referral": {"refused_to": "partner", "ineligible_to": "partner"},
        "patience": {"time": exactly(9999.0), "to": "partner", "time_factors": [{"factor": 1.0}]},
        "balk": {"waiting": 9999, "probability": 1.0, "to": "partner"},
    }
    plain = {
        "referral": {},
        "patience": {"time": exactly(9999.0)},
        "balk": {"waiting": 9999, "probability": 1.0},
    }
    assert same(
        run(work(hours=0.8, **calm, next="resolved"), PARTNER, **parts),
        run(work(hours=0.8, **plain, next="resolved"), PARTNER, **parts),
    )


def test_a_partner_takes_off_the_queue():
    """Those who give up at an overloaded desk go to a partner: more are resolved, and all who were before."""
    parts = {"teams": TEAMS, "arrivals": {"rate": 1.5}, "horizon": 400.0}
    away = work("help", 1.0, teams="partner")
    give_up = run(work(patience={"time": exactly(1.0)}, next="resolved"), away, **parts)
    go_on = run(work(patience={"time": exactly(1.0), "to": "help"}, next="resolved"), away, **parts)
    resolved = [records.cases["exit"] == Exit.resolved for records in (give_up, go_on)]
    assert resolved[1][resolved[0]].all()
    assert resolved[1].sum() > 1.3 * resolved[0].sum()
