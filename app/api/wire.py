"""What is no HTTP at all gets a problem document too: it never reaches the application, only the protocol."""

from __future__ import annotations

import uuid

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.envelope import COMMON_HEADERS
from app.api.problems import MEDIA_TYPE, problem_document
from app.errors import MalformedRequest
from app.formats.json import encode_json


class ProblemProtocol(HttpToolsProtocol):
    """uvicorn's own HTTP, but for what it says to a request that cannot be read."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (the server's own words help nobody)
        """Answers with a problem and closes the connection."""
        request_id = uuid.uuid4().hex
        problem = MalformedRequest("This cannot be read as HTTP/1.1, or its address is longer than 64 kB.")
        body = encode_json(problem_document(problem, request_id, ""))
        headers = {
            **COMMON_HEADERS,
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
            "X-Request-Id": request_id,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(f"HTTP/1.1 400 Bad Request\r\n{lines}\r\n".encode() + body)
        self.transport.close()
