"""Yokogawa WT300 power meters with three elements."""

from __future__ import annotations

from benchctl.driver import Action, Instrument, Reading, Scpi, Setting, item

ITEMS = (
    *("U,1", "I,1", "P,1", "U,2", "I,2", "P,2", "U,3", "I,3", "P,3"),
    *("P,SIGMA", "LAMBDA,SIGMA", "FU,1"),
)
"""Functions and elements that are asked for, in this order."""
ASKED = ";".join(
    [
        f":NUM:FORM ASC;:NUM:NORM:NUM {len(ITEMS)}",
        *(f":NUM:NORM:ITEM{n} {what}" for n, what in enumerate(ITEMS, 1)),
        ":NUM:NORM:VAL?",
    ]
)
ENERGY = ":NUM:FORM ASC;:NUM:NORM:NUM 1;:NUM:NORM:ITEM1 WH,SIGMA;:NUM:NORM:VAL?"


def measured(what: str, unit: str, doc: str) -> Reading[float]:
    """Return one of the measured values; those that are read together are of one update."""
    return Reading(item(ASKED, ITEMS.index(what) + 1, of=len(ITEMS)), unit=unit, doc=doc)


class YokogawaWt300(Instrument):
    """Yokogawa WT332E, WT333E and WT330 digital power meters.

    Each reading says which values it wants, so that a hand on the front panel spoils one reading at
    most; all that are read together are of one update of the display. A value that is not there
    (no frequency, no integration) is answered as NAN or INF and is an error.

    Bus: USB-TMC, GPIB or RS-232, or LAN (VXI-11).
    Reading: 10 ms; the values change at the update rate.
    Safe: the highest ranges; the meter only measures, and an integration goes on.
    Document: WT310E/WT330E Communication Interface User's Manual IM WT310E-17EN (NUM, INP, RATE,
        INTEG); names of the functions from programs of others.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(errors=":STAT:ERR?", echo=True)  # with a header unless COMM:HEAD is off
    identity = r"^YOKOGAWA,WT33[023]"

    voltage_1 = measured("U,1", "V", "Element 1: voltage.")
    current_1 = measured("I,1", "A", "Element 1: current.")
    power_1 = measured("P,1", "W", "Element 1: active power.")
    voltage_2 = measured("U,2", "V", "Element 2: voltage.")
    current_2 = measured("I,2", "A", "Element 2: current.")
    power_2 = measured("P,2", "W", "Element 2: active power.")
    voltage_3 = measured("U,3", "V", "Element 3: voltage.")
    current_3 = measured("I,3", "A", "Element 3: current.")
    power_3 = measured("P,3", "W", "Element 3: active power.")
    power = measured("P,SIGMA", "W", "Active power of all elements in the wiring that is set.")
    power_factor = measured("LAMBDA,SIGMA", "1", "Power factor of all elements.")
    frequency = measured("FU,1", "Hz", "Frequency of the voltage of element 1.")
    energy = Reading(
        item(ENERGY, 1, of=1), unit="Wh", doc="Energy since the integration was started."
    )

    voltage_range = Setting(
        ":INP:VOLT:RANG",
        unit="V",
        choices=(15.0, 30.0, 60.0, 150.0, 300.0, 600.0),
        safe=600.0,
        doc="Voltage range of all elements, crest factor 3.",
    )
    current_range = Setting(
        ":INP:CURR:RANG",
        unit="A",
        choices=(0.5, 1.0, 2.0, 5.0, 10.0, 20.0),
        safe=20.0,
        doc="Current range of all elements, direct input, crest factor 3.",
    )
    update = Setting(
        ":RATE", unit="s", choices=(0.1, 0.25, 0.5, 1.0, 2.0, 5.0), doc="Time between updates."
    )

    start_energy = Action(":INTEG:STAR", doc="Start the integration.")
    stop_energy = Action(":INTEG:STOP", doc="Stop the integration; the energy stays.")
    reset_energy = Action(":INTEG:RES", doc="Set the energy to zero.")

    def make_safe(self) -> None:
        """Choose the highest ranges, so that nothing left connected overloads an input."""
        self.voltage_range = 600.0
        self.current_range = 20.0
