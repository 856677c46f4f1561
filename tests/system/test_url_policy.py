"""SAFETY, "URL": what is refused before anything is dialled. A listener counts that nobody came."""

from __future__ import annotations

import pytest
import replies
from origin import Origin
from pictures import RED, plain
from program import LET_IN, Curlew

# Where {port} stands, the listener would hear it.
INVALID = {
    "ftp": "ftp://127.0.0.1:{port}/a",
    "file": "file:///etc/passwd",
    "data": "data:image/png;base64,iVBORw0KGgo=",
    "gopher": "gopher://127.0.0.1:{port}/_GET",
    "dict": "dict://127.0.0.1:{port}/x",
    "javascript": "javascript:alert(1)//127.0.0.1:{port}",
    "no host": "http:///a",
    "only a scheme": "http://",
    "empty host with port": "http://:{port}/a",
    "user": "http://user@127.0.0.1:{port}/a",
    "user and password": "http://user:pass@127.0.0.1:{port}/a",
    "empty user": "http://@127.0.0.1:{port}/a",
    "other host as user": "http://example.com@127.0.0.1:{port}/a",
    "backslash in the authority": "http://127.0.0.1:{port}\\@example.com/a",
    "backslash before the host": "http:\\\\127.0.0.1:{port}\\a",
    "backslash and user": "http://example.com\\@127.0.0.1:{port}/a",
    "tab in the host": "http://127.0.0.1\t:{port}/a",
    "carriage return and header": "http://127.0.0.1:{port}/a\rX-Header: b",
    "control character in the path": "http://127.0.0.1:{port}/a\x01b",
    "delete in the path": "http://127.0.0.1:{port}/a\x7fb",
    "space in the host": "http://127.0.0.1 :{port}/a",
    "zone id": "http://[fe80::1%25lo]:{port}/a",
    "zone id of loopback": "http://[::1%25lo]:{port}/a",
    "zone id unescaped": "http://[::1%lo]:{port}/a",
    "host not ascii": "http://bücher.example:{port}/a",
    "fullwidth digits": "http://１２７.0.0.1:{port}/a",
    "fullwidth dot": "http://127。0。0。1:{port}/a",
    "port too high": "http://127.0.0.1:65536/a",
    "port not a number": "http://127.0.0.1:{port}x/a",
    "ipv6 not closed": "http://[::1:{port}/a",
    "ipv6 broken": "http://[::1::2]:{port}/a",
    "ipv4 part too high": "http://127.0.0.256:{port}/a",
    "ipv4 with five parts": "http://127.0.0.0.1:{port}/a",
    "ipv4 too high": "http://4294967296:{port}/a",
    "octal that is none": "http://0189.0.0.1:{port}/a",
    "longer than 8 KiB": "http://127.0.0.1:{port}/" + "a" * 8192,
}


def test_each_is_refused_as_invalid_and_nobody_is_dialled(curlew: Curlew, origin: Origin) -> None:
    texts = {name: text.format(port=origin.port) for name, text in INVALID.items()}
    run = curlew.classify("--", *texts.values())
    assert run.status == 1
    codes = dict(zip(texts, run.codes, strict=True))
    wrong = {name: code for name, code in codes.items() if code != "url_invalid"}
    assert not wrong
    assert [r["url"] for r in run.results] == list(texts.values())
    assert all(not r["error"]["retryable"] and r["error"]["message"] for r in run.results)
    assert origin.connections == 0


def test_a_url_of_8_kib_is_still_good(curlew: Curlew, origin: Origin) -> None:
    origin.serve("*", replies.good(plain(RED)))
    start = origin.base + "/"
    run = curlew.classify(start + "a" * (8192 - len(start)), start + "a" * (8193 - len(start)))
    assert run.codes == ["red", "url_invalid"]
    assert len(origin.requests) == 1


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.1", "0x7f.1", "127.0.0.1"])
def test_ipv4_in_other_forms_is_the_same_address(curlew: Curlew, origin: Origin, host: str) -> None:
    """Where its network is let in, it is fetched, and the Host header is the normal form."""
    origin.serve("/a", replies.good(plain(RED)))
    assert curlew.classify(f"http://{host}:{origin.port}/a").codes == ["red"]
    assert origin.requests[0].headers["host"] == f"127.0.0.1:{origin.port}"


def test_spaces_around_a_url_are_no_part_of_it(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.good(plain(RED)))
    run = curlew.classify("-", stdin=f"  {url}  \r\n\n{url}")
    assert run.codes == ["red", "red"]


def test_a_list_of_more_than_10_000_is_wrong_usage(curlew: Curlew) -> None:
    run = curlew.classify("-", stdin="ftp://a/b\n" * 10_001)
    assert run.status == 2
    assert run.stdout == ""
    assert "10" in run.stderr and "000" in run.stderr


def test_a_list_of_10_000_is_good(curlew: Curlew) -> None:
    run = curlew.run("classify", "--format", "json", *LET_IN, "-", stdin="ftp://a/b\n" * 10_000)
    assert run.status == 1
    assert len(run.results) == 10_000
