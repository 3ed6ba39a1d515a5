"""A Modbus server of pymodbus, as a process: `pymodbus_device.py tcp` or `... rtu DEVICE`.

Numbers are put into registers by pymodbus itself; what it has no word for is given as registers.
"""

from __future__ import annotations

import asyncio
import math
import struct
import sys
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice


def words(data: bytes) -> list[int]:
    return list(struct.unpack(f">{len(data) // 2}H", data))


def device() -> SimDevice:
    big = struct.pack(">f", -12.375)
    orders = [(2, 3, 0, 1), (1, 0, 3, 2), (3, 2, 1, 0)]
    others = [word for order in orders for word in words(bytes(big[i] for i in order))]
    holdings = [
        SimData(0, values=-12.375, datatype=DataType.FLOAT32),
        SimData(2, values=others, datatype=DataType.REGISTERS),
        SimData(8, values=-123456789, datatype=DataType.INT32),
        SimData(10, values=-1234567890123456, datatype=DataType.INT64),
        SimData(14, values=math.pi, datatype=DataType.FLOAT64),
        SimData(18, values=-237, datatype=DataType.INT16),
        SimData(19, values=0x8004, datatype=DataType.REGISTERS),
        SimData(20, values=list(range(20, 200)), datatype=DataType.REGISTERS),
    ]
    inputs = [SimData(0, values=list(range(200)), datatype=DataType.REGISTERS)]
    coils = [i % 3 == 0 for i in range(64)]
    bits = [SimData(0, values=coils, datatype=DataType.BITS)]
    inverse = [SimData(0, values=[not one for one in coils], datatype=DataType.BITS)]
    return SimDevice(1, simdata=(bits, inverse, holdings, inputs), action=act)


async def act(
    function: int, start: int, address: int, count: int, registers: list[int], values: Any
) -> ExcCodes | None:
    """Refuse what stands for an exception, answer late at 140, and tell what is written."""
    del start, count, registers
    if function in (3, 6, 16) and 150 <= address < 162:
        return ExcCodes(address - 150)
    if function == 4 and address == 140:
        await asyncio.sleep(0.06)
    if values is not None:
        name = "coil" if function in (5, 15) else "register"
        for i, value in enumerate(values):
            print(name, address + i, str(value).lower(), flush=True)
    return None


async def serve(kind: str, port: str) -> None:
    server: Any
    if kind == "rtu":
        server = ModbusSerialServer(device(), port=port, baudrate=19200)
        await server.serve_forever(background=True)
    else:
        server = ModbusTcpServer(device(), address=("127.0.0.1", 0))
        await server.serve_forever(background=True)
        port = server.transport.sockets[0].getsockname()[1]
    print("ready", port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""))
