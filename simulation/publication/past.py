"""What was tried and asked before: the context in which results are to be read."""

from __future__ import annotations

from typing import Any, NamedTuple

from simulation.scenario import digest
from simulation.study import Design

__all__ = ["Past", "tried_now"]


class Past(NamedTuple):
    """What a study has seen so far."""

    tried: tuple[dict[str, Any], ...] = ()
    """Every scenario ever tried in it, the entries of its `simulation.store.Ledger`."""
    answers: tuple[dict[str, Any], ...] = ()
    """Answers to questions asked under the same terms, of these scenarios or some of them."""


def tried_now(design: Design, command: str) -> list[dict[str, Any]]:
    """Return what the ledger notes of a design: each of its scenarios, and the command that tries it.

    Parameters
    ----------
    design
        What is run.
    command
        What runs it, with its settings.

    Examples
    --------
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.study import Study
    >>> design = Design(Study(id="quick", run_length=24), single_queue(), (Policy(id="baseline"),))
    >>> [entry["scenario"] for entry in tried_now(design, "vetsim compare")]
    ['baseline']
    """
    titles = {policy.id: policy.title for policy in design.policies}
    return [
        {"scenario": one.id, "title": titles[one.id], "digest": digest(one), "command": command}
        for one in design.scenarios
    ]
