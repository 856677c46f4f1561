"""A cluster as events in time: what Redis, an API node and the workers do for each item, with the costs that were measured.

What is in it: Redis serves one command after the other. A worker asks for as many items as it has room for (twice its lanes,
and two), fetches them at once, and has a lane a core; its results go to Redis in groups, one group under way at a time. Each
group is told to the API node, as a piece of news; if it was away meanwhile it gets all pieces together.
What is not: failures, origins that are slow or limited, clients that poll, machines whose cores are shared.
"""

import dataclasses
import heapq
import itertools
import random
from collections.abc import Callable

NEAR_FULL = 0.9  # of its time: what is busier holds up the rest
SPREAD = (0.5, 1.5)  # pictures differ; if all took the same time, all workers would be done at the same moments
SEED = 9


@dataclasses.dataclass(frozen=True)
class Costs:
    """Seconds of one core, unless said otherwise."""

    image_s: float  # a worker, a picture
    fetch_s: float  # until a picture's bytes are there; takes no core
    claim_s: float  # Redis, an item
    keep_s: float  # Redis, an item: its result kept, and read by the API node
    wake_s: float  # Redis, telling the API node of one piece of news
    piece_s: float  # Redis, a further piece told in the same answer
    api_item_s: float  # the API node, an item
    round_trip_s: float = 0.0005  # between two machines, there and back


@dataclasses.dataclass(frozen=True)
class Setting:
    workers: int  # processes
    lanes: int = 1  # of each, one a core
    cores: float = 1.0  # that each lane gets
    items: int = 200


@dataclasses.dataclass(frozen=True)
class Outcome:
    seconds: float
    items: int
    busy: dict[str, float]  # the part of the time that each was busy

    @property
    def throughput(self) -> float:
        return self.items / self.seconds

    @property
    def bottleneck(self) -> str:
        """What is busiest, where anything is busy; the workers where these are, too: they are what is to be busy."""
        if self.busy["workers"] >= NEAR_FULL:
            return "workers"
        name = max(self.busy, key=lambda each: self.busy[each])
        return name if self.busy[name] >= NEAR_FULL else "none"


class Desk:
    """Serves one after the other, in the order in which they come."""

    def __init__(self) -> None:
        self.free_at = self.busy = 0.0

    def serve(self, now: float, cost: float) -> float:
        """When it is done."""
        self.free_at = max(self.free_at, now) + cost
        self.busy += cost
        return self.free_at


class WorkerState:
    def __init__(self, setting: Setting):
        self.lanes = [Desk() for _ in range(setting.lanes)]
        self.room = 2 * setting.lanes + 2
        self.claiming = self.writing = False
        self.results = 0  # that wait to be written


class Run:
    def __init__(self, costs: Costs, setting: Setting):
        self.costs, self.setting = costs, setting
        self.redis, self.api = Desk(), Desk()
        self.workers = [WorkerState(setting) for _ in range(setting.workers)]
        self.unclaimed, self.told, self.end = setting.items, 0, 0.0
        self.listening, self.pieces = True, 0
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()
        self._luck = random.Random(SEED)

    def at(self, when: float, then: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), then))

    def run(self) -> Outcome:
        for worker in self.workers:
            self.claim(0.0, worker)
        while self.told < self.setting.items:
            when, _, then = heapq.heappop(self._events)
            then(when)
        lanes = sum(lane.busy for worker in self.workers for lane in worker.lanes)
        busy = {"workers": lanes / (len(self.workers) * self.setting.lanes), "Redis": self.redis.busy,
                "API node": self.api.busy}
        return Outcome(self.end, self.setting.items, {name: min(each / self.end, 1.0) for name, each in busy.items()})

    def claim(self, now: float, worker: WorkerState) -> None:
        count = min(worker.room, self.unclaimed)
        if worker.claiming or count == 0:
            return
        worker.claiming = True
        worker.room -= count
        self.unclaimed -= count
        self.at(now + self.costs.round_trip_s / 2, lambda when: self.serve_claim(when, worker, count))

    def serve_claim(self, now: float, worker: WorkerState, count: int) -> None:
        done = self.redis.serve(now, count * self.costs.claim_s)
        self.at(done + self.costs.round_trip_s / 2, lambda when: self.claimed(when, worker, count))

    def claimed(self, now: float, worker: WorkerState, count: int) -> None:
        worker.claiming = False
        for _ in range(count):
            self.at(now + self.costs.fetch_s, lambda when: self.fetched(when, worker))
        self.claim(now, worker)

    def fetched(self, now: float, worker: WorkerState) -> None:
        lane = min(worker.lanes, key=lambda each: each.free_at)
        cost = self.costs.image_s / self.setting.cores * self._luck.uniform(*SPREAD)
        self.at(lane.serve(now, cost), lambda when: self.looked_at(when, worker))

    def looked_at(self, now: float, worker: WorkerState) -> None:
        worker.results += 1
        worker.room += 1
        self.write(now, worker)
        self.claim(now, worker)

    def write(self, now: float, worker: WorkerState) -> None:
        if worker.writing or worker.results == 0:
            return
        worker.writing, count, worker.results = True, worker.results, 0
        self.at(now + self.costs.round_trip_s / 2, lambda when: self.serve_results(when, worker, count))

    def serve_results(self, now: float, worker: WorkerState, count: int) -> None:
        told, self.listening = self.listening, False
        self.pieces += 1
        done = self.redis.serve(now, count * self.costs.keep_s + (self.costs.wake_s if told else 0.0))
        if told:
            pieces = self.pieces
            self.at(done + self.costs.round_trip_s, lambda when: self.listen(when, pieces))
        self.at(done + self.costs.round_trip_s / 2, lambda when: self.written(when, worker))
        self.at(done + self.costs.round_trip_s / 2, lambda when: self.tell_client(when, count))

    def written(self, now: float, worker: WorkerState) -> None:
        worker.writing = False
        self.write(now, worker)

    def listen(self, now: float, known: int) -> None:
        """The API node knows so many pieces and asks for more."""
        if known == self.pieces:
            self.listening = True
            return
        missed, pieces = self.pieces - known, self.pieces
        done = self.redis.serve(now, self.costs.wake_s + (missed - 1) * self.costs.piece_s)
        self.at(done + self.costs.round_trip_s, lambda when: self.listen(when, pieces))

    def tell_client(self, now: float, count: int) -> None:
        self.at(self.api.serve(now, count * self.costs.api_item_s), lambda when: self.client_told(when, count))

    def client_told(self, now: float, count: int) -> None:
        self.told += count
        self.end = now


def simulate(costs: Costs, setting: Setting) -> Outcome:
    """One batch, from its first claim until its client has been told of the last result."""
    return Run(costs, setting).run()


def alone(costs: Costs) -> dict[str, float]:
    """Items a second that a core of a worker, Redis and an API node could do, each without the others and without news."""
    return {"worker": 1 / costs.image_s, "Redis": 1 / (costs.claim_s + costs.keep_s), "API node": 1 / costs.api_item_s}
