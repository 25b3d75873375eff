"""Cases that other cases open, and the end of a case."""

import math
from typing import Any

import numpy as np

from simulation.engines.compiled.codes import (
    CASES,
    OPEN,
    PHASE_NOW,
    REPEATS_FREE,
    REPEATS_LIVE,
    RESOLVED_ITSELF,
    SILENTLY,
)
from simulation.engines.compiled.deciding import due_after
from simulation.engines.compiled.kernel_code import kernel_code
from simulation.streams import mix, uniforms, variate

__all__ = ["close_case", "open_case"]


@kernel_code
def _forget_repeats(s: Any, case: Any) -> None:
    """Forget where a case has been, once it has ended."""
    at = np.int64(s.live[case]["repeats"])
    while at >= 0:
        following = np.int64(s.repeats[at]["next"])
        s.repeats[at]["next"] = s.n[REPEATS_FREE]
        s.n[REPEATS_FREE] = at
        s.n[REPEATS_LIVE] -= 1
        at = following
    s.live[case]["repeats"] = -1


@kernel_code
def _time_to_silent_end(p: Any, s: Any, need: Any, key: Any) -> Any:
    """Return the time until a case ends silently, infinite when it never does, and the exit."""
    rules = p.needs[s.n[PHASE_NOW], need]
    soonest, silent = math.inf, SILENTLY
    if rules["dropout"] < 0 and rules["resolves"] < 0:
        return soonest, silent
    _, _, u_resolved, u_dropped = uniforms(s.run[0], s.run[1], p.presentation, key, 0, 1)
    if rules["dropout"] >= 0:
        soonest = variate(p.law, rules["dropout"], u_dropped)
    if rules["resolves"] >= 0:
        time = variate(p.law, rules["resolves"], u_resolved)
        if time < soonest:
            soonest, silent = time, RESOLVED_ITSELF
    return soonest, silent


@kernel_code
def open_case(
    p: Any, s: Any, parent: Any, named: Any, visit: Any, need: Any, where: Any, marks: Any, now: Any
) -> Any:
    """Begin a case of another need for the same veteran, presented at a place; return its number."""
    number = s.n[CASES]
    s.n[CASES] = number + 1
    which: Any = np.uint64(visit)
    key = mix(mix(s.cases[parent]["key"], named), which)
    time, silent = _time_to_silent_end(p, s, need, key)
    s.cases[number] = s.cases[parent]
    case, live = s.cases[number], s.live[number]
    case["key"] = key
    case["parent"] = parent
    case["need"] = need
    case["contact"] = where
    case["rounds"] = 0
    case["arrival"] = now
    case["ended"] = math.nan
    case["exit"] = OPEN
    rules = p.needs[s.n[PHASE_NOW], need]
    live["due"] = due_after(p, rules["due_open"], rules["due_after"], rules["due_hours"], now)
    live["dropout"] = now + time
    live["silent"] = silent
    live["marks"] = marks
    live["visits"] = 0
    live["branches"] = 0
    live["team"] = -1
    live["staff"] = -1
    live["repeats"] = -1
    live["held"] = -1
    live["hurried"] = 0
    live["stamp"] = -1
    return number


@kernel_code
def close_case(s: Any, case: Any, now: Any, exit_: Any) -> Any:
    """End a case; return the exit, by which it ended silently if it had."""
    if exit_ == SILENTLY and now >= s.live[case]["dropout"]:
        exit_ = np.int64(s.live[case]["silent"])
    s.cases[case]["ended"] = now
    s.cases[case]["exit"] = exit_
    _forget_repeats(s, case)
    return exit_
