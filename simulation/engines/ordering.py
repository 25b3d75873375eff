"""The order of things that happen at the same instant; every engine obeys it.

At one instant: the system changes phase -> heads come on duty -> services end -> hand-overs and delays
end -> new cases arise -> patience ends -> overdue and unmet cases set others off -> and when nothing else is
left of the instant, each team that something happened to gives out work, the smaller number first. Within a
kind the smaller number comes first: of the team for changes of capacity, else of the case, then of the branch
within the case (for what a case sets off, of the rule among those of its need). An event that creates another
at the same instant obeys the same order: the earliest of everything pending is next.

Further rules, each written once, here:

- A move without a hand-over happens within the event that caused it. Branches of a fork after the first,
  and opened cases, begin in the order in which they are named, right after the event has run its course.
- A case joins a queue at the instant it arrives. Its patience starts to count then, but a case that can be
  served at that same instant is served, even with no patience at all.
- Whether a queue is full is asked when a case comes. One that found somebody free may still have to wait
  when another of a better rank comes at the same instant and takes them.
- A team gives out the places on its caseload after all teams have given out work; a case that gets one goes
  on among the ends of services.
- An appointment is kept, missed or called off among the hand-overs; a place that is given back is free for
  whoever books after that. Of slots of several teams that begin at the same moment, the team named first
  gets the case.
- Teams that may do the work are looked at in the order in which they are written, those of siblings in the
  order of their places; one whose queue is full is passed over. A case that is turned away, or gives up, and
  goes on elsewhere does so within the event that turned it away.
- Joint work is one visit of the first team; the visits of the others take the next numbers of the case, in
  the order of the teams, when the work begins.
- A queue is ordered by priority, then by the team's discipline, then by case and branch.
- A team looks through its queue in that order and starts each case for which a head with the right skills
  is free, the preferred staff group first. A case that nobody free can serve does not hold up the cases
  behind it when staff differ in skills, or when it needs several teams at once.
- When the system changes phase, the cases that wait for a team which is there no more are sent on, team by
  team in the order of its queue. Then, in the same kind, triggers are looked at: all that are due observe the
  system as it is, before any of them switches its lever; what arises or ends at that instant is not yet seen.
- In overtime a team begins only cases that had joined its queue before the closing moment.
- A case is hurried if, when it starts, those left in the queue of its (first) team are at least so many for
  each head on duty as the team's squeeze says; cases that start later in the same instant still count.
- A case whose need arises while its channel is closed has a visit of waiting for contact, which ends as the
  channel opens; so does the visit of a case that comes back.
- A case is overdue when it is still open, and not silently given up, after everything else of the instant at
  which its time is up; what is given out at the end of that instant comes later.
- Cases that are under way at the beginning arise at time 0, before those whose needs arise then.
- Events at the horizon itself do not happen.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "ARRIVAL",
    "CAPACITY",
    "COMPLETION",
    "ESCALATION",
    "HAND_OVER",
    "PHASE",
    "RENEGE",
    "Kind",
    "place",
    "queue_key",
]


class Kind(IntEnum):
    """Kinds of events, in the order in which they happen at one instant.

    Examples
    --------
    >>> Kind.completion < Kind.arrival
    True
    """

    phase = 1
    capacity = 2
    completion = 3
    hand_over = 4
    arrival = 5
    renege = 6
    escalation = 7


PHASE, CAPACITY, COMPLETION, HAND_OVER, ARRIVAL, RENEGE, ESCALATION = (int(kind) << 56 for kind in Kind)
"""The place of an event among those of the same instant is its kind's number here plus its own `place`."""


def place(number: int, branch: int = 0) -> int:
    """Return the place of a case (or team) among those to which the same kind of thing happens.

    Parameters
    ----------
    number
        Number of the case or team, below 2**40.
    branch
        Number of the branch within the case, below 2**16.

    Examples
    --------
    >>> COMPLETION + place(900) < ARRIVAL + place(3) < ARRIVAL + place(3, 1)
    True
    """
    return (number << 16) | branch


def queue_key(
    discipline: str, priority: int, queued: float, due: float, where: int
) -> tuple[int, float, int]:
    """Return the position of a case in a queue; smaller is served first.

    Parameters
    ----------
    discipline
        ``fifo``, ``lifo`` or ``deadline``.
    priority
        Rank of the need or activity.
    queued, due
        Moments at which the case joined and at which its deadline passes, hours.
    where
        Its `place`, which breaks ties.

    Examples
    --------
    >>> queue_key("lifo", 10, 4.0, 9.0, place(1))
    (10, -4.0, 65536)
    """
    if discipline == "fifo":
        return priority, queued, where
    if discipline == "lifo":
        return priority, -queued, where
    return priority, due, where
