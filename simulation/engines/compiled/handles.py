"""Many arrays handed to the kernel as one pointer.

A tuple of arrays is copied at every call of a compiled function: with as many arrays as there are here that
costs more than the work itself, and minutes of compiling. A handle holds the address of a block of words with
the addresses and shapes of the arrays; the kernel reads `handle.name` from it as if it were the tuple.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np.arrayobj import get_itemsize, make_array, populate_array

__all__ = ["Handle"]

WORD = ir.IntType(64)
_types: dict[tuple[str, int], types.Array] = {}
"""Types of arrays by dtype and dimensions: working one out anew takes longer than a small replication."""


class _HandleType(types.Type):  # type: ignore[misc]
    """The type of a handle: names and types of what it holds."""

    def __init__(self, fields: tuple[tuple[str, types.Type], ...]) -> None:
        self.fields = fields
        self.position = {}
        at = 0
        for name, field in fields:
            self.position[name] = (at, field)
            at += 1 + (field.ndim if isinstance(field, types.Array) else 0)
        super().__init__(name=f"Handle({', '.join(f'{name}: {field}' for name, field in fields)})")


class Handle:
    """A tuple of arrays and numbers as the kernel takes it; it keeps them alive.

    Parameters
    ----------
    tables
        The tuple; its arrays are contiguous, its numbers int, float or uint64.

    Examples
    --------
    >>> class Pair(NamedTuple):
    ...     rate: float
    ...     heads: np.ndarray
    >>> Handle(Pair(0.5, np.arange(3))).words.tolist()[2]
    3
    """

    def __init__(self, tables: NamedTuple) -> None:
        self.tables = tables
        words, fields = [], []
        for name, content in zip(tables._fields, tables, strict=True):
            fields.append((name, _type_of(content)))
            if isinstance(content, np.ndarray):
                words += [content.ctypes.data, *content.shape]
            else:
                words.append(int(np.array([content], _number(content)).view(np.uint64)[0]))
        self.words = np.array(words, np.uint64)
        self.address = self.words.ctypes.data
        self.type = _HandleType(tuple(fields))


def _number(content: Any) -> Any:
    if isinstance(content, float):
        return np.float64
    return np.uint64 if isinstance(content, np.uint64) else np.int64


def _type_of(content: Any) -> types.Type:
    if not isinstance(content, np.ndarray):
        return numba.from_dtype(np.dtype(_number(content)))
    key = (content.dtype.str if content.dtype.names is None else str(content.dtype), content.ndim)
    if key not in _types:
        _types[key] = types.Array(numba.from_dtype(content.dtype), content.ndim, "C")
    return _types[key]


@typeof_impl.register(Handle)
def _typeof_handle(handle: Handle, _: Any) -> _HandleType:
    return handle.type


register_model(_HandleType)(models.OpaqueModel)


@unbox(_HandleType)
def _unbox_handle(_: Any, handle: Any, c: Any) -> NativeValue:
    number = c.pyapi.object_getattr_string(handle, "address")
    address = c.pyapi.long_as_ulonglong(number)
    c.pyapi.decref(number)
    return NativeValue(
        c.builder.inttoptr(address, cgutils.voidptr_t),
        is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()),
    )


@infer_getattr
class _HandleAttributes(AttributeTemplate):  # type: ignore[misc]
    key = _HandleType

    def generic_resolve(self, typ: _HandleType, attr: str) -> types.Type | None:
        found = typ.position.get(attr)
        return None if found is None else found[1]


@lower_getattr_generic(_HandleType)
def _read(context: Any, builder: Any, typ: _HandleType, handle: Any, attr: str) -> Any:
    """Read a number, or put an array together that lies where the block says."""
    at, field = typ.position[attr]
    block = builder.bitcast(handle, WORD.as_pointer())

    def word(number: int) -> Any:
        loaded = builder.load(builder.gep(block, [ir.Constant(ir.IntType(32), number)]))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    if not isinstance(field, types.Array):
        return word(at) if isinstance(field, types.Integer) else builder.bitcast(word(at), ir.DoubleType())
    array = make_array(field)(context, builder)
    shape = [word(at + 1 + number) for number in range(field.ndim)]
    size = get_itemsize(context, field)
    strides = [ir.Constant(WORD, size)]
    for length in shape[:0:-1]:
        strides.insert(0, builder.mul(strides[0], length))
    populate_array(
        array,
        data=builder.inttoptr(word(at), array.data.type),
        shape=shape,
        strides=strides,
        itemsize=ir.Constant(WORD, size),
        meminfo=None,
    )
    return array._getvalue()
