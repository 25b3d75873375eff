"""How many replications does the precision asked for take, on every headline KPI of every scenario."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.analysis.estimates import Floats, moments, replications_for
from simulation.analysis.precision import enough, look_ahead, running_half_widths
from simulation.runner import Runs
from simulation.spec import InputError, Problem
from simulation.study import BASELINE, Design

__all__ = ["Precision", "reach_precision"]


@dataclass(frozen=True)
class Precision:
    """How many replications it took.

    Parameters
    ----------
    replications
        To be used of every scenario: those that were needed and those of the look-ahead, or as many as the
        study allows.
    needed
        After how many the precision was there, to stay; None when it was not reached.
    wanted
        The precision asked for: the widest half-width, in indifference zones.
    table
        A row per interval: scenario, kpi, half_width, wanted, ratio (half-width over the wanted one),
        would_take (replications, were the spread to stay as it is); the widest first. What has no value in
        any replication has no interval and is left out.
    path
        A row per number of replications from the second on: replications, ratio of the widest interval, and
        its scenario and kpi.
    """

    replications: int
    needed: int | None
    wanted: float
    table: pd.DataFrame
    path: pd.DataFrame


def reach_precision(design: Design, runs: Runs) -> Precision:
    """Run as many replications as it takes until every interval is as narrow as the study asks for.

    The intervals are those that the report compares by: of the paired differences from the baseline, all
    holding together; in a study of the baseline alone, those of its means. Each may be as wide to either side
    as the study's `precision` times the indifference zone of its KPI. That is absolute: a difference near
    zero has no sensible relative precision. All scenarios get the same replications, so that every pair is
    complete; the first ones are those that the study has anyway, so a finished study is extended.

    Parameters
    ----------
    design
        A study with `precision`, `replications` (the least) and `most_replications`.
    runs
        Where replications come from.

    Raises
    ------
    InputError
        When the study asks for no precision, or a headline KPI has no indifference zone.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=96, headline=["fulfilment"], precision=5, replications=3)
    >>> design = Design(study, single_queue(), (Policy(id="baseline"),))
    >>> found = reach_precision(design, Runs(study, Store(Path(tempfile.mkdtemp()))))
    >>> found.needed, found.replications
    (3, 8)
    """
    study = design.study
    if study.precision is None:
        raise InputError([Problem("study.precision", None, "say how precise: 1 is the indifference zone")])
    without = [kpi.id for kpi in study.deciding if not kpi.indifference > 0]
    if without:
        message = "a KPI without an indifference zone has no precision to reach; leave it out of the headline"
        raise InputError([Problem("study.headline", without, message)])
    scenarios, count = design.scenarios, study.replications
    while True:
        table = runs.ask([(scenario, range(count)) for scenario in scenarios])
        keys, values = _quantities(design, table, count)
        zones = {kpi.id: kpi.indifference * study.precision for kpi in study.deciding}
        wanted = np.array([zones[kpi] for _, kpi in keys])
        half = running_half_widths(values, study.confidence, len(keys))
        needed = enough(half / wanted[:, None], study.replications)
        if needed is not None or count >= study.most_replications:
            used = min(count, needed + look_ahead(needed)) if needed is not None else count
            parts = (keys, values[:, :used], half[:, :used], wanted)
            return Precision(used, needed, study.precision, _table(*parts, study.confidence), _path(*parts))
        expected = max(_would_take(values, wanted, study.confidence))
        count = min(study.most_replications, max(count + 1, min(expected + look_ahead(expected), 2 * count)))


def _quantities(design: Design, table: pd.DataFrame, count: int) -> tuple[list[tuple[str, str]], Floats]:
    """Give what must be precise: scenario and KPI, and a value for each replication."""
    rows = table[(table["dimension"] == "all") & table["kpi"].isin(design.study.headline)]
    values = {
        (str(scenario), str(kpi)): part.sort_values("replication")["value"].to_numpy(dtype=np.float64)[:count]
        for (scenario, kpi), part in rows.groupby(["scenario", "kpi"], sort=False)
    }
    found: dict[tuple[str, str], Floats] = {}
    for scenario in [one.id for one in design.scenarios[1:]] or [BASELINE]:
        for kpi in design.study.headline:
            own = values[scenario, kpi]
            with np.errstate(invalid="ignore"):  # what is infinite on both sides has no difference
                own = own - values[BASELINE, kpi] if scenario != BASELINE else own
            if np.isfinite(own).any():
                found[scenario, kpi] = own
    return list(found), np.array(list(found.values())).reshape(len(found), count)


def _would_take(values: Floats, wanted: Floats, confidence: float) -> list[int]:
    spread = moments(values).sd
    return [
        replications_for(sd, width, confidence, len(wanted)) if np.isfinite(sd) else 0
        for sd, width in zip(spread, wanted, strict=True)
    ]


def _table(
    keys: list[tuple[str, str]], values: Floats, half: Floats, wanted: Floats, confidence: float
) -> pd.DataFrame:
    table = pd.DataFrame(keys, columns=["scenario", "kpi"])
    table["half_width"], table["wanted"] = half[:, -1], wanted
    table["ratio"] = table["half_width"] / table["wanted"]
    table["would_take"] = _would_take(values, wanted, confidence)
    return table.sort_values("ratio", ascending=False, kind="stable", ignore_index=True)


def _path(keys: list[tuple[str, str]], _: Floats, half: Floats, wanted: Floats) -> pd.DataFrame:
    ratios = np.where(np.isnan(half), np.inf, half / wanted[:, None])[:, 1:]
    widest = ratios.argmax(axis=0)
    return pd.DataFrame(
        {
            "replications": np.arange(2, half.shape[1] + 1),
            "ratio": ratios.max(axis=0),
            "scenario": [keys[place][0] for place in widest],
            "kpi": [keys[place][1] for place in widest],
        }
    )
