"""The bench file, roles, reference standards; opening a bench, making it safe, closing it."""

from benchctl.bench.bench import SAFE_WITHIN, Alive, Bench
from benchctl.bench.channels import Channel, Undo
from benchctl.bench.file import METERS, BenchFile, ChannelName, InstrumentEntry, Standard
from benchctl.bench.model import BenchPart
from benchctl.bench.reading import load_bench
from benchctl.bench.standards import problems as standard_problems
from benchctl.bench.wiring import Wiring

__all__ = [
    "METERS",
    "SAFE_WITHIN",
    "Alive",
    "Bench",
    "BenchFile",
    "BenchPart",
    "Channel",
    "ChannelName",
    "InstrumentEntry",
    "Standard",
    "Undo",
    "Wiring",
    "load_bench",
    "standard_problems",
]
