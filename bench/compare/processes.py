"""What a process and all that it has started take of the machine, as /proc has it."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")
END_S = 20


def children_of() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue  # it has just ended
            children.setdefault(parent, []).append(int(entry.name))
    return children


def tree(*roots: int) -> list[int]:
    """These processes and all below them."""
    children, found = children_of(), list(roots)
    for pid in found:
        found += children.get(pid, [])
    return found


def cpu_s(pids: list[int]) -> float:
    """Seconds of CPU that they and those of their children that have ended took, in the kernel too."""
    ticks = 0
    for pid in pids:
        try:
            ticks += sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:
            continue
    return ticks / TICKS


def memory_mib(pids: list[int]) -> dict[str, float]:
    """Resident memory; `pss` counts what processes share once, `rss` in each of them."""
    sums = {"rss": 0.0, "pss": 0.0}
    for pid in pids:
        try:
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        for name in sums:
            if found := re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE | re.IGNORECASE):
                sums[name] += int(found[1]) / 1024
    return sums


def settle(pids: list[int], most_s: float = 5.0) -> None:
    """Waits until they do next to nothing: what clients gave up is still being worked on."""
    end, before = time.monotonic() + most_s, cpu_s(pids)
    while time.monotonic() < end:
        time.sleep(0.25)  # the interval over which idleness is told
        now = cpu_s(pids)
        if now - before <= 0.02:
            return
        before = now


def end(process: subprocess.Popen) -> None:
    """Ends a process that this program started, and what is left of those that it started itself: all below it and, where it
    leads a group of processes, all of that."""
    if process.poll() is not None:
        return
    pids, leads = tree(process.pid), os.getpgid(process.pid) == process.pid
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in pids[1:]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if leads:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
