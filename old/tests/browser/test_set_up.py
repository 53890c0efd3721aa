"""Without a browser a run says what it could not try, once; in CI it fails. With one, no other host is reached."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Error

from tests.browser.tampering import slip_in
from tests.conftest import PROJECT

HERE = Path(__file__).parent
REASON = "no Chromium, and MISCONDUCT_CHROMIUM names no program: nothing was tested in a browser (tests/browser)"


def run_without_browser(ci: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CI": ci, "MISCONDUCT_CHROMIUM": "/nowhere/chromium"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        HERE / "test_embeds.py",
        "-k",
        "frame",
    ]
    return subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_without_a_browser_one_line_says_what_was_not_tried():
    done = run_without_browser("")
    assert [line.partition("] ")[0][:7] for line in done.stdout.splitlines() if REASON in line] == ["SKIPPED"]
    assert done.returncode == 0


def test_without_a_browser_ci_fails():
    done = run_without_browser("true")
    assert REASON in done.stdout
    assert done.returncode == 1


def test_the_browser_reaches_no_other_host(page, watch):
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.org/")
    assert watch.strangers == ["http://example.org/"]
    watch.requests.clear()


def test_a_breach_of_the_content_security_policy_is_noticed(page, real, watch):
    """A script in the page itself, which the policy of every page forbids."""
    slip_in(page, real.client, "/docs", "</main>")
    page.goto("/docs")
    assert page.locator("main script").count() == 1
    assert page.locator("[data-ran]").count() == 0
    assert "Content Security Policy" in " ".join(watch.take_errors())


def test_the_npm_lock_holds_no_registry_address():
    lock = json.loads((HERE / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages)
