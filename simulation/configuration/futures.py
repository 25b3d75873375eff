"""Futures: the same study with other answers to what nobody knows."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from simulation.configuration.composition import Composition, Written, follow, read_configs
from simulation.configuration.folders import search_path
from simulation.configuration.reading import design_of
from simulation.configuration.varying import put, vary
from simulation.study import Design

if TYPE_CHECKING:
    from simulation.assumptions import Unknown

__all__ = ["Futures", "read_futures"]

OWN = ("scenario", "policies", "study")
"""What becomes a design; all else in the configs is there to be referred to."""


@dataclass(frozen=True)
class Futures:
    """A study as it is configured, what is not known about it, and how it would be otherwise.

    Parameters
    ----------
    design
        As configured.
    unknowns
        All that has a range.
    """

    design: Design
    unknowns: tuple[Unknown, ...]
    _written: Written = field(repr=False)
    _plain: dict[str, Any] = field(repr=False)
    _folders: tuple[Path, ...] = field(repr=False)
    _known: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def imagine(
        self,
        values: Mapping[Unknown, float],
        policies: Sequence[str],
        settings: Mapping[str, Any] = MappingProxyType({}),
    ) -> Design:
        """Give the design in which the unknowns have these values; the configs are composed only once.

        Parameters
        ----------
        values
            A value, or a factor, for each unknown that is other than configured.
        policies
            The policies of the future; the others are left out.
        settings
            Values of anything in the configs, by dotted name, set before the unknowns: of what scenario,
            policies and study say, in place of that; of all else (``size.veterans``) wherever it is
            referred to.

        Raises
        ------
        InputError
            When a value cannot be put there, or is refused as any that an analyst might write.

        Examples
        --------
        >>> futures = read_futures(["city=mmc", "policy=baseline"])
        >>> [policy.id for policy in futures.imagine({}, ["baseline"]).policies]
        ['baseline']
        """
        outside = {name: value for name, value in settings.items() if name.partition(".")[0] not in OWN}
        plain = dict(self._followed(outside))
        names = [*settings, *(path for one in values for path in one.paths)]
        copied = {OWN[0], *(part for name in names if (part := name.partition(".")[0]) in OWN)}
        plain |= {part: copy.deepcopy(plain[part]) for part in copied}
        for name, value in settings.items():
            if name not in outside:
                put(plain, name, value)
        for unknown, value in values.items():
            for path in unknown.paths:
                whole = plain if path.startswith("policies.") else plain["scenario"]
                vary(whole, path, value, relative=unknown.relative)
        return design_of(Composition(plain, tuple(policies), self._written.files), self._folders)

    def _followed(self, outside: Mapping[str, Any]) -> dict[str, Any]:
        """Give the plain configs when something that they refer to has other values."""
        if not outside:
            return self._plain
        key = repr(sorted(outside.items()))
        if key not in self._known:
            self._known.clear()  # neighbouring design points often share it; all would fill the memory
            self._known[key] = follow(self._written, outside).plain
        return self._known[key]


def read_futures(overrides: Sequence[str] = (), folder: Path | None = None) -> Futures:
    """Compose a study once, and give what is not known about it.

    Parameters
    ----------
    overrides, folder
        As for `read_design`.

    Raises
    ------
    InputError
        As `read_design` does.

    Examples
    --------
    >>> read_futures(["city=mmc", "policy=baseline"]).design.study.policies
    ('baseline',)
    """
    from simulation.assumptions import unknowns

    folders = tuple(search_path(folder))
    written = read_configs(overrides, folder)
    composition = follow(written)
    design = design_of(composition, folders)
    found = unknowns(design.evidence, design.city, design.policies)
    return Futures(design, found, _trimmed(written, design), composition.plain, folders)


def _trimmed(written: Written, design: Design) -> Written:
    """Leave out the policies that the study does not name: following their references takes its time."""
    named = {name for policy in design.policies for name in (policy.id, *policy.includes)}
    config = copy.deepcopy(written.config)
    for name in set(config.policies) - named:
        del config.policies[name]
    return Written(config, written.policies, written.files)
