"""Pulse counter with 16 inputs, for the pulse outputs of meters under test."""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, input_register, whole


class PulseCounter16(Instrument):
    """Modules of 16 pulse inputs that count since power-up, one unsigned 32-bit count per input.

    Input n is `count_n`, high word first, in input registers 2 (n - 1) and 2 n - 1. The counts are
    never reset from here: a meter's total is the difference of two readings. Past 2**32 - 1 a count
    begins again at zero; a run in which that happens is not measured, and made again.

    Bus: Modbus RTU, usually 9600 8N1, or through a gateway; option `unit`. Function 04.
    Reading: one exchange for all inputs that are asked for, 25 ms for one at 9600 baud.
    Safe: nothing to do, it only counts.
    Document: usual layout of such modules, from memory: check the module's own sheet.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD")

    count_1 = Reading(
        input_register(0, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 1."
    )
    count_2 = Reading(
        input_register(2, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 2."
    )
    count_3 = Reading(
        input_register(4, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 3."
    )
    count_4 = Reading(
        input_register(6, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 4."
    )
    count_5 = Reading(
        input_register(8, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 5."
    )
    count_6 = Reading(
        input_register(10, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 6."
    )
    count_7 = Reading(
        input_register(12, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 7."
    )
    count_8 = Reading(
        input_register(14, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 8."
    )
    count_9 = Reading(
        input_register(16, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 9."
    )
    count_10 = Reading(
        input_register(18, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 10."
    )
    count_11 = Reading(
        input_register(20, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 11."
    )
    count_12 = Reading(
        input_register(22, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 12."
    )
    count_13 = Reading(
        input_register(24, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 13."
    )
    count_14 = Reading(
        input_register(26, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 14."
    )
    count_15 = Reading(
        input_register(28, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 15."
    )
    count_16 = Reading(
        input_register(30, "u32"), unit="1", kind=whole, resolution=1.0, doc="Pulses on input 16."
    )
