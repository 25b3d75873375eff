"""What drives the effect of a policy: the same people and luck under every set of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from simulation.analysis.attribution import EXACT, Attribution, attribute
from simulation.analysis.games import Orders, along, orders
from simulation.runner import Runs
from simulation.scenario import Lever, Policy, Scenario, apply
from simulation.spec import InputError, Problem, nearest
from simulation.streams import generator
from simulation.study import Design

__all__ = ["KINDS", "Attributed", "Player", "attribute_effect", "players_of"]

KINDS: Final = ("parts", "policies", "levers")
"""What an effect can be shared among: the policies that one includes by name, all single policies in it, or
all its levers."""

MOST: Final = 62
"""Players at most: coalitions are numbers of 64 bits."""


class Player(NamedTuple):
    """A part of a policy that is carried out as a whole or not at all."""

    id: str
    title: str
    levers: frozenset[str]
    """Ids of its levers; two players may share some."""


@dataclass(frozen=True)
class Attributed:
    """The effect of a policy, shared among its parts.

    Parameters
    ----------
    policy
        Whose effect it is.
    kind
        One of `KINDS`.
    players
        The parts.
    replications
        Runs of each coalition; where orders are drawn, of nobody, all, each alone, and all but each.
    drawn
        Orders of each replication, an order and its reverse counting as two; 0: all coalitions were run.
    coalitions
        Different sets of parts that were run.
    found
        The shares, with intervals.
    """

    policy: Policy
    kind: str
    players: tuple[Player, ...]
    replications: int
    drawn: int
    coalitions: int
    found: Attribution


def attribute_effect(
    design: Design, runs: Runs, policy: str, kind: str | None = None, pairs: int = 1
) -> Attributed:
    """Share the effect of a policy on the headline KPIs among its parts.

    All sets of up to eight parts are run. Of more parts, some orders are drawn anew for each replication,
    each with its reverse, and the sets are run that form as the parts come in that order.

    A part is carried out as strongly as within the policy: where a budget weakens its levers, these stay as
    they are there.

    Parameters
    ----------
    design
        With the policy and those that it includes.
    runs
        What runs the replications; as many as the study says.
    policy
        Id of the policy.
    kind
        One of `KINDS`; the policies that it includes by name unless given, or its levers where it includes
        none.
    pairs
        Orders drawn for each replication, each of which is followed by its reverse.

    Raises
    ------
    InputError
        When there is no such policy or kind, when there are fewer than two parts, or when some cannot do
        without others.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=96, replications=2, headline=["time_to_resolution_mean"])
    >>> levers = [{"id": name, "kind": "scale_time", "steps": ["consult"], "factor": 0.9} for name in "ab"]
    >>> both = Policy(id="both", levers=levers)
    >>> design = Design(study, single_queue(), (Policy(id="baseline"), both))
    >>> found = attribute_effect(design, Runs(study, Store(Path(tempfile.mkdtemp()))), "both")
    >>> [player.id for player in found.players], found.coalitions
    (['a', 'b'], 4)
    """
    known = {one.id: one for one in (*design.policies, *design.included)}
    if policy not in known:
        raise InputError(
            [Problem("policy", policy, f"there is no such policy; {nearest(policy, list(known))}")]
        )
    whole = known[policy]
    kind = kind or _usual(whole, known)
    players = players_of(whole, known, kind)
    study = design.study
    cast = _Cast(design.city, whole, players)
    numbers = range(study.replications)
    drawn = None if len(players) <= EXACT else _drawn(study.seed, len(players), numbers, pairs)
    wanted = list(_wanted(len(players), numbers, drawn))
    asked = [(cast.scenario(coalition, f"{policy}.{n}"), span) for n, (coalition, span) in enumerate(wanted)]
    table = runs.ask(asked)
    coalitions = {scenario.id: coalition for (scenario, _), (coalition, _) in zip(asked, wanted, strict=True)}
    table = table[table["dimension"] == "all"]
    table = table.assign(coalition=table["scenario"].map(coalitions))
    found = attribute(table, [player.id for player in players], study.deciding, study.confidence, drawn)
    return Attributed(
        whole, kind, players, len(numbers), 2 * pairs if drawn else 0, len(set(coalitions.values())), found
    )


def players_of(policy: Policy, known: Mapping[str, Policy], kind: str) -> tuple[Player, ...]:
    """Divide a policy into parts.

    Parameters
    ----------
    policy
        The policy, those that it includes written out.
    known
        Those that it includes, by id, written out as well.
    kind
        One of `KINDS`.

    Raises
    ------
    InputError
        When there is no such kind, or when there are fewer than two parts, or too many.

    Examples
    --------
    >>> levers = [{"id": name, "kind": "scale_time", "steps": ["consult"], "factor": 0.9} for name in "ab"]
    >>> one = Policy(id="one", title="Both", levers=levers)
    >>> [player.id for player in players_of(Policy(id="all", includes=["one"], levers=levers),
    ...                                     {"one": one}, "levers")]
    ['a', 'b']
    """
    if kind not in KINDS:
        raise InputError([Problem("players", kind, f"there is no such kind of part; {nearest(kind, KINDS)}")])
    if kind == "levers":
        players = [
            Player(lever.id, lever.title or lever.id, frozenset([lever.id])) for lever in policy.levers
        ]
    else:
        inner = [known[name] for name in policy.includes]
        deeper = {name for one in inner for name in one.includes}
        listed = [one for one in inner if kind == "policies" or one.id not in deeper]
        players = [
            Player(one.id, one.title or one.id, _own(one, known) if kind == "policies" else _all(one))
            for one in listed
        ]
        players.append(Player(policy.id, f"{policy.title or policy.id} itself", _own(policy, known)))
    players = [player for player in players if player.levers]
    if not 2 <= len(players) <= MOST:
        remedy = (
            f"{policy.id} has {len(players)} of these, and it takes 2 to {MOST}: choose other players "
            f"({', '.join(one for one in KINDS if one != kind)}) or another policy"
        )
        raise InputError([Problem("players", kind, remedy)])
    return tuple(players)


def _usual(policy: Policy, known: Mapping[str, Policy]) -> str:
    deeper = {name for one in policy.includes for name in known[one].includes}
    return "parts" if len(set(policy.includes) - deeper) > 1 else "levers"


def _all(policy: Policy) -> frozenset[str]:
    return frozenset(lever.id for lever in policy.levers)


def _own(policy: Policy, known: Mapping[str, Policy]) -> frozenset[str]:
    """Levers that do not come from a policy that is included."""
    return _all(policy).difference(*(_all(known[name]) for name in policy.includes))


def _drawn(seed: int, players: int, numbers: range, pairs: int) -> dict[int, Orders]:
    """Draw the orders of each replication; more replications leave those of the first as they are."""
    return {
        number: orders(generator(seed, "orders", str(number)).random((pairs, players))) for number in numbers
    }


def _wanted(players: int, numbers: range, drawn: Mapping[int, Orders] | None) -> Iterator[tuple[int, range]]:
    """Give each coalition that is needed, with the replications in which it is."""
    if drawn is None:
        yield from ((coalition, numbers) for coalition in range(2**players))
        return
    everybody = 2**players - 1
    alone = [1 << player for player in range(players)]
    sides = {0, everybody, *alone, *(everybody ^ one for one in alone)}
    yield from ((coalition, numbers) for coalition in sorted(sides))
    for number in numbers:
        formed = {int(one) for one in np.unique(along(drawn[number]))}
        yield from ((coalition, range(number, number + 1)) for coalition in sorted(formed - sides))


class _Cast:
    """The city with some parts of a policy carried out."""

    def __init__(self, city: Scenario, policy: Policy, players: Sequence[Player]) -> None:
        self._city, self._policy, self._players = city, policy, players
        self._levers: tuple[Lever, ...] = apply(policy, city).levers[len(city.levers) :]

    def scenario(self, coalition: int, name: str) -> Scenario:
        """Give the system under a coalition, under a name."""
        there = [player for bit, player in enumerate(self._players) if coalition >> bit & 1]
        ids = frozenset[str]().union(*(player.levers for player in there))
        levers = tuple(lever for lever in self._levers if lever.id in ids)
        try:
            return apply(Policy(id=name.replace(".", "_"), levers=levers), self._city).model_copy(
                update={"id": name}
            )
        except InputError as error:
            without = [player.id for player in self._players if player not in there]
            remedy = (
                f"these cannot do without {', '.join(without)} ({error.problems[0].message}); choose larger "
                "players, such as policies"
            )
            raise InputError([Problem("players", [player.id for player in there], remedy)]) from None
