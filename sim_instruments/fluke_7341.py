"""A simulated Fluke 7341 bath in full duplex: every command is repeated before it is answered."""

from __future__ import annotations

from benchctl.simulation import SimulatedInstrument, TextBus, Wire, line_memory


class FullDuplex:
    """A device that repeats what it hears."""

    def __init__(self, model: str) -> None:
        self.holds = line_memory(
            {"temperature": 49.98, "setpoint": 50.0, "heater": 37.0, "cutout": 120.0},
            {
                "*ver": model,
                "t": "t: {temperature:7.2f} C",
                "s": "set: {setpoint:7.2f} C",
                "s={setpoint}": None,
                "po": "po: {heater:.0f}",
                "c": "cu: {cutout:.0f} C, in",
            },
            limits={"setpoint": (-45.0, 150.0)},
        )

    def answer(self, line: str, t: float) -> str:
        """Return the echo, and the answer behind it."""
        said = self.holds.answer(line, t)
        assert said is None or isinstance(said, str)
        return f"{line}\r\n" + (f"{said}\r\n" if said else "")


def simulator(model: str = "ver.7341,1.10") -> SimulatedInstrument:
    """Return a bath that holds 50 °C."""
    bath = FullDuplex(model)
    return SimulatedInstrument(
        TextBus(Wire(2400, turnaround=0.02), bath, end=b"\r", reply_end=b""),
        at="serial://{location}?baud=2400",
        shows=bath.holds.shows,
        inputs=bath.holds,
        units={"temperature": "°C", "setpoint": "°C", "heater": "%", "cutout": "°C"},
    )
