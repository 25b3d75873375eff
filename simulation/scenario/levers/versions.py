"""New versions of pathways: new cases take them, and cases under way finish on the old ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from simulation.scenario.levers.base import AnyStep
from simulation.scenario.pathways import Fork, Pathway
from simulation.scenario.quantities import Share
from simulation.scenario.routing import Routing
from simulation.spec import InputError, Problem

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = ["rerouted", "with_inserted", "with_version"]

ONWARD = "onward"
"""In the routes of an inserted step: to where the case would have gone without it."""


def with_version(
    scenario: Scenario, lever: str, needs: Collection[str], change: Callable[[Pathway], Pathway]
) -> Scenario:
    """Return the scenario in which some needs take new versions of their pathways.

    Parameters
    ----------
    scenario
        The system to change.
    lever
        Id of the lever; a version is called by its pathway and by this.
    needs
        Ids of the needs that take the new versions.
    change
        What makes the new version out of a pathway; one that it returns as it is stays in use.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> def titled(pathway):
    ...     return pathway.model_copy(update={"title": "Another"})
    >>> system = with_version(single_queue(), "new", ["illness"], titled)
    >>> system.needs[0].pathway, [pathway.id for pathway in system.pathways]
    ('visit-new', ['visit', 'visit-new'])
    """
    taken = {need.pathway for need in scenario.needs if need.id in needs}
    versions: dict[str, Pathway] = {}
    for pathway in scenario.pathways:
        new = change(pathway) if pathway.id in taken else pathway
        if new != pathway:
            labels = {"id": f"{pathway.id}-{lever}", "variant_of": pathway.variant_of or pathway.id}
            versions[pathway.id] = new.model_copy(update=labels)
    moved = tuple(
        need.model_copy(update={"pathway": versions[need.pathway].id})
        if need.id in needs and need.pathway in versions
        else need
        for need in scenario.needs
    )
    return scenario.model_copy(update={"pathways": (*scenario.pathways, *versions.values()), "needs": moved})


def rerouted(rows: Sequence[Routing], change: Callable[[Share], Sequence[Share]]) -> tuple[Routing, ...]:
    """Return routes in which each target, with its probability, is replaced by others that share it.

    The new targets stand where the old one stood, so that the draws of the other cases lead where they led.

    Examples
    --------
    >>> from simulation.scenario.routing import straight_to
    >>> rerouted([straight_to("a")], lambda old: [Share(of="b", share=old.share)])[0].to[0].of
    'b'
    """
    return tuple(
        row.model_copy(update={"to": tuple(new for share in row.to for new in change(share))}) for row in rows
    )


def with_inserted(pathway: Pathway, before: str | None, step: AnyStep, strength: float) -> Pathway:
    """Return a pathway in which cases pass through a step before they come to another one.

    Parameters
    ----------
    pathway
        The pathway; one that lacks the step `before` is returned as it is.
    before
        The step before which it stands; none: where cases begin.
    step
        The new step; the target `onward` in its routes, or no routes at all, lead on to where the case would
        have gone.
    strength
        Share of the cases that pass through it; a branch of a fork always does.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.scenario.pathways import Delay
    >>> rest = Delay(id="rest", kind="delay", time={"kind": "deterministic", "at": 1})
    >>> [step.id for step in with_inserted(single_queue().pathways[0], "consult", rest, 1.0).steps]
    ['rest', 'consult']
    """
    names = [other.id for other in pathway.steps]
    if before is not None and before not in names:
        return pathway

    def through(share: Share) -> list[Share]:
        if before is not None and share.of != before:
            return [share]
        parts = [Share(of=step.id, share=share.share * strength)]
        return (
            parts if strength == 1.0 else [*parts, Share(of=share.of, share=share.share * (1.0 - strength))]
        )

    def led(other: AnyStep, position: int) -> AnyStep:
        if before is None:
            return other.model_copy(update={"next": pathway.routes(position)})
        update: dict[str, object] = {"next": rerouted(pathway.routes(position), through)}
        if isinstance(other, Fork):
            update["branches"] = tuple(step.id if name == before else name for name in other.branches)
        return other.model_copy(update=update)

    onward = pathway.first_routes() if before is None else (_to(before),)
    first = (
        (_to(step.id),) if before is None and strength == 1.0 else rerouted(pathway.first_routes(), through)
    )
    new = step.model_copy(update={"next": _onward(step, onward)})
    steps = [led(other, position) for position, other in enumerate(pathway.steps)]
    steps.insert(0 if before is None else names.index(before), new)
    return pathway.model_copy(update={"first": first, "steps": tuple(steps)})


def _to(target: str) -> Routing:
    return Routing(to=(Share(of=target, share=1.0),))


def _onward(step: AnyStep, onward: Sequence[Routing]) -> tuple[Routing, ...]:
    """Write out the routes of an inserted step, where `onward` stands for the routes that lead on."""
    if not step.next:
        return tuple(onward)
    if len(step.next) > 1 and len(onward) > 1:
        hint = "cases begin in several ways here, so the step has one row of routes; leave out `when`"
        raise InputError([Problem(f"levers.step.{step.id}.next", step.next[0].when, hint)])
    made = []
    for row in step.next:
        for way in onward:
            to = tuple(
                part
                for share in row.to
                for part in (
                    [Share(of=target.of, share=share.share * target.share) for target in way.to]
                    if share.of == ONWARD
                    else [share]
                )
            )
            made.append(Routing.model_construct(when=row.when if len(onward) == 1 else way.when, to=to))
    return tuple(made)
