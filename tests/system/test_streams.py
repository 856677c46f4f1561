"""Results and nothing else on stdout; everything else on stderr; what happens where one of them is gone."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess

import pytest
import replies
from origin import Origin
from pictures import RED, plain
from program import LET_IN, Curlew

FORMATS = ["text", "json", "ndjson", "csv"]


@pytest.fixture
def urls(origin: Origin) -> list[str]:
    origin.serve("/red", replies.good(plain(RED)))
    return [f"{origin.base}/red?{i}" for i in range(50)]


@pytest.mark.parametrize("format_", FORMATS)
def test_the_summary_goes_to_stderr_and_tells_the_running_time(
    curlew: Curlew, urls: list[str], format_: str
) -> None:
    run = curlew.run("classify", "--format", format_, *LET_IN, *urls, "ftp://a/b")
    assert "51" in run.stderr and "1" in run.stderr
    assert " s" in run.stderr or "ms" in run.stderr
    assert "fetch" in run.stderr and "infer" in run.stderr


@pytest.mark.parametrize("verbose", ["-v", "-vv"])
def test_logs_go_to_stderr(curlew: Curlew, urls: list[str], verbose: str) -> None:
    quiet, loud = curlew.classify(*urls), curlew.classify(verbose, *urls)
    assert loud.codes == ["red"] * 50
    assert len(loud.stderr) > len(quiet.stderr)


def test_logs_lose_userinfo_and_query(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.in_turn(replies.status(503), replies.status(404)))
    run = curlew.classify("-vv", url + "?token=SECRET", f"http://name:PASSWORD@127.0.0.1:{origin.port}/a")
    assert "SECRET" not in run.stderr and "PASSWORD" not in run.stderr


def test_no_bar_where_stderr_is_no_terminal(curlew: Curlew, urls: list[str]) -> None:
    run = curlew.classify(*urls)
    assert "\r" not in run.stderr and "\x1b" not in run.stderr


def read_all(fd: int) -> bytes:
    out = b""
    with contextlib.suppress(OSError):  # a pty ends with EIO
        while part := os.read(fd, 65536):
            out += part
    os.close(fd)
    return out


def test_a_bar_on_a_terminal_and_stdout_stays_clean(curlew: Curlew, urls: list[str]) -> None:
    ours, theirs = pty.openpty()
    process = curlew.start("classify", "--format", "ndjson", *LET_IN, *urls, stderr=theirs)
    os.close(theirs)
    stdout = process.stdout.read()
    stderr = read_all(ours)
    assert process.wait(30) == 0
    assert stdout.count(b"\n") == 50 and b"\x1b" not in stdout and b"\r" not in stdout
    assert b"/50" in stderr and b"\r" in stderr


def test_nothing_that_others_sent_drives_the_terminal(curlew: Curlew, urls: list[str]) -> None:
    run = curlew.run("classify", *LET_IN, "\x1b]0;title\x07\x1b[31mred", "a\rb", "a\u202eb", urls[0])
    for evil in ("\x1b", "\x07", "\r", "\u202e"):
        assert evil not in run.stdout + run.stderr


@pytest.mark.parametrize("format_", FORMATS)
def test_a_reader_that_goes_away_ends_the_run(curlew: Curlew, origin: Origin, urls: list[str], format_: str) -> None:
    """`curlew … | head -1`: the rest of the list is not fetched for nobody."""
    gate = origin.gate()
    held = origin.serve("/held", replies.held(gate, replies.good(plain(RED))))
    process = curlew.start("classify", "--format", format_, *LET_IN, *urls[:5], *[held] * 20)
    if format_ != "json":
        assert process.stdout.readline()
    process.stdout.close()
    gate.open()
    stderr = process.stderr.read()
    assert process.wait(20) not in (0, -6, -11)
    assert b"terminate" not in stderr
    process.stderr.close()


@pytest.mark.parametrize("format_", FORMATS)
def test_a_full_disk_behind_stdout_is_an_error(curlew: Curlew, urls: list[str], format_: str) -> None:
    with open("/dev/full", "wb") as full:
        process = curlew.start("classify", "--format", format_, *LET_IN, *urls, stdout=full)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 3
    assert b"stdout" in stderr or b"standard output" in stderr or b"written" in stderr


def test_help_to_a_full_disk_is_an_error_too(curlew: Curlew) -> None:
    with open("/dev/full", "wb") as full:
        process = curlew.start("--help", stdout=full)
        process.communicate(timeout=30)
    assert process.returncode != 0


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_closed_by_the_shell_is_no_crash(curlew: Curlew, urls: list[str], closed: str) -> None:
    """The descriptor 0, 1 or 2 is free then: nothing of ours may be opened there and written to."""
    command = curlew.command("classify", "--format", "json", *LET_IN, urls[0])
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *command], env=curlew.environment(), capture_output=True,
        timeout=30, check=False,
    )  # fmt: skip
    if ">&-" in closed.replace("2>&-", ""):
        assert done.returncode == 3
    else:
        assert done.returncode == 0
        assert b'"red"' in done.stdout


def test_a_slow_reader_gets_everything(curlew: Curlew, origin: Origin) -> None:
    origin.serve("/red", replies.good(plain(RED)))
    urls = [f"{origin.base}/red?{'x' * 2000}{i}" for i in range(200)]
    process = curlew.start("classify", "--format", "ndjson", *LET_IN, *urls)
    origin.wait_until(lambda o: len(o.requests) >= 30)  # more than a pipe holds is on its way
    stdout, _ = process.communicate(timeout=60)
    assert stdout.count(b"\n") == 200 and process.returncode == 0
