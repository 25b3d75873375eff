"""What the answers stand on, as rows of words."""

import re
from typing import NamedTuple

from simulation.analysis.wording import label
from simulation.assumptions import Assumption
from simulation.report._words import few
from simulation.report.content import ReportContent

__all__ = ["Hinge", "Proof", "brief", "hinges", "proofs"]

LONG = 90


class Proof(NamedTuple):
    """A row of the table of assumptions or of sources, addresses in its reason marked."""

    number: int
    what: str
    values: str
    range: str
    sourced: bool
    pieces: list[tuple[str, bool]]
    depends: str


class Hinge(NamedTuple):
    """What the answer on a policy hangs on: its levers, what they change, and the policies it consists of."""

    levers: list[tuple[int, str, str]]
    mechanisms: list[tuple[int, str, str]]
    parts: list[tuple[str, str]]


def proofs(content: ReportContent, *, known: bool) -> list[tuple[str, list[Proof]]]:
    """Give what is assumed, or what is taken as known, under the first word of its path.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(proofs).parameters)
    ['content', 'known']
    """
    parts: dict[str, list[Proof]] = {}
    for one, depends in content.assumptions:
        if bool(one.number) != known:
            heading = label(one.paths[0].partition(".")[0])
            parts.setdefault(heading, []).append(
                Proof(
                    one.number, one.what, "; ".join(one.values), one.range, one.sourced,
                    _links(one.reason), depends,
                )
            )  # fmt: skip
    return list(parts.items())


def hinges(content: ReportContent, policy: str) -> Hinge:
    """Give the assumptions of one policy; those of a part that has a card of its own are told there.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(hinges).parameters)
    ['content', 'policy']
    """
    parts = [name for name in content.packages.get(policy, ()) if name in content.scenarios]
    told = {
        one.number
        for name in parts
        if name in content.grounds
        for some in content.grounds[name]
        for one in some
    }
    found = content.grounds.get(policy)
    levers, mechanisms = (
        [(one.number, _where(one), brief(one)) for one in some if one.number not in told]
        for some in found or ((), ())
    )
    return Hinge(levers, mechanisms, [(name, content.name(name)) for name in parts])


def brief(one: Assumption) -> str:
    """Say value and range of an assumption in a few words.

    Examples
    --------
    >>> from simulation.assumptions.reach import Reach
    >>> brief(Assumption(1, "", ("0.5",), "0.2 to 1", "", False, ("a",), Reach(True)))
    '0.5, from 0.2 to 1'
    """
    value = one.values[0] if len(one.values) == 1 and len(one.values[0]) <= LONG else ""
    return ", ".join(part for part in (value, f"from {one.range}") if part)


def _where(one: Assumption) -> str:
    """Say what an assumption means, and of which lever, group, step or team."""
    reach = one.reach
    names = reach.levers or reach.items or reach.steps or tuple(map(label, reach.teams))
    return one.what + (f" ({', '.join(few(names))})" if names else "")


def _links(text: str) -> list[tuple[str, bool]]:
    """Cut a text into pieces; those that are addresses are marked."""
    pieces = re.split(r"(https?://[^\s;,<>\"']+[^\s;,<>\"'.)])", text)
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]
