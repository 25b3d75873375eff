"""From replications to statements: half-widths, paired differences and verdicts.

Everything here reads one frame with a row per scenario, replication, KPI, dimension and level. Replication r
of every scenario spends the same random numbers, so scenarios are compared replication by replication.

Sources: Law (2015), *Simulation Modeling and Analysis*, 5th ed., ch. 9 (replications), ch. 10 (paired-t
intervals, several systems against a standard, Bonferroni) and ch. 11 (common random numbers); Nelson and Pei
(2021), *Foundations and Methods of Stochastic Simulation*, 2nd ed. (comparing systems, indifference zone).
"""

from simulation.analysis.against_best import best
from simulation.analysis.comparison import Measure, compare, differences, pairwise
from simulation.analysis.equity import for_whom, gainers_and_losers
from simulation.analysis.estimates import (
    Interval,
    average,
    average_series,
    interval,
    replications_for,
    summarise,
)
from simulation.analysis.incremental import frontier, incremental
from simulation.analysis.selection import Selection, kim_nelson, ocba

__all__ = [
    "Interval",
    "Measure",
    "Selection",
    "average",
    "average_series",
    "best",
    "compare",
    "differences",
    "for_whom",
    "frontier",
    "gainers_and_losers",
    "incremental",
    "interval",
    "kim_nelson",
    "ocba",
    "pairwise",
    "replications_for",
    "summarise",
]
