#!/usr/bin/env python3
"""What the ways of doing the same cost: formats and sizes of pictures, child processes, re-quantized weights, kept networks.

usage: compare_ways.py CURLEW PHOTOGRAPH [ROUNDS]

Prints tables in Markdown (docs/performance.md keeps one run of them). Two ways are run in turns, and the ratio is that of
each pair, so that a machine that drifts drifts for both. The birds model must be on this machine (CURLEW_MODELS, or
`curlew models pull birds`); the ways of loading it are left out otherwise.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from pictures import FORMATS, MEGAPIXELS, write_pictures

ROUNDS = 5
PICTURES_A_RUN = {0.3: 12, 1.0: 12, 12.0: 4}
BATCH = 200


class Runs:
    def __init__(self, curlew: str, cache: pathlib.Path):
        self.curlew = curlew
        # A BMP of 12 MP has more bytes than are let in by default.
        self.env = {**os.environ, "CURLEW_CACHE": str(cache), "CURLEW_LIMITS_PICTURE_BYTES": str(64 << 20)}

    def run(self, *arguments: str, env: dict[str, str] | None = None) -> tuple[list[dict], float]:
        """The results, and how long the whole process took in milliseconds."""
        began = time.perf_counter()
        done = subprocess.run(
            [self.curlew, "classify", "--format", "ndjson", *arguments],
            env={**self.env, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        took = (time.perf_counter() - began) * 1000
        results = [json.loads(line) for line in done.stdout.splitlines()]
        if not results or any(r["status"] != "ok" for r in results):
            sys.exit(f"a run failed: {done.stderr[-500:]}{done.stdout[-500:]}")
        return results, took

    def step(self, step: str, *arguments: str, env: dict[str, str] | None = None) -> float:
        """The median of a step over the pictures of a run, without the first of each worker."""
        results, _ = self.run("--workers", "1", *arguments, env=env)
        return statistics.median(r["timings_ms"][step] for r in results[1:])


def has_birds(curlew: str) -> bool:
    said = subprocess.run([curlew, "models", "list"], capture_output=True, text=True, check=False).stdout
    lines = said.splitlines()
    at = next((i for i, line in enumerate(lines) if line.startswith("birds")), None)
    return at is not None and "to be downloaded" not in lines[at + 1] and "missing" not in lines[at + 1]


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def by_format(runs: Runs, files: dict, rounds: int) -> None:
    print(f"Decoding to the network's input, ms a picture on one core; median of {rounds} runs, the file's size beside it.")
    print("In brackets: the time in a child process (`--spawn`) by that in this one, median of the pairs.\n")
    print("| format | " + " | ".join(f"{m:g} MP" for m in MEGAPIXELS) + " |")
    print("| --- |" + " --- |" * len(MEGAPIXELS))
    for name in FORMATS:
        cells = []
        for megapixels in MEGAPIXELS:
            file = files[name, megapixels]
            pictures = [str(file)] * PICTURES_A_RUN[megapixels]
            pairs = [
                (runs.step("decode", *pictures), runs.step("decode", "--spawn", *pictures)) for _ in range(rounds)
            ]
            here = statistics.median(a for a, _ in pairs)
            ratio = statistics.median(b / a for a, b in pairs)
            cells.append(f"{here:.1f} (× {ratio:.2f}), {file.stat().st_size / 1e6:.2f} MB")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def in_pairs(title: str, rounds: int, one, other) -> None:
    """`one` and `other` give milliseconds each time that they are called."""
    pairs = [(one(), other()) for _ in range(rounds)]
    a, b = ([p[i] for p in pairs] for i in (0, 1))
    ratio = spread([y / x for x, y in pairs])
    print(f"| {title} | {statistics.median(a):.1f} | {statistics.median(b):.1f} | {ratio} |", flush=True)


def ways(runs: Runs, photograph: str, rounds: int, birds: bool) -> None:
    print("\n| A against B | A, ms | B, ms | B / A |")
    print("| --- | --- | --- | --- |")
    batch = [photograph] * BATCH
    five = [photograph] * 5
    for model in (["birds"] if birds else []) + ["imagenet"]:
        use = ["--model", model]
        in_pairs(f"{model}: {BATCH} pictures, whole process: here, `--spawn`", rounds,
                 lambda: runs.run(*use, *batch)[1], lambda: runs.run(*use, "--spawn", *batch)[1])
        in_pairs(f"{model}: {BATCH} pictures, whole process: here, only decoding in children", rounds,
                 lambda: runs.run(*use, *batch)[1],
                 lambda: runs.run(*use, *batch, env={"CURLEW_DECODE_ISOLATE": "true"})[1])
        in_pairs(f"{model}: 5 pictures, whole process: here, `--spawn`", rounds,
                 lambda: runs.run(*use, *five)[1], lambda: runs.run(*use, "--spawn", *five)[1])
        with tempfile.TemporaryDirectory() as none:
            in_pairs(f"{model}: 1 picture, whole process: compiled network kept, not kept", min(rounds, 3),
                     lambda: runs.run(*use, photograph)[1],
                     lambda: runs.run(*use, photograph, env={"CURLEW_CACHE": f"{none}/{time.monotonic_ns()}"})[1])
    if birds:
        in_pairs("birds: infer a picture, one core: weights re-quantized, as read", rounds,
                 lambda: runs.step("infer", "--model", "birds", *[photograph] * 40),
                 lambda: runs.step("infer", "--model", "birds", *[photograph] * 40,
                                   env={"CURLEW_INFER_REQUANTIZE": "false"}))


def main(curlew: str, photograph: pathlib.Path, rounds: int) -> None:
    birds = has_birds(curlew)
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        runs = Runs(curlew, place / "cache")
        runs.env["CURLEW_MODELS_CLASSIFY"] = "birds" if birds else "imagenet"
        runs.run(str(photograph))  # once, so that the compiled network is kept
        by_format(runs, write_pictures(photograph, place), rounds)
        ways(runs, str(photograph), rounds, birds)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve(), int(sys.argv[3]) if len(sys.argv) > 3 else ROUNDS)
