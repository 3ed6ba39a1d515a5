"""A simulated Druck PACE5000 with a 2 bar gauge module, a volume at its outlet."""

from __future__ import annotations

from benchctl.simulation import Call, Fed, ScpiBus, SimulatedInstrument, Wire, scpi_memory

TRAPPED = 12.345
"""Gauge pressure in kPa that was left in the volume when the controller was switched on."""
SLEW = "SOURce#:PRESsure:SLEW"


def simulator(serial: str = "10388796") -> SimulatedInstrument:
    """Return a controller that is off and shows kPa."""
    venting, left = 0, TRAPPED

    def by_itself() -> float:
        return device["SOUR:PRES"] if device["OUTP:STAT"] else left

    inputs = Fed({"pressure": by_itself})

    def pressure() -> float:
        value: float = inputs["pressure"]
        return value

    def vent(call: Call) -> None:
        nonlocal venting, left
        venting = 2 if call.number() else 0  # it has done so at once
        left = 0.0 if venting else left

    def switch(call: Call) -> None:
        nonlocal left
        left = pressure()  # what is there stays there: the valves are shut
        device["OUTP:STAT"] = call.args[0].upper() in ("1", "ON")

    def in_limits(_: Call) -> str:
        return f"{pressure():.6f}, {int(device['OUTP:STAT'])}"

    device = scpi_memory(
        f"GE Druck,PACE5000,{serial},DK0367  v02.02.14",
        {
            "SOURce#:PRESsure": 0.0,
            SLEW: 100.0,
            "SOURce#:PRESsure:SLEW:MODE": "MAX",
            "OUTPut#:STATe": False,
            "UNIT#:PRESsure": "KPA",
        },
        {"SENSe#:PRESsure?": pressure},
        limits={"SOURce#:PRESsure": (-100.0, 21000.0), SLEW: (0.001, 2000.0)},
        choices={"SOURce#:PRESsure:SLEW:MODE": ["MAX", "LIN"]},
        commands={
            "SENSe#:PRESsure:INLimits?": in_limits,
            "OUTPut#:STATe": switch,
            "SOURce#:PRESsure:LEVel:IMMediate:AMPLitude:VENT": vent,
            "SOURce#:PRESsure:LEVel:IMMediate:AMPLitude:VENT?": lambda _: str(venting),
        },
        echo=True,
    )
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=lambda: {
            "pressure": pressure(),
            "setpoint": device["SOUR:PRES"],
            "slew": device["SOUR:PRES:SLEW"],
            "slew_mode": device["SOUR:PRES:SLEW:MODE"],
            "control": device["OUTP:STAT"],
            "venting": venting,
            "pressure_unit": device["UNIT:PRES"],
        },
        units={"pressure": "kPa", "setpoint": "kPa", "slew": "kPa/s"},
        inputs=inputs,
    )
