"""Where the next post goes, in words."""

from __future__ import annotations

import pandas as pd

from simulation import figures
from simulation.analysis.marginal import SUM
from simulation.analysis.wording import change as in_change
from simulation.analysis.wording import quantity
from simulation.kpis import REGISTRY, Kpi
from simulation.procedures.staffing import ValueOfPosts
from simulation.publication.inquiry import Inquiry
from simulation.study import Design

__all__ = ["KNOWN", "NUMBERS", "percent", "posts_inquiry", "told"]

NAME = "staff"
KNOWN: dict[str, Kpi] = {kpi.id: kpi for kpi in REGISTRY}
"""KPIs by id."""
NUMBERS = [
    "kpi", "baseline_mean", "mean", "difference", "low", "high", "verdict", "cost", "gain", "gain_low",
    "gain_high",
]  # fmt: skip
"""Columns of `simulation.analysis.marginal` that a reader wants."""


def posts_inquiry(design: Design, found: ValueOfPosts) -> Inquiry:
    """Say where one more post helps and where one fewer harms, and draw it.

    Parameters
    ----------
    design
        The study.
    found
        What `value_of_posts` found.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.procedures.posts import Range
    >>> from simulation.procedures.staffing import value_of_posts
    >>> from simulation.runner import Runs
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=200, replications=4, headline=["utilisation"])
    >>> design = Design(study, single_queue(pay=9e4), (Policy(id="baseline"),))
    >>> runs = Runs(study, Store(Path(tempfile.mkdtemp())))
    >>> posts_inquiry(design, value_of_posts(design, runs, Range(more=1))).answer[0]
    'One more post helps in none of the 1 teams: no deciding measure gets better by it.'
    """
    titles = dict(zip(found.posts["post"], found.posts["title"], strict=True))
    kpis = design.study.deciding
    tried = pd.concat([found.effects, found.together]) if len(found.together) else found.effects
    values = figures.post_values(found.effects, kpis, titles)
    curves = figures.post_curves(found.effects, kpis, titles)
    frontier = figures.staffing_frontier(tried, found.frontier, kpis, found.present)
    return Inquiry(
        name=NAME,
        title="Where the next post goes",
        question=f"{found.system}: what would one more post bring in each team, and one fewer take?",
        answer=(
            *_one_more(found, titles),
            *_further(found, titles),
            *_one_fewer(found, titles),
            *_together(found),
        ),
        tables={
            "posts": (
                found.posts,
                "Places, heads in all, pay of a head, and cost of one more at every place",
            ),
            "effects": (
                found.effects[["post", "change", *NUMBERS]],
                "What more and fewer heads change; gain: how much better for 10,000 yuan a year",
            ),
            "together": (
                found.together.reindex(columns=["scenario", *NUMBERS]),
                "Several posts at once, on luck of their own",
            ),
            "frontier": (found.frontier, "Staffings that none beats, by measure and rising cost"),
        },
        figures={
            "posts": (values, "One fewer and one more: changes of which there is evidence that they matter"),
            "curves": (curves, "More and more heads, team by team"),
            "frontier": (
                frontier,
                "Cost against each measure; what leaves a team without anybody is left out",
            ),
        },
        notes=_notes(design, found),
    )


def _notes(design: Design, found: ValueOfPosts) -> tuple[str, ...]:
    sure = percent(design.study.confidence)
    return (
        (
            f"{found.replications} replications of each staffing under common random numbers; intervals of "
            f"all staffings and measures hold together with {sure} (Bonferroni), those of several "
            "posts at once "
            "on a seed of their own."
        ),
        (
            "A post is one head more at every place of its team, or at one place where the question is asked "
            "place by place. Costs are its yearly pay; a post that has to be filled begins empty."
        ),
        (
            "Only the deciding measures are looked at: what a team does besides, such as planned "
            "visits or rare "
            "cases, may suffer unseen."
        ),
    )


def _one_more(found: ValueOfPosts, titles: dict[str, str]) -> list[str]:
    """Say where one more post helps, and that it helps nowhere else."""
    one = found.effects[found.effects["change"] == 1]
    better = one[one["verdict"] == "better"]
    helps = list(dict.fromkeys(better["post"]))
    unknown = sorted(set(one.loc[one["verdict"] == "too noisy", "post"]) - set(helps))
    number = len(titles)
    if helps:
        where = _listed(helps, titles)
        first = f"One more post helps in {len(helps)} of {number} teams ({where}); in the other"
        said = [f"{first} {number - len(helps)} no deciding measure is shown to get better."]
    else:
        said = [f"One more post helps in none of the {number} teams: no deciding measure gets better by it."]
    places = dict(zip(found.posts["post"], found.posts["places"], strict=True))
    costs = dict(zip(found.posts["post"], found.posts["cost"], strict=True))
    for post in helps:
        rows = [row for _, row in better[better["post"] == post].iterrows()]
        where = "" if places[post] == 1 else f" at each of {places[post]} places"
        said.append(
            f"{titles[post]}: one more{where} costs {quantity(costs[post], 'yuan')} a year and changes "
            f"{'; '.join(map(told, rows))}. For {SUM:,.0f} yuan a year that is "
            f"{'; '.join(map(_gained, rows))}."
        )
    if len(helps) > 1:
        top = better.loc[better.groupby("kpi", sort=False)["gain"].idxmax(), ["post", "kpi"]]
        words = [f"{titles[post]} ({_small(KNOWN[kpi])})" for post, kpi in top.to_numpy().tolist()]
        said.append(f"Most for its cost brings: {'; '.join(words)}.")
    if unknown:
        said.append(f"Too noisy to tell: {_listed(unknown, titles)}. More replications would tell.")
    return said


def told(row: pd.Series) -> str:
    """Write a difference with its interval: a row of `simulation.analysis.compare`.

    Examples
    --------
    >>> told(pd.Series({"kpi": "fulfilment", "difference": 0.02, "low": 0.01, "high": 0.03}))
    'needs resolved by +2.0 percentage points (+1.0 to +3.0)'
    """
    kpi = KNOWN[row["kpi"]]
    words = in_change(row["difference"], row["low"], row["high"], kpi.unit)
    return f"{_small(kpi)} by {words.difference} {words.unit} ({words.low} to {words.high})"


def _gained(row: pd.Series) -> str:
    kpi = KNOWN[row["kpi"]]
    factor, unit = (100.0, "percentage points") if kpi.unit == "share" else (1.0, kpi.unit)
    return f"{abs(row['gain']) * factor:.2g} {unit} of {_small(kpi)}"


def _small(kpi: Kpi) -> str:
    return kpi.title[0].lower() + kpi.title[1:]


def _listed(posts: list[str], titles: dict[str, str]) -> str:
    return "; ".join(titles[post] for post in posts)


def percent(part: float) -> str:
    """Write a share in per cent, to three digits.

    Examples
    --------
    >>> percent(0.95)
    '95 %'
    """
    return f"{100 * part:.3g} %"


def _further(found: ValueOfPosts, titles: dict[str, str]) -> list[str]:
    """Say how much of what the most posts bring the first one has."""
    most = int(found.effects["change"].max())
    if most < 2:
        return []
    said = []
    better = found.effects[found.effects["verdict"] == "better"]
    for post in dict.fromkeys(better.loc[better["change"] == 1, "post"]):
        rows = found.effects[found.effects["post"] == post]
        own = better.loc[(better["post"] == post) & (better["change"] == 1), "kpi"]
        first, last = (rows[rows["change"] == heads].set_index("kpi")["difference"] for heads in (1, most))
        least = min(first[kpi] / last[kpi] for kpi in own)
        said.append(
            f"{titles[post]}: of what {most} posts bring, the first alone has {percent(least)} or more."
        )
    return said


def _one_fewer(found: ValueOfPosts, titles: dict[str, str]) -> list[str]:
    """Say where one fewer harms, where it does not, and where that leaves nobody."""
    one = found.effects[found.effects["change"] == -1]
    verdicts = one.groupby("post", sort=False)["verdict"].agg(set)
    nobody = one.groupby("post", sort=False)["nobody"].first()
    harm = [post for post in verdicts.index if "worse" in verdicts[post]]
    fine = [post for post in verdicts.index if verdicts[post] <= {"no evidence", "better"}]
    spare = [post for post in fine if not nobody[post]]
    last = [post for post in fine if nobody[post]]
    said = []
    if harm:
        said.append(f"One fewer does harm in {len(harm)} of {len(titles)} teams: {_listed(harm, titles)}.")
    if spare:
        said.append(
            f"One fewer changes nothing that matters, and leaves somebody, at: {_listed(spare, titles)}."
        )
    if last:
        said.append(
            f"One fewer leaves nobody, and still moves no deciding measure, at: {_listed(last, titles)}. "
            "Too few of "
            "all cases go there to show; that is no reason to close them."
        )
    return said


def _together(found: ValueOfPosts) -> list[str]:
    """Say what all spared posts save together, and what they then harm."""
    rows = found.together[found.together["change"] == "fewer"]
    if rows.empty:
        return []
    rows = rows[rows["cost"] == rows["cost"].min()]
    harm = [told(row) for _, row in rows[rows["verdict"] == "worse"].iterrows()]
    saved = quantity(-float(rows["cost"].iloc[0]), "yuan")
    effect = f"it changes {'; '.join(harm)}" if harm else "no deciding measure is shown to get worse"
    return [f"Together these save {saved} a year; {effect}."]
