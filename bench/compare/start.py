#!/usr/bin/env python3
"""How soon there is an answer: the command line against Python with LiteRT, the service until it is ready, the first of a list.

usage: start.py CURLEW PHOTOS [--rounds N] [--quick] [--out FOLDER]
  PHOTOS: a folder of photographs; --rounds 9: of each, in turns; --out: where start.json and start.md go (default: build/compare)

Warm: the compiled network is in the cache. Cold: the cache is empty; Python keeps nothing, so that it has one time. Pages of files
are in the machine's memory in both. Ratios are those of each round. The birds model must be on this machine. Exit status 0 only if
all runs went well.
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.parse

import load
import processes
from contestants import CORES, Curlew, distinct, post
from measures import median, ratio
from nginx import nginx
from options import command_line, folder, program, run

from compare_cli import LABELS, MODEL, find_model

PEER = pathlib.Path(__file__).parents[1] / "compare_cli/peer_litert.py"
COUNTS, LISTS = (1, 5), (1, 100, 10_000)
Times = collections.defaultdict[str, list[float]]


def run_ms(command: list[object], cache: str | None = None) -> float:
    environment = os.environ | ({"CURLEW_CACHE": cache} if cache else {})
    began = time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, env=environment, check=False)
    took = 1000 * (time.perf_counter() - began)
    if done.returncode:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return took


def command_lines(options: argparse.Namespace, photos: list[pathlib.Path], model: pathlib.Path, times: Times) -> None:
    for count in COUNTS:
        some = photos[:count]
        ours = [options.curlew, "classify", "--model", "birds", *some]
        peer = [sys.executable, PEER, model / MODEL, model / LABELS, *(path.as_uri() for path in some)]
        times[f"curlew warm {count}"].append(run_ms(ours))
        with tempfile.TemporaryDirectory(prefix="start-") as cache:
            times[f"curlew cold {count}"].append(run_ms(ours, cache))
        times[f"python {count}"].append(run_ms(peer))


def first_of_batch_ms(address: load.Address, urls: list[str]) -> float:
    """From the POST of a batch that is kept to the first result of its events; the rest is cancelled."""
    connection = load.Connection(address)
    began = time.perf_counter()

    def ask(request: bytes) -> dict:
        connection.send(request, began)
        while not connection.receive():
            pass
        return json.loads(connection.reply.body)

    head = " HTTP/1.1\r\nHost: localhost\r\n\r\n"
    batch = ask(post("/v1/batches", urls, task="classify"))["id"]
    connection.send(f"GET /v1/batches/{batch}/events{head}".encode(), began)
    while b"event: result" not in connection.reply.body:
        connection.receive()
    took = 1000 * (time.perf_counter() - began)
    load.close([connection])
    connection = load.Connection(address)
    ask(f"DELETE /v1/batches/{batch}{head}".encode())
    load.close([connection])
    return took


def first_of_stream_ms(address: load.Address, urls: list[str]) -> float:
    """The same of a list that is answered at once."""
    connection, began = load.Connection(address), time.perf_counter()
    connection.send(post("/v1/classify", urls, "application/x-ndjson"), began)
    while b"\n" not in connection.reply.body:
        connection.receive()
    took = 1000 * (time.perf_counter() - began)
    load.close([connection])
    return took


def service_starts(options: argparse.Namespace, urls: list[str], times: Times) -> None:
    """From the start of the process to 200 of /readyz; and, while it is there, the first results."""
    for name, cold in (("service cold", True), ("service warm", False)):
        with tempfile.TemporaryDirectory(prefix="start-") as own, contextlib.ExitStack() as stack:
            if cold:
                stack.enter_context(environment("CURLEW_CACHE", own))
            began = time.perf_counter()
            service = stack.enter_context(Curlew(options.curlew).running(pathlib.Path(own)))
            times[name].append(1000 * (time.perf_counter() - began))
            if cold:
                continue
            for length in LISTS:
                many = distinct(urls, length)
                for _ in range(2):  # the first of a length is the warm-up
                    kept, streamed = first_of_batch_ms(service.addresses[0], many), first_of_stream_ms(service.addresses[0], many)
                    processes.settle(service.pids())
                times[f"first of batch {length}"].append(kept)
                times[f"first of stream {length}"].append(streamed)


@contextlib.contextmanager
def environment(name: str, value: str):
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def table(times: dict[str, list[float]]) -> str:
    lines = ["| photographs | Curlew, warm, ms | Curlew, cold, ms | Python with LiteRT, ms | warm by Python | cold by Python |",
             "| --- | --- | --- | --- | --- | --- |"]
    for count in COUNTS:
        warm, cold, python = times[f"curlew warm {count}"], times[f"curlew cold {count}"], times[f"python {count}"]
        lines.append(f"| {count} | {median(warm):.0f} | {median(cold):.0f} | {median(python):.0f} | {ratio(warm, python)} | "
                     f"{ratio(cold, python)} |")
    lines += ["", f"The service is ready after {median(times['service warm']):.0f} ms, with an empty cache after "
              f"{median(times['service cold']):.0f} ms.", "",
              "| list of | first result of a kept batch, ms | of one that is answered at once, ms |", "| --- | --- | --- |"]
    lines += [f"| {length:,} | {median(times[f'first of batch {length}']):.1f} | {median(times[f'first of stream {length}']):.1f} |"
              for length in LISTS]
    return "\n".join(lines) + "\n"


def arguments() -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument("curlew", type=program)
    parser.add_argument("photos", type=folder)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--quick", action="store_true")
    found = parser.parse_args()
    if found.quick:
        found.rounds = 2
    return found


def main() -> int:
    options, model = arguments(), find_model()
    if not model:
        print("start: left out, since the birds model is not here (CURLEW_MODELS, or `curlew models pull birds`)")
        return 0
    photos = sorted(path for path in options.photos.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
    times: Times = collections.defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="start-nginx-") as own, nginx(options.photos, pathlib.Path(own)) as (base, _):
        urls = [f"{base}/{urllib.parse.quote(path.name)}" for path in photos]
        print(f"{options.rounds} rounds, {CORES} cores", flush=True)
        command_lines(options, photos, model, collections.defaultdict(list))  # once for the caches
        for number in range(options.rounds):
            command_lines(options, photos, model, times)
            service_starts(options, urls, times)
            print(f"  round {number + 1}: " + ", ".join(f"{name} {values[-1]:.0f}" for name, values in times.items()), flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "start.json").write_text(json.dumps(times, indent=1) + "\n")
    (options.out / "start.md").write_text(table(times))
    print(f"\n{table(times)}\nwritten to {options.out}")
    return 0


if __name__ == "__main__":
    run(main)
