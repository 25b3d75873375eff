"""Indices: satisfaction and sense of achievement, made of other KPIs by weights that are assumptions."""

from __future__ import annotations

import math

import numpy as np

from simulation.kpis.contacts import first_contact_resolution
from simulation.kpis.measured import Measured
from simulation.kpis.measures import Amount, Ratio
from simulation.kpis.needs import on_time, outreach_done
from simulation.kpis.volunteers import volunteer_part

__all__ = ["satisfaction", "sense_of_achievement"]


def satisfaction(measured: Measured) -> Ratio:
    """Index of satisfaction, between 0 and 1: the mean over all presented needs.

    For one need it is 1 / (1 + exp(-score)); the score falls with the days from the need to its end and with
    the contacts in person that it took, and rises when it is resolved. The weights are assumptions, written
    in the scenario under `indices`; no rating was used to set them. A need that is open at the end of the run
    counts as not resolved so far, and is counted as censored.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> round(overall(satisfaction), 4)
    0.6377
    """
    weights = measured.scenario.indices.satisfaction
    asked = measured.asked
    ended = np.where(measured.open[asked], measured.records.horizon, measured.cases["ended"][asked])
    days = np.minimum((ended - measured.cases["arrival"][asked]) / 24.0, weights.most_days)
    score = (
        weights.constant
        + weights.resolved * measured.resolved[asked]
        + weights.per_day * days
        + weights.per_trip * measured.contacts.in_person[asked]
    )
    index = np.zeros(len(asked))
    index[asked] = 1.0 / (1.0 + np.exp(-score))
    return Ratio(index, asked, measured.asked_open)


def sense_of_achievement(measured: Measured) -> Amount:
    """Index of the sense of achievement, between 0 and 1: a weighted mean of four shares.

    The needs resolved on time, the needs resolved at first contact, the planned visits made, and taking part:
    the hours that volunteers work, up to a number of hours that counts in full. The weights are assumptions,
    written in the scenario under `indices`. A share that has no value, such as planned visits where none are
    planned, is left out and the others keep their proportions.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> round(overall(sense_of_achievement), 4)
    0.3667
    """
    weights = measured.scenario.indices.achievement
    part = volunteer_part(measured).value / weights.full_part
    shares = (
        (weights.on_time, _overall(measured, on_time(measured))),
        (weights.first_contact, _overall(measured, first_contact_resolution(measured))),
        (weights.reached, _overall(measured, outreach_done(measured))),
        (weights.taking_part, min(part, 1.0) if not math.isnan(part) else part),
    )
    known = [(weight, share) for weight, share in shares if not math.isnan(share) and weight > 0]
    total = sum(weight for weight, _ in known)
    value = sum(weight * share for weight, share in known) / total if known else float("nan")
    core = measured.core
    return Amount(value, int(core.sum()), int(np.sum(core & measured.open)))


def _overall(measured: Measured, share: Ratio) -> float:
    """Value of a share over all, without its levels."""
    cells = measured.cells
    among = (measured.headline if share.among is None else share.among)[cells.example]
    whole = float(cells.add(share.whole)[among].sum())
    return float(cells.add(share.part)[among].sum()) / whole if whole else float("nan")
