"""Places and the people registered at them."""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

from pydantic import Field

from simulation.scenario.quantities import Identifier, Probability, WholeShares
from simulation.spec import Spec

__all__ = ["Channel", "Group", "Place", "Practice", "Standard", "among_first"]

Standard = Literal["below", "standard", "model"]


class Practice(Spec):
    """How the local way of working differs from the standard one; factors, 1 being the standard.

    Examples
    --------
    >>> Practice(hand_over=1.5, loss=1.2).work
    1.0
    """

    work: float = Field(default=1.0, ge=0)
    """Factor on the time of work by the teams here."""
    hand_over: float = Field(default=1.0, ge=0)
    """Factor on the time on the way of cases that were first presented here."""
    loss: float = Field(default=1.0, ge=0)
    """Factor on the probability that a case first presented here is lost on the way; it stays at most 1."""
    refusal: float = Field(default=1.0, ge=0)
    """Factor on the probability that the receiver refuses a case first presented here, or finds it not
    eligible; the two together stay at most 1."""


class Place(Spec):
    """A unit of the service system, or a department; places form a tree by `parent`.

    Examples
    --------
    >>> Place(id="c1", tier="community", parent="s1", veterans=152).staffed
    True
    """

    id: Identifier
    """Short name, letters, digits, hyphen and underscore."""
    name: str = ""
    """Name for people, in any script."""
    tier: Identifier = "place"
    """The kind of place: community, street, district, city, department, or any other word."""
    parent: Identifier | None = None
    """The place above it; none for the top of the tree."""
    veterans: int = Field(default=0, ge=0)
    """Veterans registered here, persons."""
    staff: int | None = Field(default=None, ge=0)
    """Heads of the first staff group of each team here, instead of the team's own number."""
    staffed: bool = True
    """Whether the place has a staffed station; teams exist only at staffed places."""
    standard: Standard = "standard"
    """Whether the station is below the standard, meets it, or is a model station."""
    distance: float = Field(default=0.0, ge=0)
    """Way to the place above, km."""
    practice: Practice | None = None
    """How the place works where that differs from the standard; none: as the place above it does."""


class Channel(Spec):
    """A way of making contact.

    Examples
    --------
    >>> Channel(id="phone", cost=25.0).cost
    25.0
    """

    id: Identifier
    """Short name."""
    title: str = ""
    """Name for people."""
    cost: float = Field(default=0.0, ge=0)
    """Cost of one contact over this channel, yuan, staff time not included."""
    remote: bool = False
    """Whether contact needs no station nearby: where none is staffed it goes to the place above."""
    calendar: Identifier = "always"
    """When contact can be made. A veteran whose need arises while it is closed waits for the next opening;
    what the service begins by itself does not wait."""


class Group(Spec):
    """An age and access group of veterans with its own behaviour.

    Examples
    --------
    >>> Group(id="young", share=1.0, channels={"phone": 0.4, "online": 0.6}).channels[0].of
    'online'
    """

    id: Identifier
    """Short name."""
    title: str = ""
    """Name for people."""
    share: Probability
    """Share of the veterans of every place that belong to the group."""
    presented: Probability = 1.0
    """Probability that a need which arises is presented at all, times the need's own."""
    uncovered: Probability = 1.0
    """Probability that a need is taken further away when the station of first contact is not staffed and the
    channel needs one."""
    reach: float | None = Field(default=None, gt=0)
    """Further way, km, at which `uncovered` has halved (at twice the way it is a quarter); the way is that
    from the place of first contact to the staffed place above it. None: the way does not matter."""
    diverted: Probability = 0.0
    """Probability that a need which is not taken further away comes over another channel instead."""
    diverted_to: Identifier | None = None
    """That channel, a remote one."""
    channels: WholeShares = ()
    """Shares of the channels that the group uses; empty: the first channel of the scenario."""


def among_first(place_id: str, share: float) -> bool:
    """Tell whether a place belongs to the share of places at which something is done first.

    The order of places depends on their ids alone, so that a larger share holds all of a smaller one.

    Examples
    --------
    >>> sum(among_first(f"p{n}", 0.25) for n in range(1000))
    240
    >>> among_first("p1", 1.0), among_first("p1", 0.0)
    (True, False)
    """
    if share >= 1.0:
        return True
    number = int.from_bytes(blake2b(place_id.encode(), digest_size=8, person=b"first").digest(), "little")
    return number < share * 2.0**64
