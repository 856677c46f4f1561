#!/usr/bin/env python3
"""The main job, end to end: photographs fetched over HTTP, each named as soon as it is done, and two bad URLs.

usage: demo.py CURLEW PHOTOS   (the program, and the folder that tools/prepare_models.py filled)
Prints what curlew prints, as it prints it; then checks every line of it. Exit status 0 only if all is right.
"""

import os
import pathlib
import re
import subprocess
import sys

from local_origin import origin
from photograph_table import photographs

PULL_S = 10  # how long the demo waits for the birds model to come, where the network has it
RUN_S = 120  # a run that takes longer hangs
BAD = {"not-here.jpg": "http_status", "no-photograph.jpg": "not_an_image"}  # URL's file: the error it is to get
ANSWER = re.compile(r"\s+[\d.]+ %  (?P<label>.+?)  \(fetch .* ms\)")
ERROR = re.compile(r"\s+✗ (?P<code>[a-z_]+): .+")


def choose_model(curlew: str) -> str:
    """`birds` if it is here or comes within PULL_S, else `imagenet`, which is always here; says which."""
    try:
        done = subprocess.run([curlew, "models", "pull", "birds"], capture_output=True, timeout=PULL_S, check=False)
        why = "" if done.returncode == 0 else "its public addresses cannot be reached from here"
    except subprocess.TimeoutExpired:
        why = f"it did not come within {PULL_S} s"
    if why:
        print(f"Model: imagenet, which `make setup` prepared (birds would be the default, but {why}).", flush=True)
        return "imagenet"
    print("Model: birds, the default.", flush=True)
    return "birds"


def run(curlew: str, model: str, urls: list[str]) -> tuple[int, list[str]]:
    """Runs the program on the URLs, its lines printed as they come; its exit status and lines."""
    options = ["--model", model, "--allow-net", "127.0.0.0/8"]
    shown = " ".join(["curlew classify", *options, urls[0], f"… ({len(urls)} URLs)"])
    print(f"\n$ {shown}", flush=True)
    lines = []
    with subprocess.Popen([curlew, "classify", *options, *urls], stdout=subprocess.PIPE, text=True,
                          encoding="utf-8") as program:
        for line in program.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip("\n"))
        return program.wait(timeout=RUN_S), lines


def outcomes(lines: list[str]) -> dict[str, str]:
    """URL: the label that came first, or the code of the error, out of the text that a person sees."""
    found = {}
    for url, line in zip(lines, lines[1:]):
        if url.startswith("http"):
            answer, error = ANSWER.fullmatch(line), ERROR.fullmatch(line)
            found[url] = answer["label"] if answer else error["code"] if error else line
    return found


def is_right(label: str, expected: list[str]) -> bool:
    return any(label == e or label.startswith(f"{e},") for e in expected)


def judge(status: int, got: dict[str, str], right: dict[str, list[str]], bad: dict[str, str]) -> list[str]:
    """What is not as it should be, a line each."""
    faults = [f"{url}: {got.get(url, 'no result')!r} instead of {' or '.join(map(repr, labels))}"
              for url, labels in right.items() if not is_right(got.get(url, ""), labels)]
    faults += [f"{url}: {got.get(url, 'no result')!r} instead of the error {code}"
               for url, code in bad.items() if got.get(url) != code]
    if status != 1:
        faults.append(f"exit status {status} instead of 1, which says that some items failed")
    return faults


def main(curlew: str, photos: pathlib.Path) -> int:
    model = choose_model(curlew)
    shown = [p for p in photographs() if model in p]
    with origin(photos) as base:
        right = {f"{base}/{p['name']}.jpg": p[model] for p in shown}
        bad = {f"{base}/{name}": code for name, code in BAD.items()}
        urls = list(right)
        for place, url in zip((2, 6), bad):  # among the good ones
            urls.insert(place, url)
        status, lines = run(curlew, model, urls)
    faults = judge(status, outcomes(lines), right, bad)
    if faults:
        print("\nThe demo FAILED:", *faults, sep="\n  ")
        return 1
    print(f"\nThe demo is right: {len(right)} photographs have their right labels, {len(bad)} bad URLs got their own "
          f"errors ({', '.join(bad.values())}),\nand the exit status is 1, which says that some items failed.")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])))
