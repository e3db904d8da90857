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
                return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))
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
