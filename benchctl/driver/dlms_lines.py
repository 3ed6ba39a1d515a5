"""How DLMS/COSEM messages travel: in HDLC frames on a serial line, wrapped on a network.

A line is opened, exchanges messages and is closed. HDLC numbers its frames, so that a late or
doubled one is known; a long answer comes in segments, each asked for. The wrapper has no checksum:
what TCP gives is what was sent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver.framed import Shape, answer, hear
from benchctl.driver.hdlc_frames import (
    DISC,
    DM,
    FINAL,
    FORMATS,
    FRMR,
    LLC_REQUEST,
    LLC_RESPONSE,
    SNRM,
    UA,
    Frame,
    Wrapped,
    decode,
    encode,
    parameters,
    size,
    unwrap,
    wrap,
    wrapped_size,
)
from benchctl.links import Link

USUAL_INFORMATION = 128
"""Bytes of information that a frame may have where nothing else was agreed on."""
MOST_SEGMENTS = 512
_HDLC = Shape("HDLC", FORMATS, size)
_WRAPPER = Shape("DLMS wrapper", b"\x00", wrapped_size)
Ours = Callable[[bytes], bool]


class DlmsLine(ABC):
    """A way for messages to a meter and back."""

    name: str
    """Under which the meter is known in messages."""

    @abstractmethod
    def open(self) -> None:
        """Make the connection; one that was there is made anew."""

    @abstractmethod
    def exchange(self, message: bytes, ours: Ours) -> bytes:
        """Send a message and return the answer that is `ours`; others are dropped.

        Raises:
            InstrumentError: nothing, or nothing sound, came before the deadline.
        """

    @abstractmethod
    def close(self) -> None:
        """End the connection."""


class Hdlc(DlmsLine):
    """HDLC, window size 1; addresses as their bytes travel."""

    def __init__(self, link: Link, client: bytes, server: bytes) -> None:
        self._link = link
        self._client, self._server = client, server
        self._sent = self._received = 0
        self._most = USUAL_INFORMATION
        self.name = f"HDLC {server.hex()}"

    def open(self) -> None:
        """Send SNRM; the meter agrees by UA, or tells that it is not ready."""
        frame = self._command(SNRM)
        told = parameters(frame.information)
        self._most = min(USUAL_INFORMATION, told.get("max_rx", USUAL_INFORMATION))
        self._sent = self._received = 0

    def close(self) -> None:
        """Send DISC."""
        self._command(DISC)

    def _command(self, control: int) -> Frame:
        def judge(wire: bytes) -> Frame | None:
            frame = self._mine(wire)
            if frame and frame.control & ~FINAL in (DM & ~FINAL, FRMR & ~FINAL):
                raise DeviceError(msg("meter.hdlc-refused", control=f"{frame.control:02X}"))
            return frame if frame and frame.control & ~FINAL == UA & ~FINAL else None

        sent = encode(Frame(self._server, self._client, control))
        return answer(self._link, sent, _HDLC, judge, address=self.name)

    def _mine(self, wire: bytes) -> Frame | None:
        frame = decode(wire)
        ours = frame.destination == self._client and frame.source == self._server
        return frame if ours else None

    def exchange(self, message: bytes, ours: Ours) -> bytes:
        """Send a message in one frame and gather the answer's segments."""
        information = LLC_REQUEST + message
        if len(information) > self._most:
            raise DeviceError(msg("meter.too-long", got=len(information), most=self._most))
        control = self._received << 5 | FINAL | self._sent << 1
        sent = encode(Frame(self._server, self._client, control, information))
        with self._link.bus:
            self._sent = self._sent + 1 & 7
            frame = answer(self._link, sent, _HDLC, self._next, address=self.name)
            whole = frame.information
            for _ in range(MOST_SEGMENTS):
                if not frame.segmented:
                    break
                frame = self._segment(frame, sent)
                whole += frame.information
            else:
                raise GarbageReplyError(msg("meter.endless", most=MOST_SEGMENTS))
        if not whole.startswith(LLC_RESPONSE) or not ours(whole[3:]):
            raise GarbageReplyError(msg("meter.foreign", address=self.name), wire=whole)
        return whole[3:]

    def _segment(self, before: Frame, sent: bytes) -> Frame:
        """Return the next segment; behind the last frame of a window it has to be asked for."""
        if not before.control & FINAL:
            return hear(self._link, sent, _HDLC, self._next, address=self.name)
        ready = encode(Frame(self._server, self._client, self._received << 5 | FINAL | 1))
        return answer(self._link, ready, _HDLC, self._next, address=self.name)

    def _next(self, wire: bytes) -> Frame | None:
        """Return the information frame that is due; one with another number is late or doubled."""
        frame = self._mine(wire)
        if frame is None:
            return None
        if frame.control & ~FINAL in (DM & ~FINAL, FRMR & ~FINAL):
            raise DeviceError(msg("meter.hdlc-refused", control=f"{frame.control:02X}"))
        numbers = frame.control >> 5, frame.control >> 1 & 7
        if frame.control & 1 or numbers != (self._sent, self._received):
            return None
        self._received = self._received + 1 & 7
        return frame


class Wrapper(DlmsLine):
    """The wrapper of networks; ports instead of addresses."""

    def __init__(self, link: Link, client: int, server: int) -> None:
        self._link = link
        self._client, self._server = client, server
        self.name = f"port {server}"

    def open(self) -> None:
        """Do nothing: the network connection is all."""

    def close(self) -> None:
        """Do nothing."""

    def exchange(self, message: bytes, ours: Ours) -> bytes:
        """Send a message and return the answer."""

        def judge(wire: bytes) -> bytes | None:
            got = unwrap(wire)
            mine = (got.source, got.destination) == (self._server, self._client)
            return got.information if mine and ours(got.information) else None

        sent = wrap(Wrapped(self._client, self._server, message))
        return answer(self._link, sent, _WRAPPER, judge, address=self.name)
