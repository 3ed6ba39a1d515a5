"""Keysight 53220A counter: frequency and number of pulses of a meter under test."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Scpi


class Keysight53220A(Instrument):
    """Keysight (Agilent) 53220A and 53230A universal counters.

    Each reading sets its function up and triggers it, so that a hand on the front panel spoils one
    reading at most. Options: `gate` (1, gate time in s), `input` (1 or 2, the channel). Without a
    signal the counter answers 9.91E+37 after its own SYST:TIM, which is an error here, not a value.

    Bus: LAN (VXI-11, or raw socket 5025), USB, GPIB; through VISA.
    Reading: the gate time, at least one period of the signal, and some ms.
    Safe: nothing to do, the counter only measures.
    Document: 53220A/53230A Programmer's Reference and User's Guide, p. 108 (totalize), 172 (gate).
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(compound=False)
    identity = r"^(Agilent|Keysight) Technologies,532[23]0A,"
    defaults = {"gate": "1", "input": "1"}  # noqa: RUF012 - declared as ClassVar in the base
    timeout = 10.0

    frequency = Reading(
        "CONF:FREQ (@{input});:SENS:FREQ:GATE:TIME {gate};:READ?",
        unit="Hz",
        doc="Frequency over the gate time, measured reciprocally.",
    )
    pulses = Reading(
        "CONF:TOT:TIM {gate},(@{input});:READ?",
        unit="1",
        resolution=1.0,
        doc="Number of pulses within one gate time.",
    )
