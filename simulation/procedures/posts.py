"""Posts that a team could have more or fewer of, and the system with them: staffings, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from simulation.layout import StaffUnit, make_layout
from simulation.scenario import Policy, Scenario, apply
from simulation.scenario.levers import AddStaff
from simulation.spec import InputError, Problem, nearest
from simulation.study import Design

__all__ = ["BY", "Change", "Post", "Range", "base_of", "called", "find_posts", "posts_table", "staffed"]

BY = ("team", "place")
"""Whether a post is one more at every place of a team, or at one of them."""

Change: TypeAlias = tuple[int, ...]
"""Heads more at each post, in the order of the posts; below zero: fewer."""


@dataclass(frozen=True)
class Post:
    """A kind of post of which there could be more or fewer.

    Examples
    --------
    >>> desk = Post("street", "Street station", "street", "officers", (), (3, 1), 110_000.0)
    >>> desk.cost(1), desk.cost(-2), desk.fewest
    (220000.0, -330000.0, -3)
    """

    id: str
    """Short name: the team, its staff group where several have heads, and the place where one is meant."""
    title: str
    """Name for people."""
    team: str
    """The team's role."""
    group: str
    """The staff group."""
    places: tuple[str, ...]
    """Where heads come or go; empty: at every place of the team."""
    heads: tuple[int, ...]
    """Heads there now, at each of its places."""
    pay: float
    """Cost of one head, yuan a year."""

    def cost(self, change: int) -> float:
        """Return what so many heads more at each place cost, yuan a year."""
        return self.pay * sum(max(0, heads + change) - heads for heads in self.heads)

    @property
    def fewest(self) -> int:
        """The change after which nobody is left."""
        return -max(self.heads)


@dataclass(frozen=True)
class Range:
    """How many heads more or fewer are considered at each post, and for which teams.

    Examples
    --------
    >>> desk = Post("desk", "Desk", "desk", "clerks", (), (1,), 50_000.0)
    >>> Range(more=2, fewer=3).of(desk)
    (-1, 2)
    """

    more: int = 3
    """Heads more at most."""
    fewer: int = 1
    """Heads fewer at most."""
    by: str = BY[0]
    """One of `BY`."""
    teams: tuple[str, ...] = ()
    """Roles of the teams; empty: all that have heads."""

    def __post_init__(self) -> None:
        problems = []
        if self.by not in BY:
            problems.append(Problem("by", self.by, f"write {' or '.join(BY)}"))
        if self.more < 1:
            problems.append(Problem("more", self.more, "give one head more or several"))
        if self.fewer < 0:
            problems.append(Problem("fewer", self.fewer, "give 0 to leave present posts alone, or more"))
        if problems:
            raise InputError(problems)

    def of(self, post: Post) -> tuple[int, int]:
        """Return the least and the largest change of a post."""
        return max(-self.fewer, post.fewest), self.more


def base_of(design: Design) -> Scenario:
    """Return the system whose staffing is asked about: the city under the one policy that is named.

    Raises
    ------
    InputError
        When the study compares several policies.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.study import Study
    >>> base_of(Design(Study(id="quick", run_length=24), single_queue(), (Policy(id="baseline"),))).id
    'baseline'
    """
    if len(design.policies) > 2:
        chosen = [policy.id for policy in design.policies]
        hint = "the staffing of one system is asked about: name one policy, such as policy=baseline"
        raise InputError([Problem("policy", chosen, hint)])
    return design.scenarios[-1]


def find_posts(scenario: Scenario, horizon: float, at: float, wanted: Range) -> tuple[Post, ...]:
    """List the posts of a system: staff groups that have heads somewhere.

    Parameters
    ----------
    scenario
        The system with its levers.
    horizon
        Hours simulated in one run.
    at
        The hour whose heads are counted, such as the beginning of the measured stretch.
    wanted
        For which teams, and whether place by place.

    Raises
    ------
    InputError
        When there is no such team, or a head costs nothing.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> [(post.id, post.heads) for post in find_posts(single_queue(servers=3, pay=9e4), 24.0, 0.0, Range())]
    [('doctors', (3,))]
    """
    layout = make_layout(scenario, horizon)
    titles = {team.id: team.title or team.id for team in scenario.teams}
    titles |= {team.role: titles.get(team.role, team.role) for team in layout.teams}
    for name in wanted.teams:
        if name not in titles:
            raise InputError([Problem("team", name, f"there is no such team; {nearest(name, list(titles))}")])
    units: dict[tuple[str, str], list[tuple[str, StaffUnit]]] = {}
    for team in layout.teams:
        for unit in team.staff:
            if not wanted.teams or team.role in wanted.teams:
                units.setdefault((team.role, unit.group), []).append((layout.names.places[team.place], unit))
    peopled = {key: found for key, found in units.items() if any(_heads(unit, at) for _, unit in found)}
    posts: list[Post] = []
    for (role, group), found in peopled.items():
        alone = sum(key[0] == role for key in peopled) == 1
        name, title = (role, titles[role]) if alone else (f"{role}.{group}", f"{titles[role]}: {group}")
        parts = [found] if wanted.by == "team" else [[one] for one in found]
        for part in parts:
            here = "" if wanted.by == "team" else part[0][0]
            posts.append(
                Post(
                    id=f"{name}@{here}" if here else name,
                    title=f"{title}, {here}" if here else title,
                    team=role,
                    group=group,
                    places=(here,) if here else (),
                    heads=tuple(_heads(unit, at) for _, unit in part),
                    pay=part[0][1].annual_cost,
                )
            )
    _refuse(posts, wanted)
    return tuple(posts)


def _heads(unit: StaffUnit, at: float) -> int:
    return int(unit.planned[np.searchsorted(unit.times, at, side="right") - 1])


def _refuse(posts: Sequence[Post], wanted: Range) -> None:
    """Refuse what cannot be asked: no posts at all, or posts that cost nothing."""
    if not posts:
        hint = "none of the teams has heads; name teams that have, or a policy that sets them up"
        raise InputError([Problem("team", list(wanted.teams), hint)])
    free = [post for post in posts if not post.pay > 0]
    if free:
        where = f"teams.{free[0].team}.staff.{free[0].group}.annual_cost"
        hint = "a head that costs nothing cannot be weighed against others; say what it costs a year"
        raise InputError([Problem(where, free[0].pay, hint)])


def called(posts: Sequence[Post], change: Change) -> str:
    """Name a staffing after what differs from the present one.

    Examples
    --------
    >>> desk = Post("desk", "Desk", "desk", "clerks", (), (1,), 50_000.0)
    >>> called([desk], (2,)), called([desk], (-1,)), called([desk], (0,))
    ('desk +2', 'desk -1', 'as it is')
    """
    words = [f"{post.id} {heads:+d}" for post, heads in zip(posts, change, strict=True) if heads]
    return ", ".join(words) or "as it is"


def staffed(base: Scenario, posts: Sequence[Post], change: Change) -> Scenario:
    """Return the system with another staffing, from the start of the run.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> post = Post("doctors", "Doctors", "doctors", "doctor", (), (10,), 9e4)
    >>> more = staffed(single_queue(), [post], (2,))
    >>> more.id, [lever.heads for lever in more.levers]
    ('doctors +2', [2])
    """
    levers = tuple(
        AddStaff(
            id=f"staffing_{number}",
            kind="add_staff",
            team=post.team,
            group=post.group,
            heads=heads,
            places=post.places,
        )
        for number, (post, heads) in enumerate(zip(posts, change, strict=True))
        if heads
    )
    changed = apply(Policy(id="staffing", levers=levers), base)
    name = called(posts, change)
    return changed.model_copy(update={"id": name, "title": name})


def posts_table(posts: Sequence[Post]) -> pd.DataFrame:
    """Return the posts as a table: post, title, places, heads (in all), pay, cost of one more (yuan a year).

    Examples
    --------
    >>> desk = Post("street", "Street station", "street", "officers", (), (3, 1), 110_000.0)
    >>> posts_table([desk])[["post", "places", "heads", "cost"]].values.tolist()
    [['street', 2, 4, 220000.0]]
    """
    rows = [(post.id, post.title, len(post.heads), sum(post.heads), post.pay, post.cost(1)) for post in posts]
    return pd.DataFrame(rows, columns=["post", "title", "places", "heads", "pay", "cost"])
