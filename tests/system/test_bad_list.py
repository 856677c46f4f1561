"""Every kind of bad URL in one list with good ones: each its own code, the good ones right."""

from __future__ import annotations

import re
from collections.abc import Callable

import pictures
import pytest
import replies
from origin import Origin, free_port
from pictures import COLOURS, RED, plain
from program import Curlew, Run, limits


@pytest.fixture
def bad(origin: Origin, start_origin: Callable[..., Origin]) -> dict[str, str]:
    """A URL for each error code that an origin or a list can bring about."""
    jpeg = pictures.noise_jpeg()
    silent = start_origin()
    origin.serve("/loop", replies.redirect("/loop"))
    return {
        "url_invalid": "htp:/nothing",
        "blocked_by_policy": "http://169.254.169.254/latest/meta-data/",
        "dns_failed": "http://no-such-host.invalid/bird.jpg",
        "connect_failed": f"http://127.0.0.1:{free_port()}/bird.jpg",
        "tls_failed": f"https://127.0.0.1:{origin.port}/bird.jpg",
        "timeout": silent.serve("/silent", replies.silent()),
        "http_status": origin.serve("/404.jpg", replies.status(404, body=pictures.HTML)),
        "too_many_redirects": origin.base + "/loop",
        "too_large": origin.serve("/endless", replies.endless(plain(RED))),
        "truncated": origin.serve("/short", replies.declared(jpeg, len(jpeg) + 1000)),
        "not_an_image": origin.serve("/html.jpg", replies.good(pictures.HTML, "image/jpeg")),
        "unsupported_format": origin.serve("/photo.tiff", replies.good(pictures.UNREAD["tiff-le"])),
        "too_many_pixels": origin.serve("/huge.png", replies.good(pictures.huge_png())),
        "decode_failed": origin.serve("/cut.jpg", replies.good(jpeg[: len(jpeg) // 2])),
    }


@pytest.fixture
def mixed(curlew: Curlew, origin: Origin, bad: dict[str, str]) -> tuple[Run, list[str], list[str]]:
    """A run over good and bad in turns, with its list and what is expected of each."""
    good = {name: origin.serve(f"/{name}.png", replies.good(plain(c))) for name, c in COLOURS.items()}
    urls, expected = [], []
    for i, (code, url) in enumerate(bad.items()):
        name = list(good)[i % len(good)]
        urls += [good[name], url]
        expected += [name, code]
    # A second more than the tries of the truncated one and of the closed port need.
    return curlew.classify(*urls, env=limits(total_s=4)), urls, expected


def test_each_bad_url_has_its_own_code_and_harms_nobody(mixed: tuple[Run, list[str], list[str]]) -> None:
    run, urls, expected = mixed
    assert run.status == 1
    assert run.codes == expected
    assert [r["url"] for r in run.results] == urls
    assert [r["index"] for r in run.results] == list(range(len(urls)))
    assert set(run.json) == {"results", "timings_ms"}


def test_messages_help_and_hold_no_address_path_or_port(
    mixed: tuple[Run, list[str], list[str]], origin: Origin
) -> None:
    run, _, _ = mixed
    for error in (r["error"] for r in run.results if r["status"] == "error"):
        assert set(error) <= {"code", "message", "http_status", "retryable"}
        assert len(error["message"]) > 10, error
        assert not re.search(r"\d+\.\d+\.\d+\.\d+|::1|\[|0x", error["message"]), error
        assert not re.search(r"\bcurl\b|libcurl|spng|turbojpeg|openvino|boost|ssl_|errno|exception", error["message"], re.I), error
        assert str(origin.port) not in error["message"], error
        assert not re.search(r"(?<![:/])/\w", error["message"]), error


def test_only_what_may_pass_is_retryable(mixed: tuple[Run, list[str], list[str]]) -> None:
    run, _, _ = mixed
    passing = {r["error"]["code"] for r in run.results if r["status"] == "error" and r["error"]["retryable"]}
    assert passing - {"dns_failed"} == {"connect_failed", "timeout", "truncated"}
    assert all(("http_status" in r["error"]) == (r["error"]["code"] == "http_status")
               for r in run.results if r["status"] == "error")  # fmt: skip


def test_the_summary_counts_and_stays_off_stdout(mixed: tuple[Run, list[str], list[str]], bad: dict[str, str]) -> None:
    run, urls, _ = mixed
    assert run.stdout.startswith("{") and run.stdout.rstrip().endswith("}")
    assert str(len(bad)) in run.stderr and str(len(urls)) in run.stderr
