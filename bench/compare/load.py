"""A load generator that costs little: one thread, non-blocking sockets, replies counted and not parsed.

A request costs it some 50 µs of a core, a result in a stream some 2 µs; its CPU time is reported beside every figure.
"""

import collections
import dataclasses
import math
import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence

from measures import arrivals

REPLY_S = 60
READ_BYTES = 1 << 18
Address = tuple[str, int]


class Reply:
    """Takes a reply piece by piece: with a Content-Length or in chunks."""

    def __init__(self) -> None:
        self.rest, self.status, self.body, self.done = b"", 0, bytearray(), False
        self.length: int | None = None  # of the body, or of the chunk under way, that is still to come
        self.chunked, self.ended = False, False

    def feed(self, data: bytes) -> None:
        self.rest += data
        if not self.status and not self._head():
            return
        if not self.chunked:
            self._take()
            self.done = self.length == 0
            return
        while not self.done and self._chunk():
            pass

    def _head(self) -> bool:
        head, blank, rest = self.rest.partition(b"\r\n\r\n")
        if not blank:
            return False
        self.rest, lines = rest, head.lower().split(b"\r\n")
        fields = dict(line.split(b":", 1) for line in lines[1:])
        self.status, self.chunked = int(lines[0].split()[1]), b"chunked" in fields.get(b"transfer-encoding", b"")
        self.length = None if self.chunked else int(fields[b"content-length"])
        return True

    def _take(self) -> None:
        part = self.rest[:self.length]
        self.body += part
        self.rest, self.length = self.rest[len(part):], self.length - len(part)

    def _chunk(self) -> bool:
        """Whether there is more to be done with what is here."""
        if self.length is None:
            size, line_end, rest = self.rest.partition(b"\r\n")
            if not line_end:
                return False
            self.length, self.rest = int(size.partition(b";")[0], 16), rest
            self.ended = self.length == 0
        if self.length:
            self._take()
        if self.length or len(self.rest) < 2:
            return False
        self.rest, self.length = self.rest[2:], None  # the line end behind a chunk; there are no trailers here
        self.done = self.ended
        return True


class Connection:
    def __init__(self, address: Address):
        self.address, self.request, self.asked = address, b"", False
        self.reply, self.due, self.scanned = Reply(), 0.0, 0
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(self.address, REPLY_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.fresh = True  # nothing has been answered on it yet

    def send(self, request: bytes, due: float) -> None:
        """Requests are small next to a socket's buffer, or few: sending may block."""
        self.reply, self.due, self.scanned, self.asked, self.request = Reply(), due, 0, True, request
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Whether the reply is whole."""
        data = self.socket.recv(READ_BYTES)
        if not data:
            raise ConnectionError("the server closed a connection before its reply was whole")
        self.reply.feed(data)
        self.fresh, self.asked = False, not self.reply.done
        return self.reply.done

    def results(self, mark: bytes) -> int:
        """How many results have come since this was asked; `mark` stands once in each."""
        body = self.reply.body
        count = body.count(mark, self.scanned)
        self.scanned = max(body.rfind(mark, self.scanned) + len(mark) if count else self.scanned, len(body) - len(mark) + 1)
        return count


@dataclasses.dataclass
class Outcome:
    images: int = 0
    seconds: float = 0.0
    failed: int = 0  # replies that are no 200
    latencies_ms: list[float] = dataclasses.field(default_factory=list)  # of whole replies
    client_cpu_s: float = 0.0
    unanswered: int = 0  # open loop: due, and not answered when the time was over

    @property
    def rate(self) -> float:
        return self.images / self.seconds if self.seconds else math.nan


def connect(addresses: Sequence[Address], count: int) -> list[Connection]:
    """Spread evenly over the addresses, as a balancer that costs nothing would do it."""
    return [Connection(addresses[i % len(addresses)]) for i in range(count)]


def close(connections: Sequence[Connection]) -> None:
    for connection in connections:
        connection.socket.close()


def closed_loop(addresses: Sequence[Address], count: int, requests: Iterator[bytes], mark: bytes, ramp_s: float, seconds: float,
                at_start: Callable[[], None] = lambda: None, at_end: Callable[[], None] = lambda: None) -> Outcome:
    """`count` clients, each of which sends its next request as soon as it has the reply to the one before. What comes in `ramp_s`
    is not counted; `at_start` and `at_end` are called where the counting begins and ends."""
    outcome, connections = Outcome(), connect(addresses, count)
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(requests), time.perf_counter())
        began = time.perf_counter() + ramp_s
        counting, cpu = False, 0.0
        while (now := time.perf_counter()) < began + seconds:
            if not counting and now >= began:
                for connection in connections:
                    connection.results(mark)
                at_start()
                counting, began, cpu = True, time.perf_counter(), time.process_time()
            for key, _ in selector.select(0.05):
                connection: Connection = key.data
                whole = connection.receive()
                if counting:
                    outcome.images += connection.results(mark)
                if whole:
                    if counting:
                        outcome.failed += connection.reply.status != 200
                        outcome.latencies_ms.append(1000 * (time.perf_counter() - connection.due))
                    connection.send(next(requests), time.perf_counter())
        outcome.seconds, outcome.client_cpu_s = time.perf_counter() - began, time.process_time() - cpu
        at_end()
    close(connections)
    return outcome


class Pool:
    """Connections, of which some are idle. One that the server closes meanwhile is opened anew, and asked again what was not
    even begun to be answered on the old one, as clients do it that keep connections."""

    def __init__(self, addresses: Sequence[Address], count: int, selector: selectors.BaseSelector):
        self.all, self.selector = connect(addresses, count), selector
        self.idle = collections.deque(self.all)
        for connection in self.all:
            selector.register(connection.socket, selectors.EVENT_READ, connection)

    def reopen(self, connection: Connection) -> None:
        self.selector.unregister(connection.socket)
        connection.socket.close()
        connection.open()
        self.selector.register(connection.socket, selectors.EVENT_READ, connection)

    def ask(self, request: bytes, due: float) -> None:
        """The one that is idle for longest, so that all are used alike."""
        connection = self.idle.popleft()
        try:
            connection.send(request, due)
        except ConnectionError:
            self.reopen(connection)
            connection.send(request, due)

    def answered(self, connection: Connection) -> bool:
        """Whether it has a whole reply."""
        try:
            return connection.receive()
        except ConnectionError:
            if connection.asked and (connection.fresh or connection.reply.status):
                raise
            self.reopen(connection)
            if connection.asked:
                connection.send(connection.request, connection.due)
            return False


def open_loop(addresses: Sequence[Address], most: int, requests: Iterator[bytes], mark: bytes, rate: float, seconds: float,
              patience_s: float = 10) -> Outcome:
    """Requests at a fixed rate, over up to `most` connections. A latency begins when its request was due, not when there was a
    connection for it: waiting is not hidden. Those that are not answered `patience_s` after the last was due count as that late."""
    outcome, due, waiting = Outcome(), collections.deque(arrivals(rate, seconds)), collections.deque()
    cpu = time.process_time()
    with selectors.DefaultSelector() as selector:
        pool = Pool(addresses, most, selector)
        began = time.perf_counter()
        while (due or waiting or len(pool.idle) < most) and (now := time.perf_counter() - began) < seconds + patience_s:
            while due and due[0] <= now:
                waiting.append(due.popleft())
            while waiting and pool.idle:
                pool.ask(next(requests), began + waiting.popleft())
            pause = max(due[0] - (time.perf_counter() - began), 0) if due else 0.05
            for key, _ in selector.select(pause):
                connection: Connection = key.data
                if pool.answered(connection):
                    outcome.images += connection.results(mark)
                    outcome.failed += connection.reply.status != 200
                    outcome.latencies_ms.append(1000 * (time.perf_counter() - connection.due))
                    pool.idle.append(connection)
        outcome.seconds, outcome.client_cpu_s = time.perf_counter() - began, time.process_time() - cpu
        outcome.unanswered = most - len(pool.idle) + len(waiting) + len(due)
        close(pool.all)
    outcome.latencies_ms += [1000 * patience_s] * outcome.unanswered
    return outcome


def one_by_one(address: Address, requests: Iterator[bytes], mark: bytes, seconds: float,
               look: Callable[[bytes], None] = lambda body: None) -> Outcome:
    """One client, one request at a time; `look` is shown each reply, outside of its time."""
    outcome, connection = Outcome(), Connection(address)
    end, cpu = time.perf_counter() + seconds, time.process_time()
    began = time.perf_counter()
    while time.perf_counter() < end:
        connection.send(next(requests), time.perf_counter())
        while not connection.receive():
            pass
        outcome.latencies_ms.append(1000 * (time.perf_counter() - connection.due))
        outcome.images += connection.results(mark)
        outcome.failed += connection.reply.status != 200
        look(bytes(connection.reply.body))
    outcome.seconds, outcome.client_cpu_s = time.perf_counter() - began, time.process_time() - cpu
    close([connection])
    return outcome
