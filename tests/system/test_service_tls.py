"""The service over HTTPS, with real clients."""

from __future__ import annotations

import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator

import pytest
import replies
import requests
from certificates import HAS_OPENSSL, write_certificate
from origin import Origin
from pictures import RED, plain
from program import Curlew, outcome
from service import EVENTS, Service, toml
from visitor import Visitor

pytestmark = pytest.mark.skipif(not HAS_OPENSSL, reason="no openssl command to make certificates with")
Start = Callable[..., Service]
IP = "IP:127.0.0.1,DNS:localhost"


def keys(folder: pathlib.Path) -> dict[str, str]:
    """Of [http], for what write_certificate() writes."""
    return {"tls_certificate": str(folder / "cert.pem"), "tls_key": str(folder / "key.pem")}


@pytest.fixture
def secure(start_service: Start, tmp_path: pathlib.Path) -> Iterator[Service]:
    cert, _ = write_certificate(tmp_path, IP, days=90, subject="first")
    service = start_service({"http": keys(tmp_path), "log": {"level": "info"}})
    service.ca = cert
    return service.ready()


def subject(connection: ssl.SSLSocket) -> str:
    return dict(part[0] for part in connection.getpeercert()["subject"])["commonName"]


def connect(service: Service, ca: pathlib.Path) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=ca)
    return context.wrap_socket(socket.create_connection((service.host, service.port)), server_hostname=service.host)


def ask(connection: ssl.SSLSocket) -> bytes:
    connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return connection.recv(65536)


def reload(service: Service) -> str:
    """Sends SIGHUP, and returns what the service logged until it was done."""
    before = len(service.log)
    service.process.send_signal(signal.SIGHUP)
    service.until(lambda: any("bound anew" in line for line in service.log[before:]))
    return "\n".join(service.log[before:])


def test_the_service_says_where_it_listens_and_answers_there(secure: Service, red: str) -> None:
    assert secure.base.startswith("https://")
    assert any("cert.pem is valid until 20" in line for line in secure.log)
    for path in ("/livez", "/readyz", "/healthz", "/metrics", "/", "/docs"):
        assert secure.get(path).status == 200, path
    assert [outcome(r) for r in secure.post("/v1/classify", {"urls": [red]}).results] == ["red"]


def test_requests_and_curl_believe_its_certificate(secure: Service) -> None:
    with requests.Session() as session:
        for _ in range(3):
            assert session.get(f"{secure.base}/livez", timeout=10, verify=str(secure.ca)).status_code == 200
    if curl := shutil.which("curl"):
        command = [curl, "--silent", "--show-error", "--fail", "--cacert", str(secure.ca), "--max-time", "10"]
        for more in ([], ["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3"]):
            subprocess.run([*command, *more, f"{secure.base}/livez"], check=True, capture_output=True)


def test_a_client_that_does_not_know_the_authority_refuses_it(secure: Service) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{secure.base}/livez", timeout=10)


def test_no_link_leads_away_from_https(secure: Service, red: str) -> None:
    made = secure.post("/v1/batches", {"urls": [red]})
    assert made.status == 202
    assert made.headers["Location"].startswith("/v1/batches/")
    assert f"http://{secure.host}:{secure.port}" not in made.body.decode()
    secure.until(lambda: secure.get(made.headers["Location"]).json["status"] == "done")


def test_a_stream_comes_piece_by_piece(secure: Service, origin: Origin, red: str) -> None:
    gate = origin.gate()
    held = origin.serve("/held", replies.held(gate, replies.good(plain(RED))))
    with secure.open("POST", "/v1/classify", {"urls": [held, red]}, {"Accept": EVENTS}) as stream:
        events = stream.events()
        assert next(events).data["index"] == 1
        gate.open()
        assert [event.name for event in events] == ["result", "summary"]


def test_a_large_picture_is_taken(secure: Service) -> None:
    picture = plain(RED) + bytes(4_000_000)
    (result,) = secure.ask("POST", "/v1/classify", picture, {"Content-Type": "image/png"}).results
    assert result["image"]["bytes"] == len(picture)


def test_the_page_asks_nothing_over_plain_http(secure: Service, visit: Callable[..., Visitor], red: str) -> None:
    visitor = visit(secure, ignore_https_errors=True)  # a browser takes no authority from a file
    visitor.pastes([red])
    visitor.waits_for_the_end()
    assert visitor.answers == ["red"]
    visit(secure, "/docs", ignore_https_errors=True).page.locator(".opblock").first.wait_for()


def test_plain_http_is_told_what_is_spoken_here(secure: Service) -> None:
    answer = secure.raw(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ") and b"https://" in answer
    assert secure.get("/livez").status == 200


def test_tls_1_1_is_refused(secure: Service) -> None:
    context = ssl.create_default_context(cafile=secure.ca)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection((secure.host, secure.port)) as plain_socket, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain_socket, server_hostname=secure.host)


def test_sighup_brings_the_new_certificate_to_new_connections(secure: Service, tmp_path: pathlib.Path) -> None:
    old_ca = tmp_path / "old.pem"
    shutil.copy(secure.ca, old_ca)
    with connect(secure, old_ca) as before:
        assert subject(before) == "first" and b"200" in ask(before)
        write_certificate(tmp_path, IP, days=90, subject="second")
        assert "cert.pem is valid until 20" in reload(secure)
        assert b"200" in ask(before)
        with connect(secure, secure.ca) as after:
            assert subject(after) == "second" and b"200" in ask(after)
        assert b"200" in ask(before)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_that_comes_back_is_known_until_the_next_reload(secure: Service, version: ssl.TLSVersion) -> None:
    context = ssl.create_default_context(cafile=secure.ca)
    context.minimum_version = context.maximum_version = version

    def come(session: ssl.SSLSession | None) -> tuple[bool, ssl.SSLSession]:
        with context.wrap_socket(
            socket.create_connection((secure.host, secure.port)), server_hostname=secure.host, session=session
        ) as connection:
            assert b"200" in ask(connection)
            return connection.session_reused, connection.session

    reused, session = come(None)
    assert not reused
    reused, session = come(session)
    assert reused
    reload(secure)
    reused, session = come(session)
    assert not reused
    assert come(session)[0]


def test_sighup_with_a_wrong_key_changes_nothing(secure: Service, tmp_path: pathlib.Path) -> None:
    (tmp_path / "other").mkdir()
    _, other_key = write_certificate(tmp_path / "other", IP)
    shutil.copy(other_key, tmp_path / "key.pem")
    said = reload(secure)
    assert "the TLS certificate before stays in use: http.tls_key is not the key of" in said
    assert secure.get("/livez").status == 200
    (tmp_path / "cert.pem").rename(tmp_path / "kept.pem")
    assert "cert.pem" in reload(secure)
    secure.ca = tmp_path / "kept.pem"
    assert secure.get("/livez").status == 200


def test_a_certificate_that_ends_soon_is_warned_of(start_service: Start, tmp_path: pathlib.Path) -> None:
    cert, _ = write_certificate(tmp_path, IP, days=3)
    service = start_service({"http": keys(tmp_path)})
    service.ca = cert
    assert any("warning" in line and "cert.pem expires at" in line for line in service.log)
    assert service.get("/livez").status == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tls_key": ""}, "needs http.tls_key beside it"),
        ({"tls_certificate": ""}, "needs http.tls_certificate beside it"),
        ({"tls_certificate": "/nowhere/cert.pem"}, "cannot be read"),
        ({"tls_key": "secret/key.pem"}, "passphrase"),
        ({"tls_key": "other/key.pem"}, "is not the key of the first certificate"),
        ({"tls_key": "cert.pem"}, "holds no private key"),
        ({"tls_certificate": "key.pem"}, "holds no certificate"),
    ],
)
def test_files_that_cannot_be_used_end_the_start(
    curlew: Curlew, tmp_path: pathlib.Path, change: dict[str, str], said: str
) -> None:
    write_certificate(tmp_path, IP)
    for name, passphrase in (("secret", "birds"), ("other", None)):
        (tmp_path / name).mkdir()
        write_certificate(tmp_path / name, IP, passphrase=passphrase)
    named = {key: str(tmp_path / path) if path else "" for key, path in change.items()}
    config = {
        "http": {"listen": "127.0.0.1:0"} | keys(tmp_path) | named,
        "zmq": {"pub_sockets": [], "rep_sockets": []},
        "store": {"url": "memory:"},
    }
    (tmp_path / "wrong.toml").write_text(toml(config))
    run = curlew.run("service", tmp_path / "wrong.toml")
    assert run.status == 2 and said in run.stderr and run.stdout == ""
