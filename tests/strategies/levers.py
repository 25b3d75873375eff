"""Made-up levers and policies: every kind, from a day on, in part, within a budget, or by a trigger."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.strategies.small import Plain, fields, rarely, sometimes

triggers = fields(
    observe=st.sampled_from(["waiting", "waiting", "open_cases", "age_p90"]),
    above=st.sampled_from([0.5, 2.0]),
    below=st.sampled_from([0.5, 0.25]),
    above_for=st.sampled_from([1, 1, 2]),
    below_for=st.sampled_from([1, 1, 2]),
    calendar=st.sampled_from(["always", "office"]),
    needs=st.sampled_from([None, None, ["advice"]]),
    teams=st.sampled_from([None, ["clerks"]]),
).map(lambda made: made if made["observe"] == "waiting" else {**made, "teams": []})
ON_PATHWAYS = {
    "improve_referral", "insert_step", "manage_cases", "offer", "pool_queues", "reroute", "run_parallel",
    "scale_time", "share_records",
}  # fmt: skip
"""Kinds of levers that may be switched by a trigger."""
WHOLE = {"merge_teams", "run_parallel", "split_team"}
"""Kinds that are carried out wholly or not at all."""
ON_THE_LINE = {"move_need", "offer", "pool_queues", "run_parallel"}
"""Kinds that need the pathway `line`, or of which some do."""
ANEW = {"convert_staff", "merge_teams", "split_team"}
"""Kinds that change who is in which team; they come last, and one of them at most."""
SORT = {"id": "sort", "kind": "delay", "time": {"kind": "deterministic", "at": 0.5}}
BY_CLERKS = {**SORT, "kind": "work", "teams": "clerks @ nearest"}

dates = st.sampled_from(
    [{}, {}, {"from": "2026-01-06"}, {"from": "2026-01-07"}, {"from": "2026-01-06", "to": "2026-01-07"},
     {"to": "2026-01-06"}]
)  # fmt: skip
degrees = st.sampled_from([{}, {}, {"strength": 0.5}, {"from": "2025-12-07", "ramp": "60 d"}])
"""A ramp that takes its second step on the second day."""
moneys = st.sampled_from(
    [{}, {}, {}, {"cost_per_year": 36500.0, "budget": 200.0}, {"cost_once": 100.0, "budget": 120.0}]
)


def on_staff() -> list[Plain]:
    """Levers on heads, and on places and those who come."""
    return [
        {"kind": "add_staff", "team": "clerks", "group": "one", "heads": 1},
        {"kind": "add_staff", "team": "experts", "group": "one", "heads": -1},
        {"kind": "add_staff", "team": "clerks", "group": "one", "heads": 1, "places": ["city", "east"]},
        {"kind": "train_staff", "teams": ["clerks"], "speed": 2.0, "needs": {"advice": 0.5}},
        {"kind": "train_staff", "group": "one", "speed": 0.5},
        {"kind": "retain_staff", "turnover": 0.5, "recruitment": 0.5, "absence": 0.5},
        {"kind": "retain_staff", "teams": ["experts"], "group": "one", "absence": 2.0},
        {"kind": "allow_overtime", "hours": 1.5},
        {"kind": "allow_overtime", "teams": ["clerks"], "group": "one", "hours": 20.0},
        {"kind": "build_stations", "tiers": ["town"], "standard": "model"},
        {"kind": "build_stations", "tiers": ["city", "town"], "standard": "standard"},
        {"kind": "build_stations", "tiers": ["town"], "standard": "below"},
        {"kind": "build_stations", "tiers": ["city"]},
        {"kind": "raise_standard", "tiers": ["town", "city"]},
        {"kind": "raise_standard", "tiers": ["town"], "to_standard": "model"},
        {"kind": "level_practice"},
        {"kind": "level_practice", "tiers": ["town"]},
        {"kind": "shift_channels", "groups": ["young"], "channels": "phone"},
        {"kind": "shift_channels", "needs": ["advice"], "channels": {"phone": 0.25, "visit": 0.75}},
        {"kind": "scale_presentation", "groups": ["old"], "factor": 0.5},
        {"kind": "scale_escalation", "factor": 0.5},
        {"kind": "scale_escalation", "needs": ["advice"], "factor": 0.0},
        {"kind": "move_need", "needs": ["advice"], "first_contact": {"city": 1.0}},
        {"kind": "set_appointments", "urgent_share": 0.5, "overbooked": 0.25, "no_show_factor": 0.5,
         "rebooks": 1.0},
        {"kind": "set_appointments", "teams": ["experts"], "pathways": ["main"], "lead_factor": 2.0,
         "cancelled_factor": 0.0},
    ]  # fmt: skip


def on_pathways() -> list[Plain]:
    """Levers on what happens to cases of the pathway `main`, whatever it is like."""
    aside = {"kind": "reroute", "pathways": ["main"], "part": 0.5}
    return [
        {"kind": "improve_referral", "delay_factor": 0.5, "loss_factor": 0.0, "refusal_factor": 0.5},
        {"kind": "improve_referral", "pathways": ["main"], "steps": ["s0"], "ineligible_factor": 0.5},
        {"kind": "scale_time", "teams": ["clerks"], "factor": 0.5, "when": {"channels": ["phone"]}},
        {"kind": "scale_time", "pathways": ["main"], "steps": ["s0"], "factor": 2.0},
        {"kind": "share_records", "factor": 0.5},
        {"kind": "share_records", "pathways": ["main"]},
        {"kind": "offer", "pathways": ["main"], "steps": ["s0"], "options": ["experts @ siblings"]},
        {**aside, "steps": ["s0"], "of": ["resolved"], "into": "lost"},
        {**aside, "first": True, "of": ["s0"], "into": "unresolved"},
        {**aside, "steps": ["s0"], "of": ["unresolved"]},
        {"kind": "insert_step", "pathways": ["main"], "before": "s0", "step": SORT},
        {"kind": "insert_step", "pathways": ["main"], "step": BY_CLERKS},
        {"kind": "manage_cases", "pathways": ["main"], "before": "s0", "teams": "clerks @ city"},
        {"kind": "pool_queues", "teams": ["clerks"], "unfamiliar": 2.0},
    ]  # fmt: skip


def on_the_line(booked: bool, need: str) -> list[Plain]:
    """Levers on the pathway `line`, that a need takes, and whose last work may be by appointment.

    Then nobody else offers the experts at `p`, where nothing is booked: a queue pooled by the earliest slot
    would be refused there.
    """
    joins = ["first", "earliest"] if booked else ["available", "shortest", "all"]
    pool = {"kind": "pool_queues", "teams": ["experts"], "pathways": ["line"]}
    offered = {"kind": "offer", "pathways": ["line"], "steps": ["r"], "options": "experts @ siblings"}
    managed = {"kind": "manage_cases", "pathways": ["line"], "before": "p", "until": "r", "step": "held"}
    return [
        {"kind": "run_parallel", "pathway": "line", "branches": ["p", "q"], "then": "r"},
        {"kind": "run_parallel", "pathway": "line", "branches": ["p", "q"], "then": "r", "fork": "both"},
        {**managed, "teams": ["clerks @ city", "clerks @ nearest"], "join": "available"},
        {"kind": "move_need", "needs": [need], "steps": ["p"], "teams": "experts @ city"},
        {**pool, "join": "earliest" if booked else "shortest"},
        *({**offered, "join": join, "stand": "first"} for join in joins),
        *(
            {"kind": "offer", "pathways": ["line"], "steps": ["p"], "options": "experts @ city", "join": join}
            for join in ([] if booked else ["first", "all"])
        ),
    ]


def anew(teams: Plain) -> list[Plain]:
    """Levers that make new teams, and heads that become others, where there are any."""
    made: list[Plain] = [
        {"kind": "merge_teams", "teams": ["experts", "clerks"], "into": "window"},
        {"kind": "split_team", "team": "clerks", "into": "aides", "heads": {"one": 1}, "needs": ["advice"]},
    ]
    groups = teams["clerks"]["staff"]
    if len(groups) == 2 and groups["one"].get("count", 0):
        made.append({"kind": "convert_staff", "team": "clerks", "group": "one", "into": "two", "heads": 1})
    return made


@st.composite
def courses(draw: st.DrawFn, lever: Plain, data: Plain) -> Plain:
    """A lever with its dates, how far it is carried out, what it may cost, and what switches it."""
    kind = lever["kind"]
    whole = kind in WHOLE or (kind == "move_need" and "first_contact" not in data["needs"]["advice"])
    whole |= kind == "move_need" and "steps" in lever
    made = {**lever, **draw(dates), **({} if whole else draw(degrees)), **draw(moneys)}
    if kind in ON_PATHWAYS and draw(rarely):
        made["trigger"] = draw(triggers)
        made.pop("ramp", None)
    if made.get("from", "") > made.get("to", "9"):
        made.pop("to")
    return made


@st.composite
def levers(draw: st.DrawFn, data: Plain, most: int = 3, kind: str | None = None) -> list[Plain]:
    """Up to three changes, now and then one of them to the teams themselves, which comes last; one of a kind,
    if it is named."""
    families = [on_staff(), on_pathways(), on_pathways()]
    lined = [name for name, need in data["needs"].items() if need["pathway"] == "line"]
    if lined:
        booked = "booking" in data["pathways"]["line"]["steps"][-1]
        families += [on_the_line(booked, lined[0])] * 2
    new = anew(data["teams"])
    asked_for = [lever for family in (*families, new) for lever in family if lever["kind"] == kind]
    first = [draw(st.sampled_from(asked_for))] if asked_for else []
    one: st.SearchStrategy[Any] = st.one_of(*(st.sampled_from(family) for family in families))
    count = draw(st.sampled_from(range(most)))
    chosen = [*first, *(draw(one) for _ in range(count - len(first)))]
    if draw(rarely):
        chosen.append(draw(st.sampled_from(new)))
    if lined and any(step["id"] == "p2" for step in data["pathways"]["line"]["steps"]):
        around = [lever for lever in chosen if _is_around(lever)]
        chosen = [lever for lever in chosen if lever not in around[1:]]
    ordered = sorted(chosen, key=lambda lever: lever["kind"] in ANEW)
    alone = {_changed(lever): lever for lever in ordered}
    return [
        {"id": f"lever{number}", **draw(courses(lever, data))} for number, lever in enumerate(alone.values())
    ]


def _is_around(lever: Plain) -> bool:
    """Tell whether a lever puts something around the part of `line` that begins with `p`.

    Where `p2` leads back to `p`, two of them are refused: what stands before `p` would be in the branch too.
    """
    return lever["kind"] == "run_parallel" or (
        lever["kind"] == "manage_cases" and lever["pathways"] == ["line"]
    )


def _changed(lever: Plain) -> str:
    """What a lever adds that may be added once: a step, a fork, other teams."""
    named = {"insert_step": "sort", "run_parallel": "fork", "manage_cases": "managers"}
    return named.get(lever["kind"], "teams" if lever["kind"] in ANEW else repr(lever))


@st.composite
def policies(draw: st.DrawFn, made: list[Plain]) -> Plain:
    """The levers as a policy, perhaps within a budget."""
    in_part = all(lever["kind"] != "move_need" for lever in made)
    budget = draw(sometimes(st.sampled_from([50.0, 40000.0]))) if in_part else None
    policy = {"id": "policy", "levers": made}
    return policy if budget is None else {**policy, "budget": budget}
