"""A scenario written out for a horizon: what the engines and the KPIs share."""

from simulation.layout.capacity import StaffUnit, TeamUnit
from simulation.layout.conditions import (
    JOIN_TARGET,
    NO_DEED,
    CaseFacts,
    Condition,
    Deed,
    Route,
    asks_of_work,
    choose,
    exit_of,
    exit_target,
)
from simulation.layout.eras import Era
from simulation.layout.escalation import FollowUp
from simulation.layout.layout import Layout, make_layout
from simulation.layout.phases import STANDARDS, Phase, ReturnRule
from simulation.layout.places import PlaceTree, reach
from simulation.layout.slots import Slots
from simulation.layout.steps import Activity, Factors
from simulation.layout.triggers import TriggerRule

__all__ = [
    "JOIN_TARGET",
    "NO_DEED",
    "STANDARDS",
    "Activity",
    "CaseFacts",
    "Condition",
    "Deed",
    "Era",
    "Factors",
    "FollowUp",
    "Layout",
    "Phase",
    "PlaceTree",
    "ReturnRule",
    "Route",
    "Slots",
    "StaffUnit",
    "TeamUnit",
    "TriggerRule",
    "asks_of_work",
    "choose",
    "exit_of",
    "exit_target",
    "make_layout",
    "reach",
]
