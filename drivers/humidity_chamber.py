"""Climatic chamber or humidity generator with a Watlow F4 controller."""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, Setting, flag, holding, whole


class HumidityChamber(Instrument):
    """Chamber with a Watlow F4 in static control (ESPEC, Tenney, CSZ, Thermotron ...).

    Loop 1 is temperature, loop 2 relative humidity, event 1 switches the chamber; where the maker
    wired another event, copy this driver and change the register. Both inputs must have one decimal
    and the unit °C; the decimals are looked at on connection. The chamber's own limits apply too.

    Bus: Modbus RTU on RS-232 or RS-485, 9600 or 19200 8N1; option `unit`.
    Reading: three exchanges, 90 ms at 9600 baud.
    Safe: stopped (event 1 off): no heating, cooling or steam. Not held: nobody may be there, and
        what is in the chamber only drifts to the temperature of the room.
    Document: 100 and 300 after programs of others; 0 to 2, 104, 319, 606 and 616 as in the Series
        96 manual, p. 62, whose map is alike; event 1 at 2000 from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD", serial=holding(1, "u32"))

    temperature = Reading(holding(100, "i16", scale=0.1), unit="°C", doc="In the chamber.")
    humidity = Reading(holding(104, "i16", scale=0.1), unit="%", doc="In the chamber.")
    temperature_setpoint = Setting(
        holding(300, "i16", scale=0.1), unit="°C", low=-70.0, high=180.0, doc="Of loop 1."
    )
    humidity_setpoint = Setting(
        holding(319, "i16", scale=0.1), unit="%", low=10.0, high=98.0, doc="Of loop 2."
    )
    run = Setting(holding(2000), kind=flag, safe=False, doc="Whether the chamber is switched on.")
    temperature_decimals = Reading(holding(606), kind=whole, doc="Decimals of input 1.")
    humidity_decimals = Reading(holding(616), kind=whole, doc="Decimals of input 2.")

    def verify(self) -> None:
        """Refuse a controller whose values would be read ten times too large or small."""
        if self.read("temperature_decimals", "humidity_decimals") != (1, 1):
            raise self.refuse("both inputs of the F4 must be set to one decimal (0.0)")

    def make_safe(self) -> None:
        """Switch the chamber off."""
        self.run = False
