"""When the answer changes, in words, tables and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from simulation import figures
from simulation.analysis import interval
from simulation.analysis.futures import regret
from simulation.analysis.prim import Box
from simulation.analysis.sensitivity import METHODS
from simulation.analysis.wording import label, scale
from simulation.procedures.robustness import Robustness
from simulation.publication.inquiry import Inquiry
from simulation.study import BASELINE, Design

__all__ = ["robustness_inquiry"]

CONFIRMED = 0.05
"""Probability below which a box is taken to be confirmed by futures that it was not found from."""


def robustness_inquiry(found: Robustness, design: Design) -> Inquiry:
    """Put what was found into words, tables and figures.

    Parameters
    ----------
    found
        What `simulation.procedures.robustness.robustness` gave.
    design
        The study as configured.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.assumptions import Unknown
    >>> from simulation.kpis import REGISTRY
    >>> from simulation.procedures.robustness import Options, robustness
    >>> from simulation.runner import Runs
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=8, replications=2, engine="reference")
    >>> rate = Unknown("needs.illness.arrivals.rate", "Arrivals", (), 6, 12, False, 9)
    >>> lever = {"id": "more", "kind": "add_staff", "team": "doctors", "group": "doctor"}
    >>> policies = [Policy(id=f"add_{n}", levers=[lever | {"heads": n}]) for n in (1, 3)]
    >>> policies = (Policy(id="baseline"), *policies)
    >>> imagine = lambda values, names: Design(study, single_queue(values.get(rate, 9.0)), policies)
    >>> wait = next(kpi for kpi in REGISTRY if kpi.id == "time_to_resolution_mean")
    >>> options = Options(wait, ("add_1", "add_3"), patterns=("Arrivals",), futures=20)
    >>> runs = Runs(study, Store(Path(tempfile.mkdtemp())))
    >>> found = robustness(imagine({}, ()), [rate], imagine, options, runs)
    >>> robustness_inquiry(found, imagine({}, ())).title
    'When the answer changes'
    """
    titles = {policy.id: policy.title or label(policy.id) for policy in design.policies}
    return Inquiry(
        name="robustness",
        title="When the answer changes",
        question=f"Which policy is best by {_kpi(found)}, whatever the assumptions turn out to be, "
        "and when is it another?",
        answer=tuple(_answer(found, titles)),
        tables=_tables(found, titles),
        figures=_figures(found, titles),
        notes=tuple(_notes(found, titles)),
    )


def _kpi(found: Robustness) -> str:
    return found.options.kpi.title.lower()


def _answer(found: Robustness, titles: Mapping[str, str]) -> Iterator[str]:
    yield _winner(found, titles)
    number, apart = _Numbers(found), interval(list(found.lead))
    low, high = apart.mean - apart.half_width, apart.mean + apart.half_width
    yield (
        f"As configured it leads {titles[found.second]} by {number(apart.mean)} "
        f"(95 % interval {number(low, bare=True)} to {number(high)})."
    )
    yield _at_stake(found, titles)
    yield _alone(found, titles)
    helps = _by_policy(found, titles, "helps")
    matters = number(found.options.kpi.indifference)
    yield f"Better than the system as it is by at least {matters}, in so many of the futures: {helps}."
    for place, target in enumerate(found.options.targets, 1):
        met = _by_policy(found, titles, f"target_{place}")
        yield f"“{target.words}” is met in so many of the futures: {met}."


def _of(found: Robustness, policy: str) -> dict[str, float]:
    """Give the numbers of one policy."""
    rows = found.standing.set_index("policy").to_dict("index")
    return {str(name): float(value) for name, value in rows[policy].items()}


def _by_policy(found: Robustness, titles: Mapping[str, str], column: str) -> str:
    rows = found.standing.to_dict("records")
    return ", ".join(f"{titles[str(row['policy'])]} {_percent(row[column])}" for row in rows)


def _winner(found: Robustness, titles: Mapping[str, str]) -> str:
    """Say who wins, how often, and when another does."""
    count, rivals = len(found.futures), len(found.options.policies)
    wins = _of(found, found.best)
    lead = f"By {_kpi(found)}, {titles[found.best]} is the best of {rivals} policies as configured"
    if wins["wins"] == 1:
        return f"{lead}, and in all {count} futures: within these ranges the winner does not change."
    span = f"{_percent(wins['wins_low'])} to {_percent(wins['wins_high'])}"
    return f"{lead}, and in {_percent(wins['wins'])} of {count} futures ({span}); {_when(found, titles)}."


def _when(found: Robustness, titles: Mapping[str, str]) -> str:
    """Say when others win: their boxes where these are confirmed, else what turns the order round alone."""
    boxes = {name: box for name, box in found.boxes.items() if box.held_chance <= CONFIRMED}
    if boxes:
        said = [
            f"{titles[name]} when {_conditions(found, box)} (in {_percent(box.density)} of the futures "
            f"there, which are {_percent(box.coverage)} of all in which it wins)"
            for name, box in boxes.items()
        ]
        return f"it stops winning, to {', and to '.join(said)}"
    alone = "; ".join(_ends(row, found.best, titles) for row in _turning(found).head(3).to_dict("records"))
    if alone:
        return f"it stops winning, each alone, with {alone}; no combination that says more is confirmed"
    others = found.futures.loc[found.futures["winner"] != found.best, "winner"]
    usual = titles[others.value_counts().index[0]]
    return f"else it is mostly {usual}, and no simple combination of assumptions tells when"


def _conditions(found: Robustness, box: Box) -> str:
    """Write a box: each unknown with its limits."""
    parts = []
    for number in box.limited:
        one = found.varied[number]
        pairs = ((">", box.low[number]), ("<", box.high[number]))
        limits = [f"{sign} {one.words(edge)}" for sign, edge in pairs if np.isfinite(edge)]
        parts.append(f"“{one.what}” {' and '.join(limits)}")
    return " and ".join(parts)


def _at_stake(found: Robustness, titles: Mapping[str, str]) -> str:
    """Say what a wrong choice costs, and who regrets least."""
    number, table = _Numbers(found), found.standing.set_index("policy")
    mine, calm = _of(found, found.best), str(table["max_regret"].idxmin())
    least = number(float(table["max_regret"].min()))
    others = "no other policy has a smaller largest regret"
    if calm != found.best:
        others = f"the smallest largest regret is that of {titles[calm]}, {least}"
    return (
        f"To have chosen {titles[found.best]} costs {number(mine['mean_regret'])} on average and "
        f"{number(mine['max_regret'])} at most, against the best policy of each future; {others}. "
        f"In {_percent(1 - found.futures['matters'].mean())} of the futures the best leads the next by less "
        "than what matters."
    )


def _alone(found: Robustness, titles: Mapping[str, str]) -> str:
    """Say which assumptions alone bring another policy to the front."""
    turning, tried = _turning(found), len(found.tornado)
    if turning.empty:
        return f"None of {tried} assumptions alone, at either end of its range, brings another to the front."
    which = "; ".join(_ends(row, found.best, titles) for row in turning.head(4).to_dict("records"))
    some = f"Alone, {len(turning)} of {tried} assumptions bring another to the front, in one replication"
    return f"{some}: {which}."


def _turning(found: Robustness) -> pd.DataFrame:
    ends = found.tornado[["best_low", "best_high"]]
    return found.tornado[(ends != found.best).any(axis=1)]


def _ends(row: Mapping[Any, Any], best: str, titles: Mapping[str, str]) -> str:
    """Write at which end of an assumption who is best instead."""
    ends = [
        (row[side], titles[row[f"best_{side}"]]) for side in ("low", "high") if row[f"best_{side}"] != best
    ]
    return f"“{row['what']}” at " + " and at ".join(f"{value} ({name})" for value, name in ends)


class _Numbers:
    """Writes differences in the unit of the KPI."""

    def __init__(self, found: Robustness) -> None:
        largest = float(found.outcomes.drop(columns="future").abs().max().max())
        self.shown = scale(found.options.kpi.unit, largest)

    def __call__(self, value: float, *, bare: bool = False) -> str:
        text = f"{value * self.shown.factor:,.2g}".replace("-", "−")
        return text if bare else f"{text} {self.shown.difference}".strip()


def _percent(part: float) -> str:
    return f"{part * 100:.0f} %"


def _tables(found: Robustness, titles: Mapping[str, str]) -> dict[str, tuple[pd.DataFrame, str]]:
    named = {one.id: one.what for one in found.varied}
    standing = found.standing.assign(policy=found.standing["policy"].map(titles))
    ranges = pd.DataFrame(
        {
            "assumption": [one.what for one in found.varied],
            "lowest": [one.words(one.low) for one in found.varied],
            "highest": [one.words(one.high) for one in found.varied],
            "set_as": [
                ", ".join(one.paths[:3]) + (" ..." if len(one.paths) > 3 else "") for one in found.varied
            ],
        }
    )
    tables = {
        "standing": (standing, "Each policy over all futures: wins, regret, gain over the system as it is."),
        "varied": (ranges, "Assumptions that varied together, over their ranges."),
        "hangs": (
            found.hangs[["what", "rank_correlation"]],
            "How the lead goes with each assumption over the futures (rank correlation).",
        ),
        "tornado": (
            found.tornado.drop(columns=["unknown"]).assign(
                best_low=found.tornado["best_low"].map(titles),
                best_high=found.tornado["best_high"].map(titles),
            ),
            "Each assumption alone at the ends of its range: the lead, who is best, and the largest change.",
        ),
        "futures": (
            found.futures,
            "Every future: its values, who is best, by how much, whether it is settled.",
        ),
        "outcomes": (found.outcomes, "The deciding KPI of each policy in each future."),
    }
    if len(found.indices):
        shown = found.indices.assign(unknown=found.indices["unknown"].map(named))
        tables["indices"] = (shown, f"{METHODS[found.options.method]}: what the lead hangs on.")
    if len(found.refused):
        tables["refused"] = (found.refused, "Assumptions with a range that could not be varied, and why.")
    return tables


def _figures(found: Robustness, titles: Mapping[str, str]) -> dict[str, tuple[figures.Figure, str]]:
    unit, shown = found.options.kpi.unit, {BASELINE: titles[BASELINE]}
    shown |= {name: titles[name] for name in found.options.policies}
    lost = regret(found.outcomes[list(found.options.policies)].to_numpy(), found.options.kpi.direction)
    frame = pd.DataFrame(lost, columns=list(found.options.policies))
    drawn = {
        "tornado": (
            figures.tornado(found.tornado, titles[found.best], titles[found.second], unit),
            "What moves the lead: each assumption alone at either end of its range.",
        ),
        "regret": (
            figures.regrets(frame, shown, unit),
            "What it costs to have chosen wrongly, over all futures.",
        ),
    }
    if len(found.varied) > 1:
        drawn["winners"] = (_map(found, shown), "Who is best in which future.")
    return drawn


def _map(found: Robustness, shown: Mapping[str, str]) -> figures.Figure:
    named = {one.id: one for one in found.varied}
    box, order, words = {}, list(found.hangs["unknown"]), ""
    confirmed = [name for name, one in found.boxes.items() if one.held_chance <= CONFIRMED]
    if confirmed:
        one, ids = found.boxes[confirmed[0]], list(named)
        box = {ids[n]: (one.low[n], one.high[n]) for n in one.limited}
        order = [*(name for name in order if name in box), *(name for name in order if name not in box)]
        words = f"Grey: {shown[confirmed[0]]} wins when {_conditions(found, one)}"
    return figures.winner_map(
        found.futures,
        order[:2],
        {name: one.what for name, one in named.items()},
        [name for name, one in named.items() if one.relative],
        shown,
        box,
        words,
    )


def _notes(found: Robustness, titles: Mapping[str, str]) -> Iterator[str]:
    options, parts = found.options, found.parts
    yield (
        f"{len(found.futures)} futures ({METHODS[options.method]}), {options.replications} replications of "
        "each policy in each, all with the same luck (common seed)."
    )
    if found.unread:
        yield f"{found.unread} more futures were refused by the checks of the configuration."
    total = parts.values + parts.luck
    if total > 0:
        yield (
            f"Of the variance of the lead over futures, {_percent(parts.luck / total)} is luck that the "
            "replications left; the rest the assumptions make (two-way layout of futures and replications)."
        )
    yield (
        "Values are spread evenly over a range, factors evenly on the logarithmic scale. Assumptions of the "
        "same meaning and range move together. Ranges are judgements: a share of futures is no probability."
    )
    if not options.patterns:
        yield (
            f"Of {len(found.tornado)} assumptions that could bear on the answer, the {len(found.varied)} "
            "that come first in the tornado varied together (those that bring another policy to the front, "
            "then those that move its lead over any rival most); --assumptions takes "
            "others."
        )
    for name, box in found.boxes.items():
        confirmed = "confirmed" if box.held_chance <= CONFIRMED else "not confirmed, and not in the answer"
        yield (
            f"PRIM (Friedman and Fisher 1999) finds that {titles[name]} wins when {_conditions(found, box)}: "
            f"in {_percent(box.density)} of the futures there. Found from either half and tried "
            f"on the other: in {_percent(box.held_out)} (p = {box.held_chance:.2g}); {confirmed}."
        )
