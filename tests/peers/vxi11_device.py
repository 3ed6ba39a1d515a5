"""A VXI-11 instrument on the RPC server and the XDR of python-vxi11: `vxi11_device.py`.

It is run by the interpreter of `PEERS_PYTHON`; the instrument behind the wire is ours.
"""

from __future__ import annotations

import struct
import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports xdrlib
    from vxi11 import rpc, vxi11

IDENTITY = "ACME,V11,4711,1.0"
RAMP = 5
"""Looks at the status byte until RAMP is complete."""
PIECE = 1000
"""Bytes that one read gives at most, so that a long reply comes in several."""


class Instrument:
    """Answers messages; `late` replies are there only for the read after the next."""

    def __init__(self) -> None:
        self.level = 1.5
        self.errors: list[str] = []
        self.looks_left = 0
        self.tells_end = False
        self.events = self.event_mask = 0

    def answer(self, message: str) -> bytes:
        replies = [self.one(part.strip().lstrip(":")) for part in message.split(";")]
        return b";".join(reply for reply in replies if reply)

    def one(self, command: str) -> bytes:
        word, _, value = command.partition(" ")
        match word.upper():
            case "*IDN?":
                return IDENTITY.encode()
            case "SYST:ERR?":
                return (self.errors.pop(0) if self.errors else '0,"No error"').encode()
            case "VOLT?" | "LATE?":
                return f"{self.level:.9E}".encode()
            case "VOLT":
                self.level = float(value)
                return b""
            case "RAMP":
                self.level = float(value)
                self.looks_left = RAMP
                return b""
            case "*OPC":
                self.tells_end = True
                return b""
            case "*ESE":
                self.event_mask = int(value)
                return b""
            case "*CLS" | "*SRE":
                return b""
            case "*ESR?":
                self.status()
                events, self.events = self.events, 0
                return str(events).encode()
            case "OVER?":
                return b"+9.90000000E+37"
            case "NAME?":
                return b'"a;b, c"'
            case "QUOTE?":
                return b'"a;b, ""c"""'
            case "TRAC?":
                data = struct.pack(">2000f", *(i / 8 - 100 for i in range(2000)))
                return b"#4" + str(len(data)).encode() + data
            case "LF?":
                return b"#16\n1\n2\n3"
        self.errors.append(f'-113,"Undefined header;{command}"')
        return b""

    def status(self) -> int:
        """Return the status byte: an enabled event, service requested."""
        self.looks_left -= self.looks_left > 0
        if self.tells_end and not self.looks_left:
            self.tells_end, self.events = False, self.events | 1
        return 0x60 if self.events & self.event_mask else 0


class Server(rpc.TCPServer):  # type: ignore[misc]
    """The core channel with one instrument, inst1."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1", vxi11.DEVICE_CORE_PROG, vxi11.DEVICE_CORE_VERS, 0)
        self.instrument = Instrument()
        self.written = b""
        self.reply = b""
        self.late = 0

    def addpackers(self) -> None:
        self.packer = vxi11.Packer()
        self.unpacker = vxi11.Unpacker("")

    def told(self, pack: Any, *values: Any) -> None:
        self.turn_around()
        pack(values if len(values) > 1 else values[0])

    def handle_10(self) -> None:  # create_link
        _, _, _, device = self.unpacker.unpack_create_link_parms()
        error = 0 if device == b"inst1" else vxi11.ERR_DEVICE_NOT_ACCESSIBLE
        self.written = self.reply = b""
        self.told(self.packer.pack_create_link_resp, error, 1, 0, 4096)

    def handle_11(self) -> None:  # device_write
        _, _, _, flags, data = self.unpacker.unpack_device_write_parms()
        self.written += data
        if flags & vxi11.OP_FLAG_END:
            message, self.written = self.written.decode("ascii").strip(), b""
            print("got", message, flush=True)
            answer = self.instrument.answer(message)
            self.reply += answer + b"\n" if answer else b""
            self.late = 1 if message == "LATE?" else 0
        self.told(self.packer.pack_device_write_resp, 0, len(data))

    def handle_12(self) -> None:  # device_read
        _, size, _, _, _, _ = self.unpacker.unpack_device_read_parms()
        if self.late or not self.reply:
            self.late = 0
            self.told(self.packer.pack_device_read_resp, vxi11.ERR_IO_TIMEOUT, 0, b"")
            return
        size = min(size, PIECE)
        data, self.reply = self.reply[:size], self.reply[size:]
        reason = 0 if self.reply else vxi11.RX_END
        self.told(self.packer.pack_device_read_resp, 0, reason, data)

    def handle_13(self) -> None:  # device_readstb
        self.unpacker.unpack_device_generic_parms()
        print("polled", flush=True)
        self.told(self.packer.pack_device_read_stb_resp, 0, self.instrument.status())

    def handle_15(self) -> None:  # device_clear
        self.unpacker.unpack_device_generic_parms()
        self.written = self.reply = b""
        self.told(self.packer.pack_device_error, 0)

    def handle_23(self) -> None:  # destroy_link
        self.unpacker.unpack_device_link()
        self.told(self.packer.pack_device_error, 0)


if __name__ == "__main__":
    server = Server()
    server.sock.listen(1)
    print("ready", server.port, flush=True)
    while True:
        server.session(server.sock.accept())
