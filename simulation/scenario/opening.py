"""The opening state: cases that are under way when the run begins."""

from __future__ import annotations

from pydantic import Field

from simulation.scenario.quantities import Hours, Identifier
from simulation.spec import Spec

__all__ = ["OpeningCase"]


class OpeningCase(Spec):
    """Cases of one kind that are open when the run begins.

    They stand at a step from time 0 on: no hand-over to it is made any more, and what the step takes begins
    anew. Their age counts for deadlines, and the older ones come first where a queue has no other order. What
    they would have set off before time 0 is not set off again.

    Examples
    --------
    >>> OpeningCase(need="claim", place="s1", step="review", age="41 d", count=3).age
    984.0
    """

    need: Identifier
    """Their need."""
    place: Identifier
    """Where they were presented; it counts as the place where they arose too."""
    step: Identifier
    """The step of the need's pathway at which they stand; not a step within the branches of a fork."""
    age: Hours
    """Time since they arose."""
    count: int = Field(default=1, ge=1)
    """How many there are."""
    group: Identifier | None = None
    """Group of the veterans; none: drawn as for new cases."""
    channel: Identifier | None = None
    """Channel over which they came; none: drawn as for new cases."""
