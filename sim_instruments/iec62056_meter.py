"""A simulated electricity meter with an optical interface, mode C, which offers 9600 baud."""

from __future__ import annotations

from benchctl.simulation import Iec62056Meter, SimulatedInstrument, Wire, iec62056_line

LINES = {
    "F.F": "00000000",
    "1-0:1.8.0*255": "000123.456*kWh",
    "1.8.1": "000100.400*kWh",
    "1.8.2": "000023.056*kWh",
    "1.8.0*01": "000111.111*kWh",
    "2.8.0": "000001.500*kWh",
    "3.8.0": "000044.250*kvarh",
    "1.6.0": "5.75*kW)(2601311215",
    "32.7.0": "230.4*V",
    "31.7.0": "05.012*A",
}
SHOWN = {
    "energy": 123.456,
    "energy_t1": 100.4,
    "energy_t2": 23.056,
    "energy_export": 1.5,
    "reactive_energy": 44.25,
    "demand": 5.75,
    "demand_time": "2601311215",
    "voltage_l1": 230.4,
    "current_l1": 5.012,
    "fault": "00000000",
}


UNITS = {
    **dict.fromkeys(
        (
            "energy",
            "energy_t1",
            "energy_t2",
            "energy_export",
        ),
        "kWh",
    ),
    **dict.fromkeys(("reactive_energy",), "kvar·h"),
    **dict.fromkeys(("demand",), "kW"),
    **dict.fromkeys(("voltage_l1",), "V"),
    **dict.fromkeys(("current_l1",), "A"),
}
"""In which unit the manual gives each of them."""


def simulator(serial: str = "40012345") -> SimulatedInstrument:
    """Return a meter with this number."""
    meter = Iec62056Meter("GRX", "SIM1", lambda _: {"0.0.0": serial, **LINES})
    return SimulatedInstrument(
        iec62056_line(Wire(300, bits=10, turnaround=0.02), meter),
        at="serial://{location}?baud=300&bits=7&parity=E",
        units=UNITS,
        shows=lambda: SHOWN,
    )
