"""What queueing theory says of a station or a network; any one unit of time."""

from dataclasses import dataclass
from math import exp, log

__all__ = ["AbandonmentQueue", "DelayQueue", "LossQueue", "Network", "PriorityQueue", "Queue"]


@dataclass(frozen=True)
class Queue:
    """Long-run means of one station, over those who join it.

    Attributes
    ----------
    utilisation
        Share of server time that is busy (0 to 1).
    probability_wait
        Share of joiners who do not start at once (0 to 1).
    mean_wait
        Mean wait in queue (time), of joiners, however it ends.
    mean_queue
        Mean number in queue.
    mean_in_system
        Mean number in queue and in service.
    """

    utilisation: float
    probability_wait: float
    mean_wait: float
    mean_queue: float
    mean_in_system: float


@dataclass(frozen=True)
class DelayQueue(Queue):
    """An M/M/c queue, whose waits have an exponential tail.

    Attributes
    ----------
    mean_time
        Mean time from arrival to departure (time).
    decay
        Rate at which the tail of the wait decays (per time).
    """

    mean_time: float
    decay: float

    def wait_exceeds(self, t: float) -> float:
        """Return the share of customers who wait longer than `t`.

        Examples
        --------
        >>> from simulation.theory import mmc
        >>> mmc(0.9, 1.0, 1).wait_exceeds(10.0)
        0.331
        """
        return self.probability_wait * exp(-self.decay * t)

    def wait_quantile(self, share: float) -> float:
        """Return the wait that a `share` (0 to 1) of customers does not exceed.

        Examples
        --------
        >>> from simulation.theory import mmc
        >>> queue = mmc(0.9, 1.0, 1)
        >>> queue.wait_quantile(0.05), queue.wait_quantile(0.95)
        (0.0, 28.904)
        """
        if not 0 <= share < 1:
            raise ValueError(f"share: {share!r} is not in [0, 1); give a share of customers such as 0.95")
        late = 1 - share
        return 0.0 if late >= self.probability_wait else log(self.probability_wait / late) / self.decay


@dataclass(frozen=True)
class LossQueue(Queue):
    """A queue with a limit; `mean_wait` is that of those who were let in.

    Attributes
    ----------
    blocked
        Share of arrivals turned away (0 to 1).
    """

    blocked: float


@dataclass(frozen=True)
class AbandonmentQueue(Queue):
    """A queue that customers may leave; `mean_wait` is over all of them, served or not.

    Attributes
    ----------
    abandoned
        Share of arrivals who leave unserved (0 to 1).
    """

    abandoned: float


@dataclass(frozen=True)
class PriorityQueue:
    """A station with priority classes, the most urgent first.

    Attributes
    ----------
    utilisation
        Share of server time that is busy (0 to 1).
    mean_waits
        Mean wait in queue of each class (time).
    mean_wait
        Mean wait in queue over all classes (time).
    """

    utilisation: float
    mean_waits: tuple[float, ...]
    mean_wait: float


@dataclass(frozen=True)
class Network:
    """An open network of stations.

    Attributes
    ----------
    arrival_rates
        Total arrival rate at each station, outside and internal (per time).
    stations
        Each station as a queue of its own.
    visits
        Mean number of visits that a customer pays to each station.
    mean_in_system
        Mean number in the network.
    mean_time
        Mean time from entering the network to leaving it (time).
    """

    arrival_rates: tuple[float, ...]
    stations: tuple[DelayQueue, ...]
    visits: tuple[float, ...]
    mean_in_system: float
    mean_time: float
