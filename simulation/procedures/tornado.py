"""Each unknown alone, at both ends of its range: how far the best policy still leads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from simulation.assumptions import Unknown
from simulation.procedures.futures import Outcomes

__all__ = ["tornado"]


def tornado(
    read: Sequence[Unknown],
    ends: Outcomes,
    base: Outcomes,
    policies: Sequence[str],
    pair: tuple[str, str],
    direction: int,
) -> pd.DataFrame:
    """Tell what either end of each unknown does to the lead of the best policy.

    Parameters
    ----------
    read
        The unknowns.
    ends
        Two futures for each of them, its lowest value and its highest.
    base
        The future as configured.
    policies
        Who competes; in the outcomes the baseline stands before them.
    pair
        The best one as configured, and the second.
    direction
        1 when higher is better, -1 when lower is.

    Returns
    -------
    DataFrame
        unknown (id), what, low, high (values in words), lead_low, lead_high and lead (of the best over the
        second, with the unknown at either end and as configured), best_low, best_high (who is best there),
        swing (the largest change of the lead over any rival). All are of the first replication. First come
        those that bring another policy to the front, then those that move a lead most.

    Examples
    --------
    >>> rate = Unknown("rate", "Demand", ("rate",), 0.5, 2.0, True, 1.0)
    >>> low, high, base = ([[0.0], [5.0], [4.0]], [[0.0], [3.0], [4.0]], [[0.0], [5.0], [4.5]])
    >>> ends, base = Outcomes(np.array([low, high]), ()), Outcomes(np.array([base]), ())
    >>> found = tornado([rate], ends, base, ("a", "b"), ("a", "b"), 1)
    >>> found[["lead_low", "lead_high", "best_high", "swing"]].values.tolist()
    [[1.0, -1.0, 'b', 1.5]]
    """
    best, second = (policies.index(name) for name in pair)
    before = base.values[0, 1:, 0] * direction
    rows = []
    for number, one in enumerate(read):
        low, high = (ends.values[2 * number + end, 1:, 0] * direction for end in (0, 1))
        moved = [np.abs((end[best] - end) - (before[best] - before)) for end in (low, high)]
        rows.append(
            {
                "unknown": one.id,
                "what": one.what,
                "low": one.words(one.low),
                "high": one.words(one.high),
                "lead_low": low[best] - low[second],
                "lead_high": high[best] - high[second],
                "lead": before[best] - before[second],
                "best_low": policies[int(np.argmax(low))],
                "best_high": policies[int(np.argmax(high))],
                "swing": float(np.nanmax(moved)),
            }
        )
    columns = [
        "unknown",
        "what",
        "low",
        "high",
        "lead_low",
        "lead_high",
        "lead",
        "best_low",
        "best_high",
        "swing",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    turns = (frame["best_low"] != pair[0]) | (frame["best_high"] != pair[0])
    order = frame.assign(turns=turns).sort_values(["turns", "swing"], ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)
