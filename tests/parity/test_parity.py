"""Both engines leave the same records, bit for bit, on whatever the language can say.

A world in which they differ is made as small as can be, and the rows that part first are shown.
"""

from collections import Counter
from functools import cache
from typing import get_args

import pytest

from simulation.scenario.features import language
from simulation.scenario.levers import Lever
from tests.parity.trial import PHENOMENA, trial

KINDS = [get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(Lever)[0])]
MANY = {"manage_cases": 30, "offer": 80, "pool_queues": 30}
TRIALS = {
    "any 1": (120, {}),
    "any 2": (120, {}),
    "plain": (100, {"plain": True}),
    **{kind: (MANY.get(kind, 10), {"lever": kind}) for kind in KINDS},
}
"""How many worlds there are in each trial, and what they are like."""

CHANGES_NO_RECORD = {
    "Evidence", "Indices.achievement", "Indices.satisfaction", "LeverBase.title", "StaffGroup.overtime_cost",
    "Step.deadline", "Step.deadline_calendar", "Step.wrong_desk",
}  # fmt: skip
"""What is measured, or said, and seen by no engine; titles and names of everything besides."""
MADE_BY_LEVERS = {"Pathway.variant_of"}
"""What levers write into a scenario that takes effect, and people do not."""


@cache
def tried(name: str) -> Counter[str]:
    """A trial of this file; it fails where the engines differ."""
    count, style = TRIALS[name]
    return trial(count, list(TRIALS).index(name), **style)


@pytest.mark.parametrize("name", TRIALS)
def test_both_engines_leave_the_same_records(name):
    """On made-up worlds of all sorts, and on some with each kind of lever."""
    assert tried(name)["worlds"] == TRIALS[name][0]


def test_the_made_up_worlds_have_all_of_the_language():
    """No kind, no field and no word is missing, and nothing that may happen fails to."""
    seen: Counter[str] = sum((tried(name) for name in TRIALS), Counter())
    assert seen["worlds"] >= 500
    wanted = [*PHENOMENA, *(name for name in language() if not _changes_no_record(name))]
    assert [name for name in wanted if not seen[name]] == []


def _changes_no_record(name: str) -> bool:
    kind, _, field = name.partition(".")
    return (
        name in CHANGES_NO_RECORD | MADE_BY_LEVERS
        or kind in CHANGES_NO_RECORD | {"Satisfaction", "Achievement"}
        or field in {"cost", "evidence", "indices", "name", "title"}
    )
