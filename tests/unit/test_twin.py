"""The analytic twin, against flows that can be worked out by hand and against exact queueing theory."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings

from simulation import theory
from simulation.layout import make_layout
from simulation.scenario.examples import single_queue
from simulation.twin import make_traffic, make_twin
from simulation.twin.traffic import exits
from tests.scenarios import OFFICE, delay, exactly, exponential, fork, listed, need, scenario, team, work
from tests.strategies import worlds

POISSON = {"kind": "poisson", "rate": 2.0, "per": "h"}


def traffic_of(*steps, horizon=240.0, **parts):
    """The traffic of a small scenario."""
    return make_traffic(make_layout(scenario(*steps, **parts), horizon))


def visits(traffic):
    """Expected visits by activity number, for one unit of the source."""
    found = {}
    for stream in traffic.streams:
        number = stream.visits.activity
        found[number] = found.get(number, 0.0) + float(stream.visits.visits.sum())
    return found


def test_rework_is_a_geometric_series():
    """Of 2 an hour half come back each time: 2 + 1 + 1/2 + ... = 4 visits."""
    traffic = traffic_of(work(next={"resolved": 0.5, "serve": 0.5}), arrivals=POISSON)
    assert visits(traffic)[0] == pytest.approx(4.0)
    assert exits(traffic)["resolved"] == pytest.approx(2.0)


def test_losses_and_refusals_of_a_hand_over():
    """Of 2 an hour a quarter is lost on the way; a fifth of the rest is refused: 1.2 arrive."""
    there = work("there", referral={"not_reached": 0.25, "refusal": 0.2})
    traffic = traffic_of(work(), there, arrivals=POISSON)
    assert exits(traffic) == pytest.approx({"lost": 0.5, "refused": 0.3, "resolved": 1.2})


def test_returns_up_to_their_limit():
    """Unresolved half the time, back with 0.5 at most twice: 2, then 2 x 1/4, then 2 x 1/16 visits."""
    back = {"after": ["unresolved"], "probability": 0.5, "delay": exactly(5.0), "limit": 2}
    traffic = traffic_of(
        work(next={"resolved": 0.5, "unresolved": 0.5}), needs={"help": need(POISSON, returns=back)}
    )
    assert visits(traffic)[0] == pytest.approx(2.0 * (1 + 1 / 4 + 1 / 16))
    assert sum(exits(traffic).values()) == pytest.approx(2.0)


def test_unmet_cases_set_others_off():
    """Half of 2 an hour end unresolved, and half of these open a petition."""
    petition = {"steps": [delay("talk", 1.0)]}
    set_off = {"exits": ["unresolved"], "need": "petition", "probability": 0.5, "delay": exactly(3.0)}
    traffic = traffic_of(
        pathways={"path": {"steps": [work(next={"resolved": 0.5, "unresolved": 0.5})]}, "plead": petition},
        needs={"help": need(POISSON, unmet=[set_off]), "petition": need(pathway="plead")},
    )
    assert exits(traffic) == pytest.approx({"resolved": 1.5, "unresolved": 1.0})


def test_a_fork_goes_on_when_all_branches_have_joined():
    """Branches succeed with 0.8 and 0.5: of 2 an hour 0.8 go on; the time is that of the longer branch."""
    steps = [
        fork("both", "one", "two", next="resolved"),
        delay("one", 1.0, next={"join": 0.8, "unresolved": 0.2}),
        delay("two", 4.0, next={"join": 0.5, "refused": 0.5}),
    ]
    traffic = traffic_of(*steps, arrivals=POISSON)
    assert exits(traffic) == pytest.approx({"resolved": 0.8, "unresolved": 0.4, "refused": 0.8})
    done = next(each for each in traffic.ended if each.cases == pytest.approx(0.8) and each.exit == 1)
    assert done.time / done.cases == pytest.approx(4.0)


def test_listed_cases_are_counted_in_the_window():
    """Three cases, of which one arises after a delay outside the window."""
    layout = make_layout(scenario(delay(hours=30.0), work(), arrivals=listed(1.0, 30.0, 60.0)), 240.0)
    twin = make_twin(layout, 24.0, 72.0)
    assert twin.latent == pytest.approx(2.0)
    assert twin.teams.visits.tolist() == pytest.approx([1.75], abs=0.3)


@pytest.mark.parametrize("servers", [2, 3])
def test_a_station_is_what_theory_says(servers):
    """M/M/c: the twin names the law and gives its wait."""
    teams = make_twin(make_layout(single_queue(3.0, 0.5, servers), 240.0), 0.0, 240.0).teams
    assert teams.law.tolist() == ["Erlang-C"]
    assert teams.mean_wait[0] == pytest.approx(theory.mmc(3.0, 2.0, servers).mean_wait)


def test_patience_of_one_exponential_law_is_erlang_a():
    """Palm's queue, and its utilisation below what is offered."""
    impatient = work(hours=exponential(1.0), patience={"time": exponential(2.0)})
    teams = make_twin(make_layout(scenario(impatient, arrivals=POISSON), 240.0), 0.0, 240.0).teams
    assert teams.law.tolist() == ["Erlang-A"]
    assert teams.mean_wait[0] == pytest.approx(theory.erlang_a(2.0, 1.0, 1, 0.5).mean_wait)


def test_a_desk_with_opening_hours_names_what_fails():
    """Seven hours on weekdays: capacity 35 hours a week, no law, the reason in words."""
    desk = {"desk": team(calendar="office")}
    rare = {"kind": "poisson", "rate": 0.1, "per": "h"}
    layout = make_layout(scenario(work(), arrivals=rare, teams=desk, calendars=OFFICE), 7 * 24.0)
    teams = make_twin(layout, 0.0, 7 * 24.0).teams
    assert teams.capacity.tolist() == [35.0]
    assert teams.law.tolist() == [""]
    assert "opening hours" in teams.fails[0]


def test_the_fluid_waits_where_more_is_asked_than_can_be_done():
    """One clerk, 2 hours of work an hour: a day leaves 24 hours of work undone, four days 96."""
    twin = make_twin(make_layout(scenario(work(), arrivals=POISSON), 96.0), 0.0, 96.0)
    assert twin.path.hours.tolist() == pytest.approx([0.0, 24.0, 48.0, 72.0, 96.0])
    assert twin.teams.intensity[0] == pytest.approx(2.0)
    assert twin.teams.utilisation[0] == pytest.approx(1.0)


@settings(max_examples=30, deadline=None, phases=[Phase.generate])
@given(worlds())
def test_flows_are_conserved_in_all_of_the_language(world):
    """Of each source, what is presented and what it sets off ends somewhere, whatever the scenario has."""
    layout = make_layout(world.scenario, world.horizon)
    traffic = make_traffic(layout)
    for number, source in enumerate(traffic.sources):
        mine = [each for each in traffic.ended if (each.source, each.need) == (number, source.need)]
        ended = sum(each.cases for each in mine)
        assert ended >= float(source.flow.sum()) * (1 - 1e-6)
    twin = make_twin(layout, 0.0, world.horizon)
    assert np.isfinite(twin.teams.visits).all()
    assert (twin.teams.visits >= -1e-9).all()
