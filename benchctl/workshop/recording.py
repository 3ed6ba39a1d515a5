"""Record what a driver and a real instrument say to each other; nothing is ever set.

transcript = record(driver, factory, "TCPIP::192.168.1.21::5025::SOCKET", "keysight_34465a", {})
path.write_text(written(transcript))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchctl import __version__
from benchctl.core.errors import InstrumentError
from benchctl.driver import Instrument
from benchctl.links import LinkFactory, parse_address
from benchctl.workshop.tap import Tap
from benchctl.workshop.transcripts import Operation, Transcript


def record(
    driver: type[Instrument],
    factory: LinkFactory,
    at: str,
    name: str,
    facts: Mapping[str, str],
    *,
    hardware: bool | None = None,
) -> Transcript:
    """Return what goes over the wire while the driver connects and reads every channel.

    Each channel is read alone, then all together. A channel that fails is recorded as it failed.
    `hardware` says whether a real instrument is there; by default that is taken to be so unless
    the address is on this computer.

    Raises:
        InstrumentError: the instrument cannot be reached, or is another one.
        UsageError: the address cannot be understood.
    """
    link, options = factory.open(at, name)
    tap = Tap(link)
    instrument = driver(tap, options, name=name)
    operations = [_done(tap, Operation("connect"), lambda: instrument.connect().text)]
    if operations[0].error:
        instrument.connect()  # raises what went wrong, or says that it has passed
        operations = [_done(tap, Operation("connect"), lambda: instrument.connect().text)]
    told = {
        "driver": name,
        "at": at,
        "identity": str(operations[0].value),
        **facts,
        "benchctl": __version__,
        "hardware": "yes" if (not _near(at) if hardware is None else hardware) else "no",
    }
    for channel in driver.channels:
        reading = Operation("read", channel)
        operations.append(_done(tap, reading, lambda c=channel: instrument.read(c)[0]))  # type: ignore[misc]
    if len(driver.channels) > 1:
        operations.append(_done(tap, Operation("read_all"), lambda: _all(instrument)))
    return Transcript(told, tuple(operations))


def _all(instrument: Instrument) -> list[Any]:
    return list(instrument.read(*instrument.channels))


def _done(tap: Tap, operation: Operation, do: Callable[[], Any]) -> Operation:
    """Carry an operation out and keep what went over the wire for it."""
    began = len(tap.taken)
    try:
        value = do()
        operation.value = value.hex() if isinstance(value, bytes) else value
    except InstrumentError as error:
        operation.error = error.words().splitlines()[0]
    operation.wires = tap.taken[began:]
    return operation


def _near(at: str) -> bool:
    """Return whether an address is on this computer: a pseudo terminal, a loopback port."""
    address = parse_address(at)
    place = address.location
    if address.simulated or "127.0.0.1" in place or "localhost" in place or "::1" in place:
        return True
    return place.startswith("/") and str(Path(place).resolve()).startswith("/dev/pts/")
