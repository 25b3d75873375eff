"""The assumptions as a page of Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulation.analysis.wording import label
from simulation.assumptions.gathering import Assumption
from simulation.assumptions.policies import grounds
from simulation.scenario import Policy, Scenario

__all__ = ["write_page"]

MOST = 8
"""Names listed at most; beyond that, those that are missing, or their number."""

OPENING = """# Assumptions

What nobody knows, from the configs themselves; `python experiments/manual.py` writes this page. A range says
what to vary before believing an answer: with × it holds factors on the number, or on each number of a block.
*Sourced* numbers stand here too when they come from elsewhere and were given a range for that. What depends
on an assumption is read off its place in the configuration: the needs whose cases it concerns, the steps and
teams, and the policies with the levers that carry it.

"""

HANGS = """Numbers refer to the tables above: first what is assumed about the levers of the policy, then about
the parts of the system that the levers change. Every answer hangs besides on what concerns all needs."""


def write_page(
    assumptions: Sequence[Assumption],
    scenario: Scenario,
    policies: Sequence[Policy],
    more: Mapping[str, Sequence[Assumption]],
) -> str:
    """Return the page: a table of the assumptions, what each policy hangs on, and what other studies add.

    Parameters
    ----------
    assumptions
        Of the system and of all policies.
    scenario
        The system without policies.
    policies
        The policies, those that they include written out.
    more
        Assumptions that a study has besides these, or with other values, by the title of the study.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> write_page([], single_queue(), [], {}).startswith("# Assumptions")
    True
    """
    policies = sorted(policies, key=lambda policy: not policy.includes)  # packages first
    system = [one for one in assumptions if one.number and not one.reach.policies]
    carried = [one for one in assumptions if one.number and one.reach.policies]
    text = [
        OPENING + f"## The system: {scenario.title or scenario.id}",
        "",
        *_table(system, scenario, policies),
    ]
    if carried:
        text += ["", "## The policies", "", *_table(carried, scenario, policies)]
        text += ["", "## What the answer on each policy hangs on", "", HANGS, ""]
        text += [_hangs(policy, scenario, assumptions) for policy in policies if policy.levers]
    for title, others in more.items():
        text += ["", f"## Besides these, in the study “{title}”", "", *_table(others, scenario, policies, "")]
    return "\n".join([*text, ""])


def depends(one: Assumption, scenario: Scenario, policies: Sequence[Policy]) -> str:
    """Say in words what depends on an assumption.

    Examples
    --------
    >>> from simulation.assumptions.reach import Reach
    >>> from simulation.scenario.examples import single_queue
    >>> one = Assumption(1, "", (), "", "", False, ("places.generate",), Reach(True))
    >>> depends(one, single_queue(), [])
    'every need'
    """
    reach = one.reach
    if reach.policies:
        titles = {policy.id: policy.title or label(policy.id) for policy in policies}
        named = _named(reach.policies, [policy.id for policy in policies], titles)
        return f"policies: {named}" + (f"; lever: {', '.join(reach.levers)}" if reach.levers else "")
    if reach.everything:
        return "every need" + (f" (of {', '.join(reach.items)})" if reach.items else "")
    if reach.items:
        return ", ".join(reach.items)
    needs = {need.id: need.title or label(need.id) for need in scenario.needs}
    teams = {team.id: team.title or label(team.id) for team in scenario.teams}
    parts = []
    if reach.needs:
        parts.append("needs: " + _named(reach.needs, list(needs), needs))
    if reach.steps:
        parts.append("steps: " + _some(reach.steps))
    if reach.teams:
        parts.append("teams: " + _named(reach.teams, list(teams), teams))
    return "; ".join(parts) or "nothing that this system uses"


def _table(
    rows: Sequence[Assumption], scenario: Scenario, policies: Sequence[Policy], mark: str = "A"
) -> list[str]:
    lines = ["| | what | value | range | reason | what depends on it |", "|---|---|---|---|---|---|"]
    for one in rows:
        reason = f"*sourced*: {one.reason}" if one.sourced else one.reason
        value = _some(one.values, "; ") or "a block"
        cells = [one.what, value, one.range, reason, depends(one, scenario, policies)]
        lines.append("| " + " | ".join([f"{mark}{one.number}" if mark else "·", *map(_cell, cells)]) + " |")
    return lines


def _hangs(policy: Policy, scenario: Scenario, assumptions: Sequence[Assumption]) -> str:
    found = grounds(policy, scenario, assumptions)
    levers, mechanisms = (", ".join(f"A{one.number}" for one in some) or "none" for some in found)
    return f"- **{policy.title or label(policy.id)}**: its levers: {levers}; what they change: {mechanisms}."


def _named(chosen: Sequence[str], known: Sequence[str], titles: Mapping[str, str]) -> str:
    """List titles; of nearly all, those that are missing."""
    missing = [name for name in known if name not in chosen]
    if not missing:
        return "all"
    if len(chosen) > MOST and len(missing) <= MOST // 2:
        return f"all but {', '.join(titles[name] for name in missing)}"
    return ", ".join(titles.get(name, label(name)) for name in chosen)


def _some(items: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(items) - MOST} more" if len(items) > MOST else ""
    return between.join(items[:MOST]) + more


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
