"""Passes over the visits of a replication, case by case: contacts, referrals, departments and flows."""

import numpy as np

from simulation.compiling import compiled
from simulation.kpis._loops.columns import (
    COUNTS,
    FLAGS,
    FLOATS,
    INTS,
    MOMENTS,
    NUMBERS,
    OUTCOMES,
    ROWS,
    Array,
)
from simulation.records import Outcome

__all__ = ["follow_contacts", "follow_departments", "follow_flows", "follow_referrals"]

COMPLETED, WAITING, IN_SERVICE = int(Outcome.completed), int(Outcome.waiting), int(Outcome.in_service)
BEGUN = 5
"""Row of the counts of referrals for those at which service was begun."""
FATE = np.full(len(Outcome), -1)
"""Row of the counts of referrals for the others, by outcome."""
FATE[[Outcome.lost, Outcome.refused, Outcome.ineligible, Outcome.waiting]] = 6, 7, 8, 10
FATE[[Outcome.reneged, Outcome.balked]] = 9


@compiled(
    f"void({ROWS}, {NUMBERS}, {NUMBERS}, {NUMBERS}, {NUMBERS}, {NUMBERS}, {MOMENTS}, {FLAGS}, {FLAGS},"
    f" {FLAGS}, {FLAGS}, {FLAGS}, {INTS}, {FLOATS}, {FLAGS}, {FLAGS}, {COUNTS}, {COUNTS})"
)
def follow_contacts(
    case: Array, visit: Array, lead: Array, activity: Array, team: Array, staff: Array, started: Array,
    counted: Array, near: Array, opens: Array, waits: Array, in_person: Array, last_case: Array,
    first: Array, at_once: Array, again: Array, trips: Array, teams: Array,
) -> None:  # fmt: skip
    """Follow who worked on each case that is counted.

    By activity: `opens` another case, `waits` for contact to be made, may begin a case `in_person`. By case:
    `near` does not come over a remote channel. Filled by case: when a team `first` began to work (comes NaN),
    whether there was nothing but one piece of work, `at_once` (comes true), whether it came back in person
    `again`, contacts in person, and how many `teams` worked on it. `last_case` (comes -1) is by team.
    """
    row, rows = 0, len(case)
    while row < rows:
        number, end, waited = case[row], row, 0
        while end < rows and case[end] == number:
            waited += lead[end] < 0 and waits[activity[end]]
            end += 1
        if counted[number]:
            works, steps, last, ends_in_work = 0, 0, -1, False
            for at in range(row, end):
                worked = staff[at] >= 0 and not np.isnan(started[at])
                if worked and last_case[team[at]] != number:
                    last_case[team[at]] = number
                    teams[number] += 1
                if lead[at] >= 0:
                    continue
                here = in_person[activity[at]]
                again[number] |= here and visit[at] > waited
                if not opens[activity[at]]:
                    steps += 1
                    ends_in_work = worked
                if worked:
                    first[number] = min(started[at], first[number]) if works else started[at]
                    trips[number] += team[at] != last and (near[number] or here)
                    works, last = works + 1, team[at]
            at_once[number] = (ends_in_work and works == 1) or (works == 0 and steps <= 1)
        row = end


@compiled(
    f"void({ROWS}, {NUMBERS}, {NUMBERS}, {NUMBERS}, {MOMENTS}, {OUTCOMES}, {FLAGS}, {FLAGS}, {FLAGS},"
    f" {FLAGS}, {FLAGS}, {COUNTS}, {FLAGS}, float64[:, ::1])"
)
def follow_referrals(
    case: Array, lead: Array, activity: Array, team: Array, started: Array, outcome: Array,
    counted: Array, referral: Array, wrong_desk: Array, meant: Array, outside: Array, cell: Array,
    misled: Array, counts: Array,
) -> None:  # fmt: skip
    """Count the referrals of each case that is counted, and what became of those that were sought.

    By activity: it is a `referral`, to a `wrong_desk`, `meant` for a department whoever does it. By team: it
    stands `outside` the way up. By case: its `cell`. Filled by case: whether it was `misled` to a wrong desk.
    Filled by cell: `counts` (come zero), a row each for: sent, done, unfinished; sought, undecided, begun,
    lost, refused, ineligible, given up, waiting.
    """
    for row in range(len(case)):
        number, what = case[row], activity[row]
        if lead[row] >= 0 or not counted[number]:
            continue
        if wrong_desk[what]:
            misled[number] = True
        if not referral[what]:
            continue
        at = cell[number]
        end = outcome[row]
        counts[0, at] += 1
        counts[2, at] += end in (WAITING, IN_SERVICE)
        if wrong_desk[what]:
            continue
        counts[1, at] += end == COMPLETED
        if not (outside[team[row]] if team[row] >= 0 else meant[what]):
            continue
        counts[3, at] += 1
        counts[4, at] += end == WAITING
        place = BEGUN if not np.isnan(started[row]) else FATE[end]
        if place >= 0:
            counts[place, at] += 1


@compiled(
    f"int64({ROWS}, {NUMBERS}, {NUMBERS}, {NUMBERS}, {NUMBERS}, {MOMENTS}, {MOMENTS}, {OUTCOMES}, {FLAGS},"
    f" {FLAGS}, {FLAGS}, {FLAGS}, {FLAGS}, {INTS}, {FLOATS}, {FLOATS}, {FLAGS}, {FLAGS})"
)
def follow_departments(
    case: Array, branch: Array, lead: Array, activity: Array, team: Array, sent: Array, ended: Array,
    outcome: Array, counted: Array, sought: Array, meant: Array, outside: Array, tail: Array,
    whose: Array, begin: Array, end: Array, done: Array, pending: Array,
) -> int:  # fmt: skip
    """Follow referrals to departments through the delays that come after them in the same branch.

    By activity: `sought` is a referral to no wrong desk, `meant` and `outside` are as above, `tail` is a
    delay without a referral. Filled by referral, as many as are returned: `whose` case, the moments at which
    it was sent and its last part ended, whether all of it was `done`, and whether the last part is `pending`.
    """
    branches = 1
    for row in range(len(case)):
        branches = max(branches, branch[row] + 1)
    case_of, place_of, found = np.full(branches, -1), np.full(branches, -1), 0
    for row in range(len(case)):
        number, way, what = case[row], branch[row], activity[row]
        if lead[row] >= 0 or not counted[number]:
            continue
        if case_of[way] != number or not tail[what]:
            case_of[way] = number
            there = outside[team[row]] if team[row] >= 0 else meant[what]
            place_of[way] = -1
            if sought[what] and there:
                place_of[way] = found
                whose[found], begin[found], done[found] = number, sent[row], True
                found += 1
        place = place_of[way]
        if place >= 0:
            end[place] = ended[row]
            done[place] &= outcome[row] == COMPLETED
            pending[place] = outcome[row] in (WAITING, IN_SERVICE)
    return found


@compiled(
    f"void({ROWS}, {NUMBERS}, {NUMBERS}, {NUMBERS}, {NUMBERS}, {FLAGS}, {FLAGS}, {INTS}, {INTS},"
    " int64[:, ::1])"
)
def follow_flows(
    case: Array,
    branch: Array,
    lead: Array,
    activity: Array,
    team: Array,
    counted: Array,
    referral: Array,
    by_team: Array,
    by_activity: Array,
    cases: Array,
) -> None:
    """Count referrals from the team that had the case before, in its branch or else before the fork.

    `by_team` and `by_activity` are numbers of senders and receivers; `cases` has a row per sender and a
    column per receiver.
    """
    branches = 1
    for row in range(len(case)):
        branches = max(branches, branch[row] + 1)
    case_of, last_team = np.full(branches, -1), np.full(branches, -1)
    for row in range(len(case)):
        number, way, here = case[row], branch[row], team[row]
        if lead[row] >= 0 or not counted[number]:
            continue
        if referral[activity[row]]:
            sender = last_team[way] if case_of[way] == number else -1
            if sender < 0 and case_of[0] == number:
                sender = last_team[0]
            if sender >= 0:
                receiver = by_team[here] if here >= 0 else by_activity[activity[row]]
                cases[by_team[sender], receiver] += 1
        if here >= 0:
            case_of[way], last_team[way] = number, here
