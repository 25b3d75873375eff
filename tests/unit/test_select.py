"""Which policy: chosen on one seed, reported from another, with what it costs and what it does besides."""

import json

import pandas as pd
import pytest

from simulation.kpis import REGISTRY
from simulation.procedures.selection import Goal, select
from simulation.publication.selection import inquiry
from simulation.scenario import Policy
from simulation.scenario.examples import single_queue
from simulation.spec import InputError
from simulation.study import Design, Study

STUDY = Study(
    id="tiny", policies=["a", "b"], run_length=96, headline=["fulfilment", "wait_first_contact_mean", "cost"]
)
DESIGN = Design(
    STUDY,
    single_queue(),
    tuple(Policy(id=name, title=title) for name, title in (("baseline", "As it is"), ("a", "A"), ("b", "B"))),
)
KPIS = ("fulfilment", "wait_first_contact_mean", "cost", "resolved")
EFFECTS = {
    "baseline": (0.60, 5.0, 1000.0, 600.0),
    "a": (0.70, 6.5, 1500.0, 700.0),
    "b": (0.65, 4.0, 1100.0, 650.0),
}
"""Share resolved, wait, cost, number resolved."""


class MadeUp:
    """Replications on demand with values that are known: the mean and a wave of the seed and the number."""

    def __init__(self, spread=0.001):
        self.spread = spread
        self.asked = []

    def ask(self, wanted, seed=None):
        rows = []
        for place, (scenario, numbers) in enumerate(wanted):
            self.asked.append((scenario.id, numbers, seed))
            for number in numbers:
                wave = self.spread * (((7 * number + 3 * place) % 5) - 2)
                better = 0.002 if seed else 0.0
                for kpi, mean in zip(KPIS, EFFECTS[scenario.id], strict=True):
                    rows.append((scenario.id, number, kpi, "all", "", mean * (1 + wave - better), 1, 0))
        columns = ["scenario", "replication", "kpi", "dimension", "level", "value", "n", "censored"]
        return pd.DataFrame(rows, columns=columns)


def test_the_best_is_reported_from_a_seed_that_did_not_choose_it():
    """On the study's seed A has 0.70; on the fresh one 0.2 % less: that is what is told."""
    runs = MadeUp()
    found = select(DESIGN, Goal(), runs)
    assert found.best == "a"
    assert (found.chosen_mean, found.fresh_mean) == pytest.approx((0.70, 0.6986), abs=1e-6)
    assert {seed for *_, seed in runs.asked} == {None, found.fresh_seed}
    assert found.fresh_seed != STUDY.seed
    assert found.table.set_index("scenario")["standing"].to_dict() == {
        "baseline": "not the best",
        "a": "best",
        "b": "not the best",
    }


def test_harmful_policies_can_be_left_out():
    """A resolves most and lets people wait a day and a half longer: without it, B."""
    found = select(DESIGN, Goal(harmless=True), MadeUp())
    assert (found.best, dict(found.harmful)) == ("b", {"a": ("wait_first_contact_mean",)})
    assert found.table["scenario"].tolist() == ["baseline", "b"]
    assert inquiry(DESIGN, found).answer[-1] == ("Left out as harmful: A (mean wait for first contact).")


@pytest.mark.parametrize(("worth", "best"), [(1.0, "baseline"), (4.0, "b"), (20.0, "a")])
def test_what_a_need_is_worth_decides_between_policies(worth, best):
    """B pays 100 for 50 needs more, A 400 for another 50: B from 2 a need, A from 8."""
    found = select(DESIGN, Goal(worth=worth, delta=10.0), MadeUp(spread=0.0))
    assert found.best == best
    steps = found.costs.set_index("scenario")["step_per_effect"]
    assert (steps["b"], steps["a"]) == pytest.approx((2.0, 8.0))
    likely = found.worths.sort_values("probability_best").groupby("worth")["scenario"].last()
    assert likely[likely.index < 1.9].eq("baseline").all()
    assert likely[(likely.index > 2.1) & (likely.index < 7.9)].eq("b").all()
    assert likely[likely.index > 8.1].eq("a").all()


def test_a_budget_is_kept():
    """No more replications on the study's seed than were given."""
    runs = MadeUp(spread=0.2)
    found = select(DESIGN, Goal(budget=60), runs)
    assert sum(found.search.used) <= 60
    assert sum(len(numbers) for _, numbers, seed in runs.asked if seed is None) == sum(found.search.used)


def test_lower_is_better_where_it_is():
    """Waits are ranked from the shortest, and told in days as they are."""
    found = select(DESIGN, Goal(kpi="wait_first_contact_mean"), MadeUp())
    assert found.best == "b"
    assert found.chosen_mean == pytest.approx(4.0)
    assert found.table.set_index("scenario").loc["b", "difference"] == pytest.approx(1.0, rel=0.02)


@pytest.mark.parametrize(
    ("goal", "word"),
    [
        (Goal(kpi="fulfillment"), "fulfilment"),
        (Goal(kpi="latent"), "neither more nor less"),
        (Goal(delta=0.0), "delta"),
        (Goal(assurance=0.2), "assurance"),
        (Goal(budget=29), "at least 30"),
        (Goal(worth=-1.0), "worth"),
        (Goal(kpi="fulfilment", worth=3.0), "net benefit"),
    ],
)
def test_what_cannot_be_sought_is_refused_before_anything_runs(goal, word):
    """Named, with the remedy."""
    runs = MadeUp()
    with pytest.raises(InputError, match=word):
        select(DESIGN, goal, runs)
    assert not runs.asked


def test_the_words_are_those_of_the_numbers():
    """The first sentence is the answer; cost and effects beside."""
    found = select(DESIGN, Goal(), MadeUp())
    told = inquiry(DESIGN, found)
    assert told.answer[0].startswith("A has the best needs resolved; on a fresh seed it is better than")
    assert "next is B" in told.answer[1]
    steps = "As it is where it is worth next to nothing, B from 2.00 yuan, A from 8.00 yuan"
    assert steps in " ".join(told.answer)
    assert set(told.tables) == {"best", "effects"}
    assert set(told.figures) == {"standing", "worth"}
    json.dumps(told.answer)


def test_indifference_zones_of_headline_kpis_mean_something():
    """A percentage point, half a day or one, half a petition in 1,000 needs or one, 20 yuan of 685."""
    zones = {"share": {0.01}, "days": {0.5, 1.0}, "per 1,000 needs": {0.5, 1.0}, "yuan": {20.0}}
    for kpi in REGISTRY:
        if kpi.headline:
            assert kpi.indifference in zones[kpi.unit], kpi.id
