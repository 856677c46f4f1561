"""`curlew service`, running, and a thin client of it: one connection a request, streams piece by piece."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from description import Description
from program import Curlew

WAIT_S = 60  # what takes longer hangs
LISTENS = re.compile(r"(?:Curlew listens|worker answers probes) at (https?)://([^ ]+):(\d+) ")
PROBLEM = "application/problem+json"
NDJSON, EVENTS = "application/x-ndjson", "text/event-stream"


def toml(config: dict[str, dict[str, object]]) -> str:
    """Sections of keys as TOML; JSON's texts, numbers, lists and booleans are TOML's too."""
    return "".join(
        f"[{section}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        for section, keys in config.items()
    )


@dataclasses.dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def results(self) -> list[dict]:
        assert self.status == 200, self.body
        return self.json["results"]

    @property
    def problem(self) -> dict:
        """The body of an error, which says about itself what its head says."""
        assert self.headers["Content-Type"] == PROBLEM, (self.status, self.body)
        problem = self.json
        assert problem["status"] == self.status and problem["request_id"] == self.headers["X-Request-Id"]
        assert problem["detail"] and problem["title"] and problem["type"]
        if self.status in (429, 503):
            assert int(self.headers["Retry-After"]) >= 1
        return problem

    @property
    def refusal(self) -> tuple[int, str]:
        return self.status, self.problem["code"]


@dataclasses.dataclass(frozen=True)
class Event:
    name: str
    id: str | None
    data: dict


class Stream:
    """The answer of a request while it comes; a context manager that goes away at its end."""

    def __init__(self, connection: http.client.HTTPConnection):
        self._connection = connection
        self._socket = connection.sock  # which the connection forgets when the answer is its last

    def begin(self) -> Stream:
        """Waits for the answer's head."""
        self._response = self._connection.getresponse()
        self.status, self.headers = self._response.status, self._response.headers
        return self

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def lines(self) -> Iterator[dict]:
        """NDJSON, to the end of the stream."""
        while line := self._response.readline():
            yield json.loads(line)

    def events(self) -> Iterator[Event]:
        """Server-sent events, to the end of the stream; comments and `retry` are passed over."""
        fields: dict[str, str] = {}
        while line := self._response.readline().decode():
            name, colon, value = line.rstrip("\n").partition(": ")
            if line == "\n" and "data" in fields:
                yield Event(fields["event"], fields.get("id"), json.loads(fields["data"]))
            if line == "\n":
                fields = {}
            elif colon and name:
                fields[name] = value

    def rest(self) -> bytes:
        return self._response.read()


class Service:
    """The service in a process of its own, on a port that it chose; a context manager. It must end with `status`."""

    def __init__(
        self,
        curlew: Curlew,
        config: pathlib.Path,
        env: dict[str, str | None] | None = None,
        options: Sequence[str] = (),
        subcommand: str = "service",
    ):
        self.key: str | None = None  # for `Authorization`
        self.ca: pathlib.Path | None = None  # who signed the certificate of HTTPS
        self.log: list[str] = []
        self._description: Description | None = None
        self._changed = threading.Condition()
        self._closed = self._told_to_stop = False
        self.status = 0  # that it is to end with, where nothing kills it
        # What the tests' environment says of models would go before the file.
        env = {"CURLEW_MODELS_CLASSIFY": None} | (env or {})
        self.process = curlew.start(subcommand, *options, config, env=env, stdout=subprocess.DEVNULL)
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        try:
            listens = LISTENS.search(self.wait_for_log(LISTENS))
        except AssertionError:
            self.process.kill()
            self.process.wait()
            raise
        self.scheme, self.host, self.port = listens.group(1), listens.group(2), int(listens.group(3))

    @property
    def base(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    def __enter__(self) -> Service:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.process.poll() is None and not self._told_to_stop:
            self.terminate()
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        if kind is None:
            assert status in (self.status, -signal.SIGKILL), self.log

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.wait()

    def terminate(self) -> None:
        self._told_to_stop = True  # told twice, it ends at once
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        status = self.process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        return status

    def wait_for_log(self, pattern: re.Pattern[str]) -> str:
        """The first line of standard error with `pattern`."""

        def found() -> str | None:
            return next((line for line in self.log if pattern.search(line)), None)

        with self._changed:
            self._changed.wait_for(lambda: found() or self._closed, WAIT_S)
            line = found()
        assert line, f"no line with {pattern.pattern}: {self.log}"
        return line

    def suspend(self) -> None:
        """It does nothing until it is told to go on, as on a machine that hangs."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def ready(self) -> Service:
        self.until(lambda: self.get("/readyz").status == 200)
        return self

    def until(self, holds: Callable[[], object]) -> None:
        """Asks again and again, as a client would."""
        deadline = time.monotonic() + WAIT_S
        while not holds():
            assert time.monotonic() < deadline and self.process.poll() is None, self.log
            self._pause()

    def connection(self) -> http.client.HTTPConnection:
        if self.scheme == "http":
            return http.client.HTTPConnection(self.host, self.port, timeout=WAIT_S)
        context = ssl.create_default_context(cafile=self.ca)
        return http.client.HTTPSConnection(self.host, self.port, timeout=WAIT_S, context=context)

    def open(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Stream:
        """An answer that may be a stream."""
        return self.send(method, path, body, headers).begin()

    def send(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Stream:
        """A request whose answer is not awaited. A dict goes out as JSON, bytes as they are."""
        sent = dict(headers or {})
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            sent = {"Content-Type": "application/json"} | sent
        if self.key:
            sent = {"Authorization": f"Bearer {self.key}"} | sent
        connection = self.connection()
        connection.request(method, path, body, sent)
        return Stream(connection)

    def ask(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Reply:
        """The whole answer, which is one that the service's own description has."""
        with self.open(method, path, body, headers) as stream:
            reply = Reply(stream.status, stream.headers, stream.rest())
        if self._description is None and path != "/openapi.json":
            self._description = Description(self.ask("GET", "/openapi.json").json)
        if self._description is not None and method != "HEAD":
            self._description.check(method, path, reply.status, reply.headers, reply.body)
        return reply

    def get(self, path: str, **headers: str) -> Reply:
        """`X_Request_Id="…"` is the header X-Request-Id."""
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, body: object, **headers: str) -> Reply:
        return self.ask("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def delete(self, path: str) -> Reply:
        return self.ask("DELETE", path)

    def metric(self, sample: str) -> float:
        """The value of a line of /metrics, without it 0: `curlew_items_total{task="classify",…}`."""
        for line in self.get("/metrics").body.decode().splitlines():
            name, _, value = line.rpartition(" ")
            if name == sample:
                return float(value)
        return 0

    def raw(self, data: bytes) -> bytes:
        """What comes back for these bytes until the service closes."""
        with socket.create_connection((self.host, self.port), WAIT_S) as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: s.recv(65536), b""))

    def _pause(self) -> None:
        """A moment, so that asking does not take the core from who is to answer."""
        with self._changed:
            self._changed.wait(0.02)

    def _read_log(self) -> None:
        for line in self.process.stderr:
            with self._changed:
                self.log.append(line.decode(errors="replace").rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
