"""A simulated Yokogawa WT333E on a steady three-phase load, headers in its answers."""

from __future__ import annotations

import re

from benchctl.simulation import (
    Call,
    Manners,
    ScpiBus,
    ScpiError,
    SimulatedInstrument,
    Wire,
    scpi_memory,
)

VOLTS = {1: 230.12, 2: 229.87, 3: 231.05}
AMPERES = {1: 5.012, 2: 4.987, 3: 5.043}
FACTOR = 0.9532
HERTZ = 50.012
YOKOGAWA = Manners(errors="STATus:ERRor?", no_error='0,"No error"')
VOLT_RANGE, AMPERE_RANGE = "[INPut:]VOLTage:RANGe", "[INPut:]CURRent:RANGe"


def simulator(serial: str = "C2RA12345V") -> SimulatedInstrument:
    """Return a meter as it is switched on, 12.5 Wh integrated by somebody before."""
    energy, items, wanted = 12.5, {1: "U,1", 2: "I,1", 3: "P,1"}, 3

    def power(element: str) -> float:
        each = {str(n): VOLTS[n] * AMPERES[n] * FACTOR for n in VOLTS}
        return sum(each.values()) if element == "SIGMA" else each[element]

    def value(name: str) -> str:
        function, element = name.split(",")
        match function:
            case "U" | "I":
                number = (VOLTS if function == "U" else AMPERES)[int(element)]
            case "P":
                number = power(element)
            case "LAMBDA":
                number = FACTOR
            case "FU":
                number = HERTZ
            case "WH":
                number = energy
        return f"{number:.6E}"

    def choose(call: Call) -> None:
        name = ",".join(call.args).upper()
        if not re.fullmatch(r"(U|I|P|FU|LAMBDA|WH),([123]|SIGMA)", name):
            raise ScpiError(-224, "Illegal parameter value")
        items[call.suffixes[0]] = name

    def count(call: Call) -> None:
        nonlocal wanted
        wanted = int(call.number())

    def reset(_: Call) -> None:
        nonlocal energy
        energy = 0.0

    device = scpi_memory(
        f"YOKOGAWA,WT333E,{serial},F1.02",
        {"NUMeric:FORMat": "FLO", VOLT_RANGE: 300.0, AMPERE_RANGE: 10.0, "RATE": 0.25},
        choices={
            VOLT_RANGE: [15.0, 30.0, 60.0, 150.0, 300.0, 600.0],
            AMPERE_RANGE: [0.5, 1.0, 2.0, 5.0, 10.0, 20.0],
            "RATE": [0.1, 0.25, 0.5, 1.0, 2.0, 5.0],
        },
        says={VOLT_RANGE: "{:.1f}E+00", "RATE": "{:.3E}"},
        commands={
            "NUMeric[:NORMal]:NUMber": count,
            "NUMeric[:NORMal]:ITEM#": choose,
            "NUMeric[:NORMal]:VALue?": lambda _: ",".join(
                value(items[n]) for n in range(1, wanted + 1)
            ),
            "INTEGrate:STARt": lambda _: None,
            "INTEGrate:STOP": lambda _: None,
            "INTEGrate:RESet": reset,
            VOLT_RANGE + "?": lambda _: f":INP:VOLT:RANG {device[VOLT_RANGE]:.1f}E+00",
            AMPERE_RANGE + "?": lambda _: f":INP:CURR:RANG {device[AMPERE_RANGE]:.1f}E+00",
            "RATE?": lambda _: f":RATE {device['RATE'] * 1000:.1f}E-03",
        },
        manners=YOKOGAWA,
    )

    def shows() -> dict[str, float]:
        told = {f"voltage_{n}": VOLTS[n] for n in VOLTS}
        told |= {f"current_{n}": AMPERES[n] for n in AMPERES}
        told |= {f"power_{n}": power(str(n)) for n in VOLTS}
        told |= {"power": power("SIGMA"), "power_factor": FACTOR, "frequency": HERTZ}
        told |= {"energy": energy, "update": device["RATE"]}
        return told | {"voltage_range": device[VOLT_RANGE], "current_range": device[AMPERE_RANGE]}

    units = {"voltage_range": "V", "current_range": "A", "update": "s", "power": "W"}
    units |= {"power_factor": "1", "frequency": "Hz", "energy": "Wh"}
    for n in VOLTS:
        units |= {f"voltage_{n}": "V", f"current_{n}": "A", f"power_{n}": "W"}
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=shows,
        units=units,
    )
