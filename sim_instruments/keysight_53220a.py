"""A simulated Keysight 53220A that counts a steady signal; independent of the water bench's."""

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

SIGNAL = 1250.0
"""Frequency at input 1 in Hz."""
NO_SIGNAL = "+9.91000000000000E+037"


def simulator(serial: str = "MY50001234") -> SimulatedInstrument:
    """Return a counter with a signal at input 1 and none at input 2."""
    function, there = "FREQ", True
    inputs = Fed({"frequency": SIGNAL})

    def configure(wanted: str, call: Call) -> None:
        nonlocal function, there
        channel = next((a for a in call.args if a.startswith("(@")), "(@1)")
        if channel not in ("(@1)", "(@2)"):
            raise ScpiError(-222)
        function, there = wanted, channel == "(@1)"
        if wanted == "TOT" and not call.args[0].startswith("("):
            device["FREQ:GATE:TIME"] = call.number()

    def read(_: Call) -> Timed:
        gate = device["FREQ:GATE:TIME"]
        if function == "TOT":
            return Timed(f"{round(inputs['frequency'] * gate) if there else 0:+.14E}", gate)
        return Timed(f"{inputs['frequency']:+.14E}" if there else NO_SIGNAL, gate)

    device = scpi_memory(
        f"Keysight Technologies,53220A,{serial},03.02-1924.1737-1.19-4.15-127-155-35",
        {"[SENSe:]FREQuency:GATE:TIME": 0.1},
        limits={"[SENSe:]FREQuency:GATE:TIME": (1e-6, 1000.0)},
        commands={
            "CONFigure:FREQuency": lambda call: configure("FREQ", call),
            "CONFigure:TOTalize:TIMed": lambda call: configure("TOT", call),
            "READ?": read,
        },
    )
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET?gate=0.02",
        shows=lambda: {
            "frequency": inputs["frequency"],
            "pulses": float(round(inputs["frequency"] * device["FREQ:GATE:TIME"])),
        },
        units={"frequency": "Hz", "pulses": "1"},
        inputs=inputs,
    )
