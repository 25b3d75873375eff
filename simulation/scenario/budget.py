"""What a policy costs in its first year, and how far a given sum carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.scenario.levers import Lever, Policy
    from simulation.scenario.scenario import Scenario

__all__ = ["first_year", "within_budget"]


def first_year(levers: tuple[Lever, ...], scenario: Scenario) -> list[float]:
    """Return what each lever costs in its first year, yuan: set-up, running costs and the pay of added staff.

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
    [900.0]
    """
    costs, system = [], scenario.model_copy(update={"levers": ()})
    for lever in levers:
        costs.append(lever.strength * (lever.cost_once + lever.running_cost(system)))
        system = lever.change(system, lever.strength)
    return costs


def within_budget(policy: Policy, scenario: Scenario) -> tuple[Lever, ...]:
    """Return the levers of a policy, weakened by one factor until its budget pays for them.

    Costs go with the strength of a lever, so the factor is the budget over the cost in the first year; where
    the budget is larger than that, the levers stay as they are. Levers that are carried out wholly or not at
    all are paid first, or left out when the budget does not pay for all of these.

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
    costs = first_year(policy.levers, scenario)
    fixed = sum(cost for lever, cost in zip(policy.levers, costs, strict=True) if lever.whole)
    paid = fixed <= policy.budget
    left, rest = policy.budget - (fixed if paid else 0.0), sum(costs) - fixed
    part = min(1.0, left / rest) if rest > 0 else 1.0
    parts = (float(paid) if lever.whole else part for lever in policy.levers)
    return tuple(
        lever.model_copy(update={"strength": lever.strength * part})
        for lever, part in zip(policy.levers, parts, strict=True)
    )
