"""The water-meter procedure as text, to load and to spoil, and short ways to what is wrong."""

from pathlib import Path

from benchctl.language import Diagnostics, Source
from benchctl.procedure import load_procedure

WATER = Path(__file__).resolve().parents[2] / "procedures" / "water-meter.yaml"


class Loaded:
    """A procedure, or None, with what was found on the way."""

    def __init__(self, text, name="water.yaml"):
        self.diagnostics = Diagnostics()
        self.text = text
        self.source = Source(name, text)
        self.procedure = load_procedure(self.source, self.diagnostics)

    @property
    def mistakes(self):
        """`line:column code message-id` of each, in their order."""
        return [
            f"{d.span.line}:{d.span.column} {d.code} {d.message.id.removeprefix('procedure.')}"
            for d in self.diagnostics.items
        ]

    def marked(self):
        """(code, message id, the text that is marked) of each."""
        lines = self.text.split("\n")
        return [
            (
                d.code,
                d.message.id.rpartition(".")[2],
                lines[d.span.line - 1][d.span.column - 1 : d.span.end_column - 1]
                if d.span.line == d.span.end_line
                else "...",
            )
            for d in self.diagnostics.items
        ]
