"""How the functions of the kernel become machine code."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

__all__ = ["hot_code", "kernel_code"]

F = TypeVar("F", bound=Callable[..., Any])

HOW = {
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "_nrt": False,
}
"""Threads may run side by side; nobody but the kernel calls; nothing is allocated."""

kernel_code: Callable[[F], F] = numba.njit(**HOW)
"""Compile a function together with whatever calls it; its machine code is kept with that of the caller."""

hot_code: Callable[[F], F] = numba.njit(forceinline=True, **HOW)
"""The same, for what happens at every visit: the code is written into that of the caller."""
