"""The measured stretch of a run."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Window"]


@dataclass(frozen=True)
class Window:
    """The measured stretch of a run: what lies before is warm-up, what lies after is run-out.

    Parameters
    ----------
    start, end
        Hours since the start of the scenario; the start belongs to the window, the end does not.

    Raises
    ------
    ValueError
        If the window is empty or begins before time 0.

    Examples
    --------
    >>> Window(24.0, 72.0).hours
    48.0
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.start < self.end:
            raise ValueError(
                f"window: from {self.start!r} to {self.end!r} hours; begin at 0 or later and end after that"
            )

    @property
    def hours(self) -> float:
        """Length, hours."""
        return self.end - self.start
