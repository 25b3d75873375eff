"""Whether what was computed and what was simulated agree, team by team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from simulation.analysis.estimates import interval

__all__ = ["agreement", "time_in_system"]

CLOSE = 0.05
"""Relative difference within which a computed and a simulated number agree, besides chance."""


def agreement(
    expected: pd.DataFrame,
    found: pd.DataFrame,
    reasons: Mapping[str, Sequence[Sequence[str]]],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Set computed visits and utilisations beside those of the replications.

    Two numbers agree when the computed one lies in the interval of the simulated one or within a twentieth of
    it. Otherwise the row names what the computation leaves out there that would explain it.

    Parameters
    ----------
    expected
        team, visits, duty (head-hours), intensity, utilisation.
    found
        KPI values of one scenario by replication: the rows of utilisation and overtime by team are used.
    reasons
        What the computation leaves out at each team, in words: what would let fewer cases come, what would
        bring more, what would only change the work in them.
    confidence
        Of each interval.

    Returns
    -------
    DataFrame
        team, intensity, and for visits and utilisation (overtime included) the computed number, the simulated
        one and its half-width; agrees; reason.

    Examples
    --------
    >>> expected = pd.DataFrame({"team": ["desk"], "visits": 100.0, "duty": 10.0, "intensity": 0.5,
    ...                          "utilisation": 0.5})
    >>> row = {"dimension": "team", "level": "desk", "replication": [0, 1]}
    >>> found = pd.concat([pd.DataFrame({"kpi": "utilisation", "value": [0.3, 0.31], "n": [60, 62], **row}),
    ...                    pd.DataFrame({"kpi": "overtime", "value": 0.0, "n": 60, **row})])
    >>> agreement(expected, found, {"desk": [["losses of patience"], [], []]})["reason"].tolist()
    ['losses of patience']
    """
    by_team = found[found["dimension"] == "team"]
    used = by_team[by_team["kpi"] == "utilisation"].set_index(["level", "replication"])
    late = by_team[by_team["kpi"] == "overtime"].set_index(["level", "replication"])["value"]
    rows = []
    for row in expected.to_dict("records"):
        team = row["team"]
        mine = used.loc[[team]] if team in used.index.get_level_values(0) else used.iloc[:0]
        visits, visits_half = interval(mine["n"].to_numpy(np.float64), confidence)
        over = late.loc[[team]].to_numpy() / row["duty"] if len(mine) and row["duty"] > 0 else 0.0
        busy, busy_half = interval(mine["value"].to_numpy(np.float64) + over, confidence)
        agrees = _close(row["visits"], visits, visits_half) and _close(row["utilisation"], busy, busy_half)
        line = {
            "team": team, "intensity": row["intensity"],
            "visits_computed": row["visits"], "visits_simulated": visits, "visits_half": visits_half,
            "utilisation_computed": row["utilisation"], "utilisation_simulated": busy,
            "utilisation_half": busy_half, "agrees": agrees,
        }  # fmt: skip
        reason = "" if agrees else _reason(line, reasons.get(team, ((), (), ())))
        rows.append({**line, "reason": reason})
    return pd.DataFrame(rows)


def _close(computed: float, simulated: float, half: float) -> bool:
    if np.isnan(computed) or np.isnan(simulated):
        return True
    apart = abs(computed - simulated)
    return bool(apart <= CLOSE * abs(simulated) or (np.isfinite(half) and apart <= half))


def _reason(row: Mapping[str, float], known: Sequence[Sequence[str]]) -> str:
    """Say what is left out that would explain a difference: of visits, if that is most of it, or of work."""
    fewer, more, pace = known
    visits, busy = (
        row[f"{name}_computed"] / row[f"{name}_simulated"] - 1.0 if row[f"{name}_simulated"] else np.inf
        for name in ("visits", "utilisation")
    )
    if abs(visits) < abs(busy) / 2.0:
        return "; ".join(pace)
    return "; ".join(fewer if visits > 0 else more)


def time_in_system(found: pd.DataFrame, days: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the mean time (days) for which a presented case is open, by Little's law, and its half-width.

    What is open on average is the rate of cases times the time that each is open (Little 1961), in each
    replication; what is under way at the two ends of the window makes it inexact there.

    Parameters
    ----------
    found
        KPI values of one scenario by replication, over all.
    days
        Length of the window.
    confidence
        Of the interval.

    Examples
    --------
    >>> names = ["backlog_mean", "latent", "presented", "escalations"]
    >>> found = pd.DataFrame({"kpi": names, "dimension": "all", "replication": 0, "value": [50, 400, 0.5, 0]})
    >>> time_in_system(found, days=40.0)[0]
    10.0
    """
    wide = found[found["dimension"] == "all"].pivot(index="replication", columns="kpi", values="value")
    cases = wide["latent"] * wide["presented"] + wide["escalations"]
    return tuple(interval((wide["backlog_mean"] * days / cases).to_numpy(), confidence))  # type: ignore[return-value]
