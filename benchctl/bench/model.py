"""The shape of a bench file: field by field, with the words that an editor shows.

Nothing deeper than the file's edge knows these classes; `reading` turns them into `file`'s data.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from benchctl.bench.certificate_model import Part, StandardPart

Value = bool | float


class SimulatedPart(Part):
    """Says that no real instrument is behind this bench."""

    bench: str = Field(description="Name of the simulated bench: `water_bench`.")
    seed: int | None = Field(None, description="Seed of the plant, where it was started with one.")
    served: bool = Field(False, description="Runs in a process of its own (`sim serve`).")
    hands: str | None = Field(
        None, description="host:port at which a served bench takes what a person does there."
    )


class InstrumentPart(Part):
    """An instrument of the bench: its driver, where it is, and which one it must be."""

    driver: str = Field(description="File name of the driver without `.py`: `keysight_53220a`.")
    at: str = Field(
        description="`modbus+rtu:///dev/ttyUSB0?baud=19200&unit=3`, `serial://…`, a VISA name."
    )
    serial: str | None = Field(None, description="Serial number that the instrument must have.")
    standard: str | None = Field(
        None, description="Name under `standards`, else in the register of standards."
    )


class ViaPart(Part):
    """A calibration as a formula or a polynomial of the channel's value, `x`."""

    from_: str = Field(alias="from", description="Unit of the channel's value `x`: `mm`.")
    to: str = Field(description="Unit of what comes out: `m³/h`.")
    formula: str | None = Field(None, description="`0.0134 * x ** 2.5`.")
    polynomial: Annotated[list[float], Field(min_length=2, max_length=20)] | None = Field(
        None, description="Coefficients of 1, x, x², ...: `[-246.1, 2.3, 0.001]`."
    )
    range: str = Field(description="Where it holds, in the unit `from`: `20 .. 300`.")


class ChannelPart(Part):
    """A role bound to a channel, perhaps through a calibration or a selector."""

    channel: str = Field(description="`instrument.channel`.")
    via: str | ViaPart | None = Field(
        None, description="CSV curve beside this file (role, channel), or a formula."
    )
    with_: dict[str, Value] = Field(
        {}, alias="with", description="Set before the channel, in this order: `valves.k1: true`."
    )
    resolution: str | None = Field(
        None, description="Step of the indication, where the driver does not know it: `0.001 kg`."
    )
    select: list[str] | None = Field(
        None, description="One switch per position; exactly one is on while the channel is read."
    )


class ConstantPart(Part):
    """A figure of the bench that was measured, with its uncertainty."""

    value: str = Field(description="`0.9971`, or with a unit: `6e-7 kg/s`.")
    U: str | None = Field(None, description="Expanded uncertainty, in the same unit: `0.0002`.")
    k: Annotated[float, Field(gt=0)] = Field(2.0, description="Coverage factor of U.")
    standard: str | None = Field(
        None, description="The standard whose certificate states it: a measure, a set of weights."
    )


class RangePart(ChannelPart):
    """One range of a set-point: the first that reaches it is taken."""

    up_to: str = Field(description="Largest value of the role in this range: `1.2 m³/h`.")


class MeanPart(Part):
    """A role that is the mean of several channels."""

    mean: Annotated[list[str], Field(min_length=2)] = Field(
        description="`instrument.channel`, two or more, each perhaps `via` a CSV curve."
    )


class EachPart(Part):
    """A role for which every unit under test has an instrument of its own."""

    each: str = Field(description="`driver.channel`: `cjt188_meter.volume`, `manual.reading`.")
    at: str = Field("manual:", description="Address of the line that the units are on.")
    address: str | None = Field(
        None,
        description="What its bus address is made of: `serial`, `position`, or a batch column.",
    )


class PositionsPart(Part):
    """A role for which every position of the line has a channel of its own."""

    positions: Annotated[list[str], Field(min_length=1)] = Field(
        description="`instrument.channel` of position 1, 2, ...: `pulses.count_1`; perhaps each "
        "through a calibration of its own: `scanner.value_1 via probe-1.csv`."
    )
    scale: str | None = Field(
        None, description="What one count is worth: `0.1 L`, or a parameter of the unit."
    )


class ByPart(Part):
    """A role that is read in one of several ways, chosen per unit; each other key is a way."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, EachPart | PositionsPart]
    by: str = Field(
        description="Batch column or parameter that names the way; without it the first is taken."
    )


class KeepAlivePart(Part):
    """A channel that is read again and again, so that an instrument does not trip."""

    read: str = Field(description="`instrument.channel`.")
    every: str = Field("1 s", description="How often.")
    expect: Value | None = Field(None, description="What it must be; anything else ends the run.")


class AcquisitionPart(Part):
    """How the bench is read at real speed."""

    urgent: bool = Field(
        False,
        description="Its buses come before every ordinary program (SCHED_FIFO, where the system "
        "allows it).",
    )


class WordsPart(Part):
    """A sentence in the languages of the screen."""

    en: str | None = Field(None, description="English.")
    zh: str | None = Field(None, description="中文。")


Words = str | WordsPart


class GateCheckPart(Part):
    """One thing that must be right before the day's work."""

    check: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")] = Field(
        description="Its name, in the record too: `master_zero`."
    )
    title: Words | None = Field(None, description="What it is called on the screen.")
    read: str = Field(description="`instrument.channel` that is read.")
    against: str | None = Field(
        None, description="`instrument.channel` that it must agree with, within a share."
    )
    set: dict[str, bool | str] = Field(
        {}, description="Roles that are set first: `flow_setpoint: 2 m³/h`, `tank_drain: true`."
    )
    wait: str = Field("0 s", description="How long, after setting, before it is read.")
    for_: str = Field("0 s", alias="for", description="Over how long it is read; 0 s: once.")
    timeout: str = Field("60 s", description="How long a reading that fails is tried again.")
    ask: Words | None = Field(
        None, description="What a person is to do; the change of the reading is checked."
    )
    then: Words | None = Field(None, description="What a person is to do at the end, to undo it.")
    expect: str | None = Field(None, description="What it must be, or change by; 0 if not said.")
    within: str = Field(description="By how much it may be off: `0.0001 m³/h`, `0.5 %`.")


class GatePart(Part):
    """The checks without which no run starts, and how long they hold."""

    valid_for: str = Field("16 h", description="How long a passed gate holds.")
    checks: Annotated[list[GateCheckPart], Field(min_length=1)] = Field(
        description="The checks, in their order."
    )


Binding = str | MeanPart | EachPart | PositionsPart | ByPart | ChannelPart | list[RangePart]


class BenchPart(Part):
    """A bench: its instruments, its reference standards, and which channel plays which role."""

    bench: str = Field(description="Name of the bench.")
    simulated: SimulatedPart | None = Field(None, description="Only for simulated benches.")
    positions: Annotated[int, Field(ge=1, le=200)] | None = Field(
        None, description="How many units the line takes."
    )
    instruments: dict[str, InstrumentPart] = Field(description="Instruments by name.")
    standards: dict[str, StandardPart] = Field({}, description="Reference standards by name.")
    roles: dict[str, Binding] = Field(description="Which channel plays which role.")
    constants: dict[str, str | ConstantPart] = Field(
        {}, description="Figures of the bench that procedures ask for: `dip_pipe_factor: 0.9971`."
    )
    prepare: list[str] = Field(
        [], description="Actions at opening, before anything moves: `pump.reset_fault`."
    )
    flow_order: list[str] = Field(
        [],
        description="Roles in the direction of flow, `meters` for the units: whom a leak separates "
        "from the reference.",
    )
    gate: GatePart | None = Field(None, description="What must be right before the day's work.")
    keep_alive: list[KeepAlivePart] = Field([], description="Channels to read all the time.")
    acquisition: AcquisitionPart | None = Field(None, description="How it is read at real speed.")
