"""Hypothesis strategies that make up small worlds: scenarios with every mechanism of the language.

Moments and lengths are multiples of a quarter of an hour, so that many things happen at one instant and every
rule of order is put to work; now and then a length is drawn from a continuous law instead. A world is small
(a few dozen cases in a few days), valid by construction, and written as plain data, so that a failing one can
be read and copied.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from simulation.scenario import Scenario, read_scenario

Plain = dict[str, Any]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GROUPS, CHANNELS = ("old", "young"), ("phone", "visit")
TIERS = ("city", "town", "annex")
POSITIONS = ("nearest", "nearest", "contact", "above", "origin", "siblings", "city", "town")
FAILURES = ("unresolved", "refused", "lost", "dropped_out")
CHILD = "petition"
"""The need that other cases may open; its own pathway opens none, so that no world breeds without end."""


@dataclass(frozen=True)
class Style:
    """What work in a world may be like; laws that look at one queue alone need worlds without these."""

    together: bool
    """Several teams may do it together."""
    appointments: bool
    """It may be done by appointment."""
    caseloads: bool
    """Cases may be held by case managers."""


@dataclass(frozen=True)
class World:
    """A made-up scenario and how to run it."""

    data: Plain
    """The scenario as plain data."""
    horizon: float
    seed: int

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario, read through the gate."""
        return read_scenario(self.data)

    def __repr__(self) -> str:
        return f"World(horizon={self.horizon}, seed={self.seed}, data={json.dumps(self.data)})"


# ------------------------------------------------------------------------------------------- small things


def quarters(least: int = 0, most: int = 16) -> st.SearchStrategy[float]:
    """Hours on the lattice of quarters."""
    return st.integers(least, most).map(lambda number: number / 4)


def exactly(hours: st.SearchStrategy[float]) -> st.SearchStrategy[Plain]:
    """A constant length."""
    return hours.map(lambda at: {"kind": "deterministic", "at": at})


@st.composite
def lengths(draw: st.DrawFn, least: int = 0, most: int = 16) -> Plain:
    """A length of time: constant, one of two values, or (one time in eight) exponential."""
    kind = draw(st.integers(0, 7))
    if kind == 0:
        return {"kind": "exponential", "mean": draw(quarters(1, most))}
    if kind < 4:
        values = sorted(draw(st.sets(quarters(least, most), min_size=2, max_size=2)))
        return {"kind": "discrete", "values": values, "weights": [0.5, 0.5]}
    return draw(exactly(quarters(least, most)))


probabilities = st.sampled_from([0.0, 0.25, 0.5, 1.0])
mostly = st.sampled_from([1.0, 1.0, 1.0, 0.75])
rarely = st.sampled_from([False, False, False, True])


def sometimes(strategy: st.SearchStrategy[Any], otherwise: Any = None) -> st.SearchStrategy[Any]:
    """Something, or (half of the time) nothing."""
    return st.one_of(st.just(otherwise), strategy)


def fields(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Plain]:
    """A mapping of fields, those drawn as None left out."""
    return st.fixed_dictionaries(strategies).map(
        lambda drawn: {name: entry for name, entry in drawn.items() if entry is not None}
    )


@st.composite
def conditions(draw: st.DrawFn) -> Plain:
    """A condition that asks one thing of a case."""
    return draw(
        st.sampled_from(
            [
                {"late": True},
                {"late": False},
                {"hurried": True},
                {"channels": ["phone"]},
                {"groups": ["old"]},
                {"standards": ["below", "model"]},
                {"tiers": ["town"]},
                {"needs": ["advice"]},
                {"marks": ["seen"]},
                {"unmarked": ["seen"]},
                {"returned": True},
                {"teams": ["experts"]},
                {"staff": ["one"]},
                {"elsewhere": True},
                {"elsewhere": False, "hurried": False},
            ]
        )
    )


# --------------------------------------------------------------------------------------- places and teams


@st.composite
def calendars(draw: st.DrawFn) -> Plain:
    """Opening hours on some days of the week, one or two windows a day, and perhaps closed days."""
    days = draw(st.sets(st.sampled_from(WEEKDAYS), min_size=2))
    windows = draw(
        st.sampled_from([["09:00-12:00", "13:00-17:00"], ["08:30-10:00"], ["00:00-24:00"], ["20:00-24:00"]])
    )
    closed = draw(sometimes(st.just([{"from": "2026-01-06", "to": "2026-01-06"}])))
    calendar = {"kind": "weekly", "week": dict.fromkeys(sorted(days), windows)}
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
)


workforces = fields(
    turnover=st.sampled_from([0.0, 100.0, 1000.0]),
    recruitment=lengths(most=48),
    absence=st.sampled_from([0.0, 0.25, 0.5]),
    ramp_up=st.sampled_from([0.0, 12.0, 1500.0]),
    ramp_speed=st.sampled_from([0.5, 1.0]),
    training=st.sampled_from([0.0, 0.5]),
)
"""Posts that change hands within days, so that a short run sees it."""
squeezes = fields(waiting=st.sampled_from([0.5, 1.0]), speed=st.sampled_from([2.0, 0.5]))


def staff_groups(needs: list[str]) -> st.SearchStrategy[Plain]:
    """People of one kind."""
    return fields(
        count=st.sampled_from([1, 1, 1, 2, 2, 2, 0]),
        rank=st.integers(0, 1),
        calendar=st.sampled_from(["always", "always", "office"]),
        speed=st.sampled_from([1.0, 1.0, 0.5, 2.0]),
        share=st.sampled_from([1.0, 0.5]),
        skills=st.sampled_from([None] * 3 + [[name] for name in needs]),
        proficiency=st.sampled_from([None] * 3 + [{name: 2.0} for name in needs]),
        overtime=st.sampled_from([None, None, None, 0.75, 20.0]),
        workforce=st.one_of(st.none(), st.none(), workforces),
        changes=st.one_of(st.none(), st.none(), st.lists(changes, min_size=1, max_size=2)),
    )


appointments = fields(
    slot=st.sampled_from(["30 min", "1 h"]),
    calendar=st.sampled_from([None, None, "office"]),
    places=st.sampled_from([None, None, 1, {"mon": 2, "wed": 1}]),
    local=st.sampled_from([None, None, {"here": {"at": ["city"], "places": 2}}]),
    urgent_share=st.sampled_from([0.0, 0.0, 0.25, 0.5]),
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


# ---------------------------------------------------------------------------------------------- pathways


referrals = fields(
    delay=sometimes(lengths(most=8)),
    calendar=st.sampled_from(["always", "office"]),
    not_attempted=st.sampled_from([0.0, 0.0, 0.0, 0.25]),
    not_reached=st.sampled_from([0.0, 0.0, 0.0, 0.25]),
    refusal=st.sampled_from([0.0] * 6 + [0.25, 0.75]),
    ineligible=st.sampled_from([0.0] * 6 + [0.25]),
    factor=st.sampled_from([1.0, 1.0, 0.5, 0.0]),
)
time_factors = st.lists(
    st.fixed_dictionaries({"when": conditions(), "factor": st.sampled_from([0.0, 0.5, 2.0])}),
    min_size=1,
    max_size=2,
)


bookings = fields(
    lead=st.sampled_from([None, "2 h", "1 wd"]),
    no_show=st.sampled_from([0.0, 0.25]),
    too_far=st.sampled_from([None, "6 h", "1 wd"]),
    declined=probabilities,
    declined_to=st.sampled_from([None, None, "lost", "resolved"]),
    cancelled=st.sampled_from([0.0, 0.0, 0.5]),
    notice=st.sampled_from([0.0, "2 h", "1 d"]),
    rebooks=probabilities,
    to=st.sampled_from([None, None, "unresolved"]),
)


@st.composite
def works(draw: st.DrawFn, style: Style) -> Plain:
    """Work by one team or several, or (where there are appointments) by appointment with the experts."""
    booked = style.appointments and draw(st.booleans())
    roles = st.just("experts") if booked else st.sampled_from(["clerks", "experts"])
    options = draw(
        st.lists(st.tuples(roles, st.sampled_from(POSITIONS)), min_size=1, max_size=3, unique=True)
    )
    rest = fields(
        time=lengths(least=2, most=24),
        time_factors=sometimes(time_factors),
        join=st.sampled_from(
            ["first", "earliest"] if booked else ["first", "available", "shortest"] + ["all"] * style.together
        ),
        booking=bookings if booked else st.none(),
        at_close=st.sampled_from(["finish", "pause"]),
        priority=sometimes(st.sampled_from([1, 10])),
        re_entry=st.sampled_from([None, None, "15 min"]),
        patience=sometimes(
            fields(
                time=lengths(),
                clock=st.sampled_from(["calendar", "open"]),
                time_factors=st.one_of(st.none(), st.none(), time_factors),
            )
        ),
        balk=sometimes(st.fixed_dictionaries({"waiting": st.integers(0, 2), "probability": probabilities})),
        referral=sometimes(referrals),
    )
    shares = draw(st.lists(st.sampled_from([1.0, 1.0, 0.5, 0.0]), min_size=3, max_size=3))
    teams_ = [
        {"role": role, "at": at, "share": share}
        for (role, at), share in zip(options, shares[: len(options)], strict=True)
    ]
    return {"kind": "work", "teams": [*teams_, f"{options[0][0]} @ nearest"], **draw(rest)}


assigns = fields(
    kind=st.just("assign"),
    teams=st.sampled_from([["clerks @ city", "clerks @ nearest"], ["experts @ nearest", "clerks @ nearest"]]),
    join=st.sampled_from(["first", "available"]),
    priority=sometimes(st.sampled_from([1, 10])),
    patience=sometimes(
        st.fixed_dictionaries({"time": lengths(), "clock": st.sampled_from(["calendar", "open"])})
    ),
    referral=sometimes(referrals),
)
delays = fields(
    kind=st.just("delay"),
    time=lengths(),
    calendar=st.sampled_from(["always", "always", "office"]),
    time_factors=sometimes(time_factors),
    referral=sometimes(referrals),
)


@st.composite
def routes(draw: st.DrawFn, onward: str, other: list[str]) -> Any:
    """Rows by which cases go on: always onward with probability one half at least, so that all end."""
    when = st.tuples(conditions(), st.sampled_from(other))
    rows = [{"when": one, "to": _half(onward, name)} for one, name in draw(st.lists(when, max_size=2))]
    last = draw(st.sampled_from([onward, *other]))
    return [*rows, {"to": _half(onward, last)}]


def _half(one: str, other: str) -> Plain:
    return {one: 1.0} if one == other else {one: 0.5, other: 0.5}


marks = st.sampled_from([[], ["seen"]])


@st.composite
def turned_aside(draw: st.DrawFn, step: Plain, targets: list[str]) -> Plain:
    """A step from which those who are turned away, or give up, may go on."""
    ways = {"patience": ["to"], "balk": ["to"], "referral": ["refused_to", "ineligible_to"]}
    made = dict(step)
    for part in sorted(ways.keys() & made.keys()):
        to = {field: draw(st.sampled_from([None, *targets])) for field in ways[part]}
        made[part] = {**made[part], **{field: target for field, target in to.items() if target is not None}}
    return made


@st.composite
def stretches(draw: st.DrawFn, prefix: str, end: str, depth: int, opens: bool, style: Style) -> list[Plain]:
    """One to three steps in a row that lead to `end`; some of them forks, with branches of their own."""
    count = draw(st.integers(1, 3 if depth == 0 else 2))
    names = [f"{prefix}{number}" for number in range(count)]
    made: list[Plain] = []
    for position, name in enumerate(names):
        onward = names[position + 1] if position + 1 < count else end
        kinds = ["work", "work", "work", "delay"] + ["fork"] * (depth < 2) + ["open_case"] * opens
        kinds += ["assign", "release"] * style.caseloads
        kind = draw(st.sampled_from(kinds))
        branches: list[Plain] = []
        if kind == "work":
            step = draw(works(style))
        elif kind == "delay":
            step = draw(delays)
        elif kind == "open_case":
            at = draw(st.sampled_from(["contact", "above", "origin", "city", "town"]))
            step = {"kind": kind, "need": CHILD, "at": at, "opened_marks": draw(marks)}
        elif kind == "assign":
            step = draw(assigns)
        elif kind == "release":
            step = {"kind": kind, "teams": draw(st.sampled_from([[], ["clerks"]]))}
        else:
            inner = [draw(stretches(f"{name}{letter}", "join", depth + 1, opens, style)) for letter in "ab"]
            step = {"kind": kind, "branches": [stretch[0]["id"] for stretch in inner]}
            branches = [one for stretch in inner for one in stretch]
        way = draw(routes(onward, [*names, *FAILURES, "resolved"]))
        step = draw(turned_aside(step, [onward, *FAILURES, "resolved"]))
        made += [{"id": name, **step, "marks": draw(marks), "next": way}, *branches]
    return made


@st.composite
def pathways(draw: st.DrawFn, opens: bool, style: Style) -> Plain:
    """A pathway that every case leaves in the end."""
    steps = draw(stretches("s", "resolved", 0, opens, style))
    steps[0]["marks"] = ["seen"]
    first = draw(
        sometimes(
            st.just([{"when": {"channels": ["phone"]}, "to": "s0"}, {"to": {"s0": 0.75, "lost": 0.25}}])
        )
    )
    return {"steps": steps} if first is None else {"first": first, "steps": steps}


# ----------------------------------------------------------------------------------------------- demand


@st.composite
def arrivals(draw: st.DrawFn, towns: list[str]) -> Plain:
    """Listed moments with many ties, now and then a regular or a Poisson stream."""
    at = draw(sometimes(st.sampled_from([[town] for town in towns]), otherwise=towns))
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return {"kind": "renewal", "gap": draw(exactly(quarters(2, 16))), "at": at}
    if kind == 1:
        return {"kind": "poisson", "rate": draw(st.sampled_from([0.1, 0.2])), "at": at,
                "profile": draw(st.sampled_from(["wave", "week", "shift"]))}  # fmt: skip
    moments = draw(st.lists(quarters(0, 60), min_size=2, max_size=8))
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
    after=st.sampled_from(["1 h", "5 h", "1 wd"]),
    at=st.sampled_from(["contact", "above", "origin", "city"]),
    marks=st.sampled_from([None, ["angry"]]),
)
unmet = fields(
    exits=st.just([*FAILURES, "reneged", "balked", "resolved_itself"]),
    need=st.just(CHILD),
    probability=probabilities,
    delay=lengths(least=1),
    at=st.sampled_from([None, "above"]),
)


@st.composite
def needs(draw: st.DrawFn, name: str, pathway: str, towns: list[str]) -> Plain:
    """A need; the child need arises out of other cases only, and sets none off."""
    none = st.none()
    rest = fields(
        priority=st.sampled_from([1, 10]),
        initiated=st.sampled_from(["veteran", "veteran", "service"]),
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


def backlogs(names: list[str], places_: list[str]) -> st.SearchStrategy[Plain]:
    """Cases that stand at the first step of a need when the run begins."""
    return fields(
        need=st.sampled_from([*names, CHILD]),
        place=st.sampled_from(places_),
        step=st.just("s0"),
        age=quarters(0, 400),
        count=st.integers(1, 3),
        group=st.sampled_from([None, "old"]),
        channel=st.sampled_from([None, "phone"]),
    )


# ------------------------------------------------------------------------------------------------ levers


triggers = fields(
    observe=st.sampled_from(["waiting", "open_cases", "age_p90"]),
    above=st.sampled_from([0.5, 2.0]),
    below=st.sampled_from([0.5, 0.25]),
    above_for=st.sampled_from([1, 2]),
    calendar=st.sampled_from(["always", "office"]),
    needs=st.sampled_from([None, None, ["advice"]]),
)
ON_PATHWAYS = {
    "insert_step", "improve_referral", "offer", "pool_queues", "reroute", "scale_time", "share_records",
}  # fmt: skip
"""Kinds of levers that may be switched by a trigger."""


@st.composite
def levers(draw: st.DrawFn) -> list[Plain]:
    """Up to three changes, from the start or from a day of the run, some of them switched by what is seen."""
    kinds = [
        {"kind": "add_staff", "team": "clerks", "group": "one", "heads": 1},
        {"kind": "add_staff", "team": "experts", "group": "one", "heads": -1},
        {"kind": "train_staff", "teams": ["clerks"], "speed": 2.0, "needs": {"advice": 0.5}},
        {"kind": "retain_staff", "turnover": 0.5, "recruitment": 0.5, "absence": 0.5},
        {"kind": "allow_overtime", "hours": 1.5},
        {"kind": "shift_channels", "groups": ["young"], "channels": "phone"},
        {"kind": "scale_presentation", "groups": ["old"], "factor": 0.5},
        {"kind": "build_stations", "tiers": ["town"], "standard": "model"},
        {"kind": "raise_standard", "tiers": ["town", "city"]},
        {"kind": "level_practice", "strength": 0.5},
        {"kind": "scale_escalation", "factor": 0.5},
        {
            "kind": "set_appointments",
            "urgent_share": 0.5,
            "overbooked": 0.25,
            "no_show_factor": 0.5,
            "rebooks": 1.0,
        },
        {"kind": "manage_cases", "pathways": ["main"], "before": "s0", "teams": "clerks @ city"},
        {"kind": "improve_referral", "delay_factor": 0.5, "loss_factor": 0.0, "refusal_factor": 0.5},
        {"kind": "scale_time", "teams": ["clerks"], "factor": 0.5, "when": {"channels": ["phone"]}},
        {"kind": "share_records", "factor": 0.5},
        {"kind": "offer", "pathways": ["main"], "steps": ["s0"], "options": ["experts @ siblings"]},
        {
            "kind": "reroute",
            "pathways": ["main"],
            "steps": ["s0"],
            "of": ["resolved"],
            "into": "lost",
            "part": 0.5,
        },
        {"kind": "insert_step", "pathways": ["main"], "before": "s0", "step": SORT},
        {
            "kind": "insert_step",
            "pathways": ["main"],
            "step": {**SORT, "kind": "work", "teams": "clerks @ nearest"},
        },
        {"kind": "move_need", "needs": ["advice"], "first_contact": {"city": 1.0}},
        {"kind": "pool_queues", "teams": ["clerks"], "strength": 0.5},
    ]
    chosen = draw(st.lists(st.sampled_from(kinds), max_size=2))
    days = st.sampled_from([{}, {"from": "2026-01-06"}, {"from": "2026-01-07"}])
    made = [{**lever, **draw(days)} for lever in chosen]
    made = [
        {**lever, "trigger": draw(triggers)} if lever["kind"] in ON_PATHWAYS and draw(rarely) else lever
        for lever in made
    ]
    last = draw(st.sampled_from([None, None, None, *TEAMS_ANEW]))
    made += [] if last is None else [{**last, **draw(days)}]
    return [{"id": f"lever{number}", **lever} for number, lever in enumerate(made)]


SORT = {"id": "sort", "kind": "delay", "time": {"kind": "deterministic", "at": 0.5}}
TEAMS_ANEW = (
    {"kind": "merge_teams", "teams": ["experts", "clerks"], "into": "window"},
    {"kind": "split_team", "team": "clerks", "into": "aides", "heads": {"one": 1}, "needs": ["advice"]},
)


# ----------------------------------------------------------------------------------------------- the world


def _let_teams_be_changed(data: Plain) -> None:
    """Let all teams stand at the same places, with the heads that they say themselves."""
    for place in data["places"].values():
        place.pop("staff", None)
    clerks, experts = (data["teams"][role] for role in ("clerks", "experts"))
    for field in ("tier", "place"):
        experts.pop(field, None)
    experts |= {field: clerks[field] for field in ("tier", "place") if field in clerks}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A world: a scenario from Monday 5 January 2026 on, run for half a day to six days.

    Examples
    --------
    ``@given(worlds())`` then ``simulate(world.scenario, world.horizon, world.seed, replication=0)``.
    """
    tree, style = (
        draw(places()),
        draw(st.builds(Style, together=st.booleans(), appointments=rarely, caseloads=rarely)),
    )
    towns = [name for name, place in tree.items() if place["tier"] == "town"]
    tiers = sorted({place["tier"] for place in tree.values()})
    names = ["advice", "claim"][: draw(st.integers(1, 2))]
    ways = {"advice": "main", "claim": draw(st.sampled_from(["main", "side"])), CHILD: "side"}
    data = {
        "start": "2026-01-05",
        "calendars": {"office": draw(calendars())},
        "places": tree,
        "groups": {
            "old": {
                "share": 0.5,
                "channels": {"phone": 0.25, "visit": 0.75},
                "uncovered": draw(mostly),
                "reach": draw(st.sampled_from([None, 3.0])),
                "diverted": draw(st.sampled_from([0.0, 0.5])),
                "diverted_to": "post",
            },
            "young": {"share": 0.5, "presented": draw(mostly)},
        },
        "channels": {
            "phone": {"remote": draw(st.booleans()), "calendar": draw(st.sampled_from(["always", "office"]))},
            "post": {"remote": True},
            "visit": {},
        },
        "profiles": {
            "wave": {"kind": "cyclic", "amplitude": 0.5, "period": "12 h"},
            "week": {"calendar": "office"},
            "shift": {"kind": "steps", "period": "8 h", "times": [0, 2], "weights": [1, 3]},
        },
        "teams": draw(teams([*names, CHILD], tiers)),
        "pathways": {"main": draw(pathways(True, style)), "side": draw(pathways(False, style))},
        "needs": {name: draw(needs(name, ways[name], towns)) for name in [*names, CHILD]},
        "opening": draw(st.lists(backlogs(names, list(tree)), max_size=2)),
        "levers": draw(levers()),
    }
    if data["levers"] and data["levers"][-1]["kind"] in ("merge_teams", "split_team"):
        _let_teams_be_changed(data)
    return World(data, horizon=draw(quarters(48, 576)), seed=draw(st.integers(0, 2**32)))
