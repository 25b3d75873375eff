"""Staffings put to targets, replication by replication, until it is decided whether they meet them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.analysis.feasibility import Check, check
from simulation.procedures.posts import Change, Post, called, staffed
from simulation.procedures.targets import Target
from simulation.scenario import Scenario

if TYPE_CHECKING:
    from simulation.runner import Runs

__all__ = ["Trials"]

MOST = 200
"""Replications after which a decision that is still open is given up as not known."""
Floats: TypeAlias = NDArray[np.float64]


class Trials:
    """What is known of staffings, each on the seed on which it was asked.

    Parameters
    ----------
    runs
        Where replications come from.
    base, posts
        The present system, and what can be changed in it.
    targets
        What shall be met together.
    first
        Replications with which each decision begins, and by which it goes on.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.procedures.targets import read_targets
    >>> from simulation.runner import Runs
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> runs = Runs(Study(id="quick", run_length=200), Store(Path(tempfile.mkdtemp())))
    >>> post = Post("doctors", "Doctors", "doctors", "doctor", (), (10,), 9e4)
    >>> trials = Trials(runs, single_queue(), [post], read_targets(["utilisation <= 80 %"]), 5)
    >>> trials.decide([(0,), (5,)], 1, 0.05, "search")
    {(0,): -1, (5,): 1}
    """

    def __init__(
        self, runs: Runs, base: Scenario, posts: Sequence[Post], targets: Sequence[Target], first: int
    ) -> None:
        self._runs, self._base, self._posts = runs, base, posts
        self._targets, self._first = targets, first
        self._values: dict[tuple[Change, int], Floats] = {}
        self._decided: dict[tuple[Change, int, float], int] = {}
        self._tried: list[tuple[Change, str, int, int]] = []

    def means(self, changes: Sequence[Change], seed: int) -> dict[Change, Floats]:
        """Return the means of the targets' KPIs over the first replications; turned for "at least"."""
        self._fill(changes, seed, self._first)
        return {change: self._values[change, seed][:, : self._first].mean(axis=1) for change in changes}

    def decide(self, changes: Sequence[Change], seed: int, error: float, stage: str) -> dict[Change, int]:
        """Decide whether staffings meet all targets on average: 1 they do, -1 they do not, 0 not known.

        Each answer is wrong with a probability of `error` at most, over all its targets together.
        """
        waiting = [change for change in changes if (change, seed, error) not in self._decided]
        number = self._first
        while waiting:
            self._fill(waiting, seed, number)
            still = []
            for change in waiting:
                decision, used = self._looked_at(self._values[change, seed][:, :number], error)
                if decision == 0 and number < MOST:
                    still.append(change)
                    continue
                self._decided[change, seed, error] = decision
                self._tried.append((change, stage, used, decision))
            waiting, number = still, min(MOST, number + self._first)
        return {change: self._decided[change, seed, error] for change in changes}

    def table(self, cost: Callable[[Change], float], words: Mapping[int, str]) -> pd.DataFrame:
        """Return every staffing that was decided on: scenario, cost, stage, replications, decision."""
        rows = [
            (called(self._posts, change), cost(change), stage, used, words[decision])
            for change, stage, used, decision in self._tried
        ]
        return pd.DataFrame(rows, columns=["scenario", "cost", "stage", "replications", "decision"])

    def _looked_at(self, values: Floats, error: float) -> Check:
        """Look at all targets: one that is not met decides."""
        found = [
            check(
                row.tolist(),
                target.sign * target.limit,
                target.kpi.indifference,
                error / len(self._targets),
                self._first,
            )
            for row, target in zip(values, self._targets, strict=True)
        ]
        missed = [one for one in found if one.decision < 0]
        if missed:
            return min(missed, key=lambda one: one.used)
        return Check(min(one.decision for one in found), max(one.used for one in found))

    def _fill(self, changes: Sequence[Change], seed: int, number: int) -> None:
        """Ask for the replications that are missing."""
        nothing = np.empty((len(self._targets), 0))
        missing = {
            called(self._posts, change): change
            for change in changes
            if self._values.setdefault((change, seed), nothing).shape[1] < number
        }
        if not missing:
            return
        wanted = [
            (staffed(self._base, self._posts, change).model_copy(update={"id": name}),
             range(self._values[change, seed].shape[1], number))
            for name, change in missing.items()
        ]  # fmt: skip
        results = self._runs.ask(wanted, seed)
        kpis = [target.kpi.id for target in self._targets]
        rows = results[(results["dimension"] == "all") & results["kpi"].isin(kpis)]
        wide = rows.pivot(index=["scenario", "kpi"], columns="replication", values="value")
        signs = np.array([[target.sign] for target in self._targets], dtype=np.float64)
        for name, change in missing.items():
            columns = list(range(self._values[change, seed].shape[1], number))
            new = wide.loc[[(name, kpi) for kpi in kpis], columns].to_numpy(dtype=np.float64) * signs
            self._values[change, seed] = np.hstack([self._values[change, seed], new])
