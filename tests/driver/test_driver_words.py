"""Every sentence that links, instruments and the shelf may say is there, in both languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from benchctl.core.messages import catalog

ROOT = Path(__file__).parents[2]
ROOMS = {"links": ["benchctl/links"], "driver": ["benchctl/driver", "drivers"]}
ROOMS["drivers"] = ["benchctl/drivers", "benchctl/driver"]  # what a YAML driver gets wrong
ROOMS["workshop"] = ["benchctl/workshop", "benchctl/cli/shop", "benchctl/cli/commands"]
ROOMS["meter"] = ["benchctl/driver", "drivers"]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_say_the_same_with_the_same_fields(room: str) -> None:
    english, chinese = catalog("en", room), catalog("zh", room)
    assert list(english) == list(chinese)
    assert {k: fields(v) for k, v in english.items()} == {k: fields(v) for k, v in chinese.items()}
    assert not [k for k, v in chinese.items() if re.search(r"[一-鿿]([,;?!]|: )", v)]


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_that_is_used_is_worded_and_none_is_idle(room: str) -> None:
    source = "".join(
        path.read_text() for folder in ROOMS[room] for path in (ROOT / folder).glob("*.py")
    )
    literal = set(re.findall(rf'"{room}\.([a-z0-9-]+)"', source))
    known = set(catalog("en", room))
    assert literal <= known
    names = set(re.findall(r'"([a-z0-9-]+)"', source))
    own = r"(hint-|modbus-|quantity-|step-|dlt-|mbus-|hdlc-|dlms-)"
    dynamic = {k for k in known if re.match(own, k)}
    assert known - literal - dynamic <= names
