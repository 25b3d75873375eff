"""Which of many unknowns an outcome hangs on: points to try, and indices from what comes out.

Points come from scipy.stats.qmc; indices from SALib (Iwanaga, Usher and Herman 2022, Toward SALib 2.0,
SESMO 4), which is an extra: ``sensitivity``. Sources: Sobol' (2001) and Saltelli et al. (2010) for
variance-based indices; Morris (1991) and Campolongo et al. (2007) for elementary effects; Pianosi and
Wagener (2018) for PAWN.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.stats import qmc

from simulation.spec import InputError, Problem

__all__ = ["METHODS", "indices", "library", "points"]

METHODS: Final = {
    "latin": "Latin hypercube",
    "sobol": "Sobol' sequence",
    "pawn": "Latin hypercube, with PAWN indices",
    "saltelli": "Saltelli's scheme on a Sobol' sequence, with Sobol' indices",
    "morris": "Morris trajectories, with elementary effects",
}
"""How points are chosen, and what is worked out from them."""
PLAIN: Final = ("latin", "sobol")
"""Methods without indices."""
LEVELS: Final = 4
"""Levels of a Morris trajectory."""
REMEDY: Final = (
    'indices need SALib: pip install "vetsim[sensitivity]" (or pip install SALib), or choose --method latin'
)

Array = NDArray[np.float64]


def library(method: str) -> ModuleType | None:
    """Load what works the indices of a method out; none for a method without.

    Raises
    ------
    InputError
        When the extra is not installed.

    Examples
    --------
    >>> library("latin") is None
    True
    """
    if method in PLAIN:
        return None
    try:
        import SALib.analyze.morris
        import SALib.analyze.pawn
        import SALib.analyze.sobol
        import SALib.sample.morris
    except ImportError:
        raise InputError([Problem("--method", method, REMEDY)]) from None
    return SALib  # type: ignore[no-any-return]


def points(method: str, size: int, count: int, rng: Generator) -> Array:
    """Choose points of the unit cube, at most as many as are wanted where a method has sizes of its own.

    Parameters
    ----------
    method
        One of `METHODS`.
    size
        Number of unknowns.
    count
        Points wanted. A Sobol' sequence is as long as the next smaller power of two; Saltelli's scheme takes
        unknowns + 2 points at a time, Morris's unknowns + 1.
    rng
        Where randomness comes from.

    Examples
    --------
    >>> from simulation.streams import generator
    >>> points("latin", 2, 10, generator(1, "futures")).shape
    (10, 2)
    >>> points("saltelli", 3, 45, generator(1, "futures")).shape
    (40, 3)
    """
    if method in ("latin", "pawn"):
        return np.asarray(qmc.LatinHypercube(size, rng=rng).random(count))
    if method == "sobol":
        return np.asarray(qmc.Sobol(size, rng=rng).random_base2(_power(count)))
    if method == "saltelli":
        return _crossed(np.asarray(qmc.Sobol(2 * size, rng=rng).random_base2(_power(count // (size + 2)))))
    found = library(method)
    assert found is not None  # noqa: S101
    problem = _problem([str(number) for number in range(size)])
    return np.asarray(found.sample.morris.sample(problem, max(2, count // (size + 1)), LEVELS, seed=rng))


def _power(count: int) -> int:
    return max(1, int(np.log2(max(count, 2))))


def _crossed(both: Array) -> Array:
    """Put the points of A, of A with one column of B, and of B in the order that SALib reads."""
    size = both.shape[1] // 2
    one, other = both[:, :size], both[:, size:]
    rows = np.repeat(one[:, None, :], size + 2, axis=1)
    for column in range(size):
        rows[:, column + 1, column] = other[:, column]
    rows[:, -1, :] = other
    return rows.reshape(-1, size)


def indices(method: str, names: list[str], values: Array, outcome: Array, rng: Generator) -> pd.DataFrame:
    """Work out how much an outcome hangs on each unknown; an empty frame for a method without indices.

    Parameters
    ----------
    method
        The one that chose the points.
    names
        Of the unknowns.
    values
        The points, as `points` gave them.
    outcome
        What came out at each.
    rng
        For the resampling behind the intervals (95 %).

    Returns
    -------
    DataFrame
        unknown, and: first, first_half, total, total_half (Sobol': shares of the variance made alone, and
        with others); mu, mu_star, mu_star_half, sigma (Morris: mean, mean size and spread of the change
        over the whole range); median, lowest, highest (PAWN: distance between the distributions with and
        without knowing it).

    Examples
    --------
    >>> from simulation.streams import generator
    >>> indices("latin", ["a"], np.zeros((3, 1)), np.zeros(3), generator(1, "x")).empty
    True
    """
    found = library(method)
    if found is None:
        return pd.DataFrame({"unknown": []})
    problem, seed = _problem(names), int(rng.integers(1, 2**31))
    if method == "saltelli":
        got = found.analyze.sobol.analyze(problem, outcome, calc_second_order=False, seed=seed)
        columns = {"first": "S1", "first_half": "S1_conf", "total": "ST", "total_half": "ST_conf"}
    elif method == "morris":
        got = found.analyze.morris.analyze(problem, values, outcome, num_levels=LEVELS, seed=seed)
        columns = {"mu": "mu", "mu_star": "mu_star", "mu_star_half": "mu_star_conf", "sigma": "sigma"}
    else:
        slices = int(np.clip(len(outcome) // 15, 4, 10))
        got = found.analyze.pawn.analyze(problem, values, outcome, S=slices, seed=seed)
        columns = {"median": "median", "lowest": "minimum", "highest": "maximum"}
    table = {name: np.asarray(got[key], np.float64) for name, key in columns.items()}
    main = {"saltelli": "total", "morris": "mu_star"}.get(method, "median")
    return pd.DataFrame({"unknown": names, **table}).sort_values(main, ascending=False, ignore_index=True)


def _problem(names: list[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
