"""What is varied: values that are listed, or an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from simulation.assumptions import Unknown

__all__ = ["LEVELS", "Axis"]

LEVELS: Final = 5
"""Values that an interval is cut into where a design needs values."""


@dataclass(frozen=True)
class Axis:
    """Something that is varied: values that are listed, or an interval.

    Parameters
    ----------
    id
        Dotted name of what is set; of an assumption, the first of its places.
    what
        In words.
    values
        The values, where they are listed.
    low, high
        The ends of an interval, where it is one.
    whole
        Whether an interval holds whole numbers only.
    unknown
        The assumption that is varied, if it is one.

    Examples
    --------
    >>> heads, rate = Axis("heads", "Heads", (1, 2, 4)), Axis("rate", "Rate", low=1.0, high=3.0)
    >>> heads.levels(), rate.levels(3), heads.at(0.5), rate.at(0.5)
    ((1, 2, 4), (1.0, 2.0, 3.0), 2, 2.0)
    """

    id: str
    what: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    unknown: Unknown | None = None

    def at(self, position: float) -> Any:
        """Give the value at a position between 0 and 1: each listed value takes an equal part."""
        if self.values:
            return self.values[min(int(position * len(self.values)), len(self.values) - 1)]
        if self.unknown is not None:
            return self.unknown.at(position)
        if self.whole:
            return min(int(self.low) + int(position * (self.high - self.low + 1)), int(self.high))
        return self.low + position * (self.high - self.low)

    def levels(self, count: int = LEVELS) -> tuple[Any, ...]:
        """Give the values, an interval cut evenly, both ends among them."""
        if self.values:
            return self.values
        if self.whole:
            spread = [self.low + (self.high - self.low) * n / (count - 1) for n in range(count)]
            return tuple(dict.fromkeys(round(value) for value in spread))
        return tuple(self.at(n / (count - 1)) for n in range(count))

    def words(self, value: Any) -> str:
        """Write a value; what is not set is as configured."""
        if value is None or value != value:
            return "as configured"
        if self.unknown is not None:
            return self.unknown.words(float(value))
        return f"{value:,.4g}" if isinstance(value, float) else str(value)
