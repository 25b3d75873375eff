"""A scenario written out for a horizon: what the engines and the KPIs share."""

from simulation.layout.capacity import Era, StaffUnit, TeamUnit
from simulation.layout.conditions import (
    JOIN_TARGET,
    CaseFacts,
    Condition,
    Route,
    choose,
    exit_of,
    exit_target,
)
from simulation.layout.layout import Layout, make_layout
from simulation.layout.phases import STANDARDS, Phase, ReturnRule
from simulation.layout.places import PlaceTree, reach
from simulation.layout.slots import Slots
from simulation.layout.steps import Activity

__all__ = [
    "JOIN_TARGET",
    "STANDARDS",
    "Activity",
    "CaseFacts",
    "Condition",
    "Era",
    "Layout",
    "Phase",
    "PlaceTree",
    "ReturnRule",
    "Route",
    "Slots",
    "StaffUnit",
    "TeamUnit",
    "choose",
    "exit_of",
    "exit_target",
    "make_layout",
    "reach",
]
