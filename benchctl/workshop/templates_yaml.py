"""What `benchctl drivers new --protocol yaml-...` writes: the same drivers as `templates` has."""

from __future__ import annotations

_HEAD_YAML = """summary: @TITLE@, what it is and what it is used for.
bus: @BUS@
reading: how long one takes.
safe: what making it safe does.
document: title, edition and page of the manual; from memory, check.
hardware: not yet seen on hardware.
"""
SCPI = (
    _HEAD_YAML.replace("@BUS@", "LAN (raw socket 5025), USB or GPIB; through VISA.")
    + """
protocol: scpi
identity: ^ACME,@TITLE@,

readings:
  voltage: {at: READ?, unit: V, doc: DC voltage at the terminals.}
settings:
  range: {at: "VOLT:RANG", unit: V, choices: [0.1, 1, 10, 100], safe: 100, doc: Range.}
  level: {at: "TRIG:LEV", unit: V, low: -10, high: 10, doc: Level of the trigger.}
  autozero: {at: "VOLT:ZERO:AUTO", kind: flag, doc: Whether zero is measured each time.}
"""
)
MODBUS = (
    _HEAD_YAML.replace("@BUS@", "Modbus RTU on RS-485, 9600 8N1, or Modbus TCP; option `unit`.")
    + """
protocol: {modbus: {order: ABCD, serial: holding 0 u32}}

readings:
  temperature: {at: input 0 i16, scale: 0.1, unit: °C, resolution: 0.1, doc: Temperature.}
  pressure: {at: input 2 f32, unit: kPa, doc: Pressure.}
settings:
  setpoint: {at: holding 2 i16, scale: 0.1, unit: °C, low: -20, high: 120, safe: 20, doc: Goal.}
  heating: {at: coil 0, kind: flag, safe: false, doc: Whether it heats.}
"""
)
LINE = (
    _HEAD_YAML.replace("@BUS@", "RS-232, 9600 8N1, lines end with CR LF.")
    + """
protocol:
  line: {who: ID, serial: SN, said: '\\w+ (.+)', error: 'E \\d', done: S OK}
identity: ^@TITLE@$

readings:
  temperature: {at: T, reply: 'T (\\S+) C', unit: °C, doc: Temperature.}
settings:
  setpoint:
    at: {ask: S, set: 'S {value}'}
    reply: S (\\S+) C
    unit: °C
    low: -20
    high: 120
    safe: 20
    doc: Set-point.
"""
)
