"""Who is measured: how each is started, and how its answer is read."""

from __future__ import annotations

import csv
import getpass
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from bench.drive import Question
from bench.servers import Server, free_port
from tests.chaos.serving import search_path

BARE, RAW = "bare ASGI, constant bytes", "raw asyncpg under bare ASGI"
CACHED, CONFIRMED = "answer from memory", "304 from memory"
UNCACHED, UNSEEN = "page of 10 with its total", "page of 10 of a new question, counted"
TABLE_BY_YEAR, COMPARISON = "by-year table of 10 series", "comparison of 3 figures"
SYNC, ASYNC = "naive ORM service, sync", "naive ORM service, async"
PREPARED, TABLE_PAGE = "Datasette, prepared query", "Datasette, table page"
ROAPI_SQL, ROAPI_REST = "ROAPI, SQL", "ROAPI, REST"

SEARCH, SEARCH_DATASETTE, SEARCH_NAIVE = (
    "search by words, a new question",
    "Datasette, prepared search",
    "naive search, async",
)
FACETS, FACETS_DATASETTE, FACETS_NAIVE = "facets of a new question", "Datasette, six facets", "naive facets, async"
LONG, SDMX, LONG_NAIVE = "long table by year, CSV", "SDMX-CSV of the same", "naive long table, async"
TWO, NGINX, VARNISH = "answer from memory, 2 workers", "behind nginx", "behind Varnish"
CHART, SAME_SIZE = "chart as SVG", "JSON of the chart's size"

CATEGORY, SOURCE = "category_c", "source-7"
PAGE = f"/v1/observations?category={CATEGORY}&source={SOURCE}&sort=id&limit=10"
NEW = PAGE + "&value_from=-{n}"
"""A question that nobody has asked: a condition that all figures meet, with another number each time."""
BY_YEAR = f"/v1/observations/by-year?category={CATEGORY}&source={SOURCE}&limit=10"
LONG_CSV = f"/v1/observations/by-year.csv?shape=long&category={CATEGORY}&source={SOURCE}"
SDMX_CSV = f"/v1/observations/by-year.sdmx?category={CATEGORY}&source={SOURCE}"
WORDS = "suspended+corruption"
MEASURES = ("accused", "complained_of")
FOUND = f"/v1/observations?q={WORDS}&value_from=-{{n}}&sort=id&limit=10"
FOUND_DATASETTE = f"/figures/search.json?q={WORDS}&_shape=array"
FOUND_NAIVE = f"/search?q={WORDS}"
FACETED = ("measure", "area", "population", "counting_unit", "stated_by", "source")
COUNTED = f"/v1/datasets/allegations?category={CATEGORY}&value_from=-{{n}}"
COUNTED_DATASETTE = (
    f"/figures/observations.json?measure_id__in={','.join(f'measure/{one}' for one in MEASURES)}"
    f"&category_id=category/{CATEGORY}&_size=0&_facet_size=max&" + "&".join(f"_facet={name}_id" for name in FACETED)
)
COUNTED_NAIVE = f"/facets?measure={','.join(MEASURES)}&category={CATEGORY}"
LONG_OF_ALL = f"/by-year?category={CATEGORY}&source={SOURCE}"
NAIVE = f"/observations?category={CATEGORY}&source={SOURCE}&limit=10"
CANNED = f"/figures/page.json?category=category/{CATEGORY}&source={SOURCE}&_shape=array"
TABLE = f"/figures/observations.json?category_id=category/{CATEGORY}&source_id={SOURCE}&_sort=id&_size=10&_labels=off"
CONDITION = f"category_id = 'category/{CATEGORY}' AND source_id = '{SOURCE}'"
SQL = f"SELECT *, count(*) OVER () AS total FROM figures WHERE {CONDITION} ORDER BY id LIMIT 10"
REST = (
    f"/api/tables/figures?filter[category_id]=%27category/{CATEGORY}%27"
    f"&filter[source_id]=%27{SOURCE}%27&sort=id&limit=10"
)

DEPLOY = Path(__file__).parents[1] / "deploy"
"""The configurations that operators use."""

Fact = tuple[str | float | None, ...]
Reader = Callable[[bytes], tuple[list[Fact], int | None]]
"""Reads what answers to the same question must agree in, and their total (None: untold)."""


class Contender(NamedTuple):
    """A question, and the name of the server that is asked; `about` is the same where answers must agree."""

    name: str
    server: str
    question: Question
    read: Reader | None = None
    about: str = "page"


def read_figures(answer: bytes) -> tuple[list[Fact], int | None]:
    """Id, value, printed words and source of each figure, of ours and of the naive services."""
    document = json.loads(answer)
    figures = [(o["id"], o["value"], o["printed"], o["source"]["id"]) for o in document["data"]]
    return figures, document.get("meta", document)["total"]


def read_rows(answer: bytes) -> tuple[list[Fact], int | None]:
    """The same of rows."""
    rows = json.loads(answer)
    figures = [(row["id"], row.get("value"), row["printed"], row.get("source") or row["source_id"]) for row in rows]
    return figures, rows[0].get("total") if rows else None


def read_table(answer: bytes) -> tuple[list[Fact], int | None]:
    """The same of a table of Datasette."""
    document = json.loads(answer)
    rows = [dict(zip(document["columns"], row, strict=True)) for row in document["rows"]]
    return read_rows(json.dumps(rows).encode())[0], document["filtered_table_rows_count"]


def read_counts(answer: bytes) -> tuple[list[Fact], int | None]:
    """The number of figures of each code, by facet."""
    document = json.loads(answer)
    if "facet_results" in document:
        found = {one["name"]: {row["value"]: row["count"] for row in one["results"]}
                 for one in document["facet_results"].values()}  # fmt: skip
    elif "data" in document:
        found = {one["name"]: {code["code"]: code["figures"] for code in one["codes"]}
                 for one in (*document["data"]["dimensions"], *document["data"]["attributes"])}  # fmt: skip
    else:
        found = document
    counts = (
        (name, code.rpartition("/")[2], number)
        for name in FACETED
        for code, number in (found.get(name) or found[f"{name}_id"]).items()
    )
    return sorted(counts), None


def read_long(answer: bytes) -> tuple[list[Fact], int | None]:
    """Id, year and value of each figure of a table by year."""
    names = {"FIGURE": "id", "TIME_PERIOD": "year", "OBS_VALUE": "value"}
    rows = csv.DictReader(io.StringIO(answer.decode("utf-8-sig")))
    found = ({names.get(name, name): cell for name, cell in row.items()} for row in rows)
    return sorted((r["id"], r["year"], float(r["value"])) for r in found if r["id"] and r["value"]), None


class Field:
    """Knows where everything is, and starts it."""

    def __init__(self, folder: Path, reader_url: str, peers: Path) -> None:
        self.folder, self.reader_url, self.peers = folder, reader_url, peers

    def ours(self, name: str, *, workers: int = 1, code: Path | None = None, **settings: object) -> Server:
        """The service; of another checkout, where `code` says."""
        port = free_port()
        env = {"MISCONDUCT_DATABASE_URL": self.reader_url}
        env |= {f"MISCONDUCT_{key.upper()}": str(value) for key, value in settings.items()}
        env |= {"PYTHONPATH": search_path(code)} if code else {}
        command = [sys.executable, str(Path(__file__).with_name("ours.py")), str(port), str(workers)]
        return Server(command, port, self.folder / f"{name}.log", probe="/readyz", env=env)

    def uvicorn(self, name: str, application: str, **env: str) -> Server:
        """An application of bench/peers with the same server program and options as ours."""
        port = free_port()
        options = ["--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level", "warning"]
        factory = ["--factory"] if application.startswith("bench.peers.naive:") else []
        command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), *options, *factory]
        env = {"BENCH_DATABASE": self.reader_url, **env}
        return Server(command, port, self.folder / f"{name}.log", probe="/openapi.json", env=env)

    def datasette(self) -> Server:
        port, file = free_port(), str(self.folder / "figures.db")
        settings = {"num_sql_threads": "3", "sql_time_limit_ms": "60000", "facet_time_limit_ms": "60000",
                    "max_returned_rows": "5000"}  # fmt: skip
        options = ["-m", str(self.folder / "datasette.json"), "-p", str(port)]
        options += [part for name, value in settings.items() for part in ("--setting", name, value)]
        command = [str(self.peers / "datasette"), "serve", "-i", file, *options]
        return Server(command, port, self.folder / "datasette.log", probe="/-/versions.json")

    def roapi(self) -> Server:
        port = free_port()
        address = ["--addr-http", f"127.0.0.1:{port}", "--addr-postgres", f"127.0.0.1:{free_port()}"]
        command = [str(self.peers / "roapi"), "-c", str(self.folder / "roapi.yml"), *address]
        return Server(command, port, self.folder / "roapi.log", probe="/health")

    def nginx(self, *behind: str) -> Server:
        """nginx in front of running servers."""
        return start_nginx(self.folder / "nginx", *behind)

    def varnish(self, behind: str) -> Server:
        """Varnish in front of a running server."""
        return start_varnish(self.folder / "varnish", behind)


NGINX_AROUND = """
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
worker_processes 1;
daemon off;
{user}
events {{ worker_connections 1024; }}
http {{
  access_log off;
  open_file_cache max=1000 inactive=20s;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/temp;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/misconduct.conf;
}}
"""
"""What a distribution, and those who tune nginx, say around our configuration."""


def start_nginx(folder: Path, *behind: str) -> Server:
    """nginx as operators run it, in front of running servers; its cache is in the folder `kept`."""
    folder.mkdir(exist_ok=True)
    port, places = free_port(), [one.removeprefix("http://") for one in behind]
    both = [f"server {one} max_fails=1 fail_timeout=10s; server {one} backup max_fails=0;" for one in places]
    replaced = {
        "/var/cache/nginx/misconduct ": f"{folder}/kept ",
        "server 127.0.0.1:8000 max_fails=0;": " ".join(both if behind[1:] else [f"server {places[0]} max_fails=0;"]),
        "listen 80;": f"listen 127.0.0.1:{port};",
    }
    _fill("nginx.conf", folder / "misconduct.conf", replaced)
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX_AROUND.format(folder=folder, user=user))
    command = [shutil.which("nginx") or "nginx", "-e", str(folder / "early.log"), "-c", str(folder / "nginx.conf")]
    return Server(command, port, folder / "out.log", probe="/healthz")


def start_varnish(folder: Path, behind: str, *more: str) -> Server:
    """Varnish as operators run it, in front of a running server, with more options."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    host, _, behind_port = behind.removeprefix("http://").partition(":")
    replaced = {'.host = "127.0.0.1"': f'.host = "{host}"', '.port = "8000"': f'.port = "{behind_port}"'}
    config = _fill("varnish.vcl", folder / "varnish.vcl", replaced)
    where = ["-a", f"127.0.0.1:{port}", "-f", str(config), "-n", str(folder / "state")]
    options = ["-F", "-j", "none", *where, "-s", "malloc,256m", "-T", "none"]
    told = re.findall(r"-[ps] \S+", config.read_text())  # the lengths of heads, and more that it tells operators to set
    options += [*(word for one in told for word in one.rstrip(":").split()), *more]
    return Server([shutil.which("varnishd") or "varnishd", *options], port, folder / "out.log", probe="/healthz")


def _fill(name: str, file: Path, values: Mapping[str, str]) -> Path:
    text = (DEPLOY / name).read_text()
    for mark, value in values.items():
        assert mark in text, f"{name} has no {mark}"
        text = text.replace(mark, value)
    file.write_text(text)
    return file


def list_servers(field: Field, constant: Path) -> dict[str, Callable[[], Server]]:
    """How each server is started, by name."""
    return {
        "bare": lambda: field.uvicorn("bare", "bench.peers.bare:app", BENCH_CONSTANT=str(constant)),
        "raw": lambda: field.uvicorn("raw", "bench.peers.raw:app"),
        "cached": lambda: field.ours("cached"),
        "uncached": lambda: field.ours("uncached", cache_bytes=0),
        "sync": lambda: field.uvicorn("sync", "bench.peers.naive:create_sync_app"),
        "async": lambda: field.uvicorn("async", "bench.peers.naive:create_async_app"),
        "datasette": field.datasette,
        "roapi": field.roapi,
    }


def list_contenders(etag: str, ids: list[str]) -> list[Contender]:
    """All that is asked over and over."""
    compare = "/v1/compare?" + "&".join(f"id={one}" for one in ids[:3])
    return [
        Contender(BARE, "bare", Question("/")),
        Contender(CACHED, "cached", Question(PAGE), read_figures),
        Contender(CONFIRMED, "cached", Question(PAGE, tag=etag)),
        Contender(RAW, "raw", Question(NAIVE), read_rows),
        Contender(UNCACHED, "uncached", Question(PAGE), read_figures),
        Contender(UNSEEN, "uncached", Question(NEW)),
        Contender(TABLE_BY_YEAR, "uncached", Question(BY_YEAR)),
        Contender(COMPARISON, "uncached", Question(compare)),
        Contender(SYNC, "sync", Question(NAIVE), read_figures),
        Contender(ASYNC, "async", Question(NAIVE), read_figures),
        Contender(PREPARED, "datasette", Question(CANNED), read_rows),
        Contender(TABLE_PAGE, "datasette", Question(TABLE), read_table),
        Contender(ROAPI_SQL, "roapi", Question("/api/sql", body=SQL), read_rows),
        Contender(ROAPI_REST, "roapi", Question(REST), read_rows),
        Contender(SEARCH, "uncached", Question(FOUND), read_figures, "search"),
        Contender(SEARCH_DATASETTE, "datasette", Question(FOUND_DATASETTE), read_rows, "search"),
        Contender(SEARCH_NAIVE, "async", Question(FOUND_NAIVE), read_figures, "search"),
        Contender(FACETS, "uncached", Question(COUNTED), read_counts, "facets"),
        Contender(FACETS_DATASETTE, "datasette", Question(COUNTED_DATASETTE), read_counts, "facets"),
        Contender(FACETS_NAIVE, "async", Question(COUNTED_NAIVE), read_counts, "facets"),
        Contender(LONG, "uncached", Question(LONG_CSV), read_long, "long"),
        Contender(SDMX, "uncached", Question(SDMX_CSV), read_long, "long"),
        Contender(LONG_NAIVE, "async", Question(LONG_OF_ALL), read_long, "long"),
    ]
