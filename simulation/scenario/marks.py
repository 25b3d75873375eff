"""Marks: what a case bears from something that happened to it, for conditions to ask about."""

from __future__ import annotations

from collections.abc import Iterable

from simulation.scenario.needs import Need
from simulation.scenario.pathways import OpenCase, Pathway

__all__ = ["MOST_MARKS", "marks_of"]

MOST_MARKS = 60
"""A case keeps its marks as the bits of one number."""


def marks_of(pathways: Iterable[Pathway], needs: Iterable[Need]) -> list[str]:
    """List every mark that something in these pathways and needs gives, by name.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> marks_of(single_queue().pathways, single_queue().needs)
    []
    """
    steps = [step for pathway in pathways for step in pathway.steps]
    given = {mark for step in steps for mark in step.marks}
    given.update(*(step.opened_marks for step in steps if isinstance(step, OpenCase)))
    for need in needs:
        by_rule = [rule.marks for rule in need.overdue] + [rule.marks for rule in need.unmet]
        given.update(*by_rule, need.returns.marks if need.returns else ())
    return sorted(given)
