#!/usr/bin/env python3
"""Both tasks, end to end: photographs fetched over HTTP, each named, then each searched for objects, and bad URLs.

usage: demo.py CURLEW PHOTOS OUT   (the program; the folder that tools/prepare_models.py filled; where pictures with
boxes go)
Prints what curlew prints, as it prints it; then checks every line of it. Exit status 0 only if all is right.
"""

import collections
import dataclasses
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
SEARCHED = ("giraffes", "horses", "hens", "opera", "palace", "dog")  # photographs that show detection well
NAMED = re.compile(r"\s+[\d.]+ %  (?P<label>.+?)  \(fetch .* ms\)")
FOUND = re.compile(r"\s+[\d.]+ %  (?P<label>.+?)  \d+,\d+ – \d+,\d+(  \(fetch .* ms\))?")
ERROR = re.compile(r"\s+✗ (?P<code>[a-z_]+): .+")


@dataclasses.dataclass
class Outcome:
    """What a person sees of one URL: its labels, or the code of its error."""
    labels: list[str] = dataclasses.field(default_factory=list)
    error: str = ""

    def __str__(self) -> str:
        return self.error or ", ".join(self.labels) or "nothing"


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


def run(command: list[str], urls: list[str]) -> tuple[int, list[str]]:
    """Runs the program on the URLs, its lines printed as they come; its exit status and lines."""
    shown = " ".join(["curlew", *command[1:], urls[0], f"… ({len(urls)} URLs)"])
    print(f"\n$ {shown}", flush=True)
    lines = []
    with subprocess.Popen([*command, *urls], stdout=subprocess.PIPE, text=True, encoding="utf-8") as program:
        for line in program.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip("\n"))
        return program.wait(timeout=RUN_S), lines


def outcomes(lines: list[str]) -> dict[str, Outcome]:
    """What came of each URL, out of the text that a person sees."""
    seen: dict[str, Outcome] = {}
    current = Outcome()
    for line in lines:
        if line.startswith("http"):
            current = seen.setdefault(line, Outcome())
        elif answer := FOUND.fullmatch(line) or NAMED.fullmatch(line):
            current.labels.append(answer["label"])
        elif error := ERROR.fullmatch(line):
            current.error = error["code"]
    return seen


def is_named(outcome: Outcome, expected: list[str]) -> bool:
    """Whether the first label is one of these, or begins with it up to a comma."""
    return any(label == e or label.startswith(f"{e},") for label in outcome.labels[:1] for e in expected)


def is_found(outcome: Outcome, expected: list[str]) -> bool:
    """Whether each object is there, as often as it is listed; what is less sure may be there too."""
    return not collections.Counter(expected) - collections.Counter(outcome.labels)


def judge(status: int, got: dict[str, Outcome], right: dict[str, list[str]], bad: dict[str, str], is_right) -> list[str]:
    """What is not as it should be, a line each."""
    faults = [f"{url}: {got.get(url, 'no result')} instead of {', '.join(labels)}"
              for url, labels in right.items() if url not in got or not is_right(got[url], labels)]
    faults += [f"{url}: {got.get(url, 'no result')} instead of the error {code}"
               for url, code in bad.items() if url not in got or got[url].error != code]
    if status != 1:
        faults.append(f"exit status {status} instead of 1, which says that some items failed")
    return faults


def show(command: list[str], photos: pathlib.Path, shown: list[dict], model: str, is_right) -> list[str]:
    """One run over photographs and, among them, two bad URLs; its faults."""
    with origin(photos) as base:
        right = {f"{base}/{p['name']}.jpg": p[model] for p in shown}
        bad = {f"{base}/{name}": code for name, code in BAD.items()}
        urls = list(right)
        for place, url in zip((2, 6), bad):  # among the good ones
            urls.insert(place, url)
        status, lines = run(command, urls)
    faults = judge(status, outcomes(lines), right, bad, is_right)
    if not faults:
        print(f"\nRight: {len(right)} photographs have their labels, {len(bad)} bad URLs their own errors "
              f"({', '.join(bad.values())}), and the exit status is 1, which says that some items failed.", flush=True)
    return faults


def main(curlew: str, photos: pathlib.Path, out: pathlib.Path) -> int:
    let_in = ["--allow-net", "127.0.0.0/8"]
    model = choose_model(curlew)
    named = [p for p in photographs() if model in p]
    faults = show([curlew, "classify", "--model", model, *let_in], photos, named, model, is_named)

    searched = [p for name in SEARCHED for p in photographs() if p["name"] == name]
    faults += show([curlew, "detect", *let_in, "--annotate", os.path.relpath(out)], photos, searched, "coco", is_found)
    drawn = sorted(out.glob("*.jpg"))
    if len(drawn) != len(searched):
        faults.append(f"{len(drawn)} pictures with boxes in {out} instead of {len(searched)}")
    if faults:
        print("\nThe demo FAILED:", *faults, sep="\n  ")
        return 1
    print(f"The pictures with boxes are in {os.path.relpath(out)}/, {drawn[0].name} is the first.")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])))
