"""Teams that queueing theory can answer for exactly, and why it cannot for the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation import theory
from simulation.distributions import Exponential, hours_per
from simulation.layout import Layout
from simulation.scenario.arrivals import PoissonArrivals
from simulation.scenario.pathways import Work
from simulation.twin.traffic import Stream, Traffic

__all__ = ["Station", "stations"]

Floats = NDArray[np.float64]
CLOSE = 1e-9


@dataclass(frozen=True)
class Station:
    """What theory says of a team in the long run, or why it does not."""

    law: str
    """Erlang-C, Erlang-A, M/M/c/K, M/G/1; empty where none holds."""
    mean_wait: float
    """Hours; NaN where no law holds."""
    utilisation: float
    fails: tuple[str, ...]
    """Assumptions that do not hold, in words."""


def stations(layout: Layout, traffic: Traffic) -> tuple[Station, ...]:
    """Return what theory says of each team, in the order of the layout.

    Parameters
    ----------
    layout, traffic
        The system, and what it is asked.

    Notes
    -----
    Erlang's delay formula (1917), also in a network of such stations (Jackson 1957); Palm's (1957) where the
    impatient leave; the birth-death queue with a limit; Pollaczek and Khinchine's for one server and times of
    any law.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.twin.traffic import make_traffic
    >>> layout = make_layout(single_queue(rate=4.0, service=1 / 3, servers=2), 48.0)
    >>> station, = stations(layout, make_traffic(layout))
    >>> station.law, round(station.mean_wait, 4)
    ('Erlang-C', 0.2667)
    """
    mine: list[list[Stream]] = [[] for _ in layout.teams]
    sums = np.zeros((3, len(mine)))  # visits, content and its squares of each team, per hour
    for stream in traffic.streams:
        for team in stream.visits.team.tolist():
            mine[team].append(stream)
        parts = (stream.visits.visits, stream.visits.content, stream.visits.squared)
        sums[:, stream.visits.team] += parts
    found = [
        _station(layout, traffic, team, streams, sums[:, team].tolist()) for team, streams in enumerate(mine)
    ]
    strange = {
        stream.need
        for streams, station in zip(mine, found, strict=True)
        for stream in streams
        if station.law != "Erlang-C"
    }
    return tuple(
        _set_aside(station) if station.law and _fed(streams, mine, team, strange) else station
        for team, (station, streams) in enumerate(zip(found, mine, strict=True))
    )


def _set_aside(station: Station) -> Station:
    return Station("", np.nan, station.utilisation, ("cases come from, or by way of, teams of another kind",))


def _fed(streams: list[Stream], mine: list[list[Stream]], team: int, strange: set[int]) -> bool:
    """Tell whether cases of a team also visit another one that is no Erlang-C station."""
    needs = {stream.need for stream in streams} & strange
    return any(stream.need in needs for other, known in enumerate(mine) if other != team for stream in known)


def _station(
    layout: Layout, traffic: Traffic, team: int, streams: list[Stream], sums: list[float]
) -> Station:
    unit = layout.teams[team]
    visits, content, squared = sums
    nothing = Station("", np.nan, 0.0, ("nobody comes",))
    if not visits:
        return nothing
    heads = int(unit.staff[0].capacity[0])
    pace = float(unit.staff[0].pace[0])
    fails = _of_team(layout, team) + _of_arrivals(layout, traffic, streams)
    steps = _steps(layout, streams)
    fails += _of_steps(layout, steps, unit.id)
    mean, second = content / visits / pace, squared / visits / pace**2
    patience = [step.patience for step in steps if step.patience is not None]
    same = abs(second - 2.0 * mean**2) < CLOSE * second
    exponential = same and all(isinstance(step.time, Exponential) for step in steps)
    alone = all(stream.source == streams[0].source for stream in streams) and len(streams) == 1
    if not exponential and not (heads == 1 and alone and not patience and unit.queue_limit == np.inf):
        fails += ("service times are not of one exponential law",)
    load = visits * mean
    if fails:
        return Station("", np.nan, load / heads if heads else np.nan, fails)
    if patience:
        mean_patience = patience[0].time.mean() * hours_per(patience[0].time.unit, 24.0)
        queue: theory.results.Queue = theory.erlang_a(visits, 1.0 / mean, heads, 1.0 / mean_patience)
        return Station("Erlang-A", queue.mean_wait, queue.utilisation, ())
    if unit.queue_limit < np.inf:
        queue = theory.mmck(visits, 1.0 / mean, heads, heads + int(unit.queue_limit))
        return Station("M/M/c/K", queue.mean_wait, queue.utilisation, ())
    if load >= heads:
        return Station("", np.nan, load / heads, ("more is asked than can be done: there is no long run",))
    if not exponential:
        queue = theory.mg1(visits, mean, max(second - mean**2, 0.0))
        return Station("M/G/1", queue.mean_wait, queue.utilisation, ())
    queue = theory.mmc(visits, 1.0 / mean, heads)
    return Station("Erlang-C", queue.mean_wait, queue.utilisation, ())


def _steps(layout: Layout, streams: list[Stream]) -> list[Work]:
    system = layout.phases[0].system
    known = {f"{pathway.id}.{step.id}": step for pathway in system.pathways for step in pathway.steps}
    names = {layout.names.activities[stream.visits.activity] for stream in streams}
    return [step for name in sorted(names) if isinstance(step := known.get(name), Work)]


def _of_team(layout: Layout, team: int) -> tuple[str, ...]:
    unit = layout.teams[team]
    fails = []
    if len(unit.staff) > 1 or unit.staff[0].skills:
        fails.append("staff groups differ")
    if any(len(group.times) > 1 for group in unit.staff):
        fails.append("heads on duty change (opening hours or dates)")
    if any(group.eras for group in unit.staff):
        fails.append("posts may be empty, or heads away")
    if unit.squeeze is not None:
        fails.append("work is hurried under pressure")
    if layout.diaries[team] is not None:
        fails.append("people are seen by appointment")
    return tuple(fails)


def _of_arrivals(layout: Layout, traffic: Traffic, streams: list[Stream]) -> tuple[str, ...]:
    fails = []
    if len(layout.phases) > 1 or layout.triggers:
        fails.append("levers change the system during the run")
    needs = [layout.scenario.needs[traffic.sources[stream.source].need] for stream in streams]
    if any(not isinstance(need.arrivals, PoissonArrivals) for need in needs):
        fails.append("arrivals are not Poisson")
    if any(isinstance(need.arrivals, PoissonArrivals) and need.arrivals.profile for need in needs):
        fails.append("the arrival rate follows a profile")
    if layout.scenario.opening:
        fails.append("cases are open when the run begins")
    return tuple(fails)


def _of_steps(layout: Layout, steps: list[Work], team: str) -> tuple[str, ...]:
    fails = []
    if any(step.join == "all" for step in steps):
        fails.append("several teams serve together")
    if any(len(step.teams) > 1 or step.teams[0].at == "siblings" for step in steps):
        fails.append("work may go to several teams")
    if any(step.balk is not None for step in steps):
        fails.append("long queues are not joined")
    if any(step.booking is not None for step in steps):
        fails.append("people are seen by appointment")
    patience = {step.patience for step in steps}
    if patience != {None}:
        spec = next(iter(patience))
        plain = spec is not None and isinstance(spec.time, Exponential) and spec.clock == "calendar"
        limited = any(unit.id == team and unit.queue_limit < np.inf for unit in layout.teams)
        if len(patience) > 1 or not plain or (spec is not None and spec.time_factors) or limited:
            fails.append("patience is not of one exponential law")
    return tuple(dict.fromkeys(fails))
