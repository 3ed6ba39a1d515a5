"""The example driver of a new lab: one reading, one setting, and how to leave it."""

from __future__ import annotations

from benchctl.cli.starter.bench import Words

NAME = "example_bath"

_TEMPLATE = '''"""{title}"""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, Setting, holding, input_register, within


class ExampleBath(Instrument):
    """{summary}

    Bus: {bus}
    Reading: {reading}
    Safe: {safe}
    Document: {document}
    Hardware: {hardware}
    """

    protocol = Modbus()

    # {about-reading}
    temperature = Reading(
        input_register(0, "i16", scale=0.1),
        unit="°C",
        kind=within(-50, 150),
        resolution=0.1,
        doc="{doc-temperature}",
    )

    # {about-setting}
    setpoint = Setting(
        holding(0, "i16", scale=0.1),
        unit="°C",
        low=5.0,
        high=90.0,
        safe=20.0,
        doc="{doc-setpoint}",
    )

    def make_safe(self) -> None:
        """{make-safe}"""
        self.setpoint = 20.0
'''
_SENTENCES = (
    "title",
    "summary",
    "bus",
    "reading",
    "safe",
    "document",
    "hardware",
    "about-reading",
    "doc-temperature",
    "about-setting",
    "doc-setpoint",
    "make-safe",
)


def example_driver(words: Words) -> str:
    """Return the text of the driver."""
    return _TEMPLATE.format_map({name: words(f"driver-{name}") for name in _SENTENCES})
