"""Modbus addresses as a YAML driver spells them.

holding 2 i16           holding 246 f32 CDAB       holding 3 bit 2
input 0 u16             coil 3                     discrete 0
"""

from __future__ import annotations

from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.driver.registers import (
    CODES,
    ORDERS,
    Bit,
    Register,
    coil,
    discrete,
    holding,
    input_register,
)

TABLES = ("holding", "input", "coil", "discrete")


class AddressTextError(ValueError):
    """A text is no address; carries what is wrong, and what was probably meant."""

    def __init__(self, message: Message, hint: Message | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def modbus_address(text: str, scale: float = 1.0) -> Register | Bit:
    """Return the register or bit that a text spells.

    Raises:
        AddressTextError: it spells none.
    """
    table, *rest = text.split() or [""]
    if table not in TABLES:
        raise _unknown(table, TABLES, text)
    if not rest or not rest[0].isdigit():
        raise AddressTextError(msg("drivers.no-register-number", text=text))
    number = int(rest[0])
    if table in ("coil", "discrete"):
        if rest[1:]:
            raise _unknown(rest[1], (), text)
        return coil(number) if table == "coil" else discrete(number)
    register = holding if table == "holding" else input_register
    kind, order, words = "u16", "", rest[1:]
    if len(words) == 2 and words[0] == "bit" and words[1].isdigit():
        return register(number, bit=int(words[1]))
    if words and words[0] in CODES:
        kind = words.pop(0)
    if words and words[0] in ORDERS:
        order = words.pop(0)
    if words:
        raise _unknown(words[0], (*CODES, *ORDERS, "bit"), text)
    return register(number, kind, order, scale=scale)


def _unknown(word: str, known: tuple[str, ...], text: str) -> AddressTextError:
    near = closest(word, known)
    hint = msg("drivers.did-you-mean", word=near) if near else msg("drivers.hint-address")
    return AddressTextError(msg("drivers.no-address", word=word, text=text), hint)
