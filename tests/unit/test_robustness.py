"""Futures: what is varied and where, and a winner that changes at a known value."""

from types import SimpleNamespace

import pandas as pd
import pytest

from simulation.assumptions import Unknown
from simulation.configuration.varying import vary
from simulation.kpis import REGISTRY
from simulation.procedures.robustness import Options, robustness
from simulation.procedures.targets import read_targets
from simulation.publication.robustness import robustness_inquiry
from simulation.scenario import Policy
from simulation.spec import InputError, Problem
from simulation.study import Study

KPI = next(kpi for kpi in REGISTRY if kpi.id == "fulfilment")

# ------------------------------------------------------------------ one value of the configs


def varied(block, factor):
    data = {"here": {**block, "assumption": "a guess", "factors": [0.5, 2]}}
    vary(data, "here", factor, relative=True)
    return {key: item for key, item in data["here"].items() if key not in ("assumption", "factors")}


@pytest.mark.parametrize(
    ("block", "factor", "expected"),
    [
        ({"value": 9}, 0.5, {"value": 4.5}),
        ({"value": "120 d"}, 0.5, {"value": "60 d"}),
        ({"kind": "lognormal", "unit": "d", "mean": 5, "cv": 0.7}, 2, {"mean": 10.0, "cv": 0.7}),
        ({"probability": 0.6, "limit": 2}, 2, {"probability": 1.0, "limit": 2}),
        (
            {"below": 0.4, "standard": 0.5, "model": 0.1},
            0.5,
            {"below": 0.2, "standard": 2 / 3, "model": 2 / 15},
        ),
        ({"to": {"review": 0.75, "again": 0.25}}, 1.6, {"to": {"review": 1.0, "again": 0.0}}),
    ],
    ids=["number", "with a unit", "distribution", "probability", "shares", "routes"],
)
def test_a_factor_acts_on_what_has_a_size(block, factor, expected):
    """By hand: shapes stay, probabilities end at 1, the other shares divide the rest as before."""
    found = varied(block, factor)
    for key, value in expected.items():
        assert found[key] == (pytest.approx(value) if not isinstance(value, str) else value)


def test_heads_are_whole_and_what_speaks_for_itself_is_left():
    """Of two heads a quarter is one half, and one stays; the step with evidence of its own keeps its time."""
    team = {"staff": {"a": {"count": 2}, "b": {"count": 3, "source": "a yearbook"}}, "assumption": "x"}
    steps = [
        {"id": "one", "time": {"kind": "exponential", "mean": 10}},
        {"id": "two", "time": {"kind": "exponential", "mean": 10, "source": "a clock"}},
    ]
    data = {"teams": {"desk": team}, "pathways": {"visit": {"steps": steps, "assumption": "x"}}}
    vary(data, "teams.desk", 0.25, relative=True)
    vary(data, "pathways.visit", 2, relative=True)
    assert [group["count"] for group in team["staff"].values()] == [1, 3]
    assert [step["time"]["mean"] for step in steps] == [20, 10]


def test_a_block_of_many_meanings_is_refused():
    """Whose number a factor would act on is not guessed."""
    with pytest.raises(InputError, match="not clear"):
        varied({"waiting": 4, "speed": 1.2}, 0.5)


# ------------------------------------------------------------------ a winner that changes


class Place(SimpleNamespace):
    """A scenario as far as this question looks at it: an id, and what will come out."""

    def model_copy(self, update):
        return Place(**{**vars(self), **update})


class Formula:
    """Replications by formula, with luck that all scenarios share and a little that none does."""

    def ask(self, wanted):
        rows = [
            (scenario.id, run, KPI.id, "all", "all", scenario.value + 0.1 * run, 1, 0)
            for scenario, runs in wanted
            for run in runs
        ]
        names = ["scenario", "replication", "kpi", "dimension", "level", "value", "n", "censored"]
        return pd.DataFrame(rows, columns=names)


DEMAND = Unknown("needs.a.arrivals.rate", "Demand", ("needs.a.arrivals.rate",), 0.5, 2.0, True, 1.0)
OTHER = Unknown("teams.a.speed", "Speed", ("teams.a.speed",), 0.0, 1.0, False, 0.5)
BROKEN = Unknown("teams.a.heads", "Broken", ("teams.a.heads",), 0.0, 1.0, False, 0.5)
POLICIES = tuple(Policy(id=name) for name in ("baseline", "a", "b"))
STUDY = Study(id="quick", run_length=24, replications=3)
DESIGN = SimpleNamespace(study=STUDY, policies=POLICIES, city=SimpleNamespace(id="town"))


def imagine(values, policies):
    """A is worth 0.6 less a tenth of demand, B always 0.45: A is best while demand is below 1.5."""
    if BROKEN in values:
        raise InputError([Problem(BROKEN.id, values[BROKEN], "no such post")])
    worth = {"baseline": 0.3, "a": 0.6 - 0.1 * values.get(DEMAND, 1.0), "b": 0.45}
    scenarios = tuple(Place(id=name, value=worth[name]) for name in policies)
    return SimpleNamespace(policies=policies, scenarios=scenarios)


def asked(**changes):
    options = Options(KPI, ("a", "b"), futures=100, targets=read_targets(["fulfilment >= 50 %"]), **changes)
    return robustness(DESIGN, [DEMAND, OTHER, BROKEN], imagine, options, Formula())


def test_the_winner_changes_where_it_was_built_to():
    """Best as configured: A, by 0.05. B wins above 1.5 times the demand: ln(2 / 1.5) / ln 4, 21 %."""
    found = asked()
    assert (found.best, found.second) == ("a", "b")
    assert found.lead == pytest.approx((0.05, 0.05, 0.05))
    assert found.tornado["what"].tolist() == ["Demand", "Speed"]
    assert found.tornado[["lead_low", "lead_high"]].values[0].tolist() == pytest.approx([0.1, -0.05])
    assert found.refused["why"].tolist() == ["no such post"]
    assert [one.what for one in found.varied] == ["Demand"]  # speed moves nothing
    assert found.standing["wins"].tolist() == pytest.approx([0.79, 0.21], abs=0.011)
    assert found.standing["max_regret"].tolist() == pytest.approx([0.05, 0.1], abs=0.002)
    assert found.boxes["b"].low[0] == pytest.approx(1.5, abs=0.02)
    assert found.parts.luck == pytest.approx(0, abs=1e-12)
    # 0.6 - 0.1 x and luck of 0.05 on average: at least 0.5 while x is at most 1.5; B reaches it everywhere.
    assert found.standing["target_1"].tolist() == pytest.approx([0.79, 1.0], abs=0.011)


def test_the_first_sentence_says_when_the_winner_changes():
    """In plain words, with the value at which it does."""
    answer = robustness_inquiry(asked(), DESIGN).answer
    start = "By needs resolved, a is the best of 2 policies as configured, and in 80 % of 100 futures"
    assert answer[0].startswith(start)
    assert "it stops winning, to b when “Demand” > +" in answer[0]
    assert "(in 100 % of the futures there, which are 100 % of all in which it wins)" in answer[0]
    assert answer[3] == (
        "Alone, 1 of 2 assumptions bring another to the front, in one replication: “Demand” at +100 % (b)."
    )


def test_what_is_wrong_is_said_before_anything_runs():
    """All of it at once."""
    with pytest.raises(InputError) as error:
        robustness(DESIGN, [DEMAND], imagine, Options(KPI, ("a",), futures=3, method="x"), Formula())
    assert [one.path for one in error.value.problems] == ["--policies", "--method", "--futures"]
    with pytest.raises(InputError, match="names no assumption"):
        asked(patterns=("nothing.like.it",))
