"""Queues: linked lists through the visits themselves, in the order in which they are served."""

from typing import Any

from simulation.engines.compiled.codes import DEADLINE, IN_QUEUES, LIFO
from simulation.engines.compiled.kernel_code import kernel_code

__all__ = ["enter", "leave", "set_rank"]


@kernel_code
def set_rank(s: Any, v: Any, discipline: Any) -> None:
    """Work out what a team orders a visit by, within its priority."""
    main = s.visits[v]["main"]
    if discipline == DEADLINE:
        s.visits[v]["rank"] = s.live[s.visits[main]["case"]]["due"]
    elif discipline == LIFO:
        s.visits[v]["rank"] = -s.visits[main]["queued"]
    else:
        s.visits[v]["rank"] = s.visits[main]["queued"]


@kernel_code
def _is_before(s: Any, v: Any, other: Any) -> Any:
    """Tell whether a visit comes before another in a queue."""
    mine, its = s.visits[v]["priority"], s.visits[other]["priority"]
    if mine != its:
        return mine < its
    my_rank, its_rank = s.visits[v]["rank"], s.visits[other]["rank"]
    if my_rank != its_rank:
        return my_rank < its_rank
    return s.visits[v]["place"] < s.visits[other]["place"]


@kernel_code
def enter(s: Any, v: Any, head: Any, tail: Any) -> Any:
    """Put a visit into a queue; return its new head and tail.

    Its place is looked for from both ends at the same time, so that what is near either of them costs little.
    """
    s.n[IN_QUEUES] += 1
    from_head, from_tail = head, tail
    while True:
        if from_tail < 0 or not _is_before(s, v, from_tail):
            before = from_tail
            break
        if _is_before(s, v, from_head):
            before = s.visits[from_head]["previous"]
            break
        from_tail = s.visits[from_tail]["previous"]
        from_head = s.visits[from_head]["next"]
    after = head if before < 0 else s.visits[before]["next"]
    s.visits[v]["previous"] = before
    s.visits[v]["next"] = after
    if before < 0:
        head = v
    else:
        s.visits[before]["next"] = v
    if after < 0:
        tail = v
    else:
        s.visits[after]["previous"] = v
    return head, tail


@kernel_code
def leave(s: Any, v: Any, head: Any, tail: Any) -> Any:
    """Take a visit out of a queue; return its new head and tail."""
    s.n[IN_QUEUES] -= 1
    before, after = s.visits[v]["previous"], s.visits[v]["next"]
    if before < 0:
        head = after
    else:
        s.visits[before]["next"] = after
    if after < 0:
        tail = before
    else:
        s.visits[after]["previous"] = before
    return head, tail
