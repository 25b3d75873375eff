"""Rules on pathways: names, ways on, forks, and cases that open others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulation.scenario.checks.base import Findings, names_of
from simulation.scenario.marks import MOST_MARKS
from simulation.scenario.pathways import Assign, Delay, Fork, OpenCase, Pathway, Release, Step, Work
from simulation.scenario.routing import EXITS, JOIN, Routing, When
from simulation.scenario.waiting import POSITIONS

__all__ = ["check_pathways", "trunk_of"]

LANDINGS = ("contact", "above", "origin")


def check_pathways(findings: Findings) -> None:
    """Check every step of every pathway, where it leads, and that it ends.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> findings = Findings(single_queue())
    >>> check_pathways(findings)
    >>> findings.problems
    []
    """
    for pathway in findings.parts.pathways:
        _pathway(findings, pathway)
    _openings(findings)
    if len(findings.marks) > MOST_MARKS:
        hint = f"a scenario may use at most {MOST_MARKS} marks; use fewer"
        findings.say("pathways", len(findings.marks), hint)


def _pathway(findings: Findings, pathway: Pathway) -> None:
    path = f"pathways.{pathway.id}"
    names = [step.id for step in pathway.steps]
    _routes(findings, f"{path}.first", pathway.first_routes(), names)
    for index, step in enumerate(pathway.steps):
        here = f"{path}.steps.{step.id}"
        _routes(findings, f"{here}.next", pathway.routes(index), names)
        findings.known(here, _aside(step), [*names, *EXITS, JOIN], "step or exit")
        findings.working_days(f"{here}.deadline", step.deadline, step.deadline_calendar)
        if step.referral is not None:
            findings.time(f"{here}.referral.delay", step.referral.delay, step.referral.calendar)
        if isinstance(step, Work):
            _work(findings, here, step)
        elif isinstance(step, Assign):
            _waiting(findings, here, step)
        elif isinstance(step, Release):
            findings.known(f"{here}.teams", step.teams, findings.teams, "team")
        elif isinstance(step, Delay):
            findings.time(f"{here}.time", step.time, step.calendar)
        elif isinstance(step, Fork):
            findings.known(f"{here}.branches", step.branches, names, "step in this pathway")
        elif isinstance(step, OpenCase):
            findings.known(f"{here}.need", [step.need], findings.needs, "need")
            findings.known(f"{here}.at", [step.at], [*LANDINGS, *findings.tiers], "position or tier")
        for factor in getattr(step, "time_factors", ()):
            findings.when(f"{here}.time_factors", factor.when)
    _ends(findings, path, pathway)
    _circles(findings, path, pathway)
    _joins(findings, path, pathway)


def _work(findings: Findings, here: str, step: Work) -> None:
    findings.time(f"{here}.time", step.time, None)
    _waiting(findings, here, step)
    if step.booking is not None:
        booked = {option.role for option in step.teams}
        for team in findings.parts.teams:
            if team.id in booked and team.appointments is None:
                hint = "this team has no slots: give it a slot length (teams.*.appointments.slot)"
                findings.say(f"{here}.booking", team.id, hint)
        if step.join not in ("first", "earliest"):
            hint = "a booking is made in a diary: use first (of the first team) or earliest (of all of them)"
            findings.say(f"{here}.join", step.join, hint)
    elif step.join == "earliest":
        findings.say(f"{here}.join", step.join, "there is no booking here whose slots could be compared")


def _waiting(findings: Findings, here: str, step: Work | Assign) -> None:
    if isinstance(step, Assign) or step.booking is not None:
        for option in step.teams:
            if option.only_if_free:
                hint = "nobody is served here at once: leave only_if_free out"
                findings.say(f"{here}.teams.{option.role}.only_if_free", True, hint)
    if step.patience is not None:
        findings.time(f"{here}.patience.time", step.patience.time, None)
        for factor in step.patience.time_factors:
            findings.when(f"{here}.patience.time_factors", factor.when)
    for option in step.teams:
        findings.known(f"{here}.teams", [option.role], findings.teams, "team")
        findings.known(f"{here}.teams", [option.at], [*POSITIONS, *findings.tiers], "position or tier")


def _routes(findings: Findings, path: str, rows: Sequence[Routing], names: list[str]) -> None:
    for row in rows:
        findings.known(path, names_of(row.to), [*names, *EXITS, JOIN], "step or exit")
        findings.when(path, row.when)
        if not row.to:
            findings.say(path, "", "a route needs at least one target")
    for number, row in enumerate(rows[:-1]):
        if row.when == When():
            findings.say(
                f"{path}.{number}", "", "the row holds for every case, so those after it are never used"
            )
    if rows[-1].when != When():
        findings.say(
            path,
            str(rows[-1].to[:1]),
            "the last row of a route must hold for every case: leave out `when`",
        )


def _ends(findings: Findings, path: str, pathway: Pathway) -> None:
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
            findings.say(
                f"{path}.steps.{name}",
                sorted(after),
                "a case that comes here can never end; let a route lead to an exit",
            )


def _circles(findings: Findings, path: str, pathway: Pathway) -> None:
    """Cases that are turned away may not be led in a circle, in which no time would pass."""
    away = {step.id: {target for target in _turned_away(step) if target} for step in pathway.steps}
    for name, targets in away.items():
        reached, todo = set[str](), list(targets)
        while todo:
            target = todo.pop()
            if target not in reached:
                reached.add(target)
                todo.extend(away.get(target, ()))
        if name in reached:
            hint = (
                "cases that are turned away here come back here at once; let them go elsewhere, or to an exit"
            )
            findings.say(f"{path}.steps.{name}", sorted(reached), hint)


def _openings(findings: Findings) -> None:
    """Cases may not open each other surely, at once and for ever."""
    pathways = {pathway.id: pathway for pathway in findings.parts.pathways}
    opens = {
        need.id: _opened_at_once(pathways[need.pathway])
        for need in findings.parts.needs
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
            findings.say(f"needs.{need}.pathway", sorted(reached), hint)


def _joins(findings: Findings, path: str, pathway: Pathway) -> None:
    """Refuse a join without a fork, and branches of a fork that share steps."""
    index_of = {step.id: index for index, step in enumerate(pathway.steps)}
    reached = trunk_of(pathway)
    for name in sorted(reached & set(index_of)):
        rows = pathway.routes(index_of[name])
        aside = _aside(pathway.steps[index_of[name]])
        if JOIN in aside or any(JOIN in names_of(row.to) for row in rows):
            findings.say(f"{path}.steps.{name}.next", JOIN, "there is no fork here whose branch could join")
    for step in pathway.steps:
        if isinstance(step, Fork):
            branch_steps = [_closure(pathway, {name}, index_of) & set(index_of) for name in step.branches]
            for position, names in enumerate(branch_steps):
                shared = sorted(names & set().union(reached, *branch_steps[:position]))
                if shared:
                    findings.say(
                        f"{path}.steps.{step.id}.branches",
                        shared,
                        "each branch of a fork needs steps of its own; route to `join` where the branch ends",
                    )


def _turned_away(step: Step) -> list[str | None]:
    """Name where cases go that are not let in."""
    found = [] if step.referral is None else [step.referral.refused_to, step.referral.ineligible_to]
    if isinstance(step, Work) and step.balk is not None:
        found.append(step.balk.to)
    return found


def _aside(step: Step) -> list[str]:
    """Name where cases go that leave a step before it is done."""
    found = _turned_away(step)
    if isinstance(step, Work | Assign) and step.patience is not None:
        found.append(step.patience.to)
    if isinstance(step, Work) and step.booking is not None:
        found += [step.booking.declined_to, step.booking.to]
    return [target for target in found if target is not None]


def trunk_of(pathway: Pathway) -> set[str]:
    """Return the steps and targets that a case can reach without entering a branch of a fork.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> sorted(trunk_of(single_queue().pathways[0]))
    ['consult', 'resolved']
    """
    index_of = {step.id: index for index, step in enumerate(pathway.steps)}
    begun = {name for row in pathway.first_routes() for name in names_of(row.to)}
    return _closure(pathway, begun, index_of)


def _successors(pathway: Pathway, index: int) -> Iterator[str]:
    step = pathway.steps[index]
    if isinstance(step, Fork):
        yield from step.branches
    yield from _aside(step)
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
                todo.extend(_aside(pathway.steps[index_of[name]]))
                todo.extend(target for row in pathway.routes(index_of[name]) for target in names_of(row.to))
    return reached
