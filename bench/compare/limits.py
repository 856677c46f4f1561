#!/usr/bin/env python3
"""What memory the service takes at rest, under usual load, and with pictures at the limits, beside what the limits say.

usage: limits.py CURLEW PHOTOS [--each 6] [--all 64] [--usual 400] [--out FOLDER]

Starts the service as it comes, but for the model (imagenet), where its store lies, the local network let in, and no kept answers.
One photograph is written in each format with as many pixels and bytes as `limits` allows, served by nginx under as many
addresses as it takes for all to be fetched at once, and asked for: --each of a format at once, then --all of all formats in turn.
Beside each peak stands the bound that follows from the limits; whether each answer is that of the photograph; and what is a row,
a side or a byte too large must be refused. Resident memory is that of the service and its children, ten times a second; `pss`
counts what they share once. Prints a table in Markdown and writes it to --out (build/compare), limits.md and limits.json. Takes
two minutes and 5 GiB of memory, its own included. Exit status 0 only if nothing was lost, and nothing took more than its bound.
"""

import argparse
import collections
import contextlib
import dataclasses
import json
import pathlib
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "service_trials"))
import processes  # noqa: E402
from limit_pictures import Made, write_at_limits, write_beyond  # noqa: E402
from nginx import nginx  # noqa: E402
from options import command_line, folder, program, run  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402
from service_trials import Service, all_results  # noqa: E402

CONFIGURATION = pathlib.Path(__file__).parents[2] / "docs/configuration.md"  # which the program's own table writes
MIB = 1 << 20
SAMPLE_S, POLL_S, LOAD_S = 0.1, 0.05, 150
SLACK_MIB = 32  # "some rows" of very wide pictures, results, connections, and what malloc keeps of loads before
REFUSED = {"pixels": "too_many_pixels", "side": "too_many_pixels", "bytes": "too_large"}
PHOTOGRAPHS = (".jpg", ".jpeg", ".png", ".webp")


@dataclasses.dataclass(frozen=True)
class Limits:
    """The defaults."""

    pixels: int
    side: int
    picture_bytes: int
    items_in_flight: int
    bytes_in_flight: int
    connections_per_origin: int
    decode_memory_bytes: int

    def bound_mib(self, usual: float, workers: int, held: int, pictures: int) -> float:
        """Beyond what usual load takes. Shape: `held` bytes a pixel of a whole picture. Source: ARCHITECTURE.md, "Memory"."""
        in_flight = min(self.bytes_in_flight, min(pictures, self.items_in_flight) * self.picture_bytes)
        return usual + (in_flight + workers * (self.picture_bytes + held * self.pixels)) / MIB + SLACK_MIB

    def worst_mib(self, usual: float, workers: int) -> float:
        """What no picture can get beyond, since its child is ended first."""
        return usual + (self.bytes_in_flight + workers * (self.picture_bytes + self.decode_memory_bytes)) / MIB + SLACK_MIB


def defaults() -> Limits:
    section, found = "", {}
    for line in CONFIGURATION.read_text().splitlines():
        if heading := re.match(r"## \[(\w+)\]", line):
            section = heading[1]
        elif row := re.match(r"\| `(\w+)` \| `(-?[\d.]+)` \|", line):
            found[f"{section}.{row[1]}"] = float(row[2])
    return Limits(int(found["limits.megapixels"] * 1e6), int(found["limits.side_px"]), int(found["limits.picture_bytes"]),
                  int(found["limits.items_in_flight"]), int(found["limits.bytes_in_flight"]),
                  int(found["fetch.connections_per_origin"]), int(found["decode.memory_bytes"]))


class Watch:
    """Samples what the service and its children have resident while it is entered; its peaks after that."""

    def __init__(self, root: int):
        self.root, self.over, self.samples = root, threading.Event(), []
        self.thread = threading.Thread(target=self._sample)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _sample(self) -> None:
        began = time.monotonic()
        while True:
            each = {pid: processes.memory_mib([pid]) for pid in processes.tree(self.root)}
            whole = {name: sum(one[name] for one in each.values()) for name in ("rss", "pss")}
            own = each.pop(self.root, {"pss": 0.0})["pss"]
            self.samples.append({"s": time.monotonic() - began, **whole, "service": own,
                                 "child": max((one["pss"] for one in each.values()), default=0.0)})
            if self.over.wait(SAMPLE_S):
                return

    def peak(self, name: str) -> float:
        return max(sample[name] for sample in self.samples)


@dataclasses.dataclass
class Row:
    load: str
    pictures: int
    right: int
    seconds: float
    watch: Watch
    wrong: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)  # by error code
    bound_mib: float | None = None

    @property
    def told(self) -> str:
        return ", ".join(f"{count} × {code}" for code, count in self.wrong.items())

    @property
    def above(self) -> bool:
        return self.bound_mib is not None and self.watch.peak("pss") > self.bound_mib


@dataclasses.dataclass(frozen=True)
class Expected:
    """What an answer must be; a None is not looked at."""

    index: int | None
    size: tuple[int, int] | None = None

    def right(self, result: dict) -> bool:
        if result["status"] != "ok":
            return False
        size = (result["image"]["width"], result["image"]["height"])
        return self.size in (None, size) and self.index in (None, result["predictions"][0]["index"])


def asked(service: Service, urls: Sequence[str]) -> list[dict]:
    """All results of a batch of its own, in the order of the list; a place without a result has an error."""
    batch, end = service.batch(list(urls)), time.monotonic() + LOAD_S
    while service.ask("GET", f"/v1/batches/{batch}")[1]["status"] != "done" and time.monotonic() < end:
        time.sleep(POLL_S)  # as a client polls
    found = {result["index"]: result for result in all_results(service, batch)}
    lost = {"status": "error", "error": {"code": "lost"}}
    return [found.get(i, lost) for i in range(len(urls))]


def loaded(service: Service, title: str, urls: Sequence[str], expected: Sequence[Expected]) -> Row:
    with Watch(service.process.pid) as watch:
        began = time.monotonic()
        results = asked(service, urls)
        seconds = time.monotonic() - began
    right = [each.right(result) for each, result in zip(expected, results, strict=True)]
    wrong = collections.Counter(result.get("error", {}).get("code", "another answer")
                                for result, is_right in zip(results, right, strict=True) if not is_right)
    row = Row(title, len(urls), sum(right), seconds, watch, wrong)
    print(f"  {title}: {row.right} of {len(urls)} right{f' ({row.told})' if wrong else ''}, pss {watch.peak('pss'):.0f} MiB, "
          f"{seconds:.1f} s", flush=True)
    return row


class Addresses:
    """URLs of files: each differs from all before, and comes from the next address."""

    def __init__(self, base: str, origins: int):
        self.base, self.origins, self.count = base, origins, 0

    def of(self, name: str) -> str:
        self.count += 1
        return self.base.replace("127.0.0.1", f"127.0.0.{self.count % self.origins + 1}") + f"/{name}?{self.count}"


def surest(service: Service, at: Addresses, photos: Sequence[pathlib.Path]) -> tuple[pathlib.Path, int]:
    """The photograph whose answer leaves least room for another, and that answer."""
    results = asked(service, [at.of(path.name) for path in photos])
    answers = [(result["predictions"][0]["score"], path, result["predictions"][0]["index"])
               for path, result in zip(photos, results, strict=True) if result["status"] == "ok"]
    if not answers:
        sys.exit("the service named none of the photographs")
    _, path, index = max(answers)
    return path, index


def at_rest(service: Service) -> Row:
    processes.settle(processes.tree(service.process.pid))
    with Watch(service.process.pid) as watch:
        time.sleep(1)  # of rest, which is what is measured
    return Row("rest", 0, 0, 1, watch)


def refused(service: Service, at: Addresses, beyond: dict[str, pathlib.Path]) -> list[str]:
    """What was not, though it is too large."""
    results = asked(service, [at.of(path.name) for path in beyond.values()])
    codes = {name: result.get("error", {}).get("code", "an answer") for name, result in zip(beyond, results, strict=True)}
    print("  beyond the limits: " + ", ".join(f"{name}: {code}" for name, code in codes.items()), flush=True)
    return [f"too many {name}: {code}" for name, code in codes.items() if code != REFUSED[name]]


def table(rows: Sequence[Row], limits: Limits, workers: int) -> str:
    lines = ["| load | pictures | answered right | peak, MiB (pss) | rss | the service | largest child | bound, MiB | s |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        cells = [f"{row.watch.peak(name):.0f}" for name in ("pss", "rss", "service", "child")]
        bound = "–" if row.bound_mib is None else f"{row.bound_mib:.0f}{' ABOVE' if row.above else ''}"
        right = f"{row.right}{f' ({row.told})' if row.wrong else ''}" if row.pictures else "–"
        lines.append(f"| {row.load} | {row.pictures or '–'} | {right} | " + " | ".join(cells)
                     + f" | {bound} | {row.seconds:.0f} |")
    file, whole = limits.picture_bytes // MIB, limits.bytes_in_flight // MIB
    lines += ["", f"The pictures at the limits have {limits.pixels / 1e6:g} megapixels and {limits.picture_bytes:,} bytes each; "
              f"there are {workers} workers. Bound: what usual load takes (the second row) + min({whole} MiB in "
              f"flight, pictures × {file} MiB) + workers × ({file} MiB of shared memory + what the codec holds: 0, or 8 bytes × "
              f"{limits.pixels / 1e6:g} megapixels) + {SLACK_MIB} MiB. Whatever a picture does, its child gets no more than "
              f"decode.memory_bytes: {limits.worst_mib(rows[1].watch.peak('pss'), workers):.0f} MiB in all."]
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def running(service: Service) -> Iterator[Service]:
    service.start()
    try:
        yield service
    finally:
        processes.end(service.process)


def trial(options: argparse.Namespace, place: pathlib.Path) -> tuple[list[Row], list[str], int]:
    limits, files = defaults(), place / "files"
    files.mkdir()
    photos = sorted(path for path in options.photos.iterdir() if path.suffix.lower() in PHOTOGRAPHS)
    for path in photos:
        shutil.copy(path, files)
    origins = -(-limits.items_in_flight // limits.connections_per_origin)
    (place / "nginx").mkdir()
    with nginx(files, place / "nginx", origins) as (base, _), running(Service(str(options.curlew), place)) as service:
        at = Addresses(base, origins)
        rows = [at_rest(service)]
        path, index = surest(service, at, photos)
        photograph = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        print(f"{path.name} at {limits.pixels / 1e6:g} megapixels and {limits.picture_bytes:,} bytes in each format", flush=True)
        made = write_at_limits(photograph, files, limits.pixels, limits.side, limits.picture_bytes)
        beyond = write_beyond(photograph, files, limits.pixels, limits.side, limits.picture_bytes)
        usual = [photos[i % len(photos)].name for i in range(options.usual)]
        rows.append(loaded(service, "usual: photographs", [at.of(name) for name in usual], [Expected(None)] * len(usual)))
        workers = len(processes.tree(service.process.pid)) - 1  # each has a child that decodes
        before = rows[-1].watch.peak("pss")
        for row_of in [[one] * options.each for one in made] + [[made[i % len(made)] for i in range(options.all)]]:
            rows.append(at_limits(service, at, row_of, index))
            rows[-1].bound_mib = limits.bound_mib(before, workers, max(one.kind.held for one in row_of), len(row_of))
        faults = refused(service, at, beyond)
        rows.append(dataclasses.replace(at_rest(service), load="rest, afterwards"))
        faults += [f"{row.load}: {row.pictures - row.right} of {row.pictures} were not answered right: {row.told}" for row in rows
                   if row.right < row.pictures]
        faults += [f"{row.load}: {row.watch.peak('pss'):.0f} MiB, above {row.bound_mib:.0f}" for row in rows if row.above]
        faults += [] if service.stop() == 0 else ["the service did not end with 0"]
    print(f"\n{table(rows, limits, workers)}")
    return rows, faults, workers


def at_limits(service: Service, at: Addresses, pictures: Sequence[Made], index: int) -> Row:
    names = {one.kind.name for one in pictures}
    title = names.pop() if len(names) == 1 else "all of these in turn"
    return loaded(service, title, [at.of(one.file.name) for one in pictures], [Expected(index, one.size) for one in pictures])


def arguments() -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument("curlew", type=program)
    parser.add_argument("photos", type=folder)
    parser.add_argument("--each", type=int, default=6)
    parser.add_argument("--all", type=int, default=64)
    parser.add_argument("--usual", type=int, default=400)
    return parser.parse_args()


def main() -> int:
    options = arguments()
    Image.MAX_IMAGE_PIXELS = None  # its own are large on purpose
    with tempfile.TemporaryDirectory(prefix="limits-") as place:
        rows, faults, workers = trial(options, pathlib.Path(place))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "limits.md").write_text(table(rows, defaults(), workers))
    figures = [{"load": row.load, "pictures": row.pictures, "right": row.right, "wrong": row.wrong, "bound_mib": row.bound_mib,
                "samples": row.watch.samples} for row in rows]
    (options.out / "limits.json").write_text(json.dumps(figures) + "\n")
    print(f"written to {options.out}")
    print(*faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    run(main)
