"""From config folders and overrides to a design: the only room that knows Hydra."""

from simulation.configuration.composition import compose
from simulation.configuration.folders import describe, options, search_path
from simulation.configuration.reading import read_design

__all__ = ["compose", "describe", "options", "read_design", "search_path"]
