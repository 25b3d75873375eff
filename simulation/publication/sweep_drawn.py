"""The figures of a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation import figures
from simulation.analysis.responses import positions, responses
from simulation.publication.sweep_facts import Facts
from simulation.study import BASELINE

__all__ = ["sweep_figures"]

PANELS: Final = 6
"""Axes whose responses are drawn, those that move the outcome most."""
PAIRS: Final = 4
"""Pairs of axes that are drawn together."""
LINES: Final = 4
"""Values of the second axis of a pair that are drawn."""


def sweep_figures(each: Sequence[Facts]) -> dict[str, tuple[figures.Figure, str]]:
    """Draw the responses of every KPI, and of the first one where two axes act together.

    Parameters
    ----------
    each
        The facts about each KPI.

    Examples
    --------
    >>> sweep_figures([])
    {}
    """
    drawn: dict[str, tuple[figures.Figure, str]] = {}
    for one in each:
        if not one.curves or not np.isfinite(one.cube).any():
            continue
        some = dict(list(one.curves.items())[:PANELS])
        name, heading = one.kpi.id, one.kpi.title
        bands = "Bands and bars: 95 % intervals over replications."
        drawn[f"response_{name}"] = (
            figures.response_curves(some, one.labels, "mean", heading, one.kpi.unit, one.titles),
            f"{heading} along each axis, averaged over the other ones. {bands}",
        )
        if one.several:
            gained = f"{heading}: gain over {one.titles[BASELINE]}"
            drawn[f"gain_{name}"] = (
                figures.response_curves(some, one.labels, "gain", gained, one.kpi.unit, one.titles),
                f"What each policy gains over the baseline along each axis, at the same luck. {bands}",
            )
    first = next(iter(each), None)
    if first is not None and (pairs := _pairs(first)):
        drawn["heat_map"] = _heat(first, pairs[0])
        drawn["interactions"] = _lines(first, pairs)
    return drawn


def _pairs(found: Facts) -> list[tuple[str, str]]:
    """Give pairs of axes, those that act together most first; a design one axis at a time has none."""
    if found.sweep.points[[axis.id for axis in found.axes]].isna().any().any():
        return []
    if found.model is not None:
        rows = found.model.effects[found.model.effects["other"] != ""]
        return [(row["axis"], row["other"]) for row in rows.head(PAIRS).to_dict("records")]
    moving = list(found.curves)
    return [(moving[0], moving[1])] if len(moving) > 1 and found.sweep.options.kind == "grid" else []


def _heat(found: Facts, pair: tuple[str, str]) -> tuple[figures.Figure, str]:
    points = found.sweep.points
    frame = points[list(pair)].assign(value=found.outcome.mean(axis=1)).dropna(subset=["value"])
    if found.sweep.options.kind == "grid":  # over the other axes
        text = {name: {repr(value): value for value in frame[name]} for name in pair}
        keys = [frame[name].map(repr) for name in pair]
        means = frame["value"].groupby(keys, sort=False).mean().reset_index()
        frame = means.assign(**{name: means[name].map(text[name]) for name in pair})
    words = [found.labels[name] for name in pair]
    figure = figures.heat_map(frame, pair, words, found.subject, found.kpi.unit, gain=found.several)
    return figure, f"{found.subject} over the two axes that act together most."


def _lines(found: Facts, pairs: Sequence[tuple[str, str]]) -> tuple[figures.Figure, str]:
    frames = {pair: _lines_of(found, pair) for pair in pairs}
    heading = f"{found.subject}: two axes together"
    figure = figures.interactions(frames, found.labels, heading, found.kpi.unit, gain=found.several)
    return figure, "Lines that are parallel tell that two effects add up; the others that they act together."


def _lines_of(found: Facts, pair: tuple[str, str]) -> pd.DataFrame:
    """Follow the outcome along one axis at some values of the other: listed ones, or thirds of its range."""
    points = found.sweep.points
    across, other = (list(points[name]) for name in pair)
    axis = next(one for one in found.axes if one.id == pair[1])
    parts: list[tuple[str, NDArray[np.bool_]]]
    if axis.values and len(axis.values) <= LINES:
        known = [repr(value) for value in other]
        parts = [
            (axis.words(value), np.array([one == repr(value) for one in known])) for value in axis.values
        ]
    else:
        at = positions(other)
        parts = [("lowest third", at < -1 / 3), ("highest third", at > 1 / 3)]
    rows = []
    for name, chosen in parts:
        members = np.flatnonzero(chosen)
        if not len(members):
            continue
        own = responses(found.outcome[members][:, None, :], [across[n] for n in members], ["it"])
        rows.append(own.assign(other=name)[["value", "other", "mean"]])
    return pd.concat(rows, ignore_index=True)
