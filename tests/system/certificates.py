"""Certificates made by the tests with the openssl command."""

from __future__ import annotations

import functools
import pathlib
import shutil
import ssl
import subprocess
import tempfile

HAS_OPENSSL = shutil.which("openssl") is not None
_PLACE = tempfile.TemporaryDirectory(prefix="curlew-certificates-")  # goes with the process


@functools.cache
def certificate(name: str) -> pathlib.Path:
    """A file with a key and its self-signed certificate for `name` ("IP:127.0.0.1", "DNS:example.com")."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=_PLACE.name))
    cert, key = write_certificate(folder, name)
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


def write_certificate(
    folder: pathlib.Path, name: str, *, days: int = 2, subject: str = "origin", passphrase: str | None = None
) -> tuple[pathlib.Path, pathlib.Path]:
    """cert.pem and key.pem in the folder, over those that are there."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-passout", f"pass:{passphrase}"] if passphrase else ["-nodes"]
    command += ["-keyout", str(key), "-out", str(cert), "-days", str(days), "-subj", f"/CN={subject}"]
    subprocess.run([*command, "-addext", f"subjectAltName={name}"], check=True, capture_output=True)
    return cert, key


def server_context(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(name))
    return context
