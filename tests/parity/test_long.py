"""Both engines on 20,000 made-up worlds; `python experiments/parity.py` does the same and can be resumed."""

import pytest

from tests.parity.trial import trial

BLOCKS, WORLDS = 80, 250


@pytest.mark.parity_long
@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_block_of_worlds(block):
    """Each block has worlds of its own."""
    assert trial(WORLDS, 1000 + block)["worlds"] == WORLDS
