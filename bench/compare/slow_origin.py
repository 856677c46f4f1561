"""Origins that answer every request with one picture, at once or after a while: a process with so many ports.

usage: slow_origin.py COUNT DELAY_S PICTURE     (prints the ports, and serves until it is told to end)
"""

import asyncio
import contextlib
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import processes


class Answering(asyncio.Protocol):
    """Keeps its connection; requests have no body, and clients wait for each answer before they ask again."""

    def __init__(self, answer: bytes, delay_s: float):
        self.answer, self.delay_s, self.seen, self.transport = answer, delay_s, b"", None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.seen += data
        if not self.seen.endswith(b"\r\n\r\n"):
            return
        self.seen = b""
        if self.delay_s:
            asyncio.get_running_loop().call_later(self.delay_s, self.say)
        else:
            self.say()

    def say(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(self.answer)


async def serve(count: int, delay_s: float, picture: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture) + picture
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(lambda: Answering(answer, delay_s), "127.0.0.1", 0, backlog=512) for _ in range(count)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.Event().wait()


@contextlib.contextmanager
def slow_origins(count: int, delay_s: float, picture: bytes) -> Iterator[tuple[list[str], int]]:
    """A URL at each, and the process's id."""
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        pathlib.Path(file.name).write_bytes(picture)
        command = [sys.executable, __file__, str(count), str(delay_s), file.name]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            ports = process.stdout.readline().split()
            if len(ports) != count:
                sys.exit("the slow origin did not start")
            yield [f"http://127.0.0.1:{port}/picture.jpg" for port in ports], process.pid
        finally:
            processes.end(process)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]), pathlib.Path(sys.argv[3]).read_bytes()))
