"""The cases that are under way when the run begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.layout import Layout
from simulation.records import CASE
from simulation.streams import decision, mix_array

__all__ = ["Opening", "make_opening"]

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Opening:
    """Open cases, the oldest first, and what is known of them.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> len(make_opening(make_layout(single_queue(), 1.0)).cases)
    0
    """

    cases: NDArray[Any]
    """Rows of `records.CASE`, that arose before time 0."""
    begins: Numbers
    """Number of the activity at which each stands."""
    group: Numbers
    """Group of the veteran, -1 where it is to be drawn."""
    channel: Numbers
    """Channel over which it came, -1 where it is to be drawn."""


def make_opening(layout: Layout) -> Opening:
    """Make the open cases of the beginning, sorted by arrival and key.

    Their keys depend on what is said of them and on nothing else, so the order of the rows means nothing; of
    several that are alike each has its number.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.scenario.opening import OpeningCase
    >>> backlog = OpeningCase(need="illness", place="clinic", step="consult", age="2 d", count=3)
    >>> queue = single_queue().model_copy(update={"opening": (backlog,)})
    >>> make_opening(make_layout(queue, 1.0)).cases["arrival"].tolist()
    [-48.0, -48.0, -48.0]
    """
    names = layout.names
    needs = {need.id: number for number, need in enumerate(layout.scenario.needs)}
    activities = {name: number for number, name in enumerate(names.activities)}
    counts: dict[str, int] = {}
    rows: list[tuple[int, int, int, int, int, float]] = []
    keys = [np.empty(0, np.uint64)]
    for case in layout.scenario.opening:
        need = layout.scenario.needs[needs[case.need]]
        group = -1 if case.group is None else names.groups.index(case.group)
        channel = -1 if case.channel is None else names.channels.index(case.channel)
        row = (needs[case.need], layout.tree.number[case.place], activities[f"{need.pathway}.{case.step}"])
        rows += [(*row, group, channel, 0.0 - case.age)] * case.count
        alike = f"opening/{case.need}/{case.place}/{case.step}/{case.age!r}/{case.group}/{case.channel}"
        first = counts.get(alike, 0)
        counts[alike] = first + case.count
        own = np.uint64(decision(alike))
        keys.append(mix_array(np.full(case.count, own), np.arange(first, first + case.count)))
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 6)
    cases = np.zeros(len(rows), CASE)
    cases["key"], cases["arrival"] = np.concatenate(keys), table[:, 5]
    order = np.lexsort((cases["key"], cases["arrival"]))
    numbers = table[:, :5].astype(np.int64)
    cases["parent"], cases["contact"], cases["channel"] = -1, -1, -1
    cases["need"], cases["origin"] = numbers[:, 0], numbers[:, 1]
    begins, group_, channel_ = (numbers[order, column] for column in (2, 3, 4))
    return Opening(cases[order], begins, group_, channel_)
