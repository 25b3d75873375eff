"""What will happen: a heap of what is near, buckets of what is further away, and who is called upon.

Events are ordered by (time, place, order of their making), as in `engines.ordering`. Only those of the
present bucket of time are kept in order; when they have happened those of the next bucket are. With few
events ahead there is one bucket, and the heap is all there is.
"""

import math
from typing import Any

import numpy as np

from simulation.engines.compiled.codes import (
    BUCKET,
    CALLED,
    EVENTS_FREE,
    EVENTS_LIVE,
    EVENTS_USED,
    HEAP,
    SEQUENCE,
)
from simulation.engines.compiled.kernel_code import hot_code, kernel_code

__all__ = ["call", "next_called", "next_time", "schedule", "take_next"]


@hot_code
def _is_before(s: Any, time: Any, place: Any, event: Any, node: Any) -> Any:
    """Tell whether an event happens before the one at a node of the heap."""
    other = s.heap[node]["time"]
    if time != other:
        return time < other
    other_place = s.heap[node]["place"]
    if place != other_place:
        return place < other_place
    return s.events[event]["sequence"] < s.events[s.heap[node]["event"]]["sequence"]


@kernel_code
def _push(s: Any, time: Any, place: Any, event: Any) -> None:
    node = s.n[HEAP]
    s.n[HEAP] = node + 1
    while node > 0:
        above = (node - 1) >> 1
        if not _is_before(s, time, place, event, above):
            break
        s.heap[node] = s.heap[above]
        node = above
    s.heap[node]["time"] = time
    s.heap[node]["place"] = place
    s.heap[node]["event"] = event


@kernel_code
def _pop(s: Any) -> Any:
    """Take the first event off the heap."""
    first = s.heap[0]["event"]
    last = s.n[HEAP] - 1
    s.n[HEAP] = last
    time, place, event = s.heap[last]["time"], s.heap[last]["place"], s.heap[last]["event"]
    node = 0
    while True:
        below = 2 * node + 1
        if below >= last:
            break
        if below + 1 < last and _is_before(
            s, s.heap[below + 1]["time"], s.heap[below + 1]["place"], s.heap[below + 1]["event"], below
        ):
            below += 1
        if _is_before(s, time, place, event, below):
            break
        s.heap[node] = s.heap[below]
        node = below
    s.heap[node]["time"] = time
    s.heap[node]["place"] = place
    s.heap[node]["event"] = event
    return first


@kernel_code
def schedule(p: Any, s: Any, time: Any, place: Any, kind: Any, a: Any, b: Any, serial: Any) -> None:
    """Let something happen at a moment, if that is before the horizon."""
    if not time < p.horizon:
        return
    n = s.n
    event = n[EVENTS_FREE]
    if event >= 0:
        n[EVENTS_FREE] = s.events[event]["next"]
    else:
        event = n[EVENTS_USED]
        n[EVENTS_USED] = event + 1
    n[EVENTS_LIVE] += 1
    s.events[event]["sequence"] = n[SEQUENCE]
    n[SEQUENCE] += 1
    s.events[event]["kind"] = kind
    s.events[event]["a"] = a
    s.events[event]["b"] = b
    s.events[event]["serial"] = serial
    bucket = min(np.int64(time * s.clock[1]), s.buckets.size - 1)
    if bucket <= n[BUCKET]:
        _push(s, time, place, event)
    else:
        s.events[event]["time"] = time
        s.events[event]["place"] = place
        s.events[event]["next"] = s.buckets[bucket]
        s.buckets[bucket] = event


@kernel_code
def _open_next_bucket(s: Any) -> None:
    """Put the events of the next bucket that has any into the heap, which is empty."""
    n = s.n
    bucket, last = n[BUCKET], s.buckets.size - 1
    while n[HEAP] == 0 and bucket < last:
        bucket += 1
        event = np.int64(s.buckets[bucket])
        s.buckets[bucket] = -1
        while event >= 0:
            following = np.int64(s.events[event]["next"])
            _push(s, s.events[event]["time"], s.events[event]["place"], event)
            event = following
    n[BUCKET] = bucket


@hot_code
def next_time(s: Any) -> Any:
    """Return when the next event happens; infinite when there is none."""
    if s.n[HEAP] == 0:
        if s.n[EVENTS_LIVE] == 0:
            return math.inf
        _open_next_bucket(s)
    return s.heap[0]["time"]


@hot_code
def take_next(s: Any) -> Any:
    """Take the next event; its content stands there until another is scheduled."""
    event = _pop(s)
    n = s.n
    s.events[event]["next"] = n[EVENTS_FREE]
    n[EVENTS_FREE] = event
    n[EVENTS_LIVE] -= 1
    return event


@kernel_code
def call(s: Any, number: Any) -> None:
    """Let a number act at the end of this instant, the smaller first; it must not have been called yet."""
    called = s.called
    node = s.n[CALLED]
    s.n[CALLED] = node + 1
    while node > 0:
        above = (node - 1) >> 1
        if called[above] < number:
            break
        called[node] = called[above]
        node = above
    called[node] = number


@kernel_code
def next_called(s: Any) -> Any:
    """Take the smallest number that was called."""
    called = s.called
    first = called[0]
    last = s.n[CALLED] - 1
    s.n[CALLED] = last
    number = called[last]
    node = 0
    while True:
        below = 2 * node + 1
        if below >= last:
            break
        if below + 1 < last and called[below + 1] < called[below]:
            below += 1
        if number < called[below]:
            break
        called[node] = called[below]
        node = below
    called[node] = number
    return first
