"""Few connections to an origin, and no origin holds up another."""

from __future__ import annotations

import json
from collections.abc import Callable

import replies
from origin import Origin
from pictures import BLUE, GREEN, RED, plain
from program import LET_IN, Curlew

RED_BODY, GREEN_BODY, BLUE_BODY = (replies.good(plain(c)) for c in (RED, GREEN, BLUE))


def test_a_slow_origin_gets_six_connections_and_holds_up_nobody(
    curlew: Curlew, origin: Origin, start_origin: Callable[..., Origin]
) -> None:
    """The 100 items of an origin that does not answer come first, more than may be in flight."""
    quick = start_origin()
    gate = origin.gate()
    slow = [origin.serve(f"/{i}", replies.held(gate, RED_BODY)) for i in range(100)]
    fast = [quick.serve(f"/{i}", BLUE_BODY) for i in range(30)]
    process = curlew.start("classify", "--format", "ndjson", *LET_IN, *slow, *fast)
    first = [json.loads(process.stdout.readline()) for _ in fast]
    assert {r["url"] for r in first} == set(fast)
    origin.wait_until(lambda o: o.in_progress == 6)
    assert (origin.peak_in_progress, origin.peak_connections) == (6, 6)
    gate.open()
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert {json.loads(line)["url"] for line in rest.splitlines()} == set(slow)
    assert origin.peak_connections <= 6


def test_many_origins_that_redirect_to_one_do_not_crowd_it(
    curlew: Curlew, origin: Origin, start_origin: Callable[..., Origin]
) -> None:
    gate = origin.gate()
    origin.serve("/target", replies.held(gate, RED_BODY))
    others = [start_origin() for _ in range(4)]
    quick = start_origin()
    urls = []
    for o in others:
        o.serve("/start", replies.redirect(f"{origin.base}/target"))
        urls += [f"{o.base}/start?{i}" for i in range(5)]
    done = quick.serve("/done", GREEN_BODY)
    process = curlew.start("classify", "--format", "ndjson", *LET_IN, *urls, done)
    assert b'"green"' in process.stdout.readline()
    origin.wait_until(lambda o: o.in_progress >= 6)
    gate.open()
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and rest.count(b'"red"') == 20
    assert origin.peak_connections <= 6


def test_connections_are_kept_and_used_again(curlew: Curlew, origin: Origin) -> None:
    origin.serve("/a", RED_BODY)
    run = curlew.classify(*[f"{origin.base}/a?{i}" for i in range(40)])
    assert run.status == 0
    assert len(origin.requests) == 40
    assert origin.connections <= 6


def test_connections_an_origin_is_a_key(curlew: Curlew, origin: Origin) -> None:
    origin.serve("/a", RED_BODY)
    urls = [f"{origin.base}/a?{i}" for i in range(20)]
    assert curlew.classify(*urls, env={"CURLEW_FETCH_CONNECTIONS_PER_ORIGIN": "1"}).status == 0
    assert origin.peak_connections == 1


def test_a_held_item_does_not_hold_back_the_others_of_its_origin(curlew: Curlew, origin: Origin) -> None:
    gate = origin.gate()
    held = [origin.serve(f"/held{i}", replies.held(gate, RED_BODY)) for i in range(5)]
    free = [origin.serve(f"/free{i}", BLUE_BODY) for i in range(40)]
    process = curlew.start("classify", "--format", "ndjson", *LET_IN, *held, *free)
    first = [process.stdout.readline() for _ in free]
    assert all(b'"blue"' in line for line in first)
    gate.open()
    rest, _ = process.communicate(timeout=30)
    assert rest.count(b'"red"') == 5


def test_the_same_url_twice_is_two_items(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", RED_BODY)
    run = curlew.classify(url, url)
    assert run.codes == ["red", "red"]
    assert [r["index"] for r in run.results] == [0, 1]


def test_proxies_of_the_environment_are_ignored(
    curlew: Curlew, origin: Origin, start_origin: Callable[..., Origin]
) -> None:
    proxy = start_origin()
    url = origin.serve("/a", RED_BODY)
    names = ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"]
    assert curlew.classify(url, env=dict.fromkeys(names, proxy.base)).codes == ["red"]
    assert proxy.connections == 0
