"""`curlew healthcheck`: what a container, or a person, learns of a service."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from certificates import HAS_OPENSSL, write_certificate
from cluster import Cluster
from origin import free_port
from program import Curlew, Run
from service import Service

LIMIT_S = 4  # that it gives a service
MUCH = b"x" * 100_000


def at(address: str, **more: str) -> dict[str, str]:
    """The environment of a container whose service listens there."""
    return {"CURLEW_HTTP_LISTEN": address} | {f"CURLEW_{name}": value for name, value in more.items()}


def assert_ready(run: Run) -> None:
    assert (run.status, run.stdout, run.stderr) == (0, "", "")


def assert_not_ready(run: Run, why: str) -> None:
    assert (run.status, run.stdout) == (1, "")
    assert len(run.stderr.splitlines()) == 1 and why in run.stderr, run.stderr


@contextlib.contextmanager
def listener(answer: bytes | None) -> Iterator[int]:
    """A port where connections get these bytes and stay open; None: they are not even accepted."""
    with contextlib.ExitStack() as open_ones, socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection = open_ones.enter_context(server.accept()[0])
                    connection.recv(65536)
                    connection.sendall(answer)

        if answer is not None:
            threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)  # who accepts hears of it


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "*", "localhost"])
def test_a_service_that_is_ready(service: Service, curlew: Curlew, address: str) -> None:
    assert_ready(curlew.run("healthcheck", env=at(f"{address}:{service.port}")))


@pytest.mark.parametrize("path", ["", "/", "/readyz", "/livez"])
def test_a_url(service: Service, curlew: Curlew, path: str) -> None:
    assert_ready(curlew.run("healthcheck", service.base + path))


def test_a_file_of_settings(service: Service, curlew: Curlew, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f'[http]\nlisten = "127.0.0.1:{service.port}"\n')
    assert_ready(curlew.run("healthcheck", "--config", file))


def test_a_proxy_of_the_environment_is_not_asked(service: Service, curlew: Curlew) -> None:
    proxy = {"http_proxy": f"http://127.0.0.1:{free_port()}"}
    assert_ready(curlew.run("healthcheck", env=at(f"127.0.0.1:{service.port}") | proxy))


def test_services_and_workers_without_their_store_are_not_ready(cluster: Cluster, curlew: Curlew) -> None:
    front, worker = cluster.front(), cluster.worker()
    asked = {
        front: (["healthcheck"], at(f"127.0.0.1:{front.port}")),
        worker: (["healthcheck", "--worker"], at("", HTTP_WORKER_LISTEN=f"127.0.0.1:{worker.port}")),
    }
    for args, env in asked.values():
        assert_ready(curlew.run(*args, env=env))
    cluster.redis.kill()
    for node, (args, env) in asked.items():
        node.until(lambda node=node: node.get("/readyz").status == 503)
        assert_not_ready(curlew.run(*args, env=env), "it answers 503: ")


@pytest.mark.skipif(not HAS_OPENSSL, reason="no openssl command to make certificates with")
def test_https_with_a_certificate_for_the_name_that_clients_call(
    start_service: Callable[..., Service], curlew: Curlew, tmp_path: pathlib.Path
) -> None:
    cert, key = write_certificate(tmp_path, "DNS:birds.example")
    names = {"tls_certificate": str(cert), "tls_key": str(key)}
    service = start_service({"http": names})
    own = at(f"0.0.0.0:{service.port}", HTTP_TLS_CERTIFICATE=str(cert), HTTP_TLS_KEY=str(key))
    service.until(lambda: curlew.run("healthcheck", env=own).status == 0)
    assert_ready(curlew.run("healthcheck", f"https://localhost:{service.port}"))
    assert_not_ready(curlew.run("healthcheck", f"http://127.0.0.1:{service.port}"), "http://127.0.0.1:")


def test_plain_http_where_https_is_expected(service: Service, curlew: Curlew) -> None:
    assert_not_ready(curlew.run("healthcheck", f"https://127.0.0.1:{service.port}"), "no TLS connection")


def test_nobody_listens(curlew: Curlew) -> None:
    assert_not_ready(curlew.run("healthcheck", env=at(f"127.0.0.1:{free_port()}")), "accepts connections")


@pytest.mark.parametrize("answer", [None, b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nready"])
def test_what_hangs_is_given_up(curlew: Curlew, answer: bytes | None) -> None:
    with listener(answer) as port:
        began = time.monotonic()
        run = curlew.run("healthcheck", env=at(f"127.0.0.1:{port}"))
        assert time.monotonic() - began < LIMIT_S + 3
    assert_not_ready(run, f"no answer within {LIMIT_S} s")


def test_an_answer_that_does_not_end_is_not_read_to_its_end(curlew: Curlew) -> None:
    with listener(b"HTTP/1.1 200 OK\r\n\r\n" + MUCH) as port:
        assert_ready(curlew.run("healthcheck", env=at(f"127.0.0.1:{port}")))
    with listener(b"HTTP/1.1 500 Oh\r\n\r\n\x1b[31mred" + MUCH) as port:
        run = curlew.run("healthcheck", env=at(f"127.0.0.1:{port}"))
    assert_not_ready(run, "it answers 500: ")
    assert "\x1b" not in run.stderr and len(run.stderr) < 2000


def test_what_is_not_http(curlew: Curlew) -> None:
    with listener(b"SSH-2.0-x\r\n") as port:
        assert_not_ready(curlew.run("healthcheck", env=at(f"127.0.0.1:{port}")), "speaks HTTP")


WRONG: dict[str, tuple[list[str], dict[str, str]]] = {
    "no http": (["ftp://127.0.0.1/"], {}),
    "no URL": (["127.0.0.1:8000"], {}),
    "two": (["http://127.0.0.1:1", "http://127.0.0.1:2"], {}),
    "URL and worker": (["--worker", "http://127.0.0.1:1"], {}),
    "a worker that listens nowhere": (["--worker"], {}),
    "a service that listens nowhere": ([], at("")),
    "a port that is left open": ([], at("127.0.0.1:0")),
    "a wrong address": ([], at("here")),
    "a wrong setting": ([], {"CURLEW_INFER_WORKERS": "many"}),
    "no such file": (["--config", "none.toml"], {}),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage(curlew: Curlew, name: str) -> None:
    args, env = WRONG[name]
    run = curlew.run("healthcheck", *args, env=env)
    assert (run.status, run.stdout) == (2, "")
    assert run.stderr
