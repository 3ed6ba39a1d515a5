"""Water, heat or gas meter on a wired M-Bus: the unit under test."""

from __future__ import annotations

from benchctl.driver import Instrument, MBus, Reading, mbus, whole


class MBusMeter(Instrument):
    """Meters after EN 13757-2 and -3; what a meter does not tell, its channel refuses by name.

    Values are converted exactly from the unit that the meter chooses. A meter in its test mode
    tells more decimals than in operation; `benchctl drivers decode mbus` shows what it tells.

    Options: `address`: 0 to 250, 254 (the default: whoever is alone on the line), or a secondary
    address of 8 digits (the identification) or 16, F for any.

    Bus: M-Bus level converter, usually 2400 8E1 (300 to 9600); many on one line.
    Reading: one readout for all channels, 0.5 s to 2 s at 2400 baud.
    Safe: nothing to do, it only measures.
    Document: EN 13757-2/-3 (M-Bus), checked with frames of many makers (see tests/driver); the
        fixed structure (CI 73) with one published example.
    Hardware: not yet seen on hardware.
    """

    protocol = MBus()
    timeout = 2.5

    volume = Reading(mbus("volume"), unit="L", doc="Volume so far.")
    energy = Reading(mbus("energy"), unit="kWh", doc="Energy so far.")
    flow = Reading(mbus("volume_flow"), unit="m³/h", doc="Flow.")
    power = Reading(mbus("power"), unit="kW", doc="Power.")
    flow_temperature = Reading(mbus("flow_temperature"), unit="°C", doc="Flow temperature.")
    return_temperature = Reading(mbus("return_temperature"), unit="°C", doc="Return temperature.")
    difference = Reading(mbus("temperature_difference"), unit="K", doc="Difference of the two.")
    due_volume = Reading(mbus("volume", storage=1), unit="L", doc="Volume at the last due date.")
    status = Reading("status", kind=whole, doc="Status; bit 2 low battery, 3 and 4 errors.")
