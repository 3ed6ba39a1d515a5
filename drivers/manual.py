"""A meter that a person reads."""

from __future__ import annotations

from benchctl.driver import ManualInstrument, Reading


class Manual(ManualInstrument):
    """An instrument without an interface: the bench asks a person for the number.

    Options: `low` and `high`, the window in which an answer is plausible.

    Bus: none, the address is `manual:`.
    Reading: as long as a person takes.
    Safe: nothing to do.
    Document: none.
    Hardware: none needed.
    """

    volume = Reading("volume", unit="L", doc="Volume that the register shows.")
    flow = Reading("flow", unit="m³/h", doc="Volume flow rate.")
    mass = Reading("mass", unit="kg", doc="Mass that the balance shows.")
    energy = Reading("energy", unit="kWh", doc="Energy that the register shows.")
    temperature = Reading("temperature", unit="°C", doc="Temperature.")
    pressure = Reading("pressure", unit="MPa", doc="Pressure.")
    humidity = Reading("humidity", unit="%", doc="Relative humidity.")
    length = Reading("length", unit="mm", doc="Length that a scale shows.")
    number = Reading("number", unit="1", doc="Number that the display shows.")
