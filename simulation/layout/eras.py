"""What holds of the people of a staff group for a time."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.scenario.teams import Workforce

__all__ = ["ALWAYS_THERE", "Era"]

ALWAYS_THERE = Workforce()
"""Every post is always filled by somebody who is never away and has nothing to learn."""


@dataclass(frozen=True)
class Era:
    """What holds of the people of a staff group from a moment on."""

    begin: float
    """Hour from which it holds."""
    workforce: Workforce
    """How posts are held."""
    overtime: float
    """Hours after closing in which cases that were waiting are still begun."""
    proficiency: tuple[float, ...]
    """Factor on the speed, by need; empty: 1 for all."""

    @property
    def speaks(self) -> bool:
        """Whether it says anything but that every post is always filled."""
        return self.workforce != ALWAYS_THERE or self.overtime > 0.0 or bool(self.proficiency)
