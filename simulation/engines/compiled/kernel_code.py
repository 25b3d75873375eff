"""How the functions of the kernel become machine code."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

__all__ = ["hot_code", "kernel_code"]

F = TypeVar("F", bound=Callable[..., Any])

kernel_code: Callable[[F], F] = numba.njit(nogil=True, error_model="numpy")
"""Compile a function together with whatever calls it; its machine code is kept with that of the caller."""

hot_code: Callable[[F], F] = numba.njit(nogil=True, error_model="numpy", forceinline=True)
"""The same, for what happens at every visit: the code is written into that of the caller."""
