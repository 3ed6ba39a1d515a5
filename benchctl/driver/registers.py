"""Addresses of a Modbus instrument: registers, coils, and what is sent to them.

Numbers are those on the wire, from 0: "register 40001" is `holding(0)`.

    holding(246, "f32")                      two registers, word order by the option `order`
    input_register(1, "i16", scale=0.1)      value = raw * 0.1
    holding(3, bit=2)                        one bit of a word
    holding(20, "text:8")                    characters in eight registers, two in each
    coil(1), coils(0, 16), discrete(4)
    send(holding(0), 0x04FE, 0x047E)         an action: these words, one after the other
    switch(holding(3, bit=2), holding(0), on=(0x047E, 0x047F), off=(0x047E,))
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import itemgetter

from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg

COIL, DISCRETE, HOLDING, INPUT = 1, 2, 3, 4
"""Tables, by the function code that reads them."""
TABLES = {COIL: "coil", DISCRETE: "discrete input", HOLDING: "holding", INPUT: "input"}
CODES = {
    "u16": "H",
    "i16": "h",
    "u32": "I",
    "i32": "i",
    "u64": "Q",
    "i64": "q",
    "f32": "f",
    "f64": "d",
}
MOST_TEXT = 60
"""Registers that a text may fill: a write carries no more than 123."""
TEXT = "text:"
"""Begins the kind of registers that hold characters; their number follows."""
ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")
"""How the bytes of a long value arrive, A being the most significant."""


@dataclass(frozen=True, slots=True)
class Register:
    """A value in one or more consecutive 16-bit registers; `order` "" is the instrument's."""

    table: int
    start: int
    kind: str
    order: str = ""
    scale: float = 1.0
    bit: int | None = None

    @property
    def words(self) -> int:
        """Number of registers."""
        if self.is_text:
            return int(self.kind.removeprefix(TEXT))
        return struct.calcsize(CODES[self.kind]) // 2

    @property
    def is_text(self) -> bool:
        """Whether the registers hold characters."""
        return self.kind.startswith(TEXT)

    def ordered(self, order: str) -> Register:
        """Return the same register with the instrument's order where it names none."""
        return self if self.order else replace(self, order=order)

    def __str__(self) -> str:
        order = f" {self.order}" if self.order else ""
        scale = f" × {self.scale:g}" if self.scale != 1 else ""
        bit = "" if self.bit is None else f" bit {self.bit}"
        return f"{TABLES[self.table]} {self.start} {self.kind}{order}{scale}{bit}"


@dataclass(frozen=True, slots=True)
class Bit:
    """One coil or discrete input, or `count` of them that are written together."""

    table: int
    start: int
    count: int = 1

    def __str__(self) -> str:
        many = f"..{self.start + self.count - 1}" if self.count > 1 else ""
        return f"{TABLES[self.table]} {self.start}{many}"


@dataclass(frozen=True, slots=True)
class Send:
    """Values that an action writes, one after the other."""

    target: Register | Bit
    values: tuple[float | bool, ...]

    def __str__(self) -> str:
        return f"{self.target} ← {', '.join(map(_shown, self.values))}"


@dataclass(frozen=True, slots=True)
class Switch:
    """A flag that is read at one place and set by a sequence of words at another."""

    read: Register | Bit
    write: Register
    on: tuple[int, ...]
    off: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.read}; on {Send(self.write, self.on)}; off {Send(self.write, self.off)}"


ModbusAddress = Register | Bit | Send | Switch


def holding(
    start: int, kind: str = "u16", order: str = "", *, scale: float = 1.0, bit: int | None = None
) -> Register:
    """Return holding register(s) `start`; value = raw * `scale`, or one `bit` of the word."""
    return Register(HOLDING, start, kind, order, scale, bit)


def input_register(
    start: int, kind: str = "u16", order: str = "", *, scale: float = 1.0, bit: int | None = None
) -> Register:
    """Return input register(s) `start`, which can only be read."""
    return Register(INPUT, start, kind, order, scale, bit)


def coil(start: int) -> Bit:
    """Return coil `start`."""
    return Bit(COIL, start)


def coils(start: int, count: int) -> Bit:
    """Return `count` coils from `start`, to be written together."""
    return Bit(COIL, start, count)


def discrete(start: int) -> Bit:
    """Return discrete input `start`, which can only be read."""
    return Bit(DISCRETE, start)


def send(target: Register | Bit, *values: float | bool) -> Send:
    """Return the address of an action that writes `values` to `target`, one after the other."""
    return Send(target, values)


def switch(
    read: Register | Bit, write: Register, *, on: tuple[int, ...], off: tuple[int, ...]
) -> Switch:
    """Return the address of a flag read at `read` and set by words written to `write`."""
    return Switch(read, write, on, off)


def problem(address: object, *, written: bool, action: bool, sent: bool = False) -> str:
    """Return what is wrong with an address, "" if nothing."""
    if isinstance(address, Send):
        if not action:
            return "only actions send"
        return problem(address.target, written=True, action=True, sent=True)
    if isinstance(address, Switch):
        return problem(address.read, written=False, action=False) or problem(
            address.write, written=True, action=False
        )
    if not isinstance(address, Register | Bit):
        return f"{address!r} is no Modbus address"
    if action and not sent and isinstance(address, Register):
        return "an action needs send(register, words): what is it to write?"
    if written and address.table in (DISCRETE, INPUT):
        return f"{address} can only be read"
    if isinstance(address, Register) and (wrong := _register_problem(address)):
        return wrong
    last = address.start + (address.words if isinstance(address, Register) else address.count) - 1
    if not 0 <= address.start <= last <= 0xFFFF:
        return f"{address} is no register number"
    return ""


def _register_problem(register: Register) -> str:
    if register.is_text:
        count = register.kind.removeprefix(TEXT)
        good = count.isdigit() and 0 < int(count) <= MOST_TEXT and register.bit is None
        return "" if good and register.scale == 1 else f"{register} is no text: `text:8` is"
    if register.kind not in CODES:
        return f"{register.kind!r} is none of {', '.join(CODES)}, text:COUNT"
    if register.order not in ("", *ORDERS):
        return f"{register.order!r} is none of {', '.join(ORDERS)}"
    if register.bit is not None and not (
        register.kind == "u16" and 0 <= register.bit < 16 and register.scale == 1
    ):
        return f"a bit is number 0 to 15 of an unscaled u16, not {register}"
    if not register.scale:
        return "the scale is zero"
    return ""


def byte_order(order: str, size: int) -> tuple[int, ...]:
    """Return, for each byte of a big-endian value, where it lies in the order that arrives.

    Its own inverse: the same indices put a value into the order that is sent.
    """
    places = list(range(size))
    if order in ("CDAB", "DCBA"):
        places = [places[i + j] for i in range(size - 2, -1, -2) for j in (0, 1)]
    if order in ("BADC", "DCBA"):
        places = [places[i ^ 1] for i in range(size)]
    return tuple(places)


def fetcher(register: Register, offset: int) -> Callable[[bytes], float | bool | str]:
    """Return a function that takes the value out of a block, whose byte `offset` begins it."""
    if register.is_text:
        return _text_fetcher(register, offset)
    code = struct.Struct(">" + CODES[register.kind])
    unpack, size, bit = code.unpack_from, code.size, register.bit
    if bit is not None:
        return lambda block: bool(unpack(block, offset)[0] >> bit & 1)
    if size == 2 or register.order in ("", "ABCD"):

        def raw(block: bytes) -> float:
            return unpack(block, offset)[0]  # type: ignore[no-any-return]  # a number

    else:
        pick = itemgetter(*(offset + i for i in byte_order(register.order, size)))

        def raw(block: bytes) -> float:
            return unpack(bytes(pick(block)))[0]  # type: ignore[no-any-return]

    return _scaled(raw, register.scale)


def _text_fetcher(register: Register, offset: int) -> Callable[[bytes], str]:
    """Return a function that takes a text out of a block; it ends at the first NUL.

    Only the two characters of a register change places with the byte order, never the registers.
    The function raises `GarbageReplyError` where something else than ASCII text stands there.
    """
    size, swapped = 2 * register.words, register.order in ("BADC", "DCBA")

    def said(block: bytes) -> str:
        data = block[offset : offset + size]
        if swapped:
            data = bytes(data[i ^ 1] for i in range(size))
        characters = data.partition(b"\0")[0].rstrip()
        if any(not 0x20 <= c < 0x7F for c in characters):
            raise GarbageReplyError(msg("driver.no-text"), wire=data)
        return characters.decode("ascii")

    return said


def _scaled(raw: Callable[[bytes], float], scale: float) -> Callable[[bytes], float]:
    if scale == 1:
        return raw
    divisor = round(1 / scale)
    if divisor and 1 / divisor == scale:  # 237 / 10 is 23.7, 237 * 0.1 is not
        return lambda block: raw(block) / divisor
    return lambda block: raw(block) * scale


def encode(register: Register, value: float | str) -> bytes:
    """Return the words that say `value`.

    Raises:
        OverflowError: it does not fit into the register.
    """
    if isinstance(value, str):
        return _encoded_text(register, value)
    code = struct.Struct(">" + CODES[register.kind])
    raw = value / register.scale
    try:
        data = code.pack(raw if register.kind in ("f32", "f64") else round(raw))
    except struct.error as error:
        raise OverflowError(str(error)) from error
    if len(data) == 2:
        return data
    return bytes([data[i] for i in byte_order(register.order, len(data))])


def _encoded_text(register: Register, value: str) -> bytes:
    size = 2 * register.words if register.is_text else 0
    if not value.isascii() or len(value) > size:
        raise OverflowError(f"{value!r} does not fit into {size} characters")
    data = value.encode("ascii").ljust(size, b"\0")
    swapped = register.order in ("BADC", "DCBA")
    return bytes(data[i ^ 1] for i in range(size)) if swapped else data


def _shown(value: float | bool) -> str:
    return f"{value:04X}h" if type(value) is int else str(value)
