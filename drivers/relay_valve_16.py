"""Relay or valve module with 16 coils."""

from __future__ import annotations

from benchctl.core.errors import InstrumentError
from benchctl.driver import Action, Instrument, Modbus, Setting, coil, coils, flag, send


class RelayValve16(Instrument):
    """Any module of up to 16 relays or solenoid valves whose coils 0 to 15 are `k1` to `k16`.

    Bus: Modbus RTU, usually 9600 8N1, or TCP; option `unit`. Functions 01, 05 and 15.
    Reading: one exchange for all coils, 20 ms at 9600 baud.
    Safe: all coils off in one frame (function 15), sent again if that fails: off twice is off.
    Document: Modbus application protocol V1.1b3; coil numbers as usual with such modules: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus()

    k1 = Setting(coil(0), kind=flag, safe=False, doc="Coil 0.")
    k2 = Setting(coil(1), kind=flag, safe=False, doc="Coil 1.")
    k3 = Setting(coil(2), kind=flag, safe=False, doc="Coil 2.")
    k4 = Setting(coil(3), kind=flag, safe=False, doc="Coil 3.")
    k5 = Setting(coil(4), kind=flag, safe=False, doc="Coil 4.")
    k6 = Setting(coil(5), kind=flag, safe=False, doc="Coil 5.")
    k7 = Setting(coil(6), kind=flag, safe=False, doc="Coil 6.")
    k8 = Setting(coil(7), kind=flag, safe=False, doc="Coil 7.")
    k9 = Setting(coil(8), kind=flag, safe=False, doc="Coil 8.")
    k10 = Setting(coil(9), kind=flag, safe=False, doc="Coil 9.")
    k11 = Setting(coil(10), kind=flag, safe=False, doc="Coil 10.")
    k12 = Setting(coil(11), kind=flag, safe=False, doc="Coil 11.")
    k13 = Setting(coil(12), kind=flag, safe=False, doc="Coil 12.")
    k14 = Setting(coil(13), kind=flag, safe=False, doc="Coil 13.")
    k15 = Setting(coil(14), kind=flag, safe=False, doc="Coil 14.")
    k16 = Setting(coil(15), kind=flag, safe=False, doc="Coil 15.")

    all_off = Action(send(coils(0, 16), False), doc="Switch all coils off in one frame.")

    def make_safe(self) -> None:
        """Switch all coils off."""
        try:
            self.all_off()
        except InstrumentError:
            self.all_off()
