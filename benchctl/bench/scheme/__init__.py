"""The verification scheme of a lab: measurement standards, approved procedures, persons."""

from benchctl.bench.scheme.model import SchemePart
from benchctl.bench.scheme.reading import FILE, load_scheme
from benchctl.bench.scheme.scheme import Edition, Scheme

__all__ = ["FILE", "Edition", "Scheme", "SchemePart", "load_scheme"]
