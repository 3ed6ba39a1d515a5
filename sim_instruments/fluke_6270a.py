"""A simulated Fluke 6270A, a volume at its test port."""

from __future__ import annotations

from benchctl.simulation import (
    Call,
    Fed,
    ScpiBus,
    ScpiError,
    SimulatedInstrument,
    Wire,
    scpi_memory,
)

TRAPPED = 12.345
"""Gauge pressure in kPa that was left in the volume when the controller was switched on."""
MODES = {"MEAS": "MEASURE", "CONT": "CONTROL", "VENT": "VENT"}
SETPOINT = "[SOURce:]PRESsure[:LEVel][:IMMediate][:AMPLitude]"
SLEW = "[SOURce:]PRESsure:SLEW"


def simulator(serial: str = "43210987") -> SimulatedInstrument:
    """Return a controller that measures, in kPa."""
    left = TRAPPED

    def by_itself() -> float:
        if device["OUTP:PRES:MODE"] == "VENT":
            return 0.0
        return device["PRES"] if device["OUTP:PRES:MODE"] == "CONTROL" else left

    inputs = Fed({"pressure": by_itself})

    def pressure() -> float:
        value: float = inputs["pressure"]
        return value

    def switch(call: Call) -> None:
        nonlocal left
        wanted = MODES.get(call.args[0].upper()[:4])
        if wanted is None:
            raise ScpiError(-224, "Illegal parameter value")
        left = pressure()
        device["OUTP:PRES:MODE"] = wanted

    device = scpi_memory(
        f"FLUKE,6270A,{serial},1.02",
        {
            SETPOINT: 0.0,
            SLEW: 10.0,
            "OUTPut[:STATe]": True,
            "OUTPut:PRESsure:MODE": "MEASURE",
            "UNIT:PRESsure": "KPA",
        },
        {"MEASure[:SCALar]:PRESsure?": pressure},
        limits={SETPOINT: (-100.0, 20000.0), SLEW: (0.001, 1000.0)},
        commands={"OUTPut:PRESsure:MODE": switch, "STATus:OPERation:CONDition?": lambda _: "16"},
    )
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=lambda: {
            "pressure": pressure(),
            "setpoint": device["PRES"],
            "slew": device["PRES:SLEW"],
            "output": device["OUTP"],
            "mode": device["OUTP:PRES:MODE"],
            "pressure_unit": device["UNIT:PRES"],
        },
        units={"pressure": "kPa", "setpoint": "kPa", "slew": "kPa/s"},
        inputs=inputs,
    )
