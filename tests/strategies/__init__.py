"""Hypothesis strategies that make up small worlds: scenarios with every mechanism of the language.

Moments and lengths are multiples of a quarter of an hour, so that many things happen at one instant and every
rule of order is put to work; now and then a length is drawn from a continuous law instead. A world is small
(a few dozen cases in a few days), valid by construction, and written as plain data, so that a failing one can
be read and copied.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from simulation.scenario import Scenario, apply, read_scenario
from simulation.scenario.levers import Policy
from tests.strategies.demand import PROFILES, backlogs, needs
from tests.strategies.levers import ON_THE_LINE, levers, policies
from tests.strategies.pathways import lines, pathways
from tests.strategies.places import calendars, places, teams
from tests.strategies.small import CHILD, Plain, Style, mostly, quarters, rarely

__all__ = ["World", "worlds"]

MONDAY = "2026-01-05"
NEW_YEAR = 39
"""Days from there to the Friday before the lunar new year."""


@dataclass(frozen=True)
class World:
    """A made-up scenario and how to run it."""

    data: Plain
    """The scenario as plain data."""
    horizon: float
    seed: int
    policy: Plain | None = None
    """Levers that a policy brings, if there is one."""

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario, read through the gate, with the policy carried out."""
        scenario = read_scenario(self.data)
        return scenario if self.policy is None else apply(Policy.model_validate(self.policy), scenario)

    def __repr__(self) -> str:
        policy = "" if self.policy is None else f", policy={json.dumps(self.policy)}"
        return f"World(horizon={self.horizon}, seed={self.seed}, data={json.dumps(self.data)}{policy})"


def _let_teams_be_changed(data: Plain) -> None:
    """Let all teams stand at the same places, with the heads that they say themselves."""
    for place in data["places"].values():
        place.pop("staff", None)
    clerks, experts = (data["teams"][role] for role in ("clerks", "experts"))
    for field in ("tier", "place"):
        experts.pop(field, None)
    experts |= {field: clerks[field] for field in ("tier", "place") if field in clerks}


def _let_nobody_watch(data: Plain) -> None:
    """Take out what depends on who waits at the moment, and what giving up sets off."""
    for team in data["teams"].values():
        for field in ("queue_limit", "squeeze"):
            team.pop(field, None)
    for need in data["needs"].values():
        for field in ("overdue", "returns", "unmet"):
            need.pop(field, None)


def _moved(value: Any, days: int) -> Any:
    """The same plain data so many days later."""
    if isinstance(value, dict):
        return {name: _moved(inner, days) for name, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, days) for inner in value]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return (date.fromisoformat(value) + timedelta(days=days)).isoformat()
    return value


@st.composite
def _groups(draw: st.DrawFn) -> Plain:
    return {
        "old": {
            "share": 0.5,
            "channels": {"phone": 0.25, "visit": 0.75},
            "uncovered": draw(mostly),
            "reach": draw(st.sampled_from([None, 3.0])),
            "diverted": draw(st.sampled_from([0.0, 0.5])),
            "diverted_to": "post",
        },
        "young": {"share": 0.5, "presented": draw(mostly)},
    }


@st.composite
def worlds(draw: st.DrawFn, small: bool = False, lever: str | None = None, plain: bool = False) -> World:
    """A world: a scenario from Monday 5 January 2026 on, or around the lunar new year.

    It is run for half a day to six days; a small one for a day at most, with one lever at most. If a kind of
    lever is named, there is one of it. In a plain one nothing depends on who waits, and nothing changes.

    Examples
    --------
    ``@given(worlds())`` then ``simulate(world.scenario, world.horizon, world.seed, replication=0)``.
    """
    tree = draw(places())
    booked = st.just(True) if lever in ("offer", "pool_queues") else rarely
    style = draw(
        st.builds(Style, together=st.booleans(), appointments=booked, caseloads=rarely, plain=st.just(plain))
    )
    towns = [name for name, place in tree.items() if place["tier"] == "town"]
    tiers = sorted({place["tier"] for place in tree.values()})
    names = ["advice", "claim"][: draw(st.integers(1, 2))]
    ways = {"advice": "line" if lever in ON_THE_LINE else draw(st.sampled_from(["main", "main", "line"]))}
    ways[CHILD] = "side"
    if "claim" in names:
        ways["claim"] = draw(st.sampled_from(["main", "side", "line"]))
    ways_on = {"main": draw(pathways(True, style)), "side": draw(pathways(False, style))}
    if "line" in ways.values():
        ways_on["line"] = draw(lines(style))
    data = {
        "start": MONDAY,
        "calendars": {"office": draw(calendars()), "clock": {"kind": "always"}},
        "places": tree,
        "groups": draw(_groups()),
        "channels": {
            "phone": {"remote": draw(st.booleans()), "calendar": draw(st.sampled_from(["always", "office"]))},
            "post": {"remote": True},
            "visit": {},
        },
        "profiles": PROFILES,
        "teams": draw(teams([*names, CHILD], tiers)),
        "pathways": ways_on,
        "needs": {name: draw(needs(name, ways[name], towns)) for name in [*names, CHILD]},
        "opening": draw(st.lists(backlogs(ways, ways_on, list(tree)), max_size=2)),
    }
    if lever == "convert_staff":
        data["teams"]["clerks"]["staff"] = {name: {"count": 1} for name in ("one", "two")}
    changes = [] if plain else draw(levers(data, 1 if small else 3, lever))
    if plain:
        _let_nobody_watch(data)
    if any(lever["kind"] in ("merge_teams", "split_team") for lever in changes):
        _let_teams_be_changed(data)
    days = NEW_YEAR if draw(rarely) else 0
    data, changes = _moved(data, days), _moved(changes, days)
    policy = draw(policies(changes)) if changes and draw(rarely) else None
    data["levers"] = changes if policy is None else []
    horizon = draw(quarters(48, 96 if small else 576))
    return World(data, horizon=horizon, seed=draw(st.integers(0, 2**32)), policy=policy)
