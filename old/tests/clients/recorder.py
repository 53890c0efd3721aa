"""What a client asks of the service: a proxy on a port of its own that passes everything on and writes it down."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Recorded:
    """The proxy's address, and the requests that came: method, path and `Range`."""

    url: str
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)


@contextmanager
def recorded(service_url: str) -> Iterator[Recorded]:
    """Records what is asked of the service meanwhile."""
    host = urlsplit(service_url).netloc

    class Proxy(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.requests.append((self.command, self.path, self.headers.get("range")))
            connection = http.client.HTTPConnection(host, timeout=20)
            headers = {name: text for name, text in self.headers.items() if name.lower() not in ("host", "connection")}
            connection.request(self.command, self.path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            self.send_response_only(answer.status)
            for name, text in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, text)
            self.send_header("Content-Length", answer.getheader("content-length") or str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            """Writes nothing: what was asked is in `requests`."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        server.daemon_threads = True
        seen = Recorded(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield seen
        server.shutdown()
        thread.join()
