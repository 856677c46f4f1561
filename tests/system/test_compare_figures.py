"""The arithmetic, the texts and the load generator of bench/compare, where the answer is known."""

from __future__ import annotations

import collections
import itertools
import math
import pathlib
import socket
import sys
import threading
import time
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

BENCH = pathlib.Path(__file__).parents[2] / "bench"
sys.path[:0] = [str(BENCH / "compare"), str(BENCH / "scaling_trials")]
import flame  # noqa: E402
import load  # noqa: E402
import measures  # noqa: E402
import report  # noqa: E402
from chart import Bar, Bars, Line, Plot, bars, charts  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"
TITLES = {"curlew": "Curlew", "fastapi": "FastAPI < all", "bound": "Bare loop"}
STEPS = {"queue": 0.1, "fetch": 1, "decode": 4, "infer": 3, "total": 8}
ROUNDS = [
    {
        "curlew": {"images_s": ours, "busy_p99_ms": 10, "cpu_ms": 8, "steps_ms": STEPS},
        "fastapi": {"images_s": 50, "busy_p99_ms": 40},
        "bound": {"images_s": bound, "cpu_ms": bound_cpu_ms, "decode_cpu_ms": decode_cpu_ms},
    }
    for ours, bound, bound_cpu_ms, decode_cpu_ms in ((200, 250, 7.5, 4), (100, 110, 7, 5), (150, 180, 7, 6))
]


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize(("part", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_one_of_the_values(part: float, expected: float) -> None:
    assert measures.percentile([*range(100, 0, -1)], part) == expected


def test_no_values_have_no_percentile_and_no_median() -> None:
    assert math.isnan(measures.percentile([], 0.5)) and math.isnan(measures.median([])) and math.isnan(measures.median([math.nan]))


def test_ratios_are_of_figures_of_one_round() -> None:
    found = measures.ratio([10, 40, 90], [10, 20, 30])
    assert (found.median, found.least, found.most, found.rounds) == (2, 1, 3, 3)
    assert str(found) == "2.00 (1.00–3.00)"


def test_a_round_without_a_figure_is_left_out_of_ratios() -> None:
    assert measures.ratio([10, math.nan, 30], [5, 5, 0]).rounds == 1
    assert math.isnan(measures.ratio([], []).median)


def test_arrivals_keep_their_rate_whatever_becomes_of_those_before() -> None:
    due = measures.arrivals(80, 2)
    assert len(due) == 160 and due[0] == 0 and due[80] == 1
    assert measures.arrivals(0, 2) == []


def test_each_contestant_begins_a_round_before_any_begins_again() -> None:
    orders = [measures.turns(["a", "b", "c"], number) for number in range(6)]
    assert collections.Counter(order[0] for order in orders) == {"a": 2, "b": 2, "c": 2}
    assert all(sorted(order) == ["a", "b", "c"] for order in orders)


def test_agreement_names_who_said_what_of_a_photograph_that_divides_them() -> None:
    found = measures.agreement({"x": {"1.jpg": 5, "2.jpg": 6, "3.jpg": 7}, "y": {"1.jpg": 5, "2.jpg": 9}})
    assert (found.same, found.of) == (1, 3)
    assert found.differing == {"2.jpg": {"x": 6, "y": 9}, "3.jpg": {"x": 7, "y": None}}


def test_who_all_say_nothing_do_not_agree() -> None:
    assert measures.agreement({"x": {"1.jpg": None}, "y": {"1.jpg": None}}).same == 0


def test_the_table_has_medians_of_figures_and_of_ratios() -> None:
    text = report.table(ROUNDS, TITLES)
    assert "| photographs a second, by lists | 150 | 50 | 180 |" in text
    assert "| **Curlew's throughput by this one's** |  | 3.00 (2.00–4.00) | 0.83 (0.80–0.91) |" in text
    assert "nan" not in text and len({line.count("|") for line in text.splitlines()}) == 1


def test_what_is_beyond_decode_and_infer_is_the_median_of_the_rounds_differences() -> None:
    text = report.steps_table(ROUNDS)
    assert "| decode | 4.00 | 5.00 |" in text and "| fetch | 1.00 |  |" in text
    assert "beyond decode and infer: 1.00 ms" in text


def test_the_picture_has_a_bar_of_each_contestant_that_has_a_figure() -> None:
    found = texts(report.picture(ROUNDS, TITLES))
    assert found.count("FastAPI < all") == 2  # images and p99; it has no CPU and no memory here
    assert {"150", "50", "180"} <= set(found)


def test_several_plots_and_panels_of_bars_stand_in_one_picture() -> None:
    plots = [Plot(name, "x", "y", [Line("a & b", [(0.1, 5), (12, 500)], "#000000")]) for name in ("One", "Two", "Three")]
    assert {"All", "One", "Two", "Three", "a & b", "0.1", "1,000"} <= set(texts(charts("All", plots)))
    assert {"All", "P", "none", "0"} <= set(texts(bars("All", [Bars("P", [Bar("none", 0, "0", "#000000")])])))


LATE_S = 0.3
REQUESTS = itertools.repeat(b"GET / HTTP/1.1\r\n\r\n")
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nab\ne\r\n3\r\nnd\n\r\n0\r\n\r\n"


@pytest.mark.parametrize(("wire", "body"), [(PLAIN, b"hello"), (CHUNKED, b"ab\nend\n")])
@pytest.mark.parametrize("step", [1, 2, 7, 1000])
def test_a_reply_is_read_in_whatever_pieces_it_comes(wire: bytes, body: bytes, step: int) -> None:
    reply = load.Reply()
    for at in range(0, len(wire), step):
        assert not reply.done
        reply.feed(wire[at:at + step])
    assert reply.done and reply.status == 200 and bytes(reply.body) == body


class Clock:
    """The load generator's own: the machine's, and what is put on top."""

    process_time = staticmethod(time.process_time)

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def perf_counter(self) -> float:
        return time.perf_counter() + self.ahead_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(load, "time", clock)
    return clock


@pytest.fixture
def server(clock: Clock) -> Iterator[tuple[str, int]]:
    """Answers each request with two results, the first one late by the clock, and closes a connection after three."""
    listener = socket.create_server(("127.0.0.1", 0))
    body = b'{"ok":1}{"ok":1}'
    late = itertools.chain([LATE_S], itertools.repeat(0))

    def answer(client: socket.socket) -> None:
        with client:
            for _ in range(3):
                if not client.recv(4096):
                    return
                clock.ahead_s += next(late)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(client,), daemon=True).start()

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_an_open_loop_answers_every_arrival_also_over_connections_that_are_closed(server: tuple[str, int]) -> None:
    done = load.open_loop([server], 4, REQUESTS, b'"ok"', rate=400, seconds=0.1, patience_s=60)
    assert (len(done.latencies_ms), done.images, done.failed, done.unanswered) == (40, 80, 0, 0)


def test_an_open_loop_counts_the_time_that_a_request_waits_for_a_connection(server: tuple[str, int]) -> None:
    done = load.open_loop([server], 1, REQUESTS, b'"ok"', rate=50, seconds=0.1, patience_s=60)
    assert len(done.latencies_ms) == 5 and min(done.latencies_ms) >= 1000 * (LATE_S - 0.1)


def test_what_is_never_answered_counts_as_late_as_an_open_loop_has_patience() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    done = load.open_loop([silent.getsockname()], 1, REQUESTS, b'"ok"', rate=50, seconds=0.1, patience_s=0.2)
    silent.close()
    assert done.unanswered == 5 and done.latencies_ms == [200] * 5


SCRIPT = """\
worker-0 12/13  100.5:
\t    7f00 jpeg_read (/usr/lib/libjpeg.so)
\t    7f01 curlew::Decoder::read(int, char) const+0x12 (/bin/curlew)
\t    7f02 [unknown] ([unknown])

worker-0 12/13  100.6:
\t    7f03 [unknown] (/tmp/perf-12.map)
\t    7f04 [unknown] (/tmp/perf-12.map)
\t    7f01 std::vector<int, std::allocator<int> >::operator()+0x1 (/bin/curlew)

http 12/14  100.7:
\t    7f05 [unknown] (/usr/lib/libcurl.so.4)
"""


def test_stacks_are_read_from_what_perf_prints() -> None:
    counts = flame.stacks_of(SCRIPT.splitlines(), {"http": "server"})
    assert counts == {
        ("worker-0", "Decoder::read", "jpeg_read"): 1,
        ("worker-0", "std::vector::operator", "[JIT: the network's kernels]"): 1,
        ("server", "[libcurl.so.4]"): 1,
    }


def test_a_sample_belongs_to_the_first_step_that_its_stack_matches() -> None:
    counts = {("a", "decode", "memmove"): 3, ("a", "fetch", "decode"): 1, ("b", "poll"): 4}
    found = flame.shares(counts, (("decoding", "^a\0decode"), ("fetching", "fetch.*decode")))
    assert found == {"decoding": 3 / 8, "fetching": 1 / 8, "else": 4 / 8}
    assert flame.hottest(counts)[0] == ("poll", 4 / 8, 4 / 8)


def test_a_flame_graph_tells_names_and_shares() -> None:
    svg = flame.flame("A & B", {("main", "f<x>"): 3, ("main", "g"): 1})
    tips = [title.text for title in ElementTree.fromstring(svg).iter(f"{SVG}title")]
    assert {"all: 100.00%", "main: 100.00%", "f<x>: 75.00%", "g: 25.00%"} == set(tips)
