"""Single stations: exact long-run means."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import exp, inf, isfinite, log

from simulation.theory.results import AbandonmentQueue, DelayQueue, LossQueue, PriorityQueue, Queue

__all__ = ["erlang_a", "erlang_b", "erlang_c", "md1", "mg1", "mmc", "mmck", "priority_mmc"]


def _check(servers: int = 1, **positive: float) -> None:
    if servers < 1 or servers != int(servers):
        raise ValueError(f"servers: {servers!r}; give a whole number, at least 1")
    for name, number in positive.items():
        if not (isfinite(number) and number > 0):
            raise ValueError(f"{name}: {number!r}; give a positive, finite number")


def _stable(utilisation: float, servers: int) -> None:
    if utilisation >= 1:
        raise ValueError(
            f"servers: {servers} would be busy {utilisation:.4g} of the time, so the queue grows without "
            "end; give more servers or a lower load, or use mmck or erlang_a"
        )


def erlang_b(load: float, servers: int) -> float:
    """Return the share of arrivals lost by a station without a queue (Erlang 1917).

    Parameters
    ----------
    load
        Arrival rate times mean service time (erlangs).
    servers
        Number of servers.

    Examples
    --------
    >>> erlang_b(2.0, 3)
    0.2105
    """
    _check(servers, load=load)
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Return the share of arrivals who wait at a station with an endless queue (Erlang 1917).

    Parameters
    ----------
    load
        Arrival rate times mean service time (erlangs), below the number of servers.
    servers
        Number of servers.

    Examples
    --------
    >>> erlang_c(2.0, 3)
    0.4444
    """
    blocked = erlang_b(load, servers)
    _stable(load / servers, servers)
    return blocked / (1 - load / servers * (1 - blocked))


def mmc(arrival_rate: float, service_rate: float, servers: int) -> DelayQueue:
    """Return the M/M/c queue (Erlang 1917; Gross and Harris 1998, section 2.3).

    Parameters
    ----------
    arrival_rate, service_rate
        Arrivals, and completions of one busy server (per time).
    servers
        Number of servers.

    Raises
    ------
    ValueError
        If the servers cannot keep up with the arrivals.

    Examples
    --------
    >>> queue = mmc(4.0, 3.0, 2)
    >>> queue.probability_wait, queue.mean_wait
    (0.5333, 0.2667)
    """
    _check(servers, arrival_rate=arrival_rate, service_rate=service_rate)
    waits = erlang_c(arrival_rate / service_rate, servers)
    decay = servers * service_rate - arrival_rate
    wait = waits / decay
    time = wait + 1 / service_rate
    utilisation = arrival_rate / (servers * service_rate)
    return DelayQueue(utilisation, waits, wait, arrival_rate * wait, arrival_rate * time, time, decay)


def mmck(arrival_rate: float, service_rate: float, servers: int, capacity: int) -> LossQueue:
    """Return the M/M/c/K queue, which turns arrivals away when full (Gross and Harris 1998, section 2.5).

    Parameters
    ----------
    arrival_rate, service_rate
        Arrivals, and completions of one busy server (per time).
    servers
        Number of servers.
    capacity
        Largest number in queue and in service; equal to `servers` for Erlang's loss system.

    Examples
    --------
    >>> queue = mmck(4.0, 3.0, 2, capacity=3)
    >>> queue.blocked, queue.mean_wait
    (0.1553, 0.0460)
    """
    _check(servers, arrival_rate=arrival_rate, service_rate=service_rate)
    if capacity < servers:
        raise ValueError(f"capacity: {capacity!r} is below servers: {servers}; count those in service too")
    shares = _birth_death(arrival_rate, lambda n: min(n, servers) * service_rate, capacity)
    queue = _mean_queue(shares, servers)
    joining = arrival_rate * (1 - shares[-1])
    busy = joining / service_rate
    waits = sum(shares[servers:-1]) / (1 - shares[-1])
    return LossQueue(busy / servers, waits, queue / joining, queue, queue + busy, blocked=shares[-1])


def erlang_a(
    arrival_rate: float, service_rate: float, servers: int, abandonment_rate: float
) -> AbandonmentQueue:
    """Return the M/M/c+M queue of impatient customers (Palm 1957; Mandelbaum and Zeltyn 2007).

    Parameters
    ----------
    arrival_rate, service_rate
        Arrivals, and completions of one busy server (per time).
    servers
        Number of servers.
    abandonment_rate
        Rate at which one waiting customer gives up: 1 / mean patience (per time).

    Examples
    --------
    >>> queue = erlang_a(10.0, 1.0, 9, abandonment_rate=0.5)
    >>> queue.abandoned, queue.mean_wait, queue.utilisation
    (0.1577, 0.3154, 0.9359)
    """
    _check(servers, arrival_rate=arrival_rate, service_rate=service_rate, abandonment_rate=abandonment_rate)
    shares = _birth_death(
        arrival_rate, lambda n: min(n, servers) * service_rate + max(n - servers, 0) * abandonment_rate
    )
    queue = _mean_queue(shares, servers)
    abandoned = abandonment_rate * queue / arrival_rate
    busy = arrival_rate * (1 - abandoned) / service_rate
    waits = sum(shares[servers:])
    return AbandonmentQueue(busy / servers, waits, queue / arrival_rate, queue, queue + busy, abandoned)


def _birth_death(
    arrival_rate: float, departure_rate: Callable[[int], float], largest: float = inf
) -> list[float]:
    """Return the share of time in each state, as far as it can be told from zero."""
    weights = [0.0]
    peak = 0.0
    while len(weights) - 1 < largest and (weights[-1] > peak - 80 or largest < inf):
        weights.append(weights[-1] + log(arrival_rate / departure_rate(len(weights))))
        peak = max(peak, weights[-1])
    shares = [exp(weight - peak) for weight in weights]
    total = sum(shares)
    return [share / total for share in shares]


def _mean_queue(shares: Sequence[float], servers: int) -> float:
    return sum(waiting * share for waiting, share in enumerate(shares[servers:]))


def priority_mmc(arrival_rates: Sequence[float], service_rate: float, servers: int) -> PriorityQueue:
    """Return the M/M/c queue with non-preemptive priorities and one service rate (Cobham 1954).

    Parameters
    ----------
    arrival_rates
        Arrivals of each class (per time), the most urgent first.
    service_rate
        Completions of one busy server (per time), the same for all classes.
    servers
        Number of servers.

    Examples
    --------
    >>> queue = priority_mmc([0.3, 0.6], 1.0, 1)
    >>> queue.mean_waits
    (1.2857, 12.857)
    """
    for rate in arrival_rates:
        _check(servers, arrival_rates=rate)
    queue = mmc(sum(arrival_rates), service_rate, servers)
    full = servers * service_rate
    delay = queue.probability_wait / full
    urgent = [sum(arrival_rates[:k]) / full for k in range(len(arrival_rates) + 1)]
    waits = tuple(delay / ((1 - before) * (1 - after)) for before, after in pairwise(urgent))
    return PriorityQueue(queue.utilisation, waits, queue.mean_wait)


def mg1(arrival_rate: float, mean_service: float, variance: float) -> Queue:
    """Return the M/G/1 queue (Pollaczek 1930; Khinchine 1932).

    Parameters
    ----------
    arrival_rate
        Arrivals (per time).
    mean_service, variance
        Mean (time) and variance (time squared) of the service time.

    Examples
    --------
    >>> mg1(0.8, 1.0, variance=0.25).mean_wait
    2.5
    """
    _check(arrival_rate=arrival_rate, mean_service=mean_service)
    if not (isfinite(variance) and variance >= 0):
        raise ValueError(f"variance: {variance!r}; give a finite number, at least 0")
    load = arrival_rate * mean_service
    _stable(load, 1)
    wait = arrival_rate * (mean_service**2 + variance) / (2 * (1 - load))
    queue = arrival_rate * wait
    return Queue(load, load, wait, queue, queue + load)


def md1(arrival_rate: float, service_time: float) -> Queue:
    """Return the M/D/1 queue, whose every service takes `service_time` (Erlang 1909).

    Examples
    --------
    >>> md1(0.8, 1.0).mean_wait
    2.0
    """
    return mg1(arrival_rate, service_time, variance=0.0)
