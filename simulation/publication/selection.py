"""Which policy: what a search found, in words."""

from __future__ import annotations

from typing import Any, TypeAlias

import pandas as pd

from simulation import figures
from simulation.analysis.wording import change, quantity, scale
from simulation.kpis import Kpi
from simulation.procedures.selection import Selected
from simulation.publication.inquiry import Inquiry
from simulation.study import BASELINE, Design

__all__ = ["inquiry"]

Row: TypeAlias = "pd.Series[Any]"

BORNE_OUT = {
    "best": "on a fresh seed it is better than every other policy (probability of being best {chance})",
    "as good as the best": "on a fresh seed it is as good as the best, differences that do not matter aside "
    "(probability of being best {chance})",
    "may be the best": "on a fresh seed it may be the best, but this is not established (probability of "
    "being best {chance}); more replications would tell",
    "not the best": "but a fresh seed does not bear it out: there another policy is better",
}
CAPTIONS = {
    "standing": "Each point is a policy's mean less that of the best of the others, on the fresh seed, with "
    "intervals that hold together: one that ends at zero is not the best, one that begins there is. Beside "
    "it, how likely each is the best, and how many replications the search looked at.",
    "worth": "Each line is the probability that a policy has the best net benefit (needs resolved at the "
    "worth on the axis, less cost), on the fresh seed; the best one changes where lines cross.",
}


def inquiry(design: Design, found: Selected) -> Inquiry:
    """Put into words which policy was selected, how sure that is, what it costs and what it does besides.

    Parameters
    ----------
    design
        What was asked about.
    found
        What `simulation.procedures.selection.select` gave.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.procedures.selection import Goal, select
    >>> from simulation.runner import Runs
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=96)
    >>> design = Design(study, single_queue(), (Policy(id="baseline"),))
    >>> found = select(design, Goal(kpi="fulfilment"), Runs(study, Store(Path(tempfile.mkdtemp()))))
    >>> inquiry(design, found).answer[0]
    'baseline has the best needs resolved of the policies of this study: it was the only one.'
    """
    titles = {policy.id: policy.title or policy.id for policy in design.policies}
    yardstick, name = found.yardstick, titles[found.best]
    answer = [
        _which(found, name),
        *_rivals(found, titles),
        *_cost(found, titles, name),
        *_effects(design, found),
        *_harmful(design, found, titles),
    ]
    heading = f"{yardstick.title}: how far from the best"
    drawn = {
        "standing": (
            figures.standing(found.table, heading, yardstick.unit, yardstick.indifference, titles),
            CAPTIONS["standing"],
        )
    }
    if found.worths["worth"].nunique() > 1:
        drawn["worth"] = (figures.worth(found.worths, titles), CAPTIONS["worth"])
    return Inquiry(
        "select",
        "Which policy is best?",
        _question(found),
        tuple(answer),
        _tables(found, titles),
        drawn,
        _notes(design, found),
    )


def _question(found: Selected) -> str:
    yardstick, goal = found.yardstick, found.goal
    zone = _size(yardstick.indifference, yardstick.unit)
    rule = " and is not shown to harm another headline measure" if goal.harmless else ""
    return (
        f"Which policy is best by “{yardstick.title}”{rule}, where differences below {zone} do not matter, "
        f"with an assurance of {_share(goal.assurance)}?"
    )


def _which(found: Selected, name: str) -> str:
    """Say who is best, and whether the fresh seed bears it out."""
    what = found.yardstick.title[0].lower() + found.yardstick.title[1:]
    if len(found.policies) == 1:
        return f"{name} has the best {what} of the policies of this study: it was the only one."
    row = next(row for row in found.table.to_dict("records") if row["scenario"] == found.best)
    chance = _chance(row["probability_best"])
    borne = BORNE_OUT[str(row["standing"])].format(chance=chance)
    sure = ""
    if not found.search.reached:
        sure = f" The budget was not enough: the assurance reached is {_chance(found.search.assurance)}."
    return f"{name} has the best {what}; {borne}.{sure}"


def _rivals(found: Selected, titles: dict[str, str]) -> list[str]:
    """Name those that come next, and those that may be as good."""
    rest = found.table[found.table["scenario"] != found.best].sort_values("difference", ascending=False)
    if rest.empty:
        return []
    unit, next_ = found.yardstick.unit, rest.iloc[0]
    size = found.fresh_mean * found.yardstick.direction - next_["mean"] * found.yardstick.direction
    means = [quantity(float(mean), unit) for mean in (found.fresh_mean, next_["mean"])]
    beside = f"next is {titles[str(next_['scenario'])]} with {means[1]}, {_size(abs(size), unit)}"
    words = [f"It comes to {means[0]}; {beside} {'behind' if size >= 0 else 'ahead'}."]
    near = rest[rest["standing"].isin(["as good as the best", "may be the best"])]["scenario"]
    if len(near):
        listed = ", ".join(titles[str(name)] for name in near)
        words.append(f"Not shown to be worse than the best: {listed}.")
    return words


def _cost(found: Selected, titles: dict[str, str], name: str) -> list[str]:
    """Set the cost beside, and say which is best at which worth of a need."""
    row = next(row for row in found.costs.to_dict("records") if row["scenario"] == found.best)
    words = []
    if found.best != BASELINE:
        extra = quantity(abs(row["cost_difference"]), "yuan")
        more = "more" if row["cost_difference"] >= 0 else "less"
        each = row["per_effect"]
        per = "" if each != each else f", {quantity(each, 'yuan')} for each further need resolved"
        words.append(f"{name} costs {extra} {more} than the baseline in the measured year{per}.")
    if row["status"] != "on the frontier":
        by = " and ".join(titles.get(part, part) for part in str(row["dominated_by"]).split(" and "))
        words.append(f"By cost and needs resolved it is {row['status']} by {by}.")
    ranges = ", ".join(_ranges(found.costs, titles))
    if " from " in ranges:
        words.append(f"The best for the money depends on what a further resolved need is worth: {ranges}.")
    return words


def _ranges(costs: pd.DataFrame, titles: dict[str, str]) -> list[str]:
    """Say from which worth of a need on each policy of the frontier is the best, by the means."""
    rows = costs[costs["status"] == "on the frontier"].sort_values("cost")
    first, *others = rows["scenario"]
    return [
        f"{titles[str(first)]} where it is worth next to nothing",
        *(
            f"{titles[str(name)]} from {quantity(float(step), 'yuan')}"
            for name, step in zip(others, rows["step_per_effect"].iloc[1:], strict=True)
        ),
    ]


def _effects(design: Design, found: Selected) -> list[str]:
    """Say what else it changes among the headline KPIs."""
    if found.best == BASELINE:
        return []
    known = {kpi.id: kpi for kpi in design.study.deciding}
    words = []
    for verdict in ("better", "worse"):
        rows = found.effects[found.effects["verdict"] == verdict]
        listed = [_said(known[str(row["kpi"])], row) for _, row in rows.iterrows()]
        if listed:
            words.append(f"Against the baseline it is {verdict} in {', '.join(listed)}.")
    return words


def _said(kpi: Kpi, row: Row) -> str:
    said = change(float(row["difference"]), float(row["low"]), float(row["high"]), kpi.unit)
    return f"{kpi.title.lower()} ({said.difference} {said.unit}, {said.low} to {said.high})"


def _harmful(design: Design, found: Selected, titles: dict[str, str]) -> list[str]:
    if not found.goal.harmless:
        return []
    known = {kpi.id: kpi.title.lower() for kpi in design.study.deciding}
    listed = [
        f"{titles[name]} ({', '.join(known[kpi] for kpi in kpis)})" for name, kpis in found.harmful.items()
    ]
    return [f"Left out as harmful: {'; '.join(listed) or 'none'}."]


def _tables(found: Selected, titles: dict[str, str]) -> dict[str, tuple[pd.DataFrame, str]]:
    """Policies with search, standing and cost; the selected one against the baseline; worths."""
    names = ["scenario", "cost_difference", "effect_difference", "per_effect", "status", "dominated_by"]
    costs = found.costs[names].rename(
        columns={"effect_difference": "further_needs_resolved", "per_effect": "yuan_per_further_need"}
    )
    best = found.table.merge(costs, on="scenario", how="left").sort_values("difference", ascending=False)
    best.insert(1, "title", best["scenario"].map(titles))
    fresh = f"{found.fresh_replications} replications on a fresh seed"
    caption = (
        "All policies searched, the best first. Replications looked at and eliminations are those of the "
        f"search; everything else is from {fresh}."
    )
    against = f"{titles[found.best]} against the baseline, {fresh}; the intervals hold together."
    return {"best": (best, caption), "effects": (found.effects.drop(columns=["scenario"]), against)}


def _notes(design: Design, found: Selected) -> tuple[str, ...]:
    unit = found.yardstick.unit
    chosen, fresh = (quantity(mean, unit) for mean in (found.chosen_mean, found.fresh_mean))
    reported = (
        f"Reported from seed {found.fresh_seed}, {found.fresh_replications} replications of every policy, "
        "because the best of many looks better than it is on the luck that chose it: "
        f"{chosen} there, {fresh} on the fresh seed."
    )
    intervals = (
        "Intervals against the best hold together over the policies (one-sided paired t bounds, Bonferroni). "
        "Probabilities of being best follow from a multivariate t about the means; of two policies it is the "
        "paired t-test."
    )
    doubt = "All this covers the luck of the simulation, not the doubt about its assumptions."
    return _searched(design.study.seed, found), reported, intervals, doubt


def _searched(seed: int, found: Selected) -> str:
    """Say how the search went, and what it promises."""
    goal, zone = found.goal, _size(found.yardstick.indifference, found.yardstick.unit)
    total = sum(found.search.used)
    if goal.budget is None:
        return (
            f"Searched on seed {seed} with procedure KN (Kim and Nelson 2001) on paired differences: if the "
            f"best leads by {zone} it is found with a probability of at least {_share(goal.assurance)}. "
            f"{total} replications were looked at."
        )
    return (
        f"Searched on seed {seed} with OCBA (Chen et al. 2000) on paired differences, {total} of a budget of "
        f"{goal.budget} replications. That the one selected is within {zone} of the best has a "
        f"probability of {_chance(found.search.assurance)} by the data: an average over problems, "
        "not a promise for the worst of them."
    )


def _chance(probability: float) -> str:
    """Write a probability; near its ends, what the draws support."""
    return "above 99 %" if probability > 0.99 else "below 1 %" if probability < 0.01 else _share(probability)


def _share(probability: float) -> str:
    return f"{probability * 100:.3g} %"


def _size(number: float, unit: str) -> str:
    """Write a difference without its sign."""
    shown = scale(unit, number)
    value = number * shown.factor
    words = f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
    return f"{words} {shown.difference.removesuffix('s') if words == '1' else shown.difference}".strip()
