"""Random numbers, keyed: a draw is a function of (seed, replication, decision, case, visit) and no more.

No generator holds a state, so no draw can shift another: the same decision of the same case sees
the same numbers in every scenario (common random numbers), and a new decision disturbs none.

The numbers come from Philox4x64-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers:
as easy as 1, 2, 3", SC'11): key = (seed, replication), counter = (case, decision, visit, block).
One block is four uniforms. Variates are made by inversion, and `variate` is the one place of the
whole package that takes a logarithm, a power or an inverse distribution function while a run is on,
so that every engine sees the same bits.

The analysis of results draws too (resampling, designs of points). `generator` makes a generator of NumPy
from a seed and names, by the same Philox; `fresh` makes a seed that shares no luck with the study's.
"""

from simulation.streams.generators import fresh, generator
from simulation.streams.inversion import service_draws, variate, variates
from simulation.streams.keys import decision, mix, mix_array
from simulation.streams.philox import uniforms, uniforms_array

__all__ = [
    "decision",
    "fresh",
    "generator",
    "mix",
    "mix_array",
    "service_draws",
    "uniforms",
    "uniforms_array",
    "variate",
    "variates",
]
