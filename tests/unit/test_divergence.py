"""Where two runs part, what is behind it, and how it spreads: traces worked out by hand, on both engines."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from simulation.cli.commands import app
from simulation.engines import ENGINES
from simulation.procedures.divergence import divergence
from simulation.publication.parting import parting_inquiry
from simulation.study import Study
from tests.scenarios import delay, listed, scenario, team, work

STUDY = Study(id="quick", run_length=48)


@pytest.fixture(params=ENGINES)
def study(request):
    """Two days, on each engine."""
    return STUDY.model_copy(update={"engine": request.param})


def test_the_same_scenario_never_parts(study):
    """Not one case differs."""
    same = scenario(arrivals=listed(0.0, 1.0, 1.5))
    found = divergence(study, same, same, 0)
    assert found.parting is None
    assert found.cases.empty
    assert "to the last digit: 3 cases" in parting_inquiry(found, same, ("A", "B"), 0).answer[0]


def test_one_more_clerk_is_met_where_somebody_waited(study):
    """Cases come at 0, 1 and 1.5 and take 2 hours each: with one clerk they begin at 0, 2 and 4, with two at
    0, 1 and 2. The first that differs is case 1, at 1; case 2 differs at 2. Both have met another staff.
    """
    few, more = (
        scenario(work(hours=2.0), arrivals=listed(0.0, 1.0, 1.5), teams={"desk": team(count)})
        for count in (1, 2)
    )
    found = divergence(study, few, more, 0)
    assert (found.parting.case, found.parting.moment, found.parting.field) == (1, 1.0, "started")
    assert (found.parting.before, found.parting.after) == ("hour 2.000", "hour 1.000")
    assert (found.parting.cause, found.parting.heads, found.parting.team) == ("capacity", (1, 2), "desk@town")
    assert found.cases[["moment", "cause"]].values.tolist() == [[1.0, "capacity"], [2.0, "capacity"]]
    assert found.same_until == 1


def test_longer_work_touches_the_next_only_through_the_queue(study):
    """Advice takes 1 hour or 3; a case of another need comes at 0.5 and waits until 1 or 3: the first differs
    by its own rule at 1, when it ends or not; the second by the queue at 1.
    """

    def system(hours):
        return scenario(
            pathways={"path": {"steps": [work(hours=hours)]}, "other": {"steps": [work("ask", 1.0)]}},
            needs={
                "help": {"pathway": "path", "arrivals": listed(0.0)},
                "question": {"pathway": "other", "arrivals": listed(0.5)},
            },
        )

    found = divergence(study, system(1.0), system(3.0), 0)
    assert (found.parting.need, found.parting.field, found.parting.cause) == ("help", "ended", "rule")
    assert found.parting.stream == "path.serve/service"
    assert found.parting.changes[0].aspect == "time"
    assert found.cases[["need", "cause"]].values.tolist() == [["help", "rule"], ["question", "queue"]]
    assert found.spread.iloc[0].tolist() == [0, 1, 0, 1, 0]


def test_a_loss_on_the_way_is_a_matter_of_the_entry_draw(study):
    """All are lost on the way, or none: what parts is the outcome of that visit."""

    def system(loss):
        return scenario(delay(), work(referral={"not_reached": loss}), arrivals=listed(0.0))

    found = divergence(study, system(0.0), system(1.0), 0)
    assert (found.parting.field, found.parting.stream) == ("outcome", "path.serve/entry")
    assert (found.parting.before, found.parting.after) == ("completed", "lost")
    assert found.exits.values.tolist() == [["resolved", "lost", 1]]


def test_a_case_set_off_in_one_run_alone(study):
    """An unresolved case opens a petition at once: that is in one run alone, and set off."""

    def system(share):
        set_off = {"exits": ["unresolved"], "need": "petition", "probability": 1.0,
                   "delay": {"kind": "deterministic", "at": 2.0}}  # fmt: skip
        ways = {"resolved": 1.0 - share, "unresolved": share}
        return scenario(
            pathways={"path": {"steps": [work(next=ways)]}, "plead": {"steps": [delay("talk")]}},
            needs={
                "help": {"pathway": "path", "arrivals": listed(0.0), "unmet": [set_off]},
                "petition": {"pathway": "plead"},
            },
        )

    found = divergence(study, system(0.0), system(1.0), 0)
    assert found.cases.loc[found.cases["need"] == "petition", ["cause", "moment"]].values.tolist() == [
        ["set off", 3.0]
    ]
    assert ("no such case", "resolved") in set(zip(found.exits["first"], found.exits["second"], strict=True))


def test_the_story_reads():
    """First, what parts and why; then how it spreads."""
    few, more = (
        scenario(work(hours=2.0), arrivals=listed(0.0, 1.0), teams={"desk": team(count)}) for count in (1, 2)
    )
    found = divergence(STUDY, few, more, 0)
    said = parting_inquiry(found, few, ("now", "more"), 0).answer
    assert said[0].startswith("The two runs are the same until day 0.0 (Monday 05 January 2026, 01:00)")
    assert said[1] == "Behind it is capacity: 1 and 2 heads of desk@town are on duty then."
    assert said[-3] == "By the end 1 of 2 cases differ (50.0%): 1 by another staff of their team."
    assert replace(found, parting=None).parting is None


def test_the_command_writes_a_page(tmp_path):
    """Two settings of a queue: the story is printed, page, tables and figure are written."""
    settings = ["city=mmc", "study.run_length=2d", "study.warm_up=0", "study.run_out=0"]
    asked = ["diff", "baseline", "scenario.teams.doctors.staff.doctor.count=11", *settings]
    ran = CliRunner().invoke(app, [*asked, "--results", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    assert "Behind it is capacity: 10 and 11 heads" in ran.output
    folder = next(tmp_path.glob("*/diff"))
    assert {"page.html", "answer.md", "spread.csv", "spread.png"} <= {path.name for path in folder.iterdir()}
