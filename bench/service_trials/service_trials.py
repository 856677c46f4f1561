#!/usr/bin/env python3
"""What the service promises, tried at full size: nothing lost when it is killed, small batches beside large ones, memory.

usage: service_trials.py CURLEW PHOTOS TRIAL...   (TRIAL: kill | turns | long | hostile, each with an optional =PICTURES)
Prints a line a figure; exit status 0 only if nothing was lost, doubled or refused.
"""

import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))
from local_origin import origin  # noqa: E402

LISTENS = re.compile(r"(?:Curlew listens|worker answers probes) at http://([\d.]+):(\d+)")
READY_S, STREAM_S = 60, 600


class Service:
    """`curlew service` with a store that outlives it."""

    sockets = "pub_sockets = []\nrep_sockets = []\n"
    poll_s = 0.05  # between two questions whether it is ready

    def __init__(self, curlew: str, folder: pathlib.Path):
        self.folder, self.config = folder, folder / "curlew.toml"
        self.curlew, self.process, self.host, self.port = curlew, None, "127.0.0.1", 0
        self.config.write_text(self.settings())

    def settings(self) -> str:
        return (f'[http]\nlisten = "127.0.0.1:0"\n[zmq]\n{self.sockets}[store]\nurl = "sqlite:{self.folder}/store.db"\n'
                '[infer]\nanswer_cache_bytes = 0\n[models]\nclassify = "imagenet"\ndetect = "coco"\n[fetch]\nallow_net = ["127.0.0.0/8"]\n')

    def command(self) -> list:
        return [self.curlew, "service", self.config]

    def start(self) -> None:
        self.process = subprocess.Popen(self.command(), stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            self.said(line)
            if found := LISTENS.search(line):
                self.host, self.port = found[1], int(found[2])
            if self.port and self.listens():
                break
        else:
            sys.exit("the service did not start")
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        end = time.monotonic() + READY_S
        while self.ask("GET", "/readyz")[0] != 200:
            if time.monotonic() > end:
                sys.exit("the service is not ready")
            time.sleep(self.poll_s)  # a poll for readiness, as any supervisor does it

    def said(self, line: str) -> None:
        """A line of its log while it starts."""

    def listens(self) -> bool:
        return True

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            reply = connection.getresponse()
            text = reply.read()
            return reply.status, json.loads(text) if text[:1] == b"{" else {}
        finally:
            connection.close()

    def batch(self, urls: list[str], task: str = "classify") -> str:
        status, batch = self.ask("POST", "/v1/batches", {"urls": urls, "task": task})
        if status != 202:
            sys.exit(f"a batch was refused: {status} {batch}")
        return batch["id"]

    def resident_mib(self) -> float:
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def follow(service: Service, batch: str, seen: list[tuple[int, int]], last: str = "") -> str | None:
    """Reads events into `seen` (id, index); the last id where the stream broke off, nothing at its end."""
    connection = http.client.HTTPConnection(service.host, service.port, timeout=STREAM_S)
    event = {}
    try:
        connection.request("GET", f"/v1/batches/{batch}/events", headers={"Last-Event-ID": last} if last else {})
        reply = connection.getresponse()
        while line := reply.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if line != b"\n":
                event[name] = value
            elif event.get("event") == "result":
                seen.append((int(event["id"]), json.loads(event["data"])["index"]))
                last, event = event["id"], {}
            elif event.get("event") == "done":
                return None
            else:
                event = {}
        return last
    except (OSError, http.client.HTTPException):
        return last
    finally:
        connection.close()


def all_results(service: Service, batch: str) -> list[dict]:
    results, cursor = [], "0"
    while cursor is not None:
        _, page = service.ask("GET", f"/v1/batches/{batch}/results?limit=1000&cursor={cursor}")
        results += page["results"]
        cursor = page["next"]
    return results


def done(service: Service, batch: str) -> int:
    return service.ask("GET", f"/v1/batches/{batch}")[1]["done"]


def wait_for(service: Service, batch: str, count: int) -> None:
    while done(service, batch) < count:
        time.sleep(0.02)  # the trial wants a moment in the middle, whichever


def kill_trial(service: Service, urls: list[str]) -> list[str]:
    """Killed at the beginning, in the middle and near the end; a client of the events comes back each time."""
    seen: list[tuple[int, int]] = []
    service.start()
    batch = service.batch(urls)
    over = threading.Event()

    def read() -> None:
        last = ""
        while last is not None:
            before = service.port
            last = follow(service, batch, seen, last)
            while last is not None and service.port == before and not over.is_set():
                time.sleep(0.02)

    reader = threading.Thread(target=read)
    reader.start()
    for part in (0.01, 0.5, 0.97):
        wait_for(service, batch, int(part * len(urls)))
        at = done(service, batch)
        service.kill()
        began = time.monotonic()
        service.start()
        print(f"  killed with {at} of {len(urls)} done; ready again after {time.monotonic() - began:.2f} s")
    reader.join(STREAM_S)
    over.set()
    results = all_results(service, batch)
    counts = collections.Counter(r["index"] for r in results)
    failed = sum(r["status"] != "ok" for r in results)
    ids = [i for i, _ in seen]
    print(f"  {len(results)} results, {len(counts)} different items, {failed} failed; "
          f"the client of the events saw {len(ids)}, {len(set(i for _, i in seen))} different items")
    faults = []
    if len(results) != len(urls) or len(counts) != len(urls):
        faults.append("results were lost or doubled")
    if ids != list(range(1, len(urls) + 1)) or len(set(i for _, i in seen)) != len(urls):
        faults.append("the client of the events missed some or saw some twice")
    if service.stop() != 0:
        faults.append("it did not end with 0")
    return faults


def turns_trial(service: Service, urls: list[str]) -> list[str]:
    """While a large batch runs: how soon a batch of one has its result, and how fast POST answers."""
    service.start()

    def one(url: str) -> tuple[float, float]:
        began = time.monotonic()
        batch = service.batch([url])
        posted = time.monotonic()
        if follow(service, batch, []) is not None:
            sys.exit("a stream broke off")
        return posted - began, time.monotonic() - began

    idle = [one(url) for url in urls[:20]][5:]
    large = service.batch(urls)
    busy = []
    while done(service, large) < len(urls):
        busy.append(one(random.choice(urls)))
    ms = [sorted(1000 * value for value in column) for column in zip(*busy)]
    idle_ms = statistics.median(1000 * whole for _, whole in idle)
    print(f"  a batch of one: idle {idle_ms:.0f} ms; beside {len(urls)}: median {statistics.median(ms[1]):.0f} ms, "
          f"p99 {ms[1][int(0.99 * len(ms[1]))]:.0f} ms ({statistics.median(ms[1]) / idle_ms:.1f} x; {len(busy)} tries)")
    print(f"  POST /v1/batches answered: p50 {statistics.median(ms[0]):.1f} ms, p99 {ms[0][int(0.99 * len(ms[0]))]:.1f} ms")
    service.stop()
    return [] if statistics.median(ms[1]) <= 10 * idle_ms else ["a small batch waited for the large one"]


def long_trial(service: Service, urls: list[str]) -> list[str]:
    """Resident memory after 2,000 pictures and at the end."""
    service.start()
    batch = service.batch(urls[:2000])
    wait_for(service, batch, 2000)
    early = service.resident_mib()
    began = time.monotonic()
    rest = [service.batch(urls[i:i + 2000]) for i in range(2000, len(urls), 2000)]
    for batch in rest:
        wait_for(service, batch, done(service, batch) or 1)
    for batch in rest:
        while service.ask("GET", f"/v1/batches/{batch}")[1]["status"] != "done":
            time.sleep(0.2)
    took = time.monotonic() - began
    print(f"  resident: {early:.0f} MiB after 2000, {service.resident_mib():.0f} MiB after {len(urls)}; "
          f"{(len(urls) - 2000) / took:.0f} pictures/s")
    service.stop()
    return []


def hostile_trial(service: Service, urls: list[str]) -> list[str]:
    """Slow, huge, deep and broken requests all at once, while a client asks for pictures."""
    service.start()

    def asked() -> list[float]:
        took = []
        for _ in range(100):
            began = time.monotonic()
            status, reply = service.ask("POST", "/v1/classify", {"urls": [random.choice(urls)]})
            if status != 200 or reply["results"][0]["status"] != "ok":
                raise SystemExit(f"refused: {status} {reply}")
            took.append(1000 * (time.monotonic() - began))
        return sorted(took)

    def shown(name: str, ms: list[float]) -> None:
        print(f"  {name}: p50 {ms[49]:.0f} ms, p99 {ms[98]:.0f} ms, resident {service.resident_mib():.0f} MiB")

    def connect() -> socket.socket:
        return socket.create_connection(("127.0.0.1", service.port), timeout=30)

    def throw(data: bytes) -> None:
        with contextlib.suppress(OSError), connect() as s:
            s.sendall(data)
            s.recv(4096)

    shown("alone", asked())
    with contextlib.ExitStack() as open_ones:
        for i in range(2200):
            s = open_ones.enter_context(connect())
            if i < 200:  # slow ones: a byte of a head now, and never the rest
                s.sendall(b"POST /v1/classify HTTP/1.1\r\nHost: x")
        head = b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        deep = b"[" * 100_000
        bodies = [head + b"Content-Length: 52428800\r\n\r\n" + b"x" * 1_000_000,
                  head + b"Content-Length: %d\r\n\r\n" % len(deep) + deep,
                  head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                  head + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", os.urandom(4096), b"\x16\x03\x01" + os.urandom(300)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            thrown = [pool.submit(throw, body) for body in bodies * 30]
            shown("beside 200 slow, 2,000 idle and broken ones", asked())
            for each in thrown:
                each.result()
    shown("afterwards", asked())
    return [] if service.stop() == 0 else ["it did not end with 0"]


TRIALS = {"kill": (kill_trial, 2000), "turns": (turns_trial, 2000), "long": (long_trial, 20_000),
          "hostile": (hostile_trial, 10)}


def run(trials: dict, service: type, arguments: list[str], usage: str, address: str = "127.0.0.1") -> int:
    """Each trial that is named, with a service of its own; the photographs are served at `address`."""
    words = [word.partition("=") for word in arguments[2:]]
    if not words or any(name not in trials for name, _, _ in words):
        sys.exit(usage)
    curlew, photos, faults = os.path.abspath(arguments[0]), pathlib.Path(arguments[1]), []
    with origin(photos, address) as base:
        names = sorted(p.name for p in photos.glob("*.jpg"))
        for name, _, count in words:
            trial, pictures = trials[name]
            urls = [f"{base}/{names[i % len(names)]}" for i in range(int(count or pictures))]
            print(f"{name} ({len(urls)} pictures)", flush=True)
            with tempfile.TemporaryDirectory() as folder:
                faults += [f"{name}: {fault}" for fault in trial(service(curlew, pathlib.Path(folder)), urls)]
    print(*faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(run(TRIALS, Service, sys.argv[1:], __doc__))
