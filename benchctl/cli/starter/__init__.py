"""What a lab folder begins with: every file as bytes, nothing written.

    files = starter_files(Order(procedure="water-meter", copied=True, ...))
    files["bench.yaml"].data

Everything here passes `benchctl check` as it is, and runs on the simulated bench.
"""

from benchctl.cli.starter.files import Order, StarterFile, starter_files

__all__ = ["Order", "StarterFile", "starter_files"]
