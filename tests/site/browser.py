"""Chromium without a window, driven by its DevTools protocol: as much of it as the tests of pages need."""

import json
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager

import httpx
import pytest
from websockets.sync.client import connect

COMMAND = "--headless=new --no-sandbox --disable-gpu --hide-scrollbars --remote-debugging-port=0 about:blank".split()


class Browser:
    """One tab."""

    def __init__(self, socket):
        self.socket, self.calls, self.events = socket, 0, []
        self.ask("Page.enable")

    def ask(self, method, **parameters):
        """Send a command, and return its result."""
        self.calls += 1
        self.socket.send(
            json.dumps({"id": self.calls, "method": method, "params": parameters})
        )
        while (answer := json.loads(self.socket.recv(timeout=60))).get(
            "id"
        ) != self.calls:
            self.events.append(answer["method"])
        return answer["result"]

    def open(self, address, width, scheme="light"):
        """Go to a page on a screen of this width that prefers light or dark pages."""
        screen = {
            "width": width,
            "height": 700,
            "deviceScaleFactor": 1,
            "mobile": width < 600,
        }
        self.ask("Emulation.setDeviceMetricsOverride", **screen)
        self.ask(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        self.events.clear()
        self.ask("Page.navigate", url=address)
        while "Page.loadEventFired" not in self.events:
            self.events.append(json.loads(self.socket.recv(timeout=60)).get("method"))

    def evaluate(self, script):
        """Return the value of an expression on the page, which itself has no scripts."""
        return self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )["result"]["value"]


@contextmanager
def start_browser():
    """Start Chromium with a fresh profile. Skips the test where it is not installed."""
    if (program := shutil.which("chromium") or shutil.which("google-chrome")) is None:
        pytest.skip("Chromium is not installed")
    with tempfile.TemporaryDirectory(
        prefix="misconduct-browser-", ignore_cleanup_errors=True
    ) as folder:
        command = [program, f"--user-data-dir={folder}", *COMMAND]
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as process:
            port = next(
                found[1]
                for line in process.stderr
                if (found := re.search(r"ws://127.0.0.1:(\d+)", line))
            )
            tab = next(
                one
                for one in httpx.get(f"http://127.0.0.1:{port}/json").json()
                if one["type"] == "page"
            )
            with connect(tab["webSocketDebuggerUrl"], max_size=None) as socket:
                yield Browser(socket)
            process.terminate()
