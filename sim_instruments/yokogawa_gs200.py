"""A simulated Yokogawa GS200."""

from __future__ import annotations

from benchctl.simulation import Call, ScpiBus, ScpiError, SimulatedInstrument, Wire, scpi_memory

MOST = {"VOLT": 32.0, "CURR": 0.2}
LIMIT_V, LIMIT_A = "SOURce:PROTection:VOLTage", "SOURce:PROTection:CURRent"


def simulator(serial: str = "91KB12345") -> SimulatedInstrument:
    """Return a source as it is switched on: voltage, 0 V, output off."""
    function, levels = "VOLT", {"VOLT": 0.0, "CURR": 0.0}

    def choose(call: Call) -> None:
        nonlocal function
        wanted = call.args[0].upper()[:4]
        if wanted not in MOST:
            raise ScpiError(-224, "Illegal parameter value")
        if wanted != function and device["OUTP"]:
            raise ScpiError(-221, "Settings conflict")
        if wanted != function:
            levels[wanted] = 0.0
        function = wanted

    def set_level(call: Call) -> None:
        if abs(call.number()) > MOST[function]:
            raise ScpiError(-222)
        levels[function] = call.number()

    device = scpi_memory(
        f"YOKOGAWA,GS210,{serial},2.02",
        {"OUTPut[:STATe]": False, LIMIT_V: 30.0, LIMIT_A: 0.2},
        limits={LIMIT_V: (1.0, 30.0), LIMIT_A: (0.001, 0.2)},
        commands={
            "SOURce:FUNCtion": choose,
            "SOURce:FUNCtion?": lambda _: function,
            "SOURce:LEVel:AUTO": set_level,
            "SOURce:LEVel[:FIXed]": set_level,
            "SOURce:LEVel[:FIXed]?": lambda _: f"{levels[function]:+.5E}",
        },
    )

    def sourced(of: str) -> float:
        return levels[of] if function == of else 0.0

    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=lambda: {
            "voltage": sourced("VOLT"),
            "current": sourced("CURR"),
            "voltage_limit": device["SOUR:PROT:VOLT"],
            "current_limit": device["SOUR:PROT:CURR"],
            "output": device["OUTP"],
        },
        units={"voltage": "V", "current": "A", "voltage_limit": "V", "current_limit": "A"},
    )
