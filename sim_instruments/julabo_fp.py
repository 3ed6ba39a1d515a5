"""A simulated Julabo FP50 under remote control; settings are not answered."""

from __future__ import annotations

from benchctl.simulation import LineMemory, SimulatedInstrument, TextBus, Wire, line_memory


def _status(device: LineMemory, _t: float) -> str:
    return "03 REMOTE START" if device["on"] else "02 REMOTE STOP"


def simulator(model: str = "JULABO FP50 Version 3.0") -> SimulatedInstrument:
    """Return a bath near its set-point, an external Pt100 in it."""
    device = line_memory(
        {"temperature": 24.87, "external": 24.91, "power": 12.5, "setpoint": 25.0, "on": True},
        {
            "version": model,
            "status": _status,
            "in_pv_00": "{temperature:.2f}",
            "in_pv_01": "{power:.2f}",
            "in_pv_02": "{external:.2f}",
            "in_sp_00": "{setpoint:.2f}",
            "out_sp_00 {setpoint}": None,
            "in_mode_05": "{on}",
            "out_mode_05 {on}": None,
        },
        limits={"setpoint": (-94.99, 300.0)},
    )
    return SimulatedInstrument(
        TextBus(Wire(4800, turnaround=0.01), device, end=b"\r", reply_end=b"\r\n"),
        at="serial://{location}?baud=4800&bits=7&parity=E",
        shows=lambda: device.shows() | {"status": _status(device, 0.0)},
        inputs=device,
        units={"temperature": "°C", "external": "°C", "power": "%", "setpoint": "°C"},
    )
