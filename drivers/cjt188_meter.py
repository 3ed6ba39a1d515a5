"""Water meter with a CJ/T 188 interface: the unit under test."""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.driver import CjT188, Instrument, Reading, whole


class Cjt188Meter(Instrument):
    """Water meters after CJ/T 188-2004 that are read under their own address.

    The volume travels with two decimals of the unit the meter chooses. In its test mode that is L,
    one step 0.01 L; a meter that answers in m³ steps by 10 L, too coarse for what this driver
    declares, and is refused.

    Options: `address` (14 digits or the serial number), `di` (901F or 1F90, the order in which the
    data identification travels; makers differ), `type` (10 cold water, hexadecimal).

    Bus: RS-485 or M-Bus, usually 2400 8E1; many meters on one line.
    Reading: one exchange for volume and status, 0.3 s at 2400 baud.
    Safe: nothing to do, it only measures.
    Document: CJ/T 188-2004, frames as published with captures (see tests/driver), status bits from
        memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = CjT188()
    timeout = 1.5

    volume = Reading("volume", unit="L", resolution=0.01, doc="Volume so far.")
    status = Reading("status", kind=whole, doc="Status word; bit 2 is a low battery.")
    step = Reading("step", unit="L", doc="One step of the volume.")

    def verify(self) -> None:
        """Refuse a meter whose volume steps more coarsely than the driver declares."""
        step = self.step
        if step > 0.01:
            raise self.refuse(
                msg("driver.coarse", step=f"{step:g}"), hint=msg("driver.hint-coarse")
            )
