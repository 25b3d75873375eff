"""Made-up calendars, places, staff and teams."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.strategies.small import WEEKDAYS, Plain, fields, lengths, rarely, sometimes


@st.composite
def calendars(draw: st.DrawFn) -> Plain:
    """Opening hours on some days of the week, one or two windows a day, and perhaps holidays."""
    days = draw(st.sets(st.sampled_from(WEEKDAYS), min_size=2))
    windows = draw(
        st.sampled_from([["09:00-12:00", "13:00-17:00"], ["08:30-10:00"], ["00:00-24:00"], ["20:00-24:00"]])
    )
    closed = draw(sometimes(st.just([{"from": "2026-01-06", "to": "2026-01-06"}])))
    calendar = {"kind": "weekly", "week": dict.fromkeys(sorted(days), windows)}
    if draw(rarely):
        calendar |= {"holidays": "china", "make_up": draw(st.sampled_from(WEEKDAYS))}
    return calendar if closed is None else {**calendar, "closed": closed}


@st.composite
def places(draw: st.DrawFn) -> Plain:
    """A city, up to two towns with people, and perhaps an annex of the city."""
    station = fields(
        staffed=st.sampled_from([True] * 5 + [False]),
        standard=st.sampled_from(["below", "standard", "model"]),
        staff=st.sampled_from([None] * 5 + [0, 1, 2]),
        distance=st.sampled_from([None, None, 3.0]),
        practice=st.sampled_from(
            [None] * 5 + [{"work": 2.0, "loss": 2.0}, {"hand_over": 0.5, "refusal": 0.5}]
        ),
    )
    made: Plain = {"city": {"tier": "city", **draw(station)}}
    for name in ("east", "west")[: draw(st.integers(1, 2))]:
        made[name] = {"tier": "town", "parent": "city", "veterans": draw(st.integers(1, 9)), **draw(station)}
    if draw(st.booleans()):
        made["tax"] = {"tier": "annex", "parent": "city"}
    return made


changes = fields(
    **{"from": st.sampled_from(["2026-01-05", "2026-01-06", "2026-01-07"])},
    to=sometimes(st.sampled_from(["2026-01-07", "2026-01-08"])),
    add=st.integers(-2, 2),
    share=st.sampled_from([None, None, 0.5]),
    places=st.sampled_from([None, None, None, ["city"], ["city", "east"]]),
)


workforces = fields(
    turnover=st.sampled_from([0.0, 100.0, 1000.0]),
    recruitment=lengths(most=48),
    recruitment_factor=st.sampled_from([None, None, 0.5]),
    absence=st.sampled_from([0.0, 0.25, 0.5]),
    ramp_up=st.sampled_from([0.0, 12.0, 1500.0]),
    ramp_speed=st.sampled_from([0.5, 1.0]),
    training=st.sampled_from([0.0, 0.5]),
)
"""Posts that change hands within days, so that a short run sees it."""
squeezes = fields(waiting=st.sampled_from([0.5, 1.0]), speed=st.sampled_from([2.0, 0.5]))


def _heads(group: Plain) -> Plain:
    """A number of heads, or so many veterans for each."""
    return {name: value for name, value in group.items() if name != "count" or "per_veterans" not in group}


def staff_groups(needs: list[str]) -> st.SearchStrategy[Plain]:
    """People of one kind."""
    return fields(
        count=st.sampled_from([1, 1, 1, 2, 2, 2, 0]),
        per_veterans=st.sampled_from([None] * 7 + [4.0]),
        rank=st.integers(0, 1),
        calendar=st.sampled_from(["always", "always", "office", "office", "clock"]),
        speed=st.sampled_from([1.0, 1.0, 0.5, 2.0]),
        share=st.sampled_from([1.0, 0.5]),
        skills=st.sampled_from([None] * 3 + [[name] for name in needs]),
        proficiency=st.sampled_from([None] * 3 + [{name: 2.0} for name in needs]),
        volunteer=st.sampled_from([None, None, True]),
        overtime=st.sampled_from([None, None, None, 0.75, 20.0]),
        annual_cost=st.sampled_from([None, 36500.0]),
        workforce=st.one_of(st.none(), st.none(), workforces),
        changes=st.one_of(st.none(), st.none(), st.lists(changes, min_size=1, max_size=2)),
    ).map(_heads)


appointments = fields(
    slot=st.sampled_from(["30 min", "1 h"]),
    calendar=st.sampled_from([None, None, "office"]),
    places=st.sampled_from([None, None, 1, {"mon": 2, "wed": 1}]),
    local=st.sampled_from(
        [None, None, {"here": {"at": ["city"], "places": 2}}, {"here": {"at": ["city"], "calendar": "clock"}}]
    ),
    urgent_share=st.sampled_from([0.0, 0.0, 0.25, 0.5]),
    urgent_priority=st.sampled_from([None, None, 10]),
    urgent_released=st.sampled_from([None, "2 h", "1 wd"]),
    overbooked=st.sampled_from([0.0, 0.0, 0.5]),
)


@st.composite
def teams(draw: st.DrawFn, needs: list[str], tiers: list[str]) -> Plain:
    """Two roles, each at a tier or a place."""
    made = {}
    for role in ("clerks", "experts"):
        where = draw(st.sampled_from([{"tier": tier} for tier in tiers] + [{"place": "city"}]))
        group = staff_groups(needs)
        made[role] = {
            **where,
            "staff": draw(
                st.one_of(
                    group.map(lambda g: {"one": g}), st.fixed_dictionaries({"one": group, "two": group})
                )
            ),
            **draw(
                fields(
                    discipline=st.sampled_from(["fifo", "fifo", "lifo", "deadline"]),
                    squeeze=st.one_of(st.none(), st.none(), squeezes),
                    queue_limit=st.sampled_from([None] * 6 + [0, 1, 2]),
                    caseload=st.sampled_from([None, 0, 1, 2]),
                    appointments=appointments if role == "experts" else st.none(),
                )
            ),
        }
    return made
