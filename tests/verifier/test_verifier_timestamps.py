"""RFC 3161 timestamps by OpenSSL as the authority, over HTTP and by hand."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from forgery import Forger, record, stolen_key

from benchctl.core.errors import RefusedError, UsageError
from benchctl.records import Lab, note, write_pack
from benchctl.records.stamping import ask_by_http, request_for, stamped, take_response
from benchctl.verifier.check import Report, check
from benchctl.verifier.sources import open_source
from benchctl.verifier.timestamps import StampError, check_stamp, query

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="OpenSSL is not installed")

SETTINGS = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """OpenSSL's timestamp authority with a certificate of its own root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(SETTINGS.format(folder=folder))
        self._certify("root", "/CN=Test Root", [])
        self._certify("tsa", "/CN=Test TSA", ["extendedKeyUsage=critical,timeStamping"])
        self._certify("web", "/CN=Web", ["extendedKeyUsage=serverAuth"])

    def _certify(self, name: str, subject: str, more: list[str]) -> None:
        own = (
            []
            if name == "root"
            else ["-CA", self._file("root.pem"), "-CAkey", self._file("root.key")]
        )
        command = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
        command += ["-subj", subject, "-keyout", self._file(f"{name}.key")]
        command += ["-out", self._file(f"{name}.pem"), *own]
        command += ["-addext", f"basicConstraints=critical,CA:{'TRUE' if not own else 'FALSE'}"]
        for extension in more:
            command += ["-addext", extension]
        self._run(command)

    def answer(self, request: bytes) -> bytes:
        """Return the response to a request."""
        query, reply = self.folder / "query.tsq", self.folder / "reply.tsr"
        query.write_bytes(request)
        settings = ["-config", self._file("ts.cnf"), "-section", "one"]
        keys = ["-signer", self._file("tsa.pem"), "-inkey", self._file("tsa.key")]
        self._run(["ts", "-reply", "-queryfile", str(query), *settings, *keys, "-out", str(reply)])
        return reply.read_bytes()

    @property
    def root(self) -> bytes:
        return (self.folder / "root.pem").read_bytes()

    def _file(self, name: str) -> str:
        return str(self.folder / name)

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(["openssl", *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def url(authority: Authority) -> Iterator[str]:
    """The authority on the loopback interface."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            reply = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(b"no reply" if self.path == "/broken" else reply)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def look(path: Path, *authorities: bytes) -> Report:
    return check(open_source(path), authorities=authorities)


def ids(report: Report) -> dict[str, bool]:
    return {f.id: f.is_problem for f in report.findings if f.id.startswith("stamp")}


def test_a_stamp_over_http_holds_and_is_an_anchor(
    folder: Path, url: str, authority: Authority, tmp_path: Path
) -> None:
    with Lab.open(folder) as lab:
        head, stamp = stamped(lab, ask_by_http(url))
        write_pack(lab, "R3", tmp_path / "pack.zip")
    assert head.n == 7
    assert "Test TSA" in stamp.by
    found = look(folder, authority.root)
    assert ids(found) == {"stamp-fits": False}
    assert found.problems == ()
    assert found.unseen == ("unseen-since", "unseen-key")
    assert ids(look(folder)) == {"stamp-unchecked": False}  # nobody said whom to trust
    assert ids(look(tmp_path / "pack.zip", authority.root)) == {"stamp-fits": False}


def test_a_stamp_is_carried_by_hand(folder: Path, authority: Authority) -> None:
    with Lab.open(folder) as lab:
        request = request_for(lab)
        record(lab, "R4")  # work goes on meanwhile
        head, _ = take_response(lab, authority.answer(request))
        assert head.n == 7
        with pytest.raises(RefusedError, match="no timestamp"):
            take_response(lab, b"nothing")
    assert ids(look(folder, authority.root)) == {"stamp-fits": False}


def test_a_rewrite_by_somebody_with_the_key_does_not_fit_the_stamp(
    folder: Path, url: str, authority: Authority
) -> None:
    with Lab.open(folder) as lab:
        stamped(lab, ask_by_http(url))
    forger = Forger(folder)
    forger("UPDATE records SET body = replace(body, '0.41', '0.01') WHERE run='R3' AND seq=5")
    forger.rehash("R3")
    forger.restate(stolen_key(folder))
    assert ids(look(folder, authority.root)) == {"stamp-foreign": True}
    forger("DELETE FROM stamps")
    assert ids(look(folder, authority.root)) == {"stamp-missing": True}
    forger.close()


def test_a_stamp_for_another_lab_is_refused(
    folder: Path, authority: Authority, tmp_path: Path
) -> None:
    with Lab.open(tmp_path / "other") as other:
        record(other, "R1")
        request = request_for(other)
    with Lab.open(folder) as lab, pytest.raises(RefusedError, match="none of the lab's"):
        take_response(lab, authority.answer(request))


def test_a_stamp_under_a_root_that_nobody_trusts_does_not_hold(
    folder: Path, url: str, authority: Authority, tmp_path: Path
) -> None:
    with Lab.open(folder) as lab:
        stamped(lab, ask_by_http(url))
    stranger = Authority(tmp_path)
    assert ids(look(folder, stranger.root)) == {"stamp-bad": True}


def test_every_changed_byte_of_a_stamp_is_found_or_changes_nothing_that_is_said(
    folder: Path, authority: Authority
) -> None:
    anchor = "head1:sha256:1:" + "ab" * 32
    response = authority.answer(query(anchor, 7))
    good = check_stamp(response, anchor, [authority.root])
    for at in range(0, len(response), 7):
        forged = bytearray(response)
        forged[at] ^= 0x55
        with suppress(StampError):
            assert check_stamp(bytes(forged), anchor, [authority.root]) == good
    with pytest.raises(StampError, match="foreign"):
        check_stamp(response, anchor.replace(":1:", ":2:"), [authority.root])


def test_an_authority_that_answers_something_else_is_refused(folder: Path, url: str) -> None:
    with Lab.open(folder) as lab:
        before = lab.document("R1")
        with pytest.raises(RefusedError, match="no timestamp"):
            stamped(lab, ask_by_http(f"{url}broken"))
        with pytest.raises(RefusedError, match="does not answer"):
            stamped(lab, ask_by_http("http://127.0.0.1:9/"))
        with pytest.raises(UsageError):
            ask_by_http("file:///etc/passwd")
        note(lab, "test")
        assert lab.document("R1") == before
