"""One replication of a scenario, by the engine that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulation.spec import InputError, Problem, nearest

if TYPE_CHECKING:
    from simulation.demand import Demand
    from simulation.layout import Layout
    from simulation.records import Records
    from simulation.roster import Roster
    from simulation.scenario import Scenario

__all__ = ["ENGINES", "LACKS", "Replication", "refuse", "replicate", "run_engine", "simulate", "unsupported"]

ENGINES = ("compiled", "reference")
"""Names of the engines, the default first. All give the same records."""


LACKS: dict[str, frozenset[str]] = {engine: frozenset() for engine in ENGINES}
"""What each engine does not have of the language, as `scenario.features` names it; nothing is lacking."""


@dataclass(frozen=True, eq=False)
class Replication:
    """What one replication left behind, with the system that it ran on.

    Build it with `replicate`.
    """

    layout: Layout
    """The scenario written out."""
    roster: Roster
    """Who was there."""
    records: Records
    """What happened."""


def unsupported(scenario: Scenario, engine: str) -> tuple[str, ...]:
    """Name what a scenario uses and an engine does not have; such a scenario is refused before the run.

    Parameters
    ----------
    scenario
        What would be simulated.
    engine
        One of `ENGINES`.

    Raises
    ------
    InputError
        When there is no such engine.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> unsupported(single_queue(), "reference")
    ()
    """
    if engine not in ENGINES:
        raise InputError([Problem("engine", engine, f"there is no such engine; {nearest(engine, ENGINES)}")])
    if not LACKS[engine]:
        return ()
    from simulation.scenario.features import features

    return tuple(sorted(LACKS[engine] & features(scenario)))


def refuse(scenarios: Iterable[Scenario], engine: str) -> None:
    """Raise InputError if an engine does not have something that one of these scenarios uses.

    Parameters
    ----------
    scenarios
        What would be simulated.
    engine
        One of `ENGINES`.

    Raises
    ------
    InputError
        When there is no such engine, or naming all that is missing.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> refuse([single_queue()], "reference")
    """
    missing = dict.fromkeys(name for scenario in scenarios for name in unsupported(scenario, engine))
    if missing:
        message = f"this engine does not have {', '.join(missing)}; use engine=reference"
        raise InputError([Problem("engine", engine, message)])


def replicate(layout: Layout, seed: int, replication: int, engine: str = ENGINES[0]) -> Replication:
    """Run one replication of a layout and check that its records account for every case.

    Parameters
    ----------
    layout
        The scenario written out; one will do for all replications.
    seed, replication
        Key of the random numbers; the same key gives the same records.
    engine
        One of `ENGINES`; the records are the same.

    Raises
    ------
    ConservationError
        When the records lose or invent a case.
    InputError
        When there is no such engine, or it does not have what the scenario uses.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.layout import make_layout
    >>> layout = make_layout(single_queue(rate=2.0), horizon=100.0)
    >>> replicate(layout, seed=1, replication=0).records.check()
    """
    refuse([layout.scenario], engine)

    from simulation.demand import make_demand
    from simulation.roster import make_roster

    roster = make_roster(layout, seed, replication)
    run = _load(engine)
    records = run(layout, make_demand(layout, seed, replication), roster, seed, replication)
    records.check()
    return Replication(layout, roster, records)


def simulate(
    scenario: Scenario, horizon: float, seed: int, replication: int, engine: str = ENGINES[0]
) -> Records:
    """Run one replication of a scenario and check that its records account for every case.

    Parameters
    ----------
    scenario
        What is simulated.
    horizon
        Hours from the scenario's start.
    seed, replication
        Key of the random numbers; the same key gives the same records.
    engine
        One of `ENGINES`; the records are the same.

    Raises
    ------
    ConservationError
        When the records lose or invent a case.
    InputError
        When the horizon reaches a year whose public holidays have not been announced, there is no such
        engine, or it does not have what the scenario uses.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> records = simulate(single_queue(rate=2.0), horizon=100.0, seed=1, replication=0)
    >>> len(records.cases) == len(records.visits)
    True
    """
    from simulation.layout import make_layout

    return replicate(make_layout(scenario, horizon), seed, replication, engine).records


def run_engine(
    layout: Layout, demand: Demand, roster: Roster, seed: int, replication: int, engine: str
) -> Records:
    """Run an engine, which is loaded when it is first used, on what has been prepared for it.

    Parameters
    ----------
    layout, demand, roster
        The scenario written out, and made with the same seed and replication: the cases, and who is there.
    seed, replication
        Key of the random numbers.
    engine
        One of `ENGINES`.

    Examples
    --------
    >>> from simulation.demand import make_demand
    >>> from simulation.layout import make_layout
    >>> from simulation.roster import make_roster
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(rate=2.0), horizon=100.0)
    >>> run_engine(layout, make_demand(layout, 1, 0), make_roster(layout, 1, 0), 1, 0, "reference").check()
    """
    return _load(engine)(layout, demand, roster, seed, replication)


def _load(engine: str) -> Callable[[Layout, Demand, Roster, int, int], Records]:
    """Load an engine. Demand that only its call holds is forgotten as soon as it has been taken in."""
    if engine == "reference":
        from simulation.engines.reference import simulate_reference

        return simulate_reference
    from simulation.engines.compiled import simulate_compiled

    return simulate_compiled
