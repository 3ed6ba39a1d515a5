"""A simulated breath-alcohol simulator with the generic commands of its driver."""

from __future__ import annotations

from benchctl.simulation import LineMemory, SimulatedInstrument, TextBus, Wire, line_memory


def _blow(device: LineMemory, _t: float) -> str:
    if device["blowing"]:
        return "ERR 5"
    device["blowing"] = True
    device["blows"] += 1
    return "OK"


def _stop(device: LineMemory, _t: float) -> str:
    device["blowing"] = False
    return "OK"


def simulator(serial: str = "BS-0007", model: str = "GENERIC BREATH 1.0") -> SimulatedInstrument:
    """Return a simulator at its temperature."""
    device = line_memory(
        {
            "temperature": 34.02,
            "setpoint": 34.0,
            "heater": True,
            "flow": 12.0,
            "volume": 2.5,
            "blowing": False,
            "blows": 3,
        },
        {
            "ID?": model,
            "SN?": serial,
            "TEMP?": "TEMP {temperature:.2f} C S",
            "SETP?": "SETP {setpoint:.2f} C",
            "SETP {setpoint}": "OK",
            "HEAT?": "HEAT {heater}",
            "HEAT {heater}": "OK",
            "FLOW?": "FLOW {flow:.1f} L/min",
            "FLOW {flow}": "OK",
            "VOL?": "VOL {volume:.2f} L",
            "VOL {volume}": "OK",
            "BLOWING?": "BLOWING {blowing}",
            "BLOWS?": "BLOWS {blows}",
            "BLOW": _blow,
            "STOP": _stop,
        },
        limits={"setpoint": (30.0, 40.0), "flow": (3.0, 60.0), "volume": (0.5, 5.0)},
        refused="ERR 3",
        unknown="ERR 1",
    )
    return SimulatedInstrument(
        TextBus(Wire(9600, turnaround=0.01), device),
        at="serial://{location}?baud=9600",
        shows=device.shows,
        inputs=device,
        units={"temperature": "°C", "setpoint": "°C", "flow": "L/min", "volume": "L"},
    )
