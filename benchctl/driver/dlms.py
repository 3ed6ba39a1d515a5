"""DLMS/COSEM as the protocol of a driver: attributes of a meter's objects, with scaler and unit.

    protocol = Dlms()
    energy = Reading(dlms("1.0.1.8.0.255"), unit="kWh")                      # scaled, converted
    clock = Reading(dlms("0.0.1.0.0.255", interface=8), kind=text)

The association is made with the first exchange and kept; whatever goes wrong on the wire ends it,
and the next attempt makes it anew. Scaler and unit of a register are read once per association.

Options in the address line: `framing` (hdlc or wrapper), `client` (16 is the public client, which
usually may read clock and name only), `server` (logical address), `physical` and `address_size`
(HDLC: 1, 2 or 4 bytes), `password` (low level security).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar

from benchctl.core.errors import DeviceError, GarbageReplyError, InstrumentError, UsageError
from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.dlms_frames import (
    DATA,
    OBIS,
    SCALED,
    Attribute,
    access_error,
    data_of,
    get_next_request,
    get_request,
    invoke_of,
    parsed,
    scaler_and_unit,
    text_of,
)
from benchctl.driver.dlms_lines import DlmsLine, Hdlc, Wrapper
from benchctl.driver.hdlc_frames import address
from benchctl.driver.protocol import Identity, Protocol, Session, choice, integer
from benchctl.driver.quantities import in_unit
from benchctl.driver.values import finite
from benchctl.links import Link

PUBLIC_CLIENT = 16
NAME = Attribute(DATA, "0.0.42.0.0.255")
SERIAL = Attribute(DATA, "0.0.96.1.0.255")
MOST_BLOCKS = 256
AARE, EXCEPTION, GET_RESPONSE = 0x61, 0xD8, 0xC4


class Dlms(Protocol):
    """Reads a DLMS/COSEM meter by logical names; a channel's address is made by `dlms`."""

    name: ClassVar[str] = "DLMS/COSEM"
    options: ClassVar[frozenset[str]] = frozenset(
        {"framing", "client", "server", "physical", "address_size", "password"}
    )

    def session(self, link: Link, options: Mapping[str, str]) -> DlmsSession:
        """Return the conversation with one meter."""
        return DlmsSession(link, options)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        if isinstance(channel, Setting | Action):
            return "this protocol only reads"
        if not isinstance(channel.address, Attribute):
            return f"{channel.address!r} is not dlms(...)"
        good = OBIS.fullmatch(channel.address.obis)
        return "" if good else f"{channel.address.obis!r} is no OBIS code of six parts"


class DlmsSession(Session):
    """One meter on a serial line or network."""

    def __init__(self, link: Link, options: Mapping[str, str]) -> None:
        self._link = link
        self._line = _line(link, options)
        self._password = options.get("password", "").encode("utf-8")
        self._associated = False
        self._invoke = 0
        self._scales: dict[Attribute, tuple[Fraction, str]] = {}
        server, physical = options.get("server", "1"), options.get("physical", "")
        self.bus_address = f"{server}/{physical}" if physical else server

    # messages -------------------------------------------------------------------------------

    def _associate(self) -> None:
        """Open the line and ask for an association.

        Raises:
            DeviceError: the meter does not agree.
        """
        self._scales.clear()
        self._line.open()
        reply = self._line.exchange(
            _association_request(self._password), lambda apdu: apdu[:1] in (b"\x61", b"\xd8")
        )
        answer = parsed(reply)
        if reply[0] == EXCEPTION:
            raise DeviceError(msg("meter.dlms-exception", text=_exception(answer)), wire=reply)
        if answer.result != 0:
            why = str(answer.result_source_diagnostics.name).lower().replace("_", " ")
            raise DeviceError(
                msg("meter.dlms-not-associated", reason=why),
                wire=reply,
                hint=msg("meter.hint-dlms-not-associated"),
            )
        self._associated = True

    def get(self, attribute: Attribute) -> Any:
        """Return the data of an attribute.

        Raises:
            DeviceError: the meter refuses it; the message says why.
            GarbageReplyError: what came is no answer to it.
        """
        with self._link.bus:
            try:
                if not self._associated:
                    self._associate()
                return data_of(self._fetch(attribute))
            except DeviceError:
                raise
            except InstrumentError:
                self._associated = False
                raise

    def _fetch(self, attribute: Attribute) -> bytes:
        """Return the encoded data of an attribute, in as many blocks as the meter needs."""
        self._invoke = self._invoke % 15 + 1
        reply, whole = self._exchange(get_request(attribute, self._invoke)), b""
        for block in range(1, MOST_BLOCKS):
            if type(reply).__name__ == "GetResponseNormal":
                return bytes(reply.data)
            if reply.block_number != block:
                raise GarbageReplyError(msg("meter.part", part=block))
            whole += bytes(reply.data)
            if type(reply).__name__ == "GetResponseLastBlock":
                return whole
            reply = self._exchange(get_next_request(block, self._invoke))
        raise GarbageReplyError(msg("meter.endless", most=MOST_BLOCKS))

    def _exchange(self, request: bytes) -> Any:
        """Return the GET answer that belongs to a request."""

        def ours(apdu: bytes) -> bool:
            if apdu[:1] == bytes([EXCEPTION]):
                return True
            return apdu[:1] == bytes([GET_RESPONSE]) and invoke_of(apdu) == self._invoke

        apdu = self._line.exchange(request, ours)
        reply = parsed(apdu)
        if apdu[0] == EXCEPTION:
            raise DeviceError(msg("meter.dlms-exception", text=_exception(reply)), wire=apdu)
        if hasattr(reply, "error"):
            error = access_error(int(reply.error))
            error.wire = apdu
            raise error
        if not hasattr(reply, "data"):
            raise GarbageReplyError(msg("meter.no-frame", protocol="DLMS"), wire=apdu)
        return reply

    # channels -----------------------------------------------------------------------------------

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads the channels, one GET each, in one hold of the bus."""
        wanted = list(channels)

        def read() -> tuple[Any, ...]:
            with self._link.bus:
                return tuple([channel.kind(self._value(channel)) for channel in wanted])

        return read

    def _value(self, channel: Reading[Any]) -> Any:
        attribute: Attribute = channel.address
        data = self.get(attribute)
        try:
            if isinstance(data, bool) or not isinstance(data, int | float):
                return text_of(data)
            if isinstance(data, float):
                finite(data)
            number = Fraction(data)
            scale = SCALED.get((attribute.interface, attribute.number))
            if scale is None:
                return data
            factor, unit = self._scale(Attribute(attribute.interface, attribute.obis, scale))
            if not channel.unit:
                return float(number * factor)
            return in_unit(number * factor, unit, channel.unit)
        except InstrumentError as error:
            error.channel = channel.name
            raise

    def _scale(self, attribute: Attribute) -> tuple[Fraction, str]:
        if attribute not in self._scales:
            self._scales[attribute] = scaler_and_unit(self.get(attribute))
        return self._scales[attribute]

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Associate anew and ask for the logical device name and the meter's number."""
        del proof
        self._associated = False
        told = []
        for attribute in (NAME, SERIAL):
            try:
                told.append(text_of(self.get(attribute)))
            except DeviceError:
                if not self._associated:
                    raise
                told.append("")  # a meter need not show them to every client
        return Identity(f"DLMS meter {told[0]}".strip(), told[1])


def _line(link: Link, options: Mapping[str, str]) -> DlmsLine:
    """Return the way to the meter that the options describe."""
    client = integer(options, "client", 1, 127, PUBLIC_CLIENT)
    server = integer(options, "server", 0, 0x3FFF, 1)
    if choice(options, "framing", ("HDLC", "WRAPPER"), "HDLC") == "WRAPPER":
        return Wrapper(link, client, server)
    physical = integer(options, "physical", 0, 0x3FFF, 0) if "physical" in options else None
    size = integer(options, "address_size", 1, 4, 1 if physical is None else 4)
    try:
        return Hdlc(link, address(client), address(server, physical, size))
    except ValueError:
        raise UsageError(
            msg("driver.bad-option", option="address_size", value=str(size), allowed="1, 2, 4")
        ) from None


def _association_request(password: bytes) -> bytes:
    """Return an AARQ: without security, or with a password."""
    from dlms_cosem import connection, state
    from dlms_cosem.security import LowLevelSecurityAuthentication, NoSecurityAuthentication

    _silence(connection, state)
    way = LowLevelSecurityAuthentication(password) if password else NoSecurityAuthentication()
    conversation = connection.DlmsConnection(authentication=way, client_system_title=None)
    return bytes(conversation.send(conversation.get_aarq()))


def _silence(*modules: Any) -> None:
    """Let modules of dlms-cosem log nothing; they would print every message otherwise."""
    import structlog

    quiet = structlog.wrap_logger(
        structlog.PrintLogger(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
    )
    for module in modules:
        module.LOG = quiet


def _exception(answer: Any) -> str:
    names = (answer.state_error.name, answer.service_error.name)
    return ", ".join(name.lower().replace("_", " ") for name in names)
