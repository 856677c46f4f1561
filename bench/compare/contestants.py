"""Who is compared: how each is started, asked, and ended. Only one of them runs at a time."""

import contextlib
import itertools
import json
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "service_trials"))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "compare_cli"))
import load  # noqa: E402
import nginx  # noqa: E402
import processes  # noqa: E402
from service_trials import Service  # noqa: E402

PEERS = pathlib.Path(__file__).with_name("peers")
MARK = b'"status":"ok"'
START_S, SINGLES = 60, 640
BACKGROUND = 964  # the birds network's class for "no bird"
CORES = len(os.sched_getaffinity(0))


def post(path: str, urls: Sequence[str], accept: str = "*/*", **more: object) -> bytes:
    body = json.dumps({"urls": list(urls)} | more).encode()
    return (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: {accept}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def distinct(urls: Sequence[str], count: int) -> list[str]:
    """So many that differ, of as few photographs: nobody is to save work by knowing a URL again."""
    return [f"{urls[i % len(urls)]}?{i}" for i in range(count)]


class Contestant:
    """A server that is asked over HTTP. `list_pieces` is how it takes long lists fastest: connections, and URLs a request."""

    name, title = "", ""
    list_pieces = (1, 1)
    path, accept = "/classify", "*/*"

    def __init__(self) -> None:
        self.roots: list[subprocess.Popen] = []
        self.addresses: list[load.Address] = []

    @contextlib.contextmanager
    def running(self, folder: pathlib.Path) -> Iterator["Contestant"]:
        """Ready to answer; ended with all that it started, however this is left."""
        try:
            self.start(folder)
            yield self
        finally:
            for process in self.roots:
                processes.end(process)
            self.roots, self.addresses = [], []

    def start(self, folder: pathlib.Path) -> None:
        raise NotImplementedError

    def pids(self) -> list[int]:
        return processes.tree(*(process.pid for process in self.roots))

    def request(self, urls: Sequence[str]) -> bytes:
        """One that asks for a stream of results where the server has streams, and the list is one."""
        return post(self.path, urls, self.accept if len(urls) > 1 else "*/*")

    def singles(self, urls: Sequence[str]) -> Iterator[bytes]:
        return itertools.cycle([self.request([url]) for url in distinct(urls, SINGLES)])

    def lists(self, urls: Sequence[str], length: int) -> Iterator[bytes]:
        """A long list, cut as this server takes it; each photograph comes as often as any other."""
        piece = min(self.list_pieces[1], length)
        many = distinct(urls, piece * len(urls))
        return itertools.cycle([self.request(many[at:at + piece]) for at in range(0, len(many), piece)])

    def results(self, urls: Sequence[str]) -> list[dict]:
        """What it answers, in the order of the list."""
        replies: list[bytes] = []
        connection = load.Connection(self.addresses[0])
        for url in urls:
            connection.send(self.request([url]), time.perf_counter())
            while not connection.receive():
                pass
            replies.append(bytes(connection.reply.body))
        load.close([connection])
        return [self.result_of(json.loads(body)) for body in replies]

    def result_of(self, reply: dict) -> dict:
        return reply.get("results", [reply])[0]

    def top(self, result: dict) -> int | None:
        return result.get("index") if result.get("status") == "ok" else None

    def started(self, command: Sequence[object], log: pathlib.Path, cwd: pathlib.Path | None = None) -> subprocess.Popen:
        with log.open("ab") as file:
            process = subprocess.Popen([str(word) for word in command], stdout=file, stderr=file, cwd=cwd, start_new_session=True)
        self.roots.append(process)
        return process


class Curlew(Contestant):
    """As it comes, but for where its store lies, the local network let in, one model instead of two, and no kept answers."""

    name, title = "curlew", "Curlew"
    path, accept = "/v1/classify", "application/x-ndjson"
    list_pieces = (2, 400)  # the second, so that there is work while the first client turns a page
    settings = ""

    def __init__(self, binary: pathlib.Path):
        super().__init__()
        self.binary = binary

    def start(self, folder: pathlib.Path) -> None:
        extra = self.settings

        class Own(Service):
            poll_s = 0.002

            def settings(self) -> str:
                return super().settings().replace('"imagenet"', '"birds"').replace('"coco"', '""') + extra

        service = Own(str(self.binary), folder)
        try:
            service.start()
        finally:
            if service.process:
                self.roots = [service.process]
        self.addresses = [(service.host, service.port)]

    def top(self, result: dict) -> int | None:
        if result.get("background"):
            return BACKGROUND
        return result["predictions"][0]["index"] if result.get("predictions") else None


class CurlewInOneProcess(Curlew):
    """Without the children that hostile pictures would harm."""

    name, title = "curlew-inline", "Curlew, decoding in its own process"
    settings = "[decode]\nisolate = false\n"


class FastApi(Contestant):
    name, title = "fastapi", "FastAPI, httpx, OpenCV, LiteRT"
    accept = "application/x-ndjson"
    list_pieces = (CORES, 100)
    threads = 1

    def __init__(self, model: pathlib.Path):
        super().__init__()
        self.model = model

    def start(self, folder: pathlib.Path) -> None:
        ports = [nginx.free_port() for _ in range(CORES)]
        command = [sys.executable, PEERS / "fastapi_service.py", self.model]
        for port in ports:
            self.started([*command, port, self.threads], folder / "fastapi.log")
        for port, process in zip(ports, self.roots, strict=True):
            nginx.wait_for(port, process, START_S, self.title)
            self.addresses.append(("127.0.0.1", port))


class LitServe(Contestant):
    name, title = "litserve", "LitServe, OpenCV, OpenVINO"
    path = "/predict"
    list_pieces = (2 * CORES, 16)
    workers, batch = CORES + 1, 8

    def __init__(self, model: pathlib.Path):
        super().__init__()
        self.model = model

    def start(self, folder: pathlib.Path) -> None:
        port = nginx.free_port()
        process = self.started([sys.executable, PEERS / "litserve_service.py", self.model, port, self.workers, self.batch],
                               folder / "litserve.log", cwd=folder)
        nginx.wait_for(port, process, START_S, self.title)
        self.addresses = [("127.0.0.1", port)]


class Bound:
    """The bare loop: no server, throughput alone."""

    name, title = "bound", "Bare loop over bytes in memory"

    def __init__(self, binary: pathlib.Path, photos: pathlib.Path):
        self.binary, self.photos = binary, photos

    def measure(self, seconds: float) -> dict:
        done = subprocess.run([self.binary, "birds", self.photos, str(seconds)], capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        return json.loads(done.stdout)
