"""The limit of what Python can do with Postgres: one statement on a raw asyncpg connection, no framework."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import asyncpg
import orjson

PAGE = (
    (Path(__file__).parent / "page.sql")
    .read_text()
    .format(
        list="array_agg",
        figures="observations",
        total="count(*) OVER ()",
        condition="o.category_id = $1 AND o.source_id = $2",
    )
)


class Application:
    """One pool, one question."""

    def __init__(self) -> None:
        self.pool: asyncpg.Pool | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG002 (ASGI has three)
        if scope["type"] != "http":
            return
        if self.pool is None:
            settings = {"search_path": "peers"}
            self.pool = await asyncpg.create_pool(
                os.environ["BENCH_DATABASE"], min_size=8, max_size=8, server_settings=settings
            )
        asked = parse_qs(scope["query_string"].decode())
        rows = await self.pool.fetch(PAGE, f"category/{asked['category'][0]}", asked["source"][0])
        body = orjson.dumps([dict(row) for row in rows], default=_as_number)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _as_number(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


app = Application()
