"""Opens a serial line; afterwards it is a file descriptor like any other.

pyserial sets the line up and locks it. A pty (a simulated line) knows no parity, and refuses it at
some attempts and ignores it at others: there, and only there, 8 bits without parity are taken.
"""

from __future__ import annotations

import errno
import os
import termios
from dataclasses import replace
from pathlib import Path

from benchctl.core.errors import LinkError
from benchctl.core.messages import msg
from benchctl.core.ports import Peer
from benchctl.links.address import Line
from benchctl.links.port import Opened
from benchctl.links.sockets import attached

_REASONS = {
    errno.ENOENT: "no-device",
    errno.ENXIO: "no-device",
    errno.EACCES: "no-permission",
    errno.EPERM: "no-permission",
    errno.EBUSY: "in-use",
    errno.EAGAIN: "in-use",
}


def is_pty(path: str) -> bool:
    """Return whether `path` is a pseudo-terminal, where characters cost nothing."""
    try:
        return str(Path(path).resolve()).startswith("/dev/pts/")
    except OSError:  # pulled while its link was being read; opening it says so properly
        return False


def open_line(path: str, line: Line, peer: Peer | None = None) -> Opened:
    """Return the open serial line at `path`, or the wire to what stands for it in this process.

    Raises:
        LinkError: there is no such device, it is in use, not permitted, or refuses the settings.
    """
    if peer is not None:
        try:
            return attached(peer)
        except ConnectionRefusedError as error:
            gone = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            raise _failed(path, line, gone) from error
    if is_pty(path) and (line.parity, line.bits) != ("N", 8):
        plain = Line(baud=line.baud)
        opened = _open(path, plain)
        return replace(opened, note=f"{line} -> {plain}")
    return _open(path, line)


def _open(path: str, line: Line) -> Opened:
    import serial  # opening a real line is the only thing that needs it

    try:
        port = serial.Serial(
            path,
            baudrate=line.baud,
            bytesize=line.bits,
            parity=line.parity,
            stopbits=line.stop,
            rtscts=line.flow == "rtscts",
            xonxoff=line.flow == "xonxoff",
            timeout=0,
            exclusive=True,
        )
    except (OSError, ValueError, termios.error) as error:  # SerialException is an OSError
        raise _failed(path, line, error) from error
    port.reset_input_buffer()
    if not is_pty(path):
        _hurry(port)
    fd = port.fileno()
    return Opened(fd, port.close, set_baud=lambda baud: _set_baud(fd, path, baud or line.baud))


def _set_baud(fd: int, path: str, baud: int) -> None:
    """Change the rate once all is sent.

    Raises:
        LinkError: this system knows no such rate.
        OSError: the line is gone.
    """
    speed = getattr(termios, f"B{baud}", None)
    if speed is None:
        raise LinkError(msg("links.no-such-baud", path=path, baud=baud))
    try:
        settings = termios.tcgetattr(fd)
        settings[4] = settings[5] = speed
        termios.tcsetattr(fd, termios.TCSADRAIN, settings)
    except termios.error as error:  # not an OSError, though it carries the same
        raise OSError(*error.args) from error


def _hurry(port: object) -> None:
    """Ask a USB converter to pass characters on at once, where it can (FTDI: 16 ms otherwise)."""
    try:
        port.set_low_latency_mode(True)  # type: ignore[attr-defined]  # Linux only, not in stubs
    except (OSError, ValueError, AttributeError):
        return


def _failed(path: str, line: Line, error: Exception) -> LinkError:
    code = error.errno if isinstance(error, OSError) else None
    name = _REASONS.get(code or 0, "cannot-open")
    if "exclusively lock" in str(error):
        name = "in-use"
    return LinkError(
        msg(f"links.{name}", path=path, settings=str(line), reason=str(error)),
        hint=msg(f"links.hint-{name}"),
    )
