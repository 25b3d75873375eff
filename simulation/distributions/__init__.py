"""The closed family of distributions: specification, inversion, moments, and a table for compiled code.

Every kind draws by inversion of one uniform, so that a draw keeps its rank when a parameter changes.
"""

from simulation.distributions.base import Law, Unit, hours_per
from simulation.distributions.bounded import Deterministic, Discrete, Empirical, Triangular, Uniform
from simulation.distributions.composed import Distribution, Mixture, Truncated
from simulation.distributions.continuous import Exponential, Gamma, Lognormal, Normal, Weibull
from simulation.distributions.program import encode

__all__ = [
    "Deterministic",
    "Discrete",
    "Distribution",
    "Empirical",
    "Exponential",
    "Gamma",
    "Law",
    "Lognormal",
    "Mixture",
    "Normal",
    "Triangular",
    "Truncated",
    "Uniform",
    "Unit",
    "Weibull",
    "encode",
    "hours_per",
]
