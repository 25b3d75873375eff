"""What happens to the cases of a system that changes while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulation.engines.ordering import RENEGE
from simulation.engines.reference.desk import Desk
from simulation.layout import Phase
from simulation.records import Outcome

if TYPE_CHECKING:
    from simulation.engines.reference.decisions import Decisions

__all__ = ["send_on"]

REFUSED = int(Outcome.refused)


def send_on(phase: Phase, desks: Sequence[Desk], decide: Decisions) -> None:
    """Send the cases that wait for a team which is there no more to those who now do the work.

    They keep the moment at which they joined, and their patience; work that has begun is finished. Where
    nobody does the work any more, or there is no room, a case is refused.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> send_on(make_layout(single_queue(), 24.0).phases[0], [], decide=None)
    """
    for desk, exists in zip(desks, phase.exists, strict=False):
        desk.dissolved = not exists
    for desk in desks:
        while desk.dissolved and desk.queue:
            visit = desk.queue[0][3]
            for waiting in visit.desks:
                waiting.leave(visit)
            found = decide.teams(visit.case, phase.activities[visit.activity])
            if not found:
                visit.outcome = REFUSED
                desk.clock.at(desk.clock.now, RENEGE + visit.place, visit)
                continue
            visit.desks, visit.team = found, found[0].number
            for new in found:
                new.take_over(visit)
