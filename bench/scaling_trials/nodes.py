"""A Redis, API nodes and workers around it, each a process of its own, here or on a "machine" with a network of its own."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "service_trials"))
from service_trials import READY_S, STREAM_S, Service, done  # noqa: E402

HERE = "127.0.0.1"
ANSWER_S = 30
TICKS = os.sysconf("SC_CLK_TCK")


def free_port(address: str) -> int:
    with socket.create_server((address, 0)) as s:
        return s.getsockname()[1]


def toml(sections: dict[str, dict]) -> str:
    """JSON's texts, numbers, lists and booleans are TOML's too."""
    return "".join(f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
                   for name, keys in sections.items())


def cpu_seconds(pid: int) -> float:
    """What a process has taken, its children and those of them that have ended."""
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                for child in (task / "children").read_text().split()]
    return sum(map(int, stat[11:15])) / TICKS + sum(cpu_seconds(child) for child in children)


class Redis:
    """A `redis-server` with an append-only file, synced every second; its data outlive kill() and start()."""

    def __init__(self, folder: pathlib.Path, address: str = HERE, port: int = 0, within: tuple = ()):
        self.folder, self.address, self.port, self.within = folder, address, port or free_port(address), within
        self.process = None

    @property
    def url(self) -> str:
        return f"redis://{self.address}:{self.port}/0"

    def start(self) -> None:
        with open(self.folder / "redis.log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.within, "redis-server", "--bind", self.address, "--port", str(self.port), "--protected-mode", "no",
                 "--dir", self.folder, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"], stdout=log, stderr=log)
        end = time.monotonic() + READY_S
        while True:
            with contextlib.suppress(OSError, RuntimeError):
                if self.ask("PING") == "PONG":
                    return
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit((self.folder / "redis.log").read_text())
            time.sleep(0.02)  # a poll for readiness, as any supervisor does it

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def ask(self, *words: object) -> object:
        """The answer to one command: a text, a number, a list of these, or None."""
        with socket.create_connection((self.address, self.port), ANSWER_S) as s:
            s.sendall(command(*words))
            with s.makefile("rb") as answer:
                return read_reply(answer)

    def info(self, section: str) -> dict[str, str]:
        lines = str(self.ask("INFO", section)).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)


def command(*words: object) -> bytes:
    parts = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def read_reply(answer: object) -> object:
    line = answer.readline()
    kind, rest = line[:1], line[1:].strip()
    if kind == b"$" and rest != b"-1":
        return answer.read(int(rest) + 2)[:-2].decode(errors="replace")
    if kind == b"*" and rest != b"-1":
        return [read_reply(answer) for _ in range(int(rest))]
    if kind in b"$*" and rest == b"-1":
        return None
    if kind == b"-" or not kind:
        raise RuntimeError(rest.decode() or "Redis has closed the connection")
    return int(rest) if kind == b":" else rest.decode()


class Node(Service):
    """A `curlew` of the cluster; `within` are the words that run a command where it is to be."""

    subcommand, workers = "service", 0

    def __init__(self, curlew: str, folder: pathlib.Path, redis: Redis, lease_s: float, address: str, within: tuple):
        self.redis, self.lease_s, self.address, self.within = redis, lease_s, address, within
        self.fixed_port = free_port(address) if address == HERE else 8000
        folder.mkdir()
        super().__init__(curlew, folder)

    def settings(self) -> str:
        at = f"{self.address}:{self.fixed_port}"  # the same after a start again
        return toml({"http": {"listen": at, "worker_listen": at},
                     "zmq": {"pub_sockets": [], "rep_sockets": []},
                     "store": {"url": self.redis.url, "lease_s": self.lease_s},
                     "infer": {"workers": self.workers, "answer_cache_bytes": 0},
                     "models": {"classify": "imagenet", "detect": "coco"},
                     "fetch": {"allow_net": ["127.0.0.0/8", "198.18.0.0/15"]},
                     "limits": {"list_items": 100_000, "json_body_bytes": 64 << 20}})

    def command(self) -> list:
        return [*self.within, self.curlew, self.subcommand, self.config]

    def suspend(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Whatever state it is in."""
        if self.process and self.process.poll() is None:
            self.kill()


class Front(Node):
    """Takes requests and answers them, and leaves the work to workers."""


class Worker(Node):
    subcommand, workers = "worker", 1


class Cluster:
    """Nothing runs at first; end() ends all that was started."""

    lease_s = 2.0

    def __init__(self, curlew: str, folder: pathlib.Path):
        self.curlew, self.folder = curlew, folder
        self.nodes: list[Node] = []
        self.redis: Redis | None = None

    def start_redis(self, address: str = HERE, port: int = 0, within: tuple = ()) -> Redis:
        (self.folder / "redis").mkdir()
        self.redis = Redis(self.folder / "redis", address, port, within)
        self.redis.start()
        return self.redis

    def start(self, kind: type[Node], address: str = HERE, within: tuple = ()) -> Node:
        """A node that is ready."""
        node = kind(self.curlew, self.folder / f"{kind.__name__.lower()}-{len(self.nodes)}", self.redis, self.lease_s,
                    address, within)
        self.nodes.append(node)
        node.start()
        return node

    def end(self) -> None:
        for node in self.nodes:
            node.end()
        if self.redis:
            self.redis.kill()


def ending(trial: object) -> object:
    """`trial(cluster, urls)`, after which nothing of the cluster runs, whatever happened."""

    def whole(cluster: Cluster, urls: list[str]) -> list[str]:
        try:
            return trial(cluster, urls)
        finally:
            cluster.end()

    return whole


def wait_until_done(front: Node, batch: str, count: int) -> None:
    """As service_trials.wait_for, though the node may be away for a while."""
    end = time.monotonic() + STREAM_S
    while time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException, KeyError):
            if done(front, batch) >= count:
                return
        time.sleep(0.02)  # the trial wants a moment in the middle, whichever
    sys.exit(f"{count} were not done within {STREAM_S} s")
