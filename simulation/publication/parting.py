"""Why two runs differ, as a story, a table and a figure."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from simulation.analysis.wording import label
from simulation.figures.divergence import spread
from simulation.procedures.divergence import CAUSES, Divergence, Parting
from simulation.publication.inquiry import Inquiry
from simulation.scenario import Scenario

__all__ = ["parting_inquiry"]

IN_WORDS = {
    "rule": "another rule or number of their own",
    "capacity": "another staff of their team",
    "queue": "others in the queue alone",
    "set off": "another case, which sets them off",
}
FIELDS = {
    "case": "whether it arises",
    "presented": "whether it is presented",
    "contact": "its place of first contact",
    "channel": "its channel",
    "sent": "when it is sent on",
    "activity": "where it goes",
    "queued": "when it arrives",
    "team": "which team takes it",
    "started": "when its work begins",
    "staff": "who of the team serves it",
    "ended": "when its work ends",
    "outcome": "how the visit ends",
}
LONG = 300
NOTES = (
    "Both runs have the same luck: the same needs, draws and people.",
    "A case differs from the first moment at which its records do.",
    "A case is touched only through queues where its step is written alike and the same staff is there.",
    "Places, groups or channels that differ make any step a matter of rules.",
    "One replication is one story: what a policy does on average is another question.",
)


def parting_inquiry(
    found: Divergence, scenario: Scenario, titles: tuple[str, str], replication: int
) -> Inquiry:
    """Put into words how two runs differ.

    Parameters
    ----------
    found
        What was found.
    scenario
        One of the two: when it begins.
    titles
        What they are called.
    replication
        Which one was run.

    Examples
    --------
    >>> from simulation.procedures.divergence import divergence
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.study import Study
    >>> queue = single_queue()
    >>> found = divergence(Study(id="quick", run_length=24), queue, queue, 0)
    >>> parting_inquiry(found, queue, ("A", "B"), 0).answer
    ('A and B leave the same records, to the last digit: 213 cases.',)
    """
    question = f"Why does replication {replication} differ between {titles[0]} and {titles[1]}?"
    if found.parting is None:
        same = (
            f"{titles[0]} and {titles[1]} leave the same records, to the last digit: {found.total:,} cases."
        )
        return Inquiry("diff", "Why two runs differ", question, (same,))
    answer = (*_of_parting(found, found.parting, scenario, titles), *_of_spread(found, titles))
    table = _table(found.spread, scenario)
    return Inquiry(
        name="diff",
        title="Why two runs differ",
        question=question,
        answer=answer,
        tables={
            "spread": (table, "Cases that differ by each day, by what touched them first."),
            "exits": (found.exits, "Cases that end otherwise: in the first run, in the second."),
            "steps": (_steps(found.cases), "Where cases part, most frequent first."),
        },
        figures={"spread": (spread(found.spread, IN_WORDS, found.total), _caption(titles))},
        notes=NOTES,
    )


def _of_parting(
    found: Divergence, parting: Parting, scenario: Scenario, titles: tuple[str, str]
) -> tuple[str, ...]:
    at = _when(scenario, parting.moment)
    where = f" at {parting.activity}" if parting.activity else ""
    team = f", by {parting.team}" if parting.team else ""
    who = f"case {parting.case}, {label(parting.need)} at {parting.place}"
    what = (
        f"{FIELDS[parting.field]} is: {parting.before} under {titles[0]}, {parting.after} under {titles[1]}"
    )
    said = [f"The two runs are the same until {at}; then {who}, differs{where}{team}: {what}."]
    if parting.cause == "capacity":
        said.append(
            f"Behind it is capacity: {parting.heads[0]} and {parting.heads[1]} heads of {parting.team} are "
            f"on duty then{', at another pace' if parting.heads[0] == parting.heads[1] else ''}."
        )
    else:
        said.append(
            f"Behind it is {'a rule' if parting.cause == 'rule' else IN_WORDS[parting.cause]}: the draw of "
            f"{parting.stream} is the same number in both runs, and means another thing."
        )
    if parting.levers:
        said.append(f"The levers that reach there: {', '.join(parting.levers)}.")
    said += [
        f"{each.step or 'the need'}, {each.aspect}: {_short(each.before)} becomes {_short(each.after)}."
        for each in parting.changes[:3]
    ]
    said.append(f"By then {found.same_until:,} visits were the same.")
    return tuple(said)


def _of_spread(found: Divergence, titles: tuple[str, str]) -> tuple[str, ...]:
    number = len(found.cases)
    causes = found.cases["cause"].value_counts()
    parts = ", ".join(f"{causes[cause]:,} by {IN_WORDS[cause]}" for cause in CAUSES if cause in causes)
    said = [f"By the end {number:,} of {found.total:,} cases differ ({number / found.total:.1%}): {parts}."]
    gained, lost = (
        int(
            found.exits.loc[
                (found.exits[one] == "resolved") & (found.exits[two] != "resolved"), "cases"
            ].sum()
        )
        for one, two in (("second", "first"), ("first", "second"))
    )
    said.append(f"{gained:,} are resolved under {titles[1]} alone, {lost:,} under {titles[0]} alone.")
    total = found.spread[list(CAUSES)].sum(axis=1).to_numpy()
    half = int(np.argmax(total >= number / 2.0))
    said.append(f"Half of those that will differ do so by day {half + 1}.")
    return tuple(said)


def _table(frame: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Show the spread at the end of every thirtieth day, and at the end."""
    rows = frame[((frame["day"] + 1) % 30 == 0) | (frame["day"] == frame["day"].max())]
    dates = [(scenario.start + timedelta(days=int(day))).isoformat() for day in rows["day"]]
    shown = rows.assign(date=dates, all=rows[list(CAUSES)].sum(axis=1))
    return pd.DataFrame(shown[["day", "date", *CAUSES, "all"]]).rename(columns={"set off": "set_off"})


def _steps(cases: pd.DataFrame) -> pd.DataFrame:
    found = cases.groupby(["activity", "field", "cause"]).size().reset_index(name="cases")
    return pd.DataFrame(found.sort_values(["cases", "activity"], ascending=[False, True]).head(20))


def _when(scenario: Scenario, hours: float) -> str:
    moment = datetime.combine(scenario.start, datetime.min.time()) + timedelta(hours=hours)
    return f"day {hours / 24:.1f} ({moment:%A %d %B %Y, %H:%M})"


def _short(text: str) -> str:
    return text if len(text) <= LONG else text[:LONG] + " ..."


def _caption(titles: tuple[str, str]) -> str:
    return f"Cases whose records differ between {titles[0]} and {titles[1]}, by what touched each first."
