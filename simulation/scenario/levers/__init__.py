"""Levers: typed, pure changes to the service system, and policies as lists of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulation.scenario.levers.appointments import ManageCases, SetAppointments
from simulation.scenario.levers.base import LeverBase
from simulation.scenario.levers.pathways import ImproveReferral, Offer, Reroute, ScaleTime, ShareRecords
from simulation.scenario.levers.places import (
    BuildStations,
    LevelPractice,
    RaiseStandard,
    ScaleEscalation,
    ScalePresentation,
    ShiftChannels,
)
from simulation.scenario.levers.staff import AddStaff, AllowOvertime, ConvertStaff, RetainStaff, TrainStaff
from simulation.scenario.levers.structure import InsertStep, MoveNeed, RunParallel
from simulation.scenario.levers.teams import MergeTeams, PoolQueues, SplitTeam
from simulation.scenario.levers.triggers import AT_MOST, Trigger
from simulation.scenario.quantities import Identifier, Named
from simulation.spec import Spec

__all__ = [
    "AT_MOST",
    "AddStaff",
    "AllowOvertime",
    "BuildStations",
    "ConvertStaff",
    "ImproveReferral",
    "InsertStep",
    "LevelPractice",
    "Lever",
    "LeverBase",
    "ManageCases",
    "MergeTeams",
    "MoveNeed",
    "Offer",
    "Policy",
    "PoolQueues",
    "RaiseStandard",
    "Reroute",
    "RetainStaff",
    "RunParallel",
    "ScaleEscalation",
    "ScalePresentation",
    "ScaleTime",
    "SetAppointments",
    "ShareRecords",
    "ShiftChannels",
    "SplitTeam",
    "TrainStaff",
    "Trigger",
]

Lever = Annotated[
    AddStaff
    | ConvertStaff
    | TrainStaff
    | RetainStaff
    | AllowOvertime
    | BuildStations
    | RaiseStandard
    | LevelPractice
    | ShiftChannels
    | ScalePresentation
    | SetAppointments
    | ManageCases
    | ScaleEscalation
    | ImproveReferral
    | ScaleTime
    | Reroute
    | ShareRecords
    | Offer
    | RunParallel
    | InsertStep
    | MoveNeed
    | MergeTeams
    | SplitTeam
    | PoolQueues,
    Field(discriminator="kind"),
]


class Policy(Spec):
    """A named list of levers; it may take in the levers of other policies.

    Examples
    --------
    >>> Policy(id="baseline", title="As it is").levers
    ()
    """

    id: Identifier
    """Short name."""
    title: str = ""
    """Name for people."""
    summary: str = ""
    """What would be done, in a sentence."""
    includes: tuple[Identifier, ...] = ()
    """Policies whose levers come first."""
    levers: Named[Lever] = ()
    """The changes, in the order of their names."""
    budget: Annotated[float, Field(ge=0)] | None = None
    """Yuan that it may cost in its first year; where that is too little, all its levers are weakened by the
    same factor. None: no limit."""
