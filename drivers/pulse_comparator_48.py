"""Pulse comparator of 48 positions: the error processor of a bench for energy meters."""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, input_register, whole


def _position(n: int) -> tuple[Reading[float], Reading[float], Reading[float]]:
    """Return what position `n` tells: its pulses, the reference's at the last one, its clock."""
    at, clock = 6 * (n - 1), 1000 + 4 * (n - 1)
    return (
        Reading[float](
            input_register(at, "u32"),
            unit="imp",
            kind=whole,
            resolution=1.0,
            doc=f"Pulses of the meter at position {n}.",
        ),
        Reading[float](
            input_register(at + 2, "u64"),
            unit="imp",
            kind=whole,
            resolution=1.0,
            doc=f"Pulses of the reference at the last of them, position {n}.",
        ),
        Reading[float](
            input_register(clock, "f64"), unit="s", doc=f"Period of the clock at position {n}."
        ),
    )


class PulseComparator48(Instrument):
    """Counts the pulses of up to 48 meters, and at each of them latches the reference's count.

    Count and latch of a position stand side by side, so that one exchange has both of one instant.
    `clock_n` is the mean period of the last ten pulses at the clock input of a position, by the
    comparator's own time base; NaN, which is no value, where none come.

    Generic, adapt the map to your comparator: it is ours, and our simulated instrument's.

    Bus: Modbus TCP; option `unit`. Function 04.
    Reading: three exchanges for all positions, 2 ms each; two for all clocks.
    Safe: nothing to do, it only counts.
    Document: none: a map of our own.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD")

    total = Reading(input_register(1400, "u64"), unit="imp", kind=whole, doc="Of the reference.")
    timebase = Reading(input_register(1404, "f64"), unit="s", doc="Period of its own clock.")
    count_1, latch_1, clock_1 = _position(1)
    count_2, latch_2, clock_2 = _position(2)
    count_3, latch_3, clock_3 = _position(3)
    count_4, latch_4, clock_4 = _position(4)
    count_5, latch_5, clock_5 = _position(5)
    count_6, latch_6, clock_6 = _position(6)
    count_7, latch_7, clock_7 = _position(7)
    count_8, latch_8, clock_8 = _position(8)
    count_9, latch_9, clock_9 = _position(9)
    count_10, latch_10, clock_10 = _position(10)
    count_11, latch_11, clock_11 = _position(11)
    count_12, latch_12, clock_12 = _position(12)
    count_13, latch_13, clock_13 = _position(13)
    count_14, latch_14, clock_14 = _position(14)
    count_15, latch_15, clock_15 = _position(15)
    count_16, latch_16, clock_16 = _position(16)
    count_17, latch_17, clock_17 = _position(17)
    count_18, latch_18, clock_18 = _position(18)
    count_19, latch_19, clock_19 = _position(19)
    count_20, latch_20, clock_20 = _position(20)
    count_21, latch_21, clock_21 = _position(21)
    count_22, latch_22, clock_22 = _position(22)
    count_23, latch_23, clock_23 = _position(23)
    count_24, latch_24, clock_24 = _position(24)
    count_25, latch_25, clock_25 = _position(25)
    count_26, latch_26, clock_26 = _position(26)
    count_27, latch_27, clock_27 = _position(27)
    count_28, latch_28, clock_28 = _position(28)
    count_29, latch_29, clock_29 = _position(29)
    count_30, latch_30, clock_30 = _position(30)
    count_31, latch_31, clock_31 = _position(31)
    count_32, latch_32, clock_32 = _position(32)
    count_33, latch_33, clock_33 = _position(33)
    count_34, latch_34, clock_34 = _position(34)
    count_35, latch_35, clock_35 = _position(35)
    count_36, latch_36, clock_36 = _position(36)
    count_37, latch_37, clock_37 = _position(37)
    count_38, latch_38, clock_38 = _position(38)
    count_39, latch_39, clock_39 = _position(39)
    count_40, latch_40, clock_40 = _position(40)
    count_41, latch_41, clock_41 = _position(41)
    count_42, latch_42, clock_42 = _position(42)
    count_43, latch_43, clock_43 = _position(43)
    count_44, latch_44, clock_44 = _position(44)
    count_45, latch_45, clock_45 = _position(45)
    count_46, latch_46, clock_46 = _position(46)
    count_47, latch_47, clock_47 = _position(47)
    count_48, latch_48, clock_48 = _position(48)
