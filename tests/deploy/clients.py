"""Clients that send bytes as they like."""

import socket
from contextlib import ExitStack, contextmanager, suppress


@contextmanager
def connecting(source=""):
    """Yield what opens a connection to a service, from an address, and sends bytes. It ends with the block."""
    with ExitStack() as stack:

        def connect(service, sent):
            place = ("127.0.0.1", int(service.url.rpartition(":")[2]))
            made = socket.create_connection(
                place, timeout=60, source_address=(source, 0)
            )
            stack.enter_context(made).sendall(sent)
            return made

        yield connect


def read(connection):
    """Return all that comes until the other side ends the connection."""
    received = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65_536):
            received += piece
    return received
