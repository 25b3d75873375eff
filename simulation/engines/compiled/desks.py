"""Teams at work: who joins their queue, whom they begin with, and who gives up."""

import math
from typing import Any

import numpy as np

from simulation.engines.compiled.agenda import call, schedule
from simulation.engines.compiled.cases import close_case
from simulation.engines.compiled.codes import (
    AT_DESK,
    IN_SERVICE,
    NONE,
    OF_VISIT,
    RENEGED,
    SILENTLY,
    ZERO,
)
from simulation.engines.compiled.deciding import content
from simulation.engines.compiled.hours import add_hours
from simulation.engines.compiled.kernel_code import hot_code, kernel_code
from simulation.engines.compiled.queues import enter, leave, set_rank
from simulation.engines.compiled.staffing import free_post, pace_of, somebody_free, wake_when_more_come
from simulation.engines.compiled.writing import await_patience, end_visit, new_link, new_slot
from simulation.engines.ordering import COMPLETION, RENEGE

__all__ = ["call_desk", "expire", "give_out_work", "join", "leave_desks", "release", "take_over"]


@hot_code
def call_desk(s: Any, team: Any) -> None:
    """Ask a team to give out work at the end of this instant."""
    if not s.teams[team]["called"]:
        s.teams[team]["called"] = 1
        call(s, team)


@hot_code
def _enter(s: Any, v: Any, team: Any) -> None:
    set_rank(s, v, s.teams[team]["discipline"])
    head, tail = enter(s, v, np.int64(s.teams[team]["head"]), np.int64(s.teams[team]["tail"]))
    s.teams[team]["head"] = head
    s.teams[team]["tail"] = tail
    s.teams[team]["length"] += 1


@hot_code
def _leave(s: Any, v: Any, team: Any) -> None:
    head, tail = leave(s, v, np.int64(s.teams[team]["head"]), np.int64(s.teams[team]["tail"]))
    s.teams[team]["head"] = head
    s.teams[team]["tail"] = tail
    s.teams[team]["length"] -= 1


@kernel_code
def take_over(s: Any, v: Any, count: Any) -> None:
    """Put a visit into the queues of the teams found, whose work it needs together."""
    s.visits[v]["team"] = s.found[0]
    s.visits[v]["mate"] = -1
    last = v
    for at in range(1, count):
        place = new_slot(s)
        s.visits[place]["main"] = v
        s.visits[place]["alive"] = 0
        s.visits[place]["team"] = s.found[at]
        s.visits[place]["priority"] = s.visits[v]["priority"]
        s.visits[place]["place"] = s.visits[v]["place"]
        s.visits[last]["mate"] = place
        last = place
    place = np.int64(v)
    while place >= 0:
        team = np.int64(s.visits[place]["team"])
        _enter(s, place, team)
        call_desk(s, team)
        place = np.int64(s.visits[place]["mate"])


@kernel_code
def join(s: Any, v: Any, count: Any) -> None:
    """Put a newcomer into the queues of the teams found; its patience begins to count."""
    take_over(s, v, count)
    s.visits[v]["stage"] = AT_DESK
    team = np.int64(s.visits[v]["team"])
    s.visits[v]["offered"] = s.teams[team]["rounds"]
    if s.visits[v]["gives_up"] < math.inf and not s.visits[v]["lazy"]:
        s.teams[team]["first_new"] = new_link(s, v, s.visits[v]["serial"], s.teams[team]["first_new"])


@kernel_code
def leave_desks(s: Any, v: Any, but: Any) -> None:
    """Take a visit out of the queues of its teams, except one where that has been done."""
    place = np.int64(v)
    while place >= 0:
        team = np.int64(s.visits[place]["team"])
        if team != but:
            _leave(s, place, team)
        place = np.int64(s.visits[place]["mate"])


@kernel_code
def release(s: Any, v: Any) -> None:
    """Free everybody who served a visit."""
    place = np.int64(v)
    while place >= 0:
        team = np.int64(s.visits[place]["team"])
        s.staff[s.visits[place]["staff"]]["busy"] -= 1
        if s.teams[team]["length"] > 0:
            call_desk(s, team)
        place = np.int64(s.visits[place]["mate"])


@kernel_code
def expire(p: Any, s: Any, v: Any) -> None:
    """Let a case end whose patience ended earlier, while nobody looked."""
    visit = s.visits[v]
    case, moment = visit["case"], visit["gives_up"]
    target = p.activities[visit["entered"]]["patience_to"]
    end_visit(s, v, moment, RENEGED)
    if moment >= s.live[case]["dropout"]:
        close_case(s, case, moment, SILENTLY)
    else:
        close_case(s, case, moment, -1 - np.int64(target))


@kernel_code
def _find_posts(p: Any, s: Any, v: Any, now: Any) -> Any:
    """Find a staff group with a free head at every team that a visit needs, and note it."""
    found, place = True, np.int64(v)
    while place >= 0:
        group = free_post(p, s, s.visits[place]["team"], v, now)
        s.visits[place]["staff"] = group
        found = found and group >= 0
        place = np.int64(s.visits[place]["mate"])
    if not found:
        s.visits[v]["staff"] = -1
    return found


@kernel_code
def _start(p: Any, s: Any, v: Any, dispatcher: Any, now: Any) -> None:
    """Begin the service, or find that the veteran has silently given up the case."""
    visit = s.visits[v]
    if visit["mate"] >= 0:
        leave_desks(s, v, dispatcher)
    case = visit["case"]
    if now >= s.live[case]["dropout"]:
        visit["outcome"] = RENEGED
        visit["staff"] = -1
        schedule(p, s, now, RENEGE + visit["place"], OF_VISIT, v, ZERO, ZERO)
        return
    place, companions = np.int64(v), -1
    while place >= 0:
        s.staff[s.visits[place]["staff"]]["busy"] += 1
        companions += 1
        place = np.int64(s.visits[place]["mate"])
    visit["started"] = now
    visit["outcome"] = IN_SERVICE
    if companions > 0:
        visit["companions"] = companions
        visit["first_companion"] = s.live[case]["visits"]
        s.live[case]["visits"] += companions
    team, group = np.int64(visit["team"]), np.int64(visit["staff"])
    pace = pace_of(s, v, team, group, now)
    duration = content(p, s, v, team, group, now) / pace
    ends = (
        add_hours(p, np.int64(s.staff[group]["hours"]), now, duration) if visit["pauses"] else now + duration
    )
    schedule(p, s, ends, COMPLETION + visit["place"], OF_VISIT, v, ZERO, ZERO)


@kernel_code
def give_out_work(p: Any, s: Any, team: Any, now: Any) -> None:
    """Start every case that somebody free can serve, in the order of the queue."""
    s.teams[team]["called"] = 0
    place = np.int64(s.teams[team]["head"])
    while place >= 0:
        v = np.int64(s.visits[place]["main"])
        following = np.int64(s.visits[place]["next"])
        if (
            s.visits[v]["lazy"]
            and s.visits[v]["gives_up"] <= now
            and s.visits[v]["offered"] != s.teams[team]["rounds"]
        ):
            _leave(s, place, team)
            expire(p, s, v)
            place = following
            continue
        alone = s.visits[v]["mate"] < 0
        if alone:
            group = free_post(p, s, team, v, now)
            found = group >= 0
            if found:
                s.visits[v]["staff"] = group
        else:
            found = _find_posts(p, s, v, now)
        if found:
            _leave(s, place, team)
            _start(p, s, v, team, now)
        elif not ((s.teams[team]["choosy"] or not alone) and somebody_free(s, team)):
            break
        place = following
    await_patience(p, s, s.teams[team]["first_new"], NONE)
    s.teams[team]["first_new"] = -1
    s.teams[team]["rounds"] += 1
    if s.teams[team]["length"] > 0 and s.teams[team]["wakes_at"] <= now:
        wake_when_more_come(p, s, team, now)
