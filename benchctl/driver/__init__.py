"""The kit that drivers are made of.

from benchctl.driver import Instrument, Modbus, Reading, holding


class Meter(Instrument):
    protocol = Modbus()
    volume = Reading(holding(260, "f32"), unit="L", doc="Volume total.")
"""

from benchctl.driver.blocks import array
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.cjt188 import CjT188
from benchctl.driver.cjt188_frames import cjt188_address
from benchctl.driver.decode import DECODERS, decode_frame, known_protocol
from benchctl.driver.describe import describe, provenance, summary
from benchctl.driver.dlms import Dlms
from benchctl.driver.dlms_frames import dlms
from benchctl.driver.dlt645 import Dlt645
from benchctl.driver.dlt645_frames import dlt645_address
from benchctl.driver.errors import BusyError, DriverError, SettingRefused
from benchctl.driver.framing import ModbusError
from benchctl.driver.gfuve import Gfuve
from benchctl.driver.hart import Hart
from benchctl.driver.iec62056 import Iec62056
from benchctl.driver.instrument import Instrument
from benchctl.driver.line import Line
from benchctl.driver.line_address import Ask, ask
from benchctl.driver.manual import ManualInstrument
from benchctl.driver.mbus import MBus, mbus
from benchctl.driver.modbus import Modbus
from benchctl.driver.protocol import Identity, Protocol, Session, Told, choice, integer
from benchctl.driver.radian import Radian
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
from benchctl.driver.scpi_address import (
    Pick,
    commands,
    item,
    listed,
    parsed,
    part,
    remade,
    settled,
    started,
)
from benchctl.driver.scpi_status import Bit, EventStatus, StatusByte, bit
from benchctl.driver.touch import TouchSafe
from benchctl.driver.vaisala import Vaisala
from benchctl.driver.values import Word, block, flag, number, text, whole, within, word
from benchctl.driver.word_order import OrderProof, holds, tells
from benchctl.driver.zera import Zera, zera_range

__all__ = [
    "DECODERS",
    "Action",
    "Ask",
    "Bit",
    "BusyError",
    "CjT188",
    "Dlms",
    "Dlt645",
    "DriverError",
    "EventStatus",
    "Gfuve",
    "Hart",
    "Identity",
    "Iec62056",
    "Instrument",
    "Line",
    "MBus",
    "ManualInstrument",
    "Modbus",
    "ModbusError",
    "OrderProof",
    "Pick",
    "Protocol",
    "Radian",
    "Reading",
    "Scpi",
    "Session",
    "Setting",
    "SettingRefused",
    "StatusByte",
    "Told",
    "TouchSafe",
    "Vaisala",
    "Word",
    "Zera",
    "array",
    "ask",
    "bit",
    "block",
    "choice",
    "cjt188_address",
    "coil",
    "coils",
    "commands",
    "decode_frame",
    "describe",
    "discrete",
    "dlms",
    "dlt645_address",
    "flag",
    "holding",
    "holds",
    "input_register",
    "integer",
    "item",
    "known_protocol",
    "listed",
    "mbus",
    "number",
    "parsed",
    "part",
    "provenance",
    "remade",
    "send",
    "settled",
    "started",
    "summary",
    "switch",
    "tells",
    "text",
    "whole",
    "within",
    "word",
    "zera_range",
]
