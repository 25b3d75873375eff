"""The diary of a team that sees people by appointment."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from simulation.calendars import SLACK
from simulation.layout import Slots

__all__ = ["NO_PLACE", "Diary", "SlotPlace"]


class SlotPlace(NamedTuple):
    """A place in a slot."""

    start: float
    """When the slot begins, hours; infinite where there is none."""
    slot: int
    """Number of the slot in its diary."""
    kept: bool
    """Whether the place is one of those carved out for urgent cases."""


NO_PLACE = SlotPlace(math.inf, -1, False)


class Diary:
    """Who may still be booked into the slots of a team.

    A place that anybody may take and one that is carved out are counted apart. An urgent case takes a carved
    out place of the earliest slot that has any place at all; others take such a place only once it has been
    released, and only where the slot has no other.
    """

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.starts: list[float] = slots.starts.tolist()
        self.free: tuple[list[int], list[int]] = (slots.open.tolist(), slots.kept.tolist())
        self.carves = any(self.free[True])
        self.taken_before = [0, 0]
        """Before this slot no place is free, of those open to anybody and of those carved out."""

    def earliest(self, now: float, moment: float, after: float, priority: int) -> SlotPlace:
        """Find the place for a case that asks now, in a slot from a moment on and after another slot."""
        first = max(bisect_left(self.starts, moment - SLACK), bisect_right(self.starts, after))
        place = self._first_free(False, first)
        if not self.carves:
            return place
        if priority <= self.slots.urgent_priority:
            kept = self._first_free(True, first)
            return kept if kept.start <= place.start else place
        if self.slots.released is not None:
            kept = self._first_free(True, first)
            if kept.start < place.start and kept.start <= self.slots.ahead(now, self.slots.released):
                return kept
        return place

    def _first_free(self, kept: bool, first: int) -> SlotPlace:
        """Find the first slot from a number on with a free place of one kind."""
        free, whole = self.free[kept], first <= self.taken_before[kept]
        slot = max(first, self.taken_before[kept])
        while slot < len(free) and free[slot] == 0:
            slot += 1
        if whole:
            self.taken_before[kept] = slot
        return SlotPlace(self.starts[slot], slot, kept) if slot < len(free) else NO_PLACE

    def book(self, place: SlotPlace) -> None:
        """Take a place."""
        if place is not NO_PLACE:
            self.free[place.kept][place.slot] -= 1

    def give_back(self, place: SlotPlace) -> None:
        """Let others have a place that was taken."""
        if place is not NO_PLACE:
            self.free[place.kept][place.slot] += 1
            self.taken_before[place.kept] = min(self.taken_before[place.kept], place.slot)
