"""Reads a bench file: shape, addresses, dates, names, curves; every mistake with its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from benchctl.bench.bindings import Bindings, Place, channel_texts
from benchctl.bench.constants import ConstantError, read_constant
from benchctl.bench.file import (
    METERS,
    BenchFile,
    Certified,
    ChannelName,
    Constant,
    InstrumentEntry,
    KeepAlive,
    Simulated,
    Standard,
)
from benchctl.bench.gate import Gates
from benchctl.bench.model import (
    BenchPart,
    StandardChannelPart,
    StandardPart,
)
from benchctl.core.clock import utc_now
from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.core.units import UnitError, same_dimension, unit
from benchctl.language import (
    Diagnostics,
    Document,
    QuantityError,
    load_document,
    parse_document,
    parse_quantity,
    validate,
)
from benchctl.language import Source as Text
from benchctl.links import AddressError, parse_address

_CHANNEL = re.compile(r"([A-Za-z_][\w-]*)\.([A-Za-z_]\w*)")
_AGO = re.compile(r"(\d{1,5})\s*d\s+ago|in\s+(\d{1,5})\s*d")
_U = re.compile(r"(.*?)\s*(pp|of (?:the )?(?:value|reading))")
"""U with what it means: percentage points, or a share of the value."""
_RANGE = re.compile(r"(\S+)\s*\.\.\s*(\S.*)")


def load_bench(
    file: Path | Text, diagnostics: Diagnostics, *, drivers: Iterable[str] | None = None
) -> BenchFile | None:
    """Read a bench file; None where it has mistakes, which are in `diagnostics`.

    `drivers` are the names that the lab's shelf has; without them drivers are not checked.
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
    reading = _Reading(document, diagnostics, folder, drivers)
    if part is None:
        reading.names_only()
        return None
    bench = reading.bench(part)
    return bench if readable and len(diagnostics) == before else None


class _Reading:
    """One bench file while it is read."""

    def __init__(
        self,
        document: Document,
        diagnostics: Diagnostics,
        folder: Path,
        drivers: Iterable[str] | None,
    ) -> None:
        self.document = document
        self.diagnostics = diagnostics
        self.folder = folder
        self.drivers = None if drivers is None else sorted(drivers)
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
            standards=standards,
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
            known = bench.standards
            self.unknown("bench.no-such-standard", part.standard, known, (*place, "standard"))
        return InstrumentEntry(name, part.driver, part.at, part.serial, part.standard)

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
        due = self.day(part.due, (*place, "due"))
        issued = None if part.issued is None else self.day(part.issued, (*place, "issued"))
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
                channel: self.certified(p, (*place, "channels", channel))
                for channel, p in part.channels.items()
            },
        )

    def day(self, text: str, place: Place) -> date | None:
        """Return a date; in a simulated bench also one that is relative to today."""
        relative = _AGO.fullmatch(text.strip())
        if relative is not None and self.simulated:
            ago, ahead = relative.groups()
            return utc_now().date() + timedelta(days=int(ahead or 0) - int(ago or 0))
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            hint = msg("bench.relative-date") if relative is not None else None
            self.wrong("E106", msg("bench.no-date", text=text[:40]), place, hint=hint)
            return None

    def certified(self, part: StandardChannelPart, place: Place) -> Certified:
        percent = unit("%")
        stated = _U.fullmatch(part.U.strip())
        figure, meaning = (stated[1], stated[2]) if stated else (part.U, "")
        low = high = range_unit = None
        try:
            U = parse_quantity(f"{figure} %" if meaning == "pp" else figure, bare=False)  # noqa: N806
        except QuantityError as error:
            self.wrong("E202", error.message, (*place, "U"), hint=error.hint)
            return Certified(0.0, part.k, percent, True)
        if not U.value > 0:
            self.wrong("E105", msg("bench.not-positive", text=part.U), (*place, "U"))
        if part.range is not None:
            match = _RANGE.fullmatch(part.range.strip())
            try:
                if match is None:
                    raise QuantityError(msg("bench.no-range", text=part.range[:40]))
                top = parse_quantity(match[2], bare=False)
                bottom = parse_quantity(match[1], like=top.unit)
                low, high, range_unit = bottom.to(top.unit), top.value, top.unit
                if not low < high:
                    raise QuantityError(msg("bench.no-range", text=part.range[:40]))
            except (QuantityError, UnitError) as error:
                self.wrong("E202", error.message, (*place, "range"), hint=error.hint)
        ends = (low, high, range_unit)
        if same_dimension(U.unit, percent):
            share = meaning != "pp"
            return Certified(U.to(percent), part.k, percent, share, *ends, explicit=bool(meaning))
        return Certified(U.value, part.k, U.unit, False, low, high, range_unit)
