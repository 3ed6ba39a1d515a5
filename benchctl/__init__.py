"""benchctl: calibration and verification of measuring instruments on an automated bench."""

__version__ = "0.1.0"
