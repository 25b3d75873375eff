"""What the kernel writes down: visits that begin and end; and the lists that it keeps of them."""

import math
from typing import Any

import numpy as np

from simulation.engines.compiled.agenda import schedule
from simulation.engines.compiled.codes import (
    BEGIN_COUNT,
    BEGIN_FIRST,
    FORKS_FREE,
    FORKS_LIVE,
    FORKS_USED,
    IN_SERVICE,
    LINKS_FREE,
    LINKS_LIVE,
    LINKS_USED,
    NOWHERE,
    OF_PATIENCE,
    REPEATS_FREE,
    REPEATS_LIVE,
    REPEATS_USED,
    ROWS,
    SERIAL,
    VISITS_FREE,
    VISITS_LIVE,
    VISITS_USED,
    WAITING,
)
from simulation.engines.compiled.kernel_code import hot_code, kernel_code
from simulation.engines.ordering import RENEGE

__all__ = [
    "await_patience",
    "begin_next",
    "begin_visit",
    "end_visit",
    "free_fork",
    "free_link",
    "free_slot",
    "new_fork",
    "new_link",
    "new_slot",
    "start_visit",
    "write_row",
]


@hot_code
def new_slot(s: Any) -> Any:
    """Take a free place for a visit."""
    n = s.n
    v = n[VISITS_FREE]
    if v >= 0:
        n[VISITS_FREE] = s.visits[v]["next"]
    else:
        v = n[VISITS_USED]
        n[VISITS_USED] = v + 1
    n[VISITS_LIVE] += 1
    s.visits[v]["main"] = v
    s.visits[v]["mate"] = -1
    s.visits[v]["alive"] = 1
    return v


@hot_code
def free_slot(s: Any, v: Any) -> None:
    """Give the place of a visit free."""
    s.visits[v]["alive"] = 0
    s.visits[v]["next"] = s.n[VISITS_FREE]
    s.n[VISITS_FREE] = v
    s.n[VISITS_LIVE] -= 1


@kernel_code
def _repeat(s: Any, case: Any, like: Any) -> Any:
    """Count a visit of a case to an activity; return how many there were before."""
    at = np.int64(s.live[case]["repeats"])
    while at >= 0:
        if s.repeats[at]["like"] == like:
            s.repeats[at]["count"] += 1
            return np.int64(s.repeats[at]["count"]) - 1
        at = np.int64(s.repeats[at]["next"])
    n = s.n
    at = n[REPEATS_FREE]
    if at >= 0:
        n[REPEATS_FREE] = s.repeats[at]["next"]
    else:
        at = n[REPEATS_USED]
        n[REPEATS_USED] = at + 1
    n[REPEATS_LIVE] += 1
    s.repeats[at]["like"] = like
    s.repeats[at]["count"] = 1
    s.repeats[at]["next"] = s.live[case]["repeats"]
    s.live[case]["repeats"] = at
    return np.int64(0)


@kernel_code
def begin_visit(s: Any, case: Any, branch: Any, fork: Any, activity: Any, like: Any, now: Any) -> Any:
    """Begin a visit of a case, or of a branch of it, to an activity."""
    v = new_slot(s)
    visit = s.visits[v]
    visit["case"] = case
    visit["branch"] = branch
    visit["place"] = (np.int64(case) << 16) | np.int64(branch)
    visit["fork"] = fork
    visit["activity"] = activity
    visit["number"] = s.live[case]["visits"]
    s.live[case]["visits"] += 1
    visit["repeat"] = _repeat(s, case, like)
    visit["sent"] = now
    visit["queued"] = math.nan
    visit["started"] = math.nan
    visit["gives_up"] = math.inf
    visit["stage"] = NOWHERE
    visit["outcome"] = WAITING
    visit["team"] = -1
    visit["staff"] = -1
    visit["work"] = 0.0
    visit["pauses"] = 0
    visit["hurried"] = 0
    visit["lazy"] = 0
    visit["companions"] = 0
    visit["serial"] = s.n[SERIAL]
    s.n[SERIAL] += 1
    return v


@hot_code
def start_visit(s: Any, v: Any, now: Any) -> None:
    """Let a visit start."""
    s.visits[v]["started"] = now
    s.visits[v]["outcome"] = IN_SERVICE


@kernel_code
def write_row(s: Any, v: Any, ended: Any, outcome: Any) -> None:
    """Write down a visit, and those of the other teams that joined the work."""
    visit, at = s.visits[v], s.n[ROWS]
    s.n[ROWS] = at + 1
    row = s.rows[at]
    row["case"] = visit["case"]
    row["visit"] = visit["number"]
    row["branch"] = visit["branch"]
    row["lead"] = -1
    row["activity"] = visit["activity"]
    row["team"] = visit["team"]
    row["staff"] = visit["staff"]
    row["sent"] = visit["sent"]
    row["queued"] = visit["queued"]
    row["started"] = visit["started"]
    row["ended"] = ended
    row["outcome"] = outcome
    mate = np.int64(visit["mate"])
    for companion in range(visit["companions"]):
        s.rows[s.n[ROWS]] = row
        other = s.rows[s.n[ROWS]]
        s.n[ROWS] += 1
        other["visit"] = visit["first_companion"] + companion
        other["lead"] = visit["number"]
        other["team"] = s.visits[mate]["team"]
        other["staff"] = s.visits[mate]["staff"]
        mate = np.int64(s.visits[mate]["mate"])


@kernel_code
def end_visit(s: Any, v: Any, ended: Any, outcome: Any) -> None:
    """Write down how and when a visit ended, and forget it."""
    write_row(s, v, ended, outcome)
    mate = np.int64(s.visits[v]["mate"])
    free_slot(s, v)
    while mate >= 0:
        following = np.int64(s.visits[mate]["mate"])
        free_slot(s, mate)
        mate = following


@kernel_code
def new_fork(s: Any, v: Any, outer: Any, branches: Any) -> Any:
    """Split a case into branches at a visit."""
    n = s.n
    fork = n[FORKS_FREE]
    if fork >= 0:
        n[FORKS_FREE] = s.forks[fork]["visit"]
    else:
        fork = n[FORKS_USED]
        n[FORKS_USED] = fork + 1
    n[FORKS_LIVE] += 1
    s.forks[fork]["visit"] = v
    s.forks[fork]["outer"] = outer
    s.forks[fork]["under_way"] = branches
    s.forks[fork]["failed_branch"] = -1
    return fork


@kernel_code
def free_fork(s: Any, fork: Any) -> None:
    """Forget a fork whose branches have joined."""
    s.forks[fork]["visit"] = s.n[FORKS_FREE]
    s.n[FORKS_FREE] = fork
    s.n[FORKS_LIVE] -= 1


@kernel_code
def new_link(s: Any, number: Any, serial: Any, following: Any) -> Any:
    """Make an item of a list, before another; return it."""
    n = s.n
    link = n[LINKS_FREE]
    if link >= 0:
        n[LINKS_FREE] = s.links[link]["next"]
    else:
        link = n[LINKS_USED]
        n[LINKS_USED] = link + 1
    n[LINKS_LIVE] += 1
    s.links[link]["number"] = number
    s.links[link]["serial"] = serial
    s.links[link]["next"] = following
    return link


@kernel_code
def free_link(s: Any, link: Any) -> Any:
    """Forget an item of a list; return the one after it."""
    following = np.int64(s.links[link]["next"])
    s.links[link]["next"] = s.n[LINKS_FREE]
    s.n[LINKS_FREE] = link
    s.n[LINKS_LIVE] -= 1
    return following


@kernel_code
def await_patience(p: Any, s: Any, first: Any, team: Any) -> None:
    """Let the patience end of every newcomer of a list that still waits; `team` says for which caseload."""
    link = np.int64(first)
    while link >= 0:
        v = np.int64(s.links[link]["number"])
        visit = s.visits[v]
        if visit["alive"] and visit["serial"] == s.links[link]["serial"] and visit["outcome"] == WAITING:
            place = RENEGE + visit["place"]
            schedule(p, s, visit["gives_up"], place, OF_PATIENCE, v, team, visit["serial"])
        link = free_link(s, link)


@kernel_code
def begin_next(s: Any, kind: Any, case: Any, branch: Any, fork: Any, target: Any) -> None:
    """Let a journey begin right after the present event."""
    at = (s.n[BEGIN_FIRST] + s.n[BEGIN_COUNT]) % s.beginnings.size
    s.n[BEGIN_COUNT] += 1
    s.beginnings[at]["kind"] = kind
    s.beginnings[at]["case"] = case
    s.beginnings[at]["branch"] = branch
    s.beginnings[at]["fork"] = fork
    s.beginnings[at]["target"] = target
