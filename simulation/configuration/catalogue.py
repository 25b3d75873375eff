"""What there is to choose from, one line each: what `vetsim list` prints."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

from simulation.configuration.composition import compose
from simulation.configuration.folders import describe, options
from simulation.kpis import REGISTRY
from simulation.scenario import Lever

__all__ = ["Entry", "catalogue"]


class Entry(NamedTuple):
    """One thing that can be named."""

    kind: str
    """study, city, policy, lever, need or kpi."""
    name: str
    about: str
    """What it is, in a line."""


def catalogue(folder: Path | None = None) -> list[Entry]:
    """List studies, cities, policies, levers, the needs of the default city, and KPIs.

    Parameters
    ----------
    folder
        The user's own folder of configs.

    Raises
    ------
    InputError
        When the default configs cannot be composed.

    Examples
    --------
    >>> sorted({entry.kind for entry in catalogue()})
    ['city', 'kpi', 'lever', 'need', 'policy', 'study']
    """
    plain = compose((), folder).plain
    return [
        *(Entry("study", name, describe("study", name, folder)) for name in options("study", folder)),
        *(Entry("city", name, describe("city", name, folder)) for name in options("city", folder)),
        *_titled("policy", plain.get("policies")),
        *_levers(),
        *_titled("need", (plain.get("scenario") or {}).get("needs")),
        *(Entry("kpi", kpi.id, f"{kpi.title} ({kpi.unit})") for kpi in REGISTRY),
    ]


def _titled(kind: str, items: Any) -> Iterator[Entry]:
    for name, item in sorted(items.items()) if isinstance(items, Mapping) else ():
        about = (item.get("summary") or item.get("title") or "") if isinstance(item, Mapping) else ""
        yield Entry(kind, str(name), str(about))


def _levers() -> Iterator[Entry]:
    union = get_args(Lever)[0]
    for lever in get_args(union):
        (name,) = get_args(lever.model_fields["kind"].annotation)
        yield Entry("lever", name, (inspect.getdoc(lever) or "").partition("\n")[0])
