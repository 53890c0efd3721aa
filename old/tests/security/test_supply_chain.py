"""What is installed is known, and asked about: the bill of materials, and the audit, which never pretends."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import PROJECT

PINS = re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)", (PROJECT / "requirements.lock").read_text(), re.MULTILINE)


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A folder with what the targets need, and the tools that are installed here."""
    for name in ("Makefile", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, tmp_path)
    (tmp_path / ".venv").symlink_to(PROJECT / ".venv")
    shutil.copy(PROJECT / "requirements.lock", tmp_path)
    return tmp_path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "-o", ".venv/.synced", *arguments]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=120)


@contextmanager
def advisories(answer: dict) -> Iterator[str]:
    """A service on this machine that says the same of every package."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_bill_of_materials_names_every_pin_with_its_hashes(checkout):
    done = make(checkout, "sbom")
    assert (done.returncode, done.stdout) == (0, "build/sbom.json is written\n")
    bill = json.loads((checkout / "build" / "sbom.json").read_text())
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "misconduct")
    assert sorted((one["name"], one["version"]) for one in bill["components"]) == sorted(PINS)
    for one in bill["components"]:
        assert any(hashed["alg"] == "SHA-256" for link in one["externalReferences"] for hashed in link["hashes"])


def test_an_audit_that_cannot_ask_says_so_and_does_not_say_that_all_is_well(checkout):
    done = make(checkout, "audit", "ARGS=--osv-url http://127.0.0.1:1/v1/query")
    assert done.returncode == 0
    assert done.stdout == "not audited: the advisory service cannot be reached from here (build/audit.log says why)\n"
    assert "vulnerabilit" not in done.stdout + done.stderr


def test_an_audit_that_can_ask_tells_what_it_was_told(checkout):
    (checkout / "requirements.lock").write_text(f"alembic==1.20.1 --hash=sha256:{'0' * 64}\n")
    with advisories({}) as url:
        done = make(checkout, "audit", f"ARGS=--osv-url {url}")
        assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "No known vulnerabilities found")
    hole = {
        "id": "OSV-2026-1",
        "summary": "A hole.",
        "affected": [
            {
                "package": {"name": "alembic", "ecosystem": "PyPI"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            }
        ],
    }
    with advisories({"vulns": [hole]}) as url:
        done = make(checkout, "audit", f"ARGS=--osv-url {url}")
        assert done.returncode != 0
        assert "OSV-2026-1" in done.stdout
