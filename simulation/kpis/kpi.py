"""What a KPI is, and how one is made of the function that measures it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from simulation.kpis.measured import Measured
from simulation.kpis.measures import Measure

__all__ = ["Family", "Kpi", "make_kpi", "make_statistics"]

Rule = Literal["cohort", "time average"]
Family = Literal["meeting needs", "collaborative mechanism", "service efficiency", "socialised extension"]
Direction = Literal[-1, 0, 1]


@dataclass(frozen=True)
class Kpi:
    """A named number that is measured on records over a window."""

    id: str
    """Name in tables."""
    title: str
    """Name for readers."""
    unit: str
    """Unit of the values; a share is a fraction of one."""
    direction: Direction
    """1 when higher is better, -1 when lower is better, 0 when neither is."""
    rule: Rule
    """``cohort``: cases that arose in the window, followed to the end of the run; ``time average``: what
    happened inside the window, cut at its edges."""
    indifference: float
    """Smallest difference that matters, in the unit."""
    doc: str = field(repr=False)
    """The definition."""
    measure: Callable[[Measured], Measure] = field(repr=False)
    """What measures it."""
    headline: bool = False
    """Whether it is compared between policies unless a study says otherwise."""
    family: Family = "meeting needs"
    """Which of the four effects of the system it tells of."""
    components: tuple[str, ...] = ()
    """Ids of the KPIs that it is made of, to be shown beside it; only an index has some."""


def _definition(measure: Callable[..., Measure]) -> str:
    return (inspect.getdoc(measure) or "").partition("\n\nExamples\n")[0]


def make_kpi(
    measure: Callable[..., Measure],
    title: str,
    unit: str,
    direction: Direction,
    indifference: float,
    family: Family = "meeting needs",
    *,
    rule: Rule = "cohort",
    headline: bool = False,
    components: tuple[str, ...] = (),
) -> Kpi:
    """Name a KPI after the function that measures it, and define it by its docstring.

    Examples
    --------
    >>> from simulation.kpis.needs import latent
    >>> make_kpi(latent, "Needs that arose", "cases", 0, 0.0).id
    'latent'
    """
    return Kpi(
        id=measure.__name__,
        title=title,
        unit=unit,
        direction=direction,
        rule=rule,
        indifference=indifference,
        doc=_definition(measure),
        measure=measure,
        headline=headline,
        family=family,
        components=components,
    )


def make_statistics(
    measure: Callable[..., Measure],
    what: str,
    indifference: tuple[float, float, float],
    headline: str = "",
    family: Family = "meeting needs",
) -> tuple[Kpi, ...]:
    """Name the mean, the median and the 90th percentile of a time.

    Examples
    --------
    >>> from simulation.kpis.contacts import time_to_resolution
    >>> [kpi.id for kpi in make_statistics(time_to_resolution, "time to resolution", (1.0, 1.0, 2.0))]
    ['time_to_resolution_mean', 'time_to_resolution_median', 'time_to_resolution_p90']
    """
    words = {"mean": "Mean", "median": "Median", "p90": "90th percentile of the"}
    return tuple(
        Kpi(
            id=f"{measure.__name__}_{statistic}",
            title=f"{word} {what}",
            unit="days",
            direction=-1,
            rule="cohort",
            indifference=zone,
            doc=_definition(measure),
            measure=partial(measure, statistic=statistic),
            headline=statistic == headline,
            family=family,
        )
        for (statistic, word), zone in zip(words.items(), indifference, strict=True)
    )
