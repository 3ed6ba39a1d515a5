"""How long values arrive over Modbus, and how an instrument proves it.

    protocol = Modbus(order="CDAB", proof=holds(holding(500, "f32"), 123456.0))
    protocol = Modbus(order="ABCD", proof=tells(holding(520), "ABCD", "CDAB", "BADC", "DCBA"))

Makers differ, and many let the order be configured: a wrong one gives wild values, or plausible
wrong ones. Where an instrument has a register by which it can be seen, `connect` looks, and refuses
an instrument that is set otherwise than its address line says.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from benchctl.core.errors import DeviceError, InstrumentError
from benchctl.core.messages import msg
from benchctl.driver.registers import ORDERS, Register, encode, fetcher
from benchctl.driver.values import whole

SAME = 1e-6
"""Relative difference within which a known value is met."""


@dataclass(frozen=True, slots=True)
class OrderProof:
    """A register by which the order is seen: a known value, or a code for each order."""

    register: Register
    value: float | None = None
    codes: tuple[str, ...] = ()


def holds(register: Register, value: float) -> OrderProof:
    """Return the proof by a register of 32 or 64 bits that always holds `value`."""
    return OrderProof(register, value=value)


def tells(register: Register, *orders: str) -> OrderProof:
    """Return the proof by a register that tells the order: code 0 is the first of `orders`."""
    return OrderProof(register, codes=orders)


def problem(proof: OrderProof) -> str:
    """Return why a proof proves nothing, "" if it does."""
    wrong = [order for order in proof.codes if order not in ORDERS]
    if wrong:
        return f"{wrong[0]!r} is none of {', '.join(ORDERS)}"
    if proof.codes:
        return "" if proof.register.words == 1 else f"{proof.register} is more than a code"
    if proof.register.words < 2 or proof.register.is_text:
        return f"{proof.register} has no order"
    value = proof.value or 0.0
    fits = {order for order in ORDERS if _seen_as(proof.register, order, value, "ABCD")}
    if not fits:
        return f"{proof.register} cannot hold {value:g}"
    return "" if fits == {"ABCD"} else f"{value:g} looks the same in {', '.join(sorted(fits))}"


def _seen_as(register: Register, order: str, value: float, sent: str) -> bool:
    try:
        data = encode(Register(register.table, register.start, register.kind, sent), value)
    except OverflowError:
        return False
    return _met(register, order, data, value)


def _met(register: Register, order: str, data: bytes, value: float) -> bool:
    at = Register(register.table, register.start, register.kind, order, register.scale)
    said = float(fetcher(at, 0)(data))
    return math.isfinite(said) and math.isclose(said, value, rel_tol=SAME)


def prove(proof: OrderProof, order: str, raw: Callable[[Register], bytes]) -> None:
    """See that an instrument sends long values in `order`.

    `raw` reads the registers of a place as they arrive.

    Raises:
        DeviceError: it sends them otherwise; the hint says what the address line should say.
        InstrumentError: it cannot be asked.
    """
    data = raw(proof.register)
    told: tuple[str, ...]
    if proof.codes:
        code = whole(int.from_bytes(data, "big"))
        told = (proof.codes[code],) if code < len(proof.codes) else (str(code),)
    else:
        value = proof.value or 0.0
        told = tuple(o for o in ORDERS if _met(proof.register, o, data, value))
    if order in told:
        return
    raise _refused(proof, order, told, data)


def _refused(proof: OrderProof, order: str, told: tuple[str, ...], data: bytes) -> InstrumentError:
    if not told:
        message = msg("driver.order-unseen", register=str(proof.register), value=proof.value or 0)
        return DeviceError(message, wire=data)
    said = ", ".join(told)
    known = any(order in ORDERS for order in told)
    return DeviceError(
        msg("driver.byte-order", told=said, expected=order),
        hint=msg("driver.hint-byte-order", told=said) if known else None,
        wire=data,
    )
