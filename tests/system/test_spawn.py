"""Pictures decoded and named in child processes: whatever one does to them costs that one, and nothing is left behind.

The binary has to be one that tests can make misbehave (the presets dev and asan); the pictures that do it are words.
"""

from __future__ import annotations

import json
import os
import pathlib
import select
import signal
import subprocess

import pytest
import replies
from origin import Origin
from pictures import RED, noise_jpeg, plain
from program import LET_IN, Curlew

WAYS_TO_DIE = ("crash", "abort", "exit", "lie")


@pytest.fixture(scope="session", autouse=True)
def hooks(binary: pathlib.Path) -> None:
    if b"curlew-test:" not in binary.read_bytes():
        pytest.skip("this binary has no hooks for tests (CURLEW_TEST_HOOKS)")


def word(origin: Origin, what: str) -> str:
    return origin.serve(f"/{what}.jpg", replies.good(f"curlew-test:{what}".encode()))


def good(origin: Origin, name: str) -> str:
    return origin.serve(f"/{name}.png", replies.good(plain(RED)))


def processes() -> set[int]:
    """All children of this machine that decode or name for a binary of ours."""
    found = set()
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if {b"decode-child", b"lane-child"} & set((entry / "cmdline").read_bytes().split(b"\0")):
                found.add(int(entry.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("how", WAYS_TO_DIE)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_decoder_that_dies_costs_one_picture(curlew: Curlew, origin: Origin, how: str, workers: int) -> None:
    before = processes()
    urls = [good(origin, "a"), word(origin, how), good(origin, "b"), word(origin, how), good(origin, "c")]
    run = curlew.classify("--spawn", "--workers", workers, *urls)
    assert run.codes == ["red", "decode_failed", "red", "decode_failed", "red"]
    assert run.status == 1
    assert processes() <= before


@pytest.mark.parametrize("how", ["hang", "spin"])
def test_a_decoder_that_hangs_is_ended(curlew: Curlew, origin: Origin, how: str) -> None:
    before = processes()
    urls = [good(origin, "a"), word(origin, how), good(origin, "b")]
    run = curlew.classify("--spawn", *urls, env={"CURLEW_DECODE_TIMEOUT_S": "0.5"})
    assert run.codes == ["red", "decode_failed", "red"]
    assert "longer than 0.5 s" in run.results[1]["error"]["message"]
    assert 400 < run.results[1]["timings_ms"]["decode"] < 5000
    assert processes() <= before


def test_a_decoder_that_eats_memory_gets_none(curlew: Curlew, origin: Origin) -> None:
    urls = [good(origin, "a"), word(origin, "eat"), good(origin, "b")]
    run = curlew.classify("--spawn", *urls, env={"CURLEW_DECODE_MEMORY_BYTES": str(64 << 20)})
    assert run.codes == ["red", "internal", "red"]
    assert "memory" in run.results[1]["error"]["message"]


def test_a_decoder_that_was_taken_over_can_do_nothing(curlew: Curlew, origin: Origin) -> None:
    run = curlew.classify("--spawn", word(origin, "escape"))
    tries = dict(each.split(" ") for each in run.results[0]["error"]["message"].rstrip(", ").split(", "))
    assert set(tries) >= {"open", "create", "socket", "connect", "sendto", "exec", "fork", "ptrace", "kill"}
    assert set(tries.values()) == {"EPERM"}


def test_the_answers_are_those_of_one_process(curlew: Curlew, origin: Origin) -> None:
    bodies = {"/n.jpg": noise_jpeg(), "/no": b"no", "/avif": plain(RED, "AVIF")}
    urls = [good(origin, "a"), *(origin.serve(p, replies.good(b)) for p, b in bodies.items()), good(origin, "b")]
    results = [curlew.classify(flag, *urls).results for flag in ("--spawn", "--no-spawn")]
    for result in (*results[0], *results[1]):
        del result["timings_ms"]
    assert results[0] == results[1]


def test_a_model_that_is_not_to_be_had_is_told_as_in_one_process(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path
) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no network")
    for model in ("nosuch", str(broken)):
        url = good(origin, "a")
        spawned, here = (curlew.classify(flag, "--model", model, url) for flag in ("--spawn", "--no-spawn"))
        assert (spawned.status, spawned.stdout) == (here.status, here.stdout)
        assert spawned.status == 3
        assert spawned.stderr.splitlines()[-1] == here.stderr.splitlines()[-1]


def test_a_naming_child_that_is_killed_while_idle_costs_nothing(curlew: Curlew, origin: Origin) -> None:
    before = processes()
    gate = origin.gate()
    held = origin.serve("/held.png", replies.held(gate, replies.good(plain(RED))))
    urls = [good(origin, "a"), held, good(origin, "b")]
    with curlew.start("classify", "--spawn", "--workers", "1", "--format", "ndjson", *LET_IN, *urls) as run:
        first = [json.loads(run.stdout.readline()) for _ in range(2)]
        (child,) = (p for p in processes() - before if parent_of(p) == run.pid and b"lane-child" in command_of(p))
        os.kill(child, signal.SIGKILL)
        assert gone(child)
        gate.open()
        rest = [json.loads(line) for line in run.stdout]
        assert run.wait(60) == 0
    assert [r["status"] for r in first + rest] == ["ok"] * 3
    assert processes() <= before


def command_of(pid: int) -> bytes:
    return (pathlib.Path("/proc") / str(pid) / "cmdline").read_bytes()


def parent_of(pid: int) -> int:
    return int((pathlib.Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[1])


def test_the_config_asks_for_it_too_and_the_flag_goes_before_it(curlew: Curlew, origin: Origin) -> None:
    isolated = {"CURLEW_DECODE_ISOLATE": "true"}
    assert curlew.classify(word(origin, "abort"), env=isolated).codes == ["decode_failed"]
    assert curlew.classify("--no-spawn", word(origin, "abort"), env=isolated).codes == ["not_an_image"]


def test_a_child_may_log_to_a_file(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path) -> None:
    """With -vv children log where their parent does; a limit of files' sizes would end them there."""
    log = tmp_path / "log"
    with log.open("wb") as file, curlew.start("classify", "--spawn", "-vv", *LET_IN, good(origin, "a"), stderr=file) as run:
        out, _ = run.communicate()
    assert run.returncode == 0, log.read_text()
    assert b"red" in out.lower()


def test_a_child_has_nothing_of_its_parent_and_does_not_outlive_it(curlew: Curlew, origin: Origin) -> None:
    """While one hangs: its descriptors are the three standard ones, which lead nowhere, its channel and its memory."""
    url = word(origin, "hang")
    with curlew.start("classify", "--spawn", "--workers", "1", "--allow-net", "127.0.0.1/32", url) as run:
        try:
            child = wait_for_hanging_child(run)
            status = (pathlib.Path("/proc") / str(child) / "status").read_text()
            assert "\nSeccomp:\t2\n" in status
            assert "\nNoNewPrivs:\t1\n" in status
            assert "\nThreads:\t1\n" in status
            environment = (pathlib.Path("/proc") / str(child) / "environ").read_bytes()
            assert b"HOME" not in environment and b"CURLEW" not in environment
            links = {p.name: p.readlink().as_posix() for p in (pathlib.Path("/proc") / str(child) / "fd").iterdir()}
            assert set(links) == {"0", "1", "2", "3", "4"}
            assert {links["0"], links["1"], links["2"]} == {"/dev/null"}
            assert links["3"].startswith("socket:")
            assert links["4"].startswith("/memfd:curlew")
        finally:
            run.send_signal(signal.SIGKILL)
            run.wait()
    assert gone(child), "a child outlives its parent, however that died"


def wait_for_hanging_child(run: subprocess.Popen) -> int:
    """The child of `run` once it is in the sandbox and sleeps."""
    for _ in range(10_000):
        for task in (pathlib.Path("/proc") / str(run.pid) / "task").iterdir():
            for child in (task / "children").read_text().split():
                stat = (pathlib.Path("/proc") / child / "wchan").read_text()
                if "nanosleep" in stat:
                    return int(child)
        try:
            run.wait(0.01)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail("the run ended before its picture hung")
    pytest.fail("no child hung")


def gone(pid: int) -> bool:
    """Whether the process ends within ten seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 10)[0])
    finally:
        os.close(handle)
