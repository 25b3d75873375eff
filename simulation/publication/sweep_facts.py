"""The facts of a sweep, about one KPI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.analysis.responses import Metamodel, at_points, cube, metamodel, positions, responses
from simulation.analysis.wording import quantity
from simulation.kpis import Kpi
from simulation.procedures.axes import Axis
from simulation.procedures.sweep import Sweep

__all__ = ["Facts"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Facts:
    """A sweep, and one KPI of it.

    Parameters
    ----------
    sweep
        What was found.
    kpi
        One of those that it was asked for.
    titles
        Title of each policy, the baseline first.

    Examples
    --------
    >>> from simulation.kpis import REGISTRY
    >>> from simulation.procedures.sweep import SweepOptions
    >>> rows = [(point, "now", run, REGISTRY[0].id, point + 1.0) for point in (0, 1) for run in (0, 1)]
    >>> values = pd.DataFrame(rows, columns=["point", "policy", "replication", "kpi", "value"])
    >>> points = pd.DataFrame({"point": [0, 1], "heads": [1, 2]}, dtype=object)
    >>> options = SweepOptions("grid", (Axis("heads", "Heads", (1, 2)),), ("now",), 2, REGISTRY[:1])
    >>> found = Facts(Sweep(options, points, values, pd.DataFrame()), REGISTRY[0], {"now": "Now"})
    >>> found.curves["heads"]["mean"].tolist(), found.several
    ([1.0, 2.0], False)
    """

    sweep: Sweep
    kpi: Kpi
    titles: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The policies, the baseline first."""
        return self.sweep.options.policies

    @property
    def several(self) -> bool:
        """Whether there is anything to compare."""
        return len(self.names) > 1

    @cached_property
    def cube(self) -> Array:
        """Points x policies x replications."""
        return cube(self.sweep.values, self.kpi.id, self.names, len(self.sweep.points))

    @cached_property
    def table(self) -> pd.DataFrame:
        """Mean and gain of every policy at every point."""
        return at_points(self.cube, self.names)

    @cached_property
    def rival(self) -> int:
        """The policy that gains most over the baseline at the most points; the baseline where it is alone."""
        gains = self.table.pivot(index="point", columns="policy", values="gain")[list(self.names)]
        signed = (gains * (self.kpi.direction or 1)).mean().fillna(-np.inf)
        return int(np.argmax(signed.to_numpy()[1:])) + 1 if self.several else 0

    @cached_property
    def outcome(self) -> Array:
        """What the metamodel is of: the gain of the rival over the baseline, or the KPI itself."""
        own = self.cube[:, self.rival]
        return own - self.cube[:, 0] if self.several else own

    @cached_property
    def model(self) -> Metamodel | None:
        """The outcome as a plane of the axes, with products of two."""
        points = self.sweep.points
        return metamodel(self.outcome, {axis.id: positions(list(points[axis.id])) for axis in self.axes})

    @property
    def axes(self) -> tuple[Axis, ...]:
        """What is varied."""
        return self.sweep.options.axes

    @property
    def words(self) -> dict[str, str]:
        """Each axis in words."""
        return {axis.id: _words(axis) for axis in self.axes}

    @cached_property
    def curves(self) -> dict[str, pd.DataFrame]:
        """Responses along each axis, the one that moves the KPI most first."""
        points = self.sweep.points
        drawn = {
            axis.id: responses(self.cube, list(points[axis.id]), self.names)
            for axis in self.axes
            if points[axis.id].notna().any()
        }
        return dict(sorted(drawn.items(), key=lambda item: -_swing(item[1])))

    @property
    def labels(self) -> dict[str, str]:
        """Each axis as it is named in a drawing, where factors stand as they are."""
        factors = {axis.id for axis in self.axes if axis.unknown is not None and axis.unknown.relative}
        return {name: f"{words} (factor)" if name in factors else words for name, words in self.words.items()}

    @property
    def subject(self) -> str:
        """What the metamodel is of, in words."""
        title = self.kpi.title
        return f"{title}: gain of {self.titles[self.names[self.rival]]}" if self.several else title

    def quantity(self, value: float) -> str:
        """Write a value of the KPI with its unit."""
        return quantity(value, self.kpi.unit)


def _words(axis: Axis) -> str:
    return axis.what if axis.unknown is not None else axis.id.removeprefix("scenario.")


def _swing(curve: pd.DataFrame) -> float:
    means = curve.groupby("level")["mean"].mean()
    return float(means.max() - means.min()) if means.notna().any() else 0.0
