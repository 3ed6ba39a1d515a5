"""Simulated benches that are declared: a plant file beside the bench file, and no program.

    plant = load_plant(folder / "plant.yaml", simulators, diagnostics)
    bench = declared(plant)(clock, seed=7, uuts=uuts)

`docs/simulated-benches.md` has the language. `signals` and `blocks` are what quantities are made
of, `world` what happens, `reading` the file, `wiring` the instruments on their buses.
"""

from benchctl.simulation.plants.bench import DeclaredBench, declared
from benchctl.simulation.plants.reading import FILE, load_plant

__all__ = ["FILE", "DeclaredBench", "declared", "load_plant"]
