#!/usr/bin/env python3
"""How the cost of Curlew's service grows: with pictures, with lists, with clients, and with origins, fast and slow.

usage: growth.py CURLEW PHOTOGRAPH [--seconds S] [--quick] [--only WHAT,WHAT] [--out FOLDER]
  PHOTOGRAPH: a JPEG, which is made smaller and larger; --seconds 2.5: of each measurement; --quick: fewer of them, of one second
  --only: of pictures, lists, clients, origins; --out: where growth.json and growth.svg go (default: build/compare)

Some five minutes. Exit status 0 only if nothing failed.
"""

import argparse
import contextlib
import dataclasses
import io
import json
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable

import contestants
import load
import processes
from contestants import MARK, Curlew, distinct, post
from measures import percentile
from nginx import nginx
from options import command_line, names, program, run
from PIL import Image
from slow_origin import slow_origins

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "scaling_trials"))
from chart import Line, Plot, charts  # noqa: E402

MEGAPIXELS = (0.1, 0.3, 1, 3, 6, 12)
LISTS = (1, 10, 100, 1000, 10_000)
CLIENTS = (1, 4, 16, 64, 256)
ORIGINS = (1, 2, 4, 8, 16, 32)
DELAY_S = 0.1
OURS, SECOND, THIRD = "#0b7a75", "#b3541e", "#7b5ea7"


@dataclasses.dataclass
class Trial:
    service: Curlew
    urls: list[str]  # pictures of a usual size, at a fast origin
    sizes: dict[float, str]  # megapixels -> URL
    picture: bytes
    seconds: float
    quick: bool
    failed: int = 0

    def some(self, values: tuple) -> tuple:
        return values[::2] if self.quick else values

    def by_lists(self, urls: list[str], seconds: float) -> load.Outcome:
        outcome = load.closed_loop(self.service.addresses, 2, self.service.lists(urls, 400), MARK, max(seconds / 3, 0.5), seconds)
        self.failed += outcome.failed
        processes.settle(self.service.pids())
        return outcome


def scaled(photograph: Image.Image, megapixels: float) -> bytes:
    """The photograph at so many pixels, as a camera would write it."""
    factor = (megapixels * 1e6 / (photograph.width * photograph.height)) ** 0.5
    size = (round(photograph.width * factor), round(photograph.height * factor))
    out = io.BytesIO()
    photograph.resize(size, Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
    return out.getvalue()


def pictures_trial(trial: Trial) -> dict:
    rows = []
    for megapixels in trial.some(MEGAPIXELS):
        url = trial.sizes[megapixels]
        alone = load.one_by_one(trial.service.addresses[0], trial.service.singles([url]), MARK, trial.seconds / 2)
        full = trial.by_lists([url], trial.seconds)
        trial.failed += alone.failed
        rows.append({"megapixels": megapixels, "alone_ms": percentile(alone.latencies_ms, 0.5), "images_s": full.rate})
        print(f"  {megapixels:5} MP: {rows[-1]['alone_ms']:7.1f} ms alone, {full.rate:7.1f} a second", flush=True)
    return {"pictures": rows}


def stream(service: Curlew, urls: list[str]) -> tuple[float, float, int]:
    """Of a list that is answered at once, as a stream: seconds to the first result and to the end, and how many came."""
    connection = load.Connection(service.addresses[0])
    began, first, count = time.perf_counter(), 0.0, 0
    connection.send(post("/v1/classify", urls, "application/x-ndjson"), began)
    whole = False
    while not whole:
        whole = connection.receive()
        if (fresh := connection.results(MARK)) and not count:
            first = time.perf_counter() - began
        count += fresh
    load.close([connection])
    return first, time.perf_counter() - began, count


def lists_trial(trial: Trial) -> dict:
    rows = []
    for length in trial.some(LISTS):
        urls = distinct(trial.urls, length)
        tries = [stream(trial.service, urls) for _ in range(max(min(200 // length, 20), 1))]
        trial.failed += sum(length - count for _, _, count in tries)
        first, whole = (percentile([each[i] for each in tries], 0.5) for i in (0, 1))
        rows.append({"length": length, "first_ms": 1000 * first, "whole_ms": 1000 * whole, "image_ms": 1000 * whole / length})
        print(f"  a list of {length:6}: first result {1000 * first:6.1f} ms, whole {whole:7.3f} s, "
              f"{1000 * whole / length:6.2f} ms each", flush=True)
    return {"lists": rows}


def clients_trial(trial: Trial) -> dict:
    rows = []
    for clients in trial.some(CLIENTS):
        done = load.closed_loop(trial.service.addresses, clients, trial.service.singles(trial.urls), MARK, trial.seconds / 3,
                                trial.seconds)
        trial.failed += done.failed
        processes.settle(trial.service.pids())
        rows.append({"clients": clients, "images_s": done.rate, "p50_ms": percentile(done.latencies_ms, 0.5),
                     "p99_ms": percentile(done.latencies_ms, 0.99)})
        print(f"  {clients:4} clients: {done.rate:6.1f} a second, p50 {rows[-1]['p50_ms']:7.1f} ms, "
              f"p99 {rows[-1]['p99_ms']:7.1f} ms", flush=True)
    return {"clients": rows}


def origins_trial(trial: Trial) -> dict:
    """The same picture, spread over so many origins that answer at once, or after 100 ms."""
    rows = []
    for count in trial.some(ORIGINS):
        row = {"origins": count}
        for name, delay in (("fast", 0.0), ("slow", DELAY_S)):
            with slow_origins(count, delay, trial.picture) as (urls, pid):
                done = trial.by_lists(urls, trial.seconds)
                row[name] = done.rate
                row[f"{name}_origin_cpu_s"] = processes.cpu_s([pid])
        rows.append(row)
        print(f"  {count:3} origins: fast {row['fast']:6.1f} a second, after 100 ms {row['slow']:6.1f} a second", flush=True)
    return {"origins": rows}


TRIALS: dict[str, Callable[[Trial], dict]] = {"pictures": pictures_trial, "lists": lists_trial, "clients": clients_trial,
                                              "origins": origins_trial}


def plots(figures: dict) -> list[Plot]:
    def points(what: str, x: str, y: str) -> list[tuple[float, float]]:
        return [(row[x], row[y]) for row in figures[what]]

    found = []
    if "pictures" in figures:
        full = [(row["megapixels"], 1000 / row["images_s"]) for row in figures["pictures"]]
        found.append(Plot("Pictures", "megapixels", "ms",
                          [Line("one alone", points("pictures", "megapixels", "alone_ms"), OURS),
                           Line("each of many", full, SECOND)]))
    if "lists" in figures:
        found.append(Plot("Lists", "pictures in a list", "ms",
                          [Line("whole list", points("lists", "length", "whole_ms"), OURS),
                           Line("first result", points("lists", "length", "first_ms"), SECOND),
                           Line("each", points("lists", "length", "image_ms"), THIRD, True)]))
    if "clients" in figures:
        found.append(Plot("Clients", "clients, a picture each at a time", "ms, or a second",
                          [Line("p99, ms", points("clients", "clients", "p99_ms"), SECOND),
                           Line("p50, ms", points("clients", "clients", "p50_ms"), OURS),
                           Line("pictures a second", points("clients", "clients", "images_s"), THIRD, True)]))
    if "origins" in figures:
        found.append(Plot("Origins", "origins of a list", "pictures a second",
                          [Line("they answer at once", points("origins", "origins", "fast"), OURS),
                           Line("after 100 ms", points("origins", "origins", "slow"), SECOND)]))
    return found


def arguments() -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument("curlew", type=program)
    parser.add_argument("photograph", type=program)
    parser.add_argument("--seconds", type=float, default=2.5)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", type=names, default=list(TRIALS))
    found = parser.parse_args()
    if unknown := set(found.only) - set(TRIALS):
        sys.exit(f"--only does not know {', '.join(sorted(unknown))}")
    if found.quick:
        found.seconds = 1.0
    return found


def main() -> int:
    options = arguments()
    with contextlib.ExitStack() as stack:
        photos, own, state = (pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="growth-"))) for _ in range(3))
        photos.chmod(0o755)
        sizes = {}
        with Image.open(options.photograph) as photograph:
            for megapixels in MEGAPIXELS:
                (photos / f"{megapixels}.jpg").write_bytes(scaled(photograph.convert("RGB"), megapixels))
            (photos / "usual.jpg").write_bytes(picture := options.photograph.read_bytes())
        base, _ = stack.enter_context(nginx(photos, own))
        sizes = {megapixels: f"{base}/{megapixels}.jpg" for megapixels in MEGAPIXELS}
        service = stack.enter_context(Curlew(options.curlew).running(state))
        trial = Trial(service, [f"{base}/usual.jpg"], sizes, picture, options.seconds, options.quick)
        trial.by_lists(trial.urls, 1.0)  # warm
        figures = {"cores": contestants.CORES}
        for name in options.only:
            print(name, flush=True)
            figures |= TRIALS[name](trial)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "growth.json").write_text(json.dumps(figures, indent=1) + "\n")
    (options.out / "growth.svg").write_text(charts("How the cost grows", plots(figures)))
    print(f"written to {options.out}" + (f"; {trial.failed} FAILED" if trial.failed else ""))
    return 1 if trial.failed else 0


if __name__ == "__main__":
    run(main)
