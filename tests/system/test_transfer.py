"""SAFETY, "Transfer": origins that lie, stall, drip and never end."""

from __future__ import annotations

import gzip
import time

import pictures
import pytest
import replies
from origin import Origin, free_port
from pictures import BLUE, RED, plain
from program import Curlew, limits

MIB = 1024 * 1024
NO_RETRY = limits(tries=1)


@pytest.mark.parametrize("how", ["chunked", "until_close", "one_byte_chunks"])
def test_a_body_of_unknown_length_is_read(curlew: Curlew, origin: Origin, how: str) -> None:
    data = plain(RED)
    reply = {
        "chunked": replies.chunked(data),
        "until_close": replies.until_close(data),
        "one_byte_chunks": replies.chunked(data, 1),
    }[how]
    (result,) = curlew.classify(origin.serve("/a", reply)).results
    assert result["image"]["bytes"] == len(data)


def test_shorter_than_declared_is_truncated_not_a_smaller_picture(curlew: Curlew, origin: Origin) -> None:
    data = pictures.noise_jpeg()
    short = origin.serve("/short", replies.declared(data, len(data) + 1))
    half = origin.serve("/half", replies.declared(data[: len(data) // 2], len(data)))
    broken = origin.serve("/broken", replies.chunked(data, whole=False))
    run = curlew.classify(short, half, broken, env=NO_RETRY)
    assert run.codes == ["truncated"] * 3
    assert all(r["error"]["retryable"] for r in run.results)


def test_what_comes_after_the_declared_length_is_not_read(curlew: Curlew, origin: Origin) -> None:
    data = plain(BLUE)
    (result,) = curlew.classify(origin.serve("/a", replies.declared(data + b"more", len(data)))).results
    assert result["image"]["bytes"] == len(data)


def test_a_declared_length_above_the_limit_is_refused_at_once(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.stalled(b"", 20 * MIB + 1))
    assert curlew.classify(url).codes == ["too_large"]


def test_an_endless_body_is_cut_at_the_limit(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.endless(plain(RED)))
    assert curlew.classify(url).codes == ["too_large"]
    assert len(origin.requests) == 1


def test_the_limit_of_bytes_is_a_key_and_exact(curlew: Curlew, origin: Origin) -> None:
    data = plain(RED)
    url = origin.serve("/a", replies.good(data))
    unknown = origin.serve("/b", replies.until_close(data))
    assert curlew.classify(url, unknown, env=limits(picture_bytes=len(data))).codes == ["red", "red"]
    assert curlew.classify(url, unknown, env=limits(picture_bytes=len(data) - 1)).codes == ["too_large"] * 2


def test_a_compressed_body_cannot_grow_beyond_the_limit(curlew: Curlew, origin: Origin) -> None:
    bomb = gzip.compress(bytes(64 * MIB))
    reply = replies.raw(replies.head(200, "Content-Encoding: gzip", f"Content-Length: {len(bomb)}") + bomb)
    assert curlew.classify(origin.serve("/a", reply)).codes[0] in ("too_large", "not_an_image")


def test_a_body_compressed_against_our_wish_is_no_crash(curlew: Curlew, origin: Origin) -> None:
    run = curlew.classify(origin.serve("/a", replies.gzipped(plain(RED))))
    assert run.codes[0] in ("red", "not_an_image")


@pytest.mark.parametrize("headers", [False, True], ids=["body", "headers"])
def test_a_drip_ends_at_the_minimum_rate(curlew: Curlew, origin: Origin, headers: bool) -> None:
    url = origin.serve("/a", replies.drip(plain(RED) * 100, seconds_a_byte=0.2, headers=headers))
    began = time.monotonic()
    run = curlew.classify(url, env=limits(low_speed_for_s=1, total_s=20, tries=1))
    assert run.codes == ["timeout"]
    assert time.monotonic() - began < 10


def test_a_drip_ends_at_the_total_time_over_all_tries(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.drip(plain(RED) * 100, seconds_a_byte=0.1))
    began = time.monotonic()
    (result,) = curlew.classify(url, env=limits(total_s=1)).results
    assert result["error"]["code"] == "timeout"
    assert 900 <= result["timings_ms"]["total"] <= 3000
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("how", ["silent", "stalled"])
def test_an_origin_that_says_nothing_ends_at_the_total_time(curlew: Curlew, origin: Origin, how: str) -> None:
    url = origin.serve("/a", replies.silent() if how == "silent" else replies.stalled(b"\x89PNG", 1000))
    assert curlew.classify(url, env=limits(total_s=1)).codes == ["timeout"]


def test_nobody_listening_is_connect_failed(curlew: Curlew) -> None:
    (result,) = curlew.classify(f"http://127.0.0.1:{free_port()}/a").results
    assert (result["error"]["code"], result["error"]["retryable"]) == ("connect_failed", True)


def test_a_connection_closed_at_once_is_an_error_that_may_pass(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.dropped())
    (result,) = curlew.classify(url).results
    assert result["error"]["code"] in ("connect_failed", "truncated") and result["error"]["retryable"]


@pytest.mark.parametrize(
    "bytes_",
    [b"\x89PNG no status\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n", b"\x00" * 100, b"\r\n\r\n"],
)
def test_what_is_no_http_is_an_error_of_the_item(curlew: Curlew, origin: Origin, bytes_: bytes) -> None:
    run = curlew.classify(origin.serve("/a", replies.raw(bytes_, hang_up=True)), env=NO_RETRY)
    assert run.status == 1
    assert run.codes[0] in ("connect_failed", "truncated", "http_status", "not_an_image")


def test_headers_without_end_are_cut(curlew: Curlew, origin: Origin) -> None:
    long = origin.serve("/long", replies.raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 4 * MIB + b"\r\n\r\n", hang_up=True))
    many = origin.serve("/many", replies.raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * MIB + b"\r\n", hang_up=True))
    run = curlew.classify(long, many, env=NO_RETRY)
    assert all(code in ("too_large", "connect_failed", "truncated") for code in run.codes), run.codes


@pytest.mark.parametrize("code", [201, 204, 206, 304, 400, 401, 403, 404, 410, 451])
def test_any_other_status_is_http_status_and_not_tried_again(curlew: Curlew, origin: Origin, code: int) -> None:
    body = b"" if code in (204, 304) else plain(RED)
    (result,) = curlew.classify(origin.serve("/a", replies.status(code, body=body))).results
    error = result["error"]
    assert (error["code"], error["http_status"], error["retryable"]) == ("http_status", code, False)
    assert len(origin.requests) == 1


def test_the_request_names_the_program_and_asks_for_plain_bytes(curlew: Curlew, origin: Origin) -> None:
    curlew.classify(origin.serve("/a", replies.good(plain(RED))))
    headers = origin.requests[0].headers
    assert headers["user-agent"].lower().startswith("curlew/")
    assert headers["accept-encoding"] == "identity"
    assert not {"cookie", "referer", "authorization"} & set(headers)
