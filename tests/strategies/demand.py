"""Made-up needs, the moments at which they arise, and cases that are there from the beginning."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from tests.strategies.small import (
    CHILD,
    FAILURES,
    Plain,
    exactly,
    fields,
    lengths,
    mostly,
    probabilities,
    quarters,
    sometimes,
)

PROFILES = {
    "wave": {"kind": "cyclic", "amplitude": 0.5, "period": "12 h"},
    "week": {"calendar": "office"},
    "shift": {"kind": "steps", "period": "8 h", "times": [0, 2], "weights": [1, 3]},
    "year": {
        "kind": "seasonal",
        "months": [2.0] + [1.0] * 11,
        "weekdays": [1.5, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5],
        "hours": [0.5] * 8 + [2.0] * 8 + [1.0] * 8,
        "campaigns": [
            {"share": 0.02, "anchor": "01-01", "offset": 5, "days": 2},
            {"share": 0.02, "anchor": "lunar_new_year", "offset": -2, "days": 4},
        ],
    },
}
ON_THE_HOUR = (9.0, 13.0, 24.0, 33.0)
"""Moments at which calendars open, and levers and heads come and go."""

poisson = fields(
    kind=st.just("poisson"),
    profile=st.sampled_from([None, *PROFILES]),
    rate=st.sampled_from([0.1, 0.2]),
    per_veterans=st.sampled_from([None, None, 4.0]),
)


@st.composite
def arrivals(draw: st.DrawFn, towns: list[str]) -> Plain:
    """Listed moments with many ties, now and then a regular or a Poisson stream."""
    at = draw(sometimes(st.sampled_from([[town] for town in towns]), otherwise=towns))
    kind = draw(st.integers(0, 5))
    if kind == 5:
        first = draw(st.sampled_from([None, {"kind": "deterministic", "at": 9.0}]))
        made = {"kind": "renewal", "gap": draw(exactly(quarters(2, 16))), "at": at}
        return made if first is None else {**made, "first": first}
    if kind == 4:
        per = draw(st.sampled_from([{"per": "h"}, {"per": "d"}, {"per": "y"}]))
        made = draw(poisson)
        return {**made, **per, "rate": made["rate"] * {"h": 1, "d": 24, "y": 8760}[per["per"]], "at": at}
    moments = draw(st.lists(quarters(0, 60) | st.sampled_from(ON_THE_HOUR), min_size=2, max_size=8))
    times = draw(st.lists(st.sampled_from(moments), min_size=8, max_size=20))
    return {"kind": "listed", "times": times, "at": at}


returns = fields(
    after=st.just(["reneged", "balked", "lost", "refused", "unresolved"]),
    probability=probabilities,
    delay=lengths(),
    limit=st.integers(1, 2),
    marks=st.sampled_from([None, ["sicker"]]),
)
overdue = fields(
    need=st.just(CHILD),
    probability=probabilities,
    after=st.sampled_from(["1 h", "5 h", "1 wd", "90 min"]),
    at=st.sampled_from(["contact", "above", "origin", "city", "town"]),
    marks=st.sampled_from([None, ["angry"]]),
)
unmet = fields(
    exits=st.just([*FAILURES, "reneged", "balked", "ineligible", "resolved_itself"]),
    need=st.just(CHILD),
    probability=probabilities,
    delay=lengths(least=1),
    at=st.sampled_from([None, "above", "town"]),
    marks=st.sampled_from([None, ["angry"]]),
)


@st.composite
def needs(draw: st.DrawFn, name: str, pathway: str, towns: list[str]) -> Plain:
    """A need; the child need arises out of other cases only, and sets none off."""
    none = st.none()
    rest = fields(
        priority=st.sampled_from([1, 10]),
        initiated=st.sampled_from(["veteran", "veteran", "veteran", "service", "service", "supervision"]),
        presented=mostly,
        group_rates=sometimes(st.just({"old": 2.0})),
        channels=sometimes(st.just({"phone": 0.5, "visit": 0.5})),
        first_contact=sometimes(st.sampled_from(["town", "city", {"city": 0.25, "town": 0.75}])),
        companions=st.sampled_from([0.0, 0.5]),
        deadline=sometimes(st.sampled_from(["3 h", "1 d", "2 wd"])),
        dropout_per_week=st.sampled_from([0.0, 0.0, 0.9]),
        resolves_itself_per_week=st.sampled_from([None, None, 0.9]),
        returns=sometimes(returns),
        overdue=none if name == CHILD else sometimes(st.lists(overdue, min_size=1, max_size=2)),
        unmet=none if name == CHILD else sometimes(st.lists(unmet, min_size=1, max_size=1)),
    )
    made = {"pathway": pathway, "deadline_calendar": "office", **draw(rest)}
    return made if name == CHILD else {**made, "arrivals": draw(arrivals(towns))}


@st.composite
def backlogs(draw: st.DrawFn, ways: dict[str, str], pathways: Plain, places: list[str]) -> Plain:
    """Cases that stand at a step of a need, outside branches, when the run begins."""
    need = draw(st.sampled_from(sorted(ways)))
    steps = [step["id"] for step in pathways[ways[need]]["steps"] if re.fullmatch(r"s\d|r", step["id"])]
    rest = fields(
        place=st.sampled_from(places),
        step=st.sampled_from(steps),
        age=quarters(0, 400),
        count=st.integers(1, 3),
        group=st.sampled_from([None, "old"]),
        channel=st.sampled_from([None, "phone"]),
    )
    return {"need": need, **draw(rest)}
