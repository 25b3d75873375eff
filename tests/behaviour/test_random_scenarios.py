"""Laws that hold in every world, tried on made-up ones: nobody is lost or in two places, all wait in order.

The laws are stated on the records and the scenario alone, apart from the engine: any other engine must keep
them too.
"""

from bisect import bisect_right
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from simulation.demand import make_demand
from simulation.engines import simulate
from simulation.layout import make_layout
from simulation.records import Exit, Outcome
from simulation.roster import make_duty, make_roster
from simulation.scenario.pathways import Assign, Delay, Fork, Release, Work
from simulation.scenario.phases import variants
from tests.scenarios import same, until
from tests.strategies import worlds

many = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
some = settings(many, max_examples=40)


class Seen:
    """A world that was run, with what the laws ask of it."""

    def __init__(self, world) -> None:
        self.world = world
        self.scenario = world.scenario
        self.layout = make_layout(self.scenario, world.horizon)
        self.roster = make_roster(self.layout, world.seed, 0)
        self.duties = [make_duty(unit) for unit in self.roster.staff]
        self.records = simulate(self.scenario, world.horizon, world.seed, 0)
        self.visits, self.cases = self.records.visits, self.records.cases
        systems = [
            self.scenario,
            *(system for _, several in variants(self.scenario) for system in several.values()),
        ]
        self.versions = [
            (f"{pathway.id}.{step.id}", step)
            for system in systems
            for pathway in system.pathways
            for step in pathway.steps
        ]
        """All steps as they are at any time, each with its activity."""
        self.steps = dict(reversed(self.versions))

    def step(self, visit):
        """The step of a visit; none for being away."""
        return self.steps.get(self.records.names.activities[visit["activity"]])

    def need(self, visit):
        """The need of a visit's case."""
        return self.scenario.needs[self.cases["need"][visit["case"]]]

    def duty(self, staff, moment):
        """Heads of a staff group who may begin work, their pace, and the closing that they work on after."""
        times, heads, pace, closed = self.duties[staff]
        now = bisect_right(times, moment) - 1
        return heads[now], pace[now], closed[now] if closed else np.inf

    def able(self, staff, visit, moment):
        """Whether a staff group may serve a visit at a moment: skilled, and not too late for it."""
        skills, closed = self.roster.staff[staff].skills, self.duty(staff, moment)[2]
        in_time = np.isinf(closed) or (
            visit["queued"] < closed and getattr(self.step(visit), "at_close", "finish") == "finish"
        )
        return in_time and (not skills or self.cases["need"][visit["case"]] in skills)

    def of_team(self, number):
        """Visits that asked for a team and joined its queue."""
        chosen = (self.visits["team"] == number) & ~np.isnan(self.visits["queued"])
        chosen &= ~np.isin(self.visits["outcome"], [Outcome.balked, Outcome.refused])
        chosen &= np.array([isinstance(self.step(visit), Work) for visit in self.visits], bool)
        return self.visits[chosen]

    def is_plain(self, number):
        """Whether no work of a team is done together with another team, or by appointment: the records do
        not say when a case that has an appointment comes to it."""
        role = self.layout.teams[number].role
        mine = [step for _, step in self.versions if isinstance(step, Work)]
        mine = [step for step in mine if role in {option.role for option in step.teams}]
        return not any((step.join == "all" and len(step.teams) > 1) or step.booking for step in mine)

    def queue_place(self, visit):
        """What orders the queue of the visit's team; smaller is sooner."""
        step, need = self.step(visit), self.need(visit)
        priority = need.priority if step.priority is None else step.priority
        discipline = self.layout.teams[visit["team"]].discipline
        arrival = self.cases["arrival"][visit["case"]]
        order = {
            "fifo": visit["queued"],
            "lifo": -visit["queued"],
            "deadline": self.layout.due(self.cases["need"][visit["case"]], arrival),
        }
        return (priority, order[discipline], visit["case"], visit["branch"])


def moment_left(visit):
    """When a visit left the queue; infinite while it waits."""
    for moment in (visit["started"], visit["ended"]):
        if not np.isnan(moment):
            return moment
    return np.inf


# ------------------------------------------------------------------------------------------------ cases


def every_case_is_accounted_for(seen):
    """The run ends, and its records add up: latent = not presented + each exit + still open."""
    seen.records.check()
    latent = seen.cases["parent"] < 0
    assert len(set(seen.cases["key"].tolist())) == len(seen.cases)
    assert np.all(np.diff(seen.cases["arrival"][latent]) >= 0)
    assert np.all(np.isin(seen.cases["exit"], list(Exit)))


def a_case_is_always_somewhere(seen):
    """A visit begins as the one before it ends, a branch with its fork; a case ends with its last visit."""
    rows = defaultdict(list)
    led = seen.visits[seen.visits["lead"] < 0]
    for visit in led:
        rows[visit["case"], visit["branch"]].append(visit)
    forks = defaultdict(set)
    for visit in seen.visits:
        if isinstance(seen.step(visit), Fork):
            forks[visit["case"]].add(visit["started"])
    for (case, branch), way in rows.items():
        for before, after in pairwise(way):
            assert after["sent"] == before["ended"]
        if branch == 0:
            assert way[0]["sent"] == max(seen.cases["arrival"][case], 0.0)
            assert way[-1]["ended"] == seen.cases["ended"][case] or np.isnan(seen.cases["ended"][case])
        else:
            assert way[0]["sent"] in forks[case]
    numbers = defaultdict(list)
    for visit in seen.visits:
        numbers[visit["case"]].append(visit)
    for mine in numbers.values():
        assert [visit["visit"] for visit in mine] == list(range(len(mine)))
        sent = [visit["sent"] for visit in mine if visit["lead"] < 0]
        assert sent == sorted(sent)


def a_case_ends_as_its_last_visit_says(seen):
    """Who balks, gives up, is lost or refused ends so; who is served ends as a route says."""
    forked = {visit["case"] for visit in seen.visits if isinstance(seen.step(visit), Fork)}
    silent = {Exit.dropped_out, Exit.resolved_itself}
    ending = {
        Outcome.reneged: {Exit.reneged, *silent},
        Outcome.balked: {Exit.balked},
        Outcome.lost: {Exit.lost},
        Outcome.refused: {Exit.refused},
        Outcome.ineligible: {Exit.ineligible},
        Outcome.completed: {Exit.resolved, Exit.unresolved, Exit.refused, Exit.lost, *silent},
        Outcome.waiting: {Exit.open},
        Outcome.in_service: {Exit.open},
    }
    last = {visit["case"]: visit for visit in seen.visits[seen.visits["lead"] < 0]}
    for case, visit in last.items():
        if case not in forked:
            assert seen.cases["exit"][case] in ending[visit["outcome"]] | sent_aside(seen.step(visit))


def sent_aside(step):
    """Exits by which a case may end that leaves a step before it is done."""
    parts = [getattr(step, part, None) for part in ("booking", "patience", "balk", "referral")]
    fields = ("to", "declined_to", "refused_to", "ineligible_to")
    names = {getattr(part, field, None) for part in parts for field in fields}
    return {Exit[name] for name in names if name in Exit.__members__}


def a_case_comes_back_no_more_often_than_its_need_allows(seen):
    """The rounds of a case are its returns from being away, within the limit of its need."""
    away = np.isin(seen.visits["activity"], seen.layout.away)
    back = away & (seen.visits["outcome"] == Outcome.completed)
    returned = np.bincount(seen.visits["case"][back], minlength=len(seen.cases))
    gone = np.isin(seen.cases["exit"], [Exit.dropped_out, Exit.resolved_itself]).astype(int)
    assert np.all((seen.cases["rounds"] <= returned) & (returned <= seen.cases["rounds"] + gone))
    for number, need in enumerate(seen.scenario.needs):
        rounds = seen.cases["rounds"][seen.cases["need"] == number]
        assert rounds.max(initial=0) <= (0 if need.returns is None else need.returns.limit)


# ---------------------------------------------------------------------------------------- times and waits


def constant_times_are_kept(seen):
    """Work of constant content takes this over the pace of who does it, delay and patience their length."""
    scaled = {step for lever in seen.scenario.levers if lever.kind == "scale_time" for step in seen.steps}
    for visit in seen.visits:
        step = seen.step(visit)
        if isinstance(step, Work | Delay) and visit["outcome"] == Outcome.completed:
            certain = step.time.kind == "deterministic" and not step.time_factors and not scaled
            certain &= not getattr(step, "re_entry", 0.0) and visit["lead"] < 0
            if isinstance(step, Work) and certain and step.at_close == "finish":
                content = step.time.at * local_factor(seen, visit)
                staff, need = visit["staff"], seen.cases["need"][visit["case"]]
                pace = seen.duty(staff, visit["started"])[1]
                pace *= seen.roster.staff[staff].proficiency(need, visit["started"])
                squeeze = seen.roster.teams[visit["team"]].squeeze
                hurried = pace * (1.0 if squeeze is None else squeeze.speed)
                took = visit["ended"] - visit["started"]
                assert took in (pytest.approx(content / pace), pytest.approx(content / hurried))
            if isinstance(step, Delay) and certain and step.calendar == "always":
                assert visit["ended"] - visit["started"] == pytest.approx(step.time.at)
        patience = step.patience if isinstance(step, Work) and step.booking is None else None
        if patience is not None and patience.time_factors:
            continue
        if patience is not None and patience.time.kind == "deterministic" and patience.clock == "calendar":
            waited = moment_left(visit) - visit["queued"]
            if visit["outcome"] == Outcome.reneged and seen.cases["exit"][visit["case"]] == Exit.reneged:
                assert waited == pytest.approx(patience.time.at) or np.isnan(waited) or branches(seen, visit)
            elif np.isfinite(waited):
                assert waited <= patience.time.at + 1e-9


def local_factor(seen, visit):
    """How much longer work takes at the place of a visit's team, by its practice at the time."""
    practice = seen.layout.phase_at(visit["started"]).practice
    return practice[seen.layout.teams[visit["team"]].place].work if practice else 1.0


def branches(seen, visit):
    """Whether the case of a visit has branches, one of which may have ended otherwise than the case."""
    return np.any(seen.visits["branch"][seen.visits["case"] == visit["case"]] > 0)


def nobody_begins_work_who_is_not_on_duty(seen):
    """After every start no more cases are in service than heads on duty, who are able to serve it: after
    closing, in overtime, only cases that were waiting and are not put down."""
    for number, unit in enumerate(seen.roster.staff):
        mine = seen.visits[seen.visits["staff"] == number]
        begun = mine["started"]
        ended = np.where(np.isnan(mine["ended"]), np.inf, mine["ended"])
        for visit in mine:
            moment = visit["started"]
            heads, _, closed = seen.duty(number, moment)
            assert np.sum((begun <= moment) & (moment < ended)) <= heads
            assert heads > 0
            assert unit.hours.is_open(moment) == np.isinf(closed)
            assert seen.able(number, visit, moment)
        assert set(mine["team"].tolist()) <= {unit.team}


def nobody_is_served_who_has_dropped_out(seen):
    """Who has silently given up is not there when called."""
    dropout = make_demand(seen.layout, seen.world.seed, 0).dropout
    served = seen.visits[(seen.visits["staff"] >= 0) & (seen.visits["case"] < len(dropout))]
    assert np.all(served["started"] < dropout[served["case"]])


def queues_are_served_in_their_order(seen):
    """When a case begins, no case that whoever serves it could have served stands before it in the queue."""
    for number in range(len(seen.layout.teams)):
        if not seen.is_plain(number):
            continue
        line = [(seen.queue_place(visit), moment_left(visit), visit) for visit in seen.of_team(number)]
        for place, moment, visit in line:
            if np.isnan(visit["started"]):
                continue
            for other_place, other_moment, other in line:
                waits = other["queued"] < moment < other_moment
                able = seen.able(visit["staff"], other, moment)
                assert not (waits and able and other_place < place), (visit, other)


def nobody_waits_for_who_is_free(seen):
    """Between two events no case waits while somebody on duty is free who could serve it."""
    for number, team in enumerate(seen.layout.teams):
        if not seen.is_plain(number):
            continue
        first = seen.layout.first_staff[number]
        groups = range(first, first + len(team.staff))
        visits = seen.of_team(number)
        left = np.array([moment_left(visit) for visit in visits])
        ended = np.where(np.isnan(visits["ended"]), np.inf, visits["ended"])
        moments = [
            visits["queued"],
            left,
            ended,
            *(seen.duties[staff].times for staff in groups),
            [seen.world.horizon],
        ]
        grid = np.unique(np.concatenate(moments))
        grid = grid[grid <= seen.world.horizon]
        for moment in (grid[1:] + grid[:-1]) / 2:
            waiting = visits[(visits["queued"] < moment) & (moment < left)]
            for staff in groups:
                at_work = (visits["staff"] == staff) & (visits["started"] < moment) & (moment < ended)
                free = at_work.sum() < seen.duty(staff, moment)[0]
                assert not (free and any(seen.able(staff, visit, moment) for visit in waiting))


def queues_keep_to_their_limit(seen):
    """Who joins a queue finds room in it, or is served at that instant, unless overtaken within it."""
    for number, team in enumerate(seen.layout.teams):
        visits = seen.of_team(number)
        formed = any(lever.kind == "merge_teams" for lever in seen.scenario.levers)
        if np.isinf(team.queue_limit) or not seen.is_plain(number) or formed:
            continue  # a team that is formed of others takes over what waits for them
        for visit in visits:
            here = visit["queued"]
            left = np.array([moment_left(one) for one in visits])
            waiting = (visits["queued"] <= here) & (here < left)
            mine = seen.queue_place(visit)
            overtaken = any(one["queued"] == here and seen.queue_place(one) < mine for one in visits)
            assert waiting.sum() <= team.queue_limit or moment_left(visit) == here or overtaken


def nobody_is_taken_on_beyond_the_cap(seen):
    """When a team takes a case on, it holds no more cases than its heads in post may hold."""
    for number, team in enumerate(seen.layout.teams):
        held = list(stays(seen, number, team.role))
        for since, _ in held:
            heads = sum(unit.planned[np.searchsorted(unit.times, since, "right") - 1] for unit in team.staff)
            present = sum(begin <= since < end for begin, end in held)
            assert np.isinf(team.caseload) or present <= team.caseload * heads


def stays(seen, number, role):
    """From when to when each case was held by a team."""
    since = {}
    for row in np.argsort(seen.visits["started"], kind="stable"):
        visit = seen.visits[row]
        step, case, moment = seen.step(visit), visit["case"], visit["started"]
        leaves = isinstance(step, Release) and (not step.teams or role in step.teams)
        if np.isnan(moment):
            break
        if (leaves or visit["activity"] in seen.layout.away) and case in since:
            yield since.pop(case), moment
        elif isinstance(step, Assign) and visit["team"] == number:
            since.setdefault(case, moment)
    for case, begin in since.items():
        end = seen.cases["ended"][case]
        yield begin, np.inf if np.isnan(end) else end


# -------------------------------------------------------------------------------------- in every world


LAWS = (
    every_case_is_accounted_for,
    a_case_is_always_somewhere,
    a_case_ends_as_its_last_visit_says,
    a_case_comes_back_no_more_often_than_its_need_allows,
    constant_times_are_kept,
    nobody_begins_work_who_is_not_on_duty,
    nobody_is_served_who_has_dropped_out,
    queues_are_served_in_their_order,
    nobody_waits_for_who_is_free,
    queues_keep_to_their_limit,
    nobody_is_taken_on_beyond_the_cap,
)


@many
@given(worlds())
def test_the_laws_hold_in_every_world(world):
    """Whatever the scenario, its records keep all the laws above."""
    seen = Seen(world)
    for law in LAWS:
        law(seen)


@some
@given(worlds())
def test_a_world_can_be_run_again(world):
    """The same world gives the same records."""
    first, second = (simulate(world.scenario, world.horizon, world.seed, 0) for _ in range(2))
    assert same(first, second)


@some
@given(worlds())
def test_a_longer_run_begins_like_a_shorter_one(world):
    """In every world the beginning of a run does not depend on its end."""
    shorter = simulate(world.scenario, world.horizon, world.seed, 0)
    longer = simulate(world.scenario, world.horizon + 60.0, world.seed, 0)
    assert until(longer, world.horizon) == until(shorter, world.horizon)
