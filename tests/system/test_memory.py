"""A file of 44 KB that promises 400 megapixels costs nothing."""

from __future__ import annotations

import json
import pathlib
import re

import pictures
import pytest
import replies
from origin import Origin
from pictures import RED, plain
from program import LET_IN, Curlew

TEN_MIB_IN_KIB = 10 * 1024


def peak_kib(curlew: Curlew, origin: Origin, *urls: str) -> int:
    """The largest resident set that a run had when all `urls` were done.

    It is read while the run waits for one more picture, which is held back: what a process has used goes with it, and
    the rusage of a child begins with the memory of its parent.
    """
    gate = origin.gate()
    held = origin.serve("/held", replies.held(gate, replies.good(plain(RED))))
    process = curlew.start("classify", "--format", "ndjson", "--workers", 1, *LET_IN, *urls, held)
    done = [json.loads(process.stdout.readline()) for _ in urls]
    assert {r["url"] for r in done} == set(urls)
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    gate.open()
    process.communicate(timeout=30)
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


@pytest.fixture
def exact(curlew: Curlew) -> Curlew:
    if b"__asan_init" in curlew.binary.read_bytes() or b"__tsan_init" in curlew.binary.read_bytes():
        pytest.skip("a sanitizer's memory is not that of the program")
    return curlew


def test_a_png_of_400_megapixels_takes_no_memory(exact: Curlew, origin: Origin) -> None:
    small = origin.serve("/small", replies.good(plain(RED)))
    huge = origin.serve("/huge", replies.good(pictures.huge_png()))
    peak_kib(exact, origin, small)  # warms the cache
    without = min(peak_kib(exact, origin, small) for _ in range(3))
    with_it = min(peak_kib(exact, origin, small, huge) for _ in range(3))
    assert with_it - without < TEN_MIB_IN_KIB


def test_an_endless_body_takes_no_more_than_its_limit(exact: Curlew, origin: Origin) -> None:
    small = origin.serve("/small", replies.good(plain(RED)))
    endless = origin.serve("/endless", replies.endless())
    peak_kib(exact, origin, small)
    without = min(peak_kib(exact, origin, small) for _ in range(2))
    with_it = peak_kib(exact, origin, small, endless)
    assert with_it - without < 3 * 20 * 1024  # a buffer that grew by doubling, and the old one
