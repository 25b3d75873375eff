"""Which policy: the best one is searched for on one seed and reported from another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from simulation.analysis import Selection, best, compare, incremental, kim_nelson, ocba
from simulation.analysis.against_best import by_scenario, chances
from simulation.analysis.estimates import Floats
from simulation.analysis.selection import FIRST
from simulation.kpis import REGISTRY, Kpi, named
from simulation.runner import Runs
from simulation.scenario import Scenario
from simulation.spec import InputError, Problem
from simulation.streams import fresh, generator
from simulation.study import BASELINE, Design

__all__ = ["NET_BENEFIT", "Goal", "Selected", "Yardstick", "select"]

NET_BENEFIT = "net_benefit"
COST, EFFECT = "cost", "resolved"
MONEY = "yuan"
CONFIRMING = 40
"""Replications of each policy on the fresh seed at most."""
PRICES = 81
"""Amounts of money that a further need may be worth, for which the best is named."""
KNOWN = {kpi.id: kpi for kpi in REGISTRY}


@dataclass(frozen=True)
class Goal:
    """What is sought, and how sure the answer shall be.

    Parameters
    ----------
    kpi
        The KPI by which policies are ranked; the first headline KPI of the study unless named.
    delta
        Difference that does not matter; that of the KPI unless given.
    assurance
        Probability with which the best is found.
    budget
        Replications that the search may take of all policies together; as many as it takes unless given.
    worth
        Yuan that a further resolved need is worth. Then policies are ranked by their net benefit: what they
        resolve at this price, less what they cost (Stinnett and Mullahy 1998).
    harmless
        Whether policies that are shown to be worse than the baseline on another headline KPI are left out;
        those in yuan are not counted among them.
    """

    kpi: str = ""
    delta: float | None = None
    assurance: float = 0.95
    budget: int | None = None
    worth: float | None = None
    harmless: bool = False


@dataclass(frozen=True)
class Yardstick:
    """What policies are ranked by.

    Parameters
    ----------
    id, title, unit, direction
        As of a KPI.
    indifference
        Difference that does not matter.
    """

    id: str
    title: str
    unit: str
    direction: int
    indifference: float


@dataclass(frozen=True)
class Selected:
    """The policy that was selected, and what is known of all.

    Parameters
    ----------
    goal, yardstick
        What was sought.
    best
        The policy selected.
    harmful
        Policies that were left out, each with the KPIs on which it is worse than the baseline.
    search
        How it was found: replications, means and eliminations of those searched, in the order of `policies`.
    policies
        The policies searched.
    table
        A row per policy searched: searched, the replications that the search looked at; out_after and out_by,
        when and by which policy it was eliminated; and from the fresh seed the columns of `analysis.best`.
    costs
        The frame of `simulation.analysis.incremental` of the policies searched, from the fresh seed.
    effects
        The policy selected against the baseline on every headline KPI, from the fresh seed.
    worths
        Columns worth, scenario, probability_best: who has the best net benefit when a further resolved need
        is worth so many yuan, from the fresh seed.
    chosen_mean, fresh_mean
        Mean of the policy selected where it was chosen, and on the fresh seed.
    fresh_seed, fresh_replications
        What it is reported from.
    """

    goal: Goal
    yardstick: Yardstick
    best: str
    harmful: Mapping[str, tuple[str, ...]]
    search: Selection
    policies: tuple[str, ...]
    table: pd.DataFrame
    costs: pd.DataFrame
    effects: pd.DataFrame
    worths: pd.DataFrame
    chosen_mean: float
    fresh_mean: float
    fresh_seed: int
    fresh_replications: int


def select(design: Design, goal: Goal, runs: Runs) -> Selected:
    """Find the best policy of a study on its own seed, and report it from a fresh one.

    Parameters
    ----------
    design
        The study, its policies and its baseline, which is one of those searched.
    goal
        What is sought.
    runs
        Where replications come from.

    Raises
    ------
    InputError
        When the goal cannot be met: no such KPI, no zone, too small a budget; or, once it runs, a KPI that
        has no value in some replication.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", policies=["swift"], run_length=96)
    >>> half = {"id": "half", "kind": "scale_time", "teams": ["doctors"], "factor": 0.5}
    >>> policies = Policy(id="baseline"), Policy(id="swift", levers=[half])
    >>> runs = Runs(study, Store(Path(tempfile.mkdtemp())))
    >>> goal = Goal(kpi="wait_first_contact_mean", delta=0.01)
    >>> found = select(Design(study, single_queue(), policies), goal, runs)
    >>> found.best, found.table["standing"].tolist()
    ('swift', ['not the best', 'best'])
    """
    yardstick, everyone = _yardstick(design, goal), design.scenarios
    _check(goal, yardstick, len(everyone))
    searched, harmful = list(everyone), {}
    if goal.harmless:
        first = runs.ask([(scenario, range(FIRST)) for scenario in searched])
        harmful = _harmful(first, design, yardstick, goal.assurance)
        searched = [scenario for scenario in searched if scenario.id not in harmful]
    sample = partial(_values, runs, searched, yardstick, goal.worth)
    rule = yardstick.indifference, goal.assurance
    search = (
        kim_nelson(sample, len(searched), *rule)
        if goal.budget is None
        else ocba(sample, len(searched), *rule, goal.budget)
    )
    seed = fresh(design.study.seed, "select")
    number = min(CONFIRMING, max(FIRST, search.used[search.best]))
    again = runs.ask([(scenario, range(number)) for scenario in everyone], seed)
    names = tuple(scenario.id for scenario in searched)
    ours = again[again["scenario"].isin(names)]
    table = _table(ours, names, search, yardstick, goal, design.study.seed)
    chosen = names[search.best]
    return Selected(
        goal, yardstick, chosen, harmful, search, names, table,
        incremental(ours, BASELINE, KNOWN[COST], KNOWN[EFFECT], goal.assurance),
        _effects(again, chosen, design, goal.assurance),
        _worths(ours, names, design.study.seed),
        search.means[search.best] * yardstick.direction,
        float(table["mean"].to_numpy()[search.best]), seed, number,
    )  # fmt: skip


def _yardstick(design: Design, goal: Goal) -> Yardstick:
    """Find what is ranked by; refuse what is no KPI, or one of which neither more nor less is better."""
    if goal.worth is not None:
        if goal.kpi:
            message = "with --worth policies are ranked by their net benefit; leave one of the two out"
            raise InputError([Problem("kpi", goal.kpi, message)])
        title = f"Net benefit at {goal.worth:,.0f} yuan for a resolved need"
        zone = KNOWN[COST].indifference if goal.delta is None else goal.delta
        return Yardstick(NET_BENEFIT, title, MONEY, 1, zone)
    name = goal.kpi or design.study.headline[0]
    (kpi,) = named("kpi", [name])
    if not kpi.direction:
        raise InputError([Problem("kpi", name, "neither more nor less of it is better; name another KPI")])
    return Yardstick(
        kpi.id, kpi.title, kpi.unit, kpi.direction, kpi.indifference if goal.delta is None else goal.delta
    )


def _check(goal: Goal, yardstick: Yardstick, policies: int) -> None:
    """Refuse what cannot be searched for, before anything runs."""
    problems = []
    if not yardstick.indifference > 0:
        message = "the smallest difference that matters must be above 0; give one with --delta"
        problems.append(Problem("delta", yardstick.indifference, message))
    if not 1 / max(2, policies) < goal.assurance < 1:
        message = f"give a probability between that of a guess, {1 / max(2, policies):.2g}, and 1"
        problems.append(Problem("assurance", goal.assurance, message))
    if goal.budget is not None and goal.budget < policies * FIRST:
        message = (
            f"{policies} policies begin with {FIRST} replications each; give at least {policies * FIRST}"
        )
        problems.append(Problem("budget", goal.budget, message))
    if goal.worth is not None and not goal.worth >= 0:
        problems.append(Problem("worth", goal.worth, "give an amount of yuan that is not below 0"))
    if problems:
        raise InputError(problems)


def _values(
    runs: Runs,
    searched: Sequence[Scenario],
    yardstick: Yardstick,
    worth: float | None,
    who: Sequence[int],
    when: range,
) -> Floats:
    """Ask for replications of some policies; a column for each, more being better."""
    asked = [(searched[number], when) for number in who]
    wide = _wide(runs.ask(asked), yardstick, worth)
    if len(wide) < len(when):
        absent = next(number for number in when if number not in wide.index)
        message = f"it has no value in replication {absent} of some policy; rank by another KPI"
        raise InputError([Problem("kpi", yardstick.id, message)])
    values: Floats = wide.to_numpy() * yardstick.direction
    return values


def _wide(frame: pd.DataFrame, yardstick: Yardstick, worth: float | None) -> pd.DataFrame:
    """Lay the yardstick out: a row per replication, a column per policy."""
    if worth is None:
        return by_scenario(frame, yardstick)
    return worth * by_scenario(frame, KNOWN[EFFECT]) - by_scenario(frame, KNOWN[COST])


def _harmful(
    frame: pd.DataFrame, design: Design, yardstick: Yardstick, assurance: float
) -> dict[str, tuple[str, ...]]:
    """Name the policies shown to be worse than the baseline on a headline KPI, and the KPIs."""
    others = _others(design, yardstick)
    if not others:
        return {}
    rows = compare(frame, BASELINE, others, assurance)
    rows = rows[rows["verdict"] == "worse"]
    return {str(name): tuple(found["kpi"]) for name, found in rows.groupby("scenario", sort=False)}


def _others(design: Design, yardstick: Yardstick) -> list[Kpi]:
    return [kpi for kpi in design.study.deciding if kpi.id != yardstick.id and kpi.unit != MONEY]


def _table(
    ours: pd.DataFrame,
    names: tuple[str, ...],
    search: Selection,
    yardstick: Yardstick,
    goal: Goal,
    seed: int,
) -> pd.DataFrame:
    """Set the search beside what the fresh seed shows; the baseline first, as in the study."""
    wide = _wide(ours, yardstick, goal.worth)
    rows = wide.reset_index().melt("replication", var_name="scenario", value_name="value")
    rows = rows.assign(kpi=yardstick.id, dimension="all", level="")
    found = best(rows, [yardstick], goal.assurance, partial(generator, seed, "select", "best"))
    by = ["" if number < 0 else names[number] for number in search.by]
    looked = pd.DataFrame({"scenario": names, "searched": search.used, "out_after": search.out, "out_by": by})
    return looked.merge(found.drop(columns="kpi"), on="scenario", validate="one_to_one")


def _effects(again: pd.DataFrame, chosen: str, design: Design, assurance: float) -> pd.DataFrame:
    """Compare the policy selected with the baseline on every headline KPI."""
    pair = again[again["scenario"].isin([BASELINE, chosen])]
    return compare(pair, BASELINE, design.study.deciding, assurance)


def _worths(ours: pd.DataFrame, names: tuple[str, ...], seed: int) -> pd.DataFrame:
    """Name who is likely to have the best net benefit, for a range of what a resolved need may be worth."""
    effect, cost = (by_scenario(ours, KNOWN[kpi]) for kpi in (EFFECT, COST))
    steps = incremental(ours, names[0], KNOWN[COST], KNOWN[EFFECT])["step_per_effect"]
    highest = 1.5 * float(steps.max()) if steps.notna().any() else 0.0
    rows = []
    for worth in np.linspace(0.0, highest, PRICES) if highest > 0 else [0.0]:
        benefit = (worth * effect - cost).to_numpy()
        found = chances(benefit, 0.0, generator(seed, "select", "worth", f"{worth:.6g}"))
        rows += [(float(worth), name, chance) for name, chance in zip(names, found.best, strict=True)]
    return pd.DataFrame(rows, columns=["worth", "scenario", "probability_best"])
