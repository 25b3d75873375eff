"""What the loops take: types of their arguments, in numba's words."""

from typing import Any, TypeAlias

from numpy.typing import NDArray

__all__ = ["COUNTS", "FLAGS", "FLOATS", "INTS", "MOMENTS", "NUMBERS", "OUTCOMES", "ROWS", "Array"]

ROWS = "Array(int64, 1, 'A', True, aligned=False)"
"""A column of 8-byte integers, as it lies in the rows of a table."""
NUMBERS = "Array(int32, 1, 'A', True, aligned=False)"
"""The same of 4-byte integers."""
MOMENTS = "Array(float64, 1, 'A', True, aligned=False)"
"""The same of moments."""
OUTCOMES = "Array(int8, 1, 'A', True, aligned=False)"
"""The same of outcomes."""
FLAGS, FLOATS, INTS, COUNTS = "boolean[::1]", "float64[::1]", "int64[::1]", "int32[::1]"
"""Arrays of their own."""
HOURS = "Tuple((float64[::1], float64[::1], float64[::1], int64[::1], int64[::1], int64[::1]))"
"""Opening hours of several calendars."""
Array: TypeAlias = NDArray[Any]
"""Any of them, for people; the type of the items stands in the signature of each loop."""
Hours: TypeAlias = tuple[Array, Array, Array, Array, Array, Array]
"""Opening hours of several calendars, for people."""
