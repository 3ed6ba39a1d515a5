"""What `records show` says of amendments, signatures and certificate numbers."""

from __future__ import annotations

from typing import Any

from benchctl.cli.cells import plain
from benchctl.cli.shell import Shell


def show_afterwards(shell: Shell, document: dict[str, Any]) -> None:
    """Print one line for each amendment, signature and number of a run."""
    for a in document["amendments"]:
        text = shell.text("shown-amendment", n=a["revision"], **_who(a), because=a["because"])
        shell.out.prose(plain(text), indent=2)
    for r in document["reviews"]:
        name = f"shown-{r['step']}" if r["current"] or r["step"] == "returned" else "shown-void"
        shell.out.prose(plain(shell.text(name, **_who(r), note=r["note"])), indent=2)
    for n in document["numbers"]:
        shell.out.prose(
            plain(shell.text("shown-number", uut=n["uut"], number=n["number"])), indent=2
        )


def _who(entry: dict[str, Any]) -> dict[str, str]:
    return {"by": str(entry["by"]), "at": str(entry["at"])}
