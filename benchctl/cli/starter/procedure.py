"""A procedure to begin with: a small whole one that checks, or a copy of another."""

from __future__ import annotations

import re

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FIRST = re.compile(r"^procedure:.*$", re.MULTILINE)


def procedure_text(name: str, like: str = "") -> str:
    """Return the text of a new procedure; `like` is that of another.

    Raises:
        UsageError: the name is none for a procedure.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(msg("cli.bad-procedure-name", name=name))
    return _FIRST.sub(f"procedure: {name}", like or _TEMPLATE, count=1)


_TEMPLATE = """\
# yaml-language-server: $schema=./.benchctl/procedure.schema.json
procedure: name
title: {en: What certificates call it, zh: 证书上的名称}
standard: {name: The standard, edition: 2026}      # name and edition as they are cited

parameters:                                # of a unit: --set, a column, the default
  span: {unit: kPa, at_least: 1, at_most: 100000, default: 600}
  accuracy_class: {choices: [1.0, 1.6, 2.5], default: 1.6}

needs:                                     # roles; the bench file binds them to channels
  pressure_setpoint:  {unit: kPa, settable: true}
  reference_pressure: {unit: kPa}
  gauge_pressure:     {unit: kPa, per: uut}

measurand:                                 # what is stated, and what makes it uncertain
  error: {unit: "%", model: 100 * (gauge_pressure - reference_pressure) / span, report_to: 0.1}
  uncertainty:
    gauge_pressure:     [{resolution: gauge_pressure.resolution}]
    reference_pressure: [{certificate: true}]

limits:                                    # the first line that fits; of the declared point
  - {mpe: ±(accuracy_class) %}
stages: {initial: mpe, in_service: mpe}
decision:
  rule: simple acceptance
  requires: U_reference <= mpe_initial * standard_ratio
  standard_ratio: {initial: 1/4, in_service: 1/4, note: check against your copy}

items: [appearance, error]
appearance: {ask: {en: "Undamaged, marks legible?", zh: 外观完好，标志清晰？}}
points:
  columns: [point, pressure, stroke]
  rows:
    - [up-0,     0,          up]
    - [up-50,    0.5 * span, up]
    - [up-100,   span,       up]
    - [down-50,  0.5 * span, down]
    - [down-0,   0,          down]
each_point:
  set: {pressure_setpoint: pressure}
  settle: {reference_pressure: within 0.5 kPa for 10 s, timeout: 120 s}
  read: {reference: reference_pressure, every: 1 s, how_many: 10 readings}
"""
