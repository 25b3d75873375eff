"""A published system beside what was published: the tolerance, what is measured, and the verdict.

The short runs use a fixed seed. With another one, each of the comparisons with published values would raise
a false alarm with probability 1 in 1,000.
"""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from simulation import validation
from simulation.cli import app
from simulation.configuration import read_design
from simulation.engines import simulate
from simulation.runner import measure_runs
from simulation.scenario import Scenario
from simulation.validation import MEASURES, PUBLISHED, Published, compare, measure
from simulation.validation.agreement import tolerance
from simulation.validation.health_centre import Quantity

DECIDING = [quantity for quantity in MEASURES if not quantity.note]
WEEK = 24.0 * 7


def centre(name: str, policy: str = "baseline") -> Scenario:
    """One of the health centres under a policy."""
    return read_design(["study=phc", f"city={name}", f"policy={policy}"]).scenarios[-1]


# -------------------------------------------------------------------------------------- the tolerance


def test_the_tolerance_is_rounding_and_both_errors_by_hand():
    """Half of .01; errors .03 and .04 make .05; Student's t of 99 degrees exceeds 3.3915 in 1 of 1,000."""
    allowed = tolerance(Published(5.0, sd=0.3, replications=100, decimals=2), sd=0.4, replications=100)
    assert allowed == pytest.approx(0.005 + 3.3915 * 0.05, abs=1e-4)


def test_few_replications_are_paid_for():
    """The fewer runs, the wider; a value published without a spread allows for our own error alone."""
    value = Published(1.0, sd=0.1)
    assert tolerance(value, 0.1, 3) > tolerance(value, 0.1, 10) > tolerance(value, 0.1, 1000)
    assert tolerance(Published(1.0), 0.0, 10) == pytest.approx(0.0005)


def test_only_what_decides_can_fail():
    """A value far off fails the comparison, unless it is only shown."""
    runs = pd.DataFrame(
        {"scenario": "x", "replication": [0, 1, 2], "a": [2.0, 2.1, 2.2], "b": [2.0, 2.1, 2.2]}
    )
    published = {"x": {"a": Published(9.0, 0.1), "b": Published(9.0, 0.1)}}
    lines = compare(runs, published, [Quantity("a", "A"), Quantity("b", "B", "left out")])
    assert [(line.within, line.holds) for line in lines] == [(False, False), (False, True)]
    assert lines[0].difference == pytest.approx(-6.9)


# ------------------------------------------------------------------------------------- the health centre


def test_every_published_value_has_a_measure_and_every_city_its_values():
    """Nothing is published that is not measured, and the other way round."""
    known = {quantity.id for quantity in MEASURES}
    assert {name for values in PUBLISHED.values() for name in values} == known
    assert [quantity.id for quantity in DECIDING] == ["doctor", "pharmacist", "doctor_wait"]


def test_the_quietest_centre_gives_the_published_values():
    """Configuration 3: doctor, pharmacist and wait in eight runs of 80 days, 20 of them warm-up."""
    runs = measure_runs({"phc_3": centre("phc_3")}, 80 * 24.0, 11, 8, partial(measure, warm_up=20 * 24.0))
    lines = compare(runs, {"phc_3": PUBLISHED["phc_3"]}, DECIDING)
    assert len(lines) == 3
    assert all(line.holds for line in lines), lines


def test_days_follow_each_other_as_in_the_program():
    """Configuration 1: a first out-patient every 1,444 minutes from time 0 on, others within 360 minutes of
    one, and one administration 360 minutes after it."""
    records = simulate(centre("phc_1"), 10 * 24.0, 3, 0)
    cases, needs = records.cases, records.names.needs
    hour = {name: cases["arrival"][cases["need"] == needs.index(name)] for name in needs}
    day = 1444 / 60
    assert hour["first_of_the_day"] == pytest.approx(np.arange(10) * day)
    assert hour["administration"] == pytest.approx(np.arange(10) * day + 6.0)
    assert np.all(hour["out_patient"] % day < 6.0)
    assert 10 * 70 < len(hour["out_patient"]) < 10 * 110


def test_a_third_doctor_has_a_share_of_the_same_work():
    """Three doctors do in the same hours what two did: two thirds of the utilisation, nearly (a case may be
    under way at the end), and nobody waits longer on average."""
    two, three = (
        measure(system, simulate(system, 2 * WEEK, 5, 0), warm_up=0.0)
        for system in (centre("phc_benchmark"), centre("phc_benchmark", "third_doctor"))
    )
    assert three["doctor"] == pytest.approx(two["doctor"] * 2 / 3, rel=0.01)
    assert three["doctor_wait"] < two["doctor_wait"]
    assert three["pharmacist"] == pytest.approx(two["pharmacist"], rel=0.01)


def test_administration_moves_by_the_hour():
    """What two doctors no longer write three nurses do, hour by hour, and no patient waits longer or less."""
    before, after = (
        simulate(system, 2 * WEEK, 5, 0)
        for system in (centre("phc_benchmark"), centre("phc_benchmark", "administration_to_nurses"))
    )
    two = measure(centre("phc_benchmark"), before, warm_up=0.0)
    moved = measure(centre("phc_benchmark", "administration_to_nurses"), after, warm_up=0.0)
    saved = 2 * (two["doctor"] - moved["doctor"])
    assert saved > 0.2
    assert 3 * (moved["nurse"] - two["nurse"]) == pytest.approx(
        saved, abs=0.02
    )  # a queue of papers may be left
    assert moved["doctor_wait"] == two["doctor_wait"]


# -------------------------------------------------------------------------------------------- the command


def test_the_command_prints_both_and_says_by_its_exit_code_whether_they_agree(capsys, monkeypatch):
    """0 when all that decides holds, 1 when one published value is another."""
    right = {"phc_3": PUBLISHED["phc_3"]}
    monkeypatch.setattr("simulation.cli.measuring.reproduce", partial(quick, right))
    with pytest.raises(SystemExit) as end:
        app(["validate", "phc"])
    out, err = capsys.readouterr()
    assert (end.value.code, err) == (0, "")
    assert "Doctors, share of 7 hours a day" in out
    assert "0.354" in out
    wrong = {"phc_3": {**PUBLISHED["phc_3"], "doctor": Published(0.9, 0.002)}}
    monkeypatch.setattr("simulation.cli.measuring.reproduce", partial(quick, wrong))
    with pytest.raises(SystemExit) as end:
        app(["validate", "phc"])
    out, err = capsys.readouterr()
    assert end.value.code == 1
    assert "OUT OF TOLERANCE" in out
    assert "phc_3: Doctors" in err


def quick(published, system, settings, runs, workers):
    """A run of the quietest centre in place of the whole study."""
    found = measure_runs({"phc_3": centre("phc_3")}, 60 * 24.0, 11, 3, partial(measure, warm_up=480.0))
    return validation.compare(found, published, DECIDING)


def test_a_system_that_nobody_published_is_bad_input(capsys):
    """The name and what there is instead."""
    with pytest.raises(SystemExit) as end:
        app(["validate", "pch"])
    assert end.value.code == 2
    assert "phc" in capsys.readouterr().err
