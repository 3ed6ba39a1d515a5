r"""Replies of ZERA reference meters (RMM, COM): several lines, then an acknowledgement.

    ME\r       ->  U1;230.012\r U2;... \r MEACK\r          measured values
    ST\r       ->  UB;480\r IB; 50\r M;  4Wa\r STACK\r     ranges and mode
    UB1\r      ->  UBACK\r                                 a setting

There is no checksum: what is checked is that every line is NAME;VALUE, that no name stands twice,
and the acknowledgement at the end. A digit that was changed on the way is not noticed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import Message, msg

END = b"\r"
ACKNOWLEDGED = "ACK"
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9:+_]{0,15});([ -~]{1,32})")
_REFUSED = re.compile(r"[A-Z]{0,3}(NAK|ERR)(;.*)?|ERR;?.*")


def encode_request(command: str) -> bytes:
    """Return a command as it travels."""
    return command.encode("ascii") + END


def encode_reply(command: str, values: Mapping[str, str]) -> bytes:
    """Return a reply as the meter sends it; `command` without its argument."""
    lines = [f"{name};{value}" for name, value in values.items()]
    return b"".join(line.encode("ascii") + END for line in [*lines, command + ACKNOWLEDGED])


def ending(command: str) -> bytes:
    """Return the last line of the reply to a command."""
    return (command + ACKNOWLEDGED).encode("ascii") + END


def decode(wire: bytes, command: str) -> dict[str, str]:
    """Return the values in the reply to `command`; what an earlier command left before it is not.

    Raises:
        DeviceError: the meter refuses.
        GarbageReplyError: no acknowledgement, a line that is none, a name that stands twice.
    """
    try:
        lines = wire.decode("ascii").replace("\n", "").split("\r")
    except UnicodeDecodeError as error:
        raise GarbageReplyError(msg("driver.no-text"), wire=wire) from error
    if lines[-2:] != [command + ACKNOWLEDGED, ""]:
        raise GarbageReplyError(no_end(command + ACKNOWLEDGED), wire=wire)
    lines = lines[:-2]
    late = [n for n, line in enumerate(lines) if line.endswith(ACKNOWLEDGED) and ";" not in line]
    lines = lines[late[-1] + 1 :] if late else lines
    values: dict[str, str] = {}
    for line in lines:
        if line == command:
            continue  # the meter, or a half-duplex line, repeats the question
        if _REFUSED.fullmatch(line):
            raise DeviceError(msg("meter.iec-error", text=line), wire=wire)
        found = _LINE.fullmatch(line)
        if found is None or found[1] in values:
            raise GarbageReplyError(msg("driver.no-reply-line", text=line[:80]), wire=wire)
        values[found[1]] = found[2].strip()
    return values


def no_end(end: str) -> Message:
    """Return the sentence for a reply whose acknowledgement is missing."""
    return msg("meter.no-end", end=end)


def ranged(text: str) -> float:
    """Return the range that a status says: "480", " 50", "0.5", "50m".

    Raises:
        ValueError: it is none.
    """
    text = text.strip()
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)
