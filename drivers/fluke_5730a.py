"""Fluke 5730A high-performance calibrator: voltage, current, resistance."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchctl.driver import Pick, Scpi, Setting, TouchSafe, commands, flag, parsed, settled, whole

OPERATING_AND_SETTLED = 1 << 0 | 1 << 12
"""Bits of the instrument status register."""
NUMBER = re.compile(r"[-+]?\d+(\.\d*)?(E[-+]?\d+)?")


def told(values: Sequence[str]) -> tuple[str, str, str]:
    """Return amplitude, unit and frequency in an answer to OUT?; ValueError if it is none."""
    first, unit, hertz = values
    if unit not in ("V", "A", "OHM") or not all(map(NUMBER.fullmatch, (first, hertz))):
        raise ValueError(unit)
    return first, unit, hertz


def amplitude(unit: str) -> Pick:
    """Return what finds the amplitude in an answer to OUT?, 0 while another quantity is sourced."""
    return lambda values: told(values)[0] if told(values)[1] == unit else "0"


def sourced(unit: str, command: str, low: float, high: float, doc: str) -> Setting[float]:
    """Return an output: what is set, and whether it is on and has settled."""

    def delivered(status: str) -> bool:
        return whole(status) & OPERATING_AND_SETTLED == OPERATING_AND_SETTLED

    out = (parsed("OUT?", amplitude(command)), f"OUT {{value}} {command}")
    address = settled(out, by="ISR?", stable=delivered)
    return Setting(address, unit=unit, low=low, high=high, doc=doc)


class Fluke5730A(TouchSafe):
    """Fluke 5700A, 5720A and 5730A calibrators, without amplifiers and wideband.

    What is set is sourced only in operate, which is never implied: set `operate`. `sample` tells
    whether the output is on and settled. Option `high_voltage`: more than 33 V are refused unless
    it is yes. An output is alternating while `frequency` is not 0. A resistance goes to the nearest
    value that the calibrator has, which is read back with its calibrated value.

    Bus: GPIB through VISA; RS-232 (interface set to COMPUTER) or LAN on a 5730A.
    Reading: 20 ms; a setting waits for *OPC?, up to some seconds.
    Safe: standby, then 0 V DC; both are tried even if one fails.
    Document: 5700A/5720A Series II Operators Manual, table 5-2 (FAULT?, EXPLAIN?), p. 5-51 (ISR);
        the three values of OUT? from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(
        errors="FAULT?",
        explains="EXPLAIN? {code}",
        compound=True,
        tree=False,
        opc=True,
        remote="REMOTE",
        patience={"*OPC?": 10},
    )
    identity = r"^FLUKE,\s*57(00|20|30)A,"
    timeout = 3.0

    frequency = Setting(
        (parsed("OUT?", lambda values: told(values)[2]), "OUT {value} HZ"),
        unit="Hz",
        low=0.0,
        high=1e6,
        doc="0 for direct outputs.",
    )
    voltage = sourced("V", "V", -1100.0, 1100.0, "Voltage, direct or rms.")
    current = sourced("A", "A", -2.2, 2.2, "Current, direct or rms.")
    resistance = sourced("Ω", "OHM", 0.0, 100e6, "Resistance.")
    operate = Setting(
        commands("OPER?", {True: "OPER", False: "STBY"}),
        kind=flag,
        safe=False,
        doc="Whether the output is on; standby otherwise.",
    )

    def make_safe(self) -> None:
        """Go to standby, then to 0 V DC."""
        try:
            self.operate = False
        finally:
            self.voltage = 0.0
            self.frequency = 0.0
