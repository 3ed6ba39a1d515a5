"""A simulated Mensor CPC6050, channel A, a volume at its outlet."""

from __future__ import annotations

from benchctl.simulation import Call, Fed, Manners, ScpiBus, SimulatedInstrument, Wire, scpi_memory

TRAPPED = 12.345
"""Gauge pressure in kPa that was left in the volume when the controller was switched on."""
MENSOR = Manners(errors="ERROR?", no_error="No Errors", compound=False, flag="E")


def simulator(serial: str = "610123") -> SimulatedInstrument:
    """Return a controller in standby that shows kPa."""
    left = TRAPPED

    def by_itself() -> float:
        if device["MODE"].upper() == "VENT":
            return 0.0
        return device["SETPT"] if device["MODE"].upper() == "CONTROL" else left

    inputs = Fed({"pressure": by_itself})

    def pressure() -> float:
        value: float = inputs["pressure"]
        return value

    def switch(call: Call) -> None:
        nonlocal left
        left = pressure()
        device["MODE"] = call.args[0].upper()

    def stable(_: Call) -> str:
        return "YES" if device["MODE"] == "CONTROL" else "NO"

    device = scpi_memory(
        "",
        {"SETPT": 0.0, "MODE": "STANDBY", "CHAN": "A", "UNITS": "kPa"},
        {"A?": pressure},
        limits={"SETPT": (-100.0, 21000.0)},
        says={"SETPT": "{:+.5E}", "A?": "{:+.5E}"},
        commands={
            "ID?": lambda _: f"MENSOR,CPC6050,{serial},V1.02.03",
            "AS?": stable,
            "MODE": switch,
        },
        manners=MENSOR,
    )
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=lambda: {
            "pressure": pressure(),
            "setpoint": device["SETPT"],
            "mode": device["MODE"],
            "pressure_unit": device["UNITS"],
            "active_channel": device["CHAN"],
        },
        units={"pressure": "kPa", "setpoint": "kPa"},
        inputs=inputs,
    )
