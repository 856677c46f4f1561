#!/usr/bin/env python3
"""Runs clang-tidy over our sources, side by side; a file that was clean is read again only when it could have changed.

usage: tidy.py BUILD STATE JOBS   (BUILD holds compile_commands.json, STATE is the folder of set-up)
What a file's verdict depends on: the file, the headers of ours that it includes directly or not, and .clang-tidy.
"""

import concurrent.futures
import functools
import hashlib
import pathlib
import re
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[1]
INCLUDE = re.compile(rb'^\s*#\s*include\s*"(curlew/[^"]+)"', re.M)


@functools.cache
def includes(path: pathlib.Path) -> list[pathlib.Path]:
    """The headers of ours that a file names; generated ones are in no source folder and are left out."""
    named = (PROJECT / "src" / name.decode() for name in INCLUDE.findall(path.read_bytes()))
    return [header for header in named if header.exists()]


def key_of(source: pathlib.Path) -> str:
    """A hash of everything of ours that decides what clang-tidy says about `source`."""
    seen, todo = set(), [source]
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += includes(path)
    digest = hashlib.sha256()
    for path in [PROJECT / ".clang-tidy", *sorted(seen)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def check(source: pathlib.Path, build: str) -> str:
    """What clang-tidy finds in `source`; "" if nothing."""
    done = subprocess.run(["clang-tidy-16", "--quiet", "-p", build, source], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def main(build: str, state: pathlib.Path, jobs: int) -> int:
    stamps = state / "stamps" / "tidy"
    stamps.mkdir(parents=True, exist_ok=True)
    sources = sorted(p for folder in ("src", "apps") for p in (PROJECT / folder).rglob("*.cpp"))
    stamp_of = {s: stamps / str(s.relative_to(PROJECT)).replace("/", "_") for s in sources}
    todo = [s for s in sources if not stamp_of[s].exists() or stamp_of[s].read_text() != key_of(s)]
    faulty = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for source, found in zip(todo, pool.map(lambda s: check(s, build), todo)):
            if found:
                faulty += 1
                print(found, flush=True)
            else:
                stamp_of[source].write_text(key_of(source))
    print(f"  {'clang-tidy':<20} {len(sources)} files, {len(todo)} of them read now, {faulty} with faults")
    return 1 if faulty else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])))
