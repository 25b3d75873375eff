"""Engines are chosen by name, and refuse what they do not have before anything is run."""

import pytest

from simulation import demand, engines
from simulation.engines import replication
from simulation.layout import make_layout
from simulation.scenario.examples import single_queue
from simulation.spec import InputError


def test_an_unknown_engine_is_met_with_the_nearest_name():
    """Name, value and remedy."""
    with pytest.raises(InputError, match='engine: there is no such engine; did you mean "reference"'):
        engines.simulate(single_queue(), 24.0, 1, 0, engine="referense")


def test_what_an_engine_does_not_have_is_refused_before_the_run(monkeypatch):
    """It is named, with the engine that has it; nothing is simulated."""
    lacking = {"Exponential", "Fork", "Work.join=first", "Work.booking"}
    monkeypatch.setitem(replication.LACKS, engines.ENGINES[0], frozenset(lacking))
    monkeypatch.setattr(demand, "make_demand", lambda *_: pytest.fail("nothing may be run"))
    with pytest.raises(
        InputError, match=r"does not have Exponential, Work\.join=first; use engine=reference"
    ):
        engines.replicate(make_layout(single_queue(), 24.0), 1, 0)


def test_one_layout_serves_all_replications():
    """A replication of a layout is that of its scenario."""
    layout = make_layout(single_queue(rate=2.0), 48.0)
    for number in range(2):
        kept = engines.replicate(layout, 1, number)
        again = engines.simulate(single_queue(rate=2.0), 48.0, 1, number)
        assert kept.layout is layout
        assert kept.records.visits.tobytes() == again.visits.tobytes()


def test_a_layout_equals_itself_alone():
    """What is worked out of a layout is kept with that very one."""
    one, other = (make_layout(single_queue(), 24.0) for _ in range(2))
    assert one != other
    assert len({one, other}) == 2
