"""ABB ACS580 frequency converter, driving the pump of a line."""

from __future__ import annotations

from typing import Any

from benchctl.driver import (
    Action,
    Instrument,
    Modbus,
    Reading,
    Setting,
    flag,
    holding,
    send,
    switch,
    whole,
)

READY, RUN, RESET_FAULT = 0x047E, 0x047F, 0x04FE
RUNS, TRIPPED = 2, 3
"""Bits of the status word: operation enabled, fault."""


class AbbAcs580(Instrument):
    """ABB ACS580, ACS355 and ACS550 drives under fieldbus control, ABB drives profile.

    Set the drive to the ABB drives profile and to EFB control, with REF1 as speed reference scaled
    to ±20000 = ±100 % of its maximum speed. A drive that hears nothing for its time-out (parameter
    58.16, check it: 5 s) trips, so whoever runs the pump must keep talking to it.

    Bus: Modbus RTU on RS-485, usually 19200 8E1, or Modbus TCP by an adapter; option `unit`.
    Reading: one exchange for speed and status, 15 ms at 19200 baud.
    Safe: reference 0 %, then stop (ramp down); both are tried even if one fails.
    Document: ACS355 user's manual, p. 308 to 314 (registers), status word as in ACS320 p. 349;
        the addresses of an ACS580 are the same from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus()

    run = Setting(
        switch(holding(3, bit=RUNS), holding(0), on=(READY, RUN), off=(READY,)),
        kind=flag,
        safe=False,
        doc="Whether the motor is driven; starts from ready, stops along the ramp.",
    )
    speed = Setting(
        holding(1, "i16", scale=1 / 200),
        unit="%",
        low=0.0,
        high=100.0,
        safe=0.0,
        resolution=0.005,
        doc="Reference, in % of the drive's maximum speed.",
    )
    actual_speed = Reading(
        holding(4, "i16", scale=1 / 200),
        unit="%",
        resolution=0.005,
        doc="Actual value 1: speed, in % of the drive's maximum speed.",
    )
    status = Reading(holding(3), kind=whole, doc="Status word.")
    tripped = Reading(holding(3, bit=TRIPPED), kind=flag, doc="Whether a fault is active.")

    reset_fault = Action(send(holding(0), RESET_FAULT, READY), doc="Acknowledge a fault.")

    def write(self, name: str, value: Any) -> None:
        """Set a channel; a drive that has tripped is not started in vain.

        Raises:
            DeviceError: the drive has tripped: somebody must find out why, and acknowledge it.
        """
        super().write(name, value)
        if name == "run" and value and self.tripped:
            raise self.refuse(
                "the drive has tripped and does not run; find the cause, then reset_fault"
            )

    def make_safe(self) -> None:
        """Set the reference to 0 % and stop the drive."""
        try:
            self.speed = 0.0
        finally:
            self.run = False
