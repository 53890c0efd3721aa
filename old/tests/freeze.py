"""Write down every answer of a running service, so that two versions of the code can be compared with `diff -r`.

    python -m tests.freeze http://localhost:8000 build/answers

The folder receives one file per address and format: the status, the headers that a client acts on, and the body. What
differs in every run (request ids, validators that hash the code, dates) is left out.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import quote

import httpx

from tests.browser.crawl import crawl

FORMATS = (
    "",
    ".json",
    ".csv",
    ".jsonl",
    ".parquet",
    ".xlsx",
    ".jsonstat",
    ".bib",
    ".csl",
    ".txt",
    ".svg",
    ".png",
    ".html",
)
HEADERS = ("content-type", "content-disposition", "link", "cache-control", "vary", "location", "accept-ranges")
QUERIES = {
    "/v1/observations": (
        "?value=1071", "?limit=7", "?category=sexual_assault&year=1999", "?categroy=x&year=22&value=a", "?sort=-value",
        "?release=1.0.0", "?as_of=2026-11-20", "?category=rape", "?publisher=BBC", "?value_from=100&value_to=1000",
        "?disagreement=how-many-were-accused", "?changed_since=1.0.0",
    ),
    "/v1/observations/by-year": ("?category=sexual_assault", "?release=1.1.0", "?limit=3"),
    "/v1/compare": ("?id=k7m3q&id=gb7nr", "?id=k7m3q", "?id=k7m3q&id=zzzzz"),
}  # fmt: skip
OFTEN_DIFFERENT = re.compile(rb'"(request_id|build)": ?"[^"]*"|<code>[0-9a-f]{32}</code>')


def addresses(client: httpx.Client) -> list[str]:
    """List the addresses of the contract, those with a parameter filled in from the listings that name it."""
    paths = client.get("/openapi.json").json()["paths"]
    ids = {
        "observation_id": [row["id"] for row in client.get("/v1/observations?limit=1000").json()["data"]],
        "number": [row["number"] for row in client.get("/v1/releases").json()["data"]],
        "dataset": [row["id"] for row in client.get("/v1/datasets").json()["data"]],
        "dataset_id": [row["id"] for row in client.get("/v1/datasets").json()["data"]],
        "list_id": [row["id"] for row in client.get("/v1/codelists").json()["data"]],
        "source_id": [row["id"] for row in client.get("/v1/sources").json()["data"]],
        "slug": [row["id"] for row in client.get("/v1/charts").json()["data"]],
        "chart_id": [row["id"] for row in client.get("/v1/charts").json()["data"]],
    }
    for kind in ("check", "disagreement", "correction"):
        ids[f"{kind}_id"] = [row["id"] for row in client.get(f"/v1/{kind}s").json()["data"]]
    ids["non_publication_id"] = [row["id"] for row in client.get("/v1/non-publications").json()["data"]]
    found: list[str] = []
    for path in paths:
        names = re.findall(r"{(\w+)}", path)
        if not names:
            found += [path, *(path + query for query in QUERIES.get(path, ()))]
        elif len(names) == 1 and names[0] in ids:
            found += [path.replace(f"{{{names[0]}}}", value) for value in ids[names[0]]]
            if path.endswith("/standing"):
                found = [f"{one}?value=1492" if one.endswith("/standing") else one for one in found]
        elif names == ["number", "name"]:
            for number in ids["number"]:
                found += [row["url"] for row in client.get(f"/v1/releases/{number}/files").json()["data"]]
    return found


def freeze(base_url: str, folder: Path) -> int:
    """Write the answers of the service at `base_url` into the folder; return how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with httpx.Client(base_url=base_url, timeout=60) as client:
        asked = [re.sub(r"^https?://[^/]+", "", one) for one in addresses(client)]
        pages = list(crawl(client, base_url).pages)
        wanted = [
            (f"{path}{form}{'?' + query if query else ''}", {})
            for path, _, query in (one.partition("?") for one in asked)
            for form in ("" if "/files/" in path or "." in path.rsplit("/")[-1] else form for form in FORMATS)
        ]
        wanted += [(page, {"Accept": "text/html"}) for page in pages]
        for address, headers in {f"{a} {h}": (a, h) for a, h in wanted}.values():
            if address.startswith(("/metrics", "/healthz", "/readyz")):
                continue
            answer = client.get(address, headers=headers)
            name = ("page" if headers else "data") + quote(address, safe="")
            head = [
                f"{answer.status_code} {address}",
                *(f"{h}: {answer.headers[h]}" for h in HEADERS if h in answer.headers),
            ]
            body = OFTEN_DIFFERENT.sub(b"-", answer.content)
            (folder / name[:200]).write_bytes("\n".join(head).encode() + b"\n\n" + body)
            count += 1
    return count


if __name__ == "__main__":
    print(f"{freeze(sys.argv[1], Path(sys.argv[2]))} answers are in {sys.argv[2]}")
