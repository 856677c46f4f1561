"""A file of 44 KB that promises 400 megapixels costs nothing."""

from __future__ import annotations

import os

import pictures
import pytest
import replies
from origin import Origin
from pictures import RED, plain
from program import LET_IN, Curlew

TEN_MIB_IN_KIB = 10 * 1024


def peak_kib(curlew: Curlew, *urls: str) -> int:
    """The largest resident set that a run of `urls` had."""
    command = curlew.command("classify", "--format", "json", "--workers", 1, *LET_IN, *urls)
    pid = os.posix_spawn(command[0], command, curlew.environment(), file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0),
    ])  # fmt: skip
    _, status, usage = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1)
    return usage.ru_maxrss


@pytest.fixture
def exact(curlew: Curlew) -> Curlew:
    if b"__asan_init" in curlew.binary.read_bytes() or b"__tsan_init" in curlew.binary.read_bytes():
        pytest.skip("a sanitizer's memory is not that of the program")
    return curlew


def test_a_png_of_400_megapixels_takes_no_memory(exact: Curlew, origin: Origin) -> None:
    small = origin.serve("/small", replies.good(plain(RED)))
    huge = origin.serve("/huge", replies.good(pictures.huge_png()))
    peak_kib(exact, small)  # warms the cache
    without = min(peak_kib(exact, small) for _ in range(3))
    with_it = min(peak_kib(exact, small, huge) for _ in range(3))
    assert with_it - without < TEN_MIB_IN_KIB


def test_an_endless_body_takes_no_more_than_its_limit(exact: Curlew, origin: Origin) -> None:
    small = origin.serve("/small", replies.good(plain(RED)))
    endless = origin.serve("/endless", replies.endless())
    peak_kib(exact, small)
    without = min(peak_kib(exact, small) for _ in range(2))
    assert peak_kib(exact, small, endless) - without < 3 * 20 * 1024
