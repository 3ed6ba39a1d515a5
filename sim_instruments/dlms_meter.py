"""A simulated electricity meter with DLMS/COSEM over HDLC; its manager needs a password."""

from __future__ import annotations

from collections.abc import Callable

from benchctl.simulation import (
    DlmsMeter,
    SimulatedInstrument,
    Wire,
    cosem_octets,
    cosem_scaler,
    cosem_signed64,
    cosem_text,
    cosem_unsigned,
    hdlc_line,
)

REGISTERS = {
    "energy": ("1.0.1.8.0.255", 0, 30, 123456, 123.456),  # Wh
    "energy_export": ("1.0.2.8.0.255", 3, 30, 7, 7.0),
    "reactive_energy": ("1.0.3.8.0.255", 1, 32, 4425, 44.25),  # 10 varh
    "power": ("1.0.1.7.0.255", -1, 27, 34567, 3.4567),
    "voltage_l1": ("1.0.32.7.0.255", -1, 35, 2301, 230.1),
    "voltage_l2": ("1.0.52.7.0.255", -1, 35, 2298, 229.8),
    "voltage_l3": ("1.0.72.7.0.255", -1, 35, 2314, 231.4),
    "current_l1": ("1.0.31.7.0.255", -3, 33, 5012, 5.012),
    "current_l2": ("1.0.51.7.0.255", -3, 33, 4987, 4.987),
    "current_l3": ("1.0.71.7.0.255", -3, 33, 5105, 5.105),
    "power_factor": ("1.0.13.7.0.255", -3, 255, -987, -0.987),
    "frequency": ("1.0.14.7.0.255", -2, 44, 5001, 50.01),
}
"""Channel: code, scaler, unit, what is sent, what it shows in the driver's unit."""
CLOCK = bytes.fromhex("07EA011F06091E0F00FFC400")


def fixed(data: bytes) -> Callable[[float], bytes]:
    """Return an attribute that is always the same."""
    return lambda _: data


UNITS = {
    **dict.fromkeys(
        (
            "energy",
            "energy_export",
        ),
        "kWh",
    ),
    **dict.fromkeys(("reactive_energy",), "kvar·h"),
    **dict.fromkeys(("power",), "kW"),
    **dict.fromkeys(
        (
            "voltage_l1",
            "voltage_l2",
            "voltage_l3",
        ),
        "V",
    ),
    **dict.fromkeys(
        (
            "current_l1",
            "current_l2",
            "current_l3",
        ),
        "A",
    ),
    **dict.fromkeys(("power_factor",), "1"),
    **dict.fromkeys(("frequency",), "Hz"),
}
"""In which unit the manual gives each of them."""


def simulator(serial: str = "SIM0000161") -> SimulatedInstrument:
    """Return a meter with this number."""
    objects = {
        (1, "0.0.42.0.0.255", 2): lambda _: cosem_octets(b"SIM" + serial[-8:].encode()),
        (1, "0.0.96.1.0.255", 2): lambda _: cosem_text(serial),
        (8, "0.0.1.0.0.255", 2): lambda _: cosem_octets(CLOCK),
    }
    for code, scaler, unit, raw, _ in REGISTERS.values():
        encode = cosem_unsigned if raw >= 0 else cosem_signed64
        objects[3, code, 2] = fixed(encode(raw))
        objects[3, code, 3] = fixed(cosem_scaler(scaler, unit))
    meter = DlmsMeter(objects, password="12345678", public=("0.0.1.0.0.255",))
    return SimulatedInstrument(
        hdlc_line(Wire(9600, turnaround=0.01), meter),
        at="serial://{location}?baud=9600&client=1&password=12345678",
        units=UNITS,
        shows=lambda: {
            **{name: shown for name, (*_, shown) in REGISTERS.items()},
            "clock": "2026-01-31 09:30:15",
        },
    )
