#!/usr/bin/env python3
"""How fast the service answers over ZeroMQ while it works, and what subscribers cost that do not read.

usage: zmq_trials.py CURLEW PHOTOS TRIAL...   (TRIAL: echo | small | deaf, each with an optional =PICTURES)
Prints a line a figure; exit status 0 only if nothing was lost.
"""

import random
import re
import sys
import time
import uuid

import msgpack
import zmq

from service_trials import Service, run

REPLY_MS, RESULT_MS = 5_000, 120_000
AT = re.compile(r"ZeroMQ: (requests|results) at (tcp://[^ ,\n]+)")
CONTEXT = zmq.Context()


class ZmqService(Service):
    sockets = 'pub_sockets = ["tcp://127.0.0.1:*"]\nrep_sockets = ["tcp://127.0.0.1:*"]\n'

    def said(self, line: str) -> None:
        if found := AT.search(line):
            setattr(self, found[1], found[2])

    def listens(self) -> bool:
        return hasattr(self, "results") and hasattr(self, "requests")

    def client(self) -> "Client":
        return Client(self.requests)

    def subscriber(self, topic: bytes = b"results", high_water: int = 100_000) -> zmq.Socket:
        """One whose subscription is active."""
        socket = CONTEXT.socket(zmq.SUB)
        socket.setsockopt(zmq.RCVHWM, high_water)
        socket.connect(self.results)
        welcome = b"welcome/" + uuid.uuid4().hex.encode()
        for each in (topic, welcome):
            socket.subscribe(each)
        while socket.recv_multipart()[0] != welcome:
            pass
        socket.unsubscribe(welcome)
        return socket


class Client:
    def __init__(self, address: str):
        self.socket = CONTEXT.socket(zmq.REQ)
        self.socket.connect(address)

    def ask(self, *command: object, **more: object) -> tuple[object, float]:
        """The response, and after how many milliseconds it came."""
        began = time.perf_counter()
        data = {"command": list(command), "command_kwargs": {}, **more}
        self.socket.send_multipart([b"command", uuid.uuid4().bytes, msgpack.packb(data)])
        if not self.socket.poll(REPLY_MS):
            sys.exit("no reply")
        reply = msgpack.unpackb(self.socket.recv_multipart()[2])
        if reply["failed"]:
            sys.exit(f"refused: {reply['reason']}")
        return reply["response"], 1000 * (time.perf_counter() - began)


def next_of(socket: zmq.Socket, batch: str) -> dict:
    """The next result of that batch."""
    while socket.poll(RESULT_MS):
        data = msgpack.unpackb(socket.recv_multipart()[2])
        if data["batch_id"] == batch:
            return data
    sys.exit("a result was lost")


def shown(name: str, ms: list[float]) -> None:
    ms = sorted(ms)
    print(f"  {name}: p50 {ms[len(ms) // 2]:.2f} ms, p99 {ms[int(0.99 * len(ms))]:.2f} ms, most {ms[-1]:.2f} ms ({len(ms)})")


def echo_trial(service: ZmqService, urls: list[str]) -> list[str]:
    """500 times echo, alone and while a batch runs."""
    service.start()
    client, listener = service.client(), service.subscriber()
    shown("echo, idle", [client.ask("echo", "plink")[1] for _ in range(500)])
    accepted, took = client.ask("predict", urls, subscribed=True)
    print(f"  predict of {len(urls)} answered after {took:.1f} ms")
    shown(f"echo beside {len(urls)}", [client.ask("echo", "plink")[1] for _ in range(500)])
    state, _ = client.ask("results", accepted["batch_id"], 0)
    print(f"  of these {state['done']} were done then")
    for _ in urls:
        next_of(listener, accepted["batch_id"])
    return [] if service.stop() == 0 else ["it did not end with 0"]


def small_trial(service: ZmqService, urls: list[str]) -> list[str]:
    """How soon a batch of one has its result, alone and beside a large one; by a client that has subscribed, and says so,
    and by one that says nothing."""
    service.start()
    client, listener = service.client(), service.subscriber()

    def one(**more: object) -> float:
        began = time.perf_counter()
        accepted, _ = client.ask("predict", [random.choice(urls)], **more)
        next_of(listener, accepted["batch_id"])
        return 1000 * (time.perf_counter() - began)

    shown("a batch of one, idle", [one(subscribed=True) for _ in range(50)][10:])
    large, _ = client.ask("predict", urls, subscribed=True)
    busy: dict[bool, list[float]] = {True: [], False: []}
    while client.ask("results", large["batch_id"], 0)[0]["done"] < len(urls) - 50:
        busy[True].append(one(subscribed=True))
        busy[False].append(one())
    shown(f"a batch of one beside {len(urls)}, its client subscribed", busy[True])
    shown(f"a batch of one beside {len(urls)}, its client as of old", busy[False])
    return [] if service.stop() == 0 else ["it did not end with 0"]


def deaf_trial(service: ZmqService, urls: list[str]) -> list[str]:
    """Memory with subscribers that never read."""
    service.start()
    client, listener = service.client(), service.subscriber()
    deaf = [service.subscriber(high_water=1) for _ in range(20)]

    def run(part: list[str]) -> None:
        accepted, _ = client.ask("predict", part, subscribed=True)
        for _ in part:
            next_of(listener, accepted["batch_id"])

    run(urls[:len(urls) // 4])
    early = service.resident_mib()
    run(urls[len(urls) // 4:])
    print(f"  {len(deaf)} that do not read: resident {early:.0f} MiB after {len(urls) // 4}, {service.resident_mib():.0f} MiB "
          f"after {len(urls)} results; the one that reads got all")
    return [] if service.stop() == 0 else ["it did not end with 0"]


TRIALS = {"echo": (echo_trial, 1000), "small": (small_trial, 1000), "deaf": (deaf_trial, 8000)}


if __name__ == "__main__":
    sys.exit(run(TRIALS, ZmqService, sys.argv[1:], __doc__))
