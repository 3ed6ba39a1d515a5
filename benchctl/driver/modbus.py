"""Modbus over RTU, TCP, and RTU through a TCP gateway.

    protocol = Modbus(order="CDAB", serial=holding(126, "u32"))

Options in the address line: `unit` (1), `order` (of long values; the driver's otherwise). Channels
that are read together travel in as few requests as pay: a hole between registers is read along if
that takes less time than a further request (and the instrument allows it); the registers of one
value always travel together.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.errors import SettingRefused
from benchctl.driver.framing import ILLEGAL_ADDRESS, Framing, ModbusError, Request, Rtu, Tcp
from benchctl.driver.planning import TURNAROUND, Line, Place, end, has_holes, plan
from benchctl.driver.protocol import Identity, Protocol, Session, choice, integer
from benchctl.driver.register_values import Value, value_of
from benchctl.driver.registers import (
    ORDERS,
    Bit,
    Register,
    Send,
    Switch,
    encode,
    fetcher,
    problem,
)
from benchctl.driver.values import whole
from benchctl.driver.word_order import OrderProof, prove
from benchctl.driver.word_order import problem as unproven
from benchctl.links import Link


class Modbus(Protocol):
    """Modbus registers and coils.

    Args:
        order: How long values arrive unless the address line says otherwise (`order=CDAB`). A
            driver with long values says it; `drivers check` wants it said.
        proof: A register by which the order is seen; `connect` looks, where there is one.
        identity: A register that tells the model.
        serial: A register that tells the serial number.
        gap: Most registers to read along between two wanted ones; None lets the line rate decide.
        turnaround: Seconds that the instrument takes to answer, by which the plan reckons; more
            makes wider holes worth reading along.
        multiple: Write single registers with function 16 too, for instruments without function 6.
    """

    name: ClassVar[str] = "Modbus"
    options: ClassVar[frozenset[str]] = frozenset({"unit", "order"})

    def __init__(
        self,
        *,
        order: str = "",
        proof: OrderProof | None = None,
        identity: Register | None = None,
        serial: Register | None = None,
        gap: int | None = None,
        turnaround: float = TURNAROUND,
        multiple: bool = False,
    ) -> None:
        self.order = order or "ABCD"
        self.states_order = bool(order) or proof is not None
        """Whether the driver says how long values arrive."""
        self.proof = proof
        self.identity = identity
        self.serial = serial
        self.gap = gap
        self.turnaround = turnaround
        self.multiple = multiple

    def has_order(self, address: Any) -> bool:
        """Return whether a value takes several registers and does not name its own order."""
        place = address.read if isinstance(address, Switch) else address
        if not isinstance(place, Register) or place.is_text or place.order:
            return False
        return place.words > 1

    def session(self, link: Link, options: Mapping[str, str]) -> ModbusSession:
        """Return the conversation with one unit."""
        return ModbusSession(self, link, options)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        if self.proof is not None and (wrong := unproven(self.proof)):
            return wrong
        action = isinstance(channel, Action)
        return problem(
            channel.address, written=action or isinstance(channel, Setting), action=action
        )


class ModbusSession(Session):
    """One unit's registers over one link."""

    def __init__(self, protocol: Modbus, link: Link, options: Mapping[str, str]) -> None:
        self._link = link
        self._protocol = protocol
        self.order = choice(options, "order", ORDERS, protocol.order)
        """How long values arrive."""
        unit = integer(options, "unit", 0, 255, 1)
        self._framing: Framing = Tcp(link, unit) if link.framing == "tcp" else Rtu(link, unit)
        turnaround = protocol.turnaround + self._framing.pause
        self.line = Line(link.char_time, turnaround, protocol.gap)
        """What time costs here, and how wide a hole may be read along."""

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads the channels in as few requests as pay.

        Where an instrument refuses to read holes along, it is asked without them from then on.
        """
        return self.reader_of([[channel] for channel in channels])

    def reader_of(self, groups: Sequence[Sequence[Reading[Any]]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads groups of channels, those of a group in one request."""
        channels = [channel for group in groups for channel in group]
        together = [[self._place(c.address) for c in group] for group in groups]
        blocks = plan([place for group in together for place in group], self.line, together)
        read = self._compiled(blocks, channels)
        if not any(map(has_holes, blocks)):
            return read

        def careful() -> tuple[Any, ...]:
            nonlocal read
            try:
                return read()
            except ModbusError as error:
                if error.code != ILLEGAL_ADDRESS:
                    raise
            self.line = replace(self.line, gap=0)
            read = self.reader_of(groups)
            return read()

        return careful

    def _compiled(
        self, blocks: Sequence[Sequence[Place]], channels: Sequence[Reading[Any]]
    ) -> Callable[[], tuple[Any, ...]]:
        """Return a reader of the blocks, in one hold of the bus."""
        transact = self._framing.transact
        parts: list[tuple[Request, list[tuple[int, Value]]]] = []
        for block in blocks:
            first = block[0].start
            places = [(i, self._place(c.address)) for i, c in enumerate(channels)]
            own = [(i, value_of(channels[i], p, first)) for i, p in places if p in block]
            parts.append((self._read_request(block), own))
        if len(parts) == 1:
            request = parts[0][0]
            values = [value for _, value in parts[0][1]]

            def read_one() -> tuple[Any, ...]:
                data = transact(request)
                return tuple([value(data) for value in values])

            return read_one
        bus = self._link.bus

        def read() -> tuple[Any, ...]:
            found: list[Any] = [None] * len(channels)
            with bus:
                for request, own in parts:
                    data = transact(request)
                    for i, value in own:
                        found[i] = value(data)
            return tuple(found)

        return read

    def _place(self, address: Any) -> Place:
        """Return where a channel is read, with the order in which its bytes arrive."""
        place: Place = address.read if isinstance(address, Switch) else address
        return place.ordered(self.order) if isinstance(place, Register) else place

    def _read_request(self, block: Sequence[Place]) -> Request:
        table, first = block[0].table, block[0].start
        count = end(block) - first
        size = 2 * count if isinstance(block[0], Register) else (count + 7) // 8
        pdu = struct.pack(">BHH", table, first, count)
        return self._framing.request(pdu, bytes([table, size]), 2 + size)

    def write(self, channel: Setting[Any], value: Any) -> None:
        """Send a value to its register, coil, or as a sequence of words."""
        address = channel.address
        with self._link.bus:
            if isinstance(address, Switch):
                for word in address.on if value else address.off:
                    self._write(address.write, word)
            elif isinstance(address, Register) and address.bit is not None:
                self._write_bit(address, address.bit, bool(value))
            else:
                self._write(address, value)

    def act(self, action: Action) -> None:
        """Switch a coil on, or send the words of the action one after the other."""
        address = action.address
        values = address.values if isinstance(address, Send) else (True,)
        target = address.target if isinstance(address, Send) else address
        with self._link.bus:
            for value in values:
                self._write(target, value)

    def _write_bit(self, register: Register, bit: int, on: bool) -> None:
        """Change one bit of a word, leaving the others as they are."""
        word = Register(register.table, register.start, "u16")
        data = self._framing.transact(self._read_request([word]))
        now = int.from_bytes(data, "big")
        self._write(word, now | 1 << bit if on else now & ~(1 << bit))

    def _write(self, place: Place, value: float | bool) -> None:
        if isinstance(place, Bit):
            pdu = self._bits(place, bool(value))
        else:
            pdu = self._words(place, value)
        self._framing.transact(self._framing.request(pdu, pdu[:5], 5))

    def _bits(self, place: Bit, on: bool) -> bytes:
        if place.count == 1:
            return struct.pack(">BHH", 5, place.start, 0xFF00 if on else 0)
        size = (place.count + 7) // 8
        data = ((1 << place.count) - 1 if on else 0).to_bytes(size, "little")
        return struct.pack(">BHHB", 15, place.start, place.count, size) + data

    def _words(self, place: Register, value: float) -> bytes:
        try:
            data = encode(place.ordered(self.order), value)
        except OverflowError as error:
            raise SettingRefused(
                msg("driver.does-not-fit", value=f"{value:g}", register=str(place))
            ) from error
        if len(data) == 2 and not self._protocol.multiple:
            return struct.pack(">BH", 6, place.start) + data
        return struct.pack(">BHHB", 16, place.start, len(data) // 2, len(data)) + data

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Read model and serial number where there are registers for them.

        Without such a register the first channel of `proof` shows that the unit answers.
        """
        model, serial = self._protocol.identity, self._protocol.serial
        text = f"Modbus unit {self._framing.unit}"
        if model is not None:
            text = str(whole(self._raw(model)))
        elif proof:
            self._framing.transact(self._read_request([self._place(proof[0].address)]))
        self._prove_order()
        return Identity(text, "" if serial is None else self._serial(serial))

    def _prove_order(self) -> None:
        """See that long values arrive as they are expected, where the instrument can show it."""
        proof = self._protocol.proof
        if proof is None:
            return
        try:
            prove(proof, self.order, lambda at: self._framing.transact(self._read_request([at])))
        except ModbusError as error:
            if error.code != ILLEGAL_ADDRESS:  # else this one has no such register
                raise

    def _serial(self, register: Register) -> str:
        try:
            number = whole(self._raw(register))
        except ModbusError as error:
            if error.code != ILLEGAL_ADDRESS:
                raise
            return ""
        return str(number) if number else ""

    def _raw(self, register: Register) -> float | bool | str:
        place = register.ordered(self.order)
        return fetcher(place, 0)(self._framing.transact(self._read_request([place])))
