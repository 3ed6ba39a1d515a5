"""A simulated Vaisala PTU303, alone on RS-232 in STOP mode."""

from __future__ import annotations

from benchctl.simulation import Renamed, SimulatedInstrument, TextBus, VaisalaTransmitter, Wire


def simulator(serial: str = "C2210007", model: str = "PTU303 / 4.05") -> SimulatedInstrument:
    """Return a transmitter in a balance room."""
    device = VaisalaTransmitter(
        model,
        serial,
        {"P": (1004.62, "hPa"), "T": (20.31, "'C"), "RH": (47.85, "%RH")},
    )
    now = device.quantities
    return SimulatedInstrument(
        TextBus(Wire(4800, turnaround=0.01), device, end=b"\r", reply_end=b""),
        at="serial://{location}?baud=4800&bits=7&parity=E",
        shows=lambda: {
            "pressure": now["P"][0],
            "temperature": now["T"][0],
            "humidity": now["RH"][0],
        },
        units={"pressure": "hPa", "temperature": "°C", "humidity": "%"},
        inputs=Renamed(device, {"pressure": "P", "temperature": "T", "humidity": "RH"}),
    )
