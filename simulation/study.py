"""Studies and their designs: which scenarios are run how often, and which question they answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from simulation.engines import ENGINES
from simulation.kpis import HEADLINE, REGISTRY, Kpi, Window
from simulation.records import MODEL_VERSION
from simulation.scenario import Evidence, Lever, Policy, Scenario, apply, digest
from simulation.scenario.quantities import Hours, Identifier
from simulation.spec import InputError, Problem, Spec, nearest

__all__ = ["BASELINE", "EXECUTIONS", "Account", "Design", "Study", "include"]

BASELINE = "baseline"
"""The policy that changes nothing, in every study."""
_LABELS = {
    *("id", "title", "question", "hypothesis", "account", "engine", "keep_records", "horizon_kind"),
    *("execution", "scheduler"),
}
"""What decides no result."""
EXECUTIONS = ("auto", "serial", "threads", "processes", "dask")
"""Who can run the replications."""


def _baseline_first(data: Any) -> Any:
    names = [data] if isinstance(data, str) else data
    if not isinstance(names, list | tuple):
        return data
    return [BASELINE, *(name for name in names if name != BASELINE)]


class Account(Spec):
    """What only people can say of a study; what is left blank is asked for in its report.

    Examples
    --------
    >>> Account(purpose="The district's budget of next year").decision
    ''
    """

    purpose: str = ""
    """Who asks, why, and what will be decided with the answer."""
    preprocessing: str = ""
    """What was done with data before they became the numbers of the configuration."""
    sharing: str = ""
    """Where others find the code and the configuration, and under which terms."""
    decision: str = ""
    """What was decided in the end, by whom, and on which conditions."""


class Study(Spec):
    """Scenarios, replications and KPIs, and the question that they answer.

    Examples
    --------
    >>> study = Study(id="quick", policies=["digitization"], run_length="7 d", warm_up="1 d")
    >>> study.policies, study.horizon
    (('baseline', 'digitization'), 192.0)
    """

    id: Identifier
    """Short name; the results are written to a folder of this name."""
    title: str = ""
    """Name for people."""
    question: str = ""
    """What is asked, in one sentence."""
    hypothesis: str = ""
    """What is expected, said before the run."""
    policies: Annotated[tuple[Identifier, ...], BeforeValidator(_baseline_first)] = (BASELINE,)
    """Policies to compare; the baseline is always among them and always first."""
    replications: int = 10
    """Independent runs of each scenario."""
    precision: float | None = Field(default=None, gt=0)
    """How narrow every interval of the headline must be, to either side, in indifference zones of its KPI:
    replications are added to all scenarios together until it is. Left out, `replications` says how many."""
    most_replications: int = Field(default=100, ge=2)
    """Replications of each scenario at which a precision that was asked for is given up."""
    seed: int = Field(default=1, ge=0, lt=2**63)
    """What all random numbers are keyed by, together with the number of the replication."""
    warm_up: Hours = 0.0
    """Start of a run that is simulated and not measured; hours, or text such as "30 d"."""
    run_length: Hours = Field(gt=0)
    """Stretch that is measured; hours, or text such as "365 d"."""
    run_out: Hours = 0.0
    """End of a run in which the cases of the measured stretch may still finish; hours, or text."""
    horizon_kind: Literal["terminating", "steady_state"] = "terminating"
    """What the measured stretch stands for: itself, such as a policy year; or a long run, which has to be
    there: where a scenario has none, its means are refused and its path is told instead."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Probability that all intervals of the comparison hold together."""
    headline: tuple[Identifier, ...] = HEADLINE
    """KPIs that decide, named before the run, the first one first of all."""
    engine: str = ENGINES[0]
    """What runs it; the results are the same on each."""
    execution: str = "auto"
    """Who runs the replications, with the same results: `serial`, one after the other; `threads`;
    `processes`; `dask`, a cluster; `auto`, threads on the compiled engine, processes on the reference."""
    scheduler: str = ""
    """Address of the Dask scheduler, such as "tcp://127.0.0.1:8786"; without one, `dask` starts workers
    on this machine."""
    account: Account = Account()
    """What only people can say of it."""
    keep_records: bool = False
    """Whether the store keeps every visit and case of every run, beside what was measured of them."""

    @field_validator("replications")
    @classmethod
    def _some(cls, replications: int) -> int:
        if replications < 1:
            raise ValueError("at least one replication is needed; two or more give intervals")
        return replications

    @field_validator("engine")
    @classmethod
    def _one_of_ours(cls, engine: str) -> str:
        if engine not in ENGINES:
            raise ValueError(f'there is no engine "{engine}"; {nearest(engine, ENGINES)}')
        return engine

    @field_validator("execution")
    @classmethod
    def _one_that_is_known(cls, execution: str) -> str:
        if execution not in EXECUTIONS:
            raise ValueError(f'there is no execution "{execution}"; {nearest(execution, EXECUTIONS)}')
        return execution

    @field_validator("headline")
    @classmethod
    def _known(cls, headline: tuple[str, ...]) -> tuple[str, ...]:
        known = [kpi.id for kpi in REGISTRY]
        unknown = [
            f'there is no KPI "{name}"; {nearest(name, known)}' for name in headline if name not in known
        ]
        if unknown or not headline:
            raise ValueError(
                "; ".join(unknown) or "at least one KPI must decide; leave headline out for the usual ones"
            )
        return headline

    @model_validator(mode="after")
    def _distinct(self) -> Study:
        if self.precision is not None and self.most_replications < self.replications:
            raise ValueError(
                f"most_replications: {self.most_replications} is below the {self.replications} replications "
                "that are run anyway; raise it"
            )
        if self.scheduler and self.execution != "dask":
            raise ValueError(
                f'scheduler: it is for execution=dask, not "{self.execution}"; leave it out, or set that'
            )
        for name in ("policies", "headline"):
            items = getattr(self, name)
            twice = sorted({item for item in items if items.count(item) > 1})
            if twice:
                raise ValueError(f"{name}: each may be named once; named twice: {', '.join(twice)}")
        return self

    @property
    def window(self) -> Window:
        """The measured stretch."""
        return Window(self.warm_up, self.warm_up + self.run_length)

    @property
    def deciding(self) -> tuple[Kpi, ...]:
        """The headline KPIs."""
        known = {kpi.id: kpi for kpi in REGISTRY}
        return tuple(known[name] for name in self.headline)

    @property
    def horizon(self) -> float:
        """Hours simulated in one run."""
        return self.warm_up + self.run_length + self.run_out


@dataclass(frozen=True)
class Design:
    """A study with the city and the policies that it names: all that has to be known to run it.

    Parameters
    ----------
    study
        Who is compared, how often and over which time.
    city
        The system without any policy.
    policies
        The policies in the order of the study, those that they include written out.
    evidence
        Sources and assumptions of city and policies together.
    included
        The policies that these include and that are not among them, written out in the same way.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> study = Study(id="quick", run_length=24)
    >>> [scenario.id for scenario in Design(study, single_queue(), (Policy(id="baseline"),)).scenarios]
    ['baseline']
    """

    study: Study
    city: Scenario
    policies: tuple[Policy, ...]
    evidence: tuple[Evidence, ...] = ()
    included: tuple[Policy, ...] = ()

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The city under each policy, the baseline first."""
        return tuple(apply(policy, self.city) for policy in self.policies)

    @property
    def digest(self) -> str:
        """Address of the content: the same for the same scenarios under the same study settings."""
        settings = self.study.model_dump(mode="json", exclude=_LABELS)
        indices = self.city.indices.model_dump(mode="json")
        content = [settings, indices, [digest(scenario) for scenario in self.scenarios]]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def terms(self) -> str:
        """Address of all but the policies: the same for questions that differ only in whom they are about."""
        settings = self.study.model_dump(mode="json", exclude={*_LABELS, "policies"})
        indices = self.city.indices.model_dump(mode="json")
        content = [settings, indices, digest(self.city), MODEL_VERSION]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def include(policy: Policy, known: Mapping[str, Policy]) -> Policy:
    """Write out the policies that a policy includes, and their levers, theirs first.

    Parameters
    ----------
    policy
        The policy; without `includes` it is returned as it is.
    known
        All policies by id.

    Raises
    ------
    InputError
        When an included policy is not known, includes itself, or two different levers have the same id.

    Examples
    --------
    >>> lever = {"id": "fast", "kind": "scale_time", "teams": ["desk"], "factor": 0.9}
    >>> known = {"a": Policy(id="a", levers=[lever]), "b": Policy(id="b", includes=["a"])}
    >>> [lever.id for lever in include(known["b"], known).levers]
    ['fast']
    """
    levers: dict[str, Lever] = {}
    parts = _parts(policy, known, ())
    for part in parts:
        for lever in part.levers:
            if levers.setdefault(lever.id, lever) != lever:
                where = f"policies.{policy.id}.levers.{lever.id}"
                message = f'two included policies have a lever "{lever.id}"; rename one of them'
                raise InputError([Problem(where, lever.id, message)])
    included = dict.fromkeys(part.id for part in parts if part.id != policy.id)
    return policy.model_copy(update={"includes": tuple(included), "levers": tuple(levers.values())})


def _parts(policy: Policy, known: Mapping[str, Policy], above: tuple[str, ...]) -> list[Policy]:
    """Give the policies that make up a policy, itself last."""
    where = f"policies.{policy.id}.includes"
    if policy.id in above:
        circle = " -> ".join((*above, policy.id))
        raise InputError([Problem(where, list(policy.includes), f"policies include each other: {circle}")])
    parts: list[Policy] = []
    for name in policy.includes:
        if name not in known:
            raise InputError([Problem(where, name, f"there is no such policy; {nearest(name, list(known))}")])
        parts += _parts(known[name], known, (*above, policy.id))
    return [*parts, policy]
