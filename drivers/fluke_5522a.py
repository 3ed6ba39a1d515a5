"""Fluke 5522A multi-product calibrator: voltage, current, resistance, direct and alternating."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from benchctl.driver import Scpi, Setting, TouchSafe, commands, flag, parsed, remade, settled, whole

OPERATING_AND_SETTLED = 1 << 0 | 1 << 12  # bits of the instrument status register
NUMBER = re.compile(r"[-+]?\d+(\.\d*)?(E[-+]?\d+)?")


def told(values: Sequence[str]) -> dict[str, str]:
    """Return amplitudes by unit, and HZ, in an answer to OUT?; ValueError if it is none."""
    first, unit, second, other, hertz = values
    known = unit in ("V", "A", "OHM") and other in ("0", "V", "A")
    if not known or not all(map(NUMBER.fullmatch, (first, second, hertz))):
        raise ValueError(values)
    return {other: second, unit: first, "HZ": hertz}


def amplitude(unit: str) -> Callable[[Sequence[str]], str]:
    """Return what finds the amplitude in an answer to OUT?, 0 while nothing of it is sourced."""
    return lambda values: told(values).get(unit, "0")


HERTZ = (parsed("OUT?", amplitude("HZ")), "OUT {value} HZ")


def dual(unit: str, low: float, high: float, doc: str) -> Setting[float]:
    """Return one of the two outputs for power; the other stays as it is, 0 if it was not there."""

    def command(now: Sequence[str], value: str) -> str:
        both = {"V": "0", "A": "0", **told(now), unit: value}
        return f"OUT {both['V']} V,{both['A']} A,{both['HZ']} HZ"

    address = remade("OUT?", amplitude(unit), command)
    return Setting(address, unit=unit, low=low, high=high, doc=doc)


def sourced(unit: str, command: str, low: float, high: float, doc: str) -> Setting[float]:
    """Return an output: what is set, and whether it is on and has settled."""

    def delivered(status: str) -> bool:
        return whole(status) & OPERATING_AND_SETTLED == OPERATING_AND_SETTLED

    out = (parsed("OUT?", amplitude(command)), f"OUT {{value}} {command}")
    address = settled(out, by="ISR?", stable=delivered)
    return Setting(address, unit=unit, low=low, high=high, doc=doc)


class Fluke5522A(TouchSafe):
    """Fluke 5500A, 5520A and 5522A calibrators: single outputs at NORMAL, voltage with current.

    What is set is sourced only in operate, which is never implied: set `operate`. Above 33 V the
    calibrator goes to standby by itself when they are set; `sample` tells whether the output is on
    and settled. Option `high_voltage`: more than 33 V are refused unless it is yes. An output is
    alternating while `frequency` is not 0; set the frequency back to 0 for direct outputs.

    Bus: GPIB, or RS-232 (9600 8N1, interface set to COMPUTER, end of line CR LF).
    Reading: 20 ms; a setting waits for *OPC?, up to some seconds.
    Safe: standby, then 0 V DC; both are tried even if one fails.
    Document: 5522A Operators Manual, table 5-10 (ISR) and chapter 6 (OUT, OPER, STBY, ERR?); the
        five values of OUT?, dual outputs and PHASE from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(
        errors="ERR?", compound=True, tree=False, opc=True, remote="REMOTE", patience={"*OPC?": 10}
    )
    further_voltages = frozenset({"dual_voltage", "ac_voltage"})
    identity = r"^FLUKE,\s*55(00|20|22)A,"
    timeout = 3.0

    frequency = Setting(HERTZ, unit="Hz", low=0.0, high=500e3, doc="0: DC.")
    voltage = sourced("V", "V", -1020.0, 1020.0, "Voltage, direct or rms.")
    current = sourced("A", "A", -20.5, 20.5, "Current, direct or rms.")
    ac_voltage = sourced("V", "V", 0.0, 1020.0, "Voltage, rms: certified by itself.")
    ac_current = sourced("A", "A", 0.0, 20.5, "Current, rms: certified by itself.")
    resistance = sourced("Ω", "OHM", 0.0, 1.1e9, "Resistance.")
    dual_voltage = dual("V", -1020.0, 1020.0, "Voltage beside a current, for power.")
    dual_current = dual("A", -20.5, 20.5, "Current beside a voltage, for power.")
    phase = Setting(
        ("PHASE?", "PHASE {value} DEG"), unit="°", low=-180, high=180, doc="Current to voltage."
    )
    operate = Setting(
        commands("OPER?", {True: "OPER", False: "STBY"}), kind=flag, safe=False, doc="Output on."
    )

    def make_safe(self) -> None:
        """Go to standby, then to 0 V DC."""
        try:
            self.operate = False
        finally:
            self.voltage = 0.0
            self.frequency = 0.0
