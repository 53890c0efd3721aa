"""Draw every registered chart and a hundred random tables into one page, build/pictures/index.html: `make pictures`.

Somebody then looks at them, and says of each picture whether a newspaper would print it.
"""

import random
import shutil
import sys
import tempfile
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from tests.conftest import ROOT, Service

OUT = ROOT / "build" / "pictures"
SHAPES = (
    {"size": "wide"},
    {"size": "narrow", "theme": "dark"},
    {"size": "card"},
)
TABLES = 100
STYLE = "body{font:14px sans-serif;background:#999}figure{display:inline-block;vertical-align:top;margin:8px}"


def main() -> None:
    """Start the service, draw, and write the page."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    data = Path(sys.argv[1]).resolve() if sys.argv[1:] else ROOT / "data"
    with tempfile.TemporaryDirectory(prefix="misconduct-pictures-") as home:
        Path(home).chmod(0o755)  # the account of the server must be able to enter it
        service = Service(Path(home), data)
        try:
            write_page(service.wait().client)
        finally:
            service.stop()
    print(f"{OUT}/index.html")


def write_page(client) -> None:
    """Write a page with the pictures of each chart, and of tables drawn by lot."""
    paths = [
        (f"charts/{chart['id']}", {})
        for chart in client.get("/v1/charts").json()["data"]
    ]
    paths += choose_tables(client)
    parts = []
    for number, (path, query) in enumerate(paths):
        parts.append(f"<h2>{escape(path)}?{escape(urlencode(query))}</h2>")
        for shape in SHAPES:
            answer = client.get(f"/v1/{path}.svg", params={**query, **shape})
            if answer.status_code == 404:
                parts.append(f"<p>{escape(answer.json()['detail'])}</p>")
                continue
            file = OUT / f"{number}-{shape['size']}.svg"
            file.write_bytes(answer.raise_for_status().content)
            parts.append(f'<figure><img src="{file.name}"></figure>')
    page = f"<!doctype html><meta charset=utf-8><title>Pictures</title><style>{STYLE}</style>"
    (OUT / "index.html").write_text(page + "".join(parts), encoding="utf-8")


def choose_tables(client) -> list[tuple[str, dict[str, str]]]:
    """Return indicators with one place or a few, and with kinds: the same ones each time."""
    lot = random.Random(105)
    found = []
    indicators = [row["id"] for row in client.get("/v1/indicators").json()["data"]]
    for indicator in lot.choices(indicators, k=TABLES):
        address = f"/v1/indicators/{indicator}?columns=area_code&latest=1"
        rows = client.get(address).json()["data"]
        areas = sorted({row["area_code"] for row in rows})
        some = lot.sample(areas, min(len(areas), lot.choice([1, 1, 1, 3])))
        query = {"area": ",".join(some)}
        if lot.random() < 0.2:
            query["by"] = "kind"
        found.append((f"indicators/{indicator}", query))
    return found


if __name__ == "__main__":
    main()
