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
        ("branch", "i4"),
        ("number", "i4"),
        ("activity", "i4"),
        ("repeat", "i4"),
        ("stage", "i4"),
        ("outcome", "i4"),
        ("team", "i4"),
        ("staff", "i4"),
        ("priority", "i8"),
        ("rank", "f8"),
        ("sent", "f8"),
        ("queued", "f8"),
        ("started", "f8"),
        ("gives_up", "f8"),
        ("work", "f8"),
        ("way_on", "f8"),
        ("fork", "i4"),
        ("entered", "i4"),
        ("pauses", "i1"),
        ("hurried", "i1"),
        ("lazy", "i1"),
        ("alive", "i1"),
        ("kept", "i1"),
        ("calls_off", "i1"),
        ("main", "i4"),
        ("mate", "i4"),
        ("next", "i4"),
        ("previous", "i4"),
        ("offered", "i4"),
        ("serial", "i4"),
        ("companions", "i4"),
        ("first_companion", "i4"),
        ("diary", "i4"),
        ("slot", "i4"),
        ("attempt", "i4"),
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
        ("place", "i4"),
        ("role", "i4"),
        ("staff_at", "i4"),
        ("staff_n", "i4"),
        ("discipline", "i4"),
        ("diary", "i4"),
        ("limited", "i1"),
        ("overtime", "i1"),
        ("choosy", "i1"),
        ("squeezes", "i1"),
        ("dissolved", "i1"),
        ("called", "i1"),
        ("caseload_called", "i1"),
        ("limit", "f8"),
        ("squeeze_waiting", "f8"),
        ("squeeze_speed", "f8"),
        ("heads_until", "f8"),
        ("wakes_at", "f8"),
        ("head", "i4"),
        ("tail", "i4"),
        ("length", "i4"),
        ("first_new", "i4"),
        ("rounds", "i4"),
        ("caseload", "f8"),
        ("in_post_at", "i4"),
        ("in_post_n", "i4"),
        ("held", "i8"),
        ("caseload_wakes_at", "f8"),
        ("caseload_head", "i4"),
        ("caseload_tail", "i4"),
        ("caseload_length", "i4"),
        ("caseload_first_new", "i4"),
    ]
)
"""A team: its desk, and its caseload."""

STAFF = np.dtype(
    [
        ("duty_at", "i4"),
        ("duty_n", "i4"),
        ("now", "i4"),
        ("rises_at", "i4"),
        ("rises_n", "i4"),
        ("next_rise", "i4"),
        ("heads", "i4"),
        ("busy", "i4"),
        ("free", "i4"),
        ("skills_at", "i4"),
        ("hours", "i4"),
        ("eras_at", "i4"),
        ("eras_n", "i4"),
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
    [("visit", "i4"), ("outer", "i4"), ("under_way", "i4"), ("failed_branch", "i4"), ("failure", "i4")]
)
"""A case that is at several activities at the same time; `visit` links the free ones."""

BEGINNING = np.dtype([("kind", "i4"), ("case", "i8"), ("branch", "i4"), ("fork", "i4"), ("target", "i4")])
"""A journey that begins right after the present event."""

SWITCHED = np.dtype([("is_on", "i4"), ("days", "i4"), ("turns", "i4"), ("spent", "f8"), ("since", "f8")])
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
