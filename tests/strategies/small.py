"""Small things that made-up worlds are made of: lengths, probabilities, conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Plain = dict[str, Any]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
POSITIONS = ("nearest", "nearest", "contact", "above", "origin", "siblings", "city", "town")
FAILURES = ("unresolved", "refused", "lost", "dropped_out")
CHILD = "petition"
"""The need that other cases may open; its own pathway opens none, so that no world breeds without end."""


@dataclass(frozen=True)
class Style:
    """What work in a world may be like; laws that look at one queue alone need worlds without these."""

    together: bool
    """Several teams may do it together."""
    appointments: bool
    """It may be done by appointment."""
    caseloads: bool
    """Cases may be held by case managers."""
    plain: bool = False
    """Nothing depends on who waits at the moment, and a case that gives up just ends."""


def quarters(least: int = 0, most: int = 16) -> st.SearchStrategy[float]:
    """Hours on the lattice of quarters."""
    return st.integers(least, most).map(lambda number: number / 4)


def exactly(hours: st.SearchStrategy[float]) -> st.SearchStrategy[Plain]:
    """A constant length."""
    return hours.map(lambda at: {"kind": "deterministic", "at": at})


laws = st.sampled_from(
    [
        {"kind": "lognormal", "mean": 1.5, "cv": 0.8},
        {"kind": "lognormal", "mean": 60, "sd": 30, "unit": "min"},
        {"kind": "gamma", "mean": 1.0, "cv": 0.5},
        {"kind": "gamma", "mean": 0.125, "sd": 0.125, "unit": "d"},
        {"kind": "weibull", "shape": 1.5, "scale": 2.0},
        {"kind": "triangular", "min": 15, "mode": 30, "max": 90, "unit": "min"},
        {"kind": "uniform", "min": 0.5, "max": 2.5},
        {"kind": "normal", "mean": 1.0, "sd": 0.25, "min": 0.5, "max": 2.0},
        {"kind": "empirical", "probabilities": [0.0, 0.5, 1.0], "quantiles": [0.25, 1.0, 3.0]},
        {
            "kind": "mixture",
            "components": [{"kind": "deterministic", "at": 0.5}, {"kind": "exponential", "mean": 2.0}],
            "weights": [0.75, 0.25],
        },
        {"kind": "truncated", "of": {"kind": "exponential", "mean": 2.0}, "min": 0.25, "max": 4.0},
    ]
)


@st.composite
def lengths(draw: st.DrawFn, least: int = 0, most: int = 16) -> Plain:
    """A length of time: constant, one of two values, or (one time in eight) of a continuous law."""
    kind = draw(st.integers(0, 15))
    if kind < 8:
        return draw(exactly(quarters(least, most)))
    if kind < 14:
        values = sorted(draw(st.sets(quarters(least, most), min_size=2, max_size=2)))
        return {"kind": "discrete", "values": values, "weights": [0.5, 0.5]}
    return draw(laws) if kind == 14 else {"kind": "exponential", "mean": draw(quarters(1, most))}


probabilities = st.sampled_from([0.0, 0.25, 0.5, 1.0])
mostly = st.sampled_from([1.0, 1.0, 1.0, 0.75])
rarely = st.sampled_from([False, False, False, True])


def sometimes(strategy: st.SearchStrategy[Any], otherwise: Any = None) -> st.SearchStrategy[Any]:
    """Something, or (half of the time) nothing."""
    return st.one_of(st.just(otherwise), strategy)


def seldom(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Something, one time in four."""
    return st.one_of(st.none(), st.none(), st.none(), strategy)


def fields(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Plain]:
    """A mapping of fields, those drawn as None left out."""
    return st.fixed_dictionaries(strategies).map(
        lambda drawn: {name: entry for name, entry in drawn.items() if entry is not None}
    )


asked = (
    {"late": True},
    {"late": False},
    {"hurried": True},
    {"channels": ["phone"]},
    {"groups": ["old"]},
    {"standards": ["below", "model"]},
    {"standards": ["standard"]},
    {"tiers": ["town"]},
    {"needs": ["advice"]},
    {"marks": ["seen"]},
    {"unmarked": ["seen"]},
    {"returned": True},
    {"teams": ["experts"]},
    {"staff": ["one"]},
    {"elsewhere": True},
    {"elsewhere": False, "hurried": False},
)


@st.composite
def conditions(draw: st.DrawFn) -> Plain:
    """A condition that asks one thing of a case, or two."""
    parts = draw(st.lists(st.sampled_from(asked), min_size=1, max_size=2))
    return {name: value for part in parts for name, value in part.items()}
