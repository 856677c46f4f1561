"""One turn of a contestant: warmed up, then asked in four ways, and what it took meanwhile."""

import dataclasses
import json
import math
import pathlib
import tempfile
import urllib.parse

import load
import processes
from contestants import MARK, Bound, Contestant, Curlew
from measures import percentile

CLIENTS = 32  # at once, each with one picture at a time
LIST, FIRST_S = 400, 0.5
STEPS = ("queue", "fetch", "decode", "infer", "total")


@dataclasses.dataclass(frozen=True)
class Plan:
    urls: list[str]
    nginx_pid: int
    seconds: float

    @property
    def ramp_s(self) -> float:
        return max(1.0, self.seconds / 4)


class Meter:
    """CPU time between two moments, and memory at the second; of a server, of nginx."""

    def __init__(self, contestant: Contestant, plan: Plan):
        self.contestant, self.plan = contestant, plan
        self.own_s = self.nginx_s = 0.0
        self.memory: dict[str, float] = {}

    def begin(self) -> None:
        self.own_s = processes.cpu_s(self.contestant.pids())
        self.nginx_s = processes.cpu_s([self.plan.nginx_pid])

    def end(self) -> None:
        self.own_s = processes.cpu_s(self.contestant.pids()) - self.own_s
        self.nginx_s = processes.cpu_s([self.plan.nginx_pid]) - self.nginx_s
        self.memory = processes.memory_mib(self.contestant.pids())


def per_image_ms(seconds: float, images: int) -> float:
    return 1000 * seconds / images if images else math.nan


def steps_of(replies: list[dict]) -> dict[str, float]:
    """What Curlew says of the time of each step, means in ms."""
    timings = [reply["results"][0]["timings_ms"] for reply in replies]
    return {step: sum(each[step] for each in timings) / len(timings) for step in STEPS} if timings else {}


def measure_server(contestant: Contestant, plan: Plan) -> dict:
    with tempfile.TemporaryDirectory(prefix="compare-") as folder, contestant.running(pathlib.Path(folder)):
        for address in contestant.addresses:  # whoever loads its network only when it is asked has it then
            load.one_by_one(address, contestant.singles(plan.urls), MARK, FIRST_S)
        processes.settle(contestant.pids())
        rest = processes.memory_mib(contestant.pids())
        meter = Meter(contestant, plan)
        lists = load.closed_loop(contestant.addresses, contestant.list_pieces[0], contestant.lists(plan.urls, LIST), MARK,
                                 plan.ramp_s, plan.seconds, meter.begin, meter.end)
        processes.settle(contestant.pids())
        replies: list[dict] = []
        is_curlew = isinstance(contestant, Curlew)
        alone = load.one_by_one(contestant.addresses[0], contestant.singles(plan.urls), MARK, plan.seconds / 2,
                                (lambda body: replies.append(json.loads(body))) if is_curlew else (lambda body: None))
        singles = load.closed_loop(contestant.addresses, CLIENTS, contestant.singles(plan.urls), MARK, plan.ramp_s / 2,
                                   plan.seconds)
        processes.settle(contestant.pids())
        busy = load.open_loop(contestant.addresses, 2 * CLIENTS, contestant.singles(plan.urls), MARK, 0.8 * singles.rate,
                              plan.seconds)
    return {
        "images_s": lists.rate,
        "singles_s": singles.rate,
        "cpu_ms": per_image_ms(meter.own_s, lists.images),
        "nginx_cpu_ms": per_image_ms(meter.nginx_s, lists.images),
        "client_cpu_ms": per_image_ms(lists.client_cpu_s, lists.images),
        "alone_p50_ms": percentile(alone.latencies_ms, 0.5),
        "alone_p99_ms": percentile(alone.latencies_ms, 0.99),
        "busy_rate": 0.8 * singles.rate,
        "busy_p50_ms": percentile(busy.latencies_ms, 0.5),
        "busy_p99_ms": percentile(busy.latencies_ms, 0.99),
        "busy_unanswered": busy.unanswered,
        "rest_pss_mib": rest["pss"],
        "rest_rss_mib": rest["rss"],
        "load_pss_mib": meter.memory["pss"],
        "load_rss_mib": meter.memory["rss"],
        "failed": lists.failed + alone.failed + singles.failed + busy.failed,
        "requests_alone": len(alone.latencies_ms),
        "requests_busy": len(busy.latencies_ms),
        "steps_ms": steps_of(replies),
    }


def measure_bound(bound: Bound, plan: Plan) -> dict:
    done = bound.measure(plan.seconds)
    images = done["images"]
    decode_ms = per_image_ms(done["decode_cpu_s"], images)
    cpu_ms = per_image_ms(done["cpu_s"], images)
    return {"images_s": images / done["seconds"], "cpu_ms": cpu_ms, "decode_cpu_ms": decode_ms, "infer_cpu_ms": cpu_ms - decode_ms,
            "failed": 0}


def answers(contestant: Contestant | Bound, plan: Plan) -> dict[str, int | None]:
    """The class that it says first of each photograph."""
    if isinstance(contestant, Bound):
        return contestant.measure(0.5)["tops"]
    names = [urllib.parse.unquote(url.rpartition("/")[2]) for url in plan.urls]
    with tempfile.TemporaryDirectory(prefix="compare-") as folder, contestant.running(pathlib.Path(folder)):
        return dict(zip(names, map(contestant.top, contestant.results(plan.urls)), strict=True))
