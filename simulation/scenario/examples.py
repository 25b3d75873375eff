"""The smallest scenario, for examples and for comparison with queueing theory."""

from __future__ import annotations

from simulation.scenario.scenario import Scenario

__all__ = ["single_queue"]


def single_queue(rate: float = 9.0, service: float = 1.0, servers: int = 10, pay: float = 0.0) -> Scenario:
    """Return the M/M/c queue as a scenario.

    Parameters
    ----------
    rate
        Arrivals per hour.
    service
        Mean service time, hours.
    servers
        Heads on duty, always.
    pay
        Cost of a head, yuan a year.

    Examples
    --------
    >>> single_queue(servers=3).teams[0].staff[0].count
    3
    """
    return Scenario.model_validate(
        {
            "id": "single_queue",
            "start": "2026-01-01",
            "places": {"clinic": {}},
            "teams": {
                "doctors": {"place": "clinic", "staff": {"doctor": {"count": servers, "annual_cost": pay}}}
            },
            "pathways": {
                "visit": {
                    "steps": [
                        {
                            "id": "consult",
                            "kind": "work",
                            "teams": "doctors",
                            "time": {"kind": "exponential", "mean": service},
                        }
                    ]
                }
            },
            "needs": {"illness": {"pathway": "visit", "arrivals": {"kind": "poisson", "rate": rate}}},
        }
    )
