"""Many arrays handed to the kernel as one pointer.

A tuple of arrays is copied at every call of a compiled function: with as many arrays as there are here that
costs more than the work itself, and minutes of compiling. A handle holds the address of a block of words with
the addresses and shapes of the arrays; the kernel reads `handle.name` from it as if it were the tuple.

Most arrays are reached more directly still, by their address and the number of the entry, which is never
negative: no code is needed for counting from the end. Only lists of numbers stay arrays as numba knows them,
because the draw functions take such.
"""

from __future__ import annotations

import operator
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
    lower_builtin,
    lower_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np.arrayobj import get_itemsize, make_array, populate_array

__all__ = ["Handle"]

WORD = ir.IntType(64)
_types: dict[tuple[np.dtype[Any], int], types.Array] = {}
"""Types of arrays by dtype and dimensions: working one out anew takes longer than a small replication."""


class _Table(types.Array):  # type: ignore[misc]
    """The type of an array that is known by the words where the handle keeps its address and shape."""

    def __init__(self, entry: types.Type, dimensions: int) -> None:
        super().__init__(entry, dimensions, "C", name=f"Table({entry}, {dimensions})")


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
    key = (content.dtype, content.ndim)
    if key not in _types:
        kind = numba.from_dtype(content.dtype)
        numbers = kind == types.float64 and content.ndim == 1
        _types[key] = types.Array(kind, 1, "C") if numbers else _Table(kind, content.ndim)
    return _types[key]


@typeof_impl.register(Handle)
def _typeof_handle(handle: Handle, _: Any) -> _HandleType:
    return handle.type


register_model(_HandleType)(models.OpaqueModel)
register_model(_Table)(models.OpaqueModel)


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


def _word(builder: Any, block: Any, number: int) -> Any:
    """Read a word of a block; what is there never changes while the kernel runs."""
    words = builder.bitcast(block, WORD.as_pointer())
    loaded = builder.load(builder.gep(words, [ir.Constant(ir.IntType(32), number)]))
    loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
    return loaded


@lower_getattr_generic(_HandleType)
def _read(context: Any, builder: Any, typ: _HandleType, handle: Any, attr: str) -> Any:
    """Read a number, or put an array together that lies where the block says."""
    at, field = typ.position[attr]
    if isinstance(field, _Table):
        return builder.gep(handle, [ir.Constant(ir.IntType(32), 8 * at)])
    first = _word(builder, handle, at)
    if not isinstance(field, types.Array):
        return first if isinstance(field, types.Integer) else builder.bitcast(first, ir.DoubleType())
    numbers = make_array(field)(context, builder)
    size = ir.Constant(WORD, get_itemsize(context, field))
    populate_array(
        numbers,
        data=builder.inttoptr(first, numbers.data.type),
        shape=[_word(builder, handle, at + 1)],
        strides=[size],
        itemsize=size,
        meminfo=None,
    )
    return numbers._getvalue()


@lower_getattr(_Table, "size")
def _length(_: Any, builder: Any, __: Any, table: Any) -> Any:
    return _word(builder, table, 1)


def _entry(context: Any, builder: Any, typ: _Table, at_type: Any, table: Any, at: Any) -> Any:
    """Point to an entry; where the kernel is told to check bounds, one that is not there is an IndexError."""
    kinds = at_type.types if isinstance(at_type, types.BaseTuple) else (at_type,)
    places = cgutils.unpack_tuple(builder, at) if isinstance(at_type, types.BaseTuple) else [at]
    number = None
    for axis, (kind, value) in enumerate(zip(kinds, places, strict=True)):
        place = context.cast(builder, value, kind, types.int64)
        if context.enable_boundscheck:
            cgutils.do_boundscheck(context, builder, place, _word(builder, table, 1 + axis), axis)
        if number is not None:
            place = builder.add(builder.mul(number, _word(builder, table, 1 + axis)), place)
        number = place
    first = builder.inttoptr(_word(builder, table, 0), cgutils.voidptr_t)
    entry = builder.gep(first, [builder.mul(number, ir.Constant(WORD, get_itemsize(context, typ)))])
    return builder.bitcast(entry, context.get_data_type(typ.dtype).as_pointer())


@lower_builtin(operator.getitem, _Table, types.Integer)
@lower_builtin(operator.getitem, _Table, types.BaseTuple)
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    entry = _entry(context, builder, *sig.args, *args)
    return context.unpack_value(builder, sig.args[0].dtype, entry)


@lower_builtin(operator.setitem, _Table, types.Integer, types.Any)
@lower_builtin(operator.setitem, _Table, types.BaseTuple, types.Any)
def _set(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    typ, at_type, kind = sig.args
    entry = _entry(context, builder, typ, at_type, args[0], args[1])
    if isinstance(kind, types.Record):
        cgutils.raw_memcpy(builder, entry, args[2], ir.Constant(WORD, 1), kind.size)
    else:
        context.pack_value(builder, typ.dtype, context.cast(builder, args[2], kind, typ.dtype), entry)
    return context.get_dummy_value()
