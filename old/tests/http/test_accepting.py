"""Connections that wait are accepted at once, so that whoever asks too much can be refused (`misconduct.http.accepting`)."""

import asyncio
import os
import resource
import socket
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from multiprocessing import get_context

from misconduct.http import accepting
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


def run_apart(work):
    """Run it in a process of its own: this one has descriptors beyond the limits that it sets, and closes others."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        return apart.submit(run, work).result()


async def go_without_descriptors():
    accepting.PAUSE = 0.01
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    server = await listen()
    with socket.create_connection(server.sockets[0].getsockname()) as client:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
        for _ in range(TURNS):
            await asyncio.sleep(0.01)
        during = Greeter.made
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        said = await asyncio.get_running_loop().run_in_executor(None, client.recv, 5)
    server.close()
    return during, said


def test_without_a_descriptor_left_it_tries_again():
    assert run_apart(go_without_descriptors) == (0, b"hello")


async def connect_without_end():
    """Return how many of the last connections were closed, and whether the first was."""
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, host="127.0.0.1", port=0)
    where = server.sockets[0].getsockname()
    with ExitStack() as stack:
        first = stack.enter_context(socket.create_connection(where))
        for _ in range(TURNS):
            await asyncio.sleep(0.01)
        lowest = os.dup(0)
        os.close(lowest)
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + 4 + KEPT, hard))
        others = [stack.enter_context(socket.create_connection(where)) for _ in range(KEPT // 2)]
        for _ in range(TURNS):
            await asyncio.sleep(0.01)
        server.close()
        return sum(map(is_closed, others)), is_closed(first)


def is_closed(client):
    client.setblocking(False)
    with suppress(BlockingIOError):
        return client.recv(1) == b""
    return False


def test_connections_leave_descriptors_for_the_answers():
    """Whoever is connected gets a file, though others connect without end; those are told at once that it is full."""
    assert run_apart(connect_without_end) == (KEPT // 2, False)
