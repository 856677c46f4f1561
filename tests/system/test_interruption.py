"""Ctrl-C: what was done is printed, status 130, soon."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess

import pytest
import replies
from origin import Origin
from pictures import RED, plain
from program import LET_IN, Curlew

SOON_S = 10
DONE = 20


@pytest.fixture
def urls(origin: Origin) -> list[str]:
    """200 of which the first 20 answer; the others are held back for ever."""
    never = origin.gate()
    origin.serve("/done", replies.good(plain(RED)))
    origin.serve("/held", replies.held(never, replies.good(plain(RED))))
    return [f"{origin.base}/{'done' if i < DONE else 'held'}?{i}" for i in range(200)]


def interrupt_when_held(process: subprocess.Popen, origin: Origin, number: int = signal.SIGINT) -> None:
    origin.wait_until(lambda o: o.count("/done") == DONE and o.count("/held") >= 6)
    process.send_signal(number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ndjson_keeps_what_was_printed(curlew: Curlew, origin: Origin, urls: list[str], number: int) -> None:
    process = curlew.start("classify", "--format", "ndjson", *LET_IN, *urls)
    first = [json.loads(process.stdout.readline()) for _ in range(DONE)]
    interrupt_when_held(process, origin, number)
    rest, stderr = process.communicate(timeout=SOON_S)
    assert process.returncode == 130
    assert {r["index"] for r in first} == set(range(DONE)) and all(r["status"] == "ok" for r in first)
    assert all(json.loads(line)["error"]["code"] == "cancelled" for line in rest.splitlines())
    assert b"200" in stderr and b"180" in stderr


def test_json_is_whole_and_holds_what_was_done(curlew: Curlew, origin: Origin, urls: list[str]) -> None:
    """Nothing is on stdout before the end; that 20 are done, the bar on the terminal says."""
    ours, theirs = pty.openpty()
    process = curlew.start("classify", "--format", "json", *LET_IN, *urls, stderr=theirs)
    os.close(theirs)
    seen = b""
    while b"20/200" not in seen:
        seen += os.read(ours, 4096)
    interrupt_when_held(process, origin)
    stdout, _ = process.communicate(timeout=SOON_S)
    os.close(ours)
    assert process.returncode == 130
    results = json.loads(stdout)["results"]
    assert [r["index"] for r in results if r["status"] == "ok"] == list(range(DONE))
    assert all(r["error"]["code"] == "cancelled" for r in results if r["status"] == "error")


@pytest.mark.parametrize("format_", ["text", "csv"])
def test_the_other_formats_end_with_a_whole_line(
    curlew: Curlew, origin: Origin, urls: list[str], format_: str
) -> None:
    process = curlew.start("classify", "--format", format_, *LET_IN, *urls)
    interrupt_when_held(process, origin)
    stdout, _ = process.communicate(timeout=SOON_S)
    assert process.returncode == 130
    assert not stdout or stdout.endswith(b"\n")
    if format_ == "csv":
        assert all(len(row) > 5 for row in csv.reader(io.StringIO(stdout.decode())))


def test_an_interrupted_origin_gets_no_further_requests(curlew: Curlew, origin: Origin, urls: list[str]) -> None:
    process = curlew.start("classify", "--format", "ndjson", *LET_IN, *urls)
    interrupt_when_held(process, origin)
    process.communicate(timeout=SOON_S)
    assert (origin.count("/held"), origin.peak_connections) == (6, 6)


def test_while_it_waits_for_a_retry(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.status(503, "Retry-After: 25"))
    process = curlew.start("classify", "--format", "json", *LET_IN, url)
    origin.wait_until(lambda o: o.count("/a") == 1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SOON_S)
    assert process.returncode == 130


def test_while_it_reads_the_list(curlew: Curlew) -> None:
    """Nobody has typed anything yet; Ctrl-C must not wait for them."""
    process = curlew.start("classify", "-", stdin=subprocess.PIPE)
    wait_for_read_of_stdin(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(SOON_S) in (130, -signal.SIGINT)
    process.communicate()


def wait_for_read_of_stdin(pid: int) -> None:
    """Returns when the process sleeps in a read of its descriptor 0, as the kernel says."""
    while True:
        with open(f"/proc/{pid}/syscall", encoding="ascii") as f:
            fields = f.read().split()
        if fields[:2] == ["0", "0x0"]:
            return


def test_twice_ends_at_once(curlew: Curlew, origin: Origin, urls: list[str]) -> None:
    process = curlew.start("classify", "--format", "ndjson", *LET_IN, *urls)
    interrupt_when_held(process, origin)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SOON_S)
    assert process.returncode in (130, -signal.SIGINT)
