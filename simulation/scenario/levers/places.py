"""Levers on places, on reach, and on the way in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from simulation.scenario.levers.base import LeverBase, mixed, part_of
from simulation.scenario.quantities import Identifier, Share, WholeShares

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = ["ScalePresentation", "ShiftChannels"]


class ShiftChannels(LeverBase):
    """Other shares of the channels for some groups, and for needs that have shares of their own.

    Examples
    --------
    >>> ShiftChannels(id="web", kind="shift_channels", groups=["young"], channels={"online": 1}).needs
    ()
    """

    kind: Literal["shift_channels"]
    """Digitization: which channel is used."""
    groups: tuple[Identifier, ...] = ()
    """Groups whose shares change."""
    needs: tuple[Identifier, ...] = ()
    """Needs whose own shares change."""
    channels: WholeShares
    """The new shares."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the new shares, or with shares part of the way to them."""
        first = (Share(of=scenario.channels[0].id, share=1.0),) if scenario.channels else ()

        def shift(shares: tuple[Share, ...]) -> dict[str, object]:
            return {"channels": mixed(shares or first, self.channels, strength)}

        return scenario.model_copy(
            update={
                "groups": tuple(
                    g.model_copy(update=shift(g.channels)) if g.id in self.groups else g
                    for g in scenario.groups
                ),
                "needs": tuple(
                    n.model_copy(update=shift(n.channels)) if n.id in self.needs else n
                    for n in scenario.needs
                ),
            }
        )


class ScalePresentation(LeverBase):
    """More or fewer of the needs of some groups are presented.

    Examples
    --------
    >>> ScalePresentation(id="out", kind="scale_presentation", groups=["old"], factor=0.97).factor
    0.97
    """

    kind: Literal["scale_presentation"]
    """Reach: who presents a need at all."""
    groups: tuple[Identifier, ...] = Field(min_length=1)
    """Groups whose needs are presented more or less often."""
    factor: float = Field(ge=0)
    """Factor on the probability, which stays at most 1."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the probabilities scaled."""
        factor = part_of(self.factor, strength)
        return scenario.model_copy(
            update={
                "groups": tuple(
                    g.model_copy(update={"presented": min(1.0, g.presented * factor)})
                    if g.id in self.groups
                    else g
                    for g in scenario.groups
                )
            }
        )
