"""Exact arithmetic of working time on compiled opening hours."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from math import ceil, inf
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["SLACK", "OpeningHours"]

SLACK = 1e-9
"""Hours (3.6 microseconds) by which work may overrun a closing moment and still end there: rounding
of the clock must never push a case to the next morning."""


class OpeningHours:
    """When something is open, from time 0 to a compiled end (hours); built by ``Calendar.hours``.

    Open intervals contain their opening and not their closing moment. The three arrays are read-only and
    say everything: `opens` and `closes` (hours, sorted, disjoint, adjacent intervals merged) and `before`,
    the open hours before each interval begins, with the total as its last item.

    Examples
    --------
    >>> desk = OpeningHours.from_minutes([(540, 720), (780, 1020)], end=24.0)
    >>> desk.opens.tolist(), desk.closes.tolist(), desk.before.tolist()
    ([9.0, 13.0], [12.0, 17.0], [0.0, 3.0, 7.0])
    """

    _fields = ("opens", "closes", "before", "end")
    _lists = ("_opens", "_closes", "_before")
    __slots__ = (*_fields, *_lists)

    _opens: list[float]
    _closes: list[float]
    _before: list[float]
    opens: NDArray[np.float64]
    closes: NDArray[np.float64]
    before: NDArray[np.float64]
    end: float

    def __init__(
        self, opens: Iterable[float], closes: Iterable[float], before: Iterable[float], end: float
    ) -> None:
        arrays = [np.array(list(items), dtype=np.float64) for items in (opens, closes, before)]
        for array in arrays:
            array.flags.writeable = False
        for name, field in zip(self._fields, (*arrays, end), strict=True):
            object.__setattr__(self, name, field)

    def __getattr__(self, name: str) -> list[float]:
        """Make the list of an array when it is first asked for: it takes five times the memory."""
        if name not in self._lists:
            raise AttributeError(name)
        items: list[float] = getattr(self, name[1:]).tolist()
        object.__setattr__(self, name, items)
        return items

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: opening hours cannot be changed; compile another calendar instead")

    def __reduce__(self) -> tuple[type[Self], tuple[list[float], list[float], list[float], float]]:
        return type(self), (self.opens.tolist(), self.closes.tolist(), self.before.tolist(), self.end)

    @classmethod
    def from_minutes(cls, spans: Iterable[tuple[int, int]], end: float) -> Self:
        """Build from sorted, disjoint open spans in whole minutes since time 0, cut at `end` (hours).

        Examples
        --------
        >>> OpeningHours.from_minutes([(0, 1440), (1440, 2880)], end=30.0).closes.tolist()
        [30.0]
        """
        merged: list[tuple[int, int]] = []
        for begin, finish in spans:
            if begin >= end * 60:
                break
            joined = merged and begin == merged[-1][1]
            merged.append((merged.pop()[0], finish) if joined else (begin, finish))
        opens = [begin / 60 for begin, _ in merged]
        closes = [min(finish / 60, end) for _, finish in merged]
        before = [minutes / 60 for minutes in accumulate((f - b for b, f in merged), initial=0)]
        if merged and merged[-1][1] / 60 > end:
            before[-1] = before[-2] + (end - opens[-1])
        return cls(opens, closes, before, end)

    @staticmethod
    def any_of(calendars: Iterable["OpeningHours"]) -> "OpeningHours":
        """Return when at least one of several is open; a single one is returned as it is.

        Examples
        --------
        >>> early = OpeningHours.from_minutes([(540, 720)], end=24.0)
        >>> late = OpeningHours.from_minutes([(660, 840), (900, 960)], end=24.0)
        >>> both = OpeningHours.any_of([early, late])
        >>> both.opens.tolist(), both.closes.tolist()
        ([9.0, 15.0], [14.0, 16.0])
        """
        several = frozenset(calendars)
        return next(iter(several)) if len(several) == 1 else _union(several)

    def is_open(self, t: float) -> bool:
        """Return whether `t` (hours) lies in an open interval.

        Examples
        --------
        >>> desk = OpeningHours.from_minutes([(540, 720)], end=24.0)
        >>> desk.is_open(9.0), desk.is_open(12.0)
        (True, False)
        """
        i = bisect_right(self._opens, t) - 1
        return i >= 0 and t < self._closes[i]

    def open_at(self, moments: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether each of many moments lies in an open interval: `is_open` for arrays.

        Examples
        --------
        >>> OpeningHours.from_minutes([(540, 720)], end=24.0).open_at(np.array([9.0, 12.0])).tolist()
        [True, False]
        """
        interval = np.searchsorted(self.opens, moments, side="right") - 1
        return np.asarray((interval >= 0) & (moments < np.append(self.closes, np.inf)[interval]))

    def next_open(self, t: float) -> float:
        """Return the first moment from `t` on that is open (`t` itself if so); infinity beyond the end.

        Examples
        --------
        >>> desk = OpeningHours.from_minutes([(540, 720)], end=24.0)
        >>> desk.next_open(3.0), desk.next_open(10.0), desk.next_open(12.0)
        (9.0, 10.0, inf)
        """
        i = bisect_right(self._closes, t)
        if i == len(self._opens):
            return inf
        opening = self._opens[i]
        return max(t, opening)

    def open_between(self, a: float, b: float) -> float:
        """Return the open hours from `a` to `b`; 0 if `b` is not after `a`.

        Examples
        --------
        >>> desk = OpeningHours.from_minutes([(540, 720), (780, 1020)], end=24.0)
        >>> desk.open_between(11.0, 14.0)
        2.0
        """
        if b <= a:
            return 0.0
        i = bisect_right(self._opens, a) - 1
        j = bisect_right(self._opens, b) - 1
        if i == j:
            return 0.0 if i < 0 or a >= self._closes[i] else min(b, self._closes[i]) - a
        return self._elapsed(j, b) - self._elapsed(i, a)

    def _elapsed(self, i: int, t: float) -> float:
        """Return the open hours from 0 to `t`, which lies in interval `i` or in the gap after it."""
        if i < 0:
            return 0.0
        return self._before[i] + (t - self._opens[i]) if t < self._closes[i] else self._before[i + 1]

    def add(self, t: float, work: float) -> float:
        """Return the first moment by which `work` open hours have passed since `t`.

        Work that fits exactly ends at the closing moment (to within `SLACK`); no work ends at `t`, open or
        not; work that does not fit before the compiled end never ends (infinity).

        Raises
        ------
        ValueError
            If `work` is negative.

        Examples
        --------
        >>> desk = OpeningHours.from_minutes([(540, 720), (780, 1020)], end=24.0)
        >>> desk.add(11.0, 0.5), desk.add(11.0, 1.0), desk.add(11.0, 2.0), desk.add(11.0, 9.0)
        (11.5, 12.0, 14.0, inf)
        """
        if work <= 0.0:
            if work < 0.0:
                raise ValueError(f"work: {work!r} hours; work cannot be negative")
            return t
        closes = self._closes
        i = bisect_right(closes, t)
        if i == len(closes):
            return inf
        opening = self._opens[i]
        if t >= opening:
            close = closes[i]
            end = t + work
            if end < close - SLACK:
                return end
            if end <= close + SLACK:
                return close
            target = self._before[i] + (t - opening) + work
            i += 1
        else:
            target = self._before[i] + work
        j = bisect_left(self._before, target - SLACK, i + 1) - 1
        if j == len(closes):
            return inf
        end = self._opens[j] + (target - self._before[j])
        return end if end < closes[j] - SLACK else closes[j]

    def add_each(self, moments: NDArray[np.float64], work: float) -> NDArray[np.float64]:
        """Return the first moment by which `work` open hours have passed since each: `add` for arrays.

        Examples
        --------
        >>> desk = OpeningHours.from_minutes([(540, 720), (780, 1020)], end=24.0)
        >>> desk.add_each(np.array([11.0, 16.0]), 2.0).tolist()
        [14.0, inf]
        """
        if work <= 0.0:
            return np.array([self.add(moment, work) for moment in moments.tolist()])
        opens, closes = np.append(self.opens, inf), np.append(self.closes, inf)
        i = np.searchsorted(self.closes, moments, side="right")
        inside = (moments >= opens[i]) & (i < len(self.opens))
        end = moments + work
        kept = inside & (end <= closes[i] + SLACK)
        fits = np.where(end < closes[i] - SLACK, end, closes[i])
        since = np.where(inside, moments - opens[i], 0.0)
        target = self.before[i] + since + work
        after = np.searchsorted(self.before, target - SLACK, side="left")
        j = np.maximum(after, i + 1 + inside) - 1
        later = opens[j] + (target - self.before[j])
        later = np.where(later < closes[j] - SLACK, later, closes[j])
        return np.where(kept, fits, later)

    def clip(self, starts: ArrayLike, ends: ArrayLike) -> NDArray[np.float64]:
        """Return the open hours between each pair of `starts` and `ends`: `open_between` for arrays.

        A missing moment (NaN) gives NaN.

        Examples
        --------
        >>> desk = OpeningHours.from_minutes([(540, 720), (780, 1020)], end=24.0)
        >>> desk.clip([0.0, 11.0], [24.0, 14.0]).tolist()
        [7.0, 2.0]
        """
        a, b = np.broadcast_arrays(np.asarray(starts, dtype=np.float64), np.asarray(ends, dtype=np.float64))
        missing = np.where(np.isnan(a) | np.isnan(b), np.nan, 0.0)
        if not len(self.opens):
            return missing
        i = np.searchsorted(self.opens, a, side="right") - 1
        j = np.searchsorted(self.opens, b, side="right") - 1
        inside = np.where((i >= 0) & (a < self.closes[i]), np.minimum(b, self.closes[i]) - a, 0.0)
        across = self._elapsed_many(j, b) - self._elapsed_many(i, a)
        return missing + np.where(b <= a, 0.0, np.where(i == j, inside, across))

    def _elapsed_many(self, i: NDArray[np.intp], t: NDArray[np.float64]) -> NDArray[np.float64]:
        within = np.where(t < self.closes[i], self.before[i] + (t - self.opens[i]), self.before[i + 1])
        return np.where(i < 0, 0.0, within)


@lru_cache(maxsize=256)
def _union(several: frozenset[OpeningHours]) -> OpeningHours:
    """Lay several calendars over each other, in exact minutes; most teams of a system share a few."""
    spans = sorted((a, b) for each in several for a, b in zip(each._opens, each._closes, strict=True))
    merged: list[tuple[int, int]] = []
    for opening, closing in spans:
        begin, finish = round(opening * 60), ceil(closing * 60 - SLACK)
        if merged and begin <= merged[-1][1]:
            begin, last = merged.pop()
            finish = max(finish, last)
        merged.append((begin, finish))
    return OpeningHours.from_minutes(merged, min(each.end for each in several))
