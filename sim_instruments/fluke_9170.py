"""A simulated Fluke 9173 metrology well on RS-232, on its way to its set-point."""

from __future__ import annotations

from benchctl.simulation import ScpiBus, SimulatedInstrument, Wire, scpi_memory


def simulator(serial: str = "B71042", model: str = "9173") -> SimulatedInstrument:
    """Return a well that controls, and is not stable yet."""
    device = scpi_memory(
        f"HART,{model},{serial},1.05",
        {
            "[SOURce:]SPOint": 200.0,
            "[SOURce:]STABility:LIMit": 0.05,
            "OUTPut:STATe": True,
            "UNIT:TEMPerature": "C",
        },
        {"[SOURce:]SENSor:DATA?": 197.432, "[SOURce:]STABility:TEST?": 0},
        limits={"[SOURce:]SPOint": (-45.0, 700.0), "[SOURce:]STABility:LIMit": (0.01, 9.99)},
    )
    return SimulatedInstrument(
        ScpiBus(Wire(9600), device.instrument, medium="pty", end=b"\r"),
        at="serial://{location}?baud=9600&end=cr",
        shows=lambda: {
            "temperature": device["SOUR:SENS:DATA?"],
            "stability": device["SOUR:STAB:LIM"],
            "setpoint": device["SOUR:SPO"],
            "output": device["OUTP:STAT"],
            "temperature_unit": device["UNIT:TEMP"],
        },
        units={"temperature": "°C", "stability": "K", "setpoint": "°C"},
    )
