"""Public holidays of mainland China, and the weekend days worked in exchange."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

__all__ = ["PublicHolidays", "lunar_new_year", "public_holidays"]


@dataclass(frozen=True)
class PublicHolidays:
    """Days taken from a weekly pattern (weekends between them keep theirs), and days worked in exchange."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()


def public_holidays(first: date, last: date, calendar: str = "china") -> PublicHolidays:
    """Return the public holidays of mainland China and their make-up working days.

    Parameters
    ----------
    first, last
        First and last date (included).
    calendar
        Id of the calendar to name in an error.

    Raises
    ------
    ValueError
        If the make-up days of a year in the range have not been announced: without them its holidays are
        a guess.

    Examples
    --------
    >>> spring = public_holidays(date(2026, 2, 14), date(2026, 2, 28))
    >>> len(spring.off), sorted(day.day for day in spring.worked)
    (6, [14, 28])
    """
    import holidays

    years = range(first.year, last.year + 1)
    china = holidays.country_holidays("CN", years=years, expand=False)
    # Every schedule since 2001 moves a working day to a weekend, so a year without one is not announced.
    announced = {day.year for day in china.weekend_workdays}
    for year in years:
        if year not in announced:
            raise ValueError(
                f"holidays: calendar {calendar!r} reaches {year} ({first} to {last}), whose make-up working "
                "days are unknown (each November announces the next year); end the run earlier, start it in "
                "an earlier year, install a newer holidays package, or write holidays: none and put the "
                "days off under closed"
            )
    return PublicHolidays(
        frozenset(day for day in china if first <= day <= last),
        frozenset(day for day in china.weekend_workdays if first <= day <= last),
    )


@lru_cache(maxsize=256)
def lunar_new_year(year: int) -> date:
    """Return the day of the Spring Festival, the first day of the Chinese lunar year.

    Parameters
    ----------
    year
        Gregorian year, 1950 to 2099.

    Examples
    --------
    >>> lunar_new_year(2026)
    datetime.date(2026, 2, 17)
    """
    import holidays

    if not 1950 <= year <= 2099:
        raise ValueError(f"year: {year}; the date of the Spring Festival is known for 1950 to 2099 only")
    china = holidays.country_holidays("CN", years=year, expand=False, observed=False, language="en_US")
    return min(china.get_named("Chinese New Year (Spring Festival)", lookup="exact"))
