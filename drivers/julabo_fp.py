"""Julabo FP and MH circulating baths."""

from __future__ import annotations

from benchctl.core.errors import DeviceError
from benchctl.core.messages import msg
from benchctl.driver import Instrument, Line, Reading, Setting, ask, flag, text


class Julabo(Line):
    """`in_pv_00` is answered `24.87`; `out_...` commands are not answered, and are read back."""

    name = "Julabo"
    end = "\r"
    reply_end = "\n"
    who = "version"
    acknowledged = False
    proven = True
    pause = 0.25

    def parse(self, command: str, reply: str, unit: str) -> str:
        """Return the answer; a negative status is an error."""
        del unit
        if command == "status" and reply.startswith("-"):
            raise DeviceError(msg("driver.said", text=reply[:80]))
        return reply


class JulaboFp(Instrument):
    """Julabo FP50 and other circulators with the same commands, for thermometers under test.

    Choose remote control at the bath (R -OFF-); otherwise settings are ignored, which is told. A
    bath of another range has its own limits, and ignores what lies beyond them, which is told too.

    Bus: RS-232, 4800 7E1 by default, RTS/CTS: add `flow=hardware`.
    Reading: 30 ms at 4800 baud; the bath needs 0.25 s between two commands.
    Safe: stopped: heater, cooler and pump off. Not held at the set-point: nobody may be there, and
        a bath that is stopped only drifts to the temperature of the room.
    Document: Julabo F38-ME manual, p. 63, and Magnum 91 manual, p. 66 (commands and pauses);
        limits of the FP50 from memory: check. in_pv_01 as the power and in_pv_02 as the external
        sensor are as these two manuals list them; lewis, a simulator that nobody here wrote, has
        them the other way round. Compare both with the display before either is used.
    Hardware: not yet seen on hardware.
    """

    protocol = Julabo()

    temperature = Reading("in_pv_00", unit="°C", resolution=0.01, doc="Bath temperature.")
    external = Reading("in_pv_02", unit="°C", resolution=0.01, doc="External Pt100.")
    power = Reading("in_pv_01", unit="%", resolution=0.01, doc="Power; cooling is negative.")
    setpoint = Setting(
        ask("in_sp_00", write="out_sp_00 {value:.2f}"),
        unit="°C",
        low=-50.0,
        high=200.0,
        resolution=0.01,
        doc="Set-point 1.",
    )
    on = Setting(
        ask("in_mode_05", write="out_mode_05 {value}"),
        kind=flag,
        safe=False,
        doc="Whether it circulates and controls.",
    )
    status = Reading("status", kind=text, doc="Status message; 03 REMOTE START while it runs.")

    def make_safe(self) -> None:
        """Stop heater, cooler and pump."""
        self.on = False
