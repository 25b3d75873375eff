"""Levers begin, rise, end and run out of money; what is under way when they do is not lost.

Hours since Monday 5 January 2026; the clerk never closes, and a case takes an hour of work unless said.
"""

from itertools import pairwise

import pytest

from simulation.scenario import Policy, apply, phases
from simulation.scenario.phases import course
from simulation.spec import InputError
from tests.scenarios import (
    delay,
    diary,
    ends,
    exits,
    exponential,
    keyed,
    listed,
    need,
    run,
    same,
    scenario,
    team,
    until,
    work,
)

DAY = 24.0
STEPS = {"id": "fast", "kind": "scale_time", "steps": ["serve"], "factor": 0.5}
MORE = {"id": "more", "kind": "add_staff", "team": "desk", "group": "clerk", "heads": 1}
BUSY = {"arrivals": {"kind": "poisson", "rate": 0.9}, "seed": 7}


def steps(lever, **parts):
    """The course of a lever: moments in days, strength from each on."""
    system = scenario(levers=[lever], **parts)
    return [(moment / DAY, pytest.approx(strength)) for moment, strength in course(system.levers[0], system)]


# ------------------------------------------------------------------------------------------ from and to


def test_a_lever_holds_from_its_first_day_to_its_last():
    """Cases of 0, 24, 48 and 72 h; the lever halves work on 6 and 7 January only, from 24 h to 72 h."""
    lever = {**STEPS, "from": "2026-01-06", "to": "2026-01-07"}
    assert ends(run(levers=[lever], arrivals=listed(0, 24, 48, 72))) == [1.0, 24.5, 48.5, 73.0]


def test_a_lever_that_has_ended_leaves_the_records_as_they_were_before():
    """After the end new cases fare as without the lever, once nothing of its time is left in the queue."""
    lever = {**MORE, "to": "2026-01-05"}
    plain, changed = (run(levers=levers, arrivals=listed(0, 0, 100)) for levers in ([], [lever]))
    assert diary(plain, case=2) == diary(changed, case=2)
    assert diary(plain, "started", case=1) == [(1.0,)]
    assert diary(changed, "started", case=1) == [(0.0,)]


def test_an_end_before_the_beginning_is_refused():
    """The days are written the wrong way round."""
    with pytest.raises(InputError, match="lies before the first day"):
        scenario(levers=[{**STEPS, "from": "2026-02-01", "to": "2026-01-31"}])


# ------------------------------------------------------------------------------------ strength and ramp


@pytest.mark.parametrize("lever", [STEPS, MORE], ids=lambda lever: lever["kind"])
def test_strength_nought_is_no_lever(lever):
    """Carried out not at all, a lever leaves every record as it is."""
    assert same(run(**BUSY), run(**BUSY, levers=[{**lever, "strength": 0}]))


def test_half_a_factor_lies_half_way_to_one():
    """A factor of 0.5 at strength 0.5 is 0.75: an hour of work takes 45 minutes."""
    assert ends(run(levers=[{**STEPS, "strength": 0.5}])) == [0.75]


def test_a_ramp_rises_in_equal_monthly_steps():
    """Over 90 d, three steps of a third, one every 30 d, the first on the first day."""
    lever = {**STEPS, "from": "2026-01-15", "ramp": "90 d", "strength": 0.9}
    assert steps(lever) == [(10.0, 0.3), (40.0, 0.6), (70.0, 0.9)]


def test_a_ramp_of_less_than_a_month_has_one_step():
    """Nothing is in between."""
    assert steps({**STEPS, "ramp": "20 d"}) == [(0.0, 1.0)]


def test_a_ramp_that_is_cut_off_never_gets_to_the_top():
    """The lever ends after 40 d, in the second of its three steps."""
    lever = {**STEPS, "ramp": "90 d", "to": "2026-02-13"}
    assert steps(lever) == [(0.0, 1 / 3), (30.0, 2 / 3), (40.0, 0.0)]


def test_a_lever_of_last_year_has_gone_up_before_the_run():
    """What began 40 d before the start is in its second step on the first day."""
    system = scenario(levers=[{**STEPS, "from": "2025-11-26", "ramp": "90 d"}])
    assert [time for time, _ in phases(system)] == [0.0, 20 * DAY]
    assert phases(system)[0][1].pathways[0].steps[0].time_factors[0].factor == pytest.approx(2 / 3)


def test_heads_rise_with_the_ramp():
    """Two heads over 60 d: one at once, another after 30 d. Of three cases at once, two are served with the
    first clerk and one hired, then all three with two hired."""
    records = run(levers=[{**MORE, "heads": 2, "ramp": "60 d"}], arrivals=listed(0, 0, 0, 800, 800, 800))
    assert ends(records) == [1.0, 1.0, 2.0, 801.0, 801.0, 801.0]


def test_part_of_a_head_is_a_head_at_part_of_the_places():
    """At strength 0.5 about half of 200 places get the head, and those are among the ones of strength 0.8."""
    places = {f"p{n}": {"tier": "street"} for n in range(200)}
    system = scenario(places=places, teams={"desk": team(place=None, tier="street")},
                      needs={"help": need(listed(0.0, at=["p0"]))})  # fmt: skip

    def grown(strength):
        from simulation.layout import make_layout

        changed = apply(Policy(id="p", levers=[{**MORE, "strength": strength}]), system)
        return {unit.id for unit in make_layout(changed, 24.0).teams if unit.staff[0].planned[0] == 2}

    assert 80 <= len(grown(0.5)) <= 120
    assert grown(0.5) < grown(0.8) < grown(1.0)
    assert len(grown(1.0)) == 200


def test_more_of_a_lever_never_serves_later():
    """Under common random numbers, waits fall case by case as the strength rises."""
    waits = [
        [row for (row,) in diary(run(**BUSY, levers=[{**STEPS, "strength": strength}]), "wait") if row == row]
        for strength in (0.0, 0.5, 1.0)
    ]
    for less, more in pairwise(waits):
        assert all(b <= a + 1e-9 for a, b in zip(less, more, strict=False))
        assert sum(more) < sum(less)


# ----------------------------------------------------------------------------------------------- budget


def test_a_budget_ends_a_lever_after_the_last_day_that_it_pays_for():
    """3650 yuan a year are 10 a day; after 40 at the beginning, 95 pay for five full days."""
    assert steps({**STEPS, "cost_once": 40, "cost_per_year": 3650, "budget": 95}) == [(0.0, 1.0), (5.0, 0.0)]


def test_a_budget_counts_the_pay_of_staff():
    """One head of 7300 yuan a year is 20 a day: 100 pay for five days."""
    paid = team()
    paid["staff"]["clerk"]["annual_cost"] = 7300
    assert steps({**MORE, "budget": 100}, teams={"desk": paid}) == [(0.0, 1.0), (5.0, 0.0)]


def test_a_budget_goes_further_while_a_ramp_rises():
    """Over 60 d at 10 a day: 30 d at half strength cost 150, the rest of 350 pays for 20 d at full."""
    lever = {**STEPS, "ramp": "60 d", "cost_per_year": 3650, "budget": 350}
    assert steps(lever) == [(0.0, 0.5), (30.0, 1.0), (50.0, 0.0)]


def test_what_cannot_be_set_up_never_begins():
    """A one-off cost above the budget."""
    lever = {**STEPS, "cost_once": 40, "budget": 39}
    assert steps(lever) == []
    assert same(run(**BUSY), run(**BUSY, levers=[lever]))


def test_a_budget_without_costs_lasts():
    """What costs nothing is never spent."""
    assert steps({**STEPS, "budget": 1}) == [(0.0, 1.0)]


# ------------------------------------------------------------------------------------- changes of phase


def test_what_is_under_way_finishes_as_it_was_begun():
    """A case that began its service before the lever is not made faster; one that begins after is."""
    records = run(work(hours=10.0), levers=[{**STEPS, "from": "2026-01-06"}], arrivals=listed(20, 20))
    assert diary(records, "started", "ended") == [(20.0, 30.0), (30.0, 35.0)]


def test_a_case_on_its_way_comes_to_the_system_of_its_arrival():
    """Handed over on the first day, it arrives on the second, when the desk is another one."""
    records = run(
        delay("rest", 1.0),
        work("serve", referral={"delay": {"kind": "deterministic", "at": 30}}),
        teams={"desk": team(), "other": team()},
        levers=[{"id": "one", "kind": "merge_teams", "teams": ["desk", "other"], "into": "window",
                 "from": "2026-01-06"}],
    )  # fmt: skip
    assert diary(records, "step", "queued", "team") == [("rest", 0.0, None), ("serve", 31.0, "window@town")]


def test_a_phase_that_changes_nothing_changes_nothing():
    """A lever of factor one from a day on is a new phase, and the same records."""
    idle = {"id": "idle", "kind": "scale_time", "steps": ["serve"], "factor": 1.0, "from": "2026-01-10"}
    assert same(run(**BUSY), run(**BUSY, levers=[idle]))


def test_nothing_changes_before_a_ramp_begins():
    """Until its first day the records are those without the lever."""
    lever = {**STEPS, "from": "2026-01-15", "ramp": "60 d"}
    plain, changed = (
        run(work(hours=exponential(1.0)), **BUSY),
        run(work(hours=exponential(1.0)), **BUSY, levers=[lever]),
    )
    assert until(changed, 240.0) == until(plain, 240.0)
    assert keyed(changed) != keyed(plain)


def test_nobody_is_lost_when_a_station_closes():
    """A station that is there for two days: who waits there at its end is sent to the street, and keeps the
    place in the queue; work that has begun is finished."""
    places = {
        "street": {"tier": "street"},
        "village": {"tier": "village", "parent": "street", "staffed": False},
    }
    desks = {"desk": team(place=None, tier="village"), "office": team(place=None, tier="street")}
    records = run(
        work("serve", 50.0, teams=["desk @ origin", "office"]),
        places=places,
        teams=desks,
        needs={"help": need(listed(0.0, 1.0, 2.0, at=["village"]))},
        levers=[{"id": "build", "kind": "build_stations", "tiers": ["village"], "to": "2026-01-06"}],
    )
    assert exits(records) == ["resolved"] * 3
    assert diary(records, "queued", "started", "ended", "team") == [
        (0.0, 0.0, 50.0, "desk@village"),
        (1.0, 48.0, 98.0, "office@street"),
        (2.0, 98.0, 148.0, "office@street"),
    ]
