"""What cases set off that are open too long, or end unmet."""

from typing import Any

import numpy as np

from simulation.engines.compiled.agenda import schedule
from simulation.engines.compiled.cases import open_case
from simulation.engines.compiled.codes import (
    AFTER_HOURS,
    AS_NEW_CASE,
    AT_DUE,
    NONE,
    OF_OVERDUE,
    OF_UNMET,
    OPEN,
    PHASE_NOW,
    ZERO,
)
from simulation.engines.compiled.deciding import due_after
from simulation.engines.compiled.kernel_code import kernel_code
from simulation.engines.compiled.writing import begin_next
from simulation.engines.ordering import ESCALATION
from simulation.streams import uniforms, variate

__all__ = ["ended", "overdue", "set_off", "watch"]


@kernel_code
def watch(p: Any, s: Any, case: Any, now: Any) -> None:
    """Look after a case that arises until it is overdue; what was overdue before time 0 is past."""
    need = p.needs[s.n[PHASE_NOW], s.cases[case]["need"]]
    for index in range(need["overdue_n"]):
        rule = p.overdue[need["overdue_at"] + index]
        if case < p.opening:
            moment = p.overdue_at_first[case, need["overdue_at"] + index]
        elif rule["how"] == AT_DUE:
            moment = s.live[case]["due"]
        else:
            how = rule["how"] - AFTER_HOURS
            moment = due_after(p, how, rule["after"], rule["hours"], s.cases[case]["arrival"])
        if now <= moment:
            place = ESCALATION + ((np.int64(case) << 16) | index)
            schedule(p, s, moment, place, OF_OVERDUE, case, index, ZERO)


@kernel_code
def _set_off_by(p: Any, s: Any, case: Any, rule: Any, now: Any) -> None:
    """Open the case that a case sets off."""
    at = s.cases[case]["contact"] if rule["by_contact"] else s.cases[case]["origin"]
    where = p.places[rule["place_at"] + at]
    child = open_case(p, s, case, rule["named"], ZERO, rule["need"], where, rule["marks"], now)
    begin_next(s, AS_NEW_CASE, child, ZERO, NONE, ZERO)


@kernel_code
def overdue(p: Any, s: Any, case: Any, index: Any, now: Any) -> None:
    """Let a case that is still open set another off."""
    rule = p.overdue[p.needs[s.n[PHASE_NOW], s.cases[case]["need"]]["overdue_at"] + index]
    if s.cases[case]["exit"] == OPEN and now < s.live[case]["dropout"]:
        chance = uniforms(s.run[0], s.run[1], rule["named"], s.cases[case]["key"], 0, 0)[0]
        if chance < rule["probability"]:
            _set_off_by(p, s, case, rule, now)


@kernel_code
def ended(p: Any, s: Any, case: Any, exit_: Any, now: Any) -> None:
    """Let a case that has ended set others off, after a time."""
    need = p.needs[s.n[PHASE_NOW], s.cases[case]["need"]]
    for index in range(need["unmet_n"]):
        number = need["unmet_at"] + index
        rule = p.unmet[number]
        if (rule["exits"] >> exit_) & 1:
            chance, u, _, _ = uniforms(s.run[0], s.run[1], rule["named"], s.cases[case]["key"], 0, 0)
            if chance < rule["probability"]:
                moment = now + variate(p.law, rule["delay"], u)
                place = ESCALATION + ((np.int64(case) << 16) | index)
                schedule(p, s, moment, place, OF_UNMET, case, number, ZERO)


@kernel_code
def set_off(p: Any, s: Any, case: Any, number: Any, now: Any) -> None:
    """Open the case that an unmet one sets off, its time having passed."""
    _set_off_by(p, s, case, p.unmet[number], now)
