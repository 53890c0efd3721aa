"""Services with registers that tests make, each module with a database of its own."""

import psycopg
import pytest

from misconduct.db.embedded import EmbeddedPostgres

from ..conftest import Service


@pytest.fixture(scope="module")
def serve(request, small_home):
    """A function that starts a service with the register in a folder."""
    name = request.module.__name__.rpartition(".")[2]
    running = []

    with EmbeddedPostgres(small_home) as postgres:
        with psycopg.connect(postgres.url, autocommit=True) as owner:
            owner.execute(f"CREATE DATABASE {name}")
        url = postgres.url.replace("/misconduct?", f"/{name}?")

        def start(data):
            running.append(Service(small_home, data, MISCONDUCT_DATABASE_URL=url))
            return running[-1].wait()

        yield start
        for service in running:
            service.stop()
