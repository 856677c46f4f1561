"""An imposter name server, and a network of our own to run it in.

A process cannot be told another name server but by /etc/resolv.conf, and no test dials a public address. So `alone`
runs a function of a test module in namespaces of its own (user, network, mounts), where port 53 of loopback is ours,
/etc/resolv.conf names it, and loopback has the public address PUBLIC too.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading

PUBLIC = "93.184.215.14"  # globally routable; nothing leaves the machine
NAMESPACES = ["unshare", "--user", "--map-root-user", "--net", "--mount"]
A, CNAME, AAAA = 1, 5, 28
NO_ERROR, SERVER_FAILED, NO_SUCH_NAME = 0, 2, 3


class NameServer:
    """Answers on UDP by a table; a context manager. What is not in the table does not exist."""

    def __init__(self, host: str = "127.0.0.1", port: int = 53):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        self.port: int = self._socket.getsockname()[1]
        self._table: dict[str, list[object]] = {}
        self._asked: dict[tuple[str, int], int] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> NameServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def answer(self, name: str, *in_turn: object) -> None:
        """What questions for `name` get, the last for ever: a list of addresses and "CNAME other", an error's number,
        or None for silence."""
        self._table[name.lower()] = list(in_turn)

    def asked(self, name: str) -> int:
        """How often the A record of `name` was asked for."""
        return self._asked.get((name, A), 0)

    def _run(self) -> None:
        while True:
            try:
                question, client = self._socket.recvfrom(4096)
                if reply := self._reply(question):
                    self._socket.sendto(reply, client)
            except OSError:
                return

    def _reply(self, question: bytes) -> bytes | None:
        name, end = _read_name(question, 12)
        (kind,) = struct.unpack(">H", question[end : end + 2])
        turn = self._asked[name, kind] = self._asked.get((name, kind), 0) + 1
        turns = self._table.get(name, [NO_SUCH_NAME])
        answer = turns[min(turn, len(turns)) - 1]
        if answer is None:
            return None
        packed = _records(answer, kind) if isinstance(answer, list) else []
        error = answer if isinstance(answer, int) else NO_ERROR
        head = question[:2] + struct.pack(">HHHHH", 0x8180 | error, 1, len(packed), 0, 0)
        return head + question[12 : end + 4] + b"".join(packed)


def _read_name(data: bytes, at: int) -> tuple[str, int]:
    labels = []
    while length := data[at]:
        labels.append(data[at + 1 : at + 1 + length].decode("ascii"))
        at += 1 + length
    return ".".join(labels).lower(), at + 1


def _records(answer: list[str], kind: int) -> list[bytes]:
    """Those of `answer` that a question for `kind` gets; what follows a CNAME belongs to that name."""
    owner, packed = b"\xc0\x0c", []
    for text in answer:
        if text.startswith("CNAME "):
            labels = text.removeprefix("CNAME ").split(".")
            own, data = CNAME, b"".join(bytes([len(x)]) + x.encode() for x in labels) + b"\0"
        else:
            own = AAAA if ":" in text else A
            data = socket.inet_pton(socket.AF_INET6 if own == AAAA else socket.AF_INET, text)
        if own in (kind, CNAME):
            packed.append(owner + struct.pack(">HHIH", own, 1, 0, len(data)) + data)
        if own == CNAME:
            owner = data
    return packed


def can_be_alone() -> bool:
    """Whether this machine lets us make the namespaces."""
    try:
        return alone("names", "nothing") is None
    except (OSError, AssertionError):
        return False


def nothing() -> None:
    """For can_be_alone."""


def alone(module: str, function: str, *args: str) -> object:
    """What `function(*args)` of `module` returns when it runs alone; it goes through JSON."""
    done = subprocess.run(
        [*NAMESPACES, sys.executable, __file__, module, function, *args],
        cwd=pathlib.Path(__file__).parent, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _bring_up(interface: bytes, address: str | None = None) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        if address:
            fcntl.ioctl(s, 0x8916, struct.pack("16sHH4s8x", interface, socket.AF_INET, 0, socket.inet_aton(address)))
        flags = struct.unpack_from("16sH", fcntl.ioctl(s, 0x8913, struct.pack("16sH14x", interface, 0)))[1]
        fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", interface, flags | 1))


def _name_server_is_loopback(folder: pathlib.Path) -> None:
    file = folder / "resolv.conf"
    file.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(str(file).encode(), os.path.realpath("/etc/resolv.conf").encode(), None, 4096, None):
        raise OSError(ctypes.get_errno(), "mount")


if __name__ == "__main__":
    import importlib
    import tempfile

    _bring_up(b"lo")
    _bring_up(b"lo:1", PUBLIC)
    with tempfile.TemporaryDirectory() as place:
        _name_server_is_loopback(pathlib.Path(place))
        print(json.dumps(getattr(importlib.import_module(sys.argv[1]), sys.argv[2])(*sys.argv[3:])))
