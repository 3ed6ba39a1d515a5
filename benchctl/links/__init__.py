"""Wires to instruments: one `Link` per instrument, one `Port` and one `Bus` per physical bus."""

from benchctl.links.address import Address, AddressError, Line, parse_address
from benchctl.links.bus import Bus
from benchctl.links.factory import LinkFactory
from benchctl.links.heard import listen
from benchctl.links.link import TIMEOUT, Link, NoWire

__all__ = [
    "TIMEOUT",
    "Address",
    "AddressError",
    "Bus",
    "Line",
    "Link",
    "LinkFactory",
    "NoWire",
    "listen",
    "parse_address",
]
