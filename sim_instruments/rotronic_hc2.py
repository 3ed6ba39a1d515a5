"""A simulated Rotronic HygroClip 2 that speaks RO-ASCII, at address 7."""

from __future__ import annotations

from benchctl.simulation import Fed, SimulatedInstrument, TextBus, Wire

HUMIDITY, TEMPERATURE = 42.47, 23.31
ADDRESS = "07"


class HygroClip:
    """Answers RDD at its own address, and at 99, which all obey."""

    def __init__(self, serial: str, name: str) -> None:
        self._serial, self._name = serial, name
        self.inputs = Fed({"humidity": HUMIDITY, "temperature": TEMPERATURE})

    def answer(self, line: str, _t: float) -> str | None:
        """Return the values with the checksum behind them."""
        if line not in (f"{{F{ADDRESS}RDD}}", "{F99RDD}"):
            return None
        text = (
            f"{{F{ADDRESS}rdd 001;{self.inputs['humidity']:7.2f};%rh;000;+;"
            f"{self.inputs['temperature']:7.2f};°C;000;-;"
            f"nc;---.- ;°C;000; ;001;V1.4-1;{self._serial};{self._name:<12};000;"
        )
        total = 0
        for character in text.encode("latin-1"):
            total += character
        return text + chr(total % 0x40 + 0x20)


def simulator(serial: str = "0060257484", model: str = "HygroClip 2") -> SimulatedInstrument:
    """Return a probe in a room."""
    probe = HygroClip(serial, model)
    return SimulatedInstrument(
        TextBus(Wire(19200, turnaround=0.01), probe, end=b"\r"),
        at="serial://{location}?baud=19200&address=7",
        shows=lambda: dict(probe.inputs),
        inputs=probe.inputs,
        units={"humidity": "%", "temperature": "°C"},
    )
