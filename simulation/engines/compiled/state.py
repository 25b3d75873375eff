"""The shape of what the kernel writes: where every case and everybody stands."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "BEGINNING",
    "EVENT",
    "FORK",
    "HEAP_NODE",
    "LINK",
    "LIVE",
    "REPEAT",
    "STAFF",
    "SWITCHED",
    "TEAM",
    "VISITING",
    "State",
]

LIVE = np.dtype(
    [
        ("marks", "i8"),
        ("due", "f8"),
        ("dropout", "f8"),
        ("visits", "i4"),
        ("branches", "i4"),
        ("team", "i4"),
        ("staff", "i4"),
        ("repeats", "i4"),
        ("held", "i4"),
        ("hurried", "i1"),
        ("silent", "i1"),
        ("stamp", "i4"),
    ]
)
"""What is known of a case besides its row in the records."""

VISITING = np.dtype(
    [
        ("case", "i8"),
        ("place", "i8"),
        ("branch", "i8"),
        ("number", "i8"),
        ("activity", "i8"),
        ("repeat", "i8"),
        ("stage", "i8"),
        ("outcome", "i8"),
        ("team", "i8"),
        ("staff", "i8"),
        ("priority", "i8"),
        ("rank", "f8"),
        ("sent", "f8"),
        ("queued", "f8"),
        ("started", "f8"),
        ("gives_up", "f8"),
        ("work", "f8"),
        ("way_on", "f8"),
        ("fork", "i8"),
        ("entered", "i8"),
        ("pauses", "i8"),
        ("hurried", "i8"),
        ("lazy", "i8"),
        ("alive", "i8"),
        ("kept", "i8"),
        ("calls_off", "i8"),
        ("main", "i8"),
        ("mate", "i8"),
        ("next", "i8"),
        ("previous", "i8"),
        ("offered", "i8"),
        ("serial", "i8"),
        ("companions", "i8"),
        ("first_companion", "i8"),
        ("diary", "i8"),
        ("slot", "i8"),
        ("attempt", "i8"),
        ("after", "f8"),
        ("draw", "f8"),
        ("first_edge", "f8"),
        ("second_edge", "f8"),
    ]
)
"""A visit under way, or a place of it in the queue of another team that is needed too.

`main` is the visit itself, or for such a place the visit that it is of; `mate` leads from team to team.
`draw` with two edges is what decides at the end of a hand-over or before a slot.
"""

TEAM = np.dtype(
    [
        ("place", "i8"),
        ("role", "i8"),
        ("staff_at", "i8"),
        ("staff_n", "i8"),
        ("discipline", "i8"),
        ("diary", "i8"),
        ("limited", "i8"),
        ("overtime", "i8"),
        ("choosy", "i8"),
        ("squeezes", "i8"),
        ("dissolved", "i8"),
        ("called", "i8"),
        ("caseload_called", "i8"),
        ("limit", "f8"),
        ("squeeze_waiting", "f8"),
        ("squeeze_speed", "f8"),
        ("heads_until", "f8"),
        ("wakes_at", "f8"),
        ("head", "i8"),
        ("tail", "i8"),
        ("length", "i8"),
        ("first_new", "i8"),
        ("rounds", "i8"),
        ("caseload", "f8"),
        ("in_post_at", "i8"),
        ("in_post_n", "i8"),
        ("held", "i8"),
        ("caseload_wakes_at", "f8"),
        ("caseload_head", "i8"),
        ("caseload_tail", "i8"),
        ("caseload_length", "i8"),
        ("caseload_first_new", "i8"),
    ]
)
"""A team: its desk, and its caseload."""

STAFF = np.dtype(
    [
        ("duty_at", "i8"),
        ("duty_n", "i8"),
        ("now", "i8"),
        ("rises_at", "i8"),
        ("rises_n", "i8"),
        ("next_rise", "i8"),
        ("heads", "i8"),
        ("busy", "i8"),
        ("free", "i8"),
        ("skills_at", "i8"),
        ("hours", "i8"),
        ("eras_at", "i8"),
        ("eras_n", "i8"),
        ("pace", "f8"),
        ("closed", "f8"),
    ]
)
"""A staff group."""

EVENT = np.dtype(
    [
        ("sequence", "i8"),
        ("time", "f8"),
        ("place", "i8"),
        ("next", "i4"),
        ("kind", "i4"),
        ("a", "i4"),
        ("b", "i4"),
        ("serial", "i4"),
    ]
)
"""Something that will happen; `a` is a visit, team or case, `b` a team or rule."""

HEAP_NODE = np.dtype([("time", "f8"), ("place", "i8"), ("event", "i8")])
"""An event of the present bucket, as the heap knows it."""

REPEAT = np.dtype([("like", "i4"), ("count", "i4"), ("next", "i4")])
"""How often a case has been at an activity."""

LINK = np.dtype([("number", "i4"), ("serial", "i4"), ("next", "i4")])
"""An item of a list: a team on whose caseload a case is, or a newcomer to a queue."""

FORK = np.dtype(
    [("visit", "i8"), ("outer", "i8"), ("under_way", "i8"), ("failed_branch", "i8"), ("failure", "i8")]
)
"""A case that is at several activities at the same time; `visit` links the free ones."""

BEGINNING = np.dtype([("kind", "i8"), ("case", "i8"), ("branch", "i8"), ("fork", "i8"), ("target", "i8")])
"""A journey that begins right after the present event."""

SWITCHED = np.dtype([("is_on", "i8"), ("days", "i8"), ("turns", "i8"), ("spent", "f8"), ("since", "f8")])
"""A lever with a trigger, as it is at the moment."""


class State(NamedTuple):
    """Everything that changes while a replication runs; the kernel can stop and go on from it."""

    n: Any
    """Registers."""
    clock: Any
    """The present moment, and how many buckets there are to an hour."""
    run: Any
    """Seed and replication."""
    arrivals: Any
    """Numbers of the cases that are presented, in the order in which they arise."""
    begins: Any
    """Activity at which each of the first cases stands at time 0."""
    cases: Any
    live: Any
    visits: Any
    rows: Any
    teams: Any
    staff: Any
    duty_times: Any
    duty_heads: Any
    duty_pace: Any
    duty_closed: Any
    rises: Any
    era_begins: Any
    era_factors: Any
    """[era, need]; nan where nothing is said."""
    in_post_times: Any
    in_post_heads: Any
    heap: Any
    events: Any
    buckets: Any
    repeats: Any
    links: Any
    forks: Any
    beginnings: Any
    called: Any
    free_places: Any
    """Free places of each slot; [kind of place, slot]."""
    taken_before: Any
    """[diary, kind of place]"""
    switches: Any
    switch_rows: Any
    found: Any
    """Teams that may do the work."""
    ages: Any
