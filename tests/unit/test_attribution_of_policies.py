"""Which parts a policy has, what is run of them, and that the answer is what the replications say."""

from decimal import Decimal
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.analysis.wording import adding_up
from simulation.cli.commands import app
from simulation.procedures.attribution import attribute_effect, players_of
from simulation.publication.attribution import inquiry
from simulation.runner import Runs
from simulation.scenario import Policy, apply
from simulation.scenario.examples import single_queue
from simulation.spec import InputError
from simulation.store import Store
from simulation.study import Design, Study, include

WAIT = "time_to_resolution_mean"
STUDY = Study(id="tiny", run_length=96, replications=3, headline=[WAIT])
CITY = single_queue(rate=2.0, servers=3)


def faster(*names, factor=0.9):
    return [{"id": name, "kind": "scale_time", "steps": ["consult"], "factor": factor} for name in names]


def more(name="doctor", **fields):
    return {"id": name, "kind": "add_staff", "team": "doctors", "group": "doctor", "heads": 1, **fields}


def design(*policies, study=STUDY):
    """The last policy is asked about; those that it includes are not in the study."""
    known = {policy.id: policy for policy in policies}
    written = [include(policy, known) for policy in policies]
    return Design(study, CITY, (Policy(id="baseline"), written[-1]), included=tuple(written[:-1]))


def ask(found, tmp_path, *arguments):
    return attribute_effect(found, Runs(found.study, Store(tmp_path)), found.policies[-1].id, *arguments)


NESTED = (
    Policy(id="pace", levers=faster("a", "b")),
    Policy(id="heads", levers=[more()]),
    Policy(id="small", includes=["pace", "heads"]),
    Policy(id="whole", title="Whole", includes=["small", "heads"], levers=faster("c")),
)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("parts", {"small": {"a", "b", "doctor"}, "whole": {"c"}}),
        ("policies", {"pace": {"a", "b"}, "heads": {"doctor"}, "whole": {"c"}}),
        ("levers", {name: {name} for name in ("a", "b", "c", "doctor")}),
    ],
)
def test_the_parts_of_a_policy(kind, parts):
    """Two policies that share a third, and a lever of the package's own, which is a part by itself."""
    found = design(*NESTED)
    known = {policy.id: policy for policy in found.included}
    assert {one.id: set(one.levers) for one in players_of(found.policies[-1], known, kind)} == parts


def test_shares_are_those_of_the_replications(tmp_path):
    """The mean over the six orders of what each of three levers adds, from runs of the eight policies."""
    levers = [*faster("a"), more("b"), *faster("c", factor=0.5)]
    found = ask(design(Policy(id="three", levers=levers)), tmp_path / "one")
    assert (found.kind, found.coalitions, found.drawn) == ("levers", 8, 0)
    policies = [
        Policy(id=f"p{s}", levers=[lever for bit, lever in enumerate(levers) if s >> bit & 1])
        for s in range(8)
    ]
    wanted = [(apply(policy, CITY), range(3)) for policy in policies]
    table = Runs(STUDY, Store(tmp_path / "two")).ask(wanted).query("kpi == @WAIT")
    worth = table.groupby("scenario", sort=False)["value"].mean().to_numpy()
    orders = list(permutations(range(3)))
    shares = np.zeros(3)
    for order in orders:
        there = 0
        for player in order:
            shares[player] += (worth[there | 1 << player] - worth[there]) / len(orders)
            there |= 1 << player
    assert found.found.contributions["contribution"].tolist() == pytest.approx(shares)
    total = found.found.totals.iloc[0]
    assert total["difference"] == pytest.approx(worth[7] - worth[0])


def test_orders_are_drawn_where_sets_are_too_many(tmp_path):
    """Nine levers: few of the 512 sets are run, shares add up, and the same again is loaded and not run."""
    found = design(Policy(id="nine", levers=faster(*"abcdefghi")))
    one = ask(found, tmp_path)
    assert one.drawn == 2
    assert 20 <= one.coalitions <= 20 + 3 * 12
    table, total = one.found.contributions, one.found.totals.iloc[0]
    assert table["contribution"].sum() == pytest.approx(total["difference"])
    assert one.found.pairs.empty
    runs = Runs(STUDY, Store(tmp_path))
    again = attribute_effect(found, runs, "nine")
    assert runs.simulated == 0
    assert again.found.contributions.equals(table)
    longer = design(found.policies[-1], study=STUDY.model_copy(update={"replications": 4}))
    runs = Runs(longer.study, Store(tmp_path))
    attribute_effect(longer, runs, "nine")
    assert runs.loaded > 3 * runs.simulated / 2  # the first three replications keep their orders


def test_levers_stay_as_weak_as_a_budget_makes_them_together(tmp_path):
    """Half of what both cost: each is carried out at half its strength, alone as well."""
    levers = [{**one, "cost_once": 100.0} for one in faster("a", "b", factor=0.4)]
    halves = [{**one, "strength": 0.5} for one in levers]
    found = ask(design(Policy(id="both", levers=levers, budget=100)), tmp_path / "one")
    plain = ask(design(Policy(id="both", levers=halves)), tmp_path / "two")
    assert found.found.contributions.equals(plain.found.contributions)


@pytest.mark.parametrize(
    ("policy", "kind", "words"),
    [
        ("hole", None, 'did you mean "whole"'),
        ("whole", "policy", 'did you mean "policies"'),
        ("heads", None, "has 1 of these"),
    ],
)
def test_what_cannot_be_shared_is_refused_before_anything_is_run(tmp_path, policy, kind, words):
    """Misspelt names, and policies of a single part."""
    runs = Runs(STUDY, Store(tmp_path))
    with pytest.raises(InputError, match=words):
        attribute_effect(design(*NESTED), runs, policy, kind)
    assert runs.simulated == 0


def test_a_lever_that_needs_another_is_refused_with_the_remedy(tmp_path):
    """A team that one lever splits off is named by the next: alone, that one means nothing."""
    split = {
        "id": "split", "kind": "split_team", "team": "doctors", "into": "nurses", "heads": {"doctor": 1},
        "needs": ["illness"],
    }  # fmt: skip
    train = {"id": "train", "kind": "scale_time", "teams": ["nurses"], "factor": 0.9}
    policy = Policy(id="both", levers=[split, train])
    with pytest.raises(InputError, match="cannot do without"):
        ask(design(policy), tmp_path)


def test_an_answer_in_words(tmp_path):
    """The first sentence names the policy and the measure; the folder is the policy's own."""
    levers = [*faster("a", factor=0.5), more("b", title="One more doctor")]
    asked = design(Policy(id="both", title="Both", levers=levers))
    told = inquiry(asked, ask(asked, tmp_path))
    assert told.answer[0].startswith("Mean time to resolution: Both changes it by −")
    assert told.folder == "attribute-both"
    assert set(told.figures) == {"waterfall", "turns", "interplay"}
    assert set(told.tables) == {"contributions", "totals", "pairs"}
    texts = [text.get_text() for text in told.figures["waterfall"][0].axes[0].texts]
    start, *steps, end = (Decimal(text.replace("−", "-")) for text in texts)
    assert start + sum(steps) == end


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8),
    st.floats(-1e4, 1e4),
    st.sampled_from(["share", "days", "yuan"]),
)
def test_numbers_add_up_as_they_are_written(steps, start, unit):
    """What a reader adds up on paper comes out, and no number is off by more than a digit at its end."""
    scale = 0.01 if unit == "share" else 1.0
    start, steps = start * scale, [step * scale for step in steps]
    words = adding_up(start, steps, start + sum(steps), unit)
    first, *parts, last = (
        Decimal(word.replace("−", "-").replace(",", "")) for word in (words[0], *words[1], words[2])
    )
    assert first + sum(parts) == last
    grain = 10.0 ** min(part.as_tuple().exponent for part in parts)
    shown = 100.0 if unit == "share" else 1.0
    assert all(
        abs(float(part) - step * shown) <= 1.01 * grain + 1e-6
        for part, step in zip(parts, steps, strict=True)
    )


CITY_FILE = """\
# @package scenario
id: tiny
start: "2026-01-01"
places: {clinic: {}}
teams: {doctors: {place: clinic, staff: {doctor: {count: 2}}}}
pathways:
  visit: {steps: [{id: consult, kind: work, teams: doctors, time: {kind: exponential, mean: 1}}]}
needs:
  illness: {pathway: visit, arrivals: {rate: 1.2}}
"""
STUDY_FILE = """\
# @package _global_
defaults: [{override /city: tiny}]
study: {id: tiny, policies: [baseline], replications: 3, run_length: 4 d, headline: [time_to_resolution_mean]}
"""
POLICY_FILE = """\
# @package policies
both:
  title: Both
  levers:
    heads: {kind: add_staff, team: doctors, group: doctor, heads: 1}
    pace: {kind: scale_time, steps: [consult], factor: 0.8}
"""


def test_the_command_answers_beside_the_study(tmp_path, capsys):
    """The policy is a question of the study, not another study: its folder is within that of the study."""
    folder = tmp_path / "configs"
    for group, name, text in (
        ("city", "tiny", CITY_FILE),
        ("study", "tiny", STUDY_FILE),
        ("policy", "both", POLICY_FILE),
    ):
        (folder / group).mkdir(parents=True)
        (folder / group / f"{name}.yaml").write_text(text, encoding="utf-8")
    places = ["--config-dir", str(folder), "--results", str(tmp_path / "results"), "--workers", "1"]

    def vetsim(*arguments):
        with pytest.raises(SystemExit) as end:
            app(["attribute", *arguments, *places])
        return end.value.code, *capsys.readouterr()

    code, out, _ = vetsim("study=tiny", "policy=both")
    assert code == 0
    assert out.startswith("Mean time to resolution: Both changes it by −")
    written = tmp_path / "results" / "tiny" / "attribute-both"
    assert {"answer.md", "contributions.csv", "waterfall.png"} <= {path.name for path in written.iterdir()}
    assert "policy=both --players levers" in (written / "answer.md").read_text(encoding="utf-8")
    code, _, err = vetsim("study=tiny")
    assert (code, "name one policy" in err) == (2, True)
    code, _, err = vetsim("study=tiny", "policy=both", "--players", "policies")
    assert (code, "has 1 of these" in err) == (2, True)
