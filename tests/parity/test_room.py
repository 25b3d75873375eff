"""A run that comes back for more room goes on as if it had had room from the beginning."""

from collections import Counter

import numpy as np

from simulation.engines.compiled import codes, engine
from simulation.engines.compiled.room import GROWS, make_state, with_more_room
from tests.parity.trial import trial


def test_a_run_that_begins_in_no_room_at_all_leaves_the_same_records(monkeypatch):
    """Whatever there is too little of, over and over: visits, rows, events, cases, forks and the rest."""
    asked: Counter[int] = Counter()

    def narrow(*inputs):
        state = make_state(*inputs)
        latent = int(state.n[codes.CASES])
        small = {name: getattr(state, name)[:1] for names in GROWS.values() for name in names}
        small |= {name: getattr(state, name)[: latent + 1] for name in GROWS[codes.MORE_CASES]}
        small["beginnings"] = state.beginnings[:1]
        return state._replace(**{name: np.ascontiguousarray(table) for name, table in small.items()})

    def wider(state, code):
        asked[code] += 1
        return with_more_room(state, code)

    monkeypatch.setattr(engine, "make_state", narrow)
    monkeypatch.setattr(engine, "with_more_room", wider)
    assert trial(150, 5)["worlds"] == 150
    assert asked.keys() == {*GROWS, codes.MORE_BEGINNINGS}
