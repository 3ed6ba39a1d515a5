"""A frequency counter of the Keysight 53220A family behind the pulse selector.

It sees the pulse output of whatever meters the selector connects; two at once add up, none is no
signal. Frequency is measured reciprocally: over whole periods, as many as the gate time holds,
at least one. Without an edge within SYSTem:TIMeout the reading is 9.91E+37.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchctl.simulation import Call, Handler, ScpiError, ScpiInstrument, Timed, pulses

from .plant import Plant

IDENTITY = "Keysight Technologies,53220A,SIM53220A1,03.02-1924.1737-1.19-4.15-127-155-35"
NO_SIGNAL = "+9.91000000000000E+037"
_OUT_OF_RANGE = -222
_KEPT = (
    "INPut#:COUPling",
    "INPut#:FILTer",
    "INPut#:IMPedance",
    "INPut#:LEVel[:ABSolute]",
    "INPut#:LEVel:AUTO",
    "INPut#:LEVel:RELative",
    "INPut#:NREJect",
    "INPut#:PROBe",
    "INPut#:RANGe",
    "INPut#:SLOPe",
    "TRIGger:COUNt",
    "TRIGger:SOURce",
    "SAMPle:COUNt",
    "[SENSe:]FREQuency:GATE:SOURce",
    "[SENSe:]FREQuency:MODE",
    "[SENSe:]TOTalize:GATE:SOURce",
)
"""Settings that are kept and given back, and change nothing here."""


class Counter:
    """The counter's settings and measurements."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._kept: dict[str, str] = {}
        self._reset(0.0)
        self.instrument = ScpiInstrument(
            IDENTITY,
            {
                "CONFigure:FREQuency": lambda call: self._configure("FREQ", call),
                "CONFigure:TOTalize:TIMed": lambda call: self._configure("TOT:TIM", call),
                "CONFigure:TOTalize:CONTinuous": lambda call: self._configure("TOT:CONT", call),
                "CONFigure?": lambda _: f'"{self._function}"',
                "MEASure:FREQuency?": self._measure_frequency,
                "READ?": self._read,
                "INITiate[:IMMediate]": self._initiate,
                "FETCh?": self._fetch,
                "ABORt": self._abort,
                "[SENSe:]TOTalize:DATA?": lambda call: f"{self._count(call.t):+.14E}",
                "[SENSe:]FREQuency:GATE:TIME": self._set_gate,
                "[SENSe:]FREQuency:GATE:TIME?": lambda _: f"{self._gate:+.14E}",
                "[SENSe:]TOTalize:GATE:TIME": self._set_gate,
                "[SENSe:]TOTalize:GATE:TIME?": lambda _: f"{self._gate:+.14E}",
                "SYSTem:TIMeout": self._set_timeout,
                "SYSTem:TIMeout?": lambda _: f"{self._timeout:+.14E}",
                **{header: self._keeper(header) for header in _KEPT},
                **{f"{header}?": self._teller(header) for header in _KEPT},
            },
            reset=self._reset,
        )

    def _reset(self, t: float) -> None:
        self._function = "FREQ"
        self._gate = 0.1
        self._timeout = 5.0
        self._began = t
        self._kept.clear()

    # what is connected ----------------------------------------------------------------------

    def _connected(self, t: float) -> Sequence[int]:
        """Return the indices of the meters whose pulse outputs the selector connects."""
        inputs = self._plant.inputs(t)
        return [
            n
            for n, meter in enumerate(self._plant.meters)
            if meter.position in inputs.mounted
            and 1 <= meter.position <= len(inputs.selector)
            and inputs.selector[meter.position - 1]
        ]

    def _rate(self, t: float, seconds: float) -> float:
        return sum(self._plant.pulse_rate(n, t, seconds) for n in self._connected(t))

    def _count(self, t: float) -> int:
        plant, total = self._plant, 0
        for n in self._connected(t):
            value = plant.meters[n].pulse_value
            began, now = plant.counted(n, self._began), plant.counted(n, t)
            total += pulses(now, value) - pulses(began, value)
        return total

    # what is measured -----------------------------------------------------------------------

    def _frequency(self, t: float) -> Timed:
        rate = self._rate(t, self._gate)
        if rate * self._timeout < 1.0:
            return Timed(NO_SIGNAL, self._timeout)
        seconds = max(1, math.ceil(self._gate * rate)) / rate
        return Timed(f"{self._rate(t, seconds):+.14E}", seconds)

    def _measure_frequency(self, call: Call) -> Timed:
        self._function = "FREQ"
        return self._frequency(call.t)

    def _read(self, call: Call) -> Timed | str:
        self._initiate(call)
        return self._fetch(call)

    def _initiate(self, call: Call) -> None:
        self._began = call.t

    def _abort(self, call: Call) -> None:
        del call

    def _fetch(self, call: Call) -> Timed | str:
        if self._function == "FREQ":
            return self._frequency(call.t)
        if self._function == "TOT:CONT":
            return f"{self._count(call.t):+.14E}"
        end = self._began + self._gate
        return Timed(f"{self._count(end):+.14E}", max(0.0, end - call.t))

    # what is set ----------------------------------------------------------------------------

    def _configure(self, function: str, call: Call) -> None:
        self._function = function
        if function == "TOT:TIM" and call.args and not call.args[0].startswith("("):
            self._set_gate(call)

    def _set_gate(self, call: Call) -> None:
        gate = call.number()
        if not 1e-6 <= gate <= 1000.0:
            raise ScpiError(_OUT_OF_RANGE)
        self._gate = gate

    def _set_timeout(self, call: Call) -> None:
        timeout = call.number()
        if not 0.01 <= timeout <= 2000.0:
            raise ScpiError(_OUT_OF_RANGE)
        self._timeout = timeout

    def _keeper(self, header: str) -> Handler:
        def keep(call: Call) -> None:
            self._kept[f"{header}{call.suffixes}"] = ",".join(call.args)

        return keep

    def _teller(self, header: str) -> Handler:
        return lambda call: self._kept.get(f"{header}{call.suffixes}", "0")
