"""Which names a procedure declares, and which of them an expression may use where."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from benchctl.core.messages import Message, msg
from benchctl.core.units import unit
from benchctl.procedure.declared import Need, Parameter
from benchctl.procedure.dimensions import PLAIN, UNKNOWN, Dim, quantity_of, text_of
from benchctl.procedure.equation import CONTEXT
from benchctl.procedure.parameters import is_text
from benchctl.procedure.reading import Path, Reader
from benchctl.procedure.scope import Scope

RESERVED = frozenset(
    {"point", "mpe", "mpe_initial", "U_reference", "standard_ratio", "uncertainty"}
    | {"where", "uut", "run", "stage"}
)
_POINT_NAME = re.compile(r"[^\s,/+@]+")


@dataclass(slots=True)
class Names:
    """What has been read so far; the keys of a mapping that has mistakes count as names too."""

    parameters: dict[str, Dim] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)
    roles: dict[str, Dim] = field(default_factory=dict)
    run_wide: dict[str, Dim] = field(default_factory=dict)
    """Quantities of `where` with one value for a unit under test."""
    per_point: dict[str, Dim] = field(default_factory=dict)
    """Quantities of `where` with one value for each point."""
    fields: dict[str, Dim] = field(default_factory=dict)
    """Quantities that make a point."""
    points: tuple[str, ...] = ()
    derived: dict[str, Dim] = field(default_factory=dict)
    """Quantities of `measurand: where`, which follow from what is read."""
    derived_units: dict[str, str] = field(default_factory=dict)
    """Those of them for which the file gives a unit."""
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Quantities of points that are words, with all that there are."""
    told: dict[str, Need] = field(default_factory=dict)
    """What the way to measure gives the model beside roles, as if a role of each unit."""
    carried: dict[str, Dim] = field(default_factory=dict)
    """What the model has from another point."""
    stages: tuple[str, ...] = ()
    """What `stage` may be."""

    def of_item(self) -> Names:
        """Return what an item that is measured in its own right knows before it is read."""
        return Names(
            parameters=self.parameters, needs=self.needs, roles=self.roles, stages=self.stages
        )

    def everywhere(self) -> Scope:
        """Return what an expression outside of a point may name."""
        stage = {"stage": text_of(self.stages)} if self.stages else {}
        names = {**self.parameters, **stage, **self.run_wide, **self._resolutions()}
        elsewhere: dict[str, Message] = {}
        for name in self.per_point:
            elsewhere[name] = msg("procedure.per-point", name=name)
        for name in self.fields:
            elsewhere[f"point.{name}"] = msg("procedure.per-point", name=f"point.{name}")
        for role in self.roles:
            elsewhere.setdefault(role, msg("procedure.role-no-value", role=role))
        return Scope(names, elsewhere)

    def at_point(self) -> Scope:
        """Return what an expression at a point may name."""
        return self.everywhere().with_names({**self.per_point, **self.point_fields()})

    def point_fields(self) -> dict[str, Dim]:
        """Return the quantities that make a point, as `point.<field>`."""
        return {f"point.{name}": dim for name, dim in self.fields.items()}

    def measured(self) -> Scope:
        """Return what the measurement model may name: roles that are read, what follows.

        What is known before (parameters, what makes the point) may be named, too, but for values
        that only a batch could give as a text.
        """
        context = {name: quantity_of(unit(u)) for name, u in CONTEXT.items() if u != "1"}
        plain = dict.fromkeys(CONTEXT, PLAIN)
        known = {n: d for n, d in self.at_point().names.items() if d.kind != "text"}
        told = {name: quantity_of(unit(need.unit)) for name, need in self.told.items()}
        return Scope(
            {**known, **plain, **context, **self.roles, **told, **self.carried, **self.derived}
        )

    def _resolutions(self) -> dict[str, Dim]:
        return {
            f"{role}.resolution": dim for role, dim in self.roles.items() if dim.kind != "truth"
        }


def dim_of_parameter(parameter: Parameter) -> Dim:
    """Return what is known of a parameter's value."""
    if is_text(parameter):
        return text_of([str(choice) for choice in parameter.choices])
    return quantity_of(unit(parameter.unit)) if parameter.unit else PLAIN


def check_name(
    reader: Reader, name: str, path: Path, functions: Collection[str], taken: Mapping[str, Path]
) -> bool:
    """Report a key that cannot be a name of expressions, or that something else has already."""
    if name in taken:
        also = (taken[name], msg("procedure.first-here"))
        reader.wrong("E303", msg("procedure.name-twice", name=name), path, key=True, also=also)
        return False
    plain = name.isidentifier() and unicodedata.normalize("NFKC", name) == name
    if not plain or keyword.iskeyword(name):
        hint = msg("procedure.names-are")
        reader.wrong("E106", msg("procedure.no-name", name=name), path, key=True, hint=hint)
        return False
    if name in RESERVED or name in functions:
        reader.wrong("E303", msg("procedure.reserved-name", name=name), path, key=True)
        return False
    return True


def base_of(point: str) -> str:
    """Return the name that a point has in the file: that of cycle 2 is `up-20` of `up-20#2`."""
    return point.partition("#")[0]


def check_point_name(reader: Reader, name: str, path: Path) -> bool:
    """Report a point's name that could not be written on a command line."""
    if _POINT_NAME.fullmatch(name):
        return True
    reader.wrong("E106", msg("procedure.no-point-name", name=name), path)
    return False


def find_role(
    reader: Reader,
    names: Names,
    role: str,
    path: Path,
    *,
    key: bool = False,
    within: tuple[int, int] | None = None,
    settable: bool = False,
) -> Need | None:
    """Return the need of a role, or None and a diagnostic: not in `needs`, not settable."""
    need = names.needs.get(role)
    if need is None:
        if role not in names.roles:
            message = msg("procedure.unknown-role", role=role)
            reader.unknown_name(role, names.roles, message, path, key=key, within=within)
        return None
    if settable and not need.settable:
        hint = msg("procedure.make-settable", role=role)
        message = msg("procedure.not-settable", role=role)
        reader.wrong("E305", message, path, key=key, within=within, hint=hint)
        return None
    return need


def role_dim(need: Need | None) -> Dim:
    """Return what is known of a role's value."""
    if need is None:
        return UNKNOWN
    return Dim("truth") if need.switch else quantity_of(unit(need.unit))
