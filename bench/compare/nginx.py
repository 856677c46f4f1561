"""The origin of the photographs: a real nginx of its own, on a random port, with everything it writes in a folder that goes."""

import contextlib
import pathlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import processes

START_S = 10
CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=1000 inactive=60s;
  keepalive_requests 1000000;
  types {{ image/jpeg jpg jpeg; image/bmp bmp; }}
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    {listen}
    location / {{ root {photos}; }}
  }}
}}
"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def wait_for(port: int, process: subprocess.Popen, most_s: float, name: str) -> None:
    end = time.monotonic() + most_s
    while not answers(port):
        if process.poll() is not None or time.monotonic() > end:
            sys.exit(f"{name} did not start")
        time.sleep(0.02)  # a poll for readiness


@contextlib.contextmanager
def nginx(photos: pathlib.Path, folder: pathlib.Path, origins: int = 1) -> Iterator[tuple[str, int]]:
    """Serves the files of `photos`; yields the base URL and the process's id. `folder` is nginx's own.

    With more than one, the same is at 127.0.0.2 and so on, at the same port."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        sys.exit("nginx is missing: apt-get install --no-install-recommends nginx-light")
    port = free_port()
    config = folder / "nginx.conf"
    listen = " ".join(f"listen 127.0.0.{i + 1}:{port} backlog=1024 reuseport;" for i in range(origins))
    config.write_text(CONFIG.format(folder=folder, listen=listen, photos=photos))
    process = subprocess.Popen([program, "-p", folder, "-c", config, "-e", "stderr"])
    try:
        wait_for(port, process, START_S, "nginx")
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        processes.end(process)
