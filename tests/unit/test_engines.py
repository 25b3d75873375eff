"""Engines are chosen by name, and refuse what they do not have before anything is run."""

import tracemalloc
import weakref

import numpy as np
import pytest

from simulation import demand, engines
from simulation.engines import replication
from simulation.engines.compiled import engine
from simulation.engines.compiled.sorting import put_in_order
from simulation.layout import make_layout
from simulation.records import VISIT
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


def test_demand_is_forgotten_while_the_engine_runs(monkeypatch):
    """The cases of a replication stand in memory once: what was drawn is gone when the kernel begins."""
    drawn = []

    def watched(*key):
        found = make_demand(*key)
        drawn.append(weakref.ref(found))
        return found

    def runs(*tables):
        assert drawn[-1]() is None
        return run(*tables)

    make_demand, run = demand.make_demand, engine.run
    monkeypatch.setattr(demand, "make_demand", watched)
    monkeypatch.setattr(engine, "run", runs)
    assert len(engines.simulate(single_queue(), 24.0, 1, 0).cases) > 0
    assert len(drawn) == 1


def test_rows_are_put_in_order_without_a_second_table():
    """What is needed besides is a row, however many there are; the rows are those that a sort gives."""
    number = 20_000
    place = np.random.default_rng(1).permutation(number)
    rows = np.zeros(number, VISIT)
    rows["case"], rows["sent"] = place, -place
    wanted = rows[np.argsort(place)]
    tracemalloc.start()
    put_in_order(rows, place)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows.tobytes() == wanted.tobytes()
    assert most < rows.nbytes / 20
