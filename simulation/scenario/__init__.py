"""The frozen specification of a service system, and the gate through which it is read."""

from simulation.scenario.evidence import Evidence
from simulation.scenario.gate import read_scenario, read_spec
from simulation.scenario.levers import Lever, Policy
from simulation.scenario.needs import Need
from simulation.scenario.pathways import Pathway
from simulation.scenario.phases import phases
from simulation.scenario.places import Channel, Group, Place
from simulation.scenario.scenario import Scenario, apply, digest
from simulation.scenario.teams import StaffGroup, Team

__all__ = [
    "Channel",
    "Evidence",
    "Group",
    "Lever",
    "Need",
    "Pathway",
    "Place",
    "Policy",
    "Scenario",
    "StaffGroup",
    "Team",
    "apply",
    "digest",
    "phases",
    "read_scenario",
    "read_spec",
]
