#!/usr/bin/env python3
"""Where the service's CPU time goes under load: a flame graph, shares by step, the hottest functions.

usage: flame_profile.py CURLEW PHOTOS [--seconds S] [--way lists|singles|batches] [--inline] [--out FOLDER]
  --seconds 10: of sampling; --way lists: what the load is; --inline: decode in the service's own process
  --out: where flame-WAY.svg, stacks-WAY.txt and shares-WAY.txt go (default: build/compare)

Needs Linux' perf (Debian: linux-perf) and the right to use it: root, or kernel.perf_event_paranoid at 1 or less. It samples a
clock, so that it works on virtual machines without hardware counters too. Stacks are unwound by the program's tables: the release
build as it is will do, and what has no symbols (OpenVINO's plugin) shows as its library. Nothing is committed by itself.
"""

import contextlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator

import flame
import load
import processes
from contestants import MARK, Curlew, CurlewInOneProcess, distinct, post
from nginx import nginx
from options import command_line, folder, program, run

HERTZ, STACK_BYTES, LIST, CLIENTS, RAMP_S = 499, 8192, 400, 32, 1.5
THREADS = {"exe": "decoding child", "load-birds": "OpenVINO"}
STEPS = (("decode", r"PictureDecoder|Codec|jpeg_|RowResizer|libjpeg|libspng|Resizer|ColourConverter"),
         ("infer", r"openvino|OpenVinoLane|libtbb|tbb::|\bov::|JIT|read_classes|to_probabilities"),
         ("SHA-256 of the picture", r"sha256"),
         ("isolation: channel, shared memory, waiting", r"SpawnedDecoder|ChildSeat|serve_decoder|Channel|SharedMemory"),
         ("fetch: the kernel, with receiving", r"(curl|Transfer|fetch).*\x00.*(_syscall|entry_SYSCALL)"),
         ("fetch", r"libcurl|curl_|Transfer|Fetcher|ares_|Exchange|PictureBody"),
         ("store", r"sqlite|Sqlite|MemoryStore|OpenBatches|ClaimBoard|result_codec"),
         ("results: JSON, streams", r"json|Json|ResultFeed|result_feed|BatchNews|Announcer"),
         ("HTTP", r"http|Http|beast|asio|Connection"),
         ("pipeline", r"Pipeline|dispatch|FairQueue|Permits|BoundedQueue|ServiceWatch|process"))


class Sampling:
    """perf, beside the CPU time and the pictures of the same while."""

    def __init__(self, service: Curlew, seconds: float, folder: pathlib.Path):
        self.service, self.seconds, self.data = service, seconds, folder / "perf.data"
        self.cpu_s, self.images, self.process = 0.0, 0, None

    def begin(self) -> None:
        pids = self.service.pids()
        self.cpu_s = processes.cpu_s(pids)
        self.process = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", str(HERTZ), "--call-graph",
                                         f"dwarf,{STACK_BYTES}", "-o", self.data, "-p", ",".join(map(str, pids)), "--",
                                         "sleep", str(self.seconds)], stderr=subprocess.PIPE, text=True)

    def end(self) -> None:
        self.cpu_s = processes.cpu_s(self.service.pids()) - self.cpu_s
        _, said = self.process.communicate()
        if self.process.returncode:
            sys.exit(f"perf cannot sample here: {said}")

    def script(self) -> str:
        return subprocess.run(["perf", "script", "--no-inline", "-F", "comm,tid,time,ip,sym,dso", "-i", self.data],
                              capture_output=True, text=True, errors="replace", check=True).stdout


def kept_batches(service: Curlew, urls: list[str]) -> Iterator[bytes]:
    """Batches that are kept, each with a reader of its events, one request after the other."""
    request = post("/v1/batches", distinct(urls, LIST), task="classify")
    connection = load.Connection(service.addresses[0])
    while True:
        connection.send(request, 0)
        while not connection.receive():
            pass
        place = json.loads(connection.reply.body)["id"]
        yield f"GET /v1/batches/{place}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def press(service: Curlew, urls: list[str], way: str, sampling: Sampling) -> None:
    requests, clients = {"lists": (service.lists(urls, LIST), service.list_pieces[0]), "singles": (service.singles(urls), CLIENTS),
                         "batches": (kept_batches(service, urls), 2)}[way]
    done = load.closed_loop(service.addresses, clients, requests, MARK, RAMP_S, sampling.seconds, sampling.begin, sampling.end)
    sampling.images = done.images


def written(counts: dict, way: str, sampling: Sampling, out: pathlib.Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    total = sum(counts.values())
    title = f"Curlew's service under load ({way}), {total:,} samples of CPU time"
    (out / f"flame-{way}.svg").write_text(flame.flame(title, counts))
    (out / f"stacks-{way}.txt").write_text("".join(f"{';'.join(stack)} {count}\n" for stack, count in counts.most_common()))
    image_us = 1e6 * sampling.cpu_s / max(sampling.images, 1)
    lines = [f"{sampling.images} photographs, {image_us:.0f} µs of CPU each, {total} samples", ""]
    lines += [f"{name:45} {share:7.2%} {share * image_us:8.0f} µs" for name, share in flame.shares(counts, STEPS).items()]
    lines += ["", f"{'function':70} {'itself':>8} {'with all below':>15}"]
    lines += [f"{name[:70]:70} {own:8.2%} {within:15.2%}" for name, own, within in flame.hottest(counts)]
    (out / f"shares-{way}.txt").write_text("\n".join(lines) + "\n")
    print("\n".join(lines), f"\nwritten to {out}")


def main() -> int:
    parser = command_line(__doc__)
    parser.add_argument("curlew", type=program)
    parser.add_argument("photos", type=folder)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--way", choices=("lists", "singles", "batches"), default="lists")
    parser.add_argument("--inline", action="store_true")
    options = parser.parse_args()
    if not shutil.which("perf"):
        sys.exit("perf is missing: apt-get install --no-install-recommends linux-perf")
    names = sorted(path.name for path in options.photos.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
    with contextlib.ExitStack() as stack:
        own, state, data = (pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="profile-"))) for _ in range(3))
        base, _ = stack.enter_context(nginx(options.photos, own))
        kind = CurlewInOneProcess if options.inline else Curlew
        service = stack.enter_context(kind(options.curlew).running(state))
        sampling = Sampling(service, options.seconds, data)
        press(service, [f"{base}/{urllib.parse.quote(name)}" for name in names], options.way, sampling)
        counts = flame.stacks_of(sampling.script().splitlines(), THREADS)
    written(counts, options.way + ("-inline" if options.inline else ""), sampling, options.out)
    return 0


if __name__ == "__main__":
    run(main)
