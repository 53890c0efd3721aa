"""The headers by which a browser keeps an answer to itself: OWASP's Secure Headers, as far as open data takes them.

Anyone may read an answer (CORS, and `Cross-Origin-Resource-Policy: cross-origin` for charts in other pages), but no
page of ours runs in a frame, except the one that is made for it, and none loads anything from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

OF_PAGES = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TRANSPORT = "max-age=31536000"
"""For a year, and not for other names below ours, which we know nothing of."""


@lru_cache(64)
def browser_headers(base_url: str, media_type: str, policy: str | None) -> Mapping[str, str]:
    """The headers of an answer of that type, whose route may have a content policy of its own."""
    is_page = media_type.startswith("text/html")
    policy = policy or (PAGE_POLICY if is_page else DATA_POLICY)
    headers = {"Content-Security-Policy": policy}
    if "frame-ancestors 'none'" in policy:
        headers["X-Frame-Options"] = "DENY"  # for browsers that do not know frame-ancestors
    if is_page:
        headers |= OF_PAGES
    if base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = TRANSPORT
    return headers
