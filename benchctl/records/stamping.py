"""Having tree heads stamped by a timestamp authority (RFC 3161), over the network or by hand.

    stamp = stamped(lab, ask_by_http("http://tsa.example"))
    request = request_for(lab); ...; stamp = take_response(lab, response)

The response is kept in the lab's database, and a statement says that it is there.
"""

from __future__ import annotations

import hashlib
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING

from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg
from benchctl.records.amending import now_text
from benchctl.records.statements import anchor, anchor_of, note
from benchctl.verifier.stamps import STAMPED
from benchctl.verifier.timestamps import Stamp, StampError, imprint_of, query, read_stamp

if TYPE_CHECKING:
    from benchctl.records.lab import Lab
    from benchctl.verifier.heads import Anchor

SECONDS = 20.0
"""Real seconds that an authority may take."""
LARGEST = 1 << 20
"""Bytes of a response."""

Ask = Callable[[bytes], bytes]
"""Hands a request to an authority and returns its response."""


def ask_by_http(url: str) -> Ask:
    """Return what asks the authority at a URL (RFC 3161, 3.4).

    Raises:
        UsageError: it is no address of the web.
    """
    if not url.startswith(("http://", "https://")):
        raise UsageError(msg("records.tsa-url", url=url))

    def ask(request: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        post = urllib.request.Request(url, data=request, headers=headers)
        try:
            with urllib.request.urlopen(post, timeout=SECONDS) as answer:
                found: bytes = answer.read(LARGEST)
        except (OSError, urllib.error.URLError) as error:
            raise RefusedError(msg("records.tsa-silent", url=url, reason=str(error))) from error
        return found

    return ask


def request_for(lab: Lab) -> bytes:
    """Return a request for the lab's last statement, to be carried to an authority by hand.

    Raises:
        UsageError: nothing was stated yet.
    """
    return query(str(_last(lab)), secrets.randbits(63))


def stamped(lab: Lab, ask: Ask) -> tuple[Anchor, Stamp]:
    """Have the lab's last statement stamped, and keep the stamp.

    Raises:
        UsageError: nothing was stated yet.
        RefusedError: the authority does not answer, or with something else.
        RecordError: the stamp cannot be kept.
    """
    head, nonce = _last(lab), secrets.randbits(63)
    response = ask(query(str(head), nonce))
    try:
        stamp = read_stamp(response, nonce)
    except StampError as error:
        raise RefusedError(msg("records.stamp-refused", reason=str(error))) from error
    if stamp.imprint != imprint_of(str(head)).hex():
        raise RefusedError(msg("records.stamp-of-nothing"))
    _keep(lab, head, response)
    return head, stamp


def take_response(lab: Lab, response: bytes) -> tuple[Anchor, Stamp]:
    """Keep a response that was carried here; it is for one of the lab's statements.

    Raises:
        RefusedError: it is no response, or for something else.
        RecordError: it cannot be kept.
    """
    try:
        stamp = read_stamp(response)
    except StampError as error:
        raise RefusedError(msg("records.stamp-refused", reason=str(error))) from error
    with lab.store.reading() as reader:
        rows = reader.heads()
    for row in reversed(rows):
        head = anchor_of(row)
        if imprint_of(str(head)).hex() == stamp.imprint:
            _keep(lab, head, response)
            return head, stamp
    raise RefusedError(msg("records.stamp-of-nothing"))


def _last(lab: Lab) -> Anchor:
    head = anchor(lab)
    if head is None:
        raise UsageError(msg("records.nothing-stated"))
    return head


def _keep(lab: Lab, head: Anchor, response: bytes) -> None:
    with lab.store.writing() as writer:
        writer.add_stamp(head.n, now_text(), response)
    note(lab, STAMPED, n=head.n, sha256=hashlib.sha256(response).hexdigest())
