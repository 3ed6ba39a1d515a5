r"""SCPI, IEEE 488.2, and instruments that talk like it.

    protocol = Scpi(compound=True)
    voltage = Reading("READ?", unit="V")
    range = Setting("VOLT:DC:RANG", unit="V")                  # VOLT:DC:RANG? and VOLT:DC:RANG 10
    level = Setting(("VOLT? (@1)", "VOLT {value},(@1)"), unit="V")   # query and command apart
    count = Reading("CONF:TOT:TIM {gate},(@1);:READ?", unit="1")     # an option of the driver

Other addresses (one value of several, channel lists, a command for each value, what is at rest) are
in `scpi_address`. The error queue is read empty after every setting and action, and once at
connect, so that an error is always the fault of what was just sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.protocol import Protocol, choice
from benchctl.driver.scpi_address import bad_command, bad_query
from benchctl.driver.scpi_exchange import Dialect
from benchctl.driver.scpi_session import ScpiSession
from benchctl.links import Link

ENDS = {"LF": b"\n", "CR": b"\r", "CRLF": b"\r\n"}


class Scpi(Protocol):
    """Text commands that end in a line feed.

    The option `end` (lf, cr, crlf) in an address says what ends a message both ways, where an
    instrument's serial port is set up otherwise than usual.

    Args:
        errors: Query that takes one entry from the error queue; "*ESR?" where there is only the
            event register; "" where there is nothing.
        explains: Query for the meaning of an entry that is a bare number: "EXPLAIN? {code}".
        compound: Whether several queries may stand in one message, joined by ";".
        tree: Whether headers are a tree, so that the next one in a message begins with a colon.
        echo: Whether replies repeat the header (":SENS:PRES 34.7"), as Druck PACE does.
        flagged: Letter with which a reply begins while errors are queued; other replies begin with
            a blank then, as Mensor's do.
        opc: Whether to wait by `*OPC?` until a setting or action is complete.
        srq: Seconds of bench time that a setting or action may take, where the instrument is to
            tell its end by a service request (`*OPC` with `*ESE 1`, `*SRE 32`) instead. On a bus
            with a serial poll the line stays free meanwhile; elsewhere `*STB?` is asked.
        end: What ends a message, both ways; a reply may end in CR LF where that is LF.
        who: Query for the identification.
        remote: Command that takes control where the bus does not (RS-232, a plain socket), sent
            before anything else.
        patience: Seconds beyond the timeout that the answer to a query may take.
    """

    name: ClassVar[str] = "SCPI"
    options: ClassVar[frozenset[str]] = frozenset({"end"})

    def __init__(
        self,
        *,
        errors: str = "SYST:ERR?",
        explains: str = "",
        compound: bool = False,
        tree: bool = True,
        echo: bool = False,
        flagged: str = "",
        opc: bool = False,
        srq: float = 0.0,
        end: str = "\n",
        who: str = "*IDN?",
        remote: str = "",
        patience: Mapping[str, float] | None = None,
    ) -> None:
        self.dialect = Dialect(
            errors=errors,
            explains=explains,
            compound=compound,
            tree=tree,
            echo=echo,
            flagged=flagged,
            opc=opc,
            srq=srq,
            end=end.encode("ascii"),
            who=who,
            remote=remote,
            patience=dict(patience or {}),
        )

    @property
    def who(self) -> str:
        """Query for the identification."""
        return self.dialect.who

    def session(self, link: Link, options: Mapping[str, str]) -> ScpiSession:
        """Return the conversation over `link`.

        Raises:
            UsageError: `end` is none that there is.
        """
        end = self.dialect.end
        if "end" in options:
            end = ENDS[choice(options, "end", tuple(ENDS), "LF")]
        return ScpiSession(self.dialect, end, link, options)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        if isinstance(channel, Action):
            good = isinstance(channel.address, str) and channel.address
            return bad_command(channel.address) if good else f"{channel.address!r} is no command"
        asked = bad_query(channel.address)
        return asked or (bad_command(channel.address) if isinstance(channel, Setting) else "")
