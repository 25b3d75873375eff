"""Rules on the opening state."""

from __future__ import annotations

from simulation.scenario.checks.base import Findings
from simulation.scenario.checks.pathways import trunk_of
from simulation.scenario.opening import OpeningCase
from simulation.spec import nearest

__all__ = ["check_opening"]


def check_opening(findings: Findings) -> None:
    """Check what the open cases of the beginning name.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> findings = Findings(single_queue())
    >>> check_opening(findings)
    >>> findings.problems
    []
    """
    pathways = {pathway.id: pathway for pathway in findings.parts.pathways}
    steps = {need.id: pathways.get(need.pathway) for need in findings.parts.needs}
    trunks = {pathway.id: trunk_of(pathway) for pathway in findings.parts.pathways}
    known = {
        "need": frozenset(findings.needs),
        "place": frozenset(findings.places),
        "group": frozenset(findings.groups),
        "channel": frozenset(findings.channels),
    }
    for number, case in enumerate(findings.parts.opening):
        for field, names in known.items():
            name = getattr(case, field)
            if name is not None and name not in names:
                hint = f"there is no such {field}; {nearest(name, sorted(names))}"
                findings.say(f"opening.{number}.{field}", name, hint)
        pathway = steps.get(case.need)
        if pathway is not None:
            _step(findings, number, case, [step.id for step in pathway.steps], trunks[pathway.id])


def _step(findings: Findings, number: int, case: OpeningCase, steps: list[str], trunk: set[str]) -> None:
    path = f"opening.{number}.step"
    if case.step not in steps:
        hint = f"the pathway of {case.need} has no such step; {nearest(case.step, steps)}"
        findings.say(path, case.step, hint)
    elif case.step not in trunk:
        hint = "no way leads here but through a fork; let the case stand at the fork, or at a step outside it"
        findings.say(path, case.step, hint)
