"""What was simulated beside what can be computed, and whether there is a long run, in frames and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from simulation.analysis.agreement import agreement, time_in_system
from simulation.analysis.steady import Growth, growth, mser5, welch
from simulation.analysis.wording import label
from simulation.runner import StudyResults
from simulation.runner.twins import Twinned
from simulation.study import Study
from simulation.twin import Twin

__all__ = ["Balance", "balance", "beside"]

DAY = 24.0


@dataclass(frozen=True)
class Balance:
    """How a study's scenarios stand against what they are asked.

    Parameters
    ----------
    table
        The frame of `analysis.agreement.agreement` with the scenario in front: ``twin.csv``.
    sentences
        What it says of each scenario, by id.
    refused
        Scenarios that have no steady state, each with the reason in words; empty where none is asked for.
    path
        scenario, day, mean, smooth: what is open, of the scenarios of a steady-state question.
    """

    table: pd.DataFrame
    sentences: dict[str, tuple[str, ...]]
    refused: dict[str, str]
    path: pd.DataFrame


def balance(study: Study, results: StudyResults, twins: Sequence[Twinned]) -> Balance:
    """Set every scenario of a study beside its twin, and test whether its backlog grows.

    Parameters
    ----------
    study, results
        What was run, and what came of it.
    twins
        What can be computed of each scenario, in their order.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.runner import run_study
    >>> from simulation.runner.twins import compute_twin
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> study, queue = Study(id="quick", run_length=96, replications=2), single_queue()
    >>> results = run_study(study, [queue], Store(Path(tempfile.mkdtemp())))
    >>> balance(study, results, [compute_twin(study, queue)]).table[["scenario", "team"]].values.tolist()
    [['single_queue', 'doctors']]
    """
    tables, paths = [], []
    sentences: dict[str, tuple[str, ...]] = {}
    refused: dict[str, str] = {}
    steady = study.horizon_kind == "steady_state"
    for scenario, twinned in zip(results.scenarios, twins, strict=True):
        found = results.kpis[results.kpis["scenario"] == scenario.id]
        table, said = beside(study, twinned, found)
        table.insert(0, "scenario", scenario.id)
        tables.append(table)
        backlog = results.series["backlog"]
        backlog = backlog[backlog["scenario"] == scenario.id]
        trend = growth(backlog, study.confidence)
        sentences[scenario.id] = (*said, _of_growth(trend, study))
        if steady:
            if why := _refusal(twinned.twin, trend):
                refused[scenario.id] = why
            sentences[scenario.id] += _of_start(backlog, refused.get(scenario.id, ""), study)
            window = max(1, backlog["day"].nunique() // 10)
            paths.append(welch(backlog, window).assign(scenario=scenario.id))
    path = pd.concat(paths, ignore_index=True) if paths else pd.DataFrame()
    return Balance(pd.concat(tables, ignore_index=True), sentences, refused, path)


def beside(study: Study, twinned: Twinned, found: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Set one scenario beside its twin: the table of its teams, and what they say.

    Parameters
    ----------
    study
        When and how long.
    twinned
        What can be computed of the scenario.
    found
        Its KPI values, by replication.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(beside).parameters)
    ['study', 'twinned', 'found']
    """
    twin = twinned.twin
    table = agreement(_by_role(twin), found, twinned.reasons, study.confidence)
    open_days, half = time_in_system(found, study.window.hours / DAY, study.confidence)
    return table, (*_of_teams(twin, table), _of_time(twin, open_days, half), _of_omissions(twin))


def _by_role(twin: Twin) -> pd.DataFrame:
    """Add up the teams of each role."""
    teams = twin.teams.assign(used=twin.teams["utilisation"].fillna(0.0) * twin.teams["duty"])
    sums = teams.groupby("role")[["visits", "work", "capacity", "duty", "used"]].sum().reset_index()
    with np.errstate(divide="ignore", invalid="ignore"):
        sums["intensity"] = np.where(sums["capacity"] > 0, sums["work"] / sums["capacity"], np.nan)
        sums["utilisation"] = np.where(sums["duty"] > 0, sums["used"] / sums["duty"], np.nan)
    return sums.rename(columns={"role": "team"})


def _of_teams(twin: Twin, table: pd.DataFrame) -> tuple[str, ...]:
    asked = table[table["visits_computed"] > 0]
    agree, differ = asked[asked["agrees"]], asked[~asked["agrees"]]
    said = [f"Computed and simulated work agree at {len(agree)} of {len(asked)} kinds of team."]
    said += [_of_difference(row) for row in differ.to_dict("records")]
    ordered = twin.teams.dropna(subset=["intensity"]).sort_values("intensity", ascending=False)
    said += [
        f"The team of which most is asked is {row['team']}: {row['intensity']:.0%} of what it can do."
        for row in ordered.head(1).to_dict("records")
    ]
    laws = twin.teams[twin.teams["law"] != ""]
    if len(laws):
        said += [
            f"{row['team']} is a station of theory ({row['law']}): mean wait {row['mean_wait']:.3g} hours."
            for row in laws.head(5).to_dict("records")
        ]
    else:
        fails = twin.teams["fails"].str.split("; ").explode().value_counts()
        most = ", ".join(f"{what} ({count} teams)" for what, count in list(fails.items())[:3])
        said.append(f"Erlang's formulas hold at no team; most often because: {most}.")
    return tuple(said)


def _of_difference(row: Mapping[Any, Any]) -> str:
    return (
        f"{label(row['team'])}: {row['visits_computed']:,.0f} visits computed, "
        f"{row['visits_simulated']:,.0f} ± {row['visits_half']:,.0f} simulated; busy "
        f"{row['utilisation_computed']:.1%} computed, {row['utilisation_simulated']:.1%} simulated. "
        f"Left out of the computation: {row['reason'] or 'nothing that is known to explain it'}."
    )


def _of_time(twin: Twin, days: float, half: float) -> str:
    spread = f" ± {half:.2g}" if np.isfinite(half) else ""
    return (
        f"By Little's law a presented case is open for {days:.3g}{spread} days; without any queue for "
        f"{twin.time / DAY:.3g}. The rest is waiting, and what the computation leaves out."
    )


def _of_omissions(twin: Twin) -> str:
    if not twin.omissions:
        return "The computation leaves out nothing of this scenario but queues."
    return f"The computation leaves out, or takes at its simplest: {'; '.join(twin.omissions)}."


def _of_growth(trend: Growth, study: Study) -> str:
    if trend.grows is None:
        return "One replication cannot tell whether the backlog grows."
    between = f"{trend.low:+,.0f} to {trend.high:+,.0f}, {study.confidence:.0%} interval"
    if trend.grows:
        return f"The backlog is still growing: by {trend.gained:,.0f} cases over the window ({between})."
    return f"The backlog is not shown to grow over the window: {trend.gained:+,.0f} cases ({between})."


def _refusal(twin: Twin, trend: Growth) -> str:
    """Say why there is no steady state; empty where there may be one."""
    heavy = twin.teams[twin.teams["intensity"] >= 1.0]
    if len(heavy):
        names = ", ".join(heavy["team"].head(3))
        return f"more is asked of {names} than can be done ({heavy['intensity'].max():.0%} of it)"
    return "what is open is still growing when the window ends" if trend.grows else ""


def _of_start(backlog: pd.DataFrame, why: str, study: Study) -> tuple[str, ...]:
    """Say where a start-up ends, or why there is no steady state and how the backlog goes instead."""
    mean = backlog.groupby("day")["open"].mean()
    if why:
        points = np.unique(np.linspace(0, len(mean) - 1, 5).astype(int))
        went = ", ".join(f"{mean.iloc[at]:,.0f} on day {mean.index[at]}" for at in points)
        return (f"There is no steady state: {why}; no long-run means are given. Open cases instead: {went}.",)
    cut = mser5(mean) if len(mean) >= 10 else None
    if cut is None:
        return ("MSER-5 finds no end of the start-up in the first half of the window: run longer.",)
    first = int(mean.index[0])
    beyond = f"beyond the warm-up of {study.warm_up / DAY:g} days"
    return (f"MSER-5 would leave out {cut} days after day {first}, {beyond}.",)
