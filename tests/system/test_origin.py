"""The imposter origin does what its tests rely on; checked with Python's own client."""

from __future__ import annotations

import http.client
import socket

import pytest
import replies
from origin import Origin


def get(origin: Origin, path: str) -> tuple[int, bytes]:
    client = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=10)
    try:
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.read()
    finally:
        client.close()


def test_a_good_body_arrives_whole(origin: Origin) -> None:
    origin.serve("/a", replies.good(b"body"))
    assert get(origin, "/a?query") == (200, b"body")
    assert origin.requests[0].target == "/a?query"
    assert (origin.connections, origin.count("/a")) == (1, 1)


def test_a_path_that_nobody_serves_is_told_apart_from_404(origin: Origin) -> None:
    assert get(origin, "/nothing")[0] == 418


def test_replies_can_come_in_turn_on_one_connection(origin: Origin) -> None:
    origin.serve("/a", replies.in_turn(replies.status(503), replies.good(b"then")))
    client = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=10)
    for expected in (503, 200, 200):
        client.request("GET", "/a")
        answer = client.getresponse()
        answer.read()
        assert answer.status == expected
    client.close()
    assert (origin.connections, origin.count("/a")) == (1, 3)


def test_a_body_shorter_than_declared_is_seen_as_such(origin: Origin) -> None:
    origin.serve("/short", replies.declared(b"1234", 10))
    with pytest.raises(http.client.IncompleteRead):
        get(origin, "/short")


def test_chunks_make_a_body_and_a_broken_one_is_seen(origin: Origin) -> None:
    origin.serve("/whole", replies.chunked(b"x" * 2500))
    origin.serve("/broken", replies.chunked(b"x" * 2500, whole=False))
    assert get(origin, "/whole") == (200, b"x" * 2500)
    with pytest.raises(http.client.IncompleteRead):
        get(origin, "/broken")


def test_a_closed_gate_holds_the_reply_and_counts_it_as_in_progress(origin: Origin) -> None:
    gate = origin.gate()
    origin.serve("/held", replies.held(gate, replies.good(b"late")))
    with socket.create_connection(("127.0.0.1", origin.port)) as s:
        s.sendall(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
        origin.wait_until(lambda o: o.in_progress == 1)
        gate.open()
        assert s.recv(4096).startswith(b"HTTP/1.1 200")
    origin.wait_until(lambda o: o.open_connections == 0)
    assert (origin.peak_in_progress, origin.peak_connections) == (1, 1)


def test_an_origin_may_listen_on_both_kinds_of_loopback(both_hosts: tuple[str, ...]) -> None:
    with Origin(both_hosts) as origin:
        for host in both_hosts:
            socket.create_connection((host, origin.port)).close()
        origin.wait_until(lambda o: o.connections == len(both_hosts))


def test_it_ends_while_a_client_is_still_waiting() -> None:
    with Origin() as origin:
        origin.serve("/silent", replies.silent())
        s = socket.create_connection(("127.0.0.1", origin.port))
        s.sendall(b"GET /silent HTTP/1.1\r\nHost: x\r\n\r\n")
        origin.wait_until(lambda o: o.in_progress == 1)
    s.settimeout(10)
    assert s.recv(1) == b""
    s.close()
