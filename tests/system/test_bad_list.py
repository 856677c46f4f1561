"""Every kind of bad URL in one list with good ones: each its own code, the good ones right."""

from __future__ import annotations

import dataclasses
import pathlib
import re

import pictures
import pytest
import replies
from origin import Origin, free_port
from pictures import COLOURS, RED, plain
from program import Curlew, Run, limits


@dataclasses.dataclass
class Mixed:
    """A run over good and bad in turns, with its list and what is expected of each."""

    run: Run
    urls: list[str]
    expected: list[str]
    port: int

    @property
    def errors(self) -> list[dict]:
        return [r["error"] for r in self.run.results if r["status"] == "error"]


def bad_urls(origin: Origin) -> dict[str, str]:
    """A URL for each error code that an origin or a list can bring about."""
    jpeg = pictures.noise_jpeg()
    origin.serve("/loop", replies.redirect("/loop"))
    return {
        "url_invalid": "htp:/nothing",
        "blocked_by_policy": "http://169.254.169.254/latest/meta-data/",
        "dns_failed": "http://no-such-host.invalid/bird.jpg",
        "connect_failed": f"http://127.0.0.1:{free_port()}/bird.jpg",
        "tls_failed": f"https://127.0.0.1:{origin.port}/bird.jpg",
        "timeout": origin.serve("/silent", replies.silent()),
        "http_status": origin.serve("/404.jpg", replies.status(404, body=pictures.HTML)),
        "too_many_redirects": origin.base + "/loop",
        "too_large": origin.serve("/endless", replies.endless(plain(RED))),
        "truncated": origin.serve("/short", replies.declared(jpeg, len(jpeg) + 1000)),
        "not_an_image": origin.serve("/html.jpg", replies.good(pictures.HTML, "image/jpeg")),
        "unsupported_format": origin.serve("/photo.tiff", replies.good(pictures.UNREAD["tiff-le"])),
        "too_many_pixels": origin.serve("/huge.png", replies.good(pictures.huge_png())),
        "decode_failed": origin.serve("/cut.jpg", replies.good(jpeg[: len(jpeg) // 2])),
    }


@pytest.fixture(scope="module")
def mixed(binary: pathlib.Path, warm_home: pathlib.Path, models: pathlib.Path) -> Mixed:
    with Origin() as origin:
        good = {name: origin.serve(f"/{name}.png", replies.good(plain(c))) for name, c in COLOURS.items()}
        urls, expected = [], []
        for i, (code, url) in enumerate(bad_urls(origin).items()):
            name = list(good)[i % len(good)]
            urls += [good[name], url]
            expected += [name, code]
        # Enough for the tries of what may pass; the silent origin takes all of it.
        run = Curlew(binary, warm_home, models).classify(*urls, env=limits(total_s=4))
        return Mixed(run, urls, expected, origin.port)


def test_each_bad_url_has_its_own_code_and_harms_nobody(mixed: Mixed) -> None:
    assert mixed.run.status == 1
    assert mixed.run.codes == mixed.expected
    assert len(set(mixed.run.codes)) == 14 + len(COLOURS)
    assert [r["url"] for r in mixed.run.results] == mixed.urls
    assert [r["index"] for r in mixed.run.results] == list(range(len(mixed.urls)))
    assert set(mixed.run.json) == {"results", "timings_ms"}


def test_messages_help_and_hold_no_address_path_or_port(mixed: Mixed) -> None:
    for error in mixed.errors:
        assert set(error) <= {"code", "message", "http_status", "retryable"}
        assert len(error["message"]) > 10, error
        assert not re.search(r"\d+\.\d+\.\d+\.\d+|::1|\[|0x", error["message"]), error
        assert not re.search(r"\bcurl\b|libcurl|spng|turbojpeg|openvino|boost|errno", error["message"], re.I), error
        assert str(mixed.port) not in error["message"], error
        assert not re.search(r"(?<![:/])/\w", error["message"]), error


def test_only_what_may_pass_is_retryable(mixed: Mixed) -> None:
    passing = {e["code"] for e in mixed.errors if e["retryable"]}
    assert passing - {"dns_failed"} == {"connect_failed", "timeout", "truncated"}
    assert all(("http_status" in e) == (e["code"] == "http_status") for e in mixed.errors)


def test_the_summary_counts_and_stays_off_stdout(mixed: Mixed) -> None:
    assert mixed.run.stdout.startswith("{") and mixed.run.stdout.rstrip().endswith("}")
    assert "28" in mixed.run.stderr and "14" in mixed.run.stderr
