#!/usr/bin/env python3
"""Wall time of `curlew classify` on five photographs over loopback HTTP, against the same in Python with LiteRT.

usage: compare_cli.py CURLEW PHOTOS [ROUNDS]   (the program; a folder of photographs: tools/prepare_models.py makes one)

Both are whole processes, started, run and ended, in turns, caches warm. Machines drift, so the figure to look at is the
ratio, of the medians and round by round. Both must give the same labels. The birds model must be on this machine
(CURLEW_MODELS, or `curlew models pull birds`).
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))
from local_origin import origin  # noqa: E402
from photograph_table import photographs  # noqa: E402

MODEL, LABELS = "aiy_birds_V1.tflite", "aiy_birds_V1_labelmap.csv"
PICTURES = 5
ROUNDS = 21


def find_model() -> pathlib.Path | None:
    """The folder that holds the birds model: one of CURLEW_MODELS, or curlew's cache."""
    cache = os.environ.get("XDG_CACHE_HOME", "").strip() or str(pathlib.Path.home() / ".cache")
    places = [p for p in os.environ.get("CURLEW_MODELS", "").split(":") if p]
    roots = [os.environ.get("CURLEW_CACHE", "").strip() or f"{cache}/curlew"]
    for place in [*places, *roots]:
        found = next(iter(sorted(pathlib.Path(place).rglob(MODEL))), None) if os.path.isdir(place) else None
        if found and (found.parent / LABELS).exists():
            return found.parent
    return None


def timed(command: list[str]) -> tuple[float, str]:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return (time.perf_counter() - start) * 1000, done.stdout


def quartiles(times: list[float]) -> str:
    low, _, high = statistics.quantiles(times, n=4)
    return f"{statistics.median(times):8.0f} ms   ({low:.0f} to {high:.0f})"


def main(curlew: str, photos: pathlib.Path, rounds: int) -> int:
    model = find_model()
    if not model:
        print("compare_cli: left out, since the birds model is not here (CURLEW_MODELS, or `curlew models pull birds`)")
        return 0
    names = [f"{p['name']}.jpg" for p in photographs() if "birds" in p][:PICTURES]
    with origin(photos) as base:
        urls = [f"{base}/{name}" for name in names]
        ours = [curlew, "classify", "--model", "birds", "--format", "json", "--allow-net", "127.0.0.0/8", *urls]
        peer = [sys.executable, str(pathlib.Path(__file__).with_name("peer_litert.py")), str(model / MODEL),
                str(model / LABELS), *urls]
        _, said = timed(ours)  # both once for the caches
        labels = [r["predictions"][0]["label"] for r in json.loads(said)["results"]]
        _, said = timed(peer)
        peer_labels = [line.split(" ", 1)[1].rsplit(" ", 1)[0] for line in said.splitlines()]
        pairs = [(timed(ours)[0], timed(peer)[0]) for _ in range(rounds)]
    a, b = zip(*pairs)
    ratios = sorted(x / y for x, y in pairs)
    print(f"{PICTURES} photographs over loopback HTTP, model birds, {rounds} rounds in turns, {os.cpu_count()} cores")
    print(f"  curlew classify            {quartiles(a)}")
    print(f"  Python, Pillow and LiteRT  {quartiles(b)}")
    print(f"  curlew takes {statistics.median(a) / statistics.median(b):.2f} of the peer's time (ratio of medians); "
          f"round by round {ratios[len(ratios) // 2]:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
    if labels != peer_labels:
        print(f"  The labels DIFFER: {labels} against {peer_labels}")
        return 1
    print(f"  both name them {', '.join(labels)}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]),
                  int(sys.argv[3]) if len(sys.argv) == 4 else ROUNDS))
