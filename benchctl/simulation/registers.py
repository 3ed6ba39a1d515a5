"""The registers and coils of a simulated Modbus device: a table of functions of time.

    unit = ModbusUnit(
        holding=[Cell(246, "f32", plant.flow), Cell(0, "u16", get, set)],
        coils=[Coil(2, get, reset)],
    )

Addresses are those on the wire, from 0. Unknown addresses, half of a value, and a setter that
raises `ValueError` are answered by the exceptions of the Modbus specification.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from pymodbus.pdu import ModbusPDU

ILLEGAL_ADDRESS, ILLEGAL_VALUE = 2, 3
_CODES = {
    "u16": "H",
    "i16": "h",
    "u32": "I",
    "i32": "i",
    "u64": "Q",
    "i64": "q",
    "f32": "f",
    "f64": "d",
}
_PACKED = {kind: struct.Struct(f">{code}") for kind, code in _CODES.items()}
_SIZES = {kind: packed.size // 2 for kind, packed in _PACKED.items()}
_WORDS = {n: struct.Struct(f">{n}H") for n in set(_SIZES.values())}
_BOUNDS = {
    kind: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind.startswith("i") else (0, 2**bits - 1)
    for kind, bits in ((kind, 16 * size) for kind, size in _SIZES.items())
    if not kind.startswith("f")
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in one or more registers from `address` on.

    `get(t)` gives it, `set(t, value)` takes it; read-only without `set`. The register holds value /
    `scale`, an integer rounded and kept within its range. `order` is how bytes ABCD, most
    significant first, arrive: ABCD, CDAB, BADC or DCBA.
    """

    address: int
    kind: str
    get: Callable[[float], float]
    set: Callable[[float, float], None] | None = None
    scale: float = 1.0
    order: str = "ABCD"

    @property
    def size(self) -> int:
        """How many registers it takes."""
        return _SIZES[self.kind]

    def words(self, t: float) -> tuple[int, ...]:
        """Return the registers at bench time `t`."""
        kind = self.kind
        value = self.get(t) / self.scale
        if kind in _BOUNDS:
            low, high = _BOUNDS[kind]
            value = max(low, min(high, round(value)))
        data = self._ordered(_PACKED[kind].pack(value))
        return _WORDS[_SIZES[kind]].unpack(data)

    def write(self, t: float, words: Sequence[int]) -> None:
        """Take the value that the registers are to hold.

        Raises:
            ValueError: the device refuses the value.
        """
        assert self.set is not None
        data = self._ordered(_WORDS[self.size].pack(*words))
        self.set(t, _PACKED[self.kind].unpack(data)[0] * self.scale)

    def _ordered(self, data: bytes) -> bytes:
        """Swap as `order` says; the same swap goes both ways."""
        if self.order == "ABCD":
            return data
        if self.order in ("BADC", "DCBA"):
            data = b"".join(data[i : i + 2][::-1] for i in range(0, len(data), 2))
        if self.order in ("CDAB", "DCBA") and len(data) > 2:
            data = b"".join(data[i : i + 2] for i in range(len(data) - 2, -1, -2))
        return data


@dataclass(frozen=True, slots=True)
class Coil:
    """One bit at `address`; read-only without `set`."""

    address: int
    get: Callable[[float], bool]
    set: Callable[[float, bool], None] | None = None

    @property
    def size(self) -> int:
        """One address."""
        return 1

    def words(self, t: float) -> tuple[int, ...]:
        """Return the bit at bench time `t`."""
        return (int(self.get(t)),)

    def write(self, t: float, words: Sequence[int]) -> None:
        """Take the bit.

        Raises:
            ValueError: the device refuses it.
        """
        assert self.set is not None
        self.set(t, bool(words[0]))


class _RefusedError(Exception):
    """The request is answered by an exception of the protocol."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


B = TypeVar("B", Cell, Coil)


class _Bank(Generic[B]):
    """One of the four address spaces of a unit."""

    def __init__(self, cells: Sequence[B]) -> None:
        self._cells: dict[int, B] = {cell.address: cell for cell in cells}
        self._known: dict[tuple[int, int], list[B]] = {}

    def _covered(self, address: int, count: int) -> list[B]:
        """Return the cells that make up the addresses, none of them in part."""
        if (known := self._known.get((address, count))) is not None:
            return known
        asked = (address, count)
        found, end = [], address + count
        while address < end:
            cell = self._cells.get(address)
            if cell is None or address + cell.size > end:
                raise _RefusedError(ILLEGAL_ADDRESS)
            found.append(cell)
            address += cell.size
        self._known[asked] = found
        return found

    def read(self, t: float, address: int, count: int) -> list[int]:
        cells = self._covered(address, count)
        return [word for cell in cells for word in cell.words(t)]

    def write(self, t: float, address: int, words: Sequence[int]) -> None:
        cells = self._covered(address, len(words))
        if any(cell.set is None for cell in cells):
            raise _RefusedError(ILLEGAL_ADDRESS)
        first = 0
        for cell in cells:
            try:
                cell.write(t, words[first : first + cell.size])
            except ValueError as error:
                raise _RefusedError(ILLEGAL_VALUE) from error
            first += cell.size


class ModbusUnit:
    """One device on the bus; `heard(t)` is called first for every valid request to it."""

    def __init__(
        self,
        *,
        holding: Sequence[Cell] = (),
        inputs: Sequence[Cell] = (),
        coils: Sequence[Coil] = (),
        discrete: Sequence[Coil] = (),
        heard: Callable[[float], None] | None = None,
    ) -> None:
        self._registers = {3: _Bank(holding), 4: _Bank(inputs)}
        self._bits = {1: _Bank(coils), 2: _Bank(discrete)}
        self._heard = heard

    def answer(self, t: float, request: ModbusPDU) -> ModbusPDU:
        """Return the response to a decoded request."""
        if self._heard is not None:
            self._heard(t)
        try:
            return self._answer(t, request)
        except _RefusedError as refused:
            from pymodbus.pdu import ExceptionResponse

            return ExceptionResponse(request.function_code, refused.code)

    def _answer(self, t: float, request: ModbusPDU) -> ModbusPDU:
        import pymodbus.pdu.bit_message as bits
        import pymodbus.pdu.register_message as registers

        address, count = request.address, request.count
        match request.function_code:
            case 1 | 2 as code:
                answer = bits.ReadCoilsResponse if code == 1 else bits.ReadDiscreteInputsResponse
                read = self._bits[code].read(t, address, count)
                return answer(bits=[bool(b) for b in read])
            case 3:
                words = self._registers[3].read(t, address, count)
                return registers.ReadHoldingRegistersResponse(registers=words)
            case 4:
                words = self._registers[4].read(t, address, count)
                return registers.ReadInputRegistersResponse(registers=words)
            case 5:
                self._bits[1].write(t, address, [int(request.bits[0])])
                return bits.WriteSingleCoilResponse(address=address, bits=request.bits)
            case 6:
                self._registers[3].write(t, address, request.registers)
                return registers.WriteSingleRegisterResponse(
                    address=address, registers=request.registers
                )
            case 15:
                self._bits[1].write(t, address, [int(b) for b in request.bits])
                return bits.WriteMultipleCoilsResponse(address=address, count=count)
            case _:
                self._registers[3].write(t, address, request.registers)
                return registers.WriteMultipleRegistersResponse(address=address, count=count)
