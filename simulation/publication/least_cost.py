"""The least cost that meets targets, in words."""

from __future__ import annotations

from simulation.analysis.wording import quantity
from simulation.procedures.least_cost import LeastStaffing
from simulation.publication.inquiry import Inquiry
from simulation.publication.staffing import KNOWN, NUMBERS, percent, told
from simulation.study import Design

__all__ = ["least_inquiry"]


def least_inquiry(design: Design, found: LeastStaffing, most: int) -> Inquiry:
    """Say which staffing meets the targets at the least cost, or that none does.

    Parameters
    ----------
    design
        The study.
    found
        What `least_staffing` found.
    most
        Heads more at most that were considered at each place.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.procedures.least_cost import least_staffing
    >>> from simulation.procedures.targets import read_targets
    >>> from simulation.runner import Runs
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=200, replications=4, headline=["utilisation"])
    >>> design = Design(study, single_queue(pay=9e4), (Policy(id="baseline"),))
    >>> runs = Runs(study, Store(Path(tempfile.mkdtemp())))
    >>> found = least_staffing(design, runs, read_targets(["utilisation <= 85 %"]))
    >>> least_inquiry(design, found, 3).answer[0].partition(";")[0]
    'The staffing doctors +1 meets utilisation <= 85 % at the least cost found'
    """
    targets = " and ".join(dict.fromkeys(found.reached["target"]))
    return Inquiry(
        name="staff_target",
        title="The least cost that meets the targets",
        question=f"{found.system}: which staffing meets {targets} at the least cost?",
        answer=(_least(found, targets, most), *_evidence(found), *_price(design, found)),
        tables={
            "changes": (found.changes, "Heads now in all, and how many more at each place"),
            "reached": (found.reached, "What is reached, on replications of which nothing was decided"),
            "effects": (found.effects.reindex(columns=NUMBERS), "The staffing against the present one"),
            "one_fewer": (found.one_fewer, "Whether the targets are met with one head fewer"),
            "tried": (found.tried, "Every staffing that was decided on"),
        },
        notes=_promise(found),
    )


def _least(found: LeastStaffing, targets: str, most: int) -> str:
    """Give the answer in a sentence."""
    if found.status == "out of reach":
        return f"No staffing considered meets {targets}, not even {most} more at every place of every team."
    name = "The present staffing" if found.staffing == "as it is" else f"The staffing {found.staffing}"
    if found.status == "not confirmed":
        return f"No staffing was confirmed to meet {targets}. {name} was the first to be tested."
    money = quantity(abs(found.cost), "yuan")
    costs = f"costs {money} a year more than now" if found.cost > 0 else f"saves {money} a year"
    costs = "costs what it does now" if found.cost == 0 else costs
    least = "meets" if found.status == "met" else "meets, though perhaps not at the least cost,"
    sure = "at the least cost found" if found.status == "met" else "as far as was found"
    return f"{name} {least} {targets} {sure}; it {costs}."


def _evidence(found: LeastStaffing) -> list[str]:
    """Say what was reached, beside now, and whether any post can be spared."""
    said = []
    present = found.reached[found.reached["staffing"] == "as it is"]
    now = dict(zip(present["target"], present["mean"], strict=True))
    own = found.reached[found.reached["staffing"] == found.staffing].set_index("target")
    for target, row in own.iterrows():
        unit = KNOWN[row["kpi"]].unit
        side = "at most" if row["bound"] >= row["mean"] else "at least"
        years = f"{row['years'] * row['replications']:.0f} of {row['replications']} simulated years"
        said.append(
            f"{target}: it reaches {quantity(row['mean'], unit)} ({side} {quantity(row['bound'], unit)} with "
            f"{percent(found.assurance)}), now {quantity(now[str(target)], unit)}; {years} meet it by "
            "themselves."
        )
    if found.status == "out of reach":
        said.append("This is what the most heads reach, and the best that was found.")
    elif len(found.one_fewer):
        words = [f"{row.post} ({row.decision})" for row in found.one_fewer.itertuples()]
        said.append(f"With one head fewer the targets are tested again: {', '.join(words)}.")
    else:
        said.append(
            "Nowhere may another head go, in the range that was considered; a wider one may save more."
        )
    return said


def _price(design: Design, found: LeastStaffing) -> list[str]:
    """Say what the staffing makes worse elsewhere."""
    money = {kpi.id for kpi in design.study.deciding if kpi.unit == "yuan"}
    harm = found.effects[(found.effects["verdict"] == "worse") & ~found.effects["kpi"].isin(money)]
    if harm.empty or found.status == "out of reach":
        return []
    words = "; ".join(told(row) for _, row in harm.iterrows())
    return [f"It does harm where nothing was asked: {words}. Further targets keep it from that."]


def _promise(found: LeastStaffing) -> tuple[str, ...]:
    return (
        (
            f"With {percent(found.assurance)}, and up to the smallest difference that matters: a "
            "staffing of "
            "which this is said meets the targets on average over the years that could be, and does "
            "not with one "
            "head fewer at any one post; targets called out of reach are not met by the most heads. "
            "Staffings "
            f"put to the test: {found.attempts}."
        ),
        (
            "Found by adding the post that brings most for its cost, then taking away what is not needed; "
            "decided by sequential tests (Batur and Kim 2010), each on luck of its own, whose errors "
            "add up to "
            "no more than promised. That no quite different mix of posts is cheaper is not promised. "
            "The last "
            "head of a team stays."
        ),
    )
