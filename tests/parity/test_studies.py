"""Both engines leave the same records on the systems of the shipped studies, under each of their policies."""

import pytest

from simulation.configuration import options, read_design
from tests.parity.comparing import both, differences

DAY = 24.0
OWN_CITY = {"clear_the_backlog", "phc"}
"""Studies that are about their own city; the others are run in a street."""
DAYS = {"clear_the_backlog": 14, "return_season_surge": 275}
"""Long enough for what the study is about to happen; two months for the others."""


@pytest.mark.parametrize("study", options("study"))
def test_a_study_is_the_same_on_both_engines(study):
    """Each of its scenarios, for some weeks."""
    design = read_design([f"study={study}", *([] if study in OWN_CITY else ["city=street"])])
    for scenario in design.scenarios:
        reference, compiled = both(scenario, DAYS.get(study, 60) * DAY, seed=1)
        assert not differences(reference, compiled), scenario.id
        assert len(reference.visits) > 1000
