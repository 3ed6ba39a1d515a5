"""A simulated Vaisala HMT333 in POLL mode, one of several on an RS-485 line."""

from __future__ import annotations

from benchctl.simulation import Renamed, SimulatedInstrument, TextBus, VaisalaTransmitter, Wire

ADDRESS = 12


def simulator(serial: str = "B0410021", model: str = "HMT333 / 5.16") -> SimulatedInstrument:
    """Return a transmitter in a cool, humid room."""
    device = VaisalaTransmitter(
        model,
        serial,
        {"RH": (64.72, "%RH"), "T": (18.31, "'C"), "TDF": (11.56, "'C")},
        address=ADDRESS,
    )
    now = device.quantities
    return SimulatedInstrument(
        TextBus(Wire(4800, turnaround=0.01), device, end=b"\r", reply_end=b""),
        at=f"serial://{{location}}?baud=4800&bits=7&parity=E&address={ADDRESS}",
        shows=lambda: {
            "humidity": now["RH"][0],
            "temperature": now["T"][0],
            "dew_point": now["TDF"][0],
        },
        units={"humidity": "%", "temperature": "°C", "dew_point": "°C"},
        inputs=Renamed(device, {"humidity": "RH", "temperature": "T", "dew_point": "TDF"}),
    )
