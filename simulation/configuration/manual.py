"""The page of assumptions, from the configs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.configuration.folders import options
from simulation.configuration.reading import read_design

if TYPE_CHECKING:
    from simulation.assumptions import Assumption

__all__ = ["write_assumptions"]


def write_assumptions() -> str:
    """Return the assumptions of the default city, of all policies and of all studies as Markdown.

    Examples
    --------
    >>> "## The policies" in write_assumptions()
    True
    """
    from simulation.assumptions import gather, write_page

    design = read_design([f"policy=[{','.join(options('policy'))}]"])
    found = gather(design.evidence, design.city, design.policies)
    known = {_content(one) for one in found}
    more: dict[str, list[Assumption]] = {}
    for name in options("study"):
        other = read_design([f"study={name}"])
        new = gather(other.evidence, other.city, other.policies)
        added = [one for one in new if one.number and _content(one) not in known]
        if added:
            more[other.study.title or name] = added
    return write_page(found, design.city, design.policies, more)


def _content(one: Assumption) -> tuple[object, ...]:
    return (one.what, one.values, one.range, one.reason)
