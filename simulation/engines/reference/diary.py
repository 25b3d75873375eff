"""The diary of a team that sees people by appointment."""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulation.layout import TeamUnit
from simulation.scenario.quantities import Duration

__all__ = ["Diary"]

SLACK = 1e-9


class Diary:
    """Slots of a team: every opening of its first staff group, cut into slots from its beginning.

    A slot has as many places as heads are on duty when it begins.
    """

    def __init__(self, unit: TeamUnit) -> None:
        self.unit = unit
        self.hours = unit.staff[0].hours
        self.booked: dict[float, int] = {}
        self.full_until = 0.0

    def ahead(self, now: float, duration: Duration) -> float:
        """Return the moment that lies a duration ahead; working days are counted in open hours."""
        length = duration.hours(self.unit.day_hours)
        return self.hours.add(now, length) if duration.unit == "wd" else now + length

    def is_too_far(self, slot: float, now: float, limit: Duration | None) -> bool:
        """Tell whether a slot lies further ahead than a limit."""
        return limit is not None and slot > self.ahead(now, limit)

    def earliest(self, moment: float) -> float:
        """Return the beginning of the earliest slot with a free place, at or after a moment; inf for none."""
        whole = moment <= self.full_until
        for slot in self._slots(max(moment, self.full_until)):
            if self.booked.get(slot, 0) < self.unit.on_duty(slot):
                if whole:
                    self.full_until = slot
                return slot
        return math.inf

    def book(self, slot: float) -> None:
        """Take a place in a slot."""
        self.booked[slot] = self.booked.get(slot, 0) + 1

    def _slots(self, moment: float) -> Iterator[float]:
        """Yield the beginnings of slots at or after a moment."""
        opens, closes, length = self.hours.opens, self.hours.closes, self.unit.slot
        for index in range(int(closes.searchsorted(moment, side="right")), len(opens)):
            opening, closing = float(opens[index]), float(closes[index])
            number = max(0, math.ceil((moment - opening) / length - SLACK))
            while opening + (number + 1) * length <= closing + SLACK:
                yield opening + number * length
                number += 1
