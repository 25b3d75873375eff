"""The best values of some levers: a search that learns as it goes, and a verdict on fresh luck.

The search is Optuna's (Akiba et al. 2019, Optuna, KDD), called directly: tree-structured Parzen estimators
(Bergstra et al. 2011) for one aim, for two with the hypervolume (Ozaki et al. 2022). Its draws are keyed by
the seed of the study, so the same command asks for the same trials: those that are in the store cost nothing,
and a search that was stopped goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from simulation.analysis import interval
from simulation.kpis import Kpi
from simulation.procedures.axes import Axis
from simulation.procedures.sweep import At
from simulation.runner import Runs
from simulation.scenario import Scenario
from simulation.spec import InputError, Problem
from simulation.streams import fresh, generator
from simulation.study import Design

if TYPE_CHECKING:
    import optuna

__all__ = ["Optimum", "OptimumOptions", "optimum"]

REMEDY = 'it needs Optuna: pip install "vetsim[optimise]" (or pip install optuna)'


@dataclass(frozen=True)
class OptimumOptions:
    """What decides the answer.

    Parameters
    ----------
    axes
        What may be chosen.
    policy
        For whom; the baseline is run beside it.
    kpis
        One or two KPIs; of two, the choices that none beats in both are sought.
    trials
        How many choices are tried.
    replications
        Of each, and of the verdict.

    Examples
    --------
    >>> from simulation.kpis import REGISTRY
    >>> OptimumOptions((Axis("heads", "Heads", (1, 2)),), "more", REGISTRY[:1], 20, 5).trials
    20
    """

    axes: tuple[Axis, ...]
    policy: str
    kpis: tuple[Kpi, ...]
    trials: int
    replications: int


@dataclass(frozen=True)
class Optimum:
    """What was found.

    Parameters
    ----------
    options
        What was asked.
    trials
        trial, a column for each axis, and for each KPI its mean and half_width_<KPI>; message where a choice
        could not be set up.
    best
        The choices that no other beats in the search, the best first: the same columns, and for each KPI
        fresh_<KPI> and fresh_half_width_<KPI>, on a seed that the search has not seen.
    baseline
        For each KPI its mean under the baseline on the fresh seed.
    """

    options: OptimumOptions
    trials: pd.DataFrame
    best: pd.DataFrame
    baseline: dict[str, float]


def optimum(design: Design, options: OptimumOptions, at: At, runs: Runs) -> Optimum:
    """Search for the best values, and try the best ones on fresh luck.

    Parameters
    ----------
    design
        The study as configured.
    options
        What may be chosen, for whom, and by which KPIs.
    at
        Gives the design in which something has other values.
    runs
        Gives replications.

    Raises
    ------
    InputError
        When Optuna is not installed, a KPI has no direction, or nothing can be set up.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.kpis import REGISTRY
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=8, engine="reference")
    >>> def at(unknowns, policies, settings):
    ...     policy = Policy(id="baseline"), Policy(id="more")
    ...     return Design(study, single_queue(6.0, servers=settings.get("heads", 1)), policy)
    >>> wait = tuple(kpi for kpi in REGISTRY if kpi.id == "time_to_resolution_mean")
    >>> options = OptimumOptions((Axis("heads", "Heads", (1, 3)),), "more", wait, 4, 2)
    >>> runs = Runs(study, Store(Path(tempfile.mkdtemp())))
    >>> optimum(at({}, (), {}), options, at, runs).best["heads"].tolist()
    [3]
    """
    search = _search(design, options)
    rows = []
    for _ in range(options.trials):
        trial = search.ask()
        settings = {axis.id: _suggested(trial, axis) for axis in options.axes}
        row: dict[str, Any] = {"trial": trial.number, **settings, "message": ""}
        try:
            scenario = _scenario(at, options, settings)
        except InputError as error:
            row["message"] = "; ".join(map(str, error.problems))
            search.tell(trial, state=_optuna().trial.TrialState.FAIL)
        else:
            row |= _measured(runs, scenario, options, None, "")
            search.tell(trial, [row[kpi.id] for kpi in options.kpis])
        rows.append(row)
    trials = pd.DataFrame(rows)
    if (trials["message"] != "").all():
        raise InputError([Problem("optimise", "every choice", str(trials["message"].iloc[0]))])
    names = [axis.id for axis in options.axes]
    chosen = trials[trials["trial"].isin([one.number for one in search.best_trials])]
    chosen = chosen.drop_duplicates(names).sort_values(
        options.kpis[0].id, ascending=options.kpis[0].direction < 0, ignore_index=True
    )
    again = fresh(design.study.seed, "optimum")
    verdicts = [
        _measured(runs, _scenario(at, options, {name: row[name] for name in names}), options, again, "fresh_")
        for row in chosen.to_dict("records")
    ]
    usual = _measured(runs, at({}, ("baseline",), {}).scenarios[0], options, again, "")
    best = pd.concat([chosen.drop(columns="message"), pd.DataFrame(verdicts)], axis=1)
    return Optimum(options, trials, best, {kpi.id: usual[kpi.id] for kpi in options.kpis})


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise InputError([Problem("optimise", "optuna", REMEDY)]) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _search(design: Design, options: OptimumOptions) -> optuna.Study:
    module = _optuna()
    aimless = [kpi for kpi in options.kpis if kpi.direction == 0]
    if aimless:
        message = "neither more nor less of it is better; take another one"
        raise InputError([Problem("--kpi", kpi.id, message) for kpi in aimless])
    seed = int(generator(design.study.seed, "optimum").integers(2**31))
    directions = ["maximize" if kpi.direction > 0 else "minimize" for kpi in options.kpis]
    sampler = module.samplers.TPESampler(seed=seed)
    found: optuna.Study = module.create_study(directions=directions, sampler=sampler)
    return found


def _suggested(trial: optuna.Trial, axis: Axis) -> Any:
    """Let the search choose a value of an axis."""
    if not axis.values:
        if axis.whole:
            return trial.suggest_int(axis.id, int(axis.low), int(axis.high))
        return trial.suggest_float(axis.id, axis.low, axis.high)
    place = trial.suggest_int(axis.id, 0, len(axis.values) - 1)
    return axis.values[place]


def _scenario(at: At, options: OptimumOptions, settings: dict[str, Any]) -> Scenario:
    design = at({}, (options.policy,), settings)
    return next(
        scenario
        for policy, scenario in zip(design.policies, design.scenarios, strict=True)
        if policy.id == options.policy
    )


def _measured(
    runs: Runs, scenario: Scenario, options: OptimumOptions, seed: int | None, prefix: str
) -> dict[str, float]:
    """Run a scenario; give the mean and half-width of each KPI."""
    table = runs.ask([(scenario, range(options.replications))], seed)
    table = table[table["dimension"] == "all"]
    found: dict[str, float] = {}
    for kpi in options.kpis:
        mean, half = interval(table.loc[table["kpi"] == kpi.id, "value"].to_numpy(dtype=np.float64))
        found |= {f"{prefix}{kpi.id}": mean, f"{prefix}half_width_{kpi.id}": half}
    return found
