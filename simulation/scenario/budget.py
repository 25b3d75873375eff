"""What a policy costs in its first year, and how far a given sum carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.scenario.levers import Lever, Policy
    from simulation.scenario.scenario import Scenario

__all__ = ["first_year", "within_budget"]


def first_year(levers: tuple[Lever, ...], scenario: Scenario) -> float:
    """Return what levers cost in their first year, yuan: set-up, running costs and the pay of added staff.

    Parameters
    ----------
    levers
        The levers, in the order in which they are made.
    scenario
        The system before them.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.scenario.levers import ScaleTime
    >>> fast = ScaleTime(id="fast", kind="scale_time", steps=["consult"], factor=0.5, cost_once=900.0)
    >>> first_year((fast,), single_queue())
    900.0
    """
    total, system = 0.0, scenario.model_copy(update={"levers": ()})
    for lever in levers:
        total += lever.strength * (lever.cost_once + lever.running_cost(system))
        system = lever.change(system, lever.strength)
    return total


def within_budget(policy: Policy, scenario: Scenario) -> tuple[Lever, ...]:
    """Return the levers of a policy, all weakened by the same factor until its budget pays for them.

    Costs go with the strength of a lever, so the factor is the budget over the cost in the first year; where
    the budget is larger than that, the levers stay as they are.

    Parameters
    ----------
    policy
        Levers, and perhaps a budget.
    scenario
        The system before them.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.scenario.levers import Policy
    >>> fast = {"id": "fast", "kind": "scale_time", "steps": ["consult"], "factor": 0.5, "cost_once": 900}
    >>> within_budget(Policy(id="cheap", levers=[fast], budget=300), single_queue())[0].strength
    0.3333333333333333
    """
    if policy.budget is None:
        return policy.levers
    cost = first_year(policy.levers, scenario)
    part = min(1.0, policy.budget / cost) if cost > 0 else 1.0
    return tuple(lever.model_copy(update={"strength": lever.strength * part}) for lever in policy.levers)
