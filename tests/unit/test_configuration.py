"""Configs and overrides become a design, or a list of what is wrong with them; Hydra is not seen."""

import hydra
import pytest
from hydra.core.global_hydra import GlobalHydra

from simulation.configuration import catalogue, compose, options, read_design, search_path, values
from simulation.spec import InputError

CITY = """\
# @package scenario
# A clinic.
id: tiny
start: "2026-01-01"
places: {clinic: {}}
teams: {doctors: {place: clinic, staff: {doctor: {count: 2}}}}
pathways:
  visit: {steps: [{id: consult, kind: work, teams: doctors, time: {kind: exponential, mean: 1}}]}
needs:
  illness:
    pathway: visit
    arrivals:
      rate: {value: 1.5, assumption: nobody has counted, low: 1, high: 2}
"""
STUDY = """\
# A week of it. Nothing more.
id: tiny
policies: [more]
replications: 2
run_length: 7 d
"""
POLICY = """\
# @package policies
more:
  title: One more doctor
  levers: {doctor: {kind: add_staff, team: doctors, group: doctor, heads: {value: 1, source: the policy}}}
"""
TINY = ("city=tiny", "study=tiny")


@pytest.fixture
def own(tmp_path):
    """A user's folder of configs, with a city, a study and a policy."""
    for group, name, text in (("city", "tiny", CITY), ("study", "tiny", STUDY), ("policy", "more", POLICY)):
        (tmp_path / group).mkdir()
        (tmp_path / group / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def problems(own, *overrides):
    """What is wrong, one line each."""
    with pytest.raises(InputError) as caught:
        read_design([*TINY, *overrides], own)
    return [str(problem) for problem in caught.value.problems]


def write(own, group, name, text):
    """Put a config into the user's folder."""
    (own / group / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_a_folder_of_ones_own_is_enough_for_a_study(own):
    """City, study and policy are found there, the rest is the project's."""
    design = read_design(TINY, own)
    assert [scenario.id for scenario in design.scenarios] == ["baseline", "more"]
    assert design.study.horizon == 168.0
    assert {one.path for one in design.evidence} == {
        "needs.illness.arrivals.rate",
        "policies.more.levers.doctor.heads",
    }


def test_the_own_folder_goes_before_the_projects(own):
    """A config of the same name is taken from there."""
    write(own, "city", "street", CITY)
    assert read_design(["city=street", "study=tiny"], own).city.id == "tiny"


def test_settings_reach_study_scenario_and_policies(own):
    """Also those that no config mentions so far, and with Hydra's prefixes."""
    design = read_design(
        [
            *TINY,
            "study.seed=7",
            "study.warm_up=1 d",
            "+study.run_out=12",
            "scenario.needs.illness.priority=3",
            "scenario.pathways.visit.steps.0.time.mean=2",
            "policies.more.levers.doctor.heads=4",
        ],
        own,
    )
    assert (design.study.seed, design.study.warm_up, design.study.run_out) == (7, 24.0, 12.0)
    assert design.city.needs[0].priority == 3
    assert design.city.pathways[0].steps[0].time.average == 2
    assert design.policies[1].levers[0].heads == 4


def test_a_value_that_is_set_loses_its_source(own):
    """What was assumed of one number is not said of another; the range goes too."""
    for setting in (
        "scenario.needs.illness.arrivals.rate=1.8",
        "scenario.needs.illness.arrivals.rate.value=1.8",
    ):
        (rate,) = (one for one in read_design([*TINY, setting], own).evidence if one.path.endswith("rate"))
        assert (rate.found, rate.source) == ("1.8", "set on the command line")
        assert (rate.assumption, rate.range) == ("", None)


SHARED = """\
# @package _global_
usual: {kind: lognormal, mean: 1, cv: 0.5}
scenario:
  id: shared
  start: "2026-01-01"
  places: {clinic: {}}
  teams: {doctors: {place: clinic, staff: {doctor: {count: 2}}}}
  pathways:
    visit:
      steps:
        - {id: consult, kind: work, teams: doctors, time: "${usual}"}
        - {id: later, kind: work, teams: doctors, time: "${usual}"}
  needs: {illness: {pathway: visit, arrivals: {rate: 1}}}
"""


def test_setting_what_is_shared_by_reference_changes_nothing_else(own):
    """A block that several places refer to is copied where a part of it is set; set itself, all change."""
    write(own, "city", "shared", SHARED)

    def times(*settings):
        steps = (
            read_design(["city=shared", "study=tiny", "policy=baseline", *settings], own)
            .city.pathways[0]
            .steps
        )
        return [(step.time.average, step.time.cv) for step in steps]

    assert times() == [(1, 0.5), (1, 0.5)]
    assert times("scenario.pathways.visit.steps.1.time.mean=2") == [(1, 0.5), (2, 0.5)]
    assert times("usual.mean=2") == [(2, 0.5), (2, 0.5)]


def test_what_is_deleted_is_gone(own):
    """A default takes its place."""
    write(own, "study", "seeded", STUDY + "seed: 9\n")
    assert read_design(["city=tiny", "study=seeded"], own).study.seed == 9
    assert read_design(["city=tiny", "study=seeded", "~study.seed"], own).study.seed == 1


def test_policies_can_be_chosen_instead_of_those_of_the_study(own):
    """One or several; the baseline is always there and first."""
    assert [policy.id for policy in read_design([*TINY, "policy=baseline"], own).policies] == ["baseline"]
    write(own, "policy", "much", "# @package policies\nmuch: {includes: [more]}\n")
    design = read_design([*TINY, "policy=[much,more]"], own)
    assert [policy.id for policy in design.policies] == ["baseline", "much", "more"]
    assert design.policies[1].levers == design.policies[2].levers


def test_the_same_content_has_the_same_address(own):
    """Labels, questions and sources are not in it; numbers are."""
    design = read_design(TINY, own)
    assert design.digest == read_design([*TINY, "study.title=other", "scenario.title=other"], own).digest
    assert design.digest != read_design([*TINY, "study.seed=2"], own).digest
    assert design.digest != read_design([*TINY, "scenario.needs.illness.arrivals.rate=1.6"], own).digest


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("city=tinny", 'city: there is no such city; did you mean "tiny"?'),
        ("cty=tiny", 'cty: there is no "cty"; did you mean "city"?'),
        ("study.replicatons=3", 'study.replicatons: unknown key; did you mean "replications"?'),
        (
            "scenario.needs.ilness.priority=3",
            'there is no "ilness" in scenario.needs; did you mean "illness"?',
        ),
        (
            "scenario.pathways.visit.steps.4.time=3",
            'there is no "4" in scenario.pathways.visit.steps; known: 0',
        ),
        ("policy=mre", 'study.policies: there is no such policy; did you mean "more"?'),
        ("study.policies=[mre]", 'study.policies: there is no such policy; did you mean "more"?'),
        ("study.headline=[fulfilmen]", 'there is no KPI "fulfilmen"; did you mean "fulfilment"?'),
        ("study.replications=0", "study.replications: at least one replication is needed"),
        ("study.seed=1,2", "study.seed: several values are a sweep"),
        ("study.seed=[1", "study.seed: the value cannot be read"),
        ("study.title=窗口", "study.title: the value cannot be read; quote text"),
        ("nonsense", "nonsense: write settings as key=value"),
        ("=3", "configs: the configs cannot be composed"),
        ("~scenario.nedds", 'there is no "nedds" in scenario; did you mean "needs"?'),
        ("scenario.title=${oc.env:HOME}", "scenario.title: only references to other values"),
        ("scenario.title='${oc.select:x,${oc.env:HOME}}'", "scenario.title: only references to other values"),
        ("+scenario._target_=os.system", 'scenario._target_: a key may not begin with "_"'),
        ("scenario.title=${nowhere.at.all}", "scenario.title: the reference leads nowhere"),
        ("hydra.run.dir=x", "hydra.run.dir: settings of Hydra itself"),
        ("hydra/launcher=joblib", "hydra/launcher: settings of Hydra itself"),
        ("scenario=5", "scenario: missing, or not a mapping"),
    ],
)
def test_what_is_not_understood_is_named_with_its_remedy(own, override, said):
    """Every way to get an override wrong ends in one kind of error."""
    lines = problems(own, override)
    assert any(said in line for line in lines), lines
    assert all("hydra.cc" not in line and "Traceback" not in line for line in lines)


def test_all_that_is_wrong_is_said_at_once(own):
    """Study, scenario and policies are read even when one of them is wrong."""
    lines = problems(
        own,
        "study.confidence=2",
        "scenario.needs.illness.arrivals.rate=-1",
        "policies.more.levers.doctor.heds=3",
    )
    assert {line.partition(":")[0] for line in lines} == {
        "study.confidence",
        "scenario.needs.illness.arrivals.rate",
        "policies.more.levers.doctor.heds",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1\nb: {", "bad.yaml line 2: this is not valid YAML here"),
        ("a: 1\na: 2\n", "bad.yaml line 2: this is not valid YAML here"),
        ("a: !!python/object:os.system 1\n", "bad.yaml line 1: this is not valid YAML here"),
        ("defaults: [nothing]\n", "which city/bad.yaml asks for"),
        ("# @package scenario\nstart: ???\n", "scenario.start: this value must be given"),
        ("- 1\n", "scenario: missing, or not a mapping"),
        ("", "scenario: missing, or not a mapping"),
    ],
)
def test_a_config_that_cannot_be_read_is_named(own, text, said):
    """YAML errors name file and line."""
    write(own, "city", "bad", text)
    lines = problems(own, "city=bad")
    assert any(said in line for line in lines), lines


def test_a_config_that_is_not_utf_8_is_an_input_error(own):
    """A file saved in another encoding."""
    (own / "city" / "bad.yaml").write_bytes("# @package scenario\ntitle: 窗口\n".encode("gb18030"))
    assert any("not UTF-8" in line for line in problems(own, "city=bad"))


def test_a_policy_under_the_wrong_key_is_missed_by_name(own):
    """The file is there, but fills another key."""
    write(own, "policy", "lost", "title: A policy without its header\n")
    assert any("study.policies: there is no such policy" in line for line in problems(own, "policy=lost"))


def test_policies_that_include_each_other_are_refused(own):
    """Round and round."""
    for one, other in (("left", "right"), ("right", "left")):
        write(own, "policy", one, f"# @package policies\n{one}: {{includes: [{other}]}}\n")
    assert any("policies include each other" in line for line in problems(own, "policy=left"))


def test_a_policy_that_does_not_fit_the_city_is_refused(own):
    """A lever names a team that is not there."""
    write(own, "policy", "wrong", POLICY.replace("more:", "wrong:").replace("team: doctors", "team: doctor"))
    (line,) = problems(own, "policy=wrong")
    assert "levers.doctor.team" in line
    assert 'did you mean "doctors"?' in line


def test_a_year_whose_holidays_are_not_known_is_refused_before_anything_runs(own):
    """The calendar reaches beyond what has been announced."""
    week = "{mon: ['09:00-12:00']}"
    calendar = f"calendars: {{desk: {{kind: weekly, week: {week}, holidays: china}}}}\n"
    write(own, "city", "far", CITY.replace("2026-01-01", "2031-01-01") + calendar)
    (line,) = problems(own, "city=far")
    assert line.startswith("scenario.calendars.desk")
    assert "2031" in line


PLACES = "id,name,tier,parent,veterans,staff,open,standard\nclinic,,place,,100,2,yes,standard\n"


def test_places_are_read_from_a_csv_beside_the_configs(own):
    """The file is named from the user's folder, wherever the command is run."""
    (own / "mine.csv").write_text(PLACES, encoding="utf-8")
    write(own, "city", "real", CITY.replace("{clinic: {}}", "{csv: mine.csv}"))
    assert read_design(["city=real", "study=tiny"], own).city.places[0].veterans == 100


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PLACES.replace(",veterans", ""), "columns missing: veterans"),
        (PLACES + "clinic,,place,,5,1,yes,model\n", "this one is a duplicate"),
        (PLACES.replace("100", "many"), "a whole number, zero or more, is needed"),
        (PLACES.replace("clinic,,", "clinic,窗口,").encode("gb18030"), "save the file as UTF-8"),
        (None, "there is no such file"),
    ],
)
def test_a_bad_csv_of_places_is_an_input_error(own, content, said):
    """Missing column, duplicate id, bad number, bad encoding, no file."""
    if content is not None:
        (own / "mine.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    write(own, "city", "real", CITY.replace("{clinic: {}}", "{csv: mine.csv}"))
    assert any(said in line for line in problems(own, "city=real"))


def test_a_folder_that_is_not_there_is_an_input_error(tmp_path):
    """A misspelt --config-dir."""
    with pytest.raises(InputError, match="config-dir: there is no such folder"):
        search_path(tmp_path / "nowhere")


def test_composing_leaves_hydra_as_it_was(own):
    """Inside another Hydra application, its state and its search path are its own again afterwards."""
    with hydra.initialize_config_dir(str(own), version_base="1.3"):
        before = GlobalHydra.instance().hydra
        read_design(TINY, own)
        assert GlobalHydra.instance().hydra is before
        assert hydra.compose("city/tiny")["scenario"]["id"] == "tiny"
        with pytest.raises(InputError):
            read_design(["city=nowhere"], own)
        assert GlobalHydra.instance().hydra is before
    assert not GlobalHydra.instance().is_initialized()
    assert "tiny" not in options("city")
    with pytest.raises(InputError):
        compose(["city=tiny"])


def test_the_working_directory_means_nothing(own, tmp_path_factory, monkeypatch):
    """Configs are found from wherever the command is run, and nothing is left there."""
    here, elsewhere = read_design(TINY, own).digest, tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    assert read_design(TINY, own).digest == here
    assert not list(elsewhere.iterdir())


def test_every_value_is_shown_with_its_source(own):
    """Under the name by which it can be set; only the policies of the study."""
    found = {value.path: value for value in values(compose(TINY, own).plain, ["baseline", "more"])}
    rate = found["scenario.needs.illness.arrivals.rate"]
    assert (rate.value, rate.assumption, rate.range) == (1.5, "nobody has counted", "1 to 2")
    assert found["policies.more.levers.doctor.heads"].source == "the policy"
    assert not any(path.startswith("policies.digitization") for path in found)
    setting = f"{rate.path}=1.7"
    assert read_design([*TINY, setting], own).city.needs[0].arrivals.rate == 1.7


def test_the_catalogue_knows_the_users_configs(own):
    """Next to the project's, with their first sentence."""
    found = {(entry.kind, entry.name): entry.about for entry in catalogue(own)}
    assert found["study", "tiny"] == "A week of it."
    assert found["city", "tiny"] == "A clinic."
    assert ("policy", "more") in found
    assert ("kpi", "fulfilment") in found
    assert ("lever", "add_staff") in found
