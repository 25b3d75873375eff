"""The array compiler: a layout written as one tuple of arrays for the kernel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from simulation.demand import make_opening
from simulation.engines.compiled.codes import OBSERVED
from simulation.engines.compiled.plan_needs import NeedWriter
from simulation.engines.compiled.plan_steps import ActivityWriter
from simulation.engines.compiled.plan_tables import Tables, as_table
from simulation.engines.compiled.plan_teams import write_staff, write_teams
from simulation.engines.compiled.tables import DATE, DIARY, PRACTICE, RULE, STRETCH, VARIANT, Plan
from simulation.layout import Layout, Phase
from simulation.scenario.places import Practice
from simulation.streams import decision

__all__ = ["plan_of"]

_plans: WeakKeyDictionary[Layout, Plan] = WeakKeyDictionary()


def plan_of(layout: Layout) -> Plan:
    """Return the arrays of a layout; they are made once and kept as long as the layout is.

    Parameters
    ----------
    layout
        The scenario written out.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> plan_of(make_layout(single_queue(), 24.0)).activities["kind"].tolist()
    [0]
    """
    if layout not in _plans:
        _plans[layout] = _make_plan(layout)
    return _plans[layout]


def _make_plan(layout: Layout) -> Plan:
    phases = [phase for several in layout.variants for phase in several.values()]
    tables = Tables(layout)
    steps, needs = ActivityWriter(layout, tables), NeedWriter(layout, tables)
    activity = np.array([[steps.number(each) for each in phase.activities] for phase in phases], np.int64)
    rules = needs.write(phases)
    written = {
        **_when(layout),
        **_where(layout, phases, tables),
        **steps.written(lazily=_unwatched(layout, phases, rules)),
        **needs.written(make_opening(layout)),
        "activity": activity,
        "needs": rules,
        "teams": write_teams(layout, tables),
        "staff": write_staff(layout, tables),
        "diaries": _diaries(layout, tables),
        "slots": np.concatenate([*(slots.starts for slots in layout.diaries if slots), np.zeros(1)]),
        "rules": _rules(layout, tables),
    }
    return Plan(
        horizon=float(layout.horizon),
        away=layout.away[0],
        contact=layout.contact[0] if layout.contact else -1,
        presentation=np.uint64(decision("presentation")),
        law=np.append(layout.table, 0.0),
        **tables.written(),
        **written,
    )


def _unwatched(layout: Layout, phases: Sequence[Phase], rules: NDArray[Any]) -> bool:
    """Tell whether nobody looks at who still waits, and a case that gives up just ends.

    Then it is enough to see that a case has given up when its turn comes.
    """
    activities = [activity for phase in phases for activity in phase.activities]
    return (
        len(phases) == 1
        and not layout.triggers
        and all(each.kind in ("work", "delay") for each in activities)
        and all(each.join == "first" and each.balk_at == math.inf for each in activities)
        and not any(option.only_if_free for each in activities for option in each.options)
        and all(team.queue_limit == math.inf and team.squeeze is None for team in layout.teams)
        and not (rules["overdue_n"].any() or rules["unmet_n"].any() or (rules["returns"] >= 0).any())
    )


def _where(layout: Layout, phases: Sequence[Phase], tables: Tables) -> dict[str, Any]:
    """Write what holds at places, for channels and of teams."""
    closed = [
        [-1] * len(layout.channels) if not phase.contact else list(map(tables.hours, phase.contact))
        for phase in phases
    ]
    asks = any(each.patience_open for phase in phases for each in phase.activities)
    needs = range(len(layout.names.needs))
    open_ = [[tables.hours(team.hours_for(need)) for need in needs] for team in layout.teams if asks]
    neutral = Practice()
    practice = [
        [
            (each.work, each.hand_over, each.loss, each.refusal)
            for each in phase.practice or [neutral] * len(layout.tree.places)
        ]
        for phase in phases
    ]
    return {
        "contact_hours": np.array(closed, np.int64),
        "standards": np.array([phase.standard for phase in layout.phases], np.int64),
        "tiers": np.array(layout.tier, np.int64),
        "exists": np.array([phase.exists for phase in phases], np.uint8),
        "practised": int(any(phase.practice for phase in phases)),
        "practice": np.array(practice, PRACTICE),
        "team_hours": np.array(open_ or [[-1]], np.int64),
    }


def _when(layout: Layout) -> dict[str, Any]:
    """Write when the system changes, and when triggers are looked at."""
    stretches, variants = [], list[tuple[int, int]]()
    for phase, several in zip(layout.phases, layout.variants, strict=True):
        stretches.append((phase.start, len(variants), len(several)))
        variants += [(mask, len(variants) + at) for at, mask in enumerate(several)]
    moments = sorted({moment for rule in layout.triggers for moment in rule.moments})
    dates = [(phase.start, number, -1) for number, phase in enumerate(layout.phases) if number]
    dates += [(moment, -1, number) for number, moment in enumerate(moments)]
    shape = (max(1, len(moments)), len(layout.triggers))
    looked = np.zeros(shape, np.uint8)
    for column, rule in enumerate(layout.triggers):
        looked[np.searchsorted(moments, rule.moments), column] = 1
    strength = [[rule.strength[number] > 0 for rule in layout.triggers] for number in range(len(stretches))]
    return {
        "stretches": np.array(stretches, STRETCH),
        "variants": np.array(variants, VARIANT),
        "dates": np.array([*sorted(dates, key=lambda date: (date[0], date[2])), (math.inf, -1, -1)], DATE),
        "looked": looked,
        "strength": np.array(strength, np.uint8).reshape(len(stretches), len(layout.triggers)),
    }


def _diaries(layout: Layout, tables: Tables) -> NDArray[Any]:
    rows, first = [], 0
    for slots in layout.diaries:
        if slots is not None:
            released = slots.released
            rows.append(
                (
                    first,
                    len(slots.starts),
                    slots.kept.any(),
                    slots.urgent_priority,
                    tables.hours(slots.hours),
                    released is not None and released.unit == "wd",
                    math.nan if released is None else released.hours(slots.day_hours),
                )
            )
            first += len(slots.starts)
    return as_table(rows, DIARY)


def _rules(layout: Layout, tables: Tables) -> NDArray[Any]:
    rows = [
        (
            OBSERVED[rule.observe],
            tables.some(rule.needs, "needs"),
            tables.some_roles(rule.teams),
            rule.above_for,
            rule.below_for,
            rule.above,
            rule.below,
            rule.cost_once,
            rule.cost_per_hour,
            rule.budget,
        )
        for rule in layout.triggers
    ]
    return as_table(rows, RULE)
