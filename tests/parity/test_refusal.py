"""Whatever is written as a scenario: it is refused with an InputError, or both engines run it alike."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulation.scenario import read_scenario
from simulation.spec import InputError
from tests.parity.comparing import both, differences
from tests.strategies import World, worlds

STRANGE = (
    -1,
    0,
    1,
    3,
    0.0,
    0.25,
    0.5,
    1.0,
    1e-9,
    1e6,
    float("nan"),
    True,
    False,
    None,
    "",
    "nobody",
    [],
    {},
    "1 wd",
    "2026-01-06",
)
MANY = {
    "count",
    "companions",
    "heads",
    "add",
    "per_veterans",
    "rate",
    "veterans",
    "turnover",
    "limit",
    "times",
}
"""Fields whose numbers say how many there are: a million of them is no fault, and takes long."""


@st.composite
def spoilt(draw: st.DrawFn) -> World:
    """A small world with one to three of its entries replaced by something strange, or left out."""
    world = draw(worlds(small=True))
    data = copy.deepcopy(world.data)
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        _spoil(draw, data)
    return World(data, world.horizon, world.seed)


def _spoil(draw: st.DrawFn, data: dict[str, Any]) -> None:
    here: Any = data
    while True:
        name = draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        inner = here[name]
        if not isinstance(inner, dict | list) or not inner or draw(st.integers(0, 9)) == 0:
            break
        here = inner
    if draw(st.booleans()):
        del here[name]
        return
    alike = [value for value in STRANGE if type(value) is type(inner)]
    value = draw(st.sampled_from(alike if alike and draw(st.booleans()) else STRANGE))
    here[name] = 1 if name in MANY and value == 1e6 else value


@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(spoilt())
def test_what_is_strange_is_refused_or_run_alike(world):
    """No other error, no crash, and no engine that goes its own way."""
    try:
        scenario = read_scenario(world.data)
        reference, compiled = both(scenario, world.horizon, world.seed)
    except InputError as error:
        found = error.problems
    else:
        found = ()
        assert not differences(reference, compiled)
    assert all(problem.path and problem.message for problem in found)
