"""Opens a TCP connection the way an instrument needs it: no delay, refused means an error now."""

from __future__ import annotations

import socket
import struct
from dataclasses import replace

from benchctl.core.errors import LinkError
from benchctl.core.messages import msg
from benchctl.core.ports import Peer
from benchctl.links.port import SLICE, Opened

CONNECT_TIMEOUT = 3.0
"""Seconds of real time that a connection may take to come about."""


def open_socket(host: str, port: int, peer: Peer | None = None) -> Opened:
    """Return an open connection to `host`:`port`, or to what stands for it in this process.

    Raises:
        LinkError: the host is unknown or silent, or refuses; the hint says what to look at.
    """
    try:
        if peer is not None:
            return attached(peer)
        connection = socket.create_connection((host, port), CONNECT_TIMEOUT)
    except socket.gaierror as error:
        raise _failed("unknown-host", host, port, error) from error
    except ConnectionRefusedError as error:
        raise _failed("refused", host, port, error) from error
    except OSError as error:
        raise _failed("unreachable", host, port, error) from error
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return _opened(connection)


def attached(peer: Peer) -> Opened:
    """Return an open wire to something in this process.

    Raises:
        ConnectionRefusedError: it is not plugged in.
    """
    connected = peer.connect()
    return replace(_opened(connected.socket), heed=connected.heed)


def _opened(connection: socket.socket) -> Opened:
    """Return a connection whose reads and writes wait, but not for long."""
    connection.settimeout(None)
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        connection.setsockopt(socket.SOL_SOCKET, option, _timeval(SLICE))
    return Opened(connection.fileno(), connection.close, waits=True)


def _timeval(seconds: float) -> bytes:
    """Return `struct timeval` as the system wants it."""
    return struct.pack("@ll", int(seconds), round(seconds % 1 * 1e6))


def _failed(name: str, host: str, port: int, error: OSError) -> LinkError:
    reason = error.strerror or str(error)
    return LinkError(
        msg(f"links.{name}", host=host, port=port, reason=reason), hint=msg(f"links.hint-{name}")
    )
