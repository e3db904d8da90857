"""Instructions that numba's own loops do not find, said to LLVM: for the kernels.

Addresses are whole numbers. Nothing here looks whether something lies there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_inlined: Callable[[Any], Any] = intrinsic

_I32, _I64 = ir.IntType(32), ir.IntType(64)


def _in_range(bits: int) -> Any:
    """Which of 64 codes at an address lie from ``low`` on, and at most ``span`` above: a word."""

    @_inlined
    def in_range(typing: Any, address: Any, low: Any, span: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            lane = ir.IntType(bits)
            vector = ir.VectorType(lane, 64)
            codes = builder.load(builder.inttoptr(args[0], vector.as_pointer()))
            codes.align = 1

            def spread(value: Any) -> Any:
                nothing = ir.Constant(vector, ir.Undefined)
                first = builder.insert_element(
                    nothing, builder.trunc(value, lane), ir.Constant(_I32, 0)
                )
                zeros = ir.Constant(ir.VectorType(_I32, 64), [0] * 64)
                return builder.shuffle_vector(first, nothing, zeros)

            above = builder.sub(codes, spread(args[1]))
            return builder.bitcast(builder.icmp_unsigned("<=", above, spread(args[2])), _I64)

        return types.uint64(types.int64, types.int64, types.int64), codegen

    return in_range


in_range_8, in_range_16 = _in_range(8), _in_range(16)


def _unary(name: str) -> Any:
    @_inlined
    def count(typing: Any, word: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            if name == "cttz":
                return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))
            return builder.ctpop(args[0])

        return types.uint64(types.uint64), codegen

    return count


ones, zeros_below = _unary("ctpop"), _unary("cttz")


def _pointed(lane: Any) -> Any:
    """The ``index``-th value from an address on."""

    @_inlined
    def at(typing: Any, address: Any, index: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kind = context.get_value_type(lane)
            return builder.load(
                builder.gep(builder.inttoptr(args[0], kind.as_pointer()), [args[1]])
            )

        return lane(types.int64, types.int64), codegen

    return at


u8_at, u16_at, u32_at = _pointed(types.uint8), _pointed(types.uint16), _pointed(types.uint32)
u64_at, f64_at = _pointed(types.uint64), _pointed(types.float64)


@_inlined
def put(typing: Any, start: Any, index: Any, word: Any) -> Any:
    """Writes the ``index``-th word from an address on."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        words = builder.inttoptr(args[0], _I64.as_pointer())
        builder.store(args[2], builder.gep(words, [args[1]]))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.uint64), codegen


@_inlined
def added(typing: Any, start: Any, by: Any) -> Any:
    """Adds to a number that threads share; what it was before."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        shared = builder.inttoptr(args[0], _I64.as_pointer())
        return builder.atomic_rmw("add", shared, args[1], "seq_cst")

    return types.int64(types.int64, types.int64), codegen


@_inlined
def fetch(typing: Any, address: Any) -> Any:
    """Has the processor load a cache line that will soon be needed."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        bytes_ = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [bytes_, _I32, _I32, _I32])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        how = [ir.Constant(_I32, one) for one in (0, 3, 1)]  # to read, to keep, data
        builder.call(prefetch, [builder.inttoptr(args[0], bytes_), *how])
        return context.get_dummy_value()

    return types.void(types.int64), codegen


_LANES = 8
"""Words of a vector: 512 bits, or what the processor has of them."""
SUBSETS = 4
"""Of so many slices at most all subsets are counted at once: their counters lie in registers."""


def _called(builder: Any, name: str, gives: Any, takes: Any) -> Callable[[Any], Any]:
    """One of LLVM's own functions of one value."""
    kind = ir.FunctionType(gives, [takes])
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    return lambda value: builder.call(function, [value])


def _subsets(slices: int) -> Any:
    """How many of a mask have all the bits of each subset of some slices, added to counters.

    Given are where the mask begins, where the slices' addresses lie, the word of the slices to
    begin with, how many words there are, and where the counters lie, one for each subset: that of
    the slices 0 and 2 has number 5.
    """

    @_inlined
    def subsets(typing: Any, mask: Any, columns: Any, first: Any, words: Any, counts: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            mask, columns, first, words, counts = args
            vector = ir.VectorType(_I64, _LANES)
            ones = _called(builder, f"llvm.ctpop.v{_LANES}i64", vector, vector)
            sum_of = _called(builder, f"llvm.vector.reduce.add.v{_LANES}i64", _I64, vector)

            def number(value: int) -> Any:
                return ir.Constant(_I64, value)

            def at(start: Any, index: Any) -> Any:
                return builder.gep(builder.inttoptr(start, _I64.as_pointer()), [index])

            def loaded(start: Any, index: Any, kind: Any) -> Any:
                found = builder.load(builder.bitcast(at(start, index), kind.as_pointer()))
                found.align = 8
                return found

            skipped = builder.shl(first, number(3))
            columns = [
                builder.add(builder.load(at(columns, number(one))), skipped)
                for one in range(slices)
            ]

            def subsets_of(index: Any, kind: Any) -> list[Any]:
                out = [loaded(mask, index, kind)]
                for column in columns:
                    bits = loaded(column, index, kind)
                    out += [builder.and_(one, bits) for one in out]
                return out

            def count(subset: int, found: Any) -> None:
                counter = at(counts, number(subset))
                builder.store(builder.add(builder.load(counter), found), counter)

            none = ir.Constant(vector, [0] * _LANES)
            held = [cgutils.alloca_once(builder, vector) for _ in range(1 << slices)]
            for counter in held:
                builder.store(none, counter)
            whole = builder.and_(words, number(-_LANES))
            with cgutils.for_range_slice(builder, number(0), whole, number(_LANES), _I64) as (
                index,
                _,
            ):
                for counter, one in zip(held, subsets_of(index, vector), strict=True):
                    builder.store(builder.add(builder.load(counter), ones(one)), counter)
            for subset, counter in enumerate(held):
                count(subset, sum_of(builder.load(counter)))
            with cgutils.for_range_slice(builder, whole, words, number(1), _I64) as (index, _):
                for subset, one in enumerate(subsets_of(index, _I64)):
                    count(subset, builder.ctpop(one))
            return context.get_dummy_value()

        return types.void(*[types.int64] * 5), codegen

    return subsets


subsets_1, subsets_2, subsets_3, subsets_4 = (_subsets(one) for one in range(1, SUBSETS + 1))
