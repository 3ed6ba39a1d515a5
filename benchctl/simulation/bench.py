"""A simulated bench: a plant behind the buses of real protocols, with its units under test.

    class WaterBench(SimulatedBench):
        name = "water_bench"
        bench_file = Path(__file__).with_name("bench.yaml")

        def buses(self):                          # built when the bench starts
            return {"sim.master": ModbusBus(Wire(38400), {1: unit}), ...}

    with WaterBench(VirtualClock(), seed=7, uuts=uuts) as bench:
        LinkFactory(clock, sink, visa_library=bench.visa_library, locations=bench.locations)

Until it starts a bench has no thread, no port and no file: truth and answers can be had without.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from inspect import signature
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from benchctl.core.clock import Clock
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Peer, Prompt
from benchctl.core.suggest import closest
from benchctl.simulation.buses import Bus, Exposure, Served, expose_on
from benchctl.simulation.slips import Slips
from benchctl.simulation.trouble import Fault
from benchctl.simulation.uuts import SimulatedUut

PERSON = "simulated operator"
LINK_FAULTS = tuple(f.value for f in Fault if f is not Fault.NONE)
"""Faults that every bench has: `fault("late", bus="sim.master", count=1, delay=1.5)`."""


class SimulatedBench(ABC):
    """Base of all simulated benches; a bench is one class in `sim_instruments/<name>/bench.py`.

    A subclass names itself and its bench file, builds its plant in `__init__` and its buses in
    `buses`, tells the truth about its units, and switches its faults. `expose` "process" serves
    SCPI instruments through `visa_library`, "sockets" serves everything on ports.
    """

    name: ClassVar[str]
    """How procedures and bench files call it."""
    bench_file: ClassVar[Path]
    """Its bench file, with the locations `sim.<bus>`."""
    answer_after: ClassVar[float] = 5.0
    """Bench seconds that the simulated operator takes to look and answer."""
    slips: ClassVar[float] = 0.0
    """Share of the numbers that the simulated operator mistypes, the first time."""

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int,
        uuts: Sequence[SimulatedUut],
        expose: Exposure = "process",
    ) -> None:
        self.clock = clock
        self.seed = seed
        self.uuts = tuple(uuts)
        self.expose: Exposure = expose
        self._served: Served | None = None
        self._typing = Slips(seed, self.slips)

    # what a bench is ------------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def default_uuts(cls, seed: int) -> list[dict[str, str]]:
        """Return batch rows (`serial`, `position`, parameters) of the bench's own units."""

    @abstractmethod
    def buses(self) -> Mapping[str, Bus]:
        """Return what hangs on each bus, by the bus's location in the bench file."""

    @abstractmethod
    def truth(
        self, serial: str, item: str, quantity: str, point: Mapping[str, float]
    ) -> float | bool:
        """Return what a unit really is.

        For a measured quantity that is its true error in the quantity's unit at the declared
        nominal `point`; for an item that is answered or observed, whether the right verdict is
        pass.

        Raises:
            KeyError: there is no such unit.
        """

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Return what the plant does now, as plain data."""

    def faults(self) -> Mapping[str, Callable[..., None]]:
        """Return the plant's own faults: name -> function (`on`, **args) that switches it."""
        return {}

    def mount(self, positions: Sequence[int]) -> None:
        """Put the units of these positions, and no others, into the line."""
        del positions

    def spool(self, positions: Sequence[int]) -> None:
        """Take the units of these positions out of the line; a spool piece takes their place."""
        del positions

    def adjust(self, position: int) -> bool:
        """Adjust the unit at a position; return whether that can be done."""
        del position
        return False

    def depressurise(self) -> None:  # noqa: B027 - most benches have no pressure in them
        """Take the pressure off the line."""

    def choice(self, prompt: Prompt) -> str:
        """Return the code of what a person chooses."""
        return prompt.choices[0][0]

    def at_gate(self, check: str, on: bool) -> None:
        """Do by hand what a check of the gate asks for (put a weight on), or undo it."""
        del check, on

    def by_hand(self, serials: Sequence[str], point: Mapping[str, Any]) -> bool:
        """Do what a point asks a person to do at these units; return whether it was done.

        `point` has its `name` and what makes it: numbers in their units, words in English.
        """
        del serials, point
        return True

    def in_line(self) -> list[str]:
        """Return the serial numbers of the units that are on the bench now."""
        return [unit.serial for unit in self.uuts]

    def indication(self, prompt: Prompt) -> float | str | None:
        """Return what a person reads off a unit or writes down, None if this bench cannot tell."""
        del prompt
        return None

    # life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Let the buses appear; does nothing when they are there."""
        if self._served is None:
            self._served = expose_on(self.clock, self.buses(), self.expose)

    def close(self) -> None:
        """End all threads, ports and files."""
        if self._served is not None:
            self._served.close()
            self._served = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def locations(self) -> dict[str, str]:
        """Where each bus of the bench file is met: path, host:port or VISA resource name."""
        return {} if self._served is None else dict(self._served.locations)

    def attend(self) -> dict[str, Peer]:
        """Let the client's own thread answer from now on; return the buses by their locations.

        For a client in this process that lives in virtual time: the buses leave their terminals
        and ports and are met through these.
        """
        served = self._served
        return {} if served is None else served.attend()

    @property
    def visa_library(self) -> object | None:
        """The library that knows the SCPI instruments in this process, None without any."""
        return None if self._served is None else self._served.visa_library

    # what can go wrong ----------------------------------------------------------------------

    def fault(self, name: str, on: bool = True, **args: Any) -> None:
        """Switch a fault of the plant or, with `bus`, of a bus (see `LINK_FAULTS`).

        Raises:
            UsageError: there is no such fault or bus, or an argument does not fit.
        """
        known = {n: partial(self._link_fault, n) for n in LINK_FAULTS} | dict(self.faults())
        if name not in known:
            near = closest(name, known)
            raise UsageError(
                msg("simulation.no-fault", name=name, known=", ".join(known)),
                hint=msg("simulation.did-you-mean", word=near) if near else None,
            )
        try:
            signature(known[name]).bind(on, **args)
            known[name](on, **args)
        except (TypeError, ValueError) as error:
            raise UsageError(msg("simulation.bad-fault", name=name, problem=str(error))) from error

    def _link_fault(
        self, name: str, on: bool, *, bus: str, count: int | None = None, delay: float = 1.5
    ) -> None:
        self._bus(bus).trouble.set(name if on else "", count=count, delay=delay)

    def unplug(self, bus: str) -> None:
        """Let a bus disappear: its cable is pulled.

        Raises:
            UsageError: there is no such bus.
        """
        self._bus(bus).unplug()

    def plug(self, bus: str) -> None:
        """Let a bus come back at the location it had.

        Raises:
            UsageError: there is no such bus.
        """
        self._bus(bus).plug()

    def _bus(self, name: str) -> Any:
        buses = {} if self._served is None else self._served.buses
        for known in (name, f"sim.{name}"):
            if known in buses:
                return buses[known]
        raise UsageError(msg("simulation.no-bus", name=name, known=", ".join(buses) or "-"))

    # the person -----------------------------------------------------------------------------

    def answer(self, prompt: Prompt) -> Answer:
        """Answer as a person who does what is asked and sees what is true.

        Raises:
            UsageError: a number or a text is asked for that this bench cannot tell.
        """
        about = prompt.about or {}
        if "mount" in about:
            self.mount([int(p) for p in about["mount"]])
            return Answer(True, PERSON, after=30.0 + 10.0 * len(about["mount"]))
        if "spool" in about:
            self.spool([int(p) for p in about["spool"]])
        if "depressurise" in about:
            self.depressurise()
        if "adjust" in about:
            return Answer(self.adjust(int(about["adjust"])), PERSON, after=self.answer_after)
        if prompt.kind == "choice":
            return Answer(self.choice(prompt), PERSON, after=self.answer_after)
        if "gate" in about:
            self.at_gate(str(about["gate"]), bool(about["on"]))
        if "prompt" in about:
            done = self.by_hand([str(s) for s in about["serials"]], about["point"])
            return Answer(done, PERSON, after=self.answer_after)
        if prompt.kind == "confirm":
            return Answer(True, PERSON, after=self.answer_after)
        if "consent" in about:
            return Answer(self.consents(prompt), PERSON, after=self.answer_after)
        if prompt.kind == "yes_no":
            serials = [prompt.uut] if prompt.uut else self.in_line()
            seen = all(bool(self.truth(s, prompt.item, "", {})) for s in serials)
            return Answer(seen, PERSON, after=self.answer_after)
        told = self.indication(prompt)
        if told is None:
            raise UsageError(msg("simulation.no-answer", question=prompt.question, bench=self.name))
        if not isinstance(told, str) and "reading" not in about:
            told = self._typing(told)
        return Answer(told, PERSON, after=self.answer_after)

    def consents(self, prompt: Prompt) -> bool:
        """Return whether the person agrees to what is to be energised."""
        del prompt
        return True

    def uut(self, serial: str) -> SimulatedUut:
        """Return the unit with this serial number.

        Raises:
            KeyError: there is none.
        """
        for unit in self.uuts:
            if unit.serial == serial:
                return unit
        raise KeyError(serial)


def with_parameters(unit: SimulatedUut, **usual: float) -> SimulatedUut:
    """Return the unit with the usual values for those parameters that were not given."""
    return replace(unit, parameters={**usual, **unit.parameters})
