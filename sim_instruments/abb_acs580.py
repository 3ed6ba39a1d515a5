"""A simulated ABB ACS580 under fieldbus control, ABB drives profile; it follows at once."""

from __future__ import annotations

from typing import Any

from benchctl.simulation import Cell, ModbusBus, ModbusUnit, SimulatedInstrument, Wire

from .water_bench.drive import FULL, Drive


def simulator() -> SimulatedInstrument:
    """Return a drive that runs at 20 % of its full speed."""
    drive = Drive().commanded(0x047E).commanded(0x047F).referred(0.2 * FULL)

    def commanded(_t: float, word: float) -> None:
        nonlocal drive
        drive = drive.commanded(int(word))

    def referred(_t: float, counts: float) -> None:
        nonlocal drive
        if not -FULL <= counts <= FULL:
            raise ValueError(counts)
        drive = drive.referred(counts)

    def stopped() -> None:
        nonlocal drive
        drive = Drive()

    def status() -> int:
        return drive.status(drive.speed)

    def shows() -> dict[str, Any]:
        return {
            "run": drive.running,
            "speed": 100.0 * drive.reference,
            "actual_speed": 100.0 * drive.speed,
            "status": status(),
            "tripped": drive.tripped,
        }

    unit = ModbusUnit(
        holding=[
            Cell(0, "u16", lambda _: float(drive.control), commanded),
            Cell(1, "i16", lambda _: drive.reference * FULL, referred),
            Cell(3, "u16", lambda _: float(status())),
            Cell(4, "i16", lambda _: drive.speed * FULL),
        ]
    )
    bus = ModbusBus(Wire(19200, bits=11, turnaround=0.005), {1: unit})
    return SimulatedInstrument(
        bus,
        at="modbus+rtu://{location}?baud=19200&parity=E&unit=1",
        shows=shows,
        rest=stopped,
        units={"speed": "%", "actual_speed": "%"},
    )
