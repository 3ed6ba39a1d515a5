"""A simulated E+H Promass 300: floats in the order 1-0-3-2, as delivered."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator() -> SimulatedInstrument:
    """Return a meter with water flowing through it."""
    device = modbus_memory(
        holding={
            "mass_flow": Held(2006, "f32", 2495.5, order="CDAB", fixed=True),
            "volume_flow": Held(2008, "f32", 2.5, order="CDAB", fixed=True),
            "corrected_volume_flow": Held(2010, "f32", 2.49, order="CDAB", fixed=True),
            "density": Held(2012, "f32", 998.25, order="CDAB", fixed=True),
            "reference_density": Held(2014, "f32", 999.1, order="CDAB", fixed=True),
            "temperature": Held(2016, "f32", 20.5, order="CDAB", fixed=True),
            "volume_total": Held(2609, "f32", 123.25, order="CDAB", fixed=True),
            "diagnostic": Held(6858, "u16", 443, fixed=True),
        }
    )
    return SimulatedInstrument(
        ModbusBus(Wire(19200, bits=11, turnaround=0.025), {1: device.unit}),
        at="modbus+rtu://{location}?baud=19200&parity=E&unit=1",
        shows=device.shows,
        inputs=device,
        units={
            "mass_flow": "kg/h",
            "volume_flow": "m³/h",
            "density": "kg/m³",
            "temperature": "°C",
            "volume_total": "L",
        },
    )
