"""Made-up pathways: steps of every kind, forks in loops, and the many ways on."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.strategies.small import (
    CHILD,
    FAILURES,
    POSITIONS,
    Plain,
    Style,
    conditions,
    fields,
    lengths,
    probabilities,
    rarely,
    seldom,
    sometimes,
)

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
        time=st.one_of(lengths(least=2, most=24), lengths(least=2, most=24), lengths(most=2)),
        time_factors=sometimes(time_factors),
        join=st.sampled_from(
            ["first"]
            if style.plain
            else ["first", "earliest"]
            if booked
            else ["first", "available", "shortest"] + ["all"] * style.together
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
        balk=st.none()
        if style.plain
        else sometimes(st.fixed_dictionaries({"waiting": st.integers(0, 2), "probability": probabilities})),
        referral=sometimes(referrals),
    )
    shares = draw(st.lists(st.sampled_from([1.0, 1.0, 0.5, 0.0]), min_size=3, max_size=3))
    teams_ = [
        {"role": role, "at": at, "share": share}
        for (role, at), share in zip(options, shares[: len(options)], strict=True)
    ]
    if not booked and not style.plain and draw(rarely):
        teams_[0]["only_if_free"] = True
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
delays = st.one_of(
    fields(
        kind=st.just("delay"),
        time=lengths(),
        calendar=st.sampled_from(["always", "always", "office"]),
        time_factors=sometimes(time_factors),
        referral=sometimes(referrals),
    ),
    st.just(
        {"kind": "delay", "calendar": "office", "time": {"kind": "deterministic", "at": 0.5, "unit": "wd"}}
    ),
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
letters = st.sampled_from(["ab", "ab", "ab", "abc"])
handed_over = fields(referral=seldom(referrals))


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
        kinds = ["work", "work", "work", "delay"] if style.plain else kinds
        kind = draw(st.sampled_from(kinds))
        branches: list[Plain] = []
        if kind == "work":
            step = draw(works(style))
        elif kind == "delay":
            step = draw(delays)
        elif kind == "open_case":
            at = draw(st.sampled_from(["contact", "above", "origin", "city", "town"]))
            step = {"kind": kind, "need": CHILD, "at": at, "opened_marks": draw(marks), **draw(handed_over)}
        elif kind == "assign":
            step = draw(assigns)
        elif kind == "release":
            step = {"kind": kind, "teams": draw(st.sampled_from([[], ["clerks"]])), **draw(handed_over)}
        else:
            inner = [
                draw(stretches(f"{name}{letter}", "join", depth + 1, opens, style))
                for letter in draw(letters)
            ]
            step = {"kind": kind, "branches": [stretch[0]["id"] for stretch in inner], **draw(handed_over)}
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


def _plain(role: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Plain]:
    """Work by one team that leads nobody aside, so that levers can move it into a branch."""
    return fields(
        kind=st.just("work"),
        teams=st.sampled_from([[f"{role} @ nearest"], [f"{role} @ city", f"{role} @ nearest"]]),
        time=lengths(least=1),
        at_close=st.sampled_from(["finish", "pause"]),
        re_entry=st.sampled_from([None, "15 min"]),
        patience=seldom(fields(time=lengths())),
        referral=seldom(referrals),
        **more,
    )


@st.composite
def lines(draw: st.DrawFn, style: Style) -> Plain:
    """A pathway whose two parts, from `p` and from `q` on, follow each other and may be done in parallel."""
    booked = {"booking": bookings.map(_without_ways)} if style.appointments and draw(st.booleans()) else {}
    back = draw(st.sampled_from([{"q": 1.0}, {"q": 0.75, "p": 0.25}, {"q": 0.5, "lost": 0.5}]))
    again = draw(
        st.sampled_from([{"resolved": 1.0}, {"resolved": 0.5, "p": 0.5}, {"resolved": 0.5, "r": 0.5}])
    )
    return {
        "steps": [
            {"id": "p", **draw(_plain("clerks")), "next": {"p2": 0.5, "q": 0.5}},
            {"id": "p2", **draw(delays), "next": back},
            {"id": "q", **draw(st.one_of(delays, _plain("clerks"))), "next": {"r": 0.75, "unresolved": 0.25}},
            {"id": "r", **draw(_plain("experts", **booked)), "next": again},
        ]
    }


def _without_ways(booking: Plain) -> Plain:
    return {name: value for name, value in booking.items() if name not in ("to", "declined_to")}
