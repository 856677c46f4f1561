#!/usr/bin/env python3
"""Curlew's service, tuned Python services, and the bare bound, in turns over the same photographs from a local nginx.

usage: compare.py CURLEW BARE_BOUND PHOTOS [--rounds N] [--seconds S] [--quick] [--only NAME,NAME] [--out FOLDER]
  CURLEW, BARE_BOUND: the release's programs (bare_bound is built with CURLEW_BENCH); PHOTOS: a folder of photographs
  --rounds 5: each starts with another one; --seconds 6: of each of the four loads; --quick: one round of 1.5 seconds
  --only: of curlew, curlew-inline, fastapi, litserve, bound; without it all but curlew-inline
  --out: where figures.json, table.md and compare.svg go (default: build/compare)

Machines drift, so the figures to look at are the ratios, each of two figures of one round. The load generator and nginx run on the
same cores; what they take is told beside. The birds model must be on this machine (CURLEW_MODELS, or `curlew models pull birds`).
Exit status 0 only if nothing failed.
"""

import argparse
import datetime
import importlib.metadata
import json
import pathlib
import platform
import re
import sys
import tempfile
import time
import urllib.parse

import report
from contestants import CORES, Bound, Contestant, Curlew, CurlewInOneProcess, FastApi, LitServe
from measures import Agreement, agreement, turns
from nginx import nginx
from options import command_line, folder, names, program, run
from rounds import Plan, answers, measure_bound, measure_server

from compare_cli import MODEL, find_model

PACKAGES = ("ai-edge-litert", "fastapi", "httpx", "litserve", "numpy", "opencv-python-headless", "openvino", "uvicorn", "uvloop")
FORMATS = (".jpg", ".jpeg", ".bmp", ".png", ".webp")
USUAL = ("curlew", "fastapi", "litserve", "bound")


def arguments() -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument("curlew", type=program)
    parser.add_argument("bound", type=program)
    parser.add_argument("photos", type=folder)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", type=names, default=list(USUAL))
    found = parser.parse_args()
    if found.quick:
        found.rounds, found.seconds = 1, 1.5
    return found


def contestants(options: argparse.Namespace, model: pathlib.Path) -> dict[str, Contestant | Bound]:
    there = [Curlew(options.curlew), CurlewInOneProcess(options.curlew), FastApi(model), LitServe(model),
             Bound(options.bound, options.photos)]
    by_name = {each.name: each for each in there}
    if unknown := set(options.only) - set(by_name):
        sys.exit(f"--only does not know {', '.join(sorted(unknown))}")
    return {name: by_name[name] for name in by_name if name in options.only}


def machine() -> dict:
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {"cpu": model[1] if model else platform.machine(), "cores": CORES, "kernel": platform.release(),
            "python": platform.python_version(), "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
            "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")}


def said(name: str, figures: dict) -> None:
    """A line on the terminal."""
    parts = [f"{figures['images_s']:6.0f} photographs/s, {figures['cpu_ms']:6.2f} ms of CPU each"]
    if "busy_p99_ms" in figures:
        parts.append(f"alone p50 {figures['alone_p50_ms']:.1f} p99 {figures['alone_p99_ms']:.1f} ms; at "
                     f"{figures['busy_rate']:.0f}/s p50 {figures['busy_p50_ms']:.1f} p99 {figures['busy_p99_ms']:.1f} ms; "
                     f"{figures['load_pss_mib']:.0f} MiB")
    print(f"    {name:14} " + "; ".join(parts), flush=True)


def agreed(them: dict, plan: Plan) -> Agreement:
    found = agreement({name: answers(each, plan) for name, each in them.items()})
    print(f"  all say the same of {found.same} of {found.of} photographs", flush=True)
    for photograph, classes in found.differing.items():
        print(f"    {photograph}: " + ", ".join(f"{name} {index}" for name, index in classes.items()))
    return found


def run_rounds(options: argparse.Namespace, them: dict, plan: Plan) -> list[dict]:
    rounds = []
    for number in range(options.rounds):
        began, figures = time.monotonic(), {}
        print(f"  round {number + 1} of {options.rounds}", flush=True)
        for name in turns(list(them), number):
            each = them[name]
            figures[name] = measure_bound(each, plan) if isinstance(each, Bound) else measure_server(each, plan)
            said(name, figures[name])
        rounds.append(figures)
        if number == 0 and options.rounds > 1:
            print(f"    some {(options.rounds - 1) * (time.monotonic() - began) / 60:.0f} minutes are left", flush=True)
    return rounds


def write(out: pathlib.Path, rounds: list[dict], found: Agreement, titles: dict[str, str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    figures = {"machine": machine(), "rounds": rounds,
               "agreement": {"same": found.same, "of": found.of, "differing": found.differing}}
    (out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    text = report.table(rounds, titles) + "\n" + report.beside(rounds, titles)
    if "curlew" in titles and "bound" in titles:
        text += "\n" + report.steps_table(rounds)
    (out / "table.md").write_text(text)
    (out / "compare.svg").write_text(report.picture(rounds, titles))
    print(f"\n{text}\nwritten to {out}")


def main() -> int:
    options = arguments()
    place = find_model()
    if not place:
        print("compare: left out, since the birds model is not here (CURLEW_MODELS, or `curlew models pull birds`)")
        return 0
    files = sorted(path.name for path in options.photos.iterdir() if path.suffix.lower() in FORMATS)
    them = contestants(options, place / MODEL)
    with tempfile.TemporaryDirectory(prefix="compare-nginx-") as own, nginx(options.photos, pathlib.Path(own)) as (base, pid):
        plan = Plan([f"{base}/{urllib.parse.quote(name)}" for name in files], pid, options.seconds)
        print(f"{len(files)} photographs, model birds, {CORES} cores, {options.rounds} rounds of {options.seconds:g} s a load")
        found = agreed(them, plan)
        rounds = run_rounds(options, them, plan)
    write(options.out, rounds, found, {name: each.title for name, each in them.items()})
    failed = sum(figures["failed"] for each in rounds for figures in each.values())
    if failed:
        print(f"{failed} requests failed")
    return 1 if failed else 0


if __name__ == "__main__":
    run(main)
