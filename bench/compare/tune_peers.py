#!/usr/bin/env python3
"""Which settings of the Python services are the fastest on this machine: those that contestants.py gives them come from here.

usage: tune_peers.py PHOTOS [--rounds N] [--seconds S] [--only fastapi,litserve]
  --rounds 3: of all settings, in turns; --seconds 3: of each of two loads

Prints the medians: photographs a second by lists, and one a request from 32 clients; ms of CPU a photograph by lists.
"""

import collections
import itertools
import pathlib
import sys
import tempfile

import load
import processes
from contestants import CORES, MARK, Contestant, FastApi, LitServe
from measures import median
from nginx import nginx
from options import command_line, folder, names, run
from rounds import CLIENTS, LIST, Meter, Plan, per_image_ms

from compare_cli import MODEL, find_model

FASTAPI_PIECES = ((CORES, 100), (2 * CORES, 50), (4 * CORES, 25))
LITSERVE_PIECES = ((2 * CORES, 16), (4 * CORES, 8), (16 * CORES, 1))


def settings(model: pathlib.Path, only: list[str]) -> dict[str, Contestant]:
    """All that are tried, each by what is set."""
    found: dict[str, Contestant] = {}
    for threads, pieces in itertools.product((1, 2), FASTAPI_PIECES if "fastapi" in only else ()):
        each = found[f"fastapi: {threads} threads a process, lists {pieces[0]} × {pieces[1]}"] = FastApi(model)
        each.threads, each.list_pieces = threads, pieces
    for workers, batch, pieces in itertools.product((CORES, CORES + 1), (1, 4, 8), LITSERVE_PIECES if "litserve" in only else ()):
        each = found[f"litserve: {workers} workers, batches of {batch}, lists {pieces[0]} × {pieces[1]}"] = LitServe(model)
        each.workers, each.batch, each.list_pieces = workers, batch, pieces
    return found


def tried(each: Contestant, plan: Plan) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory(prefix="tune-") as own, each.running(pathlib.Path(own)):
        meter = Meter(each, plan)
        lists = load.closed_loop(each.addresses, each.list_pieces[0], each.lists(plan.urls, LIST), MARK, plan.ramp_s, plan.seconds,
                                 meter.begin, meter.end)
        processes.settle(each.pids())
        singles = load.closed_loop(each.addresses, CLIENTS, each.singles(plan.urls), MARK, plan.ramp_s, plan.seconds)
        return lists.rate, singles.rate, per_image_ms(meter.own_s, lists.images)


def main() -> int:
    parser = command_line(__doc__)
    parser.add_argument("photos", type=folder)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", type=names, default=["fastapi", "litserve"])
    options, place = parser.parse_args(), find_model()
    if not place:
        sys.exit("tune_peers: the birds model is not here")
    files = sorted(path.name for path in options.photos.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
    figures = collections.defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="tune-nginx-") as own, nginx(options.photos, pathlib.Path(own)) as (base, pid):
        plan = Plan([f"{base}/{name}" for name in files], pid, options.seconds)
        for _ in range(options.rounds):
            for name, each in settings(place / MODEL, options.only).items():
                figures[name].append(tried(each, plan))
                print(f"  {name}: " + " ".join(f"{figure:.1f}" for figure in figures[name][-1]), flush=True)
    for name, rows in sorted(figures.items(), key=lambda entry: -median([row[0] for row in entry[1]])):
        lists, singles, cpu_ms = (median(column) for column in zip(*rows, strict=True))
        print(f"{name}: {lists:.0f} by lists, {singles:.0f} one by one, {cpu_ms:.1f} ms of CPU")
    return 0


if __name__ == "__main__":
    run(main)
