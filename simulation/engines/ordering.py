"""The order of things that happen at the same instant; every engine obeys it.

At one instant: the system changes phase -> heads come on duty -> services end -> hand-overs and delays end ->
new cases arise -> patience ends -> and then each team that something happened to gives out work. Within a kind the
smaller number comes first: of the team for changes of capacity and for giving out work, else of the case, then of the
branch within the case. An event that creates another at the same instant obeys the same order: the earliest of
everything pending comes next.

Further rules, each written once here:

- A move without a hand-over, and the opening of another case, happen within the event that caused them. Branches of
  a fork and opened cases begin in the order in which they are named, after the event has run its course.
- A case joins a queue at the instant it arrives. Its patience starts to count then, but a case that can be served
  at that same instant is served, even with no patience at all.
- A queue is ordered by priority, then by the team's discipline, then by case and branch.
- A team looks through its queue in that order and starts each case for which a head with the right skills is free,
  the preferred staff group first. A case that nobody free can serve does not hold up the cases behind it.
- Events at the horizon itself do not happen.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Kind", "queue_key", "rank"]


class Kind(IntEnum):
    """Kinds of events, in the order in which they happen at one instant.

    Examples
    --------
    >>> Kind.completion < Kind.dispatch
    True
    """

    phase = 1
    capacity = 2
    completion = 3
    hand_over = 4
    arrival = 5
    renege = 6
    dispatch = 7


def rank(kind: Kind, number: int, branch: int = 0) -> int:
    """Return the place of an event among those of the same instant; smaller comes first.

    Parameters
    ----------
    kind
        What happens.
    number
        Number of the case or team, below 2**40.
    branch
        Number of the branch within the case, below 2**16.

    Examples
    --------
    >>> rank(Kind.completion, 900) < rank(Kind.arrival, 3) < rank(Kind.arrival, 3, 1)
    True
    """
    return (kind << 56) | (number << 16) | branch


def queue_key(
    discipline: str, priority: int, queued: float, due: float, case: int, branch: int
) -> tuple[int, float, int, int]:
    """Return the place of a case in a queue; smaller is served first.

    Parameters
    ----------
    discipline
        ``fifo``, ``lifo`` or ``deadline``.
    priority
        Rank of the need or activity.
    queued, due
        Moments at which the case joined and at which its deadline passes, hours.
    case, branch
        Numbers that break ties.

    Examples
    --------
    >>> queue_key("lifo", 10, 4.0, 9.0, 17, 0)
    (10, -4.0, 17, 0)
    """
    if discipline == "fifo":
        key = queued
    elif discipline == "lifo":
        key = -queued
    else:
        key = due
    return (priority, key, case, branch)
