#!/usr/bin/env python3
"""Stands in for where a model is downloaded from: HTTPS at port 443 of an address, with a certificate of its own.

usage: birds_mirror.py CARD FILES ADDRESS CERTIFICATE KEY   (models/NAME.toml; the folder with its files)
Prints a line for each name that clients must be led here by: `--add-host` of Docker.
"""

import http.server
import pathlib
import ssl
import sys
import tomllib
import urllib.parse


def main(card: str, folder: str, address: str, certificate: str, key: str) -> None:
    files = {}
    hosts = set()
    for file in tomllib.loads(pathlib.Path(card).read_text(encoding="utf-8"))["files"]:
        url = urllib.parse.urlsplit(file["sources"][0])
        files[url.path] = pathlib.Path(folder, file["name"]).read_bytes()
        hosts.add(url.hostname)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = files.get(urllib.parse.urlsplit(self.path).path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer((address, 443), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print("\n".join(sorted(hosts)), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
