"""What follows from what in a plant: the order of what remembers, and what a change touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchctl.simulation.plants.blocks import Block, RoseBlock, SettingBlock, Stateful, TotalBlock
from benchctl.simulation.plants.view import SUMS


class CycleError(ValueError):
    """A quantity depends on itself; `names` are the way round."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names)
        self.names = tuple(names)


class Order:
    """Walks the quantities of a plant."""

    def __init__(self, blocks: Mapping[str, Block], each: frozenset[str], positions: int) -> None:
        self._blocks, self._each, self._positions = blocks, each, positions
        self._inputs: dict[str, frozenset[str]] = {}
        self.sorted: list[str] = []
        for name in blocks:
            self._visit(name, ())

    def _visit(self, name: str, way: tuple[str, ...]) -> None:
        """Note a quantity behind all that it follows from.

        Raises:
            CycleError: it follows from itself.
        """
        if name in self._inputs:
            return
        if name in way:
            raise CycleError((*way[way.index(name) :], name))
        found: set[str] = set()
        for other in self._quantities(name):
            if other != name:
                self._visit(other, (*way, name))
                found |= self._inputs[other]
            elif not isinstance(self._blocks[name], Stateful):
                raise CycleError((name, name))
        self._inputs[name] = frozenset(found | set(self._settings(name)))
        self.sorted.append(name)

    def _quantities(self, name: str) -> Iterator[str]:
        block = self._blocks[name]
        yield from (other for other in block.others() if other in self._blocks)
        for formula in block.formulas():
            for known in formula.names:
                first, _, rest = known.partition(".")
                if known in self._blocks:
                    yield known
                elif first in SUMS and rest in self._blocks:
                    yield rest

    def _settings(self, name: str) -> Iterator[str]:
        block = self._blocks[name]
        if isinstance(block, SettingBlock | RoseBlock):
            for n in range(1, self._positions + 1):
                yield block.channel.replace("{position}", str(n))
        if isinstance(block, TotalBlock) and name in self._each:
            yield "mounted"
        for formula in block.formulas():
            for known in formula.names - self._blocks.keys():
                yield "mounted" if known.partition(".")[0] in SUMS else known

    @property
    def stateful(self) -> tuple[str, ...]:
        """The quantities that remember, in their order."""
        return tuple(name for name in self.sorted if isinstance(self._blocks[name], Stateful))

    def touched(self) -> dict[str, frozenset[str]]:
        """Return which of them follow from each input."""
        found: dict[str, set[str]] = {}
        for name in self.stateful:
            for given in self._inputs[name]:
                found.setdefault(given, set()).add(name)
        return {given: frozenset(names) for given, names in found.items()}

    def settings(self) -> frozenset[str]:
        """Return every dotted name that something follows from."""
        return frozenset(n for names in self._inputs.values() for n in names if "." in n)
