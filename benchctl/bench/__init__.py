"""The bench file, roles, reference standards; opening a bench, making it safe, closing it."""

from benchctl.bench.bench import SAFE_WITHIN, Alive, Bench
from benchctl.bench.certificate import Certified, Seen, Standard
from benchctl.bench.channels import Channel, Undo
from benchctl.bench.corrections import beyond as certificate_beyond
from benchctl.bench.corrections import drift_of as certificate_drift
from benchctl.bench.corrections import of_total as corrected_total
from benchctl.bench.file import (
    METERS,
    BenchFile,
    ChannelName,
    Gate,
    GateCheck,
    InstrumentEntry,
)
from benchctl.bench.gate import gate_titles
from benchctl.bench.model import BenchPart
from benchctl.bench.reading import load_bench
from benchctl.bench.standards import as_json as standard_json
from benchctl.bench.standards import certified_from_json
from benchctl.bench.standards import problems as standard_problems
from benchctl.bench.wiring import Wiring

__all__ = [
    "METERS",
    "SAFE_WITHIN",
    "Alive",
    "Bench",
    "BenchFile",
    "BenchPart",
    "Certified",
    "Channel",
    "ChannelName",
    "Gate",
    "GateCheck",
    "InstrumentEntry",
    "Seen",
    "Standard",
    "Undo",
    "Wiring",
    "certificate_beyond",
    "certificate_drift",
    "certified_from_json",
    "corrected_total",
    "gate_titles",
    "load_bench",
    "standard_json",
    "standard_problems",
]
