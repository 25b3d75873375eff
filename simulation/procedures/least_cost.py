"""The staffing of least cost that meets targets, found with error control and confirmed on fresh luck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simulation.analysis.estimates import interval
from simulation.analysis.marginal import cheapest_gain, marginal
from simulation.procedures.posts import Change, Post, Range, base_of, called, find_posts, posts_table, staffed
from simulation.procedures.targets import Target
from simulation.procedures.trials import Trials
from simulation.spec import InputError, Problem
from simulation.streams import fresh
from simulation.study import Design

if TYPE_CHECKING:
    from simulation.runner import Runs

__all__ = ["LeastStaffing", "least_staffing"]

ATTEMPTS = 6
"""Staffings that are put to the confirmation, at most."""
AS_IT_IS = "as it is"


@dataclass(frozen=True)
class LeastStaffing:
    """The answer to a question of least cost.

    Parameters
    ----------
    status
        ``met``: the staffing was confirmed, and so was that no team can do with one head fewer. ``not
        least``: it meets the targets, but not all teams are known to need all their heads. ``not confirmed``:
        none of those put to the test was confirmed. ``out of reach``: not even the most heads meet the
        targets.
    system
        Title of the system whose staffing it is.
    staffing, cost
        Name of the staffing, and what it costs more than the present one, yuan a year; where the targets are
        out of reach, that of the most heads.
    changes
        Columns post, title, now (heads in all), change (heads more at each place), cost.
    reached
        Columns target, kpi, limit, mean, bound (one-sided, each alone), years (share of replications that
        meet the target), replications, for the staffing and for the present one (column ``staffing``).
    effects
        The columns of `simulation.analysis.marginal`: the staffing against the present one, headline KPIs and
        targets, on replications of which no decision was taken.
    one_fewer
        Columns post, saved, decision: whether the targets are met with one head fewer at that post (``met``,
        ``not met``, ``not known``), from the last confirmation.
    tried
        Columns scenario, cost, stage, replications, decision: every staffing that was decided on.
    assurance, attempts
        The probability asked for; staffings that were put to the confirmation.
    """

    status: str
    system: str
    staffing: str
    cost: float
    changes: pd.DataFrame
    reached: pd.DataFrame
    effects: pd.DataFrame
    one_fewer: pd.DataFrame
    tried: pd.DataFrame
    assurance: float
    attempts: int


def least_staffing(
    design: Design,
    runs: Runs,
    targets: Sequence[Target],
    wanted: Range | None = None,
    assurance: float = 0.95,
) -> LeastStaffing:
    """Find the staffing of least cost that meets all targets, by marginal allocation.

    First the most heads are tried: where they fail, the targets are out of reach. From the present staffing
    the post that brings most for its cost is added until the targets are met (Fox 1966); then posts are taken
    away (never the last head), those that save most for what they use of the targets first, while they are
    still met. The result, and the same with one head fewer at each post, is then tested on luck of its own;
    if the test disagrees, the search moves by one post and the next test is taken on fresh luck again. The
    errors of all tests add up to ``1 - assurance`` at most, half of it for the most heads and the rest halved
    with each attempt.

    With probability `assurance`, and up to the smallest difference that matters: a staffing called ``met``
    meets the targets on average, and does not with one head fewer at any one post; targets called out of
    reach are not met by the most heads. That no quite different mix of posts is cheaper is not promised.

    Parameters
    ----------
    design
        The system, under one policy at most, and the study that measures it.
    runs
        Where its replications come from.
    targets
        What shall be met, together.
    wanted
        Which teams, how many heads more and fewer, and whether place by place.
    assurance
        Probability with which the answer is right.

    Raises
    ------
    InputError
        When there is no target, the assurance is none, or as `find_posts`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.procedures.targets import read_targets
    >>> from simulation.runner import Runs
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=200, replications=4, headline=["utilisation"])
    >>> design = Design(study, single_queue(pay=9e4), (Policy(id="baseline"),))
    >>> runs = Runs(study, Store(Path(tempfile.mkdtemp())))
    >>> found = least_staffing(design, runs, read_targets(["utilisation <= 85 %"]))
    >>> found.staffing, found.cost
    ('doctors +1', 90000.0)
    """
    if not targets:
        hint = 'name one or several, such as "wait_first_contact_p90 <= 10 d"'
        raise InputError([Problem("target", [], hint)])
    if not 0.5 < assurance < 1:
        raise InputError([Problem("assurance", assurance, "give a probability above 0.5 and below 1")])
    if design.study.replications < 3:
        hint = "three or more show a spread that tests can use"
        raise InputError([Problem("study.replications", design.study.replications, hint)])
    return _Search(design, runs, tuple(targets), wanted or Range(), assurance).answer()


class _Search:
    """One search; what is decided goes through `Trials`, which remembers it."""

    def __init__(
        self, design: Design, runs: Runs, targets: tuple[Target, ...], wanted: Range, assurance: float
    ) -> None:
        self.study, self.base = design.study, base_of(design)
        self.posts = find_posts(self.base, self.study.horizon, self.study.window.start, wanted)
        ranges = [wanted.of(post) for post in self.posts]
        self.least = tuple(
            max(least, post.fewest + 1) for (least, _), post in zip(ranges, self.posts, strict=True)
        )
        self.most = tuple(most for _, most in ranges)
        self.targets, self.runs, self.assurance = targets, runs, assurance
        self.error = 1.0 - assurance
        self.trials = Trials(runs, self.base, self.posts, targets, self.study.replications)

    def answer(self) -> LeastStaffing:
        """Search, confirm, and report."""
        nothing = tuple(0 for _ in self.posts)
        seed = fresh(self.study.seed, "staff", "most heads")
        if self.trials.decide([self.most], seed, self.error / 2, "most heads")[self.most] < 0:
            return self._report("out of reach", self.most, {}, 0)
        return self._confirm(self._down(self._up(nothing)))

    def _confirm(self, change: Change) -> LeastStaffing:
        """Test a staffing, and those with one head fewer, on fresh luck; move where that disagrees."""
        status, best, shown, attempt = "not confirmed", change, dict[Change, int](), 0
        tested: set[Change] = set()
        while attempt < ATTEMPTS and change not in tested:
            attempt += 1
            tested.add(change)
            seed = fresh(self.study.seed, "staff", f"test {attempt}")
            fewer = list(self._one_step(change, -1))
            error = self.error / 2 ** (attempt + 1) / (1 + len(fewer))
            decisions = self.trials.decide([change, *fewer], seed, error, f"test {attempt}")
            if decisions[change] > 0 or status == "not confirmed":
                best, shown = change, {other: decisions[other] for other in fewer}
                status = "not least" if decisions[change] > 0 else status
            cheaper = [other for other in fewer if decisions[other] > 0]
            if decisions[change] > 0 and not cheaper:
                status = "met" if all(decision < 0 for decision in shown.values()) else "not least"
                break
            change = min(cheaper, key=self.cost) if cheaper else self._next(change, seed, strict=True)
        return self._report(status, best, shown, attempt)

    def cost(self, change: Change) -> float:
        """Return what a staffing costs more than the present one, yuan a year."""
        return sum(post.cost(heads) for post, heads in zip(self.posts, change, strict=True))

    def _up(self, change: Change) -> Change:
        """Add the post that brings most for its cost until the targets are met."""
        seed = self.study.seed
        while change != self.most and self.trials.decide([change], seed, self.error, "search")[change] <= 0:
            change = self._next(change, seed)
        return change

    def _next(self, change: Change, seed: int, *, strict: bool = False) -> Change:
        """Return the staffing with one post more; all that can be had where no single one brings anything."""
        options = {called(self.posts, other): other for other in self._one_step(change, 1)}
        means = self.trials.means([change, *options.values()], seed)
        zones = [target.kpi.indifference for target in self.targets]
        limits = [target.sign * target.limit for target in self.targets]
        if strict:
            limits = [limit - zone for limit, zone in zip(limits, zones, strict=True)]
        costs = {name: self.cost(other) - self.cost(change) for name, other in options.items()}
        values = {name: means[other] for name, other in options.items()}
        best = cheapest_gain(values, means[change], limits, zones, costs)
        return self.most if best is None else options[best]

    def _down(self, change: Change) -> Change:
        """Take posts away while the targets are met: those first that save most for what they use of them."""
        order = list(self._order(change))
        for number in order:
            while change[number] > self.least[number]:
                other = _moved(change, number, -1)
                if self.trials.decide([other], self.study.seed, self.error, "search")[other] <= 0:
                    break
                change = other
        return change

    def _order(self, change: Change) -> Iterator[int]:
        """Give the posts by what one fewer saves, for what it uses of the targets, counted in their zones."""
        can = [number for number, heads in enumerate(change) if heads > self.least[number]]
        means = self.trials.means([change, *(_moved(change, number, -1) for number in can)], self.study.seed)
        zones = np.array([target.kpi.indifference for target in self.targets])

        def worth(number: int) -> float:
            other = _moved(change, number, -1)
            with np.errstate(invalid="ignore"):
                used = np.nanmax((np.array(means[other]) - means[change]) / zones, initial=1.0)
            return (self.cost(change) - self.cost(other)) / float(used)

        return iter(sorted(can, key=worth, reverse=True))

    def _one_step(self, change: Change, step: int) -> Iterator[Change]:
        for number, heads in enumerate(change):
            if self.least[number] <= heads + step <= self.most[number]:
                yield _moved(change, number, step)

    def _report(
        self, status: str, change: Change, fewer: Mapping[Change, int], attempts: int
    ) -> LeastStaffing:
        """Measure the staffing and the present one on replications of which no decision was taken."""
        now = self.base.model_copy(update={"id": AS_IT_IS})
        name = called(self.posts, change)
        cast = [now, *([staffed(self.base, self.posts, change)] if any(change) else [])]
        number, seed = range(self.study.replications), fresh(self.study.seed, "staff", "report")
        results = self.runs.ask([(scenario, number) for scenario in cast], seed)
        asked = {target.kpi.id: target.kpi for target in self.targets}
        kpis = [*self.study.deciding, *(kpi for kpi in asked.values() if kpi not in self.study.deciding)]
        decided = {1: "met", 0: "not known", -1: "not met"}
        one_fewer = [
            (self.posts[number].id, self.cost(change) - self.cost(other), decided[decision])
            for other, decision in fewer.items()
            for number in range(len(change))
            if other[number] != change[number]
        ]
        return LeastStaffing(
            status=status,
            system=self.base.title or self.base.id,
            staffing=name,
            cost=self.cost(change),
            changes=_changes(self.posts, change),
            reached=_reached(results, self.targets, self.assurance),
            effects=marginal(results, AS_IT_IS, kpis, {name: self.cost(change)}, self.study.confidence),
            one_fewer=pd.DataFrame(one_fewer, columns=["post", "saved", "decision"]),
            tried=self.trials.table(self.cost, decided),
            assurance=self.assurance,
            attempts=attempts,
        )


def _moved(change: Change, number: int, step: int) -> Change:
    return tuple(heads + step * (place == number) for place, heads in enumerate(change))


def _changes(posts: Sequence[Post], change: Change) -> pd.DataFrame:
    table = posts_table(posts)[["post", "title", "heads"]].rename(columns={"heads": "now"})
    costs = [post.cost(heads) for post, heads in zip(posts, change, strict=True)]
    return table.assign(change=list(change), cost=costs)


def _reached(results: pd.DataFrame, targets: Sequence[Target], assurance: float) -> pd.DataFrame:
    """Measure each target: the mean, its one-sided bound on the side of the limit, the years that meet it."""
    rows = []
    for name, part in results[results["dimension"] == "all"].groupby("scenario", sort=False):
        for target in targets:
            values = part.loc[part["kpi"] == target.kpi.id, "value"].to_numpy(dtype=np.float64)
            mean, half = interval(values, 2 * assurance - 1)  # one side of a two-sided interval
            years = float(np.mean([target.met(value) for value in values]))
            bound = mean + target.sign * half
            rows.append((name, target.words, target.kpi.id, target.limit, mean, bound, years, len(values)))
    columns = ["staffing", "target", "kpi", "limit", "mean", "bound", "years", "replications"]
    return pd.DataFrame(rows, columns=columns)
