"""Run what the service is compared with: naive services, Datasette, and COPY."""

import json
import re
import time
from importlib.util import find_spec
from pathlib import Path

import httpx
import psycopg

from bench import naive
from bench.servers import UVICORN, Service
from misconduct.model.points import DEFAULT_NAMES

COPY_OUT = f"""COPY (SELECT {", ".join(f'"{name}"' for name in DEFAULT_NAMES)} FROM points
    WHERE indicator = '{{}}' ORDER BY nth) TO STDOUT WITH CSV HEADER"""
TABLES = ("observations", "records", "versions", "points")
COLUMNS = """
    SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', '
        ORDER BY attnum)
    FROM pg_attribute WHERE attrelid = '{}'::regclass AND attnum > 0"""
INDEXES = """
    SELECT replace(indexdef, schemaname || '.', '') FROM pg_indexes
    WHERE tablename = '{}' AND schemaname <> 'public'"""
DATASETTE_CSV = "/figures/figures.csv?_stream=1&"
DATASETTE = "/figures/figures.json?_shape=objects&_size=10&_sort_desc=period_end&"


class Rivals:
    """What the service is compared with, on the same figures."""

    def __init__(
        self, folder: Path, urls: dict[str, str], copied: str, answer: httpx.Response
    ) -> None:
        self.folder, self.copied = folder, copied
        self.many = naive.find_tables(urls["many"])
        naive.fill(urls["few"])
        kept = folder / "answer.json"
        headers = answer.headers.multi_items()
        kept.write_text(json.dumps([headers, answer.text]), encoding="utf-8")
        words = [*UVICORN, "bench.naive:bare"]
        self.bare = Service(folder / "bare.log", words, BENCH_ANSWER=str(kept))
        words, url = [*UVICORN, "bench.naive:app"], urls["few"]
        self.naive = Service(folder / "naive.log", words, BENCH_DATABASE_URL=url)
        self.bare.wait("/")
        self.naive.wait("/docs")
        self.datasette: Service | None = None
        if find_spec("datasette"):
            naive.fill_sqlite(urls["few"], folder / "figures.db")
            words = ["-m", "datasette", "serve", str(folder / "figures.db")]
            self.datasette = Service(folder / "datasette.log", words)
            self.datasette.wait("/-/versions.json")

    def write(self, paths: list[str], service: Service) -> list[str]:
        """Return addresses as a service reads them."""
        return [*map(_in_datasette, paths)] if service is self.datasette else paths

    @property
    def size(self) -> float:
        """The kB of the database with many figures."""
        with psycopg.connect(self.many) as connection:
            asked = "SELECT pg_database_size(current_database()) / 1024.0"
            [[size]] = connection.execute(asked).fetchall()
        return float(size)

    def copy_out(self, indicator: str) -> float:
        """Return the seconds of a COPY of what the CSV has, in its order."""
        begun = time.perf_counter()
        with (
            psycopg.connect(self.many) as connection,
            connection.cursor().copy(COPY_OUT.format(indicator)) as rows,
        ):
            for _ in rows:
                pass
        return time.perf_counter() - begun

    def copy_in(self) -> float:
        """Return the seconds of a COPY of all rows, and of the same indexes."""
        return sum(map(self._copy_table, TABLES))

    def _copy_table(self, name: str) -> float:
        kept = self.folder / f"{name}.copy"
        with psycopg.connect(self.many) as source, kept.open("wb") as file:
            [[columns]] = source.execute(COLUMNS.format(name)).fetchall()
            indexes = source.execute(INDEXES.format(name)).fetchall()
            with source.cursor().copy(f"COPY {name} TO STDOUT") as rows:
                file.writelines(rows)
        begun = time.perf_counter()
        with psycopg.connect(self.copied) as target, kept.open("rb") as file:
            target.execute(f"CREATE TABLE {name} ({columns})")
            with target.cursor().copy(f"COPY {name} FROM STDIN") as writer:
                while block := file.read(1 << 20):
                    writer.write(block)
            for (statement,) in indexes:
                target.execute(statement)
        return time.perf_counter() - begun

    def stop(self) -> None:
        for service in (self.bare, self.naive, self.datasette):
            if service:
                service.stop()


def _in_datasette(path: str) -> str:
    """Write a question in the words of Datasette."""
    asked = path.partition("limit=10&")[2]
    years = re.sub(r"year=(\d+)\.\.(\d+)", r"year__gte=\1&year__lte=\2", asked)
    return DATASETTE + years.replace("area=", "area_code__in=")
