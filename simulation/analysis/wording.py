"""Numbers as a reader wants them: units, signs, the digits that an interval supports, cells safe to open."""

import math
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = [
    "Change",
    "Scale",
    "adding_up",
    "change",
    "csv_safe",
    "estimate",
    "in_markdown",
    "label",
    "quantity",
    "scale",
]

MILLION: Final = 1e6
FINEST: Final = 4
"""Decimal places at most."""
SHARES: Final = ("share", "%")
FORMULA_STARTS: Final = (*"=+-@\t\r\n", *"＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, in the full width of Chinese fonts too."""


class Scale(NamedTuple):
    """How a unit is shown: values times `factor`, with one word after a level and one after a difference."""

    factor: float
    level: str
    difference: str


class Change(NamedTuple):
    """A difference and its interval in words that share unit and digits."""

    difference: str
    low: str
    high: str
    unit: str


def scale(unit: str, largest: float = 0.0) -> Scale:
    """Choose how a unit is shown: shares as percentages, very large amounts in millions.

    Parameters
    ----------
    unit
        Unit of a KPI; ``share`` means a fraction of one.
    largest
        Largest absolute value that will be shown.

    Examples
    --------
    >>> scale("share").difference, scale("yuan", 3e6).level
    ('percentage points', 'million yuan')
    """
    if unit in SHARES:
        return Scale(100.0 if unit == "share" else 1.0, "%", "percentage points")
    if math.isfinite(largest) and largest >= MILLION:
        return Scale(1 / MILLION, f"million {unit}".strip(), f"million {unit}".strip())
    return Scale(1.0, unit, unit)


def quantity(value: float, unit: str, beside: float = 0.0) -> str:
    """Write one value with its unit, to about three significant digits.

    Parameters
    ----------
    value, unit
        What to write.
    beside
        Largest absolute value shown beside it, so that a row is in millions as a whole or not at all.

    Examples
    --------
    >>> quantity(0.6134, "share"), quantity(12.345, "days"), quantity(float("nan"), "days")
    ('61.3 %', '12.3 days', 'no value')
    """
    if math.isnan(value):
        return "no value"
    shown = scale(unit, max(abs(value), beside))
    number = value * shown.factor
    places = 1 if shown.level == "%" else _places(abs(number), 3)
    return f"{_number(number, places)} {shown.level}".strip()


def change(difference: float, low: float, high: float, unit: str, beside: float = 0.0) -> Change:
    """Write a difference and its interval, to the digits that the width of the interval supports.

    Two digits of the half-width are kept when they are 35 or less, else one (the rule of the Particle Data
    Group), and one or two more where they keep a limit from becoming zero that is not.

    Parameters
    ----------
    difference, low, high
        The difference and the ends of its interval.
    unit
        Unit of the KPI.
    beside
        Largest absolute value shown beside it, so that a row is in millions as a whole or not at all.

    Examples
    --------
    >>> change(0.0621, 0.0504, 0.0738, "share")
    Change(difference='+6.2', low='+5.0', high='+7.4', unit='percentage points')
    """
    numbers = [number for number in (difference, low, high) if math.isfinite(number)]
    shown = scale(unit, max(map(abs, [*numbers, beside])))
    half = (high - low) / 2 * shown.factor
    places = _supported(half, max((abs(number) * shown.factor for number in numbers), default=1.0))
    if shown.level == "%":
        places = max(places, 1)
    limits = [limit * shown.factor for limit in (low, high) if math.isfinite(limit)]
    enough = (n for n in range(places, places + 3) if all(round(limit, n) for limit in limits if limit))
    places = next(enough, places)
    words = [_number(value * shown.factor, places, signed=True) for value in (difference, low, high)]
    return Change(words[0], words[1], words[2], shown.difference)


def estimate(mean: float, half_width: float, unit: str, beside: float = 0.0) -> str:
    """Write a mean and its half-width, without the unit, to the digits that the half-width supports.

    Parameters
    ----------
    mean, half_width
        Of one scenario; a half-width that is not known is left out.
    unit, beside
        As in `change`.

    Examples
    --------
    >>> estimate(3.9812, 0.0134, "days"), estimate(0.298, 0.41, "days"), estimate(0.613, 0.0, "share")
    ('3.981 ± 0.013', '0.3 ± 0.4', '61.3 ± 0')
    """
    if math.isnan(mean):
        return "no value"
    shown = scale(unit, max(abs(mean), beside))
    half, number = half_width * shown.factor, mean * shown.factor
    places = _supported(half, abs(number))
    if shown.level == "%":
        places = max(places, 1)
    if not math.isfinite(half):
        return _number(number, places)
    width = _number(half, places) if round(half, places) else "0"
    return f"{_number(number, places)} ± {width}"


def adding_up(start: float, steps: "Sequence[float]", end: float, unit: str) -> tuple[str, list[str], str]:
    """Write a first value, the steps from it and the last value so that the numbers as written add up.

    Each is rounded up or down to the same digit, three digits of the way from first to last or of the largest
    step; those steps are rounded up whose remainders are largest (the method of Hamilton), so that none is
    off by a whole digit or more.

    Parameters
    ----------
    start, end
        The first and the last value.
    steps
        What leads from one to the other, in the same unit.
    unit
        Unit of a KPI; it is not written.

    Examples
    --------
    >>> adding_up(0.6133, [0.0144, 0.0144, 0.0144], 0.6565, "share")
    ('61.33', ['+1.44', '+1.44', '+1.44'], '65.65')
    >>> adding_up(10.0, [0.333, 0.333, 0.334], 11.0, "days")
    ('10.00', ['+0.33', '+0.33', '+0.34'], '11.00')
    """
    shown = scale(unit, max(abs(start), abs(end)))
    first, last = start * shown.factor, end * shown.factor
    parts = [step * shown.factor for step in steps]
    places = _places(max([abs(last - first), *map(abs, parts)]), 3)
    grain = 10.0**places
    counts = [math.floor(part * grain) for part in parts]
    missing = round(last * grain) - round(first * grain) - sum(counts)
    order = sorted(range(len(parts)), key=lambda place: counts[place] - parts[place] * grain)
    for turn in range(abs(missing)):
        counts[order[turn % len(order) if missing > 0 else -1 - turn % len(order)]] += (
            1 if missing > 0 else -1
        )
    words = [_number(count / grain, places, signed=True) for count in counts]
    return _number(first, places), words, _number(last, places)


def label(name: str) -> str:
    """Turn an id into words; words stay as they are.

    Examples
    --------
    >>> label("not_presented"), label("Aged 80 and over")
    ('not presented', 'Aged 80 and over')
    """
    return name.replace("_", " ").strip()


def csv_safe(table: "pd.DataFrame") -> "pd.DataFrame":
    """Keep text cells from being taken for formulas when a CSV is opened in a spreadsheet.

    Text (and column names) that begins with ``=``, ``+``, ``-``, ``@`` (of full width too), tab, carriage
    return or line feed gets an apostrophe in front; numbers, dates and truth values are untouched.

    Examples
    --------
    >>> import pandas as pd
    >>> csv_safe(pd.DataFrame({"title": ["=1+1", "plain"], "difference": [-1.5, 2.0]})).values.tolist()
    [["'=1+1", -1.5], ['plain', 2.0]]
    """
    from pandas.api import types

    safe = table.rename(columns=_cell)
    for name, column in zip(
        safe.columns, (table.iloc[:, place] for place in range(table.shape[1])), strict=True
    ):
        if types.is_object_dtype(column) or types.is_string_dtype(column) or column.dtype == "category":
            safe[name] = column.astype(object).map(_cell)
    return safe


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def in_markdown(text: str) -> str:
    r"""Write text so that Markdown shows it as it is: one line, no tags, no links, no cell that ends early.

    Examples
    --------
    >>> print(in_markdown("a | b, [c](javascript:d) <script>"))
    a \| b, \[c\](javascript:d) &lt;script&gt;
    """
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\|\[\]])", r"\\\1", plain)


def _supported(half: float, largest: float) -> int:
    """Decimal places that a half-width supports; without one, three digits of the largest number."""
    if not (math.isfinite(half) and half > 0):
        return _places(largest, 3)
    lead = half / 10 ** math.floor(math.log10(half))
    return _places(half, 2 if lead <= 3.5 else 1)


def _places(magnitude: float, digits: int) -> int:
    """Decimal places that show so many significant digits."""
    if not (math.isfinite(magnitude) and magnitude > 0):
        return 0
    return min(FINEST, max(0, digits - 1 - math.floor(math.log10(magnitude))))


def _number(value: float, places: int, *, signed: bool = False) -> str:
    if math.isnan(value):
        return "?"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    rounded = round(value, places) + 0.0  # no minus zero
    return f"{rounded:{'+' if signed and rounded else ''},.{places}f}".replace("-", "−")
