"""The shape of what the kernel reads: a scenario laid out as one tuple of arrays.

A name that ends in `_at` is a position in another array, -1 where there is nothing; `_n` says how many items
stand there. Lengths are hours, laws of lengths are positions in the table of distributions.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "ACTIVITY",
    "CONDITION",
    "DATE",
    "DIARY",
    "EDGE",
    "FACTOR",
    "FOLLOW_UP",
    "HOURS",
    "NEED",
    "OPTION",
    "PRACTICE",
    "REACHED",
    "RETURN",
    "ROW",
    "RULE",
    "STRETCH",
    "VARIANT",
    "Plan",
]

ACTIVITY = np.dtype(
    [
        ("kind", "i8"),
        ("like", "i8"),
        ("service", "u8"),
        ("entry", "u8"),
        ("appointment", "u8"),
        ("routes_at", "i8"),
        ("routes_n", "i8"),
        ("sure", "i8"),
        ("time", "i8"),
        ("patience", "i8"),
        ("factors_at", "i8"),
        ("factors_n", "i8"),
        ("patience_factors_at", "i8"),
        ("patience_factors_n", "i8"),
        ("marks", "i8"),
        ("hours", "i8"),
        ("handed_over", "i8"),
        ("booked", "i8"),
        ("approached", "i8"),
        ("pauses", "i8"),
        ("patience_open", "i8"),
        ("by_contact", "i8"),
        ("lazy", "i8"),
        ("transit", "i8"),
        ("transit_factor", "f8"),
        ("transit_hours", "i8"),
        ("refused_to", "i8"),
        ("loss", "f8"),
        ("refusal", "f8"),
        ("ineligible", "f8"),
        ("ineligible_to", "i8"),
        ("options_at", "i8"),
        ("options_n", "i8"),
        ("join", "i8"),
        ("priority", "i8"),
        ("patience_to", "i8"),
        ("balk_at", "f8"),
        ("balk_probability", "f8"),
        ("balk_to", "i8"),
        ("sure_teams_at", "i8"),
        ("re_entry", "f8"),
        ("declined_to", "i8"),
        ("missed_to", "i8"),
        ("no_show", "f8"),
        ("rebooks", "f8"),
        ("declined", "f8"),
        ("cancelled", "f8"),
        ("notice", "f8"),
        ("lead_at", "i8"),
        ("branches_at", "i8"),
        ("branches_n", "i8"),
        ("opens_need", "i8"),
        ("opens_by_contact", "i8"),
        ("opens_at", "i8"),
        ("opens_marks", "i8"),
        ("roles_at", "i8"),
    ]
)
"""An activity of one phase or several (`layout.Activity`)."""

OPTION = np.dtype([("by_contact", "i8"), ("only_if_free", "i8"), ("share", "f8"), ("reached_at", "i8")])
"""Teams that may do the work; what is reached from each place stands in `reached`."""

REACHED = np.dtype([("at", "i8"), ("n", "i8")])
"""Teams reached from a place, in `teams_reached`."""

ROW = np.dtype([("condition", "i8"), ("edges_at", "i8"), ("edges_n", "i8")])
"""A row of a routing."""

EDGE = np.dtype([("below", "f8"), ("target", "i8")])
"""A target of a row, and the cumulative probability up to it."""

FACTOR = np.dtype([("condition", "i8"), ("factor", "f8")])
"""A factor on a time."""

CONDITION = np.dtype(
    [
        ("channels_at", "i8"),
        ("groups_at", "i8"),
        ("standards_at", "i8"),
        ("tiers_at", "i8"),
        ("needs_at", "i8"),
        ("teams_at", "i8"),
        ("staff_at", "i8"),
        ("late", "i8"),
        ("returned", "i8"),
        ("elsewhere", "i8"),
        ("hurried", "i8"),
        ("marks", "i8"),
        ("unmarked", "i8"),
    ]
)
"""A condition: sets as positions in `flags`, yes and no as 1 and 0, -1 where it asks nothing."""

NEED = np.dtype(
    [
        ("routes_at", "i8"),
        ("routes_n", "i8"),
        ("sure", "i8"),
        ("priority", "i8"),
        ("returns", "i8"),
        ("overdue_at", "i8"),
        ("overdue_n", "i8"),
        ("unmet_at", "i8"),
        ("unmet_n", "i8"),
        ("waits_for_contact", "i8"),
        ("dropout", "i8"),
        ("resolves", "i8"),
        ("first", "u8"),
        ("back", "u8"),
        ("due_open", "i8"),
        ("due_hours", "i8"),
        ("due_after", "f8"),
    ]
)
"""A need in one phase."""

RETURN = np.dtype([("exits", "i8"), ("marks", "i8"), ("delay", "i8"), ("limit", "i8"), ("probability", "f8")])
"""How a case comes back; exits are the bits of a number."""

FOLLOW_UP = np.dtype(
    [
        ("need", "i8"),
        ("by_contact", "i8"),
        ("place_at", "i8"),
        ("how", "i8"),
        ("hours", "i8"),
        ("after", "f8"),
        ("probability", "f8"),
        ("named", "u8"),
        ("marks", "i8"),
        ("exits", "i8"),
        ("delay", "i8"),
    ]
)
"""What an overdue or unmet case sets off."""

PRACTICE = np.dtype([("work", "f8"), ("hand_over", "f8"), ("loss", "f8"), ("refusal", "f8")])
"""How a place works."""

HOURS = np.dtype([("first", "i8"), ("size", "i8")])
"""Opening hours: where their intervals stand in `opens` and `closes`; in `before` there is one item more."""

DIARY = np.dtype(
    [
        ("first", "i8"),
        ("size", "i8"),
        ("carves", "i8"),
        ("urgent", "i8"),
        ("hours", "i8"),
        ("released_open", "i8"),
        ("released", "f8"),
    ]
)
"""A diary; `released` is how long before its slot a carved out place is open to all, nan for never."""

VARIANT = np.dtype([("mask", "i8"), ("phase", "i8")])
"""The phase for a set of levers that triggers have switched on."""

STRETCH = np.dtype([("begin", "f8"), ("variants_at", "i8"), ("variants_n", "i8")])
"""A stretch of time between two dated changes."""

DATE = np.dtype([("time", "f8"), ("stretch", "i8"), ("look", "i8")])
"""A moment at which a stretch begins, or else (`look` from 0 on) triggers are looked at."""

RULE = np.dtype(
    [
        ("observe", "i8"),
        ("needs_at", "i8"),
        ("roles_at", "i8"),
        ("above_for", "i8"),
        ("below_for", "i8"),
        ("above", "f8"),
        ("below", "f8"),
        ("cost_once", "f8"),
        ("cost_per_hour", "f8"),
        ("budget", "f8"),
    ]
)
"""A trigger."""


class Plan(NamedTuple):
    """A scenario as arrays, the same for all replications."""

    horizon: float
    opening: int
    """How many cases are under way at time 0."""
    away: int
    """Number of the first activity that stands for being away."""
    contact: int
    """Number of the first activity that stands for waiting for contact; -1 where nobody waits."""
    presentation: Any
    """Decision that names the draws of presentation."""
    practised: int
    """Whether any place has a practice of its own."""
    most_rules: int
    """The most events that one case sets off at a moment."""
    most_branches: int
    together: int
    """The most teams that may do the work of an activity."""
    teams: Any
    """Teams as they are before anything happens; likewise staff."""
    staff: Any
    law: Any
    """The table of distributions."""
    opens: Any
    closes: Any
    before: Any
    hours: Any
    activities: Any
    activity: Any
    """Position of each activity in each phase; [phase, activity]."""
    options: Any
    reached: Any
    teams_reached: Any
    sure_teams: Any
    """The team for each place where it depends on nothing else."""
    rows: Any
    edges: Any
    conditions: Any
    factors: Any
    flags: Any
    """Sets of numbers, as ones and zeros."""
    places: Any
    """Lists of places, by place."""
    branches: Any
    needs: Any
    """[phase, need]"""
    returns: Any
    overdue: Any
    unmet: Any
    contact_hours: Any
    """Opening hours of each channel; [phase, channel]."""
    standards: Any
    """[stretch, place]"""
    tiers: Any
    """By place."""
    exists: Any
    """[phase, team]"""
    practice: Any
    """[phase, place]"""
    team_hours: Any
    """When anybody of a team is there who can serve a need; [team, need]."""
    diaries: Any
    slots: Any
    """When each slot begins."""
    leads: Any
    """How far ahead places are looked for, and which are too far ahead: [booking, diary], twice two numbers:
    hours (nan: none), and whether they are open hours."""
    stretches: Any
    variants: Any
    dates: Any
    """When stretches begin and triggers are looked at; the last is never."""
    looked: Any
    """Which of them are; [look, trigger]."""
    rules: Any
    strength: Any
    """Whether a trigger can be on; [stretch, trigger]."""
    overdue_at_first: Any
    """When the cases that are under way at time 0 are overdue; [case, rule]."""
