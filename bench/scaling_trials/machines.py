"""Machines made of network namespaces, at one switch: a bridge in a namespace of the trial's own.

The trial runs in that namespace (own_network), so that nothing of it is in the network of this machine, and all of it is gone
with the processes that are in it, however they end.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

NETWORK, OUTSIDE = "198.18.7", "198.18.7.1"  # of 198.18.0.0/15, which is kept for trials; the trial itself is OUTSIDE
OWN = "CURLEW_TRIAL_HAS_A_NETWORK_OF_ITS_OWN"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def own_network() -> None:
    """Starts this program again in a network of its own, and makes the switch there."""
    if OWN not in os.environ:
        os.environ[OWN] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    ip("link", "set", "lo", "up")
    ip("link", "add", "switch", "type", "bridge")
    ip("address", "add", f"{OUTSIDE}/24", "dev", "switch")
    ip("link", "set", "switch", "up")


class Machine:
    """A network of its own with one link to the switch."""

    def __init__(self, number: int):
        self.address, self.link = f"{NETWORK}.{10 + number}", f"port{number}"
        # It ends with its standard input, so with whoever started it.
        self._holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        pid = self._holder.pid
        end = time.monotonic() + 10
        while os.readlink(f"/proc/{pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            if time.monotonic() > end or self._holder.poll() is not None:
                sys.exit("no network namespaces can be made here")
            time.sleep(0.01)
        self.within = ("nsenter", f"--net=/proc/{pid}/ns/net")
        ip("link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", str(pid))
        ip("link", "set", self.link, "master", "switch", "up")
        for words in (["link", "set", "lo", "up"], ["address", "add", f"{self.address}/24", "dev", "eth0"],
                      ["link", "set", "eth0", "up"]):
            subprocess.run([*self.within, "ip", *words], check=True)

    def cut(self) -> None:
        ip("link", "set", self.link, "down")

    def restore(self) -> None:
        ip("link", "set", self.link, "up")

    def end(self) -> None:
        ip("link", "delete", self.link)  # the kernel takes its time to clear a network away; the next trial has this name, too
        self._holder.stdin.close()
        self._holder.wait()


@contextlib.contextmanager
def machines(count: int) -> Iterator[list[Machine]]:
    made: list[Machine] = []
    try:
        for number in range(count):
            made.append(Machine(number))
        yield made
    finally:
        for machine in made:
            machine.end()
