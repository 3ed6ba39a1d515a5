"""The shape of a driver that is written in YAML, field by field; only `declared` knows it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from benchctl.core.messages import msg
from benchctl.core.units import UnitError, unit
from benchctl.language import FieldError

TOPICS = ("bus", "reading", "safe", "document", "hardware")


class Part(BaseModel):
    """A part of the file; keys that it does not know are mistakes."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, allow_inf_nan=False)


Seconds = Annotated[float, Field(gt=0, le=3600)]


class ScpiPart(Part):
    """SCPI over VISA or a socket."""

    errors: str = Field("SYST:ERR?", description="Takes one entry from the error queue, or ''.")
    explains: str = Field("", description="Asks what an entry means: `EXPLAIN? {code}`.")
    compound: bool = Field(False, description="Whether several queries may stand in one message.")
    tree: bool = Field(True, description="Whether a further query in a message begins with `:`.")
    echo: bool = Field(False, description="Whether replies repeat the header.")
    flagged: str = Field("", description="Letter with which replies begin while errors are queued.")
    opc: bool = Field(False, description="Whether to wait by `*OPC?` after each command.")
    srq: Annotated[float, Field(ge=0)] = Field(
        0.0, description="Seconds a command may take whose end is told by a service request."
    )
    end: str = Field("\n", description="Ends a message, both ways.")
    who: str = Field("*IDN?", description="Query for the identification.")
    remote: str = Field("", description="Takes control where the bus does not: `SYST:REM`.")
    patience: dict[str, Seconds] = Field(
        {}, description="Seconds beyond the timeout that the answer to a query may take."
    )


Order = Literal["ABCD", "CDAB", "BADC", "DCBA"]


class ProofPart(Part):
    """A register by which the order of long values is seen when the instrument is connected."""

    at: str = Field(description="`holding 500 f32`, or `holding 520` for a code.")
    holds: float | None = Field(None, description="What it always holds.")
    tells: Annotated[list[Order], Field(min_length=2)] | None = Field(
        None, description="The order for each code, from 0."
    )

    @model_validator(mode="after")
    def _one(self) -> ProofPart:
        if (self.holds is None) == (self.tells is None):
            raise FieldError(msg("drivers.one-proof"))
        return self


class ModbusPart(Part):
    """Modbus RTU or TCP."""

    order: Order | None = Field(
        None, description="How long values arrive unless the address line says otherwise."
    )
    proof: ProofPart | None = Field(None, description="A register by which that is seen.")
    identity: str | None = Field(None, description="Register that tells the model: `holding 0`.")
    serial: str | None = Field(None, description="Register of the serial number: `holding 1 u32`.")
    gap: Annotated[int, Field(ge=0, le=125)] | None = Field(
        None, description="Most registers to read along between two wanted ones."
    )
    multiple: bool = Field(False, description="Write single registers with function 16 too.")


class LinePart(Part):
    """A vendor's own lines: a command, a reply."""

    end: str = Field("\r\n", description="Ends a command.")
    reply_end: str = Field("", description="Ends a reply, where it is another.")
    who: str = Field("", description="Command that is answered with the model.")
    serial: str = Field("", description="Command that is answered with the serial number.")
    said: str = Field("(.+)", description="Pattern of those two answers; group 1 is what counts.")
    error: str = Field("", description="Pattern of a reply that is an error.")
    acknowledged: bool = Field(True, description="Whether settings and actions are answered.")
    proven: bool = Field(
        False, description="Whether a setting that is not answered is read back and compared."
    )
    echo: bool = Field(False, description="Whether the device repeats a command before it answers.")
    prompt: str = Field("", description="Written when it is ready for the next command: `>`.")
    pause: Annotated[float, Field(ge=0, le=60)] = Field(
        0.0, description="Seconds of silence that it needs between two commands."
    )
    hush: str = Field("", description="Ends a stream of readings left going; sent first.")
    patience: dict[str, Seconds] = Field(
        {}, description="Seconds beyond the timeout that the answer to a command may take."
    )
    done: str = Field(".*", description="Pattern of the answer to a setting or an action.")


class ProtocolPart(Part):
    """Exactly one protocol."""

    scpi: ScpiPart | None = Field(None, description="SCPI / IEEE 488.2.")
    modbus: ModbusPart | None = Field(None, description="Modbus registers and coils.")
    line: LinePart | None = Field(None, description="A vendor's own text lines.")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, given: Any) -> Any:
        """Read `protocol: scpi` as `protocol: {scpi: {}}`."""
        if isinstance(given, str):
            return {given: {}}
        if isinstance(given, dict):
            return {name: {} if part is None else part for name, part in given.items()}
        return given

    @model_validator(mode="after")
    def _one(self) -> ProtocolPart:
        if sum(part is not None for part in (self.scpi, self.modbus, self.line)) != 1:
            raise FieldError(msg("drivers.one-protocol"))
        return self


class AskSet(Part):
    """A query and what else belongs to it."""

    ask: str = Field(description="Query or command that is answered with the value.")
    set: str | dict[str, str] | None = Field(
        None,
        description="Command that sets it, with `{value}` or `{value:.2f}`; or one for each value.",
    )
    item: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Which value of a SCPI answer with several; 1 is the first."
    )
    of: Annotated[int, Field(ge=0)] = Field(0, description="How many values the answer must have.")
    start: str = Field("", description="SCPI command before it, whose end is awaited: `INIT`.")


class ReadingPart(Part):
    """A value that the instrument reports."""

    at: str | AskSet = Field(
        description="`READ?`, `holding 2 i16`, `input 0 f32 CDAB`, `coil 3`, a line; or ask, set."
    )
    unit: str = Field("", description="Unit of the value; a number always has one, `1` if none.")
    kind: Literal["number", "whole", "flag", "text"] = Field(
        "number", description="What the value is."
    )
    scale: float = Field(1.0, description="Value of one count of a register.")
    reply: str | None = Field(
        None,
        description="Pattern of the reply line; group 1 or `(?P<value>...)` is the value, "
        "`(?P<stable>...)` there at rest, `(?P<unstable>...)` there in motion, `(?P<unit>...)` "
        "what must be its unit, `(?P<status>...)` what else it says.",
    )
    wait: Annotated[float, Field(ge=0, le=3600)] = Field(
        0.0, description="Seconds over which a line is asked again until its reply is stable."
    )
    resolution: Annotated[float, Field(gt=0)] | None = Field(
        None, description="One step of the indication."
    )
    doc: str = Field(description="What it is, in a few words.")

    @model_validator(mode="after")
    def _has_unit(self) -> ReadingPart:
        if self.kind == "number" and not self.unit:
            raise FieldError(msg("drivers.no-unit"))
        return self

    @field_validator("unit")
    @classmethod
    def _known(cls, given: str) -> str:
        try:
            unit(given)
        except UnitError as error:
            raise FieldError.of(error, "E201") from error
        return given


class SettingPart(ReadingPart):
    """A value that can be read and set."""

    low: float | None = Field(None, description="Lowest value that may be set.")
    high: float | None = Field(None, description="Highest value that may be set.")
    choices: list[float | str] = Field([], description="The values that may be set.")
    safe: bool | float | str | None = Field(None, description="Value to leave the bench with.")


class ActionPart(Part):
    """A command without a value."""

    at: str = Field(description="Command, coil or register.")
    send: list[int | bool] = Field([], description="What is written to the register, in turn.")
    doc: str = Field(description="What it does, in a few words.")


class DriverPart(Part):
    """A driver written in YAML: one instrument model."""

    summary: str = Field(description="What the instrument is and what it is used for.")
    bus: str = Field(description="On which bus, with which settings of the line.")
    reading: str = Field(description="How long a reading takes.")
    safe: str = Field(description="What making it safe does.")
    document: str = Field(description="Where its commands come from; `from memory: check`.")
    hardware: str = Field("not yet seen on hardware.", description="Whether it was seen on it.")
    protocol: ProtocolPart = Field(description="`scpi`, `modbus` or `line`, with what it needs.")
    identity: str = Field("", description="Pattern that the instrument's identification matches.")
    timeout: Annotated[float, Field(gt=0, le=3600)] | None = Field(
        None, description="Seconds that an answer may take."
    )
    readings: dict[str, ReadingPart] = Field({}, description="What it reports, by channel name.")
    settings: dict[str, SettingPart] = Field({}, description="What can be set, by channel name.")
    actions: dict[str, ActionPart] = Field({}, description="What it can do, by name.")
    make_safe: list[str] = Field(
        [], description="Settings and actions in the order that makes it safe; default: all safe."
    )
