"""Connections that wait are accepted at once, so that whoever asks too much can be refused (`misconduct.http.accepting`)."""

import asyncio
import os
import resource
import socket
from contextlib import ExitStack, suppress

import pytest

from misconduct.http.accepting import ACCEPTED_AT_ONCE, KEPT, Loop

TURNS = 6  # of the loop: to see that the socket is ready, to accept, and to open what was accepted


class Greeter(asyncio.Protocol):
    made = 0
    has_delay = None

    def connection_made(self, transport):
        Greeter.made += 1
        sock = transport.get_extra_info("socket")
        Greeter.has_delay = not sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        transport.write(b"hello")
        transport.close()


def run(work):
    Greeter.made = 0
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work())


async def listen(**where):
    return await asyncio.get_running_loop().create_server(Greeter, **where or {"host": "127.0.0.1", "port": 0})


def test_all_who_wait_are_accepted_in_a_few_turns():
    async def work():
        server = await listen()
        with ExitStack() as stack:
            for _ in range(ACCEPTED_AT_ONCE):  # without giving the loop a turn
                stack.enter_context(socket.create_connection(server.sockets[0].getsockname()))
            for _ in range(TURNS):
                await asyncio.sleep(0)
            server.close()
            await server.wait_closed()

    run(work)
    assert Greeter.made == ACCEPTED_AT_ONCE
    assert Greeter.has_delay is False


def test_it_listens_on_a_socket_that_is_given_and_no_more_once_it_is_closed():
    async def work():
        with socket.create_server(("127.0.0.1", 0)) as given:
            address = given.getsockname()
            server = await listen(sock=given)
            reader, writer = await asyncio.open_connection(*address)
            said = await reader.read()
            writer.close()
            server.close()
            server.close()  # as uvicorn does, which closes the socket itself too
            await server.wait_closed()
        try:
            socket.create_connection(address).close()
        except ConnectionRefusedError:
            return said
        return None

    assert run(work) == b"hello"


def test_without_a_descriptor_left_it_tries_again(monkeypatch):
    monkeypatch.setattr("misconduct.http.accepting.PAUSE", 0.01)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def work():
        server = await listen()
        with socket.create_connection(server.sockets[0].getsockname()) as client:
            resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
            try:
                for _ in range(TURNS):
                    await asyncio.sleep(0.01)
                during = Greeter.made
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            said = await asyncio.get_running_loop().run_in_executor(None, client.recv, 5)
        server.close()
        return during, said

    assert run(work) == (0, b"hello")


def test_connections_leave_descriptors_for_the_answers():
    """Whoever is connected gets a file, though others connect without end; those are told at once that it is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    class Silent(asyncio.Protocol):
        pass

    async def work():
        server = await asyncio.get_running_loop().create_server(Silent, host="127.0.0.1", port=0)
        where = server.sockets[0].getsockname()
        with ExitStack() as stack:
            first = stack.enter_context(socket.create_connection(where))
            for _ in range(TURNS):
                await asyncio.sleep(0.01)
            lowest = os.dup(0)
            os.close(lowest)
            last = lowest + 4
            resource.setrlimit(resource.RLIMIT_NOFILE, (last + KEPT, hard))
            stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
            others = [stack.enter_context(socket.create_connection(where)) for _ in range(KEPT // 2)]
            for _ in range(TURNS):
                await asyncio.sleep(0.01)
            closed = 0
            for one in others:
                one.setblocking(False)
                with suppress(BlockingIOError):
                    closed += one.recv(1) == b""
            first.setblocking(False)
            with pytest.raises(BlockingIOError):
                first.recv(1)
            server.close()
        return closed

    assert run(work) == KEPT // 2
