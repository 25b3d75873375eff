"""The operation codes of a table of encoded distributions: written by `encode`, read by `streams.variate`.

Append only, never renumber: compiled code in a cache on disk knows a code by its number.

========================  ==================================================================
code                      what follows it in the table (lengths in hours)
========================  ==================================================================
EXPONENTIAL               mean
LOGNORMAL                 median, sigma
GAMMA                     shape, scale
WEIBULL                   1 / shape, scale
NORMAL                    mean, sd
UNIFORM                   min, max - min
TRIANGULAR                min, max, (mode - min) / (max - min), left area, right area
DETERMINISTIC             the constant
EMPIRICAL                 n, n probabilities, n quantiles
DISCRETE                  n, n cumulative weights, n constants
MIXTURE                   n, n cumulative weights, n starts of the components
TRUNCATED                 P(below), P(up to the top), min, max, start of what is truncated
========================  ==================================================================
"""

__all__ = [
    "DETERMINISTIC",
    "DISCRETE",
    "EMPIRICAL",
    "EXPONENTIAL",
    "GAMMA",
    "LOGNORMAL",
    "MIXTURE",
    "NORMAL",
    "TRIANGULAR",
    "TRUNCATED",
    "UNIFORM",
    "WEIBULL",
]

EXPONENTIAL = 0
LOGNORMAL = 1
GAMMA = 2
WEIBULL = 3
NORMAL = 4
UNIFORM = 5
TRIANGULAR = 6
DETERMINISTIC = 7
EMPIRICAL = 8
DISCRETE = 9
MIXTURE = 10
TRUNCATED = 11
