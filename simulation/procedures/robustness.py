"""When does the answer change? Policies in many futures, each another set of values for what nobody knows.

Policies and uncertainties are two axes, crossed (Lempert, Popper and Bankes 2003, Shaping the Next One
Hundred Years). First each unknown alone is put to both ends of its range (a tornado); those on which the
policies hang most then vary together. Every policy meets the same luck in every future (common seed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from simulation.analysis.futures import Parts, share, standing, variance_parts, winners
from simulation.analysis.prim import Box, prim
from simulation.analysis.sensitivity import METHODS, indices, library, points
from simulation.assumptions import Unknown
from simulation.kpis import Kpi
from simulation.procedures.futures import Drawn, Ends, Imagine, Outcomes, bearing, matching, outcomes
from simulation.procedures.targets import Target
from simulation.procedures.tornado import tornado
from simulation.runner import Runs
from simulation.spec import InputError, Problem, nearest
from simulation.streams import generator
from simulation.study import BASELINE, Design

__all__ = ["Options", "Robustness", "robustness"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Options:
    """What decides the answer.

    Parameters
    ----------
    kpi
        By which policies are compared.
    policies
        Who competes; the baseline is run beside them.
    patterns
        Which unknowns vary, as dotted names with ``*``, or words of their meaning; none: those on which the
        policies hang most.
    most
        How many vary together at most, when no pattern says which.
    futures, replications
        Number of futures, and of replications of each policy in each.
    method
        One of `simulation.analysis.sensitivity.METHODS`.
    targets
        For each the share of futures is told in which a policy meets it.

    Examples
    --------
    >>> from simulation.kpis import REGISTRY
    >>> Options(REGISTRY[0], ("team",)).futures
    120
    """

    kpi: Kpi
    policies: tuple[str, ...]
    patterns: tuple[str, ...] = ()
    most: int = 6
    futures: int = 120
    replications: int = 2
    method: str = "latin"
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Robustness:
    """What was found.

    Parameters
    ----------
    options
        What was asked.
    varied
        The unknowns that varied together, the one that moves the lead most first.
    refused
        Unknowns that could not be varied, and why: what, range, reason.
    best, second
        The best policy and the runner-up as configured.
    lead
        How far the best one leads as configured: over replications, positive.
    tornado
        As `simulation.procedures.tornado.tornado` gives it.
    futures
        A row per future: the value of each unknown, then winner, runner_up, lead, matters, settled; and
        lead_best, of the best as configured over the second.
    outcomes
        A row per future, a column per policy, the baseline first: means over replications.
    standing
        As `simulation.analysis.futures.standing` gives it, and a column for each target.
    parts
        Variance of lead_best over the futures: from the values, and from luck.
    hangs
        unknown, what, rank_correlation (Spearman) of lead_best with it.
    indices
        As `simulation.analysis.sensitivity.indices` gives them; empty without.
    boxes
        For each other policy that ever wins, the box in which it does; none where nothing tells.
    unread
        Futures that the configuration refused.
    """

    options: Options
    varied: tuple[Unknown, ...]
    refused: pd.DataFrame
    best: str
    second: str
    lead: tuple[float, ...]
    tornado: pd.DataFrame
    futures: pd.DataFrame
    outcomes: pd.DataFrame
    standing: pd.DataFrame
    parts: Parts
    hangs: pd.DataFrame
    indices: pd.DataFrame
    boxes: Mapping[str, Box]
    unread: int


def robustness(
    design: Design, unknowns: Sequence[Unknown], imagine: Imagine, options: Options, runs: Runs
) -> Robustness:
    """Compare policies over futures.

    Parameters
    ----------
    design
        The study as configured.
    unknowns
        What is not known about it.
    imagine
        Gives the design in which unknowns have other values, for the policies that are named.
    options
        What to vary and how.
    runs
        Gives replications.

    Raises
    ------
    InputError
        When fewer than two policies compete, nothing can be varied, or an extra is missing.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.kpis import REGISTRY
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=8, replications=2, engine="reference")
    >>> rate = Unknown("needs.illness.arrivals.rate", "Arrivals", (), 6, 12, False, 9)
    >>> lever = {"id": "more", "kind": "add_staff", "team": "doctors", "group": "doctor"}
    >>> more = [Policy(id=f"add_{n}", levers=[lever | {"heads": n}]) for n in (1, 3)]
    >>> policies = (Policy(id="baseline"), *more)
    >>> imagine = lambda values, names: Design(study, single_queue(values.get(rate, 9.0)), policies)
    >>> wait = next(kpi for kpi in REGISTRY if kpi.id == "time_to_resolution_mean")
    >>> options = Options(wait, ("add_1", "add_3"), patterns=("Arrivals",), futures=20)
    >>> runs = Runs(study, Store(Path(tempfile.mkdtemp())))
    >>> found = robustness(imagine({}, ()), [rate], imagine, options, runs)
    >>> found.best, len(found.futures), list(found.tornado["what"])
    ('add_3', 20, ['Arrivals'])
    """
    _check(design, options)
    ids = [BASELINE, *options.policies]
    known = imagine({}, ids)
    base = outcomes([known], range(max(2, design.study.replications)), options.kpi, (), runs)
    best, second = _first_two(base, options)
    ends = Ends(_candidates(unknowns, options, design), imagine, ids)
    at_ends = outcomes(ends, range(1), options.kpi, (), runs)
    spread = tornado(ends.read, at_ends, base, options.policies, (best, second), options.kpi.direction)
    varied = _chosen(ends.read, spread, options)
    unit = points(options.method, len(varied), options.futures, generator(design.study.seed, "futures"))
    drawn = Drawn(varied, unit, imagine, ids, strict=options.method in ("saltelli", "morris"))
    found = outcomes(drawn, range(options.replications), options.kpi, options.targets, runs)
    across = _across(options, varied, unit[drawn.kept], found, (best, second), design.study.seed)
    return Robustness(
        options=options,
        varied=varied,
        refused=pd.DataFrame(ends.refused, columns=["what", "low", "high", "why"]),
        best=best,
        second=second,
        lead=tuple(_lead(base.values, ids, best, second, options)[0]),
        tornado=spread,
        unread=len(unit) - len(drawn.kept),
        **across,
    )


def _check(design: Design, options: Options) -> None:
    known = [policy.id for policy in design.policies if policy.id != BASELINE]
    found = [
        Problem("--policies", name, f"the study has no such policy; {nearest(name, known)}")
        for name in options.policies
        if name not in known
    ]
    if len(options.policies) < 2:
        found.append(Problem("--policies", list(options.policies), "two or more must compete for a winner"))
    if options.method not in METHODS:
        found.append(Problem("--method", options.method, nearest(options.method, list(METHODS))))
    if options.futures < 20:
        found.append(Problem("--futures", options.futures, "take 20 or more; a share of fewer tells nothing"))
    if options.replications < 2:
        found.append(
            Problem("--replications", options.replications, "take 2 or more, to tell luck from values")
        )
    if options.kpi.direction == 0:
        found.append(
            Problem("--kpi", options.kpi.id, "neither more nor less of it is better; take another one")
        )
    if found:
        raise InputError(found)
    library(options.method)


def _candidates(unknowns: Sequence[Unknown], options: Options, design: Design) -> tuple[Unknown, ...]:
    """Give the unknowns to look at: those that are named, or all that can bear on the outcome."""
    if options.patterns:
        return matching(unknowns, options.patterns)
    found = tuple(one for one in unknowns if bearing(one, options.kpi, frozenset(options.policies)))
    if not found:
        message = "nothing in this study has a range; give assumptions low and high, or factors"
        raise InputError([Problem("scenario", design.city.id, message)])
    return found


def _first_two(base: Outcomes, options: Options) -> tuple[str, str]:
    means = base.values[0, 1:].mean(axis=1) * options.kpi.direction
    first, second = np.argsort(-means, kind="stable")[:2]
    return options.policies[first], options.policies[second]


def _chosen(read: Sequence[Unknown], spread: pd.DataFrame, options: Options) -> tuple[Unknown, ...]:
    """Take what is named, or what moves the lead most."""
    named = {one.id: one for one in read}
    moving = spread if options.patterns else spread[spread["swing"] > 0].head(options.most)
    if moving.empty:
        raise InputError([Problem("--assumptions", list(options.patterns), "none of these can be varied")])
    return tuple(named[name] for name in moving["unknown"])


def _lead(values: Array, ids: Sequence[str], best: str, second: str, options: Options) -> Array:
    """Give how far one policy is better than another: futures x replications."""
    return np.asarray((values[:, ids.index(best)] - values[:, ids.index(second)]) * options.kpi.direction)


def _across(
    options: Options,
    varied: Sequence[Unknown],
    unit: Array,
    found: Outcomes,
    pair: tuple[str, str],
    seed: int,
) -> dict[str, Any]:
    """Work out what all futures together say."""
    kpi, names = options.kpi, list(options.policies)
    ids = [BASELINE, *names]
    means = found.values.mean(axis=2)
    told = winners(found.values[:, 1:], names, kpi.direction, kpi.indifference)
    runs = _lead(found.values, ids, *pair, options)
    lead = runs.mean(axis=1)
    values = np.array([[one.at(at) for one, at in zip(varied, row, strict=True)] for row in unit])
    futures = pd.DataFrame(values, columns=[one.id for one in varied]).join(told).assign(lead_best=lead)
    table = standing(means[:, 1:], names, kpi.direction, kpi.indifference, means[:, 0])
    for number, target in enumerate(options.targets):
        reached = np.vectorize(target.met)(found.aimed[number].mean(axis=2)[:, 1:]).sum(axis=0)
        for place, column in enumerate(("", "_low", "_high")):
            table[f"target_{number + 1}{column}"] = [share(int(n), len(futures))[place] for n in reached]
    rank = [float(stats.spearmanr(unit[:, n], lead).statistic) for n in range(len(varied))]
    hangs = pd.DataFrame(
        {
            "unknown": [one.id for one in varied],
            "what": [one.what for one in varied],
            "rank_correlation": rank,
        }
    )
    rng = generator(seed, "indices")
    return {
        "futures": futures,
        "outcomes": pd.DataFrame(means, columns=ids).rename_axis("future").reset_index(),
        "standing": table,
        "parts": variance_parts(runs),
        "hangs": hangs.sort_values("rank_correlation", key=abs, ascending=False, ignore_index=True),
        "indices": indices(options.method, [one.id for one in varied], unit, lead, rng),
        "boxes": _boxes(values, told["winner"], pair[0]),
    }


def _boxes(values: Array, winner: pd.Series[str], best: str) -> dict[str, Box]:
    """Find where each other policy wins, the most frequent first: each may have reasons of its own."""
    others = winner[winner != best].value_counts().index
    found = {str(name): prim(values, (winner == name).to_numpy()) for name in others}
    return {name: box for name, box in found.items() if box is not None}
