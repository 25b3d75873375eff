"""What readers are told about a city: names in words, seasons with a surge."""

from __future__ import annotations

from datetime import date, timedelta

from simulation.calendars import lunar_new_year
from simulation.scenario import Scenario
from simulation.scenario.arrivals import Campaign, PoissonArrivals, SeasonalProfile
from simulation.scenario.difference import PathwayDifference, pathway_differences
from simulation.study import Design

__all__ = ["seasons", "structures", "titles"]

STRUCTURE = ("step", "routes", "teams", "first contact")
"""Aspects of a pathway that are its structure; times and hand-overs keep it as it is."""
PEAK = 2.0
"""A month is a season when its weight is above this many times the mean."""


def titles(scenario: Scenario) -> dict[str, str]:
    """Return the titles of groups, needs, teams and places that have one, by id.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> titles(single_queue())
    {}
    """
    named = {place.id: place.name for place in scenario.places}
    groups = sorted(scenario.groups, key=lambda group: group.title)  # "18 to 39" before "40 to 59"
    for items in (scenario.teams, scenario.needs, groups):
        named |= {item.id: item.title for item in items}
    return {name: title for name, title in named.items() if title}


def structures(design: Design) -> dict[str, tuple[PathwayDifference, ...]]:
    """Find what each policy changes in the structure of pathways: steps, routes, teams, first contact.

    Examples
    --------
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.study import Study
    >>> structures(Design(Study(id="quick", run_length=24), single_queue(), (Policy(id="baseline"),)))
    {'baseline': ()}
    """
    return {
        scenario.id: tuple(
            row for row in pathway_differences(design.city, scenario) if row.aspect in STRUCTURE
        )
        for scenario in design.scenarios
    }


def seasons(scenario: Scenario, horizon: float) -> list[tuple[str, float, float]]:
    """Find the seasons of known surges: campaigns, and months in which a need arises far more than else.

    Parameters
    ----------
    scenario
        The system.
    horizon
        Hours from its start.

    Returns
    -------
    list of (str, float, float)
        What surges; first and last day, counted from the start.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> seasons(single_queue(), 8760.0)
    []
    """
    profiles = {profile.id: profile for profile in scenario.profiles if isinstance(profile, SeasonalProfile)}
    last_year = (scenario.start + timedelta(hours=horizon)).year
    found: dict[tuple[float, float], str] = {}
    for need in scenario.needs:
        arrivals = need.arrivals
        if isinstance(arrivals, PoissonArrivals) and arrivals.profile in profiles:
            for begin, end in _surges(profiles[arrivals.profile], scenario.start.year, last_year):
                span = (float((begin - scenario.start).days), float((end - scenario.start).days))
                found.setdefault(span, need.title or need.id)
    return [(name, begin, end) for (begin, end), name in sorted(found.items())]


def _surges(profile: SeasonalProfile, first: int, last: int) -> list[tuple[date, date]]:
    """Give first day and day after the last of each campaign and of each run of high months."""
    limit = PEAK * sum(profile.months) / len(profile.months)
    found: list[tuple[date, date]] = []
    for year in range(first, last + 1):
        months: list[tuple[date, date]] = []
        for number, weight in enumerate(profile.months, start=1):
            begin = date(year, number, 1)
            after = (begin + timedelta(days=31)).replace(day=1)
            if weight > limit and months and months[-1][1] == begin:
                months[-1] = (months[-1][0], after)
            elif weight > limit:
                months.append((begin, after))
        found += [*months, *(_days(campaign, year) for campaign in profile.campaigns)]
    return found


def _days(campaign: Campaign, year: int) -> tuple[date, date]:
    if campaign.anchor == "lunar_new_year":
        anchor = lunar_new_year(year)
    else:
        month, day = campaign.anchor.split("-")
        anchor = date(year, int(month), int(day))
    begin = anchor + timedelta(days=campaign.offset)
    return begin, begin + timedelta(days=campaign.days)
