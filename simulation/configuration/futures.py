"""Futures: the same study with other answers to what nobody knows."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.configuration.composition import Composition, compose
from simulation.configuration.folders import search_path
from simulation.configuration.reading import design_of
from simulation.configuration.varying import vary
from simulation.study import Design

if TYPE_CHECKING:
    from simulation.assumptions import Unknown

__all__ = ["Futures", "read_futures"]


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
    _plain: dict[str, Any] = field(repr=False)
    _folders: tuple[Path, ...] = field(repr=False)

    def imagine(self, values: Mapping[Unknown, float], policies: Sequence[str]) -> Design:
        """Give the design in which the unknowns have these values; the configs are composed only once.

        Parameters
        ----------
        values
            A value, or a factor, for each unknown that is other than configured.
        policies
            The policies of the future; the others are left out.

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
        plain = {**self._plain, "scenario": copy.deepcopy(self._plain["scenario"])}
        if any(unknown.policies for unknown in values):
            plain["policies"] = copy.deepcopy(self._plain["policies"])
        for unknown, value in values.items():
            for path in unknown.paths:
                part = plain if path.startswith("policies.") else plain["scenario"]
                vary(part, path, value, relative=unknown.relative)
        return design_of(Composition(plain, tuple(policies)), self._folders)


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
    composition = compose(overrides, folder)
    design = design_of(composition, folders)
    found = unknowns(design.evidence, design.city, design.policies)
    return Futures(design, found, composition.plain, folders)
