"""Latent demand: the cases that could arise, the same in every scenario."""

from simulation.demand.demand import Demand, child_key, make_demand
from simulation.demand.opening import Opening, make_opening
from simulation.demand.presentation import time_to_silent_end

__all__ = ["Demand", "Opening", "child_key", "make_demand", "make_opening", "time_to_silent_end"]
