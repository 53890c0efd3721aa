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

from misconduct.event_log import log
from misconduct.http.protocol import OpenConnections

ACCEPTED_AT_ONCE = 100  # of a turn: workers share a socket, and one should not take all
KEPT = 64  # descriptors that no connection gets: whoever is admitted needs files, processes and the database
MOST = 16_384  # descriptors, where the system would give more: an idle connection takes 10 kB
WANTED = 4_096  # descriptors, where the process may have more than it was given: a shell and most containers give 1,024
Make = Callable[[], asyncio.Protocol]
PAUSE = 1.0  # seconds until the next try where the process has no descriptor left
MOMENT = 0.01  # seconds until the descriptor of a connection that was closed for another one is free
MOST_EXCHANGED = 16  # at a time: until then each has one of those that are kept
SAID_AGAIN = 60.0  # seconds until the log says again that connections are refused


class Loop(uvloop.Loop):
    """uvloop, which accepts in its own way only where it is asked for TLS, and knows its open connections."""

    def __init__(self) -> None:
        super().__init__()
        self.open_connections = OpenConnections()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if 0 <= soft < (wanted := min(WANTED, hard) if hard >= 0 else WANTED):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

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
        self._exchanged = 0
        self._said = float("-inf")
        for sock in sockets:
            sock.setblocking(False)
            sock.listen(backlog)
            self._watch(sock)

    def _watch(self, sock: socket.socket) -> None:
        if sock.fileno() >= 0:
            self._loop.add_reader(sock.fileno(), self._accept, sock)

    def _accept(self, sock: socket.socket) -> None:
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        last = min(max(most - KEPT, most // 2), MOST) if most > 0 else MOST
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                connection, _ = sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # no descriptor or no memory is left: those who are connected come first
                self._loop.remove_reader(sock.fileno())
                self._loop.call_later(PAUSE, self._watch, sock)
                return
            is_full = connection.fileno() >= last  # the lowest that was free
            if is_full and not self._has_made_room(last):
                connection.close()
                continue
            self._exchanged += is_full
            opening = self._loop.create_task(self._exchange(connection, last) if is_full else self._open(connection))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)

    def _has_made_room(self, most: int) -> bool:
        has = self._exchanged < MOST_EXCHANGED and self._loop.open_connections.make_room(most)
        if self._loop.time() >= self._said + SAID_AGAIN:
            self._said = self._loop.time()
            done = "the oldest idle one of who has most is closed for each" if has else "they are refused"
            log.warning("too many connections", reason=f"no descriptor is left for more: {done}", descriptors=most)
        return has

    async def _exchange(self, connection: socket.socket, last: int) -> None:
        """Open a connection with the descriptor of the one that was closed for it."""
        try:
            await asyncio.sleep(MOMENT)
            with connection:
                moved = connection.dup()
        except OSError:
            return
        finally:
            self._exchanged -= 1
        if moved.fileno() >= last:  # another one was faster
            moved.close()
        else:
            await self._open(moved)

    async def _open(self, connection: socket.socket) -> None:
        connection.setblocking(False)
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
