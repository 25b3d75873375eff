"""Opening hours beyond the horizon, for deadlines and appointments that lie there."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache

from simulation.calendars import Calendar, OpeningHours

__all__ = ["hours_beyond"]

DAY = 24.0


@lru_cache(maxsize=256)
def hours_beyond(calendar: Calendar, start: date, horizon: float, end: float) -> OpeningHours:
    """Return opening hours until `end`, without public holidays after the day of the horizon.

    The holidays of later days may not have been announced; and what is decided before the horizon should not
    depend on where it lies.

    Parameters
    ----------
    calendar
        The calendar.
    start
        The day at whose beginning time is zero.
    horizon, end
        Hours until which the holidays are kept, and until which opening hours are wanted.

    Examples
    --------
    >>> from simulation.calendars import WeeklyCalendar
    >>> desk = WeeklyCalendar(id="desk", week={"thu": "09:00-12:00"}, holidays="china")
    >>> hours_beyond(desk, date(2026, 10, 1), 12.0, 200.0).opens.tolist()
    [177.0]
    >>> hours_beyond(desk, date(2026, 9, 30), 12.0, 200.0).opens.tolist()
    [33.0]
    """
    known = math.ceil(horizon / DAY) * DAY
    near = calendar.hours(start, known)
    if calendar.kind == "always" or known >= end:
        return calendar.hours(start, max(known, end))
    far = calendar.model_copy(update={"holidays": "none"}).hours(start, end)
    spans = list(zip(near.opens.tolist(), near.closes.tolist(), strict=True))
    later = zip(far.opens.tolist(), far.closes.tolist(), strict=True)
    spans += [(max(opens, known), closes) for opens, closes in later if closes > known]
    return OpeningHours.from_minutes([(round(a * 60), round(b * 60)) for a, b in spans], end)
