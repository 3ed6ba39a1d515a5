"""Reads a bench file: shape, addresses, dates, names, curves; every mistake with its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Protocol

from benchctl.bench.bindings import Bindings, Place, channel_texts
from benchctl.bench.certificate import Standard
from benchctl.bench.certificate_model import StandardPart
from benchctl.bench.certificate_reading import Certificates
from benchctl.bench.constants import ConstantError, read_constant
from benchctl.bench.file import (
    METERS,
    BenchFile,
    ChannelName,
    Constant,
    InstrumentEntry,
    KeepAlive,
    Simulated,
)
from benchctl.bench.gate import Gates
from benchctl.bench.model import BenchPart
from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.core.units import unit
from benchctl.language import (
    Diagnostics,
    Document,
    load_document,
    parse_document,
    parse_quantity,
    validate,
)
from benchctl.language import Source as Text
from benchctl.links import AddressError, parse_address

_CHANNEL = re.compile(r"([A-Za-z_][\w-]*)\.([A-Za-z_]\w*)")


def load_bench(
    file: Path | Text,
    diagnostics: Diagnostics,
    *,
    drivers: Iterable[str] | None = None,
    register: Registered | None = None,
) -> BenchFile | None:
    """Read a bench file; None where it has mistakes, which are in `diagnostics`.

    `drivers` are the names that the lab's shelf has; without them drivers are not checked.
    `register` knows the standards that the file names and does not describe.

    Raises:
        RecordError: the register cannot be read.
    """
    found = len(diagnostics)
    if isinstance(file, Path):
        document, folder = load_document(file, diagnostics), file.parent
    else:
        document, folder = parse_document(file, diagnostics), Path(file.name).parent
    readable = len(diagnostics) == found
    if document is None:
        return None
    before = len(diagnostics)
    part = validate(BenchPart, document, diagnostics)
    reading = _Reading(document, diagnostics, folder, drivers, register)
    if part is None:
        reading.names_only()
        return None
    bench = reading.bench(part)
    return bench if readable and len(diagnostics) == before else None


class Registered(Protocol):
    """The lab's register of standards, as a bench file needs it."""

    def standard(self, name: str) -> Standard | None:
        """Return a standard with its present certificate, None where there is none."""

    def names(self) -> Iterable[str]:
        """Return the names that it knows."""


class _Reading:
    """One bench file while it is read."""

    def __init__(
        self,
        document: Document,
        diagnostics: Diagnostics,
        folder: Path,
        drivers: Iterable[str] | None,
        register: Registered | None,
    ) -> None:
        self.document = document
        self.diagnostics = diagnostics
        self.folder = folder
        self.drivers = None if drivers is None else sorted(drivers)
        self.register = register
        self.registered: dict[str, Standard] = {}
        self.mistakes = 0
        self.instruments: set[str] = set()
        self.simulated = False
        self.positions: int | None = None

    def wrong(
        self,
        code: str,
        message: Message,
        place: Place,
        *,
        hint: Message | None = None,
        key: bool = False,
    ) -> None:
        """Report a mistake at a place, or at the key that leads to it."""
        self.mistakes += 1
        at = self.document.nearest(place)
        span = self.document.key_span(at) if key else self.document.span(at)
        self.diagnostics.error(code, message, self.document.source, span, hint=hint)

    def unknown(
        self, id_: str, name: str, known: Iterable[str], place: Place, *, key: bool = False
    ) -> None:
        """Report a name that is not known, with the one probably meant."""
        known = sorted(known)
        near = closest(name, known)
        hint = (
            msg("bench.did-you-mean", name=near)
            if near
            else msg("bench.known", names=", ".join(known[:12]) or "—")
        )
        self.wrong("E301", msg(id_, name=name), place, hint=hint, key=key)

    def bench(self, part: BenchPart) -> BenchFile | None:
        self.simulated = part.simulated is not None
        self.instruments = set(part.instruments)
        instruments = {name: self.instrument(name, part) for name in part.instruments}
        standards = {name: self.standard(name, p) for name, p in part.standards.items()}
        self.positions = part.positions
        bindings = Bindings(self)
        roles = {role: bindings.role(b, ("roles", role)) for role, b in part.roles.items()}
        constants = self.constants(part)
        alive = [
            KeepAlive(
                self.channel(k.read, ("keep_alive", n, "read")), self.seconds(k.every, n), k.expect
            )
            for n, k in enumerate(part.keep_alive)
        ]
        prepare = [self.channel(name, ("prepare", n)) for n, name in enumerate(part.prepare)]
        order = self.flow_order(part)
        gate = None if part.gate is None else Gates(self, part.roles).gate(part.gate)
        if self.mistakes:
            return None
        source = self.document.source
        return BenchFile(
            name=part.bench,
            source=source,
            folder=self.folder,
            sha256=hashlib.sha256(source.text.encode()).hexdigest(),
            simulated=None if part.simulated is None else Simulated(**part.simulated.model_dump()),
            instruments=instruments,
            standards={**self.registered, **standards},
            roles=roles,
            keep_alive=tuple(alive),
            positions=part.positions,
            constants=constants,
            prepare=tuple(prepare),
            flow_order=order,
            gate=gate,
            urgent=part.acquisition is not None and part.acquisition.urgent,
        )

    def flow_order(self, part: BenchPart) -> tuple[str, ...]:
        """Return the roles in the direction of flow, each once, the units among them."""
        known = [*part.roles, METERS]
        for n, role in enumerate(part.flow_order):
            if role not in known:
                self.unknown("bench.no-role", role, known, ("flow_order", n))
            elif role in part.flow_order[:n]:
                self.wrong("E303", msg("bench.role-twice", role=role), ("flow_order", n))
        if part.flow_order and METERS not in part.flow_order:
            self.wrong("E106", msg("bench.no-meters", name=METERS), ("flow_order",))
        return tuple(part.flow_order)

    def constants(self, part: BenchPart) -> dict[str, Constant]:
        """Return the figures that are in order."""
        found = {}
        for name, given in part.constants.items():
            try:
                found[name] = read_constant(given)
            except ConstantError as error:
                place: Place = ("constants", name)
                place = place if isinstance(given, str) else (*place, error.key)
                self.wrong("E202", error.error.message, place, hint=error.error.hint)
                continue
            behind = found[name].standard
            if behind and behind not in part.standards:
                self.from_register(behind, part, ("constants", name, "standard"))
        return found

    def names_only(self) -> None:
        """Look at the roles' channels where the shape of the file is wrong elsewhere."""
        data = self.document.data if isinstance(self.document.data, dict) else {}
        instruments, roles = data.get("instruments"), data.get("roles")
        if not isinstance(instruments, dict) or not isinstance(roles, dict):
            return
        self.instruments = set(instruments)
        for role, binding in roles.items():
            for name, place in channel_texts(binding, ("roles", role)):
                if _CHANNEL.fullmatch(name.strip()):
                    self.channel(name, place)

    def instrument(self, name: str, bench: BenchPart) -> InstrumentEntry:
        part = bench.instruments[name]
        place: Place = ("instruments", name)
        self.driver(part.driver, (*place, "driver"))
        self.address(part.at, (*place, "at"))
        if part.standard is not None and part.standard not in bench.standards:
            self.from_register(part.standard, bench, (*place, "standard"))
        return InstrumentEntry(name, part.driver, part.at, part.serial, part.standard)

    def from_register(self, name: str, bench: BenchPart, place: Place) -> None:
        """Take a standard that does not stand in the file out of the lab's register."""
        found = None if self.register is None else self.register.standard(name)
        if found is not None:
            self.registered[name] = found
            return
        known = [*bench.standards, *(self.register.names() if self.register else ())]
        self.unknown("bench.no-such-standard", name, known, place)

    def driver(self, name: str, place: Place) -> None:
        if self.drivers is not None and name not in self.drivers:
            self.unknown("bench.no-such-driver", name, self.drivers, place)

    def address(self, text: str, place: Place) -> None:
        try:
            parse_address(text)
        except AddressError as error:
            self.wrong("E106", error.message, place, hint=error.hint)

    def channel(self, text: str, place: Place, *, of_driver: bool = False) -> ChannelName:
        """Return the two parts of `instrument.channel` (or `driver.channel`)."""
        match = _CHANNEL.fullmatch(text.strip())
        if match is None:
            self.wrong("E106", msg("bench.no-channel-name", text=text[:60]), place)
            return ChannelName("", "")
        name = ChannelName(match[1], match[2])
        if of_driver:
            self.driver(name.instrument, place)
        elif name.instrument not in self.instruments:
            known = self.instruments
            self.unknown("bench.no-such-instrument", name.instrument, known, place)
        return name

    def seconds(self, text: str, n: int) -> float:
        place: Place = ("keep_alive", n, "every")
        try:
            value = parse_quantity(text, like=unit("s"), bare=False).to(unit("s"))
        except BenchctlError as error:
            self.wrong("E202", error.message, place, hint=error.hint)
            return 1.0
        if not value > 0:
            self.wrong("E105", msg("bench.not-positive", text=text), place)
        return value

    # reference standards

    def standard(self, name: str, part: StandardPart) -> Standard:
        place: Place = ("standards", name)
        read = Certificates(self, simulated=self.simulated)
        due = read.day(part.due, (*place, "due"))
        issued = None if part.issued is None else read.day(part.issued, (*place, "issued"))
        if issued is not None and due is not None and due < issued:
            self.wrong("E106", msg("bench.due-before-issued"), (*place, "due"))
        return Standard(
            name=name,
            model=part.model,
            serial=part.serial,
            certificate=part.certificate,
            issued=issued,
            due=due or date.max,
            channels={
                channel: read.certified(p, (*place, "channels", channel), issued, due)
                for channel, p in part.channels.items()
            },
            issuer=part.issuer,
            conditions=read.conditions(part.conditions, (*place, "conditions")),
        )
