"""Rules that hold between the parts of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from simulation.calendars import Calendar
from simulation.distributions import Distribution
from simulation.scenario.needs import Need, PoissonArrivals, Profile, RenewalArrivals, SeasonalProfile
from simulation.scenario.pathways import Delay, Fork, OpenCase, Pathway, Work
from simulation.scenario.places import Channel, Group, Place
from simulation.scenario.quantities import Duration, Share
from simulation.scenario.routing import EXITS, JOIN, Routing, When
from simulation.scenario.teams import Team
from simulation.spec import Problem, nearest

__all__ = ["Parts", "problems"]

POSITIONS = ("nearest", "contact", "above", "origin")


class Parts(Protocol):
    """What the rules look at: the parts of a scenario."""

    @property
    def calendars(self) -> tuple[Calendar, ...]: ...  # noqa: D102
    @property
    def places(self) -> tuple[Place, ...]: ...  # noqa: D102
    @property
    def groups(self) -> tuple[Group, ...]: ...  # noqa: D102
    @property
    def channels(self) -> tuple[Channel, ...]: ...  # noqa: D102
    @property
    def profiles(self) -> tuple[Profile, ...]: ...  # noqa: D102
    @property
    def teams(self) -> tuple[Team, ...]: ...  # noqa: D102
    @property
    def pathways(self) -> tuple[Pathway, ...]: ...  # noqa: D102
    @property
    def needs(self) -> tuple[Need, ...]: ...  # noqa: D102


def problems(parts: Parts) -> list[Problem]:
    """Return everything that is wrong between the parts of a scenario.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> problems(single_queue())
    []
    """
    return _Checks(parts).run()


class _Checks:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.found: list[Problem] = []
        self.calendars = ["always", *(c.id for c in parts.calendars)]
        self.places = [p.id for p in parts.places]
        self.tiers = sorted({p.tier for p in parts.places})
        self.groups = [g.id for g in parts.groups]
        self.channels = [c.id for c in parts.channels]
        self.teams = [t.id for t in parts.teams]
        self.needs = [n.id for n in parts.needs]

    def run(self) -> list[Problem]:
        for calendar in self.parts.calendars:
            if calendar.id == "always" and calendar.kind != "always":
                self._say("calendars.always", calendar.kind, "always is always open; choose another id")
        self._places()
        self._people()
        self._teams()
        for pathway in self.parts.pathways:
            self._pathway(pathway)
        for need in self.parts.needs:
            self._need(need)
        self._openings()
        return self.found

    def _say(self, path: str, value: object, message: str) -> None:
        self.found.append(Problem(path, value, message))

    def _known(self, path: str, names: Iterable[str], known: Sequence[str], noun: str) -> None:
        for name in names:
            if name not in known:
                self._say(path, name, f"there is no such {noun}; {nearest(name, known)}")

    def _places(self) -> None:
        parents = {place.id: place.parent for place in self.parts.places}
        for place in self.parts.places:
            if place.parent is not None:
                self._known(f"places.{place.id}.parent", [place.parent], self.places, "place")
            seen, above = {place.id}, place.parent
            while above is not None and above not in seen:
                seen.add(above)
                above = parents.get(above)
            if above == place.id:
                self._say(
                    f"places.{place.id}.parent",
                    place.parent,
                    "the place stands above itself; break the cycle",
                )

    def _people(self) -> None:
        total = sum(group.share for group in self.parts.groups)
        if self.parts.groups and abs(total - 1.0) > 1e-9:
            self._say("groups", round(total, 9), "the shares of the groups must sum to 1")
        for group in self.parts.groups:
            self._known(f"groups.{group.id}.channels", _names(group.channels), self.channels, "channel")
        for profile in self.parts.profiles:
            if isinstance(profile, SeasonalProfile) and profile.calendar is not None:
                self._known(f"profiles.{profile.id}.calendar", [profile.calendar], self.calendars, "calendar")

    def _teams(self) -> None:
        for team in self.parts.teams:
            path = f"teams.{team.id}"
            if team.place is not None:
                self._known(f"{path}.place", [team.place], self.places, "place")
            if team.tier is not None:
                self._known(f"{path}.tier", [team.tier], self.tiers, "tier")
            if team.place is None and team.tier is None and len(self.parts.places) > 1:
                self._say(f"{path}.place", None, "give the place or the tier at which the team works")
            for group in team.staff:
                here = f"{path}.staff.{group.id}"
                self._known(f"{here}.calendar", [group.calendar], self.calendars, "calendar")
                self._known(f"{here}.skills", group.skills, self.needs, "need")

    def _pathway(self, pathway: Pathway) -> None:
        path = f"pathways.{pathway.id}"
        names = [step.id for step in pathway.steps]
        self._routes(f"{path}.first", pathway.first_routes(), names)
        for index, step in enumerate(pathway.steps):
            here = f"{path}.steps.{step.id}"
            self._routes(f"{here}.next", pathway.routes(index), names)
            self._working_days(f"{here}.deadline", step.deadline, step.deadline_calendar)
            if step.referral is not None:
                self._time(f"{here}.referral.delay", step.referral.delay, step.referral.calendar)
            if isinstance(step, Work):
                self._work(here, step)
            elif isinstance(step, Delay):
                self._time(f"{here}.time", step.time, step.calendar)
            elif isinstance(step, Fork):
                self._known(f"{here}.branches", step.branches, names, "step in this pathway")
            elif isinstance(step, OpenCase):
                self._known(f"{here}.need", [step.need], self.needs, "need")
            for factor in getattr(step, "time_factors", ()):
                self._when(f"{here}.time_factors", factor.when)
        self._ends(path, pathway)
        self._joins(path, pathway)

    def _work(self, here: str, step: Work) -> None:
        self._time(f"{here}.time", step.time, None)
        if step.patience is not None:
            self._time(f"{here}.patience.time", step.patience.time, None)
        if step.booking is not None:
            booked = {option.role for option in step.teams}
            unbookable = [team.id for team in self.parts.teams if team.id in booked and team.slot is None]
            for role in unbookable:
                self._say(
                    f"{here}.booking", role, "this team has no slots: give it a slot length (teams.*.slot)"
                )
            if step.join == "all":
                self._say(f"{here}.join", "all", "a booking is made with one team; use another way to join")
        for option in step.teams:
            self._known(f"{here}.teams", [option.role], self.teams, "team")
            self._known(f"{here}.teams", [option.at], [*POSITIONS, *self.tiers], "position or tier")

    def _time(self, path: str, time: Distribution | None, calendar: str | None) -> None:
        if time is None:
            return
        if time.minimum() < 0:
            self._say(path, time.minimum(), "a time cannot be negative; truncate the distribution at 0")
        if calendar is not None:
            self._known(path.rsplit(".", 1)[0] + ".calendar", [calendar], self.calendars, "calendar")
        if time.unit == "wd" and calendar in (None, "always"):
            self._say(path, "wd", "working days need a calendar that closes; name one, or use min, h or d")

    def _working_days(self, path: str, deadline: Duration | None, calendar: str) -> None:
        self._known(f"{path}_calendar", [calendar], self.calendars, "calendar")
        if deadline is not None and deadline.unit == "wd" and calendar == "always":
            self._say(path, f"{deadline.amount:g} wd", "working days need a deadline_calendar that closes")

    def _routes(self, path: str, rows: Sequence[Routing], names: list[str]) -> None:
        for row in rows:
            self._known(path, _names(row.to), [*names, *EXITS, JOIN], "step or exit")
            self._when(path, row.when)
            if not row.to:
                self._say(path, "", "a route needs at least one target")
        for number, row in enumerate(rows[:-1]):
            if row.when == When():
                self._say(
                    f"{path}.{number}", "", "the row holds for every case, so those after it are never used"
                )
        if rows[-1].when != When():
            self._say(
                path,
                str(rows[-1].to[:1]),
                "the last row of a route must hold for every case: leave out `when`",
            )

    def _when(self, path: str, when: When) -> None:
        self._known(f"{path}.when.channels", when.channels, self.channels, "channel")
        self._known(f"{path}.when.groups", when.groups, self.groups, "group")
        self._known(f"{path}.when.tiers", when.tiers, self.tiers, "tier")

    def _ends(self, path: str, pathway: Pathway) -> None:
        """Every step must be able to reach an exit or a join (backward reachability)."""
        successors = {step.id: set(_successors(pathway, index)) for index, step in enumerate(pathway.steps)}
        ending = {name for name, after in successors.items() if not after or after - successors.keys()}
        grown = True
        while grown:
            new = {name for name, after in successors.items() if after & ending} - ending
            ending |= new
            grown = bool(new)
        for name, after in successors.items():
            if name not in ending:
                self._say(
                    f"{path}.steps.{name}",
                    sorted(after),
                    "a case that comes here can never end; let a route lead to an exit",
                )

    def _openings(self) -> None:
        """Cases may not open each other surely, at once and for ever."""
        pathways = {pathway.id: pathway for pathway in self.parts.pathways}
        opens = {
            need.id: _opened_at_once(pathways[need.pathway])
            for need in self.parts.needs
            if need.pathway in pathways
        }
        for need, others in opens.items():
            reached, todo = set[str](), list(others)
            while todo:
                name = todo.pop()
                if name not in reached:
                    reached.add(name)
                    todo.extend(opens.get(name, ()))
            if need in reached:
                hint = "its cases open others of the same need at once, without end; let time pass between"
                self._say(f"needs.{need}.pathway", sorted(reached), hint)

    def _joins(self, path: str, pathway: Pathway) -> None:
        """Refuse a join without a fork, and branches of a fork that share steps."""
        index_of = {step.id: index for index, step in enumerate(pathway.steps)}
        trunk = {name for row in pathway.first_routes() for name in _names(row.to)}
        reached = _closure(pathway, trunk, index_of)
        for name in sorted(reached & set(index_of)):
            rows = pathway.routes(index_of[name])
            if any(JOIN in _names(row.to) for row in rows):
                self._say(f"{path}.steps.{name}.next", JOIN, "there is no fork here whose branch could join")
        for step in pathway.steps:
            if isinstance(step, Fork):
                branch_steps = [_closure(pathway, {name}, index_of) & set(index_of) for name in step.branches]
                for position, names in enumerate(branch_steps):
                    shared = sorted(names & set().union(reached, *branch_steps[:position]))
                    if shared:
                        self._say(
                            f"{path}.steps.{step.id}.branches",
                            shared,
                            "each branch of a fork needs steps of its own; "
                            "route to `join` where the branch ends",
                        )

    def _need(self, need: Need) -> None:
        path = f"needs.{need.id}"
        self._known(f"{path}.pathway", [need.pathway], [p.id for p in self.parts.pathways], "pathway")
        self._known(f"{path}.channels", _names(need.channels), self.channels, "channel")
        self._known(f"{path}.first_contact", _names(need.first_contact), self.tiers, "tier")
        self._known(f"{path}.group_rates", _names(need.group_rates), self.groups, "group")
        self._working_days(f"{path}.deadline", need.deadline, need.deadline_calendar)
        if need.returns is not None:
            self._time(f"{path}.returns.delay", need.returns.delay, None)
        if need.arrivals is None:
            return
        self._known(f"{path}.arrivals.at", need.arrivals.at, self.places, "place")
        if isinstance(need.arrivals, PoissonArrivals) and need.arrivals.profile is not None:
            profiles = [profile.id for profile in self.parts.profiles]
            self._known(f"{path}.arrivals.profile", [need.arrivals.profile], profiles, "profile")
        if len(set(need.arrivals.at)) < len(need.arrivals.at):
            self._say(f"{path}.arrivals.at", need.arrivals.at, "each place may stand once")
        if isinstance(need.arrivals, RenewalArrivals):
            self._time(f"{path}.arrivals.gap", need.arrivals.gap, None)
            if need.arrivals.gap.maximum() <= 0:
                self._say(f"{path}.arrivals.gap", 0.0, "a gap must be longer than zero")
        if not need.arrivals.at and len(self.places) > 1 and not any(p.veterans for p in self.parts.places):
            self._say(f"{path}.arrivals.at", (), "no place has veterans: say where the need arises")


def _names(shares: Sequence[Share]) -> list[str]:
    return [share.of for share in shares]


def _successors(pathway: Pathway, index: int) -> Iterator[str]:
    step = pathway.steps[index]
    if isinstance(step, Fork):
        yield from step.branches
    for row in pathway.routes(index):
        yield from (share.of for share in row.to if share.share > 0)


def _opened_at_once(pathway: Pathway) -> set[str]:
    """Needs whose cases are surely opened at the instant at which a case begins."""
    steps = {step.id: index for index, step in enumerate(pathway.steps)}
    opened, seen, rows = set[str](), set[str](), pathway.first_routes()
    while len(rows) == 1 and len(rows[0].to) == 1:
        target = rows[0].to[0].of
        step = pathway.steps[steps[target]] if target in steps and target not in seen else None
        if not isinstance(step, OpenCase) or step.referral is not None:
            break
        opened.add(step.need)
        seen.add(target)
        rows = pathway.routes(steps[target])
    return opened


def _closure(pathway: Pathway, start: set[str], index_of: dict[str, int]) -> set[str]:
    """Names that routes reach from `start`, branches of forks not entered."""
    reached: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            if name in index_of:
                todo.extend(target for row in pathway.routes(index_of[name]) for target in _names(row.to))
    return reached
