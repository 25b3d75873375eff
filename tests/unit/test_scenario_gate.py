"""The gate turns plain data into a scenario, or says all that is wrong with it, where, and what is right."""

import copy
from typing import Any

import pytest

from simulation.scenario import Channel, digest, read_scenario, read_spec
from simulation.scenario.evidence import separate_evidence
from simulation.scenario.files import read_places
from simulation.scenario.generation import PlaceGenerator
from simulation.spec import InputError
from tests.scenarios import OFFICE, delay, exactly, fork, listed, need, opening, team, work, written


def complaints(data, folder=None) -> dict[str, str]:
    """What is wrong with plain data: message by path; nothing is not an answer."""
    with pytest.raises(InputError) as caught:
        read_scenario(data, folder)
    return {problem.path: problem.message for problem in caught.value.problems}


def changed(path: str, entry: Any, **parts: Any) -> dict[str, Any]:
    """The plain data of a sound scenario with one entry put in its place; `...` takes it out."""
    data = copy.deepcopy(written(work("serve", 1.0), work("check", 1.0), calendars=OFFICE, **parts))
    *way, last = path.split(".")
    here: Any = data
    for step in way:
        here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
    last = int(last) if isinstance(here, list) else last
    if entry is ...:
        del here[last]
    else:
        here[last] = entry
    return data


def test_the_scenario_of_these_tests_is_sound():
    """Without a change there is nothing to complain of."""
    assert read_scenario(changed("title", "sound")).title == "sound"


STEPS = "pathways.path.steps"
CLERK = "teams.desk.staff.clerk"
POISSON = "needs.help.arrivals"

MISTAKES = [
    # A key that does not exist: the nearest that does.
    ("teem", {}, "teem", 'did you mean "teams"?'),
    ("needs.help.prioritty", 3, "needs.help.prioritty", 'did you mean "priority"?'),
    (f"{CLERK}.sped", 3, f"{CLERK}.sped", 'did you mean "speed"?'),
    (f"{STEPS}.0.prioriti", 3, f"{STEPS}.serve.prioriti", 'did you mean "priority"?'),
    ("places.town.veteran", 3, "places.town.veteran", 'did you mean "veterans"?'),
    # A number that cannot be.
    (POISSON, {"rate": -1}, f"{POISSON}.rate", "greater than or equal to 0"),
    (POISSON, {"rate": float("nan")}, f"{POISSON}.rate", "finite number"),
    (POISSON, {"rate": float("inf")}, f"{POISSON}.rate", "finite number"),
    (POISSON, {"rate": "many"}, f"{POISSON}.rate", "valid number"),
    (POISSON, {"rate": 1, "per": "week"}, f"{POISSON}.per", "'h', 'd' or 'y'"),
    ("needs.help.presented", 1.4, "needs.help.presented", "less than or equal to 1"),
    (f"{CLERK}.count", -2, f"{CLERK}.count", "greater than or equal to 0"),
    (f"{CLERK}.count", 1.5, f"{CLERK}.count", "valid integer"),
    (f"{CLERK}.speed", 0, f"{CLERK}.speed", "greater than 0"),
    (f"{CLERK}.share", 1.1, f"{CLERK}.share", "less than or equal to 1"),
    ("places.town.veterans", -1, "places.town.veterans", "greater than or equal to 0"),
    ("needs.help.deadline", "soon", "needs.help.deadline", "40 min"),
    ("needs.help.deadline", "-3 d", "needs.help.deadline", "40 min"),
    (f"{STEPS}.0.time", exactly(-1.0), f"{STEPS}.serve.time", "negative"),
    (f"{STEPS}.0.time", {"kind": "normal", "mean": 1, "sd": 1}, f"{STEPS}.serve.time", "negative"),
    (f"{STEPS}.0.time", {"kind": "exponental", "mean": 1}, f"{STEPS}.serve.time", "exponential"),
    (f"{STEPS}.0.time", ..., f"{STEPS}.serve.time", "Field required"),
    # Shares that do not make a whole.
    (f"{STEPS}.0.next", {"check": 0.5, "resolved": 0.4}, f"{STEPS}.serve.next.to", "they sum to 0.9"),
    (f"{STEPS}.0.next", {"check": 0.7, "resolved": 0.7}, f"{STEPS}.serve.next.to", "they sum to 1.4"),
    (f"{STEPS}.0.next", {"to": {}}, f"{STEPS}.serve.next", "at least one target"),
    ("groups", {"old": {"share": 0.5}, "young": {"share": 0.6}}, "groups", "sum to 1"),
    # Names that nothing bears.
    (f"{STEPS}.0.next", "chekc", f"{STEPS}.serve.next", 'did you mean "check"?'),
    (f"{STEPS}.0.teams", "dek", f"{STEPS}.serve.teams", 'did you mean "desk"?'),
    (f"{STEPS}.0.teams", "desk @ plaace", f"{STEPS}.serve.teams", 'did you mean "place"?'),
    (f"{STEPS}.0.teams", [], f"{STEPS}.serve.teams", "at least 1 item"),
    ("needs.help.pathway", "paht", "needs.help.pathway", 'did you mean "path"?'),
    ("needs.help.first_contact", "town", "needs.help.first_contact", "no such tier"),
    ("needs.help.channels", "phone", "needs.help.channels", "no such channel"),
    ("needs.help.group_rates", {"old": 2}, "needs.help.group_rates", "no such group"),
    (POISSON, {"rate": 1, "profile": "daily"}, f"{POISSON}.profile", "no such profile"),
    (POISSON, listed(1, at=["twon"]), f"{POISSON}.at", 'did you mean "town"?'),
    ("teams.desk.place", "twon", "teams.desk.place", 'did you mean "town"?'),
    (f"{CLERK}.calendar", "offise", f"{CLERK}.calendar", 'did you mean "office"?'),
    (f"{CLERK}.skills", ["hepl"], f"{CLERK}.skills", 'did you mean "help"?'),
    (f"{STEPS}.0", delay("serve", 1.0, calendar="x"), f"{STEPS}.serve.calendar", "no such calendar"),
    (f"{STEPS}.0.referral", {"delay": exactly(1), "calendar": "x"},
     f"{STEPS}.serve.referral.calendar", "no such calendar"),
    (f"{STEPS}.0", opening("serve", "petition"), f"{STEPS}.serve.need", "no such need"),
    (f"{STEPS}.0.next", [{"when": {"groups": ["old"]}, "to": "check"}, {"to": "check"}],
     f"{STEPS}.serve.next.when.groups", "no such group"),
    # Working days of a calendar that never closes.
    ("needs.help.deadline", "5 wd", "needs.help.deadline", "working days"),
    (f"{STEPS}.0.time", {**exactly(1), "unit": "wd"}, f"{STEPS}.serve.time", "working days"),
    # Routes.
    (f"{STEPS}.0.next", "join", f"{STEPS}.serve.next", "no fork"),
    (f"{STEPS}.0.next", [{"when": {"late": True}, "to": "check"}], f"{STEPS}.serve.next", "leave out `when`"),
    (f"{STEPS}.0.next", [{"to": "check"}, {"to": "resolved"}], f"{STEPS}.serve.next.0", "ever used"),
    (f"{STEPS}.0.next", "serve", f"{STEPS}.serve", "can never end"),
    (f"{STEPS}.1.id", "resolved", "pathways.path", "ends a case"),
    (f"{STEPS}.1.id", "serve", "pathways.path", "duplicate: serve"),
    (STEPS, [], STEPS, "at least 1 item"),
    # Times of day that YAML has read as numbers, and other opening hours that cannot be.
    ("calendars.office.week.mon", [540, 720], "calendars.office.week.mon", "quote the time"),
    ("calendars.office.week.mon", "9-12", "calendars.office.week.mon", "09:00-12:00"),
    ("calendars.office.week.mon", "12:00-09:00", "calendars.office.week.mon", "swap"),
    ("calendars.office.week", {}, "calendars.office.week", "never opens"),
    ("calendars.always", OFFICE["office"], "calendars.always", "choose another id"),
    # Parts of a wrong shape, or missing.
    ("start", ..., "start", "missing"),
    ("start", "1.1.2026", "start", "YYYY-MM-DD"),
    ("start", 20260101, "start", "YYYY-MM-DD"),
    ("needs", ..., "needs", "missing"),
    ("needs", {}, "needs", "at least one"),
    ("places", "town", "places", "mapping"),
    ("teams.desk.staff", {}, "teams.desk", "at least one staff group"),
    ("teams.desk.tier", "place", "teams.desk", "not both"),
    (f"{CLERK}.changes", [{"from": "2026-03-01", "to": "2026-02-01", "add": 1}],
     f"{CLERK}.changes.0", "before the first day"),
    ("needs.he lp", need(), "needs.he lp.id", "pattern"),
    ("needs.low", need(), "needs.low.id", "cannot be a name"),
    # Arrivals.
    (POISSON, listed(1, at=["town", "town"]), f"{POISSON}.at", "once"),
    (POISSON, {"kind": "renewal", "gap": exactly(0)}, f"{POISSON}.gap", "longer than zero"),
    (POISSON, listed("3 wd"), f"{POISSON}.times.0", "working days"),
    ("profiles.p", {"months": [1, 2]}, "profiles.p", "12 weights"),
    ("profiles.p", {"weekdays": [0] * 7}, "profiles.p.weekdays", "not all zero"),
    ("profiles.p", {"campaigns": [{"share": 0.3, "anchor": "02-30", "days": 3}]},
     "profiles.p.campaigns.0.anchor", "MM-DD"),
    ("profiles.p", {"campaigns": [{"share": 0.6, "anchor": "03-01", "days": 3}] * 2},
     "profiles.p", "more than 1"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "entry", "where", "remedy"), MISTAKES, ids=lambda value: str(value)[:30])
def test_a_mistake_is_named_with_its_place_and_its_remedy(path, entry, where, remedy):
    """Each single mistake is reported once, at its dotted path, with what would be right."""
    found = complaints(changed(path, entry))
    assert where in found, found
    assert remedy in found[where]
    assert len(found) == 1, found


# -------------------------------------------------------------------------------------------- places


TREE = {"a": {"parent": "b"}, "b": {"parent": "c"}, "c": {"parent": "a"}, "town": {}}


def test_places_cannot_stand_above_themselves():
    """Every place of a cycle of parents is named."""
    found = complaints(changed("places", TREE, arrivals=listed(0, at=["town"])))
    assert found.keys() == {"places.a.parent", "places.b.parent", "places.c.parent"}
    assert all("cycle" in message for message in found.values())
    assert complaints(changed("places.town.parent", "town")).keys() == {"places.town.parent"}


def test_a_parent_must_exist():
    """A misspelt parent is answered with the nearest place."""
    data = changed("places.village", {"parent": "twon"})
    data["needs"]["help"]["arrivals"]["at"] = ["town"]
    assert complaints(data) == {"places.village.parent": 'there is no such place; did you mean "town"?'}


def test_among_several_places_one_must_say_where():
    """With two places a team needs a place or a tier, and a need a place that it arises at."""
    data = changed("places.village", {})
    del data["teams"]["desk"]["place"]
    assert complaints(data).keys() == {"teams.desk.place", "needs.help.arrivals.at"}


# ---------------------------------------------------------------------------------- pathways that never end


def test_a_pathway_that_can_never_end_is_refused():
    """Two steps that send to each other for ever; a step that only leads to them is named as well."""
    data = changed(STEPS, [work("in"), work("a", next="b"), work("b", next={"a": 1.0, "resolved": 0.0})])
    found = complaints(data)
    assert found.keys() == {f"{STEPS}.in", f"{STEPS}.a", f"{STEPS}.b"}
    assert set(found.values()) == {"a case that comes here can never end; let a route lead to an exit"}


def test_a_loop_with_a_way_out_is_accepted():
    """Rework is a loop that a case leaves in the end."""
    assert read_scenario(changed(f"{STEPS}.0.next", {"serve": 0.99, "check": 0.01}))


def test_a_case_may_not_open_itself_without_end():
    """Needs whose cases surely open each other at once would fill the world at one instant."""
    data = changed(STEPS, [opening("tell", "petition"), work()])
    data["pathways"]["petition"] = {"steps": [opening("answer", "help"), work()]}
    data["needs"]["petition"] = need(pathway="petition")
    found = complaints(data)
    assert found.keys() == {"needs.help.pathway", "needs.petition.pathway"}
    data["pathways"]["petition"]["steps"].insert(0, delay("rest", 1.0))
    assert read_scenario(data)


def test_branches_of_a_fork_may_share_no_step():
    """A step that two branches, or a branch and the trunk, come to would join twice or never."""
    steps = [
        fork("fork", "left", "right", next="after"),
        delay("left", next="after"), delay("right", next="join"), delay("after", next="resolved"),
    ]  # fmt: skip
    assert complaints(changed(STEPS, steps)).keys() == {f"{STEPS}.fork.branches"}


def test_a_fork_names_steps_of_its_pathway():
    """A branch that does not exist is answered with the nearest step."""
    steps = [
        fork("fork", "left", "rihgt", next="resolved"),
        delay("left", next="join"),
        delay("right", next="join"),
    ]
    assert 'did you mean "right"?' in complaints(changed(STEPS, steps))[f"{STEPS}.fork.branches"]


# ------------------------------------------------------------------------------------------ all at once


def test_all_mistakes_are_reported_at_once():
    """One reading names every mistake, in whatever part it is, and nothing that only follows from another."""
    data = changed("teem", {})
    data["needs"]["help"]["priority"] = -1
    data["places"]["town"]["veterans"] = "many"
    data["calendars"]["office"]["week"]["fri"] = 540
    data["pathways"]["path"]["steps"][0]["time"]["at"] = -3
    data["teams"]["desk"]["staff"]["clerk"]["calendar"] = "office"
    data["pathways"]["other"] = {"steps": [work(teams="dekx")]}
    data["needs"]["second"] = need({"rate": {"value": 3}}, "nowhere")
    assert complaints(data).keys() == {
        "teem",
        "needs.help.priority",
        "places.town.veterans",
        "calendars.office.week.fri",
        "pathways.path.steps.serve.time",
        "pathways.other.steps.serve.teams",
        "needs.second.arrivals.rate",
        "needs.second.pathway",
    }


def test_ids_stand_once():
    """Two items of one id in a list are refused; an item may not call itself otherwise than it is called."""
    data = changed("teams", [{"id": "desk", **team()}, {"id": "desk", **team(2)}])
    assert "duplicate" in complaints(data)["teams.desk"]
    with pytest.raises(InputError, match="desc"):
        read_scenario(changed("teams.desk.id", "desc"))


def test_the_error_can_be_printed():
    """A line for each problem: path, remedy, value."""
    with pytest.raises(InputError) as caught:
        read_scenario(changed("needs.help.presented", 1.4))
    assert str(caught.value) == "needs.help.presented: Input should be less than or equal to 1 (got 1.4)"


def test_levers_are_checked_too():
    """A lever's unknown names are reported with the names that exist."""
    lever = {"id": "more", "kind": "add_staff", "team": "dekx", "group": "clerk", "heads": 1}
    found = complaints(changed("levers", [lever]))
    assert 'did you mean "desk"?' in found["levers.more.team"]
    lever = {"id": "more", "kind": "add_staff", "team": "desk", "group": "clark", "heads": 1}
    assert 'did you mean "clerk"?' in complaints(changed("levers", [lever]))["levers.more.group"]


# ------------------------------------------------------------------------------------------- evidence


def test_evidence_is_taken_out_and_kept():
    """A number with its source, an assumption with its range, and a block of assumptions."""
    data = changed("needs.help.presented", {"value": 0.7, "source": "a survey"})
    data["needs"]["help"]["companions"] = {"value": 0.5, "assumption": "guessed", "low": 0.2, "high": 1}
    data["teams"]["desk"]["staff"]["clerk"] |= {"assumption": "as usual", "factors": [0.5, 2]}
    scenario = read_scenario(data)
    assert (scenario.needs[0].presented, scenario.needs[0].companions) == (0.7, 0.5)
    by_path = {item.path: item for item in scenario.evidence}
    assert by_path["needs.help.presented"].source == "a survey"
    assert by_path["needs.help.presented"].found == "0.7"
    assert by_path["needs.help.companions"].range == (0.2, 1.0)
    block = by_path["teams.desk.staff.clerk"]
    assert (block.range, block.relative, block.found) == ((0.5, 2.0), True, "count 1")


def test_evidence_changes_nothing_else():
    """The scenario with evidence is the scenario without, and has its address."""
    bare, wrapped = written(), written()
    wrapped["needs"]["help"]["priority"] = {"value": 10, "source": "a rule"}
    assert digest(read_scenario(bare)) == digest(read_scenario(wrapped))


@pytest.mark.parametrize(
    ("wrapped", "remedy"),
    [
        ({"value": 0.7}, "say where"),
        ({"value": 0.7, "assumption": "guessed"}, "needs its range"),
        ({"value": 0.7, "assumption": "guessed", "low": 0.9, "high": 0.1}, "needs its range"),
        ({"value": 0.7, "assumption": "guessed", "low": float("-inf"), "high": 1}, "needs its range"),
        ({"value": 0.7, "assumption": "guessed", "factors": 2}, "needs its range"),
    ],
)
def test_evidence_without_source_or_range_is_refused(wrapped, remedy):
    """An assumption has a range; a value that is wrapped says where it comes from."""
    assert remedy in complaints(changed("needs.help.presented", wrapped))["needs.help.presented"]


def test_a_wrapped_value_stands_alone():
    """A key beside a wrapped value that is no evidence is refused."""
    found = complaints(changed("needs.help.presented", {"value": 0.7, "source": "x", "unit": "h"}))
    assert "source, assumption" in found["needs.help.presented.unit"]


def test_evidence_is_found_at_any_depth():
    """Lists and mappings are looked through; items of a list are named by their id."""
    data = {"steps": [{"id": "a", "time": {"mean": {"value": 3, "source": "x"}}}], "source": "y"}
    bare, evidence, found = separate_evidence(data)
    assert bare == {"steps": [{"id": "a", "time": {"mean": 3}}]}
    assert [item.path for item in evidence] == ["", "steps.a.time.mean"]
    assert not found


def test_a_single_specification_is_read_with_its_evidence():
    """`read_spec` reads one thing and names it in its errors."""
    channel, evidence = read_spec(Channel, {"id": "web", "cost": {"value": 3, "source": "x"}}, "channels.web")
    assert (channel.cost, evidence[0].path) == (3.0, "channels.web.cost")
    with pytest.raises(InputError, match=r"channels\.web\.cots.*did you mean .cost"):
        read_spec(Channel, {"id": "web", "cots": 3}, "channels.web")


# ----------------------------------------------------------------------------------------- a CSV of places


HEADER = "id,name,tier,parent,veterans,staff,open,standard\n"


@pytest.fixture
def csv(tmp_path):
    """Write a CSV and return its path."""

    def write(content, encoding="utf-8"):
        path = tmp_path / "places.csv"
        path.write_bytes(content.encode(encoding))
        return path

    return write


def csv_complaints(path):
    """What is wrong with a CSV."""
    with pytest.raises(InputError) as caught:
        read_places(path)
    return [f"{problem.path}: {problem.message}" for problem in caught.value.problems]


def test_places_are_read_from_a_csv(csv):
    """Empty cells take the default; a byte order mark and names in any script do no harm."""
    path = csv("\ufeff" + HEADER + "s,街道站,street,,,3,yes,model\nc,,community,s,152,,no,\n")
    data = changed("places", {"csv": path.name})
    data["teams"]["desk"]["place"] = "s"
    scenario = read_scenario(data, path.parent)
    community, street = scenario.places
    assert (street.name, street.staff, street.standard, street.staffed) == ("街道站", 3, "model", True)
    assert (community.parent, community.veterans, community.staff) == ("s", 152, None)
    assert (community.staffed, community.standard) == (False, "standard")


def test_a_csv_without_a_column_is_refused(csv):
    """The missing columns are named, and the header that is needed."""
    (message,) = csv_complaints(csv(HEADER.replace("veterans,", "").replace(",open", "")))
    assert "columns missing: veterans, open" in message


def test_a_csv_in_another_encoding_is_refused(csv):
    """A file in GBK or UTF-16 is answered with how to save it."""
    for encoding in ("gbk", "utf-16"):
        (message,) = csv_complaints(csv(HEADER + "s,街道站,street,,,3,yes,model\n", encoding))
        assert "UTF-8" in message


def test_every_bad_row_of_a_csv_is_named(csv):
    """Duplicate ids, bad numbers, bad words: with the line of each."""
    rows = "a,,,,1,,yes,\na,,,,x,-1,maybe,modle\nb,,,,1.5,,,\n"
    found = csv_complaints(csv(HEADER + rows))
    assert [message.split("places.csv ")[-1].split(": ")[0] for message in found] == [
        "line 3 id", "line 3 veterans", "line 3 staff", "line 3 open", "line 3 standard", "line 4 veterans",
    ]  # fmt: skip
    assert "duplicate" in found[0]
    assert 'did you mean "model"?' in found[4]


def test_a_row_of_a_csv_has_one_cell_for_each_column(csv):
    """A comma within a name, or a line cut short, is named with its line."""
    found = csv_complaints(csv(HEADER + "a,one, two,,,1,,yes,\nb,,\n"))
    assert ["line 2" in found[0], "line 3" in found[1], len(found)] == [True, True, 2]


def test_an_empty_id_in_a_csv_is_named_with_its_line(csv):
    """A row without an id is refused."""
    (message,) = csv_complaints(csv(HEADER + "a,,,,1,,,\n,,,,1,,,\n"))
    assert "line 3 id" in message


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_a_csv_that_cannot_be_read_is_refused(tmp_path, name):
    """A file that does not exist, or a folder, is bad input like any other."""
    (message,) = csv_complaints(tmp_path / name)
    assert message


def test_errors_of_the_csv_are_reported_with_the_others(csv):
    """A bad CSV does not hide what else is wrong."""
    path = csv(HEADER + "a,,,,x,,yes,\n")
    data = changed("places", {"csv": str(path)})
    data["needs"]["help"]["priority"] = -1
    found = complaints(data)
    assert "needs.help.priority" in found
    assert any("line 2 veterans" in path for path in found)
    assert "give the full path" in complaints(changed("places", {"csv": "places.csv"}))["places.csv"]


# ---------------------------------------------------------------------------------------- generated places


def generated(**fields):
    """A city of 2 streets of 5 communities each, 1,000 veterans."""
    tiers = [
        {"tier": "city", "prefix": "city"},
        {"tier": "street", "prefix": "s", "per_parent": 2},
        {"tier": "community", "prefix": "c", "per_parent": 5, **fields.pop("community", {})},
        {"tier": "tax", "prefix": "tax", "above": "city"},
    ]
    return PlaceGenerator.model_validate(
        {"tiers": tiers, "veterans": 1000, "registered_at": "community", **fields}
    ).places()


def test_generated_places_form_the_tree_that_is_asked_for():
    """Numbers, names and parents are those of the plan; a tier may stand under any earlier one."""
    places = generated()
    assert [place["id"] for place in places] == [
        "city", "s1", "s2", *(f"c{number:02d}" for number in range(1, 11)), "tax",
    ]  # fmt: skip
    parents = {place["id"]: place["parent"] for place in places}
    assert [parents[name] for name in ("city", "s2", "c01", "c05", "c06", "tax")] == [
        None, "city", "s1", "s1", "s2", "city",
    ]  # fmt: skip


@pytest.mark.parametrize("spread", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("veterans", [0, 7, 1000, 99_999])
def test_generated_places_hold_all_veterans(spread, veterans):
    """Whatever the spread of sizes, no veteran is lost or invented, and none registered elsewhere."""
    places = generated(veterans=veterans, size_cv=spread)
    assert sum(place["veterans"] for place in places) == veterans
    assert min(place["veterans"] for place in places) >= 0
    assert {place["tier"] for place in places if place["veterans"]} <= {"community"}


def test_generated_sizes_spread_as_asked_for():
    """Of many places the sizes have the coefficient of variation that is asked for."""
    import numpy as np

    sizes = [
        place["veterans"]
        for place in generated(community={"per_parent": 500}, veterans=1_000_000, size_cv=0.4)
        if place["tier"] == "community"
    ]
    assert np.std(sizes) / np.mean(sizes) == pytest.approx(0.4, abs=0.01)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_generated_shares_are_met(share):
    """The share without a station, and those below standard, are met to within a place or two."""
    standards = {"below": share / 2, "model": share / 2, "standard": 1 - share}
    community = {"per_parent": 100, "unstaffed": share, "standards": standards}
    places = [place for place in generated(community=community) if place["tier"] == "community"]
    assert sum(not place["staffed"] for place in places) == pytest.approx(200 * share, abs=2)
    for standard in ("below", "model"):
        found = sum(place["standard"] == standard for place in places)
        assert found == pytest.approx(200 * share / 2, abs=2)


def test_generated_places_are_the_same_every_time():
    """No random number is spent: the same plan, the same places."""
    assert generated(size_cv=0.3) == generated(size_cv=0.3)


def test_a_plan_of_places_is_checked():
    """A tier above that comes later, or registration at no tier, is refused with its path."""
    generate = {
        "tiers": [{"tier": "a", "prefix": "a", "above": "b"}, {"tier": "b", "prefix": "b"}],
        "veterans": 1,
    }
    found = complaints(changed("places", {"generate": {**generate, "registered_at": "a"}}))
    assert "earlier in the list" in found["places.generate"]
    generate["tiers"][0].pop("above")
    found = complaints(changed("places", {"generate": {**generate, "registered_at": "c"}}))
    assert "none of the tiers" in found["places.generate"]


@pytest.mark.parametrize("written_down", [-1, 3.0, "file.csv"])
def test_an_opening_state_that_is_no_list_is_refused(written_down):
    """Whatever stands there instead, it is named."""
    assert complaints(changed("opening", written_down))["opening"] == "write the open cases as a list"


def test_a_day_is_no_number():
    """A bare number, which might be seconds since 1970, is refused."""
    assert complaints(changed("start", 0))["start"].startswith("write the first day")
    change = {"from": 86400, "add": 1}
    found = complaints(changed("teams.desk", team(changes=[change])))
    assert found["teams.desk.staff.clerk.changes.0.from"].startswith("write the day as a date")
