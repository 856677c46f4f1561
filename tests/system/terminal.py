"""A program on a terminal of its own, typed at by a test."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
import types

WAIT_S = 20  # an answer that takes longer does not come
CONTROLS = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[=>78]|\x1b\][^\x07]*\x07|\x07|\x00")


class Terminal:
    """Ends the program when it goes."""

    def __init__(self, command: list[str], env: dict[str, str], cwd: str):
        self.controller, terminal = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=terminal, stdout=terminal, stderr=terminal, env=env, cwd=cwd, start_new_session=True
        )
        os.close(terminal)
        self.seen = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: types.TracebackType | None) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.controller)

    def type(self, keys: str) -> None:
        os.write(self.controller, keys.encode())

    def read_until(self, text: str) -> str:
        """What was written up to and with `text`, without the terminal's control sequences."""
        end = time.monotonic() + WAIT_S
        while text.encode() not in (plain := CONTROLS.sub(b"", self.seen)):
            ready, _, _ = select.select([self.controller], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{text!r} did not come; there was {plain!r}"
            try:
                self.seen += os.read(self.controller, 4096)
            except OSError:
                raise AssertionError(f"the program ended after {plain!r}") from None
        at = plain.index(text.encode()) + len(text.encode())
        self.seen = plain[at:]
        return plain[:at].decode(errors="replace")
