"""A group of processes that gets a small part of a core, whichever version of control groups the kernel has here."""

import contextlib
import os
import pathlib
import sys
import time
from collections.abc import Iterator

PERIOD_US = 100_000
LAST_ONES_S = 10


def place() -> tuple[pathlib.Path, bool]:
    """Where groups with a CPU quota can be made, and whether it is version 2."""
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, folder, kind, options = line.split()[:4]
        path = pathlib.Path(folder)
        if kind == "cgroup2" and "cpu" in (path / "cgroup.controllers").read_text().split():
            return path, True
        if kind == "cgroup" and "cpu" in options.split(","):
            return path, False
    sys.exit("no control groups with a CPU quota here")


class Group:
    def __init__(self, folder: pathlib.Path, is_v2: bool):
        self.folder, self.is_v2 = folder, is_v2

    @property
    def within(self) -> tuple:
        """The words that run a command in it: it and its children belong to it from the beginning."""
        return ("sh", "-c", 'echo $$ >"$0" && exec "$@"', str(self.folder / "cgroup.procs"))

    def limit(self, cores: float | None) -> None:
        """So much of a core in each tenth of a second; None: all there is."""
        quota = None if cores is None else int(cores * PERIOD_US)
        if self.is_v2:
            (self.folder / "cpu.max").write_text(f"{quota or 'max'} {PERIOD_US}")
        else:
            (self.folder / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (self.folder / "cpu.cfs_quota_us").write_text(str(quota or -1))

    def throttled_periods(self) -> tuple[int, int]:
        """How many periods there were, and in how many of them it wanted more than it got."""
        words = (self.folder / "cpu.stat").read_text().split()
        stat = dict(zip(words[::2], map(int, words[1::2])))
        return stat.get("nr_periods", 0), stat.get("nr_throttled", 0)


@contextlib.contextmanager
def groups(count: int) -> Iterator[list[Group]]:
    """New groups, which go again; their processes must have been ended by then."""
    root, is_v2 = place()
    top = root / f"curlew-trial-{os.getpid()}"
    made = [top, *(top / str(i) for i in range(count))]
    try:
        if is_v2 and "cpu" not in (root / "cgroup.subtree_control").read_text().split():
            (root / "cgroup.subtree_control").write_text("+cpu")
        top.mkdir()
        if is_v2:
            (top / "cgroup.subtree_control").write_text("+cpu")
        for folder in made[1:]:
            folder.mkdir()
        yield [Group(folder, is_v2) for folder in made[1:]]
    finally:
        for folder in reversed(made):
            remove(folder)


def remove(folder: pathlib.Path) -> None:
    """Children of a process that was killed end a moment after it."""
    end = time.monotonic() + LAST_ONES_S
    while folder.exists():
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
