"""What one more post of each team would bring, and one fewer take, and the staffings that nothing beats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import pandas as pd

from simulation.analysis.marginal import frontiers, marginal
from simulation.procedures.posts import Change, Post, Range, base_of, called, find_posts, posts_table, staffed
from simulation.scenario import Scenario
from simulation.spec import InputError, Problem
from simulation.streams import fresh
from simulation.study import Design

if TYPE_CHECKING:
    from simulation.runner import Runs

__all__ = ["ValueOfPosts", "mean_values", "value_of_posts"]

AS_IT_IS = "as it is"


@dataclass(frozen=True)
class ValueOfPosts:
    """What more and fewer posts do; differences are from the present staffing.

    Parameters
    ----------
    system
        Title of the system whose staffing it is.
    posts
        As `posts_table`.
    effects
        The columns of `simulation.analysis.marginal`, and post, change, nobody (whether nobody is left): one
        team at a time, from the fewest heads to the most. All intervals hold together.
    together
        The same for several teams at once, on luck of its own: posts that were spared, and posts that helped.
        The column ``change`` says which it is: ``fewer``, ``more`` or ``both``.
    frontier
        Columns kpi, scenario, cost, mean: the staffings that none beats and that leave somebody everywhere,
        by rising cost, of all that were tried.
    present
        Mean of each headline KPI now.
    replications
        Runs of each staffing.
    """

    system: str
    posts: pd.DataFrame
    effects: pd.DataFrame
    together: pd.DataFrame
    frontier: pd.DataFrame
    present: Mapping[str, float]
    replications: int


def value_of_posts(design: Design, runs: Runs, wanted: Range | None = None) -> ValueOfPosts:
    """Find what one more post brings, and one fewer takes, in every team.

    Each team alone is given more and fewer heads, under common random numbers. Then, on another seed, all
    posts that could be spared without evidence of a difference on any headline KPI, and leave somebody, are
    taken away one after the other, the dearest first, and the posts that help on a KPI are added, the most
    helpful for its cost first: what they do together is simulated and not added up.

    Parameters
    ----------
    design
        The system, under one policy at most, and the study that measures it.
    runs
        Where its replications come from.
    wanted
        Which teams, how many heads, and whether place by place.

    Raises
    ------
    InputError
        When there is no such team, a head costs nothing, or there are fewer than two replications.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.runner import Runs
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=200, replications=4, headline=["utilisation"])
    >>> design = Design(study, single_queue(pay=9e4), (Policy(id="baseline"),))
    >>> runs = Runs(study, Store(Path(tempfile.mkdtemp())))
    >>> found = value_of_posts(design, runs, Range(more=1))
    >>> found.effects[["scenario", "change", "cost"]].values.tolist()
    [['doctors -1', -1, -90000.0], ['doctors +1', 1, 90000.0]]
    """
    wanted = wanted or Range()
    study, base = design.study, base_of(design)
    if study.replications < 2:
        hint = "two or more give intervals"
        raise InputError([Problem("study.replications", study.replications, hint)])
    posts = find_posts(base, study.horizon, study.window.start, wanted)
    alone = list(_alone(posts, wanted))
    results = _ask(runs, base, posts, alone, study.replications, study.seed)
    kpis = study.deciding
    costs = {called(posts, change): _cost(posts, change) for change in alone}
    effects = marginal(results, AS_IT_IS, kpis, costs, study.confidence)
    where = {called(posts, change): (posts[_post(change)].id, sum(change)) for change in alone}
    effects = effects.assign(
        post=effects["scenario"].map(lambda name: where[name][0]),
        change=effects["scenario"].map(lambda name: where[name][1]),
    )
    last = {post.id: post.fewest for post in posts}
    effects = effects.assign(nobody=effects["change"] <= effects["post"].map(last))
    several = _several(effects, posts)
    together = _together(runs, design, base, posts, several)
    present = mean_values(results, AS_IT_IS)
    return ValueOfPosts(
        system=base.title or base.id,
        posts=posts_table(posts),
        effects=effects,
        together=together,
        frontier=_frontier(design, present, pd.concat([effects[~effects["nobody"]], together])),
        present={kpi.id: present[kpi.id] for kpi in kpis},
        replications=study.replications,
    )


def mean_values(results: pd.DataFrame, scenario: str) -> dict[str, float]:
    """Return the mean of each KPI of a scenario over its replications.

    Examples
    --------
    >>> rows = [("now", "wait", "all", 2.0), ("now", "wait", "all", 4.0)]
    >>> mean_values(pd.DataFrame(rows, columns=["scenario", "kpi", "dimension", "value"]), "now")
    {'wait': 3.0}
    """
    rows = results[(results["scenario"] == scenario) & (results["dimension"] == "all")]
    return {str(kpi): float(mean) for kpi, mean in rows.groupby("kpi")["value"].mean().items()}


def _alone(posts: Sequence[Post], wanted: Range) -> Iterator[Change]:
    """Give the changes of one post at a time."""
    for number, post in enumerate(posts):
        least, most = wanted.of(post)
        for heads in range(least, most + 1):
            if heads:
                yield tuple(heads if place == number else 0 for place in range(len(posts)))


def _post(change: Change) -> int:
    return next(number for number, heads in enumerate(change) if heads)


def _cost(posts: Sequence[Post], change: Change) -> float:
    return sum(post.cost(heads) for post, heads in zip(posts, change, strict=True))


def _ask(
    runs: Runs, base: Scenario, posts: Sequence[Post], changes: Sequence[Change], number: int, seed: int
) -> pd.DataFrame:
    """Run the present staffing and others."""
    now = base.model_copy(update={"id": AS_IT_IS})
    cast = [now, *(staffed(base, posts, change) for change in changes)]
    return runs.ask([(scenario, range(number)) for scenario in cast], seed)


def _several(effects: pd.DataFrame, posts: Sequence[Post]) -> dict[Change, str]:
    """Put posts together: those that can be spared, those that help, and both; by change: which it is."""
    place = {post.id: number for number, post in enumerate(posts)}

    def added_up(parts: Sequence[str], heads: int) -> list[Change]:
        single = [tuple(heads * (number == place[part]) for number in range(len(posts))) for part in parts]
        return list(accumulate(single, lambda one, two: tuple(map(sum, zip(one, two, strict=True)))))

    fewer = added_up(_spared(effects), -1)
    found: dict[Change, str] = dict.fromkeys(fewer, "fewer")
    for _, rows in effects[effects["change"] == 1].groupby("kpi", sort=False):
        helpful = rows[rows["verdict"] == "better"].sort_values("gain", ascending=False, kind="stable")
        more = added_up(list(helpful["post"]), 1)
        found |= dict.fromkeys(more, "more")
        if more and fewer:
            both = tuple(up or down for up, down in zip(more[-1], fewer[-1], strict=True))
            found |= {both: "both"}
    return {change: kind for change, kind in found.items() if sum(map(bool, change)) > 1}


def _spared(effects: pd.DataFrame) -> list[str]:
    """List the posts of which one fewer makes no difference that matters; those that save most first."""
    one = effects[(effects["change"] == -1) & ~effects["nobody"]]
    fine = one["verdict"].isin(["no evidence", "better"]).groupby(one["post"]).all()
    saved = one.groupby("post")["cost"].first()
    return [str(post) for post in saved.sort_values(kind="stable").index if fine[post] and saved[post] < 0]


def _together(
    runs: Runs, design: Design, base: Scenario, posts: Sequence[Post], several: Mapping[Change, str]
) -> pd.DataFrame:
    """Compare staffings that change several posts with the present one, on luck of their own."""
    study = design.study
    if not several:
        return pd.DataFrame(columns=["scenario", "kpi", "cost", "difference", "verdict", "change", "nobody"])
    results = _ask(
        runs, base, posts, list(several), study.replications, fresh(study.seed, "staff", "together")
    )
    names = {called(posts, change): change for change in several}
    costs = {name: _cost(posts, change) for name, change in names.items()}
    table = marginal(results, AS_IT_IS, study.deciding, costs, study.confidence)
    return table.assign(change=table["scenario"].map(lambda name: several[names[name]]), nobody=False)


def _frontier(design: Design, present: Mapping[str, float], table: pd.DataFrame) -> pd.DataFrame:
    """Find the staffings that none beats; a mean is that of the present one and the paired difference."""
    kpis = design.study.deciding
    costs = {AS_IT_IS: 0.0, **dict(zip(table["scenario"], table["cost"], strict=True))}
    means = table.pivot(index="scenario", columns="kpi", values="difference")
    for kpi in kpis:
        means[kpi.id] = means[kpi.id] + present[kpi.id]
        means.loc[AS_IT_IS, kpi.id] = present[kpi.id]
    kept = frontiers(means, kpis, costs)
    rows = [(kpi, name, costs[name], means.loc[name, kpi]) for kpi, names in kept.items() for name in names]
    return pd.DataFrame(rows, columns=["kpi", "scenario", "cost", "mean"])
