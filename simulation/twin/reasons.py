"""Why a simulation may differ from its twin: what the twin leaves out, by what that would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from simulation.layout import Layout

__all__ = ["Reasons", "reasons"]

TAKEN_OFF = ("losses", "cases turned away", "slots declined", "given up")
"""Beginnings of what would take cases off."""
BROUGHT = ("cases that overdue",)
"""Beginnings of what would bring more."""
EARLIER = " (before they come here)"


class Reasons(NamedTuple):
    """What is left out at a kind of team."""

    fewer: tuple[str, ...]
    """It takes cases off, so that fewer come than are computed."""
    more: tuple[str, ...]
    """It brings cases, so that more come."""
    pace: tuple[str, ...]
    """It makes work longer or shorter, or moves it in time."""


def reasons(layout: Layout, omissions: Mapping[str, tuple[str, ...]]) -> dict[str, Reasons]:
    """Return why the simulation may differ from the twin, role by role; what is left out there comes first.

    Parameters
    ----------
    layout
        The scenario written out.
    omissions
        What the twin leaves out, and where: at steps, roles, or anywhere.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 24.0)
    >>> reasons(layout, {"losses of patience": ("visit.consult",)})["doctors"].fewer
    ('losses of patience',)
    """
    at: dict[str, set[str]] = {}
    for phase in layout.phases:
        for activity in phase.activities:
            teams = {team for option in activity.options for some in option.teams for team in some}
            at.setdefault(activity.name, set()).update(layout.teams[team].role for team in teams)
    found: dict[str, Reasons] = {}
    for role in sorted({team.role for team in layout.teams}):
        here = [
            what
            for what, where in omissions.items()
            if role in where or any(role in at.get(name, ()) for name in where)
        ]
        said = [*here, *(what + EARLIER for what in omissions if what not in here)]
        fewer = tuple(what for what in said if what.startswith(TAKEN_OFF))
        more = tuple(what for what in said if what.startswith(BROUGHT))
        found[role] = Reasons(fewer, more, tuple(what for what in said if what not in {*fewer, *more}))
    return found
