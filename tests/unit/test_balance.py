"""What a report says of balance: a steady state is refused where there is none."""

from simulation import figures
from simulation.publication import publish
from simulation.runner import run_study
from simulation.scenario import Policy
from simulation.scenario.examples import single_queue
from simulation.store import Store
from simulation.study import Design, Study


def published(folder, rate, kind):
    """Publish three days of a queue with two servers and one hour of work each."""
    study = Study(
        id="quick",
        run_length="20 d",
        warm_up="10 d",
        replications=3,
        horizon_kind=kind,
        headline=["fulfilment"],
    )
    design = Design(study, single_queue(rate, 1.0, 2), (Policy(id="baseline"),))
    results = run_study(study, design.scenarios, Store(folder / ".store"))
    found = publish(design, results, folder / "quick", "vetsim compare", "today")
    return found, (folder / "quick" / "report.html").read_text(encoding="utf-8")


def test_an_overloaded_queue_has_no_steady_state(tmp_path):
    """Three hours of work an hour for two servers: no long-run means, the path in words instead."""
    found, page = published(tmp_path, 3.0, "steady_state")
    assert "no long-run means are given" in found.answer[0]
    assert "more is asked of doctors@clinic than can be done (150% of it)" in page
    assert "Open cases instead" in page
    assert len((found.folder / "kpis.csv").read_text(encoding="utf-8").splitlines()) == 1


def test_a_queue_in_balance_is_set_beside_theory(tmp_path):
    """One hour of work an hour for two servers: computed and simulated agree, and the law is named."""
    found, page = published(tmp_path, 1.0, "steady_state")
    assert "steady state" not in found.answer[0]
    assert "Computed and simulated work agree at 1 of 1 kinds of team." in page
    assert "Erlang-C" in page
    assert "MSER-5" in page
    assert (found.folder / "welch.csv").exists()
    assert (found.folder / "figures" / "welch.png").exists()
    assert figures.CAPTIONS["welch"] in page


def test_a_terminating_study_is_not_refused(tmp_path):
    """The same overload in a study of a stretch of time: its means are what they are, growth is told."""
    found, page = published(tmp_path, 3.0, "terminating")
    assert "steady state" not in found.answer[0]
    assert "still growing" in page
