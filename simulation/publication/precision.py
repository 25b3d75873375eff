"""How many replications the precision took, in words."""

from __future__ import annotations

from simulation.procedures.precision import Precision

__all__ = ["in_short"]


def in_short(found: Precision) -> dict[str, str]:
    """Say why there are as many replications as there are.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"ratio": [0.9], "would_take": [21]})
    >>> in_short(Precision(28, 23, 1.0, table, pd.DataFrame()))["precision"]
    'reached with 23 replications, and held over 5 more'
    """
    count = found.replications
    asked = f"every interval within {found.wanted:g} indifference zone(s) of its KPI to either side"
    if found.needed is not None:
        said = f"reached with {found.needed} replications, and held over {count - found.needed} more"
    else:
        wide = found.table[~(found.table["ratio"] <= 1.0)]
        need = max(int(found.table["would_take"].max()), count + 1)
        said = (
            f"NOT reached with {count} replications, the most that the study allows: "
            f"{len(wide)} of {len(found.table)} intervals are wider at the end; it would take about {need:,}"
        )
    return {"precision asked for": asked, "precision": said}
