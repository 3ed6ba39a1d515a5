"""The hands of the person at a served bench: what is done by hand happens where the bench is.

A run on a bench in another process has a simulated operator of its own, who must mount meters, put
a weight on and read dials over there. A question goes over as one line of JSON, the answer comes
back as one; acting and looking are done by the bench itself.

    with HandsServer(bench) as server:               # beside the bench
        Hands(server.address).answer(prompt)         # anywhere
"""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from benchctl.core.errors import BenchctlError, RefusedError
from benchctl.core.messages import message_from_json, msg
from benchctl.core.ports import Answer, Prompt
from benchctl.simulation.bench import SimulatedBench

SECONDS = 10.0
"""Real seconds that an answer may take to come over."""
LONGEST = 65536
_FIELDS = ("kind", "item", "uut", "position", "unit", "about")


class HandsServer:
    """Takes questions for a bench on a port of its own, on this computer only."""

    def __init__(self, bench: SimulatedBench) -> None:
        class Handler(socketserver.StreamRequestHandler):
            timeout = SECONDS

            def handle(self) -> None:
                line = self.rfile.readline(LONGEST)
                self.wfile.write(json.dumps(_answered(bench, line)).encode() + b"\n")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="hands", daemon=True
        )

    @property
    def address(self) -> str:
        """host:port."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _answered(bench: SimulatedBench, line: bytes) -> dict[str, Any]:
    """Return what the bench's own person answers, or what is wrong."""
    try:
        prompt = _prompt(json.loads(line))
        answer = bench.answer(prompt)
    except BenchctlError as error:
        return {"error": error.message.as_json()}
    except (ValueError, KeyError, TypeError) as error:
        return {"error": msg("simulation.bad-question", problem=str(error)).as_json()}
    return {"value": answer.value, "by": answer.by, "after": answer.after}


def _prompt(asked: Mapping[str, Any]) -> Prompt:
    question = message_from_json(asked["question"])
    return Prompt(id="", question=question, **{name: asked[name] for name in _FIELDS})


class Hands:
    """Puts questions to the bench at `address` (host:port)."""

    def __init__(self, address: str) -> None:
        self.address = address

    def answer(self, prompt: Prompt) -> Answer:
        """Have it done over there, and return the answer.

        Raises:
            RefusedError: nobody is there, or the bench cannot tell.
        """
        asked = {name: getattr(prompt, name) for name in _FIELDS}
        asked["question"] = prompt.question.as_json()
        host, _, port = self.address.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=SECONDS) as link:
                link.sendall(json.dumps(asked).encode() + b"\n")
                with link.makefile("rb") as reply:
                    told = json.loads(reply.readline(LONGEST))
        except (OSError, ValueError) as error:
            raise RefusedError(
                msg("simulation.no-hands", address=self.address, problem=str(error))
            ) from error
        if "error" in told:
            raise RefusedError(message_from_json(told["error"]))
        return Answer(told["value"], str(told["by"]), float(told["after"]))
