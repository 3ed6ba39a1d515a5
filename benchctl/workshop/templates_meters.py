"""What `benchctl drivers new` writes for meters with framed protocols: a few channels of each."""

from __future__ import annotations

_HEAD = '''"""@TITLE@."""

from __future__ import annotations

from benchctl.driver import {imports}


class @CLASS@(Instrument):
    """@TITLE@: {what}.

    Bus: {bus}
    Reading: {reading}
    Safe: nothing to do, it only measures.
    Document: {document} and the sheet of the meter; from memory: check.
    Hardware: not yet seen on hardware.
    """

'''
_SIM_HEAD = '''"""A simulated @TITLE@ on a line of its own."""

from __future__ import annotations

from benchctl.simulation import {imports}


def simulator(serial: str = "{serial}") -> SimulatedInstrument:
    """Return a meter with this number."""
'''
DLT645 = (
    _HEAD.format(
        imports="Dlt645, Instrument, Reading",
        what="an electricity meter after DL/T 645-2007",
        bus="RS-485, 2400 8E1; option `address`.",
        reading="0.2 s per channel at 2400 baud.",
        document="DL/T 645-2007",
    )
    + """    protocol = Dlt645(2007)
    timeout = 1.5

    energy = Reading("00010000", unit="kWh", resolution=0.01, doc="Forward active energy.")
    voltage = Reading("02010100", unit="V", resolution=0.1, doc="Voltage L1.")
"""
)
DLT645_SIM = (
    _SIM_HEAD.format(
        imports="Dlt645Meter, SimulatedInstrument, Wire, bcd_register, dlt645_line",
        serial="000000000161",
    )
    + """    registers = {
        "00010000": bcd_register(314.15, 4, 2),
        "02010100": bcd_register(230.1, 2, 1),
    }
    return SimulatedInstrument(
        dlt645_line(Wire(2400, bits=11), [Dlt645Meter(serial, registers)]),
        at=f"serial://{{location}}?baud=2400&parity=E&address={serial}",
        shows=lambda: {"energy": 314.15, "voltage": 230.1},
        units={"energy": "kWh", "voltage": "V"},
    )
"""
)
MBUS = (
    _HEAD.format(
        imports="Instrument, MBus, Reading, mbus",
        what="a water or heat meter on a wired M-Bus",
        bus="M-Bus level converter, 2400 8E1; option `address`.",
        reading="one readout for all channels, 1 s at 2400 baud.",
        document="EN 13757-3",
    )
    + """    protocol = MBus()
    timeout = 2.5

    volume = Reading(mbus("volume"), unit="L", doc="Volume so far.")
    flow = Reading(mbus("volume_flow"), unit="m³/h", doc="Flow.")
"""
)
MBUS_SIM = (
    _SIM_HEAD.format(
        imports="MBusMeter, SimulatedInstrument, Wire, mbus_decimal, mbus_line", serial="12345678"
    )
    + """
    def telegram(_: float) -> bytes:
        return mbus_decimal(0x13, 123456.0, size=4) + mbus_decimal(0x3B, 1234.0)

    meter = MBusMeter(serial, "ACM", (telegram,), primary=5, medium=7)
    return SimulatedInstrument(
        mbus_line(Wire(2400, bits=11), [meter]),
        at=f"serial://{{location}}?baud=2400&parity=E&address={serial}",
        shows=lambda: {"volume": 123456.0, "flow": 1.234},
        units={"volume": "L", "flow": "m³/h"},
    )
"""
)
IEC62056 = (
    _HEAD.format(
        imports="Iec62056, Instrument, Reading",
        what="a meter with an optical interface after IEC 62056-21, mode C",
        bus="optical head, 300 7E1 at first: ?baud=300&bits=7&parity=E.",
        reading="one readout for all channels, 5 s.",
        document="IEC 62056-21",
    )
    + """    protocol = Iec62056()
    timeout = 3.0

    energy = Reading("1.8.0", unit="kWh", doc="Active energy, import.")
    voltage = Reading("32.7.0", unit="V", doc="Voltage L1.")
"""
)
IEC62056_SIM = (
    _SIM_HEAD.format(
        imports="Iec62056Meter, SimulatedInstrument, Wire, iec62056_line", serial="40012345"
    )
    + """    lines = {"0.0.0": serial, "1.8.0": "000123.456*kWh", "32.7.0": "230.4*V"}
    meter = Iec62056Meter("ACM", "SIM1", lambda _: lines)
    return SimulatedInstrument(
        iec62056_line(Wire(300), meter),
        at="serial://{location}?baud=300&bits=7&parity=E",
        shows=lambda: {"energy": 123.456, "voltage": 230.4},
        units={"energy": "kWh", "voltage": "V"},
    )
"""
)
DLMS = (
    _HEAD.format(
        imports="Dlms, Instrument, Reading, dlms",
        what="an electricity meter with DLMS/COSEM",
        bus="RS-485 or optical head 9600 8N1 (HDLC), or TCP 4059; options `client`, `password`.",
        reading="one exchange per channel, 0.1 s at 9600 baud.",
        document="IEC 62056-6-1",
    )
    + """    protocol = Dlms()
    timeout = 2.0

    energy = Reading(dlms("1.0.1.8.0.255"), unit="kWh", doc="Active energy, import.")
    voltage = Reading(dlms("1.0.32.7.0.255"), unit="V", doc="Voltage L1.")
"""
)
DLMS_SIM = '''"""A simulated @TITLE@ on a line of its own."""

from __future__ import annotations

from benchctl.simulation import (
    DlmsMeter,
    SimulatedInstrument,
    Wire,
    cosem_octets,
    cosem_scaler,
    cosem_text,
    cosem_unsigned,
    hdlc_line,
)


def simulator(serial: str = "SIM0000161") -> SimulatedInstrument:
    """Return a meter with this number."""
    objects = {
        (1, "0.0.42.0.0.255", 2): lambda _: cosem_octets(b"ACM" + serial[-8:].encode()),
        (1, "0.0.96.1.0.255", 2): lambda _: cosem_text(serial),
        (3, "1.0.1.8.0.255", 2): lambda _: cosem_unsigned(123456),
        (3, "1.0.1.8.0.255", 3): lambda _: cosem_scaler(0, 30),  # Wh
        (3, "1.0.32.7.0.255", 2): lambda _: cosem_unsigned(2301),
        (3, "1.0.32.7.0.255", 3): lambda _: cosem_scaler(-1, 35),  # V
    }
    meter = DlmsMeter(objects, password="12345678", public=())
    return SimulatedInstrument(
        hdlc_line(Wire(9600), meter),
        at="serial://{location}?baud=9600&client=1&password=12345678",
        shows=lambda: {"energy": 123.456, "voltage": 230.1},
        units={"energy": "kWh", "voltage": "V"},
    )
'''
