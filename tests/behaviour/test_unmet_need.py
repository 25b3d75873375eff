"""Unmet need: what becomes of cases that are open too long, end unmet, or wait for a channel to open.

Unless a test says otherwise a claim rests for so many hours, and a petition for one.
"""

import numpy as np
import pytest

from simulation.engines import simulate
from simulation.records import Exit
from simulation.spec import InputError
from tests.scenarios import (
    OFFICE,
    delay,
    diary,
    ends,
    exactly,
    exits,
    exponential,
    keyed,
    listed,
    need,
    run,
    same,
    scenario,
    team,
    work,
)

MANY = listed(*np.arange(300) / 10)


def claims(hours=10.0, *, arrivals=None, petition=None, steps=None, levers=(), places=None, **fields):
    """Records of claims, each resting so long, and of the petitions that they set off."""
    horizon = fields.pop("horizon", 1000.0)
    system = scenario(
        places=places or {"town": {}},
        teams={"desk": team(place="town" if places is None else "city")},
        pathways={
            "rests": {"steps": steps or [delay(hours=hours)]},
            "heard": {"steps": [delay("hear", hours=1.0)]},
        },
        needs={
            "claim": need(arrivals or listed(0.0), pathway="rests", **fields),
            "petition": need(None, pathway="heard", **(petition or {})),
        },
        levers=[{"id": f"lever{number}", **lever} for number, lever in enumerate(levers)],
    )  # fmt: skip
    return simulate(system, horizon, 1, 0)


def petitions(records):
    """Arrivals of the petitions."""
    chosen = records.cases["need"] == records.names.needs.index("petition")
    return records.cases["arrival"][chosen].tolist()


SURE = {"need": "petition", "probability": 1.0}

# ------------------------------------------------------------------------------------------------ overdue


def test_an_overdue_case_sets_another_off_and_goes_on():
    """Claims of 10 hours are due after 4: the petition arises at 4, ends at 5, the claim ends at 10."""
    records = claims(10.0, deadline="4 h", overdue=[SURE])
    assert petitions(records) == [4.0]
    assert ends(records) == [10.0, 5.0]
    assert records.cases["parent"].tolist() == [-1, 0]
    assert records.cases["veteran"][0] == records.cases["veteran"][1]


def test_the_time_may_be_another_than_the_deadline():
    """After 6 hours, deadline or not; two rules are two chances."""
    assert petitions(claims(10.0, overdue=[{**SURE, "after": "6 h"}])) == [6.0]
    rules = [{**SURE, "after": "6 h"}, SURE]
    assert petitions(claims(10.0, deadline="4 h", overdue=rules)) == [4.0, 6.0]


def test_what_ends_in_time_sets_nothing_off():
    """A claim that ends at the very moment at which its time is up is not overdue."""
    assert petitions(claims(4.0, deadline="4 h", overdue=[SURE])) == []
    assert petitions(claims(4.25, deadline="4 h", overdue=[SURE])) == [4.0]


def test_nobody_petitions_who_has_given_up():
    """Who would silently give up in almost no time is not there when the time is up."""
    records = claims(1000.0, arrivals=MANY, deadline="500 h", dropout_per_week=1.0, overdue=[SURE])
    assert petitions(records) == []


def test_working_days_of_a_rule_count_on_the_calendar_of_the_deadline():
    """From Monday 5 January, 00:00, one working day of seven hours ends at 17:00."""
    parts = {"after": "1 wd"}
    system = scenario(
        calendars=OFFICE,
        pathways={"path": {"steps": [delay(hours=50.0)]}, "heard": {"steps": [delay()]}},
        needs={
            "claim": need(listed(0.0), deadline_calendar="office", overdue=[{**SURE, **parts}]),
            "petition": need(None, pathway="heard"),
        },
    )
    assert petitions(simulate(system, 100.0, 1, 0)) == [17.0]


def test_without_a_chance_nothing_changes():
    """Rules of probability 0 leave the records as they are; so does a lever that brings them to 0."""
    plain = claims(10.0, arrivals=MANY, deadline="4 h")
    rule = {**SURE, "probability": 0.0}
    assert same(plain, claims(10.0, arrivals=MANY, deadline="4 h", overdue=[rule]))
    calm = {"kind": "scale_escalation", "factor": 0.0}
    assert same(plain, claims(10.0, arrivals=MANY, deadline="4 h", overdue=[SURE], levers=[calm]))
    none = {**calm, "strength": 0.0}
    wild = claims(10.0, arrivals=MANY, deadline="4 h", overdue=[SURE])
    assert same(wild, claims(10.0, arrivals=MANY, deadline="4 h", overdue=[SURE], levers=[none]))
    assert len(petitions(wild)) == 300


def test_a_larger_chance_sets_off_more_and_moves_nothing():
    """With the same draws the petitions at .3 are among those at .6, and the claims are untouched."""
    few, many = (
        keyed(claims(10.0, arrivals=MANY, deadline="4 h", overdue=[{**SURE, "probability": p}]))
        for p in (0.3, 0.6)
    )
    for less, more in zip(few, many, strict=True):
        assert less.items() < more.items()
    assert 300 < len(few[0]) < len(many[0]) < 600


def test_a_petition_that_is_overdue_itself_goes_a_tier_up():
    """A claim at the community is overdue at 4; its petition is heard for an hour but due after half of one:
    at 4.5 the next is presented a tier up, and so on to the top, which has nothing above it."""
    places = {
        "city": {"tier": "city"},
        "street": {"tier": "street", "parent": "city"},
        "village": {"tier": "community", "parent": "street"},
    }
    upward = {**SURE, "at": "above"}
    records = claims(
        5.0,
        arrivals=listed(0.0, at=["village"]),
        places=places,
        deadline="4 h",
        overdue=[SURE],
        petition={"deadline": "30 min", "overdue": [upward]},
        horizon=6.0,
    )
    where = [records.names.places[number] for number in records.cases["contact"]]
    assert where == ["village", "village", "street", "city", "city"]
    assert petitions(records) == [4.0, 4.5, 5.0, 5.5]


@pytest.mark.parametrize(
    ("at", "expected"), [("contact", "street"), ("above", "city"), ("origin", "street"), ("city", "city")]
)  # fmt: skip
def test_where_the_new_case_is_presented(at, expected):
    """The claim was first presented at the street; the village where it arose has no station of its own."""
    places = {
        "city": {"tier": "city"},
        "street": {"tier": "street", "parent": "city"},
        "village": {"tier": "community", "parent": "street", "staffed": False},
    }
    fields = {"deadline": "1 h", "overdue": [{**SURE, "at": at}], "first_contact": "street"}
    records = claims(arrivals=listed(0.0, at=["village"]), places=places, **fields)
    assert records.names.places[records.cases["contact"][1]] == expected


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"overdue": [SURE]}, r"needs\.claim\.overdue\.0\.after: the need has no deadline"),
        ({"overdue": [{**SURE, "after": "0 h"}]}, "cannot be overdue as it arises"),
        ({"overdue": [{**SURE, "after": "2 wd"}]}, "need a deadline_calendar that closes"),
        ({"overdue": [{**SURE, "after": "2 h", "at": "moon"}]}, "no such position or tier"),
        ({"unmet": [{"exits": ["lost"], **SURE, "delay": exactly(0.0)}]}, "must be longer than zero"),
        ({"unmet": [{"exits": ["lost"], **SURE, "need": "war", "delay": exactly(1.0)}]}, "no such need"),
    ],
)
def test_rules_that_make_no_sense_are_refused(fields, complaint):
    """Time must pass before a case sets another off, and what is named must exist."""
    with pytest.raises(InputError, match=complaint):
        claims(**fields)


# -------------------------------------------------------------------------------------------------- unmet


def unmet(exit_, **fields):
    """A rule by which a case that ends so sets off a petition two hours later."""
    return {"exits": [exit_], **SURE, "delay": exactly(2.0), **fields}


def test_an_unmet_case_sets_another_off_after_a_time():
    """The claim ends unresolved at 10, the petition arises at 12."""
    steps = [delay(hours=10.0, next="unresolved")]
    assert petitions(claims(steps=steps, unmet=[unmet("unresolved")])) == [12.0]
    assert petitions(claims(steps=steps, unmet=[unmet("lost")])) == []
    assert petitions(claims(unmet=[unmet("unresolved")])) == []


def test_who_comes_back_is_not_unmet_yet():
    """The claim is lost at 1, is back at 4, is lost again at 5 for good: the petition arises at 7."""
    steps = [delay(hours=1.0, next="lost")]
    back = {"after": ["lost"], "probability": 1.0, "delay": exactly(3.0)}
    records = claims(steps=steps, unmet=[unmet("lost")], returns=back)
    assert petitions(records) == [7.0]


def test_every_exit_may_set_another_off():
    """However they are not served, claims end in the ledger, and each sets one petition off."""
    ways = {
        "reneged": work(patience={"time": exactly(0.5)}),
        "balked": work(balk={"waiting": 0, "probability": 1.0}),
        "lost": delay(referral={"not_reached": 1.0}),
        "refused": delay(referral={"refusal": 1.0}),
        "unresolved": delay(next="unresolved"),
        "dropped_out": delay(next="dropped_out"),
    }
    for exit_, step in ways.items():
        closed = {"desk": team(count=0)}
        system = scenario(
            step,
            teams=closed,
            pathways={"path": {"steps": [step]}, "heard": {"steps": [delay("hear")]}},
            needs={"claim": need(listed(0.0), unmet=[unmet(exit_)]), "petition": need(None, pathway="heard")},
        )
        assert exits(simulate(system, 100.0, 1, 0)) == [exit_, "resolved"], exit_


def test_petitions_take_the_time_of_those_who_would_have_answered_others():
    """One clerk, two hours a case, claims at 0 and 1 with a patience of half an hour for the second: its
    petition, at 3.5 with priority, delays the visitor of 3.75 by two hours."""
    parts = {
        "pathways": {
            "path": {"steps": [work(hours=2.0, patience={"time": exactly(0.5)})]},
            "heard": {"steps": [work("hear", hours=2.0)]},
        },
        "needs": {
            "claim": need(listed(0.0, 1.0), unmet=[{**unmet("reneged"), "probability": 1.0}]),
            "petition": need(None, pathway="heard", priority=1),
            "visit": need(listed(3.75), pathway="heard"),
        },
    }
    records = simulate(scenario(**parts), 100.0, 1, 0)
    heard = [row[:3] for row in diary(records, "case", "queued", "started") if row[1] > 3.0]
    assert heard == [(2, 3.75, 5.5), (3, 3.5, 3.5)]


# ------------------------------------------------------------------------------ needs that resolve themselves


def test_a_need_that_resolves_itself_is_found_out_when_its_turn_comes():
    """At almost certain weekly odds nobody is left after 500 hours of rest; at none, all are served."""
    gone = claims(500.0, arrivals=MANY, resolves_itself_per_week=1.0)
    assert set(exits(gone)) == {"resolved_itself"}
    assert ends(gone) == [arrival + 500.0 for arrival in gone.cases["arrival"]]
    plain = claims(500.0, arrivals=MANY)
    assert same(plain, claims(500.0, arrivals=MANY, resolves_itself_per_week=0.0))


def test_resolving_itself_moves_nobody_else():
    """With a chance of .5 a week some are gone after a week's rest; the others are as before."""
    plain, some = (keyed(claims(168.0, arrivals=MANY, resolves_itself_per_week=p))[0] for p in (0.0, 0.5))
    still = [key for key, row in some.items() if row[-1] == Exit.resolved]
    assert 100 < len(still) < 200
    assert all(plain[key] == some[key] for key in still)


def test_the_sooner_of_giving_up_and_resolving_itself_counts():
    """Two chances of .5 a week: three quarters are gone, half of them by either way."""
    fields = {"dropout_per_week": 0.5, "resolves_itself_per_week": 0.5}
    records = claims(168.0, arrivals=listed(*np.arange(4000) / 100), **fields)
    counts = {name: exits(records).count(name) for name in ("resolved", "dropped_out", "resolved_itself")}
    assert counts["resolved"] == pytest.approx(1000, abs=120)
    assert counts["dropped_out"] == pytest.approx(1500, abs=140)
    assert sum(counts.values()) == 4000


# --------------------------------------------------------------------------------------- returned, and sicker


SICKER = {"after": ["lost"], "probability": 1.0, "delay": exactly(3.0), "marks": ["worse"]}


def test_who_comes_back_may_be_worse_off():
    """The first time the claim rests one hour, and is lost; the second time it bears a mark, and rests for
    three: from 4 to 7."""
    step = delay(
        hours=1.0,
        time_factors=[{"when": {"marks": ["worse"]}, "factor": 3.0}],
        next=[{"when": {"marks": ["worse"]}, "to": "resolved"}, {"to": "lost"}],
    )
    assert ends(claims(steps=[step], returns=SICKER)) == [7.0]


def test_what_is_set_off_may_bear_marks():
    """A petition that is marked angry is heard for four hours instead of one."""
    rule = {**SURE, "marks": ["angry"]}
    system = scenario(
        pathways={
            "path": {"steps": [delay(hours=10.0)]},
            "heard": {"steps": [delay("hear", time_factors=[{"when": {"marks": ["angry"]}, "factor": 4.0}])]},
        },
        needs={
            "claim": need(listed(0.0), deadline="2 h", overdue=[rule]),
            "petition": need(None, pathway="heard"),
        },
    )
    assert ends(simulate(system, 100.0, 1, 0)) == [10.0, 6.0]


# ---------------------------------------------------------------------------------------- channels that close


def over(calendar, *steps, arrivals, horizon=1000.0, **fields):
    """Records of cases over a channel with a calendar, to a desk that never closes."""
    return run(
        *steps,
        channels={"desk": {"calendar": calendar}},
        calendars=OFFICE,
        needs={"help": need(arrivals, **fields)},
        horizon=horizon,
    )


def test_who_finds_the_channel_closed_waits_for_its_opening():
    """The need of Monday 8:00 comes in at 9:00, that of 10:00 at once, that of 12:30 at 13:00, and that of
    Friday 18:00 on Monday at 9:00."""
    records = over("office", arrivals=listed(8.0, 10.0, 12.5, 114.0))
    served = [row for row in diary(records, "activity", "queued") if row[0] == "path.serve"]
    assert [queued for _, queued in served] == [9.0, 10.0, 13.0, 177.0]
    assert records.cases["arrival"].tolist() == [8.0, 10.0, 12.5, 114.0]
    assert diary(records, "step", "sent", "ended", case=0)[0] == ("help", 8.0, 9.0)


def test_a_channel_that_never_closes_changes_nothing():
    """A calendar that is always open is as good as none."""
    always = over("always", work(hours=exponential(1.0)), arrivals=MANY)
    plain = run(work(hours=exponential(1.0)), channels={"desk": {}}, arrivals=MANY)
    assert same(always, plain)


@pytest.mark.parametrize("initiated", ["service", "supervision"])
def test_what_the_service_begins_does_not_wait_for_the_channel(initiated):
    """Planned work of Monday 8:00 begins at 8:00."""
    records = over("office", arrivals=listed(8.0), initiated=initiated)
    assert diary(records, "step", "queued") == [("serve", 8.0)]


def test_patience_counts_from_contact():
    """Who would wait an hour waits it from 9:00 on, not from 8:00."""
    patient = work(hours=5.0, patience={"time": exactly(1.0)})
    records = over("office", patient, arrivals=listed(7.0, 8.0))
    assert exits(records) == ["resolved", "reneged"]
    assert ends(records)[1] == 10.0


def test_who_comes_back_waits_for_the_channel_too():
    """Lost at 16:00, wanting to be back after two hours, the case is back on Tuesday at 9:00 (hour 33)."""
    step = delay(hours=1.0, next=[{"when": {"returned": True}, "to": "resolved"}, {"to": "lost"}])
    back = {"after": ["lost"], "probability": 1.0, "delay": exactly(2.0)}
    assert ends(over("office", step, arrivals=listed(15.0), returns=back)) == [34.0]


def test_a_case_that_waits_for_its_channel_at_the_end_is_open():
    """The need of Friday evening is still open on Sunday."""
    records = over("office", arrivals=listed(114.0), horizon=150.0)
    assert exits(records) == ["open"]
