"""Clock-driven plants and the servers that expose them over VISA, Modbus and serial lines.

A simulated bench lies in `sim_instruments/<name>/` and uses these names only:

- what a plant is made of: `Response`, `Ripple`, `Noise`, `Totaliser`, `Register`, `ErrorCurve`,
  `Table`, `Timeline`, `Driven`, `Switched`;
- what hangs on its buses: `ModbusBus` with `ModbusUnit`, `Cell` and `Coil`; `Cjt188Bus` with
  `Cjt188Meter`; `ScpiBus` with `ScpiInstrument`; `TextBus` with a `TextDevice`, such as
  `MtSicsBalance`; what `dlt645_line`, `mbus_line`, `iec62056_line`, `hdlc_line`, `wrapper_line`,
  `radian_line` and `gfuve_line` return; `CustomBus` with a `LineServer` of its own;
- what it is: `SimulatedBench` with its `SimulatedUut`s and its `Standards`.

`find_bench` and `list_benches` find them, `serve` runs one in a process of its own.

A bench may be declared instead: `plant.yaml` beside its `bench.yaml`, no Python
(`docs/simulated-benches.md`).

A simulated instrument, against which one driver is checked, is a file `sim_instruments/<name>.py`
with a function `simulator` that returns a `SimulatedInstrument`; `scpi_memory`, `modbus_memory` and
`line_memory` make the common ones, `find_simulator` finds it, `ServedInstrument` serves it.
"""

from benchctl.simulation.bench import LINK_FAULTS, SimulatedBench, with_parameters
from benchctl.simulation.buses import (
    Bus,
    Cjt188Bus,
    CustomBus,
    Exposure,
    Medium,
    ModbusBus,
    ScpiBus,
    TextBus,
)
from benchctl.simulation.cjt188 import CAPACITY as CJT188_CAPACITY
from benchctl.simulation.cjt188 import Cjt188Meter, Cjt188Server
from benchctl.simulation.counting import Register, Totaliser, pulses
from benchctl.simulation.curves import ErrorCurve, Table, read_table
from benchctl.simulation.dlms import (
    DlmsMeter,
    cosem_octets,
    cosem_scaler,
    cosem_signed64,
    cosem_text,
    cosem_unsigned,
    hdlc_line,
    wrapper_line,
)
from benchctl.simulation.dlt645 import (
    Dlt645Meter,
    bcd_register,
    demand_register,
    digits_register,
    dlt645_line,
)
from benchctl.simulation.driven import Driven, Switched
from benchctl.simulation.feeding import Fed, Feedable, Renamed, Source
from benchctl.simulation.hands import Hands, HandsServer
from benchctl.simulation.iec62056 import Iec62056Meter, iec62056_line
from benchctl.simulation.instrument import (
    MakesInstrument,
    ServedInstrument,
    SimulatedInstrument,
)
from benchctl.simulation.line_memory import LineMemory, line_memory
from benchctl.simulation.lines import TextDevice, TextServer
from benchctl.simulation.mbus import MBusMeter, mbus_decimal, mbus_integer, mbus_line, mbus_real
from benchctl.simulation.modbus import ModbusServer
from benchctl.simulation.modbus_memory import Held, ModbusMemory, modbus_memory
from benchctl.simulation.mtsics import MtSicsBalance
from benchctl.simulation.noise import Noise, Ripple
from benchctl.simulation.ports import Port, PtyPort, TcpPort
from benchctl.simulation.reference_meters import ZeraMeter, gfuve_data, gfuve_line, radian_line
from benchctl.simulation.registers import Cell, Coil, ModbusUnit
from benchctl.simulation.response import Response, steady
from benchctl.simulation.scpi import (
    Call,
    Handler,
    Manners,
    Overlapped,
    ScpiError,
    ScpiInstrument,
    ScpiServer,
    Timed,
)
from benchctl.simulation.scpi_memory import ScpiMemory, scpi_memory
from benchctl.simulation.server import LineServer, Wire
from benchctl.simulation.serving import serve, served_bench_file
from benchctl.simulation.shelf import (
    BenchInfo,
    check_plant,
    find_bench,
    find_simulator,
    list_benches,
)
from benchctl.simulation.standards import Standards
from benchctl.simulation.timeline import Timeline
from benchctl.simulation.trouble import Fault, Trouble
from benchctl.simulation.uuts import SimulatedUut, uuts_from_rows
from benchctl.simulation.vaisala import VaisalaTransmitter

__all__ = [
    "CJT188_CAPACITY",
    "LINK_FAULTS",
    "BenchInfo",
    "Bus",
    "Call",
    "Cell",
    "Cjt188Bus",
    "Cjt188Meter",
    "Cjt188Server",
    "Coil",
    "CustomBus",
    "DlmsMeter",
    "Dlt645Meter",
    "Driven",
    "ErrorCurve",
    "Exposure",
    "Fault",
    "Fed",
    "Feedable",
    "Handler",
    "Hands",
    "HandsServer",
    "Held",
    "Iec62056Meter",
    "LineMemory",
    "LineServer",
    "MBusMeter",
    "MakesInstrument",
    "Manners",
    "Medium",
    "ModbusBus",
    "ModbusMemory",
    "ModbusServer",
    "ModbusUnit",
    "MtSicsBalance",
    "Noise",
    "Overlapped",
    "Port",
    "PtyPort",
    "Register",
    "Renamed",
    "Response",
    "Ripple",
    "ScpiBus",
    "ScpiError",
    "ScpiInstrument",
    "ScpiMemory",
    "ScpiServer",
    "ServedInstrument",
    "SimulatedBench",
    "SimulatedInstrument",
    "SimulatedUut",
    "Source",
    "Standards",
    "Switched",
    "Table",
    "TcpPort",
    "TextBus",
    "TextDevice",
    "TextServer",
    "Timed",
    "Timeline",
    "Totaliser",
    "Trouble",
    "VaisalaTransmitter",
    "Wire",
    "ZeraMeter",
    "bcd_register",
    "check_plant",
    "cosem_octets",
    "cosem_scaler",
    "cosem_signed64",
    "cosem_text",
    "cosem_unsigned",
    "demand_register",
    "digits_register",
    "dlt645_line",
    "find_bench",
    "find_simulator",
    "gfuve_data",
    "gfuve_line",
    "hdlc_line",
    "iec62056_line",
    "line_memory",
    "list_benches",
    "mbus_decimal",
    "mbus_integer",
    "mbus_line",
    "mbus_real",
    "modbus_memory",
    "pulses",
    "radian_line",
    "read_table",
    "scpi_memory",
    "serve",
    "served_bench_file",
    "steady",
    "uuts_from_rows",
    "with_parameters",
    "wrapper_line",
]
