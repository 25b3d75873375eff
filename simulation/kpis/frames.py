"""Series of one replication, for the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulation.kpis.labels import kept, text
from simulation.kpis.measured import Measured
from simulation.kpis.measures import Dimension
from simulation.records import Exit

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["series"]

DAYS = np.arange(0.0, 30.25, 0.25)
"""Grid of the waits, days."""
LOSSES = (
    Exit.not_presented,
    Exit.balked,
    Exit.reneged,
    Exit.lost,
    Exit.refused,
    Exit.ineligible,
    Exit.dropped_out,
    Exit.resolved_itself,
    Exit.unresolved,
    Exit.open,
)
"""What is taken away from the needs that arose, before those resolved are left."""


def series(measured: Measured) -> dict[str, pd.DataFrame]:
    """Return what the figures draw of one replication.

    Parameters
    ----------
    measured
        The replication.

    Returns
    -------
    dict of DataFrame
        - ``waits``: dimension (all, group), level, days, share still waiting for the first contact;
        - ``waterfall``: stage, cases: latent, each way in which needs were lost, resolved;
        - ``backlog``: day since the start of the scenario, open: presented cases open at the end of the day;
        - ``utilisation``: team (role), month (its number; year and month in a window of more than twelve),
          share;
        - ``ledger``: need, exit, cases: how the needs of the window ended, each once; planned work included,
          cases that other cases opened not;
        - ``flows``: source, target (roles of teams), cases referred.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> series(worked_example())["flows"].values.tolist()
    [['desk', 'bureau', 1]]
    """
    return {
        "waits": _waits(measured),
        "waterfall": _waterfall(measured),
        "backlog": _backlog(measured),
        "utilisation": _utilisation(measured),
        "ledger": _ledger(measured),
        "flows": _flows(measured),
    }


def _waits(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    chosen = [one for one in measured.dimensions if one.name in ("all", "group")]
    shares = [measured.curves("first contact", one).at(DAYS) for one in chosen]
    return pd.DataFrame(
        {
            **kept(measured.layout, "waits", lambda: _grid(chosen)),
            "share": np.concatenate([share.ravel() for share in shares]),
        }
    )


def _grid(dimensions: Sequence[Dimension]) -> dict[str, Any]:
    """Levels and days of the waits."""
    names = [(one.name, level) for one in dimensions for level in one.levels]
    return {
        "dimension": text([name for name, _ in names], len(DAYS)),
        "level": text([level for _, level in names], len(DAYS)),
        "days": np.tile(DAYS, len(names)),
    }


def _waterfall(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    chosen = measured.core
    ends = (*LOSSES, Exit.resolved)
    number = np.bincount(measured.cases["exit"][chosen], minlength=len(Exit))
    stages = kept(measured.layout, "waterfall", lambda: {"stage": text(("latent", *(e.name for e in ends)))})
    return pd.DataFrame({**stages, "cases": [int(chosen.sum()), *number[list(ends)].tolist()]})


def _ledger(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    names = measured.records.names.needs
    chosen = measured.cohort & measured.primary
    pairs = measured.cases["need"][chosen].astype(np.int64) * len(Exit) + measured.cases["exit"][chosen]

    def labels() -> dict[str, Any]:
        return {"need": text(names, len(Exit)), "exit": text([exit_.name for exit_ in Exit] * len(names))}

    cases = np.bincount(pairs, minlength=len(names) * len(Exit))
    return pd.DataFrame({**kept(measured.layout, "ledger", labels), "cases": cases})


def _backlog(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    window = measured.window
    days = np.arange(np.floor(window.start / 24.0), np.ceil(window.end / 24.0))
    moments = np.minimum((days + 1.0) * 24.0, window.end)
    chosen = measured.presented & measured.by_veteran
    begun = np.sort(measured.cases["arrival"][chosen])
    ended = np.sort(measured.cases["ended"][chosen & ~measured.open])
    number = np.searchsorted(begun, moments, side="right") - np.searchsorted(ended, moments, side="right")
    return pd.DataFrame({"day": days.astype(np.int64), "open": number})


def _utilisation(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    load, roles = measured.workload, measured.scheme.staff.roles
    share = np.full(load.monthly_busy.shape, np.nan)
    np.divide(load.monthly_busy, load.monthly_duty, out=share, where=load.monthly_duty > 0)
    return pd.DataFrame(
        {
            "team": text(roles, len(load.months)),
            "month": list(load.months) * len(roles),
            "share": share.ravel(),
        }
    )


def _flows(measured: Measured) -> pd.DataFrame:
    """Referrals that arrived, or were meant to: from the team that worked on the case before."""
    import pandas as pd

    from simulation.kpis._loops.visits import follow_flows

    kinds, visits = measured.scheme.activities, measured.visits
    roles = [team.role for team in measured.layout.teams]
    nodes = sorted({*roles, *kinds.receiver})
    number = {name: n for n, name in enumerate(nodes)}
    by_team = np.array([number[role] for role in roles], dtype=np.int64)
    by_activity = np.array([number[name] for name in kinds.receiver], dtype=np.int64)
    cases = np.zeros((len(nodes), len(nodes)), np.int64)
    follow_flows(
        visits["case"],
        visits["branch"],
        visits["lead"],
        visits["activity"],
        visits["team"],
        measured.core,
        kinds.referral,
        by_team,
        by_activity,
        cases,
    )
    source, target = np.nonzero(cases)
    ends = {
        name: text([nodes[at] for at in found]) for name, found in (("source", source), ("target", target))
    }
    return pd.DataFrame({**ends, "cases": cases[source, target]})
