"""A real `redis-server` of a test's own, which may be stopped, killed and started again on the same port and data."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import socket
import subprocess
import time

import pytest
from origin import free_port

WAIT_S = 60  # what takes longer hangs


class RedisServer:
    """A context manager; its data outlive kill() and start()."""

    def __init__(self, folder: pathlib.Path, *options: str):
        self.program = shutil.which("redis-server")
        if not self.program:
            pytest.skip("no redis-server: install the package redis-server")
        self.folder, self.port, self.options = folder, free_port(), options
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> RedisServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> RedisServer:
        with open(self.folder / "redis.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""]
                + ["--appendonly", "yes", "--appendfsync", "everysec", *self.options],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + WAIT_S
        while not self._answers():
            assert time.monotonic() < deadline and self.process.poll() is None, (self.folder / "redis.log").read_text()
        return self

    def kill(self) -> None:
        """With -9; what it has written to its file's page cache stays."""
        if self.process:
            self.process.kill()
            self.process.wait(WAIT_S)

    def ask(self, *words: str) -> bytes:
        """The answer to a command, as it is on the wire."""
        with socket.create_connection(("127.0.0.1", self.port), WAIT_S) as s:
            parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in (*words,)]
            s.sendall((f"*{len(parts)}\r\n" + "".join(parts)).encode())
            s.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: s.recv(65536), b""))

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            return self.ask("PING") == b"+PONG\r\n"
        return False
