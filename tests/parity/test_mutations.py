"""The places that `experiments/mutations.py` breaks are there: it shows which test catches which fault."""

import importlib.util

import pytest

from tests.architecture.reading import ROOT

spec = importlib.util.spec_from_file_location("mutations", ROOT / "experiments" / "mutations.py")
mutations = importlib.util.module_from_spec(spec)
spec.loader.exec_module(mutations)


@pytest.mark.parametrize("name", mutations.MUTATIONS)
def test_the_place_is_there_once(name):
    """Whoever moves it in the kernel moves it there too."""
    mutation = mutations.MUTATIONS[name]
    text = (ROOT / mutations.KERNEL / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.right) == 1


def test_there_are_ten_at_least():
    """Ties, orders, patience, capacity, slots, triggers, returns, caseloads."""
    assert len(mutations.MUTATIONS) >= 10
