"""Redirects: each hop is checked like the first, and there are few of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import replies
from origin import Origin, free_port
from pictures import BLUE, RED, plain
from program import Curlew


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(curlew: Curlew, origin: Origin, code: int) -> None:
    start = origin.serve("/start", replies.redirect("/end", code))
    origin.serve("/end", replies.good(plain(RED)))
    run = curlew.classify(start)
    assert run.codes == ["red"]
    assert run.results[0]["url"] == start
    assert [r.method for r in origin.requests] == ["GET", "GET"]


@pytest.mark.parametrize("location", ["end", "../x/end", "/x/end", "//{host}/x/end", "http://{host}/x/end", "?q=1"])
def test_a_location_may_be_relative(curlew: Curlew, origin: Origin, location: str) -> None:
    picture = replies.good(plain(BLUE))
    first = replies.redirect(location.format(host=f"127.0.0.1:{origin.port}"))
    start = origin.serve("/x/start", replies.in_turn(first, picture))
    origin.serve("/x/end", picture)
    assert curlew.classify(start).codes == ["blue"]
    assert len(origin.requests) == 2


def test_five_hops_are_followed_and_the_sixth_is_too_many(curlew: Curlew, origin: Origin) -> None:
    for i in range(6):
        origin.serve(f"/{i}", replies.redirect(f"/{i + 1}"))
    origin.serve("/6", replies.good(plain(RED)))
    run = curlew.classify(origin.base + "/1", origin.base + "/0")
    assert run.codes == ["red", "too_many_redirects"]
    assert origin.count("/6") == 1


def test_a_circle_ends_before_it_has_gone_round_often(curlew: Curlew, origin: Origin) -> None:
    a = origin.serve("/a", replies.redirect("/b"))
    origin.serve("/b", replies.redirect("/a"))
    itself = origin.serve("/c", replies.redirect("/c"))
    assert curlew.classify(a, itself).codes == ["too_many_redirects"] * 2
    assert origin.count("/a") + origin.count("/b") <= 6 and origin.count("/c") <= 6


REFUSED = [
    "http://127.0.0.2:{port}/secret", "http://169.254.169.254/latest/meta-data/", "http://[::1]:{port}/secret",
    "http://2130706434:{port}/secret", "//127.0.0.2:{port}/secret", "http://10.0.0.1/",
    "http://[::ffff:127.0.0.2]:{port}/secret", "http://0.0.0.0:{port}/secret",
]  # fmt: skip


@pytest.mark.parametrize("code", [302, 307])
def test_a_redirect_from_an_allowed_to_a_refused_address_is_blocked(
    curlew: Curlew, origin: Origin, start_origin: Callable[..., Origin], both_hosts: tuple[str, ...], code: int
) -> None:
    secret = start_origin(("127.0.0.2", *both_hosts[1:]))
    urls = [
        origin.serve(f"/{i}", replies.redirect(location.format(port=secret.port), code))
        for i, location in enumerate(REFUSED)
    ]
    run = curlew.classify(*urls)
    assert dict(zip(REFUSED, run.codes, strict=True)) == dict.fromkeys(REFUSED, "blocked_by_policy")
    assert secret.connections == 0
    assert len(origin.requests) == len(urls)


def test_the_hop_behind_the_first_is_checked_too(
    curlew: Curlew, origin: Origin, start_origin: Callable[..., Origin]
) -> None:
    secret = start_origin(("127.0.0.2",))
    start = origin.serve("/a", replies.redirect("/b"))
    origin.serve("/b", replies.redirect("/c"))
    origin.serve("/c", replies.redirect(f"{secret.base}/secret"))
    assert curlew.classify(start).codes == ["blocked_by_policy"]
    assert secret.connections == 0


@pytest.mark.parametrize(
    "location", ["ftp://127.0.0.1:{port}/a", "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "data:image/png,x"]
)
def test_a_redirect_to_another_scheme_is_refused(curlew: Curlew, origin: Origin, location: str) -> None:
    start = origin.serve("/a", replies.redirect(location.format(port=origin.port)))
    run = curlew.classify(start)
    assert run.codes[0] in ("url_invalid", "blocked_by_policy")
    assert len(origin.requests) == 1


@pytest.mark.parametrize("location", ["http://a:b@127.0.0.1:{port}/b", "http://127.0.0.1:{port}\\@x/b", "http://[/"])
def test_a_redirect_to_what_is_no_url_is_refused(curlew: Curlew, origin: Origin, location: str) -> None:
    start = origin.serve("/a", replies.redirect(location.format(port=origin.port)))
    assert curlew.classify(start).codes == ["url_invalid"]
    assert len(origin.requests) == 1


def test_a_redirect_without_location_is_the_origins_status(curlew: Curlew, origin: Origin) -> None:
    (result,) = curlew.classify(origin.serve("/a", replies.status(302))).results
    assert result["error"]["code"] == "http_status"
    assert result["error"]["http_status"] == 302


def test_a_redirect_to_a_closed_port_is_connect_failed(curlew: Curlew, origin: Origin) -> None:
    start = origin.serve("/a", replies.redirect(f"http://127.0.0.1:{free_port()}/b"))
    assert curlew.classify(start).codes == ["connect_failed"]


def test_the_query_of_one_origin_is_not_told_to_the_next(
    curlew: Curlew, origin: Origin, start_origin: Callable[..., Origin]
) -> None:
    other = start_origin()
    other.serve("/b", replies.good(plain(RED)))
    start = origin.serve("/a", replies.redirect(f"{other.base}/b"))
    assert curlew.classify(start + "?token=secret").codes == ["red"]
    assert "secret" not in str(other.requests[0])
    assert other.requests[0].headers["host"] == f"127.0.0.1:{other.port}"
