"""From config folders and overrides to a design: the only room that knows Hydra."""

from simulation.configuration.catalogue import Entry, catalogue
from simulation.configuration.composition import Composition, compose
from simulation.configuration.folders import options, search_path
from simulation.configuration.futures import Futures, read_futures
from simulation.configuration.guard import guarded
from simulation.configuration.manual import write_assumptions
from simulation.configuration.reading import read_design
from simulation.configuration.values import Value, values

__all__ = [
    "Composition",
    "Entry",
    "Futures",
    "Value",
    "catalogue",
    "compose",
    "guarded",
    "options",
    "read_design",
    "read_futures",
    "search_path",
    "values",
    "write_assumptions",
]
