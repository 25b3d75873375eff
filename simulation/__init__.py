"""A service system for veterans, simulated.

The public names below are loaded when they are first used, so that ``import simulation`` costs nothing.

Examples
--------
>>> import simulation
>>> queue = {"kind": "work", "teams": "doctors", "time": {"kind": "exponential", "mean": 1}}
>>> scenario = simulation.read_scenario(
...     {
...         "start": "2026-01-01",
...         "places": {"clinic": {}},
...         "teams": {"doctors": {"place": "clinic", "staff": {"gp": {"count": 10}}}},
...         "pathways": {"visit": {"steps": [{"id": "consult", **queue}]}},
...         "needs": {"illness": {"pathway": "visit", "arrivals": {"rate": 9}}},
...     }
... )
>>> scenario.needs[0].id
'illness'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation.analysis import compare
    from simulation.engines import simulate
    from simulation.kpis import evaluate
    from simulation.records import Records
    from simulation.runner import run_study
    from simulation.scenario import Policy, Scenario, apply, read_scenario
    from simulation.spec import InputError
    from simulation.study import Study

__all__ = [
    "InputError",
    "Policy",
    "Records",
    "Scenario",
    "Study",
    "apply",
    "compare",
    "evaluate",
    "read_scenario",
    "run_study",
    "simulate",
]

_ROOMS = {
    "InputError": "spec",
    "Policy": "scenario",
    "Records": "records",
    "Scenario": "scenario",
    "Study": "study",
    "apply": "scenario",
    "compare": "analysis",
    "evaluate": "kpis",
    "read_scenario": "scenario",
    "run_study": "runner",
    "simulate": "engines",
}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Load a public name from its room."""
        if name not in _ROOMS:
            raise AttributeError(f"module 'simulation' has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"simulation.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    """Name what is public."""
    return sorted([*globals(), *__all__])
