"""An imposter origin: an HTTP server whose every reply, good or rude, is chosen by the test.

It speaks raw bytes, since a real server library would refuse to lie. It lives in a thread of the test's process and
counts what reaches it, so that a test can say "no connection was made". Nothing in it waits for time to pass: tests
wait for counts (`wait_until`), replies wait for gates.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable

TLS_HANDSHAKE = b"\x16"
WAIT_S = 30  # a test that waits so long for a request has failed


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    number: int  # 1 for the first request of this path, 2 for the second, ...


@dataclasses.dataclass
class Exchange:
    """One request and the means to answer it. Afterwards the connection stays open, unless `hang_up` was called."""

    request: Request
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    open: bool = True

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def client_gone(self) -> None:
        """Returns when the client has closed the connection."""
        while await self.reader.read(4096):
            pass
        self.open = False

    def hang_up(self) -> None:
        self.open = False


Handler = Callable[[Exchange], Awaitable[None]]


class Gate:
    """Holds replies back until the test opens it."""

    def __init__(self, loop: asyncio.AbstractEventLoop):
        self._loop = loop
        self._event = asyncio.Event()

    async def passed(self) -> None:
        await self._event.wait()

    def open(self) -> None:
        self._loop.call_soon_threadsafe(self._event.set)


class Origin:
    """An origin on a random port of `hosts`, or on `port`; a context manager.

    Counters may be read from the test's thread at any time: connections (accepted so far), open_connections,
    peak_connections, in_progress and peak_in_progress (requests whose reply is not complete), and the list `requests`.
    """

    def __init__(self, hosts: tuple[str, ...] = ("127.0.0.1",), tls: ssl.SSLContext | None = None, port: int = 0):
        self._hosts = hosts
        self._tls = tls
        self._handlers: dict[str, Handler] = {}
        self._changed = threading.Condition()
        self.connections = self.open_connections = self.peak_connections = 0
        self.in_progress = self.peak_in_progress = 0
        self.requests: list[Request] = []
        self._by_path: collections.Counter[str] = collections.Counter()
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task] = set()
        self._sockets = _bind_one_port(hosts, port)
        self.port: int = self._sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._run, name=f"origin-{self.port}", daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Origin:
        self._thread.start()
        assert self._ready.wait(WAIT_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)

    @property
    def base(self) -> str:
        host = self._hosts[0]
        return f"{'https' if self._tls else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}"

    def serve(self, path: str, handler: Handler) -> str:
        """Answers `path` (its query does not count) by `handler`; the whole URL."""
        self._handlers[path] = handler
        return self.base + path

    def gate(self) -> Gate:
        return Gate(self._loop)

    def count(self, path: str) -> int:
        """How many requests `path` has had."""
        with self._changed:
            return self._by_path[path]

    def wait_until(self, holds: Callable[[Origin], bool]) -> None:
        """Returns when `holds(self)`, which is tried at each change of a counter."""
        with self._changed:
            assert self._changed.wait_for(lambda: holds(self), WAIT_S), f"never came: {self.requests}"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        servers = [
            self._loop.run_until_complete(asyncio.start_server(self._connected, sock=s, ssl=self._tls))
            for s in self._sockets
        ]
        self._ready.set()
        self._loop.run_forever()
        for server in servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self._count(connections=1, open_connections=1)
        try:
            while request := await self._next_request(reader):
                if not await self._answer(Exchange(request, reader, writer)):
                    return
            writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, as is its right, or the test is over
        finally:
            self._tasks.discard(task)
            self._count(open_connections=-1)
            writer.close()

    async def _answer(self, exchange: Exchange) -> bool:
        self._count(in_progress=1)
        try:
            path = exchange.request.target.partition("?")[0]
            handler = self._handlers.get(path, self._handlers.get("*"))
            if handler is None:
                await exchange.send(b"HTTP/1.1 418 No Such Path\r\nContent-Length: 0\r\n\r\n")
            else:
                await handler(exchange)
        finally:
            self._count(in_progress=-1)
        return exchange.open

    async def _next_request(self, reader: asyncio.StreamReader) -> Request | None:
        first_byte = await reader.readexactly(1)
        if first_byte == TLS_HANDSHAKE:  # to a port of plain HTTP; real servers say so and close
            return None
        head = first_byte + await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        path = target.partition("?")[0]
        with self._changed:
            self._by_path[path] += 1
            request = Request(method, target, headers, self._by_path[path])
            self.requests.append(request)
            self._changed.notify_all()
        return request

    def _count(self, **changes: int) -> None:
        with self._changed:
            for name, change in changes.items():
                setattr(self, name, getattr(self, name) + change)
            self.peak_connections = max(self.peak_connections, self.open_connections)
            self.peak_in_progress = max(self.peak_in_progress, self.in_progress)
            self._changed.notify_all()


def _bind_one_port(hosts: tuple[str, ...], wanted: int) -> list[socket.socket]:
    """Listening sockets of all `hosts`, all with the same port; 0 is a random one."""
    for _ in range(50):
        sockets = []
        port = wanted
        try:
            for host in hosts:
                sockets.append(_bind(host, port))
                port = sockets[0].getsockname()[1]
            return sockets
        except OSError:
            for s in sockets:
                s.close()
    raise OSError(f"no port is free on all of {hosts}")


def _bind(host: str, port: int) -> socket.socket:
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if ":" in host:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind((host, port))
    s.listen(512)
    return s


def has_ipv6() -> bool:
    """Whether this machine has the address ::1."""
    try:
        _bind("::1", 0).close()
        return True
    except OSError:
        return False


def free_port() -> int:
    """A port of 127.0.0.1 where nobody listens."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
