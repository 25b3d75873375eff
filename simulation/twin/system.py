"""What the flows ask of one phase of the system: mean times, teams that take work, shares of conditions."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendars import OpeningHours
from simulation.distributions import Distribution, hours_per
from simulation.layout import Activity, Condition, Factors, Layout, Route, TeamUnit, asks_of_work
from simulation.scenario.pathways import Assign, Delay, Work
from simulation.scenario.places import Practice
from simulation.twin.capacity import mean_pace
from simulation.twin.classes import Classes

__all__ = ["Deed", "Omissions", "Slot", "System"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
WEEK = 168.0


class Deed(NamedTuple):
    """The team that did the last work in each class; -1 for none."""

    team: Numbers


class Slot(NamedTuple):
    """A part of the visits to an activity, and the team that takes it in each class; -1 for none."""

    share: Floats
    team: Numbers
    also: bool = False
    """Whether the same visits are served by another team too, so that they do not count again."""


class Omissions:
    """Collects what the flows cannot compute, and where it stands."""

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = defaultdict(set)

    def note(self, what: str, where: str) -> None:
        """Remember that something was left out, or taken at its simplest, at a place of the system."""
        self.found[what].add(where)


class System:
    """One phase of a layout, with what is asked of it worked out once."""

    def __init__(self, layout: Layout, phase: int, omissions: Omissions) -> None:
        self.layout = layout
        self.phase = layout.phases[phase]
        self.omissions = omissions
        self.place_of = np.array([team.place for team in layout.teams], dtype=np.int64)
        self.work_factor = np.array(
            [self.phase.practice[team.place].work if self.phase.practice else 1.0 for team in layout.teams]
        )
        local = self.phase.practice or (Practice(),) * len(layout.tree.places)
        self.practice = np.array([[each.loss, each.refusal, each.hand_over] for each in local]).T
        """Factors on losses, refusals and times of hand-overs, by place of first contact."""
        self.standard = np.array(self.phase.standard)
        self.tier = np.array(layout.tier)
        self._laws: dict[str, tuple[Distribution | None, float, Distribution | None, str]] = {}
        for pathway in self.phase.system.pathways:
            for step in pathway.steps:
                calendar = step.calendar if isinstance(step, Delay) else "always"
                hours = self.phase.system.calendar(calendar).day_hours
                law = step.time if isinstance(step, Work | Delay) else None
                transit = step.referral.delay if step.referral is not None else None
                on = step.referral.calendar if step.referral is not None else "always"
                self._laws[f"{pathway.id}.{step.id}"] = (law, hours, transit, on)
                if isinstance(step, Work | Assign) and step.patience is not None:
                    omissions.note("losses of patience", f"{pathway.id}.{step.id}")
        self._stretch: dict[int, float] = {}
        self._tables: dict[int, Numbers] = {}
        self.shares = [self._staff_shares(number) for number in range(len(layout.teams))]
        self.pace = mean_pace(layout)
        """Mean pace of each team on duty."""
        self.closed_wait = np.array([_closed_wait(layout, team) for team in layout.teams])
        """Mean wait (hours) for each team to open, of those who come at any time."""

    # --- times ---------------------------------------------------------------------------------------------

    def moments(self, activity: Activity) -> tuple[float, float]:
        """Return the first two moments of the time of an activity, in hours of its own calendar."""
        law, day_hours, _, _ = self._laws.get(activity.name, (None, 24.0, None, "always"))
        if law is None:
            return 0.0, 0.0
        unit = hours_per(law.unit, day_hours)
        mean = law.mean() * unit
        return mean, law.variance() * unit**2 + mean**2

    def law(self, activity: Activity) -> Distribution | None:
        """Return the distribution of the time of an activity, if it has any."""
        return self._laws.get(activity.name, (None, 24.0, None, "always"))[0]

    def transit(self, activity: Activity) -> float:
        """Return the mean time on the way to an activity, in hours of the clock."""
        _, _, law, calendar = self._laws.get(activity.name, (None, 24.0, None, "always"))
        if law is None:
            return 0.0
        unit = hours_per(law.unit, self.phase.system.calendar(calendar).day_hours)
        return law.mean() * unit * activity.transit_factor * self.stretch(activity.transit_hours)

    def stretch(self, hours: OpeningHours | None) -> float:
        """Return how many hours of the clock pass for one open hour."""
        if hours is None:
            return 1.0
        if id(hours) not in self._stretch:
            open_hours = hours.open_between(0.0, self.layout.horizon)
            self._stretch[id(hours)] = self.layout.horizon / open_hours if open_hours > 0 else 1.0
        return self._stretch[id(hours)]

    def time_away(self, need: int) -> float:
        """Return the mean time for which a case of a need is away before it comes back, hours."""
        rule = self.phase.system.needs[need].returns
        return 0.0 if rule is None else rule.delay.mean() * hours_per(rule.delay.unit, 24.0)

    def hazard(self, need: int) -> tuple[float, float]:
        """Return the rates (per hour) at which open cases are silently given up and resolve themselves."""
        spec = self.phase.system.needs[need]
        chances = (spec.dropout_per_week, spec.resolves_itself_per_week)
        return tuple(-math.log(max(1.0 - chance, 1e-12)) / WEEK for chance in chances)  # type: ignore[return-value]

    # --- conditions ----------------------------------------------------------------------------------------

    def holds(
        self, condition: Condition | None, need: int, classes: Classes, marks: int, returned: bool, deed: Deed
    ) -> Floats:
        """Return the share of each class for which a condition holds."""
        share = np.ones(len(classes.origin))
        if condition is None:
            return share
        asked = (
            (condition.channels, classes.channel), (condition.groups, classes.group),
            (condition.standards, self.standard[classes.contact]),
            (condition.tiers, self.tier[classes.contact]),
        )  # fmt: skip
        for names, values in asked:
            if names:
                share *= np.isin(values, list(names))
        if condition.needs and need not in condition.needs:
            share[:] = 0.0
        if marks & condition.marks != condition.marks or marks & condition.unmarked:
            share[:] = 0.0
        if condition.returned is not None and condition.returned != returned:
            share[:] = 0.0
        if condition.late is not None:
            self.omissions.note("what is asked of late cases: all are taken to be in time", "conditions")
            share *= not condition.late
        return self._holds_of_work(condition, classes, deed, share)

    def _holds_of_work(self, condition: Condition, classes: Classes, deed: Deed, share: Floats) -> Floats:
        """Go on with what a condition asks of the work that was done, or is being done."""
        if condition.hurried is not None:
            self.omissions.note("hurry under pressure: no work is taken to be hurried", "conditions")
            share *= not condition.hurried
        if condition.teams is not None:
            share *= np.isin(deed.team, list(condition.teams))
        if condition.elsewhere is not None:
            away = (deed.team >= 0) & (self.place_of[deed.team] != classes.contact)
            share *= away == condition.elsewhere
        if condition.staff is not None:
            of_team = [
                sum(part for staff, part in parts if staff in condition.staff) for parts in self.shares
            ]
            share *= np.append(of_team, 0.0)[deed.team]
            self.omissions.note("who of a team serves: in proportion to heads on duty", "conditions")
        return share

    def _staff_shares(self, team: int) -> list[tuple[int, float]]:
        """Divide the work of a team among its staff groups by the work that they could do."""
        units = self.layout.teams[team].staff
        hours = [
            float((unit.capacity * unit.pace * np.diff(np.append(unit.times, self.layout.horizon))).sum())
            for unit in units
        ]
        total = sum(hours) or 1.0
        first = self.layout.first_staff[team]
        return [(first + n, part / total) for n, part in enumerate(hours)]

    def factor(
        self, factors: Factors, need: int, classes: Classes, marks: int, returned: bool, deed: Deed
    ) -> Floats:
        """Return the mean factor on a time, class by class."""
        product = np.ones(len(classes.origin))
        for condition, factor in factors:
            product *= 1.0 + (factor - 1.0) * self.holds(condition, need, classes, marks, returned, deed)
        return product

    def ways(
        self, routes: tuple[Route, ...], need: int, classes: Classes, marks: int, returned: bool, deed: Deed
    ) -> dict[int, Floats]:
        """Return the probability of each target of a routing, class by class."""
        left = np.ones(len(classes.origin))
        found: dict[int, Floats] = {}
        for condition, cumulative, targets in routes:
            mine = left * self.holds(condition, need, classes, marks, returned, deed)
            left = left - mine
            before = 0.0
            for edge, target in zip(cumulative, targets, strict=True):
                found[target] = found.get(target, 0.0) + mine * (edge - before)
                before = edge
        return found

    def asks_of_work(self, pathway: str) -> bool:
        """Tell whether anything in a pathway depends on who did the last work."""
        mine = [each for each in self.phase.activities if each.name.split(".")[0] == pathway]
        return any(
            each.re_entry > 0
            or asks_of_work(each.routes)
            or any(condition is not None and condition.asks_of_work for condition, _ in each.factors)
            for each in mine
        )

    # --- teams ---------------------------------------------------------------------------------------------

    def slots(self, activity: Activity, classes: Classes) -> list[Slot]:
        """Divide the visits to an activity among the teams that take them."""
        edges = sorted({0.0, 1.0, *(option.share for option in activity.options)})
        found = []
        for low, high in pairwise(edges):
            candidates = self._candidates(activity, classes, low)
            there = candidates >= 0
            count = there.sum(axis=0)
            if activity.join in ("shortest", "all"):
                several = activity.join == "all"
                if not several and count.max(initial=0) > 1:
                    self.omissions.note("the shortest queue: work is divided equally", activity.name)
                for rank, row in enumerate(candidates):
                    share = there[rank] * (1.0 if several else 1.0 / np.maximum(count, 1))
                    found.append(Slot((high - low) * share, row, several and rank > 0))
                found.append(Slot((high - low) * (count == 0), np.full(len(count), -1)))
                continue
            if activity.join != "first" and count.max(initial=0) > 1:
                self.omissions.note("a choice by who is free: the first team takes all", activity.name)
            rank = np.argmax(there, axis=0)
            team = np.where(count > 0, candidates[rank, np.arange(len(rank))], -1)
            found.append(Slot(np.full(len(team), high - low), team))
        return [slot for slot in found if slot.share.any()]

    def _candidates(self, activity: Activity, classes: Classes, low: float) -> Numbers:
        """List the teams open to visits of a degree of adoption, the preferred first, a column per class."""
        rows: list[Numbers] = []
        for option in activity.options:
            if option.share <= low:
                continue
            if option.only_if_free:
                self.omissions.note("options open only when somebody is free: never used", activity.name)
                continue
            places = classes.contact if option.by_contact else classes.origin
            rows += [row[places] for row in self._table(option.teams)]
        if not rows:
            return np.full((1, len(classes.origin)), -1, np.int64)
        table = np.array(rows)
        return np.take_along_axis(table, np.argsort(table < 0, axis=0, kind="stable"), axis=0)

    def _table(self, by_place: list[tuple[int, ...]]) -> Numbers:
        """Write the teams that an option means at each place into rows, filled up with -1."""
        if id(by_place) not in self._tables:
            table = np.full((max(map(len, by_place), default=0), len(by_place)), -1, np.int64)
            for place, teams in enumerate(by_place):
                table[: len(teams), place] = teams
            self._tables[id(by_place)] = table
        return self._tables[id(by_place)]


def _closed_wait(layout: Layout, team: TeamUnit) -> float:
    """Return the mean time until a team has somebody on duty, from any moment of the run on (hours)."""
    times = np.unique(np.concatenate([unit.times for unit in team.staff]))
    heads = sum(unit.capacity[np.searchsorted(unit.times, times, side="right") - 1] for unit in team.staff)
    opening = times[np.asarray(heads) > 0]
    if not len(opening):
        return 0.0
    ends = np.append(times[1:], layout.horizon)
    following = np.searchsorted(opening, times, side="left")
    next_ = np.where(following < len(opening), opening[np.minimum(following, len(opening) - 1)], np.inf)
    shut = (np.asarray(heads) == 0) & np.isfinite(next_)
    begin, end, reopens = times[shut], ends[shut], next_[shut]
    waits = ((reopens - begin) ** 2 - (reopens - end) ** 2) / 2.0
    return float(waits.sum() / layout.horizon)
