"""Numbers that the array compiler writes and the kernel reads: kinds, stages and registers.

Those that are handed from function to function have a type of their own: plain numbers in the source would
make the compiler write each function once for every one of them.
"""

import numpy as np

from simulation.layout import JOIN_TARGET, exit_target
from simulation.records import Exit, Outcome

# --- what the language calls by a word --------------------------------------------------------------------
WORK, DELAY, FORK, OPEN_CASE, ASSIGN, RELEASE = range(6)
STEPS = {
    "work": WORK,
    "delay": DELAY,
    "fork": FORK,
    "open_case": OPEN_CASE,
    "assign": ASSIGN,
    "release": RELEASE,
}
JOIN_FIRST, JOIN_AVAILABLE, JOIN_SHORTEST, JOIN_EARLIEST, JOIN_ALL = range(5)
JOINS = {
    "first": JOIN_FIRST,
    "available": JOIN_AVAILABLE,
    "shortest": JOIN_SHORTEST,
    "earliest": JOIN_EARLIEST,
    "all": JOIN_ALL,
}
FIFO, LIFO, DEADLINE = range(3)
DISCIPLINES = {"fifo": FIFO, "lifo": LIFO, "deadline": DEADLINE}
OBSERVE_WAITING, OBSERVE_OPEN_CASES, OBSERVE_AGE_P90 = range(3)
OBSERVED = {"waiting": OBSERVE_WAITING, "open_cases": OBSERVE_OPEN_CASES, "age_p90": OBSERVE_AGE_P90}
AT_DUE, AFTER_HOURS, AFTER_OPEN_HOURS = range(3)
"""When a case is overdue: at its deadline, after so many hours, after so many open hours."""

# --- targets ----------------------------------------------------------------------------------------------
NOT_SURE = -1000
"""In place of a target or team: it depends on the case."""
NOBODY = -1
"""In place of a team: nobody does the work."""
JOINED = JOIN_TARGET
RESOLVED, LOST, DROPPED_OUT = (
    np.int64(exit_target(each)) for each in (Exit.resolved, Exit.lost, Exit.dropped_out)
)
SILENTLY, RESOLVED_ITSELF, OPEN = (
    np.int64(each) for each in (Exit.dropped_out, Exit.resolved_itself, Exit.open)
)

COMPLETED, RENEGED, BALKED, LOST_VISIT, REFUSED, WAITING, IN_SERVICE, INELIGIBLE = (
    np.int64(each)
    for each in (
        Outcome.completed,
        Outcome.reneged,
        Outcome.balked,
        Outcome.lost,
        Outcome.refused,
        Outcome.waiting,
        Outcome.in_service,
        Outcome.ineligible,
    )
)

# --- what a visit waits for -------------------------------------------------------------------------------
NOWHERE, ON_THE_WAY, BOOKED, AT_DESK, RESTING, SPLIT, FOR_A_PLACE, FOR_CONTACT, AWAY = range(9)

# --- events -----------------------------------------------------------------------------------------------
OF_VISIT, OF_PATIENCE, OF_DESK, OF_CASELOAD, OF_OVERDUE, OF_UNMET = map(np.int64, range(6))

# --- how a journey begins right after an event ------------------------------------------------------------
AS_BRANCH, AS_CHILD, AS_NEW_CASE = map(np.int64, range(3))

NONE, ZERO, ONE = map(np.int64, (-1, 0, 1))

# --- in place of a target ---------------------------------------------------------------------------------
WAITS, COMES, AFRESH, FAILED = map(np.int64, (-2000, -2001, -2002, -2003))
"""The journey waits; it goes on at the activity where it is; it begins at first contact; it cannot go on."""

# --- why the kernel comes back ----------------------------------------------------------------------------
FINISHED, MORE_VISITS, MORE_ROWS, MORE_EVENTS, MORE_CASES, MORE_REPEATS, MORE_FORKS, MORE_LINKS = range(8)
MORE_BEGINNINGS, MORE_SWITCHES, NO_BOOKING, NO_DIARY, NO_ROUTE = range(8, 13)

# --- registers: whole numbers of a run --------------------------------------------------------------------
(
    CASES,
    VISITS_LIVE,
    VISITS_USED,
    VISITS_FREE,
    ROWS,
    EVENTS_LIVE,
    EVENTS_USED,
    EVENTS_FREE,
    HEAP,
    BUCKET,
    SEQUENCE,
    SERIAL,
    REPEATS_LIVE,
    REPEATS_USED,
    REPEATS_FREE,
    FORKS_LIVE,
    FORKS_USED,
    FORKS_FREE,
    LINKS_LIVE,
    LINKS_USED,
    LINKS_FREE,
    BEGIN_FIRST,
    BEGIN_COUNT,
    CALLED,
    IN_QUEUES,
    NEXT_ARRIVAL,
    NEXT_DATE,
    STRETCH,
    PHASE_NOW,
    SWITCH_ROWS,
    CASE_NOW,
    BRANCH_NOW,
    FORK_NOW,
    TARGET_NOW,
    STAMP,
    FOUND,
    CODE,
    REGISTERS,
) = range(38)
