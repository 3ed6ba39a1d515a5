"""What is connected to this computer, and which of it is known; nothing is ever set.

    for found in scan(shelf, factory, ["modbus+rtu:///dev/ttyUSB0?baud=19200"], units=range(1, 9)):
        print(found.address, found.identity, found.drivers)

Without places the ports of the computer are listed, and instruments on VISA buses are asked for
their identification. A Modbus place is asked unit by unit for one register; a SCPI place for its
identification.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from benchctl.core.errors import BenchctlError, InstrumentError, LinkError, NoReplyError
from benchctl.driver import DriverError, Instrument, Modbus, ModbusError, Reading, Scpi, holding
from benchctl.drivers import Shelf
from benchctl.language import FileError
from benchctl.links import LinkFactory, parse_address

SCPI = Scpi(errors="")
UNIT_TIMEOUT = 0.3
"""Seconds of real time to wait for a Modbus unit that may not be there."""
PROBE = Reading[float](holding(0), unit="1", doc="Any register: an exception is an answer too.")


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is there.

    `kind` is serial, visa or modbus; `drivers` are those that know the instrument by what it says.
    """

    kind: str
    name: str
    address: str = ""
    summary: str = ""
    identity: str = ""
    serial: str = ""
    drivers: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "drivers": list(self.drivers)}


def serial_ports() -> Iterator[Found]:
    """Yield the serial ports of this computer; none is opened."""
    from serial.tools.list_ports import comports

    for port in sorted(comports()):
        yield Found("serial", port.device, f"serial://{port.device}", port.description or "")


def visa_resources() -> list[str]:
    """Return the VISA resources that can be found; serial ports are not told once more."""
    import pyvisa

    with silenced():
        manager = pyvisa.ResourceManager("@py")
        try:
            names = manager.list_resources()
        finally:
            manager.close()
    return [name for name in names if not name.startswith("ASRL")]


@contextmanager
def silenced() -> Iterator[None]:
    """Keep what libraries warn and log about buses that are not there to themselves."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


class Known:
    """The drivers of a shelf that know their instrument by what it says."""

    def __init__(self, shelf: Shelf) -> None:
        self.drivers: dict[str, type[Instrument]] = {}
        for info in shelf.list():
            try:
                driver = shelf.find(info.name)
            except (DriverError, FileError):  # `drivers list` tells what is wrong with it
                continue
            if driver.identity:
                self.drivers[info.name] = driver

    def told_by(self, identity: str) -> tuple[str, ...]:
        """Return the SCPI drivers whose instrument identifies itself so."""
        return tuple(
            name
            for name, driver in self.drivers.items()
            if isinstance(driver.protocol, Scpi) and re.search(driver.identity, identity)
        )

    def modbus(self) -> Iterator[tuple[str, type[Instrument], Modbus]]:
        """Yield the Modbus drivers whose instrument has a register for its model."""
        for name, driver in self.drivers.items():
            if isinstance(driver.protocol, Modbus) and driver.protocol.identity is not None:
                yield name, driver, driver.protocol


def scan(
    shelf: Shelf, factory: LinkFactory, places: Sequence[str], units: Iterable[int]
) -> Iterator[Found]:
    """Yield what is at the places; without any, the ports and what is on the VISA buses.

    Raises:
        AddressError: a place cannot be understood.
        LinkError: the only place that was named cannot be opened; of several it is told, and the
            others are looked at.
    """
    known = Known(shelf)
    if not places:
        yield from serial_ports()
        for name in visa_resources():
            with silenced():
                try:
                    yield _scpi(factory, name, known)
                except BenchctlError as error:
                    yield Found("visa", name, name, str(error.message))
        return
    modbus = [parse_address(place).scheme.startswith("modbus") for place in places]
    for place, on_modbus in zip(places, modbus, strict=True):
        try:
            if on_modbus:
                yield from _modbus(factory, place, units, known)
            else:
                with silenced():
                    found = _scpi(factory, place, known)
                yield found
        except LinkError as error:
            if len(places) == 1:
                raise
            yield Found("modbus" if on_modbus else "visa", place, place, str(error.message))


def _scpi(factory: LinkFactory, place: str, known: Known) -> Found:
    link, options = factory.open(place, place)
    try:
        identity = SCPI.session(link, options).identify([])
    except InstrumentError as error:
        return Found("visa", place, place, str(error.message))
    drivers = known.told_by(identity.text)
    return Found("visa", place, place, "", identity.text, identity.serial, drivers)


def _modbus(
    factory: LinkFactory, place: str, units: Iterable[int], known: Known
) -> Iterator[Found]:
    link, options = factory.open(place, place)
    if "timeout" not in options:
        link.timeout = UNIT_TIMEOUT
    for unit in units:
        asked = {**options, "unit": str(unit)}
        try:
            Modbus().session(link, asked).reader([PROBE])()
        except ModbusError:
            pass  # an exception is an answer: somebody is there
        except NoReplyError:
            continue
        except LinkError:
            raise
        except InstrumentError as error:
            yield Found("modbus", f"unit {unit}", _with_unit(place, unit), str(error.message))
            continue
        yield _identified(link, asked, place, unit, known)


def _identified(link: Any, asked: dict[str, str], place: str, unit: int, known: Known) -> Found:
    told, serial, drivers = "", "", []
    for name, driver, protocol in known.modbus():
        try:
            identity = protocol.session(link, asked).identify([])
        except InstrumentError:  # it has no such register: it is another model
            continue
        if re.search(driver.identity, identity.text):
            told, serial = identity.text, serial or identity.serial
            drivers.append(name)
    address = _with_unit(place, unit)
    return Found("modbus", f"unit {unit}", address, "", told, serial, tuple(drivers))


def _with_unit(place: str, unit: int) -> str:
    """Return an address with a unit number in place of the one it may have."""
    head, _, query = place.partition("?")
    options = [part for part in query.split("&") if part and not part.startswith("unit=")]
    return f"{head}?{'&'.join([*options, f'unit={unit}'])}"
