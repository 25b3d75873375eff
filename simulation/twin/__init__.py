"""The analytic twin: what a scenario asks of its teams, computed and not simulated, to stand beside a run."""

from simulation.twin.stations import Station, stations
from simulation.twin.traffic import Traffic, make_traffic
from simulation.twin.twin import Twin, make_twin

__all__ = ["Station", "Traffic", "Twin", "make_traffic", "make_twin", "stations"]
