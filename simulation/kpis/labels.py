"""Columns of names, made once for a layout: to write them down takes longer than to count what they name."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    from simulation.layout import Layout

__all__ = ["kept", "text"]

_KEPT: WeakKeyDictionary[Layout, dict[Hashable, dict[str, Any]]] = WeakKeyDictionary()


def kept(layout: Layout, key: Hashable, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return columns that are kept with a layout, made when they are first asked for.

    Parameters
    ----------
    layout
        With what they are kept.
    key
        What they depend on besides the layout.
    make
        Makes them: columns by name.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 24.0)
    >>> kept(layout, "needs", lambda: {"need": text(("illness",))}) is kept(layout, "needs", dict)
    True
    """
    known = _KEPT.setdefault(layout, {})
    if key not in known:
        known[key] = make()
    return known[key]


def text(names: Sequence[str], times: int | Sequence[int] = 1) -> Any:
    """Return names as a column for a table, each so many times.

    Parameters
    ----------
    names
        What the column holds, in order.
    times
        How often each occurs.

    Examples
    --------
    >>> list(text(("a", "b"), 2))
    ['a', 'a', 'b', 'b']
    """
    import pandas as pd

    return pd.array(np.repeat(np.array(names, dtype=object), times), dtype="str")
