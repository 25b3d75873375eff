"""Scenario discovery: a box of values in which something happens more often than elsewhere.

PRIM, the patient rule induction method: Friedman and Fisher (1999), Bump hunting in high-dimensional data,
Statistics and Computing 9; as scenario discovery with coverage and density: Bryant and Lempert (2010),
Thinking inside the box, Technological Forecasting and Social Change 77, whose quasi-p-values say which
edges are not chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["Box", "peel", "prim"]

Array = NDArray[np.float64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Box:
    """Values between limits; infinite where there is none.

    Parameters
    ----------
    low, high
        Limits of each value.
    coverage
        Share of all cases of interest that lie inside.
    density
        Share of interest among all that lies inside.
    support
        Share of everything that lies inside.
    chance
        Of each value that has a limit, the probability that its limits improve the density so much by chance
        (quasi-p-value); NaN where there is none.
    held_out
        Density of a box found from one half of the futures in the other half, both ways; NaN when not known.
    held_chance
        Probability of as many hits in the other halves, were the boxes no better than anywhere.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    coverage: float
    density: float
    support: float
    chance: tuple[float, ...] = ()
    held_out: float = float("nan")
    held_chance: float = 1.0

    @property
    def limited(self) -> tuple[int, ...]:
        """The values that have a limit, by number."""
        edges = zip(self.low, self.high, strict=True)
        return tuple(n for n, pair in enumerate(edges) if np.isfinite(pair).any())

    def holds(self, values: Array) -> Marks:
        """Tell which rows lie inside.

        Examples
        --------
        >>> Box((0.5, -np.inf), (np.inf, np.inf), 1, 1, 1).holds(np.array([[0.2, 1.0], [0.7, 1.0]])).tolist()
        [False, True]
        """
        inside = (values >= np.array(self.low)) & (values <= np.array(self.high))
        return np.asarray(inside.all(axis=1))


def prim(values: Array, interest: Marks, share: float = 0.05, least: float = 0.05) -> Box | None:
    """Find the box that best tells where the cases of interest are; none when nothing tells them apart.

    Of the boxes that peeling passes, the one whose coverage and density have the largest harmonic mean is
    taken. Then each limit is moved to where that mean is largest (pasting, in either direction), and limits
    that chance could explain (quasi-p-value above 0.05) are lifted, the most doubtful first.

    Parameters
    ----------
    values
        A row per future, a column per unknown.
    interest
        Which futures are of interest.
    share
        Share of what is inside that is peeled off at a time.
    least
        Share of all that a box must hold.

    Examples
    --------
    >>> values = np.array([[x, y] for x in range(20) for y in range(20)]) / 20 + 0.025
    >>> box = prim(values, (values[:, 0] > 0.6) & (values[:, 1] < 0.5))
    >>> [round(edge, 2) for edge in (box.low[0], box.high[1], box.coverage, box.density)]
    [0.6, 0.5, 1.0, 1.0]
    """
    box = _found(values, interest, share, least)
    if box is None:
        return None
    halves = np.arange(len(values)) % 2 == 0
    hits = inside = 0
    for half in (halves, ~halves):
        learnt = _found(values[half], interest[half], share, least)
        tried = learnt.holds(values[~half]) if learnt else np.zeros((~half).sum(), bool)
        hits, inside = hits + int(interest[~half][tried].sum()), inside + int(tried.sum())
    held_out = hits / inside if inside else float("nan")
    chance = float(stats.binom.sf(hits - 1, inside, interest.mean())) if inside else 1.0
    return replace(box, held_out=held_out, held_chance=chance)


def _found(values: Array, interest: Marks, share: float, least: float) -> Box | None:
    if not interest.any() or interest.all():
        return None
    boxes = peel(values, interest, share, least)
    best = max(boxes, key=lambda box: _both(box.coverage, box.density))
    best = _pasted(_without_chance(_pasted(best, values, interest), values, interest), values, interest)
    return _told(best, values, interest) if best.limited else None


def peel(values: Array, interest: Marks, share: float = 0.05, least: float = 0.05) -> list[Box]:
    """Peel thin slices off, each time the one that leaves the highest density; give every box on the way.

    Parameters
    ----------
    values, interest, share, least
        As for `prim`.

    Examples
    --------
    >>> values = np.arange(10.0)[:, None]
    >>> boxes = peel(values, values[:, 0] > 6, share=0.1, least=0.2)
    >>> boxes[-1].low, boxes[-1].density
    ((6.5,), 1.0)
    """
    size = values.shape[1]
    box = _measured(np.full(size, -np.inf), np.full(size, np.inf), values, interest)
    boxes = [box]
    while box.density < 1:
        offers = [
            _measured(low, high, values, interest)
            for low, high in _slices(box, values, share)
            if ((values >= low) & (values <= high)).all(axis=1).mean() >= least
        ]
        better = [one for one in offers if one.support > 0 and one.coverage > 0]
        if not better:
            break
        box = max(better, key=lambda one: (one.density, one.support))
        boxes.append(box)
    return boxes


def _slices(box: Box, values: Array, share: float) -> Iterator[tuple[Array, Array]]:
    """Give the limits after a slice is taken off either end of each value; edges lie between values."""
    inside = values[box.holds(values)]
    for column in range(values.shape[1]):
        there = np.unique(inside[:, column])
        if len(there) < 2:
            continue
        edges = np.quantile(inside[:, column], [share, 1 - share])
        first = min(int(np.searchsorted(there, edges[0], side="right")), len(there) - 1)
        last = max(int(np.searchsorted(there, edges[1], side="left")) - 1, 0)
        low, high = np.array(box.low), np.array(box.high)
        low[column] = (there[first - 1] + there[first]) / 2
        yield low, np.array(box.high)
        high[column] = (there[last] + there[last + 1]) / 2
        yield np.array(box.low), high


def _measured(low: Array, high: Array, values: Array, interest: Marks) -> Box:
    inside = ((values >= low) & (values <= high)).all(axis=1)
    hits = int(interest[inside].sum())
    density = hits / inside.sum() if inside.any() else 0.0
    edges = tuple(map(float, low)), tuple(map(float, high))
    return Box(*edges, float(hits / interest.sum()), float(density), float(inside.mean()))


def _both(coverage: float, density: float) -> float:
    return 2 * coverage * density / (coverage + density) if coverage + density > 0 else 0.0


def _without_chance(box: Box, values: Array, interest: Marks) -> Box:
    """Lift limits that chance explains, one after the other."""
    while box.limited:
        odds = {edge: _chance(box, *edge, values, interest) for edge in _edges(box)}
        worst = max(odds, key=lambda edge: odds[edge])
        if odds[worst] <= 0.05:
            return box
        box = _lifted(box, *worst, values, interest)
    return box


def _edges(box: Box) -> list[tuple[int, str]]:
    """Give each limit that there is: the number of the value, and which end."""
    ends = (("low", box.low), ("high", box.high))
    return [(column, side) for side, edges in ends for column in box.limited if np.isfinite(edges[column])]


def _told(box: Box, values: Array, interest: Marks) -> Box:
    """Add to a box how likely chance alone explains its limits; of two of one value, the more doubtful."""
    chance = np.full(len(box.low), np.nan)
    for column, side in _edges(box):
        chance[column] = np.fmax(chance[column], _chance(box, column, side, values, interest))
    return replace(box, chance=tuple(map(float, chance)))


def _pasted(box: Box, values: Array, interest: Marks) -> Box:
    """Move each limit to where coverage and density are best together, until none moves."""
    for _ in range(10):
        before = box
        for column in box.limited:
            for side in ("low", "high"):
                if np.isfinite(getattr(box, side)[column]):
                    box = _moved(box, column, side, values, interest)
        if box == before:
            break
    return box


def _moved(box: Box, column: int, side: str, values: Array, interest: Marks) -> Box:
    ends = {"low": np.array(box.low), "high": np.array(box.high)}
    ends[side][column] = -np.inf if side == "low" else np.inf
    inside = ((values >= ends["low"]) & (values <= ends["high"])).all(axis=1)
    there = np.unique(values[inside, column])
    best = box
    for edge in (there[1:] + there[:-1]) / 2:
        limits = {"low": np.array(box.low), "high": np.array(box.high)}
        limits[side][column] = edge
        moved = _measured(limits["low"], limits["high"], values, interest)
        if _both(moved.coverage, moved.density) > _both(best.coverage, best.density):
            best = moved
    return best


def _lifted(box: Box, column: int, side: str, values: Array, interest: Marks) -> Box:
    ends = {"low": np.array(box.low), "high": np.array(box.high)}
    ends[side][column] = -np.inf if side == "low" else np.inf
    return _measured(ends["low"], ends["high"], values, interest)


def _chance(box: Box, column: int, side: str, values: Array, interest: Marks) -> float:
    """Give the probability of as many hits as in the box, at the density of the box without this limit."""
    inside = box.holds(values)
    hits = int(interest[inside].sum())
    wider = _lifted(box, column, side, values, interest)
    return float(stats.binom.sf(hits - 1, int(inside.sum()), wider.density))
