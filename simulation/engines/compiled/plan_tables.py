"""Tables that all parts of a plan write to: sets, conditions, routings, factors, opening hours, places."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.calendars import OpeningHours
from simulation.engines.compiled.codes import NOT_SURE
from simulation.engines.compiled.tables import CONDITION, EDGE, FACTOR, HOURS, ROW
from simulation.layout import Condition, Factors, Layout, Route

__all__ = ["Tables", "as_table"]


def as_table(rows: Sequence[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Make a structured array of rows, with a row of zeros where there are none: the kernel reads none of it.

    Examples
    --------
    >>> as_table([], EDGE)["target"].tolist()
    [0]
    """
    return np.array([tuple(row) for row in rows], dtype) if rows else np.zeros(1, dtype)


class Tables:
    """What is written once and pointed at from many places; equal things share a position.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> tables = Tables(make_layout(single_queue(), 24.0))
    >>> tables.members({2}, 4), tables.members({2}, 4), tables.written()["flags"].tolist()
    (0, 0, [0, 0, 1, 0])
    """

    def __init__(self, layout: Layout) -> None:
        names = layout.names
        self.layout = layout
        self.sizes = {
            "channels": len(names.channels),
            "groups": len(names.groups),
            "standards": 3,
            "tiers": len(layout.tiers),
            "needs": len(names.needs),
            "teams": len(names.teams),
            "staff": len(names.staff),
        }
        roles = sorted({team.role for team in layout.teams})
        self.roles = {role: number for number, role in enumerate(roles)}
        self._flags: list[int] = []
        self._sets: dict[tuple[frozenset[int], int], int] = {}
        self._conditions: list[tuple[int, ...]] = []
        self._known_conditions: dict[Condition, int] = {}
        self._rows: list[tuple[int, int, int]] = []
        self._edges: list[tuple[float, int]] = []
        self._known_routes: dict[tuple[Route, ...], int] = {}
        self._factors: list[tuple[int, float]] = []
        self._hours: list[OpeningHours] = []
        self._known_hours: dict[int, int] = {}
        self._places: list[int] = []
        self._known_places: dict[tuple[int, ...], int] = {}

    # --- sets ---------------------------------------------------------------------------------------------

    def members(self, numbers: Collection[int], size: int) -> int:
        """Write a set of numbers below a size; return where it stands."""
        key = (frozenset(numbers), size)
        if key not in self._sets:
            self._sets[key] = len(self._flags)
            self._flags += [int(number in key[0]) for number in range(size)]
        return self._sets[key]

    def some(self, numbers: Collection[int], of: str) -> int:
        """Write a set of which an empty one asks nothing; return where it stands, -1 for an empty one."""
        return self.members(numbers, self.sizes[of]) if numbers else -1

    def some_roles(self, names: Collection[str]) -> int:
        """Write a set of roles, an empty one for all; return where it stands, -1 for all."""
        known = [self.roles[name] for name in names if name in self.roles]
        return self.members(known, len(self.roles)) if names else -1

    # --- conditions, routings, factors --------------------------------------------------------------------

    def condition(self, condition: Condition | None) -> int:
        """Write a condition; return where it stands, -1 for none."""
        if condition is None:
            return -1
        if condition not in self._known_conditions:
            self._known_conditions[condition] = len(self._conditions)
            self._conditions.append(self._condition_row(condition))
        return self._known_conditions[condition]

    def _condition_row(self, condition: Condition) -> tuple[int, ...]:
        def asked(answer: bool | None) -> int:
            return -1 if answer is None else int(answer)

        def any_of(numbers: frozenset[int] | None, of: str) -> int:
            return -1 if numbers is None else self.members(numbers, self.sizes[of])

        return (
            self.some(condition.channels, "channels"),
            self.some(condition.groups, "groups"),
            self.some(condition.standards, "standards"),
            self.some(condition.tiers, "tiers"),
            self.some(condition.needs, "needs"),
            any_of(condition.teams, "teams"),
            any_of(condition.staff, "staff"),
            asked(condition.late),
            asked(condition.returned),
            asked(condition.elsewhere),
            asked(condition.hurried),
            condition.marks,
            condition.unmarked,
        )

    def routing(self, routes: tuple[Route, ...]) -> tuple[int, int, int]:
        """Write a routing; return where it stands, its length, and its target if it has but one."""
        if routes not in self._known_routes:
            rows = []
            for condition, cumulative, targets in routes:
                rows.append((self.condition(condition), len(self._edges), len(targets)))
                self._edges += list(zip(cumulative, targets, strict=True))
            self._known_routes[routes] = len(self._rows)
            self._rows += rows
        sure = len(routes) == 1 and len(routes[0].targets) == 1
        return self._known_routes[routes], len(routes), routes[0].targets[0] if sure else NOT_SURE

    def scaling(self, factors: Factors) -> tuple[int, int]:
        """Write factors on a time; return where they stand, and how many."""
        at = len(self._factors)
        self._factors += [(self.condition(condition), factor) for condition, factor in factors]
        return at, len(factors)

    # --- hours and places ---------------------------------------------------------------------------------

    def hours(self, hours: OpeningHours | None) -> int:
        """Write opening hours; return their number, -1 for always."""
        if hours is None:
            return -1
        if id(hours) not in self._known_hours:
            self._known_hours[id(hours)] = len(self._hours)
            self._hours.append(hours)
        return self._known_hours[id(hours)]

    def each_place(self, places: Sequence[int]) -> int:
        """Write a place for each place; return where they stand."""
        key = tuple(places)
        if key not in self._known_places:
            self._known_places[key] = len(self._places)
            self._places += key
        return self._known_places[key]

    # --- as arrays ----------------------------------------------------------------------------------------

    def written(self) -> dict[str, Any]:
        """Return everything that was written, under the names of `Plan`."""
        firsts, first = [], 0
        for hours in self._hours:
            firsts.append((first, len(hours.opens)))
            first += len(hours.opens)
        last = np.zeros(1)
        return {
            "flags": np.array(self._flags or [0], np.uint8),
            "conditions": as_table(self._conditions, CONDITION),
            "rows": as_table(self._rows, ROW),
            "edges": as_table(self._edges, EDGE),
            "factors": as_table(self._factors, FACTOR),
            "places": np.array(self._places or [0], np.int64),
            "opens": np.concatenate([*(each.opens for each in self._hours), last]),
            "closes": np.concatenate([*(each.closes for each in self._hours), last]),
            "before": np.concatenate([*(each.before for each in self._hours), last]),
            "hours": as_table(firsts, HOURS),
        }
