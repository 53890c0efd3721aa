"""Accept every connection that waits, so that whoever asks is answered or refused at once.

uvloop accepts one connection for each turn of its loop (libuv since 1.46), and a turn may hold the work of all requests
that are let in. In a burst of new connections those behind then wait in the kernel, where neither `Limits` can refuse
them nor an answer from memory overtake them: with 300 at once another client waited for 13 s, and for 1 s with this.
"""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Callable
from typing import Any

import uvloop

ACCEPTED_AT_ONCE = 100  # of a turn: workers share a socket, and one should not take all
KEPT = 64  # descriptors that no connection gets: whoever is admitted needs files, processes and the database
Make = Callable[[], asyncio.Protocol]
PAUSE = 1.0  # seconds until the next try where the process has no descriptor left


class Loop(uvloop.Loop):
    """uvloop, which accepts in its own way only where it is asked for TLS."""

    async def create_server(self, protocol_factory: Any, *args: Any, backlog: int = 100, **options: Any) -> Any:
        """Listen as `asyncio` says: on a host and a port, or on `sock`."""
        if options.get("ssl") is not None:
            return await super().create_server(protocol_factory, *args, backlog=backlog, **options)
        bound: Any = await super().create_server(protocol_factory, *args, **options, start_serving=False)
        sockets = tuple(socket.fromfd(one.fileno(), one.family, one.type) for one in bound.sockets)
        bound.close()
        return Listener(self, sockets, backlog, protocol_factory)


class Listener:
    """Listening sockets, and the connections that are being accepted."""

    def __init__(self, loop: Loop, sockets: tuple[socket.socket, ...], backlog: int, make: Make) -> None:
        self.sockets = sockets
        self._loop, self._make = loop, make
        self._opening = set[asyncio.Task[Any]]()
        for sock in sockets:
            sock.setblocking(False)
            sock.listen(backlog)
            self._watch(sock)

    def _watch(self, sock: socket.socket) -> None:
        if sock.fileno() >= 0:
            self._loop.add_reader(sock.fileno(), self._accept, sock)

    def _accept(self, sock: socket.socket) -> None:
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        last = max(most - KEPT, most // 2)
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                connection, _ = sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # no descriptor or no memory is left: those who are connected come first
                self._loop.remove_reader(sock.fileno())
                self._loop.call_later(PAUSE, self._watch, sock)
                return
            if connection.fileno() >= last > 0:  # the lowest that was free; without a limit it is -1
                connection.close()
                continue
            connection.setblocking(False)
            opening = self._loop.create_task(self._open(connection))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)

    async def _open(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._make, connection)
        except OSError:  # the client has gone already
            connection.close()

    def close(self) -> None:
        """Accept no more; the connections stay."""
        for sock in self.sockets:
            if sock.fileno() >= 0:
                self._loop.remove_reader(sock.fileno())
                sock.close()

    async def wait_closed(self) -> None:
        """Wait for the connections that are being opened."""
        if self._opening:
            await asyncio.wait(self._opening)
