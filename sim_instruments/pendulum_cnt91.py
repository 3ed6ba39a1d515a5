"""A simulated Pendulum CNT-91 that counts a steady signal."""

from __future__ import annotations

from benchctl.simulation import (
    Call,
    Fed,
    ScpiBus,
    ScpiError,
    SimulatedInstrument,
    Timed,
    Wire,
    scpi_memory,
)

SIGNAL = 12500.0
"""Frequency at input A in Hz; there is none at input B."""


def simulator(serial: str = "956628") -> SimulatedInstrument:
    """Return a counter as it is switched on: measuring on and on."""
    function, there, gate = "FREQ", True, 0.04
    inputs = Fed({"frequency": SIGNAL})

    def configure(wanted: str, call: Call) -> None:
        nonlocal function, there, gate
        channel = next((a for a in call.args if a.startswith("(@")), "(@1)")
        if channel not in ("(@1)", "(@2)", "(@3)"):
            raise ScpiError(-224, "Illegal parameter value")
        function, there = wanted, channel == "(@1)"
        if wanted == "TOT":
            gate = call.number()

    def read(_: Call) -> Timed | None:
        if device["INIT:CONT"]:
            raise ScpiError(-213, "Init ignored")
        if not there:
            return None  # it waits for a signal
        if function == "TOT":
            return Timed(f"{round(inputs['frequency'] * gate):.12E}", gate)
        return Timed(f"{inputs['frequency']:.12E}", device["ACQ:APER"])

    device = scpi_memory(
        f"PENDULUM, CNT-91, {serial}, V1.28 17 Jun 2009 14:40",
        {"INITiate:CONTinuous": True, "[SENSe:]ACQuisition:APERture": 0.01},
        limits={"[SENSe:]ACQuisition:APERture": (20e-9, 1000.0)},
        commands={
            "CONFigure[:SCALar]:FREQuency": lambda call: configure("FREQ", call),
            "CONFigure[:SCALar]:TOTalize:TIMed": lambda call: configure("TOT", call),
            "READ?": read,
        },
    )
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET?gate=0.04",
        shows=lambda: {
            "frequency": inputs["frequency"],
            "pulses": float(round(inputs["frequency"] * gate)),
        },
        units={"frequency": "Hz", "pulses": "1"},
        inputs=inputs,
    )
