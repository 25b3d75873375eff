"""Trials: both engines on so many made-up worlds, and what occurred in them.

As a program, for a trial in a process of its own: `python -m tests.parity.trial WORLDS SEED [small] [quick]`.
A quick one makes no world smaller, and says in which of the worlds the engines part first.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from simulation.engines.compiled.plan import plan_of
from simulation.layout import Layout, make_layout
from simulation.records import Exit, Outcome, Records
from simulation.roster import make_duty, make_roster
from simulation.scenario.features import features
from tests.parity.comparing import differences, of_layout
from tests.strategies import World, worlds


def trial(count: int, number: int, quick: bool = False, **style: Any) -> Counter[str]:
    """Compare the records of both engines on made-up worlds; a world in which they differ is made small.

    Parameters
    ----------
    count
        How many worlds.
    number
        What the worlds are drawn by; the same number gives the same worlds.
    quick
        Whether a world in which they differ stays as it is.
    **style
        What they are like, as `worlds` understands it.

    Returns
    -------
    Counter of str
        In how many worlds each feature of the language, and each phenomenon, occurred; and how many worlds,
        cases and visits there were.
    """
    seen: Counter[str] = Counter()

    phases = [Phase.generate] if quick else [Phase.generate, Phase.shrink]

    @seed(number)
    @settings(
        max_examples=count,
        phases=phases,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds(**style))
    def both_leave_the_same(world: World) -> None:
        layout = make_layout(world.scenario, world.horizon)
        reference, compiled = of_layout(layout, world.seed)
        said = differences(reference, compiled)
        assert not said, f"after {seen['worlds']} worlds: {said}"
        compiled.check()
        seen.update(["worlds", *features(world.scenario), *phenomena(layout, world.seed, reference)])
        seen.update({"cases": len(reference.cases), "visits": len(reference.visits)})

    both_leave_the_same()
    return seen


PHENOMENA = (
    *(f"exit: {exit_.name}" for exit_ in Exit),
    *(f"outcome: {outcome.name}" for outcome in Outcome),
    "joint work",
    "a branch within a branch",
    "a fork entered again",
    "a case that comes back",
    "a case that is opened or set off",
    "a companion",
    "a case of the opening state",
    "a lever switched on",
    "a lever switched off",
    "a system that changes",
    "work that takes no time",
    "three services that begin at once",
    "three cases that arise at once",
    "a service that ends as a case arises",
    "a service that ends as another gives up",
    "a service that ends as heads come or go",
    "a queue where nobody ever works",
    "work in overtime",
    "patience that is seen to have ended later on",
)
"""What has to occur in made-up worlds, beside all that the language has."""


def phenomena(layout: Layout, key: int, records: Records) -> set[str]:
    """Name what occurred in a run."""
    visits, cases = records.visits, records.cases
    found = {f"exit: {Exit(number).name}" for number in np.unique(cases["exit"])}
    found |= {f"outcome: {Outcome(number).name}" for number in np.unique(visits["outcome"])}
    forks = [number for number, each in enumerate(layout.phases[0].activities) if each.kind == "fork"]
    of_forks = visits[np.isin(visits["activity"], forks)]
    forked = np.stack([of_forks["case"], of_forks["activity"], of_forks["branch"]], axis=1)
    work = visits[visits["staff"] >= 0]
    ended = work["ended"][work["outcome"] == Outcome.completed]
    given_up = visits["ended"][visits["outcome"] == Outcome.reneged]
    seen = {
        "joint work": np.any(visits["lead"] >= 0),
        "a branch within a branch": np.any(of_forks["branch"] > 0),
        "a fork entered again": len(np.unique(forked, axis=0)) < len(forked),
        "a case that comes back": np.any(cases["rounds"] > 0),
        "a case that is opened or set off": np.any(cases["parent"] >= 0),
        "a companion": np.any(cases["persons"] > 1),
        "a case of the opening state": records.opening > 0,
        "a lever switched on": np.any(records.switches["on"] == 1),
        "a lever switched off": np.any(records.switches["on"] == 0),
        "a system that changes": len(layout.phases) > 1,
        "work that takes no time": np.any(work["started"] == work["ended"]),
        "three services that begin at once": _most_at_once(work["started"]) > 2,
        "three cases that arise at once": _most_at_once(cases["arrival"]) > 2,
        "a service that ends as a case arises": np.any(np.isin(ended, cases["arrival"])),
        "a service that ends as another gives up": np.any(np.isin(ended, given_up)),
        "patience that is seen to have ended later on": len(given_up)
        and np.any(plan_of(layout).activities["lazy"]),
    }
    return found | {name for name, was_seen in seen.items() if was_seen} | set(_of_staff(layout, key, visits))


def _most_at_once(moments: np.ndarray) -> int:
    moments = moments[~np.isnan(moments)]
    return int(np.unique(moments, return_counts=True)[1].max(initial=0))


def _of_staff(layout: Layout, key: int, visits: np.ndarray) -> Iterator[str]:
    """Name what occurred where heads come and go."""
    for number, unit in enumerate(make_roster(layout, key, 0).staff):
        duty = make_duty(unit)
        mine = visits[visits["staff"] == number]
        if np.any(np.isin(mine["ended"], duty.times[1:])):
            yield "a service that ends as heads come or go"
        begun = mine["started"]
        if len(begun) and not all(unit.hours.is_open(moment) for moment in begun.tolist()):
            yield "work in overtime"
        here = visits[(visits["team"] == unit.team) & ~np.isnan(visits["queued"])]
        if len(here) and not np.any(here["staff"] >= 0) and not any(duty.heads):
            yield "a queue where nobody ever works"


if __name__ == "__main__":
    print(trial(int(sys.argv[1]), int(sys.argv[2]), quick="quick" in sys.argv, small="small" in sys.argv))
