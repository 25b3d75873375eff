"""Opening hours and holidays: what is open when, and how long work takes in open hours."""

from simulation.calendars.opening_hours import SLACK, OpeningHours
from simulation.calendars.public_holidays import PublicHolidays, lunar_new_year, public_holidays
from simulation.calendars.weekly import AlwaysOpen, Calendar, Closure, Week, Weekday, WeeklyCalendar

__all__ = [
    "SLACK",
    "AlwaysOpen",
    "Calendar",
    "Closure",
    "OpeningHours",
    "PublicHolidays",
    "Week",
    "Weekday",
    "WeeklyCalendar",
    "lunar_new_year",
    "public_holidays",
]
