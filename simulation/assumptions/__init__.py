"""What nobody knows: every assumption once, what it is about, and which answers hang on it."""

from simulation.assumptions.gathering import Assumption, gather
from simulation.assumptions.page import depends, write_page
from simulation.assumptions.policies import Grounds, grounds
from simulation.assumptions.ranges import Unknown, unknowns

__all__ = ["Assumption", "Grounds", "Unknown", "depends", "gather", "grounds", "unknowns", "write_page"]
