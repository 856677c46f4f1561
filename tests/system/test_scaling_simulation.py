"""The simulation of bench/scaling_trials: its arithmetic where the answer is known."""

from __future__ import annotations

import dataclasses
import pathlib
import sys
from xml.etree import ElementTree

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "bench/scaling_trials"))
from chart import Line, chart  # noqa: E402
from simulation import Costs, Setting, simulate  # noqa: E402

COSTS = Costs(
    image_s=0.010,
    fetch_s=0.002,
    claim_s=0.00005,
    keep_s=0.00005,
    wake_s=0.000005,
    piece_s=0.000001,
    api_item_s=0.00005,
)


@pytest.mark.parametrize(("lanes", "cores", "expected"), [(1, 1.0, 100), (4, 1.0, 400), (1, 0.2, 20)])
def test_a_worker_does_what_its_cores_can(lanes: int, cores: float, expected: float) -> None:
    done = simulate(COSTS, Setting(workers=1, lanes=lanes, cores=cores, items=1000))
    assert done.throughput == pytest.approx(expected, rel=0.02)
    assert done.bottleneck == "workers"


def test_few_workers_share_the_time() -> None:
    took = [simulate(COSTS, Setting(workers=n, cores=0.2)).seconds for n in (1, 2, 4)]
    assert took[0] / took[1] == pytest.approx(2, rel=0.02)
    assert took[0] / took[2] == pytest.approx(4, rel=0.04)


def test_redis_alone_bounds_many_workers() -> None:
    done = simulate(dataclasses.replace(COSTS, wake_s=0, piece_s=0), Setting(workers=500, items=20_000))
    assert done.throughput == pytest.approx(10_000, rel=0.05)
    assert done.bottleneck == "Redis" and done.busy["workers"] < 0.25


@pytest.mark.parametrize("workers", [1, 10])
def test_redis_tells_the_api_node_of_each_result_and_no_worker(workers: int) -> None:
    costs = dataclasses.replace(COSTS, wake_s=0.0001)
    done = simulate(costs, Setting(workers=workers, items=2000))
    an_item = costs.claim_s + costs.keep_s + costs.wake_s
    assert done.busy["Redis"] == pytest.approx(done.throughput * an_item, rel=0.1)


def test_telling_costs_redis_time_where_that_is_short() -> None:
    setting = Setting(workers=500, items=20_000)
    told, silent = (simulate(dataclasses.replace(COSTS, wake_s=s, piece_s=s), setting) for s in (0.00005, 0))
    assert told.bottleneck == silent.bottleneck == "Redis"
    assert told.throughput < 0.9 * silent.throughput


def test_a_slow_api_node_is_named() -> None:
    done = simulate(dataclasses.replace(COSTS, api_item_s=0.001), Setting(workers=50, items=5000))
    assert done.bottleneck == "API node" and done.throughput == pytest.approx(1000, rel=0.05)


def test_nothing_is_the_bottleneck_of_a_batch_that_is_too_small() -> None:
    assert simulate(COSTS, Setting(workers=100, items=100)).bottleneck == "none"


def test_a_chart_has_a_line_of_each_name() -> None:
    lines = [Line("a < b", [(1, 10), (1000, 2000)], "#000000"), Line("c", [(1, 5), (10, 50)], "#ff0000", dashed=True)]
    root = ElementTree.fromstring(chart("T & T", "x", "y", lines))
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a < b", "c", "T & T", "1,000", "10,000"} <= set(texts)
