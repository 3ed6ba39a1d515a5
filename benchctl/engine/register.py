"""The lab's register of standards, opened only where a bench file asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from benchctl.bench import Standard
from benchctl.bench.assets import Register
from benchctl.core.errors import RecordError
from benchctl.records import Lab
from benchctl.records.standards import AssetStore

T = TypeVar("T")


class LabRegister:
    """The register of a lab's folder; empty where the lab has no records yet."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def standard(self, name: str) -> Standard | None:
        """Return a standard with its present certificate, None where there is none of that name.

        Raises:
            RecordError: the register cannot be read.
        """
        return self._asked(lambda register: register.standard(name), None)

    def names(self) -> Iterable[str]:
        """Return the names of all assets.

        Raises:
            RecordError: the register cannot be read.
        """
        return self._asked(lambda register: list(register.names()), [])

    def _asked(self, question: Callable[[Register], T], nothing: T) -> T:
        try:
            lab = Lab.open(self._folder, create=False)
        except RecordError as error:
            if error.message.id == "records.no-lab":
                return nothing
            raise
        with lab:
            return question(Register(AssetStore(lab.store)))
