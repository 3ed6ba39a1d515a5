"""A simulated Rigol DP832 with a resistor at each output; the third one is on."""

from __future__ import annotations

from benchctl.simulation import Call, ScpiBus, ScpiError, SimulatedInstrument, Wire, scpi_memory

OHMS = {1: 10.0, 2: 100.0, 3: 47.0}
IDLE = {1: 0.12, 2: 0.21, 3: 0.03}
"""What the meter shows at an output that is off, in V."""
VOLTS = "SOURce#:VOLTage[:LEVel][:IMMediate][:AMPLitude]"
AMPERES = "SOURce#:CURRent[:LEVel][:IMMediate][:AMPLitude]"


def output(call: Call) -> int:
    """Return the output that a command names."""
    name = call.args[0].upper() if call.args else "CH1"
    if name not in ("CH1", "CH2", "CH3"):
        raise ScpiError(-224, "Illegal parameter value")
    return int(name[2])


def simulator(serial: str = "DP8C123456789") -> SimulatedInstrument:
    """Return a supply with 5 V, 12 V and 3.3 V set."""
    on = {1: False, 2: False, 3: True}
    most = {1: 32.0, 2: 32.0, 3: 5.3}

    def measured(n: int) -> tuple[float, float, float]:
        ampere = min(device["SOUR:VOLT", n] / OHMS[n], device["SOUR:CURR", n])
        ampere = ampere if on[n] else IDLE[n] / OHMS[n]
        return ampere * OHMS[n], ampere, ampere**2 * OHMS[n]

    def switch(call: Call) -> None:
        if len(call.args) != 2 or call.args[1].upper() not in ("ON", "OFF"):
            raise ScpiError(-224, "Illegal parameter value")
        on[output(call)] = call.args[1].upper() == "ON"

    def set_volts(call: Call) -> None:
        n = call.suffixes[-1]
        if not 0.0 <= call.number() <= most[n]:
            raise ScpiError(-222)
        device["SOUR:VOLT", n] = call.number()

    device = scpi_memory(
        f"RIGOL TECHNOLOGIES,DP832,{serial},00.01.16",
        {VOLTS: {1: 5.0, 2: 12.0, 3: 3.3}, AMPERES: {1: 1.0, 2: 0.5, 3: 0.2}},
        limits={AMPERES: (0.0, 3.2)},
        commands={
            VOLTS: set_volts,
            "OUTPut[:STATe]": switch,
            "OUTPut[:STATe]?": lambda call: "ON" if on[output(call)] else "OFF",
            "MEASure:ALL[:DC]?": lambda call: ",".join(
                f"{value:.7f}" for value in measured(output(call))
            ),
        },
    )

    def shows() -> dict[str, float | bool]:
        told: dict[str, float | bool] = {}
        for n in (1, 2, 3):
            told |= {f"voltage_{n}": device["SOUR:VOLT", n]}
            told |= {f"current_limit_{n}": device["SOUR:CURR", n], f"output_{n}": on[n]}
            for name, value in zip(("voltage", "current", "power"), measured(n), strict=True):
                told[f"measured_{name}_{n}"] = value
        return told

    units = {"voltage": "V", "current_limit": "A", "measured_voltage": "V", "measured_current": "A"}
    units["measured_power"] = "W"
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=shows,
        units={f"{name}_{n}": unit for name, unit in units.items() for n in (1, 2, 3)},
    )
