"""The shipped configs: they compose, every number says where it comes from, City S has its volumes."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf

from simulation.demand.intensity import make_intensity
from simulation.distributions import hours_per
from simulation.scenario import Policy, Scenario, apply, phases, read_scenario, read_spec
from simulation.scenario.arrivals import PoissonArrivals
from simulation.scenario.budget import first_year
from simulation.scenario.needs import Need
from simulation.scenario.pathways import Assign, Work
from simulation.scenario.quantities import share_of
from simulation.study import Design, Study, include
from tests.architecture.reading import ROOT

CONFIGS = ROOT / "configs"
SIZES = ("street", "district", "city_s")
PUBLISHED = ("phc_1", "phc_2", "phc_3", "phc_benchmark", "treatment_centre")
STUDIES = sorted(path.stem for path in (CONFIGS / "study").glob("*.yaml"))
POLICIES = sorted(path.stem for path in (CONFIGS / "policy").glob("*.yaml"))
DURATION = re.compile(r"\s*[0-9.]+\s*(min|h|d|wd)\s*")
PER_YEAR = 8760.0

# Contacts per 1,000 veterans a year: the service mix that the configs were made for.
CONTACTS = {
    "consultation": 250,
    "employment": 70,
    "education": 25,
    "card": 45,
    "benefits": 60,
    "confirmation": 80,
    "medical": 60,
    "hardship": 20,
    "claims": 40,
    "legal": 8,
    "psychological": 3,
    "return": 10,
    "continuation": 20,
    "honour": 30,
}


@cache
def composed(*overrides: str) -> DictConfig:
    """The root config with overrides, as Hydra composes it."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return compose("vetsim", overrides=list(overrides))


def plain(node: Any) -> Any:
    return OmegaConf.to_container(node, resolve=True, throw_on_missing=True)


@cache
def city(name: str) -> Scenario:
    return read_scenario(plain(composed(f"city={name}").scenario))


@cache
def policies(name: str) -> dict[str, Policy]:
    """All shipped policies for a city, the included ones written out."""
    written = plain(composed(f"city={name}").policies)
    known = {key: read_spec(Policy, {**item, "id": key}, key)[0] for key, item in written.items()}
    return {key: include(policy, known) for key, policy in known.items()}


def presented_share(scenario: Scenario, need: Need) -> float:
    """Mean probability that a need which arises is presented, unstaffed communities counted."""
    communities = [place for place in scenario.places if place.tier == "community"]
    veterans = sum(place.veterans for place in communities)
    first = share_of(need.first_contact, "community", 0.0)
    total = 0.0
    for group in scenario.groups:
        in_person = share_of(need.channels or group.channels, "in_person", 0.0)
        stays = sum(
            place.veterans * (1.0 - group.uncovered * 0.5 ** (place.distance / group.reach))
            for place in communities
            if not place.staffed
        )
        reached = 1.0 - first * in_person * (stays / veterans) * (1.0 - group.diverted)
        total += group.share * share_of(need.group_rates, group.id, 1.0) * group.presented * reached
    return need.presented * total


def yearly(need: Need) -> float:
    """Needs that arise per 1,000 veterans a year."""
    assert isinstance(need.arrivals, PoissonArrivals)
    return need.arrivals.hourly(1000) * PER_YEAR


# ------------------------------------------------------------------ composing


@pytest.mark.parametrize("name", [*SIZES, *PUBLISHED, "mmc"])
def test_every_city_is_valid(name: str) -> None:
    """Each city composes and passes the gate."""
    assert city(name).id == name


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_is_valid_with_the_city_that_it_names(study: str) -> None:
    """A study, its city and its policies make a design whose scenarios all exist."""
    config = composed(f"study={study}")
    spec = Study.model_validate(plain(config.study))
    known = policies(config.scenario.id)
    design = Design(spec, city(config.scenario.id), tuple(known[name] for name in spec.policies))
    assert [scenario.id for scenario in design.scenarios] == list(spec.policies)
    assert spec.id == study
    assert spec.question
    assert spec.hypothesis


def test_a_study_may_choose_its_city_and_the_user_has_the_last_word() -> None:
    """`study=street_quick` runs the street unless another city is asked for."""
    assert composed("study=street_quick").scenario.id == "street"
    assert composed("study=street_quick", "city=district").scenario.id == "district"


def test_a_run_ends_before_holidays_are_unknown() -> None:
    """The default study measures a year from 1 October 2025 and ends with 2026."""
    config = composed()
    study = Study.model_validate(plain(config.study))
    scenario = city("district")
    assert scenario.start == date(2025, 7, 1)
    assert study.window.start == (date(2025, 10, 1) - scenario.start).days * 24
    assert study.horizon == (date(2027, 1, 1) - scenario.start).days * 24


def test_hydra_leaves_no_folders() -> None:
    """No run folder, no copy of the config, no log file, no change of folder."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        hydra = compose("vetsim", return_hydra_config=True).hydra
    assert (hydra.run.dir, hydra.output_subdir, hydra.job.chdir) == (".", None, False)
    assert "file" not in hydra.job_logging.get("handlers", {})


# ------------------------------------------------------------------ evidence


def is_number(data: Any) -> bool:
    """Whether a leaf is a number, or a duration."""
    if isinstance(data, str):
        return DURATION.fullmatch(data) is not None
    return isinstance(data, int | float) and not isinstance(data, bool)


def without_evidence(data: Any, path: str, covered: bool) -> Iterator[str]:
    """Numbers that have neither a source nor an assumption with a range, on themselves or around them."""
    if isinstance(data, dict):
        covered = covered or "source" in data or "assumption" in data
        for key, item in data.items():
            if key not in ("source", "assumption", "low", "high", "factors"):
                yield from without_evidence(item, f"{path}.{key}", covered)
    elif isinstance(data, list):
        for number, item in enumerate(data):
            yield from without_evidence(item, f"{path}.{number}", covered)
    elif not covered and is_number(data):
        yield f"{path} = {data}"


@pytest.mark.parametrize("name", [*SIZES, *PUBLISHED, "mmc"])
def test_every_number_has_evidence(name: str) -> None:
    """Each number of each city and policy names its source or is an assumption with a range."""
    config = composed(f"city={name}")
    assert list(without_evidence(plain(config.scenario), "scenario", False)) == []
    if name in SIZES:  # what policies cost is stated for the sizes of City S
        assert list(without_evidence(plain(config.policies), "policies", False)) == []


def test_the_search_for_evidence_finds_what_it_is_for() -> None:
    """A bare number and a bare duration are found, covered ones are not."""
    data = {"a": 1, "b": {"value": 2, "source": "x"}, "c": {"assumption": "y", "d": [{"e": 3}]}, "f": "30 wd"}
    assert list(without_evidence(data, "s", False)) == ["s.a = 1", "s.f = 30 wd"]


# ------------------------------------------------------------------ places


@pytest.mark.parametrize(
    ("name", "veterans", "counts"),
    [
        ("street", 2_000, {"district": 1, "street": 1, "community": 11}),
        ("district", 20_000, {"district": 1, "street": 11, "community": 132}),
        ("city_s", 200_000, {"city": 1, "district": 10, "street": 110, "community": 1_320}),
    ],
)
def test_sizes(name: str, veterans: int, counts: dict[str, int]) -> None:
    """Veterans and units by tier, and one of each of fifteen departments and a partner a district."""
    places = city(name).places
    tiers = Counter(place.tier for place in places)
    assert sum(place.veterans for place in places) == veterans
    assert {tier: tiers[tier] for tier in counts} == counts
    departments = set(tiers) - set(counts)
    assert len(departments) == 16
    assert {tiers[tier] for tier in departments} == {counts["district"]}


@pytest.mark.parametrize("name", ["district", "city_s"])
def test_coverage_and_standards(name: str) -> None:
    """92 % of communities are staffed, 40 % are below the standard, 10 % are model stations."""
    communities = [place for place in city(name).places if place.tier == "community"]
    share = Counter(place.standard for place in communities)
    assert sum(place.staffed for place in communities) / len(communities) == pytest.approx(0.92, abs=0.01)
    assert share["below"] / len(communities) == pytest.approx(0.40, abs=0.01)
    assert share["model"] / len(communities) == pytest.approx(0.10, abs=0.01)


@pytest.mark.parametrize("name", SIZES)
def test_every_team_has_work_and_every_department_a_team(name: str) -> None:
    """No team that no activity asks for, under one policy or another; no tier without a team."""
    scenario = city(name)
    systems = [scenario, *(phases(apply(policy, scenario))[0][1] for policy in policies(name).values())]
    asked = {
        option.role
        for system in systems
        for pathway in system.pathways
        for step in pathway.steps
        if isinstance(step, Work | Assign)
        for option in step.teams
    }
    assert {team.id for team in scenario.teams} == asked
    assert {team.tier for team in scenario.teams} == {place.tier for place in scenario.places}


# ------------------------------------------------------------------ volumes


@pytest.mark.parametrize("name", ["district", "city_s"])
def test_contacts_per_thousand_veterans(name: str) -> None:
    """Latent rates times presentation give the contacts of each service and 721 of all."""
    scenario = city(name)
    contacts = {n.id: yearly(n) * presented_share(scenario, n) for n in scenario.needs if n.id in CONTACTS}
    assert contacts == {need: pytest.approx(count, rel=0.02) for need, count in CONTACTS.items()}
    assert sum(contacts.values()) == pytest.approx(721, rel=0.02)


def test_needs_outside_the_contacts() -> None:
    """Petitions and supervision come out of other cases; planned visits wait for everything else."""
    others = {need.id: need for need in city("district").needs if need.id not in CONTACTS}
    assert set(others) == {"petition", "outreach", "supervision"}
    assert others["petition"].arrivals is others["supervision"].arrivals is None
    assert others["outreach"].initiated == "service"
    assert others["outreach"].priority == max(need.priority for need in city("district").needs)


def test_group_rates_change_no_total() -> None:
    """Who has a need does not change how often it arises."""
    for need in city("district").needs:
        mean = sum(g.share * share_of(need.group_rates, g.id, 1.0) for g in city("district").groups)
        assert mean == pytest.approx(1.0), need.id


def test_channels_and_presentation_of_the_population() -> None:
    """Weighted by the groups: .62 in person, .18 by telephone, .20 on-line; .90 presented."""
    groups = city("district").groups
    for channel, share in (("in_person", 0.62), ("phone", 0.18), ("online", 0.20)):
        assert sum(g.share * share_of(g.channels, channel, 0.0) for g in groups) == pytest.approx(share)
    assert sum(g.share * g.presented for g in groups) == pytest.approx(0.90)


@pytest.mark.parametrize(
    ("profile", "first", "last", "share"),
    [
        ("discharge", date(2026, 3, 1), date(2026, 4, 1), 0.40),
        ("discharge", date(2026, 9, 1), date(2026, 10, 1), 0.50),
        ("festivals", date(2026, 1, 20), date(2026, 2, 17), 0.45),
        ("festivals", date(2026, 7, 1), date(2026, 8, 1), 0.30),
    ],
)
def test_seasons(profile: str, first: date, last: date, share: float) -> None:
    """Returns in March and September, visits before the Spring Festival and in July."""
    scenario = city("street")
    intensity = make_intensity(scenario, profile, 549 * 24.0)
    begin, end = ((day - scenario.start).days * 24.0 for day in (first, last))
    # Months weigh by the hours that they are open.
    assert intensity.between(begin, end) / PER_YEAR == pytest.approx(share, abs=0.06)


def test_mornings_and_mondays() -> None:
    """60 % come in the morning; Monday has 1.2 and Friday .9 of the other days."""
    scenario = city("street")
    intensity = make_intensity(scenario, "counter", 549 * 24.0)
    monday = (date(2025, 11, 3) - scenario.start).days * 24.0
    days = [intensity.between(monday + 24.0 * n, monday + 24.0 * (n + 1)) for n in range(5)]
    assert np.array(days) / days[1] == pytest.approx([1.2, 1.0, 1.0, 1.0, 0.9])
    assert intensity.between(monday, monday + 12.5) / days[0] == pytest.approx(0.60)


# ------------------------------------------------------------------ lead times


def return_days(scenario: Scenario, cases: int = 300) -> float:
    """Mean days from the desk to the end of a registration on return when nobody waits in a queue."""
    system = phases(scenario)[0][1]
    pathway = next(pathway for pathway in system.pathways if pathway.id == "return")
    hours = {c.id: c.hours(system.start, 549 * 24.0) for c in system.calendars}
    working_day = system.calendar("office").day_hours
    draws = np.random.default_rng(1)
    days = []
    for _ in range(cases):
        begin = now = hours["desk"].next_open(draws.uniform(0, 400 * 24))
        for step in pathway.steps[2:]:
            if step.id == "review":
                continue
            if step.referral is not None and step.referral.delay is not None:
                now += step.referral.delay.ppf(draws.uniform()) * 24 * step.referral.factor
            factor = np.prod([f.factor for f in step.time_factors if not f.when.channels])
            amount = step.time.ppf(draws.uniform()) * factor * hours_per(step.time.unit, working_day)
            at = (
                "office" if step.kind == "delay" else "desk" if step.id in ("desk", "casework") else "liaison"
            )
            now = hours[at].add(now, amount)
        days.append((now - begin) / 24)
    return float(np.mean(days))


def test_registration_on_return_takes_33_days_and_a_third_of_it_as_one_thing() -> None:
    """Queues apart, six departments take some 30 days; joined on-line, well under half of that."""
    before = return_days(city("street"))
    after = return_days(apply(policies("street")["digitization"], city("street")))
    assert 27 < before < 33
    assert 0.33 < after / before < 0.50


# ------------------------------------------------------------------ policies


@pytest.mark.parametrize("name", SIZES)
def test_policies_change_what_exists(name: str) -> None:
    """Every shipped policy applies to every size of City S; baseline changes nothing."""
    assert sorted(policies(name)) == POLICIES
    for key, policy in policies(name).items():
        scenario = apply(policy, city(name))
        assert phases(scenario)[0][1] is not None
        assert bool(policy.levers) is (key != "baseline")


def test_packages_are_their_levers_together() -> None:
    """A package has the levers of its parts and no other, and all four have those of the four."""
    written = plain(composed("city=district").policies)
    known = policies("district")
    packages = {key: item["includes"] for key, item in written.items() if item.get("includes")}
    assert len(packages["all_four"]) == 4
    for key, parts in packages.items():
        single = {lever.id for part in parts for lever in known[part].levers}
        assert {lever.id for lever in known[key].levers} == single


def test_packages_within_the_budget_cost_the_same() -> None:
    """In the first year each costs what the budget is, and less than the package in full."""
    district, known = city("district"), policies("district")
    equal = [key for key in known if key.endswith("_equal")]
    assert len(equal) == 4
    for key in equal:
        cost = sum(first_year(apply(known[key], district).levers, district))
        assert cost == pytest.approx(known[key].budget)
        assert cost < sum(first_year(known[key.removesuffix("_equal")].levers, district))


def test_digitization_keeps_failure_demand_and_the_channels_of_the_excluded() -> None:
    """A failed form still leads to the desk; groups without the internet use what they used."""
    before = city("district")
    after = phases(apply(policies("district")["digitization"], before))[0][1]
    offline = {"middle_offline", "senior_offline", "oldest"}
    for old, new in zip(before.groups, after.groups, strict=True):
        assert (old.channels == new.channels) is (old.id in offline)
        assert (old.presented > new.presented) is (old.id in offline)
    form = next(
        step for p in after.pathways if p.id == "consultation" for step in p.steps if step.id == "form"
    )
    assert share_of(form.next[0].to, "again", 0.0) > 0
