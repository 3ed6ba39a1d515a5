"""The kit that drivers are made of.

from benchctl.driver import Instrument, Modbus, Reading, holding


class Meter(Instrument):
    protocol = Modbus()
    volume = Reading(holding(260, "f32"), unit="L", doc="Volume total.")
"""

from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.cjt188 import CjT188
from benchctl.driver.cjt188_frames import cjt188_address
from benchctl.driver.decode import DECODERS, decode_frame
from benchctl.driver.describe import describe, provenance, summary
from benchctl.driver.errors import BusyError, DriverError, SettingRefused
from benchctl.driver.framing import ModbusError
from benchctl.driver.hart import Hart
from benchctl.driver.instrument import Instrument
from benchctl.driver.line import Line
from benchctl.driver.line_address import Ask, ask
from benchctl.driver.manual import ManualInstrument
from benchctl.driver.modbus import Modbus
from benchctl.driver.protocol import Identity, Protocol, Session, Told, choice, integer
from benchctl.driver.registers import (
    coil,
    coils,
    discrete,
    holding,
    input_register,
    send,
    switch,
)
from benchctl.driver.scpi import Scpi
from benchctl.driver.vaisala import Vaisala
from benchctl.driver.values import block, flag, number, text, whole, within

__all__ = [
    "DECODERS",
    "Action",
    "Ask",
    "BusyError",
    "CjT188",
    "DriverError",
    "Hart",
    "Identity",
    "Instrument",
    "Line",
    "ManualInstrument",
    "Modbus",
    "ModbusError",
    "Protocol",
    "Reading",
    "Scpi",
    "Session",
    "Setting",
    "SettingRefused",
    "Told",
    "Vaisala",
    "ask",
    "block",
    "choice",
    "cjt188_address",
    "coil",
    "coils",
    "decode_frame",
    "describe",
    "discrete",
    "flag",
    "holding",
    "input_register",
    "integer",
    "number",
    "provenance",
    "send",
    "summary",
    "switch",
    "text",
    "whole",
    "within",
]
