"""Networks of stations, and demand that changes with time."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from simulation.theory.results import Network
from simulation.theory.stations import mmc

__all__ = ["infinite_servers", "jackson", "tandem"]


def jackson(
    outside_rates: Sequence[float],
    routing: Sequence[Sequence[float]],
    service_rates: Sequence[float],
    servers: Sequence[int],
) -> Network:
    """Return an open network of M/M/c stations with random routing and feedback (Jackson 1957).

    Parameters
    ----------
    outside_rates
        Arrivals from outside at each station (per time).
    routing
        Row of each station: probabilities of going next to each station; the rest leaves.
    service_rates
        Completions of one busy server of each station (per time).
    servers
        Number of servers of each station.

    Raises
    ------
    ValueError
        If shapes differ, a row is no distribution, customers never leave, or a station cannot keep up.

    Examples
    --------
    >>> network = jackson([1.0], [[0.5]], [4.0], [1])  # half of the customers come back once more
    >>> network.arrival_rates, network.mean_time
    ((2.0,), 1.0)
    """
    gamma, matrix = np.asarray(outside_rates, dtype=float), np.asarray(routing, dtype=float)
    stations = len(gamma)
    if matrix.shape != (stations, stations) or not len(service_rates) == len(servers) == stations:
        raise ValueError(
            f"routing: shape {matrix.shape} with {stations} outside rates; "
            "give one row, rate and number of servers for each station"
        )
    if (gamma < 0).any() or gamma.sum() <= 0:
        raise ValueError(f"outside_rates: {tuple(outside_rates)!r}; none may be negative nor all zero")
    if (matrix < 0).any() or (matrix.sum(axis=1) > 1 + 1e-12).any():
        raise ValueError("routing: each row needs probabilities, at least 0, that sum to at most 1")
    if max(abs(np.linalg.eigvals(matrix))) >= 1 - 1e-12:
        raise ValueError("routing: some customers never leave; let a row on their way sum to less than 1")
    rates = np.linalg.solve(np.eye(stations) - matrix.T, gamma)
    queues = tuple(map(mmc, rates.tolist(), service_rates, servers))
    present = sum(queue.mean_in_system for queue in queues)
    total = float(gamma.sum())
    visits = tuple((rates / total).tolist())
    return Network(tuple(rates.tolist()), queues, visits, present, present / total)


def tandem(arrival_rate: float, service_rates: Sequence[float], servers: Sequence[int]) -> Network:
    """Return M/M/c stations in series, each visited once (Burke 1956).

    Examples
    --------
    >>> tandem(1.0, [2.0, 3.0], [1, 1]).mean_time
    1.5
    """
    stations = len(service_rates)
    return jackson(
        [arrival_rate] + [0.0] * (stations - 1), np.eye(stations, k=1).tolist(), service_rates, servers
    )


def infinite_servers(
    rate: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    survival: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    t: float,
    since: float = 0.0,
    step: float = 0.25,
) -> float:
    """Return the mean number in service of M(t)/G/infinity at `t` (Eick, Massey and Whitt 1993).

    The integral of rate(t - u) survival(u) over ages u is taken by Gauss-Legendre panels of `step`, so
    that a rate that jumps at multiples of `step` before `t` is integrated exactly.

    Parameters
    ----------
    rate
        Arrival rate at given times (per time), vectorised.
    survival
        Share of services longer than given durations, vectorised.
    t
        Moment of interest (time).
    since
        Moment at which the system was empty; far in the past for the periodic steady state.
    step
        Width of a panel (time).

    Examples
    --------
    >>> infinite_servers(lambda t: 6.0 + 0 * t, lambda u: np.exp(-u / 2), t=100.0)
    12.0
    """
    if not step > 0:
        raise ValueError(f"step: {step!r}; give a positive width of the panels")
    if t < since:
        raise ValueError(f"t: {t!r} lies before since: {since!r}; ask for a later moment")
    nodes, weights = np.polynomial.legendre.leggauss(12)
    edges = np.append(np.arange(0.0, t - since, step), t - since)
    half = np.diff(edges)[:, None] / 2
    ages = edges[:-1, None] + half * (1 + nodes)
    return float((half * weights * rate(t - ages) * survival(ages)).sum())
