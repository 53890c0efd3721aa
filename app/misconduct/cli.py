"""The command `misconduct`."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from misconduct.errors import DatabaseError, MisconductError, ReleaseError
from misconduct.settings import Settings

app = typer.Typer(
    help="Keep and serve a register of published police misconduct statistics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(stderr=True, highlight=False, soft_wrap=True)

DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder of the register. Default: MISCONDUCT_DATA, or data.")
]

GONE_SECONDS = 10
"""How long our own Postgres may be gone before the service ends."""


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port to listen on.", envvar="PORT")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="Number of processes.")] = 1,
    data: DataFolder = None,
) -> None:
    """Load the releases and answer requests. Example: misconduct serve --port 8080"""
    settings = _settings(data)
    if "MISCONDUCT_PUBLIC_URL" not in os.environ:
        os.environ["MISCONDUCT_PUBLIC_URL"] = f"http://localhost:{port}"
    os.environ["MISCONDUCT_DATA"] = str(settings.data)
    if settings.database_url:
        _load(settings.database_url, settings.data, may_drop=False)
        _run(host, port, workers)
        return
    from misconduct.db.embedded import EmbeddedPostgres

    with EmbeddedPostgres(settings.home) as postgres:
        os.environ["MISCONDUCT_DATABASE_URL"] = postgres.url
        _load(postgres.url, settings.data, may_drop=True)
        watch = Watch(postgres.is_running)
        watch.start()
        _run(host, port, workers)
        if watch.is_gone:
            raise DatabaseError(f"The database in {settings.home} has been gone for {GONE_SECONDS} seconds.")


class Watch(threading.Thread):
    """End the service when a server has not answered for a while."""

    def __init__(self, answers: Callable[[], bool]) -> None:
        super().__init__(daemon=True)
        self.answers, self.is_gone = answers, False

    def run(self) -> None:
        """Ask every second; interrupt the process as Ctrl-C does when the server is gone."""
        last = time.monotonic()
        while time.monotonic() - last < GONE_SECONDS:
            time.sleep(1)
            if self.answers():
                last = time.monotonic()
        self.is_gone = True
        os.kill(os.getpid(), signal.SIGINT)


def _run(host: str, port: int, workers: int) -> None:
    import uvicorn

    console.print(f"Answering at http://localhost:{port}; Ctrl-C stops.")
    uvicorn.run(
        "misconduct.main:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        ws="none",
        access_log=False,
        log_level="warning",
        limit_concurrency=200,
        server_header=False,
    )


def _load(url: str, data: Path, *, may_drop: bool) -> list[str]:
    from misconduct.db.load import load as load_releases

    with console.status("looking for releases") as status:
        return load_releases(url, data, may_drop=may_drop, progress=status.update)


@app.command()
def load(data: DataFolder = None) -> None:
    """Load the releases into the Postgres that MISCONDUCT_DATABASE_URL names. Example: misconduct load"""
    settings = _settings(data)
    if settings.database_url is None:
        raise DatabaseError(
            "Name a database in MISCONDUCT_DATABASE_URL. `misconduct serve` starts one of its own and loads it."
        )
    loaded = _load(settings.database_url, settings.data, may_drop=False)
    typer.echo(f"loaded: {', '.join(loaded)}" if loaded else "Every release is loaded already.")


@app.command()
def check(data: DataFolder = None) -> None:
    """Check the register and name every mistake with its place. Example: misconduct check --data data"""
    from misconduct.register.check import read_register

    register = read_register(_settings(data).data)
    records = sum(map(len, register.records.values()))
    typer.echo(f"{len(register.figures)} figures and {records} other records: no mistakes")


@app.command("verify-release")
def verify_release(
    data: DataFolder = None,
    digest: Annotated[str | None, typer.Option(help="A digest that one of the releases must have.")] = None,
) -> None:
    """Verify that the releases are as they were released. Example: misconduct verify-release --digest 3fa0…"""
    from misconduct.releases.folder import list_releases
    from misconduct.releases.verify import verify_releases

    folder = _settings(data).data
    problems = verify_releases(folder)
    if problems:
        raise ReleaseError("\n".join(problems))
    listed = list_releases(folder)
    if digest and digest not in {one.digest for one in listed}:
        raise ReleaseError(f"None of the releases has the digest {digest}.")
    for one in listed:
        typer.echo(f"{one.number}  {one.day}  {one.digest}")


@app.command()
def openapi(
    path: Annotated[Path, typer.Option("--out", help="File to write.")] = Path("openapi/openapi.json"),
) -> None:
    """Write the OpenAPI document. Example: misconduct openapi --out openapi.json"""
    from misconduct.main import create_api

    path.write_text(json.dumps(create_api().openapi(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _settings(data: Path | None) -> Settings:
    """Read the settings. Raises MisconductError that names every wrong one."""
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = [f"MISCONDUCT_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors()]
        raise MisconductError("\n".join(wrong)) from error
    return settings.model_copy(update={"data": data}) if data else settings


def main() -> None:
    """Run a command. An expected error is printed as it is, and the exit status is 1."""
    try:
        app()
    except MisconductError as error:
        console.print(str(error), markup=False)
        sys.exit(1)
