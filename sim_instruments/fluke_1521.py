"""A simulated Fluke 1521 with a Pt100 probe, in half duplex."""

from __future__ import annotations

from benchctl.simulation import LineMemory, SimulatedInstrument, TextBus, Wire, line_memory


def _clear(device: LineMemory, _t: float) -> None:
    device["minimum"] = device["maximum"] = device["temperature"]


def simulator(serial: str = "A57123", model: str = "1521") -> SimulatedInstrument:
    """Return a readout with a probe at 25.587 °C."""
    device = line_memory(
        {"temperature": 25.587, "minimum": -14.653, "maximum": 416.781},
        {
            "*idn?": f"HART,{model},{serial},1.10",
            "fetch?": "t: {temperature:8.3f} C",
            "min": "min: {minimum:8.3f} C",
            "max": "max: {maximum:8.3f} C",
            "clear": _clear,
        },
    )
    return SimulatedInstrument(
        TextBus(Wire(2400, turnaround=0.02), device, end=b"\r", reply_end=b"\r\n"),
        at="serial://{location}?baud=2400",
        shows=device.shows,
        inputs=device,
        units={"temperature": "°C", "minimum": "°C", "maximum": "°C"},
    )
