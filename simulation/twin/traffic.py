"""The traffic equations: what all cases that arise ask of every team, cases that they set off included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.distributions import hours_per
from simulation.layout import Layout, exit_of
from simulation.records import Exit
from simulation.twin.classes import Classes, Source, pressed, sources
from simulation.twin.system import Omissions, System
from simulation.twin.walking import Flow, State, Visits, Walk

__all__ = ["Ended", "Stream", "Traffic", "exits", "make_traffic"]

Floats = NDArray[np.float64]

NEGLIGIBLE = 1e-6
"""Share of a source below which cases that are set off, and set off others, are not followed."""
MOST_GENERATIONS = 50
MOST_CLASSES = 20_000
"""How many classes are followed together: what is remembered on the way is as wide as they are."""


@dataclass(frozen=True)
class Stream:
    """Visits of one source to an activity, of all teams that take them."""

    source: int
    """Number of the source."""
    need: int
    visits: Visits


@dataclass(frozen=True)
class Ended:
    """Cases of one source that end by one exit."""

    source: int
    need: int
    exit: int
    cases: float
    """For each unit of the source."""
    time: float
    """Time that they took, summed (hours)."""


@dataclass(frozen=True)
class Traffic:
    """All visits and ends that are to be expected, for each unit of their sources."""

    sources: tuple[Source, ...]
    streams: tuple[Stream, ...]
    ended: tuple[Ended, ...]
    omissions: dict[str, tuple[str, ...]]
    """What could not be computed or was taken at its simplest, and where it stands."""


@dataclass(frozen=True)
class _Batch:
    """Cases that begin together."""

    need: int
    marks: int
    classes: Classes
    flow: Flow
    activity: int = -1


def make_traffic(layout: Layout) -> Traffic:
    """Follow all flows through all pathways.

    For each class of cases the expected visits are the solution of the traffic equations (Jackson 1957): what
    comes in, and what each step sends on by its probabilities. Nobody is taken to be lost in a queue.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> traffic = make_traffic(make_layout(single_queue(rate=9.0), 48.0))
    >>> traffic.streams[0].visits.content.tolist()
    [9.0]
    """
    omissions = Omissions()
    _note_language(layout, omissions)
    systems: dict[int, System] = {}
    known = tuple(sources(layout))
    streams: list[Stream] = []
    ended: list[Ended] = []
    for number, source in enumerate(known):
        if source.phase not in systems:
            systems[source.phase] = System(layout, source.phase, omissions)
        system = systems[source.phase]
        for begin in range(0, len(source.flow), MOST_CLASSES):
            batch = _batch(source, slice(begin, begin + MOST_CLASSES))
            for need, walk, ends in _generations(system, batch):
                streams += [Stream(number, need, visits) for visits in walk.found]
                ended += _ends(number, need, ends)
    left_out = {what: tuple(sorted(at)) for what, at in sorted(omissions.found.items())}
    return Traffic(known, tuple(streams), tuple(ended), left_out)


def _batch(source: Source, part: slice) -> _Batch:
    """Return some classes of a source as cases that begin together."""
    flow = source.flow[part]
    classes = Classes(*(column[part] for column in source.classes))
    return _Batch(source.need, 0, classes, Flow(flow, np.zeros(len(flow))), source.activity)


def _generations(system: System, first: _Batch) -> Iterator[tuple[int, Walk, dict[State, Flow]]]:
    """Follow cases, those that they set off, and those that these set off, until hardly any are left."""
    batches, least = [first], NEGLIGIBLE * float(first.flow.cases.sum())
    for _ in range(MOST_GENERATIONS):
        opened: list[_Batch] = []
        for batch in batches:
            walk, ends = _walk(system, batch, opened)
            yield batch.need, walk, ends
            opened += _unmet(system, batch, ends)
        batches = [batch for batch in _together(opened) if batch.flow.cases.sum() > least]


def _walk(system: System, batch: _Batch, opened: list[_Batch]) -> tuple[Walk, dict[State, Flow]]:
    def take(need: int, marks: int, classes: Classes, flow: Flow) -> None:
        opened.append(_Batch(need, marks, classes, flow))

    walk = Walk(system, batch.need, batch.classes, take)
    if batch.activity >= 0:
        return walk, walk.whole({State(batch.activity, batch.marks): batch.flow})
    return walk, walk.from_the_beginning(batch.flow, batch.marks)


def _ends(source: int, need: int, ends: dict[State, Flow]) -> Iterator[Ended]:
    for state, flow in ends.items():
        exit_ = exit_of(state.target)
        yield Ended(source, need, exit_, float(flow.cases.sum()), float(flow.time.sum()))


def _unmet(system: System, batch: _Batch, ends: dict[State, Flow]) -> Iterator[_Batch]:
    """Give the cases that those set off which ended unmet."""
    need = system.layout.names.needs[batch.need]
    if system.phase.overdue[batch.need]:
        system.omissions.note("cases that overdue cases set off", need)
    for rule in system.phase.unmet[batch.need]:
        spec = next(each for each in system.phase.system.needs[batch.need].unmet
                    if each.need == system.layout.names.needs[rule.need])  # fmt: skip
        later = spec.delay.mean() * hours_per(spec.delay.unit, 24.0)
        seen = batch.classes.contact if rule.by_contact else batch.classes.origin
        classes = batch.classes._replace(contact=np.array(rule.place, dtype=np.int64)[seen])
        for state, flow in ends.items():
            if exit_of(state.target) in rule.exits:
                yield _Batch(rule.need, rule.marks, classes, flow.part(rule.probability, later))


def _together(batches: list[_Batch]) -> Iterator[_Batch]:
    """Put batches of the same need with the same marks together."""
    for need, marks in sorted({(batch.need, batch.marks) for batch in batches}):
        mine = [batch for batch in batches if (batch.need, batch.marks) == (need, marks)]
        columns = (np.concatenate(column) for column in zip(*(each.classes for each in mine), strict=True))
        cases = np.concatenate([each.flow.cases for each in mine])
        time = np.concatenate([each.flow.time for each in mine])
        classes, (cases, time) = pressed(Classes(*columns), cases, time)
        yield _Batch(need, marks, classes, Flow(cases, time))


def _note_language(layout: Layout, omissions: Omissions) -> None:
    """Name what of the language flows do not know, wherever a layout uses it."""
    for trigger in layout.triggers:
        omissions.note("levers with a trigger: taken to be off", trigger.lever)
    if len(layout.phases) > 1:
        omissions.note(
            "cases under way at a change of the system: they go on as they began", "dates of levers"
        )
    for phase in layout.phases:
        for need, *laws in zip(layout.names.needs, phase.dropout, phase.resolves, strict=True):
            if max(laws) >= 0:
                omissions.note("given up or met in silence while they wait in a queue", need)
    if layout.contact:
        omissions.note("waits until a channel opens", "channels")
    _note_teams(layout, omissions)


def _note_teams(layout: Layout, omissions: Omissions) -> None:
    for team in layout.teams:
        if team.queue_limit < np.inf:
            omissions.note("cases turned away by full queues", team.role)
        if team.squeeze is not None:
            omissions.note("hurry under pressure: no work is taken to be hurried", team.role)
        if any(unit.skills for unit in team.staff) and len(team.staff) > 1:
            omissions.note("skills: a team is taken as one pool", team.role)
        if any(era.proficiency for unit in team.staff for era in unit.eras):
            omissions.note("proficiency by need", team.role)
        if any(unit.held for unit in team.staff):
            omissions.note("empty posts and absence: at their long-run means", team.role)
        if any(era.overtime for unit in team.staff for era in unit.eras):
            omissions.note("overtime that begins cases", team.role)


def exits(traffic: Traffic) -> dict[str, float]:
    """Return how many cases end by each exit, for each unit of all sources.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> exits(make_traffic(make_layout(single_queue(rate=9.0), 48.0)))
    {'resolved': 9.0}
    """
    found: dict[str, float] = {}
    for each in traffic.ended:
        name = Exit(each.exit).name
        found[name] = found.get(name, 0.0) + each.cases
    return found
