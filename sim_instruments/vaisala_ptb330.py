"""A simulated Vaisala PTB330, alone on RS-232 in STOP mode."""

from __future__ import annotations

from benchctl.simulation import Renamed, SimulatedInstrument, TextBus, VaisalaTransmitter, Wire


def simulator(serial: str = "A1234567", model: str = "PTB330 / 1.01") -> SimulatedInstrument:
    """Return a barometer in falling pressure."""
    device = VaisalaTransmitter(
        model, serial, {"P": (998.27, "hPa"), "P3H": (-1.36, "hPa"), "P1": (998.31, "hPa")}
    )
    now = device.quantities
    return SimulatedInstrument(
        TextBus(Wire(4800, turnaround=0.01), device, end=b"\r", reply_end=b""),
        at="serial://{location}?baud=4800&bits=7&parity=E",
        shows=lambda: {
            "pressure": now["P"][0],
            "pressure_now": now["P"][0],
            "tendency": now["P3H"][0],
        },
        units={"pressure": "hPa", "pressure_now": "hPa", "tendency": "hPa"},
        inputs=Renamed(device, {"pressure": "P", "pressure_now": "P", "tendency": "P3H"}),
    )
