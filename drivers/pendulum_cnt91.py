"""Pendulum CNT-91 counter: frequency and number of pulses of a meter under test."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Scpi


class PendulumCnt91(Instrument):
    """Pendulum (Spectracom, Fluke) CNT-90 and CNT-91 timer, counter and analyser.

    Each reading sets its function up and triggers it. Options: `gate` (1, measuring time in s),
    `input` (1 or 2, the channel).

    Bus: GPIB or USB; through VISA.
    Reading: the measuring time, at least one period of the signal.
    Safe: nothing to do, the counter only measures.
    Document: Programmer's Handbook 4031 600 90201 (CONF:FREQ, ACQ:APER, INIT:CONT, READ?);
        CONF:TOT:TIM from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(errors=":SYST:ERR?")
    identity = r"^(PENDULUM|SPECTRACOM|Fluke),\s*CNT-9[01]"
    defaults = {"gate": "1", "input": "1"}  # noqa: RUF012 - declared as ClassVar in the base
    timeout = 10.0

    frequency = Reading(
        ":INIT:CONT OFF;:CONF:FREQ (@{input});:ACQ:APER {gate};:READ?",
        unit="Hz",
        doc="Frequency over the measuring time.",
    )
    pulses = Reading(
        ":INIT:CONT OFF;:CONF:TOT:TIM {gate},(@{input});:READ?",
        unit="1",
        resolution=1.0,
        doc="Number of pulses within one measuring time.",
    )
