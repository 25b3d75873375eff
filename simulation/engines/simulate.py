"""One replication of a scenario."""

from __future__ import annotations

from simulation.demand import make_demand
from simulation.engines.reference import simulate_reference
from simulation.layout import make_layout
from simulation.records import Records
from simulation.roster import make_roster
from simulation.scenario import Scenario

__all__ = ["simulate"]


def simulate(scenario: Scenario, horizon: float, seed: int, replication: int) -> Records:
    """Run one replication of a scenario and check that its records account for every case.

    Parameters
    ----------
    scenario
        What is simulated.
    horizon
        Hours from the scenario's start.
    seed, replication
        Key of the random numbers; the same key gives the same records.

    Raises
    ------
    ConservationError
        When the records lose or invent a case.
    InputError
        When the horizon reaches a year whose public holidays have not been announced.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> records = simulate(single_queue(rate=2.0), horizon=100.0, seed=1, replication=0)
    >>> len(records.cases) == len(records.visits)
    True
    """
    layout = make_layout(scenario, horizon)
    demand = make_demand(layout, seed, replication)
    roster = make_roster(layout, seed, replication)
    records = simulate_reference(layout, demand, roster, seed, replication)
    records.check()
    return records
