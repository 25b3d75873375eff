"""Calendars as they are specified: a weekly pattern less holidays and closures, or always open."""

import re
from datetime import date
from functools import lru_cache
from itertools import pairwise
from math import ceil, isfinite
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from simulation.calendars.opening_hours import OpeningHours
from simulation.calendars.public_holidays import PublicHolidays, public_holidays
from simulation.spec import Spec

__all__ = ["AlwaysOpen", "Calendar", "Closure", "Week", "Weekday", "WeeklyCalendar"]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


def _minutes(window: str) -> tuple[int, int]:
    """Return begin and end of a valid ``HH:MM-HH:MM`` window in minutes since midnight."""
    begin, end = (part.strip() for part in window.split("-"))
    return int(begin[:2]) * 60 + int(begin[3:]), int(end[:2]) * 60 + int(end[3:])


def _parse(field: str, window: object) -> tuple[int, int]:
    """Return begin and end of a window as typed by a person, or say what is wrong with it."""
    if isinstance(window, int | float):
        raise ValueError(
            f"{field}: {window!r} is a number, not opening hours (YAML reads an unquoted 9:00 as 540); "
            'quote the time: "09:00-12:00"'
        )
    if not isinstance(window, str) or not _WINDOW.fullmatch(window.strip()):
        raise ValueError(
            f"{field}: {window!r} is not a window of opening hours; "
            'write two 24-hour times with leading zeros, such as "09:00-12:00" (24:00 may be the end)'
        )
    begin, end = _minutes(window)
    if end <= begin:
        raise ValueError(
            f"{field}: {window!r} does not end after it begins; swap the times, "
            "or split hours that cross midnight over two days"
        )
    return begin, end


class Week(Spec):
    """Opening hours of each weekday, every window as ``"HH:MM-HH:MM"``; a day left out is closed."""

    mon: tuple[str, ...] = ()
    """Windows of Monday, such as ``["08:30-12:00", "13:30-17:00"]``; a single window needs no list."""
    tue: tuple[str, ...] = ()
    """Windows of Tuesday."""
    wed: tuple[str, ...] = ()
    """Windows of Wednesday."""
    thu: tuple[str, ...] = ()
    """Windows of Thursday."""
    fri: tuple[str, ...] = ()
    """Windows of Friday."""
    sat: tuple[str, ...] = ()
    """Windows of Saturday."""
    sun: tuple[str, ...] = ()
    """Windows of Sunday."""

    @field_validator(*WEEKDAYS, mode="before")
    @classmethod
    def _read_windows(cls, given: object, info: ValidationInfo) -> tuple[str, ...]:
        field = str(info.field_name)
        windows = list(given) if isinstance(given, list | tuple) else [given]
        spans = sorted(_parse(field, window) for window in windows)
        for earlier, later in pairwise(spans):
            if later[0] < earlier[1]:
                raise ValueError(
                    f"{field}: {_written(earlier)!r} and {_written(later)!r} overlap; "
                    "merge them or move one of them"
                )
        return tuple(map(_written, spans))

    @model_validator(mode="after")
    def _opens_sometime(self) -> Self:
        if not any(self.windows(day) for day in WEEKDAYS):
            raise ValueError(
                "week: no day has opening hours, so the calendar never opens; "
                'open at least one day, such as mon: ["09:00-12:00"]'
            )
        return self

    def windows(self, day: Weekday) -> tuple[tuple[int, int], ...]:
        """Return the windows of a weekday as (begin, end) in minutes since midnight.

        Examples
        --------
        >>> Week(mon=["09:00-12:00"]).windows("mon")
        ((540, 720),)
        """
        return tuple(map(_minutes, getattr(self, day)))


def _written(span: tuple[int, int]) -> str:
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in span)


class Closure(Spec):
    """Days on which a calendar is closed although its week says otherwise."""

    model_config = ConfigDict(populate_by_name=True)

    from_: date = Field(alias="from")
    """First closed day, as YYYY-MM-DD."""
    to: date
    """Last closed day (included), as YYYY-MM-DD."""

    @field_validator("from_", "to", mode="before")
    @classmethod
    def _no_numbers(cls, given: object, info: ValidationInfo) -> object:
        if isinstance(given, int | float):
            raise ValueError(f'{info.field_name}: {given!r} is a number; write a date such as "2026-02-16"')
        return given

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to < self.from_:
            raise ValueError(f"to: {self.to} lies before from: {self.from_}; swap the dates")
        return self


class WeeklyCalendar(Spec):
    """A weekly pattern of opening hours, less holidays and closures.

    Examples
    --------
    >>> desk = WeeklyCalendar(id="desk", kind="weekly", week=Week(mon="09:00-12:00", fri="09:00-17:00"))
    >>> desk.day_hours
    5.5
    """

    id: str = Field(min_length=1)
    """Name by which teams and delays refer to this calendar."""
    kind: Literal["weekly"] = "weekly"
    """A weekly pattern."""
    week: Week
    """Opening hours of each weekday; a day left out is closed."""
    holidays: Literal["none", "china"] = "none"
    """Public holidays kept: ``none``, or ``china`` for those of mainland China with their make-up working
    days. Only years whose make-up days have been announced can be simulated."""
    make_up: Weekday = "fri"
    """Weekday whose hours are kept on a make-up working day (a weekend day worked for a day off)."""
    closed: tuple[Closure, ...] = ()
    """Further closed days; they win over make-up days."""

    @property
    def day_hours(self) -> float:
        """Mean open hours of a weekday that opens: the length of one working day (hours)."""
        spans = [self.week.windows(day) for day in WEEKDAYS]
        opening = [sum(end - begin for begin, end in span) for span in spans if span]
        return sum(opening) / len(opening) / 60

    def windows_on(self, first: date, last: date) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Return the windows of each day from `first` to `last` (included), in minutes since midnight.

        Examples
        --------
        >>> desk = WeeklyCalendar(id="desk", week=Week(mon="09:00-12:00"))
        >>> desk.windows_on(date(2026, 3, 1), date(2026, 3, 2))  # a Sunday and a Monday
        ((), ((540, 720),))
        """
        kept = PublicHolidays() if self.holidays == "none" else public_holidays(first, last, self.id)
        pattern = {day: self.week.windows(day) for day in WEEKDAYS}
        windows: list[tuple[tuple[int, int], ...]] = []
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if day in kept.off or any(closure.from_ <= day <= closure.to for closure in self.closed):
                windows.append(())
            else:
                windows.append(pattern[self.make_up if day in kept.worked else WEEKDAYS[day.weekday()]])
        return tuple(windows)

    def hours(self, start: date, end: float) -> OpeningHours:
        """Return the opening hours from midnight of `start` until `end` hours later (cached).

        Parameters
        ----------
        start
            Date whose midnight is time 0.
        end
            End of the compiled range in hours; what lies beyond is unknown.

        Raises
        ------
        ValueError
            If `end` is not positive and finite, or public holidays of a year in the range are unannounced.

        Examples
        --------
        >>> desk = WeeklyCalendar(id="desk", week=Week(mon="09:00-12:00"))
        >>> desk.hours(date(2026, 3, 2), 200.0).opens.tolist()
        [9.0, 177.0]
        """
        return _compiled(self, start, end)


class AlwaysOpen(Spec):
    """A calendar that never closes.

    Examples
    --------
    >>> AlwaysOpen(id="clock").hours(date(2026, 3, 2), 48.0).add(20.0, 10.0)
    30.0
    """

    id: str = Field(min_length=1)
    """Name by which teams and delays refer to this calendar."""
    kind: Literal["always"] = "always"
    """Open at every hour of every day."""

    @property
    def day_hours(self) -> float:
        """Length of one working day: 24 hours."""
        return 24.0

    def windows_on(self, first: date, last: date) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Return one window of 24 hours for each day from `first` to `last` (included), in minutes.

        Examples
        --------
        >>> AlwaysOpen(id="clock").windows_on(date(2026, 3, 1), date(2026, 3, 1))
        (((0, 1440),),)
        """
        return (((0, 1440),),) * (last.toordinal() - first.toordinal() + 1)

    def hours(self, start: date, end: float) -> OpeningHours:
        """Return the one open interval from midnight of `start` until `end` hours later.

        Examples
        --------
        >>> AlwaysOpen(id="clock").hours(date(2026, 3, 2), 48.0).closes.tolist()
        [48.0]
        """
        return _compiled(self, start, end)


Calendar = Annotated[WeeklyCalendar | AlwaysOpen, Field(discriminator="kind")]
"""Any calendar, told apart by its `kind`."""


@lru_cache(maxsize=256)
def _compiled(calendar: WeeklyCalendar | AlwaysOpen, start: date, end: float) -> OpeningHours:
    """Lay the windows of every day from `start` on the time axis, in exact minutes."""
    if not (isfinite(end) and end > 0):
        raise ValueError(f"end: {end!r} hours; opening hours need a positive, finite end")
    last = date.fromordinal(start.toordinal() + ceil(end / 24) - 1)
    spans = [
        (day * 1440 + begin, day * 1440 + finish)
        for day, windows in enumerate(calendar.windows_on(start, last))
        for begin, finish in windows
    ]
    return OpeningHours.from_minutes(spans, end)
