"""The pressure controller of the bench: a Druck PACE5000 as its manual says, over the plant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchctl.simulation import Call, Handler, Manners, ScpiError, ScpiInstrument

if TYPE_CHECKING:
    from .bench import GaugeBench

IDENTITY = "GE Druck,PACE5000,10388796,DK0367  v02.02.14"
LOWEST, HIGHEST = -100.0, 300.0
"""kPa, of the fitted module."""
WITHIN = 0.03
"""kPa within which it says that it is in limits: 0.01 % of the module's range."""
VENTING_TAU = 0.8
_OUT_OF_RANGE = -222


def controller(bench: GaugeBench) -> ScpiInstrument:
    """Return the controller; it controls while its output is on, and vents when it is told."""
    held = {"setpoint": 0.0, "slew": 100.0}
    mode = ["MAX"]
    vented = [0]

    def set_point(call: Call) -> None:
        value = call.number()
        if not LOWEST <= value <= HIGHEST:
            raise ScpiError(_OUT_OF_RANGE)
        held["setpoint"] = value
        if bench.control.at(call.t):
            bench.asked.drive(call.t, value)

    def switch(call: Call) -> None:
        on = call.args[0].upper() in ("1", "ON")
        if on == bench.control.at(call.t):
            return
        bench.control.put(call.t, on)
        vented[0] = 0 if on else vented[0]
        bench.asked.drive(call.t, held["setpoint"] if on else bench.asked.at(call.t))

    def vent(call: Call) -> None:
        if call.number():
            vented[0] = 2
            bench.asked.drive(call.t, 0.0, VENTING_TAU)

    def in_limits(call: Call) -> str:
        there = bench.pressure(call.t)
        near = bench.control.at(call.t) and abs(there - held["setpoint"]) <= WITHIN
        return f"{there:.4f}, {int(near)}"

    def slew(call: Call) -> None:
        held["slew"] = call.number()

    def slew_mode(call: Call) -> None:
        mode[0] = call.args[0].upper()

    level = "SOURce#:PRESsure[:LEVel:IMMediate:AMPLitude]"
    commands: dict[str, Handler] = {
        level: set_point,
        f"{level}?": lambda _: f"{held['setpoint']:.4f}",
        "SOURce#:PRESsure:SLEW": slew,
        "SOURce#:PRESsure:SLEW?": lambda _: f"{held['slew']:.4f}",
        "SOURce#:PRESsure:SLEW:MODE": slew_mode,
        "SOURce#:PRESsure:SLEW:MODE?": lambda _: mode[0],
        "SOURce#:PRESsure:LEVel:IMMediate:AMPLitude:VENT": vent,
        "SOURce#:PRESsure:LEVel:IMMediate:AMPLitude:VENT?": lambda _: str(vented[0]),
        "OUTPut#:STATe": switch,
        "OUTPut#:STATe?": lambda call: str(int(bench.control.at(call.t))),
        "SENSe#:PRESsure?": lambda call: f"{bench.pressure(call.t):.4f}",
        "SENSe#:PRESsure:INLimits?": in_limits,
        "UNIT#:PRESsure?": lambda _: "KPA",
    }
    return ScpiInstrument(IDENTITY, commands, manners=Manners(echo=True))
