"""Tries a plant out while its file is read: every quantity of every kind of unit has a value.

So what has none (a root of a negative number, a total of what cannot be integrated) is a mistake
with its place, and never an error of a run.
"""

from __future__ import annotations

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import msg
from benchctl.language import ExpressionError
from benchctl.simulation.plants.blocks import BENCH
from benchctl.simulation.plants.formulas import Scribe
from benchctl.simulation.plants.plant import NoValueError, Plant, naming
from benchctl.simulation.plants.world import World
from benchctl.simulation.uuts import SimulatedUut

INSTANT = 7.0
"""Bench time in s at which everything is looked at once."""


def try_out(plant: Plant, scribe: Scribe) -> None:
    """Report the first thing that has no value."""
    units = [SimulatedUut(f"-{n}", n) for n in range(1, len(plant.units.kinds) + 1)]
    settings = {
        f"{name}.{channel}": value
        for name, instrument in plant.instruments.made().items()
        for channel, value in instrument.shows().items()
    }
    try:
        world = World(plant, 1, units, settings)
        for name in plant.quantities:
            with naming("quantities", name):
                world.value(name, INSTANT, BENCH)
        for name in plant.each:
            with naming("each", name):
                for n in range(len(units)):
                    world.value(name, INSTANT, n)
    except NoValueError as error:
        _report(error, scribe)


def _report(error: NoValueError, scribe: Scribe) -> None:
    problem = error.problem
    name = error.place[-1]
    if isinstance(problem, BenchctlError) and not isinstance(problem, TypeError):
        what = msg("simulation.plant-no-value", name=name, problem=problem.message)
        hint = problem.hint
    elif isinstance(problem, TypeError):
        what, hint = msg("simulation.plant-not-integrable", name=name), None
    else:
        what = msg("simulation.plant-no-value", name=name, problem=str(problem))
        hint = None
    if isinstance(problem, ExpressionError) and "combine" in problem.message.id:
        hint = msg("simulation.plant-sums-only")
    scribe.wrong("E203", what, error.place, hint=hint)
