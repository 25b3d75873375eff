"""Where the numbers of a scenario come from."""

from __future__ import annotations

from simulation.spec import Spec

__all__ = ["Evidence"]


class Evidence(Spec):
    """The source of a number, or the admission that it is an assumption, with a range.

    Examples
    --------
    >>> Evidence(path="needs.card.arrivals.rate", found="45", assumption="no count", range=(20, 90)).source
    ''
    """

    path: str
    """Dotted path of the number, or of the block of numbers, in the configuration."""
    found: str = ""
    """The number as it is configured; empty for a block."""
    source: str = ""
    """Where it comes from; empty for an assumption."""
    assumption: str = ""
    """Why it is assumed; empty when there is a source."""
    range: tuple[float, float] | None = None
    """Lowest and highest value to be considered."""
    relative: bool = False
    """Whether the range holds factors on the number (or on each number of the block)."""
