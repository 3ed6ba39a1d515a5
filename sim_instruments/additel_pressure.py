"""A simulated Additel ADT681 at address 3, whose answers end with NUL."""

from __future__ import annotations

from benchctl.simulation import Fed, SimulatedInstrument, TextBus, Wire

ADDRESS = 3


class Gauge:
    """A gauge in kPa."""

    def __init__(self) -> None:
        self.inputs, self.unit = Fed({"pressure": 100.023}), "kPa"

    @property
    def pressure(self) -> float:
        """What is at its port."""
        value: float = self.inputs["pressure"]
        return value

    def answer(self, line: str, _t: float) -> str | None:
        """Return a frame with a value or an error."""
        address, kind, item, *_ = [*line.split(":"), "", ""]
        if not address.isdigit() or int(address) not in (ADDRESS, 255):
            return None
        if (kind, item) != ("R", "MRMD"):
            return f"{ADDRESS:03d}:E:{item}:1018"
        return f"{ADDRESS:03d}:F:MRMD:{self.pressure:.3f}:{self.unit}"


def simulator() -> SimulatedInstrument:
    """Return a gauge under pressure."""
    gauge = Gauge()
    return SimulatedInstrument(
        TextBus(Wire(9600, turnaround=0.01), gauge, end=b"\r", reply_end=b"\0"),
        at=f"serial://{{location}}?baud=9600&address={ADDRESS}",
        shows=lambda: {"pressure": gauge.pressure},
        units={"pressure": "kPa"},
        inputs=gauge.inputs,
    )
