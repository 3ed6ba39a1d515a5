"""Fluke 6270A pressure controller."""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.driver import Instrument, Reading, Scpi, Setting, bit, flag, settled, word

MODES = word("MEASURE", "CONTROL", "VENT", spelt={"MEAS": "MEASURE", "CONT": "CONTROL"})
UNIT = "KPA"


class Fluke6270A(Instrument):
    """Fluke Calibration 6270A pressure controller and calibrator.

    It must show kPa. `pressure` is stable while the operation status does not tell settling.

    Bus: LAN raw socket, RS-232 or USB; through VISA where it has it.
    Reading: 0.1 s.
    Safe: vent. Measure mode shuts the valves and leaves the pressure in the meter under test.
    Document: 6270A Remote Programmers Manual: OUTP:STAT, OUTP:PRES:MODE, SOUR:PRES, MEAS:PRES? as
        programs of others use them; SLEW, and bit 1 for settling as SCPI has it, from memory:
        check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi()
    identity = r"^FLUKE,\s*62[67]0A,"
    timeout = 2.0

    pressure = Reading(
        settled("MEAS:PRES?", by="STAT:OPER:COND?", stable=bit(1, clear=True)),
        unit="kPa",
        doc="Pressure at the test port.",
    )
    setpoint = Setting(
        "SOUR:PRES:LEV:IMM:AMPL",
        unit="kPa",
        low=-100.0,
        high=20000.0,
        doc="Pressure to be held in mode CONTROL; the fitted modules allow less, and it says so.",
    )
    slew = Setting(
        "SOUR:PRES:SLEW", unit="kPa/s", low=0.001, high=1000.0, doc="Rate to a new set-point."
    )
    output = Setting("OUTP:STAT", kind=flag, doc="Whether the pneumatics are switched on.")
    mode = Setting("OUTP:PRES:MODE", kind=MODES, safe="VENT", doc="What it does.")
    pressure_unit = Reading("UNIT:PRES?", kind=word("KPA", "PSI", "BAR", "PA"), doc="Its unit.")

    def verify(self) -> None:
        """Refuse a controller that does not show kPa."""
        if self.pressure_unit != UNIT:
            raise self.refuse(
                msg("driver.other-unit", told=self.pressure_unit, wanted=UNIT),
                hint=msg("driver.hint-other-unit", wanted=UNIT),
            )

    def make_safe(self) -> None:
        """Let the pressure out."""
        self.mode = "VENT"
