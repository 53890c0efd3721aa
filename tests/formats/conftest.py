import pytest


@pytest.fixture(scope="session")
def client(small):
    """A client of the service with the small register."""
    return small.client
