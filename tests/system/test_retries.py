"""What may pass is tried up to three times within the total time; nothing else is."""

from __future__ import annotations

import time

import pytest
import replies
from origin import Origin, free_port
from pictures import GREEN, RED, noise_jpeg, plain
from program import Curlew, limits

GOOD = replies.good(plain(RED))


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_status_is_tried_again(curlew: Curlew, origin: Origin, code: int) -> None:
    url = origin.serve("/a", replies.in_turn(replies.status(code), GOOD))
    assert curlew.classify(url).codes == ["red"]
    assert origin.count("/a") == 2


def test_three_tries_and_no_more(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.status(503))
    (result,) = curlew.classify(url).results
    assert origin.count("/a") == 3
    error = result["error"]
    assert (error["code"], error["http_status"], error["retryable"]) == ("http_status", 503, True)


def test_the_third_try_may_succeed(curlew: Curlew, origin: Origin) -> None:
    data = noise_jpeg()
    short = replies.declared(data[:100], len(data))
    url = origin.serve("/a", replies.in_turn(replies.dropped(), short, GOOD))
    assert curlew.classify(url).codes == ["red"]
    assert origin.count("/a") == 3


def test_tries_is_a_key(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.status(503))
    assert curlew.classify(url, env=limits(tries=1)).codes == ["http_status"]
    assert origin.count("/a") == 1


def test_a_short_retry_after_is_obeyed(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.in_turn(replies.status(429, "Retry-After: 1"), GOOD))
    (result,) = curlew.classify(url).results
    assert result["status"] == "ok"
    assert result["timings_ms"]["fetch"] >= 1000
    assert origin.count("/a") == 2


@pytest.mark.parametrize("after", ["3600", "Fri, 31 Dec 2999 23:59:59 GMT", "99999999999999999999"])
def test_a_retry_after_beyond_the_total_time_ends_at_once(curlew: Curlew, origin: Origin, after: str) -> None:
    url = origin.serve("/a", replies.status(429, f"Retry-After: {after}"))
    began = time.monotonic()
    (result,) = curlew.classify(url).results
    assert (result["error"]["code"], result["error"]["http_status"]) == ("http_status", 429)
    assert origin.count("/a") == 1
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("after", ["soon", "-5", "1.5e3", ""])
def test_a_retry_after_that_means_nothing_is_ignored(curlew: Curlew, origin: Origin, after: str) -> None:
    url = origin.serve("/a", replies.in_turn(replies.status(503, f"Retry-After: {after}"), GOOD))
    assert curlew.classify(url).codes == ["red"]


def test_retries_end_with_the_total_time(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.status(503, "Retry-After: 1"))
    began = time.monotonic()
    assert curlew.classify(url, env=limits(total_s=1.5)).codes[0] in ("http_status", "timeout")
    assert origin.count("/a") <= 2
    assert time.monotonic() - began < 8


def test_the_item_that_waits_for_its_next_try_holds_up_nobody(curlew: Curlew, origin: Origin) -> None:
    waits = origin.serve("/waits", replies.in_turn(replies.status(503, "Retry-After: 2"), GOOD))
    good = origin.serve("/good", replies.good(plain(GREEN)))
    process = curlew.start("classify", "--format", "ndjson", "--allow-net", "127.0.0.1/32", waits, *[good] * 20)
    first = [process.stdout.readline() for _ in range(20)]
    assert all(b'"green"' in line for line in first)
    last, _ = process.communicate(timeout=30)
    assert b'"red"' in last


def test_a_refused_connection_is_tried_again_and_counted_once(curlew: Curlew) -> None:
    run = curlew.classify(f"http://127.0.0.1:{free_port()}/a")
    assert run.codes == ["connect_failed"]
    assert run.results[0]["timings_ms"]["fetch"] > 0
