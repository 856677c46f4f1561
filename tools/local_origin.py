"""A small HTTP origin on this machine, for the demo and the benchmarks: a folder's files, and two that are bad."""

import contextlib
import http.server
import pathlib
import sys
import threading

FAKE = b"This is a text that is served as a photograph.\n"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept
    disable_nagle_algorithm = True  # else a body waits for the acknowledgement of its head

    def do_GET(self):
        name = self.path.lstrip("/")
        body = FAKE if name == "no-photograph.jpg" else self.server.files.get(name)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", "image/jpeg" if body is not None else "text/plain")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # with fewer, the connections of several clients wait a second to be tried again

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # clients may go away, or be killed
            super().handle_error(request, client_address)


@contextlib.contextmanager
def origin(folder: pathlib.Path, address: str = "127.0.0.1"):
    """Serves the files of `folder` (no deeper ones) on a random port of `address`; yields the base URL."""
    server = _Server((address, 0), _Handler)
    server.files = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{address}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
