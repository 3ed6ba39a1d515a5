"""A simulated Druck DPI 620G with a 20 bar module."""

from __future__ import annotations

from benchctl.simulation import SimulatedInstrument, TextBus, Wire, line_memory

PRESSURE, BAROMETER, FULL_SCALE = 1013.25, 1009.87, 20000.0
"""In mbar."""


def checked(text: str) -> str:
    """Return a line with two digits behind its colon: all characters added, modulo 100."""
    total = 0
    for character in text:
        total = (total + ord(character)) % 100
    return text + str(total).rjust(2, "0")


def simulator(serial: str = "62001234") -> SimulatedInstrument:
    """Return a calibrator with pressure at its module."""
    answers = {
        "#RI?:": "!RI=DPI620G,V02.16:",
        "#SN?:": f"!SN={serial}:",
        "#IV0?:": f"!IV0= {PRESSURE:.3f}:",
        "#PV?:": f"!PV= {PRESSURE:.3f},00000000,00000000,{BAROMETER:.2f}:",
        "#IS?:": f"!IS= -1000.0,{FULL_SCALE:.1f},1:",
    }
    device = line_memory({}, {checked(ask): checked(said) for ask, said in answers.items()})
    return SimulatedInstrument(
        TextBus(Wire(115200, bits=11), device),
        at="serial://{location}?baud=115200&parity=O",
        shows=lambda: {"pressure": PRESSURE, "barometer": BAROMETER, "full_scale": FULL_SCALE},
        units={"pressure": "mbar", "barometer": "mbar", "full_scale": "mbar"},
    )
