"""The log of events; `http.logs` says how it is written."""

from __future__ import annotations

import sys

__all__ = ["log", "structlog"]

_is_hidden = "rich" not in sys.modules
if _is_hidden:  # structlog would read rich and pygments, for tracebacks that we never draw: a tenth of a start
    sys.modules["rich"] = None  # type: ignore[assignment]
try:
    import structlog
finally:
    if _is_hidden:
        del sys.modules["rich"]

log = structlog.get_logger()
