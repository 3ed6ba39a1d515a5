"""What a driver says about itself, for `benchctl drivers show`.

A driver's docstring tells, after its first paragraph, in lines that begin with these words: Bus,
Reading (how long one takes), Safe (what `make_safe` does), Document (where its commands come from),
Hardware (whether it was seen on it).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.instrument import Instrument
from benchctl.driver.scpi_status import Bit
from benchctl.driver.values import Word, block, flag, real, text, whole

TOPICS = ("Bus", "Reading", "Safe", "Document", "Hardware")
_TOPIC = re.compile(rf"^({'|'.join(TOPICS)}): ", re.M)
_KINDS: dict[Callable[[Any], Any], str] = {
    real: "number",
    whole: "whole number",
    flag: "flag",
    text: "text",
    block: "block",
}


def summary(cls: type[Instrument]) -> str:
    """Return the first paragraph of a driver's docstring, in one line."""
    return " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())


def provenance(cls: type[Instrument]) -> dict[str, str]:
    """Return what the docstring says on each topic, "" where it says nothing."""
    parts = _TOPIC.split(inspect.getdoc(cls) or "")
    said = {
        topic: " ".join(told.split()) for topic, told in zip(parts[1::2], parts[2::2], strict=True)
    }
    return {topic.lower(): said.get(topic, "") for topic in TOPICS}


def describe(cls: type[Instrument]) -> dict[str, Any]:
    """Return a driver's declaration as plain data."""
    return {
        "class": cls.__name__,
        "summary": summary(cls),
        "protocol": cls.protocol.name,
        "identity": cls.identity,
        "timeout": cls.timeout,
        "asks": cls.asks,
        "options": {name: cls.defaults.get(name, "") for name in sorted(cls.known_options())},
        "channels": [_channel(c) for c in cls.channels.values()],
        "actions": [_action(a) for a in cls.actions.values()],
        **provenance(cls),
    }


def _kind(kind: Callable[[Any], Any]) -> str:
    if isinstance(kind, Word):
        return "text"
    return "flag" if isinstance(kind, Bit) else _KINDS.get(kind, "number")


def _channel(channel: Reading[Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": channel.name,
        "unit": channel.unit,
        "kind": _kind(channel.kind),
        "address": _address(channel.address),
        "settable": channel.writable,
        "resolution": channel.resolution,
        "doc": channel.__doc__,
    }
    if isinstance(channel, Setting):
        told |= {
            "low": channel.low,
            "high": channel.high,
            "choices": list(channel.choices),
            "safe": channel.safe,
        }
    return told


def _action(action: Action) -> dict[str, Any]:
    return {"name": action.name, "address": _address(action.address), "doc": action.__doc__}


def _address(address: Any) -> str:
    told = " / ".join(map(str, address)) if isinstance(address, tuple) else str(address)
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in told)
