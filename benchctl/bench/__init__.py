"""The bench file, roles, reference standards; opening a bench, making it safe, closing it."""

from benchctl.bench.bench import SAFE_WITHIN, Alive, Bench
from benchctl.bench.channels import Channel, Undo
from benchctl.bench.file import (
    METERS,
    BenchFile,
    ChannelName,
    Gate,
    GateCheck,
    InstrumentEntry,
    Standard,
)
from benchctl.bench.gate import gate_titles
from benchctl.bench.model import BenchPart
from benchctl.bench.reading import load_bench
from benchctl.bench.standards import as_json as standard_json
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
    "Gate",
    "GateCheck",
    "InstrumentEntry",
    "Standard",
    "Undo",
    "Wiring",
    "gate_titles",
    "load_bench",
    "standard_json",
    "standard_problems",
]
