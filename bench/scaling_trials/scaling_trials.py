#!/usr/bin/env python3
"""What more workers around a Redis bring, and that nothing is lost or doubled whatever of it dies.

usage: scaling_trials.py CURLEW PHOTOS TRIAL...   (TRIAL: quota | chaos, each with an optional =PICTURES)
ROUNDS: how often `quota` tries each number of workers (default 5); it needs the right to make control groups.
FIGURES: a file that keeps its figures for simulate.py.
Prints a line a figure; exit status 0 only if nothing was lost or doubled, and four workers were at least 3.2 times as fast.
"""

import collections
import itertools
import os
import statistics
import sys
import threading
import time

from figures import keep
from nodes import Cluster, Front, Node, Worker, cpu_seconds, ending, wait_until_done
from quota import Group, groups
from service_trials import STREAM_S, all_results, follow, run

ROUNDS = int(os.environ.get("ROUNDS", "5"))
NUMBERS, CORES, LEAST_SPEEDUP = (1, 2, 4), 0.2, 3.2
WARM_UP = 20  # pictures a worker, so that its children and its network have started


def faults_of(results: list[dict], count: int) -> list[str]:
    items = collections.Counter(result["index"] for result in results)
    failed = collections.Counter(r["error"]["code"] for r in results if r["status"] != "ok")
    print(f"  {len(results)} results, {len(items)} different items, {sum(failed.values())} failed", dict(failed) or "")
    return [] if len(results) == len(items) == count else ["results were lost or doubled"]


def batch_time(front: Node, urls: list[str]) -> float:
    """Seconds from the request to the last event."""
    seen: list[tuple[int, int]] = []
    began = time.monotonic()
    if follow(front, front.batch(urls), seen) is not None or len(seen) != len(urls):
        sys.exit("a stream broke off")
    return time.monotonic() - began


def quota_round(cluster: Cluster, front: Node, parts: list[Group], urls: list[str]) -> tuple[float, float]:
    """The time of a batch with a worker in each group, and the CPU seconds that it took them."""
    for part in parts:
        part.limit(None)
    workers = [cluster.start(Worker, within=part.within) for part in parts]
    batch_time(front, urls[:WARM_UP * len(workers)])
    for part in parts:
        part.limit(CORES)
    cpu = sum(cpu_seconds(worker.process.pid) for worker in workers)
    took = batch_time(front, urls)
    cpu = sum(cpu_seconds(worker.process.pid) for worker in workers) - cpu
    for part, worker in zip(parts, workers):
        part.limit(None)
        worker.stop()
    return took, cpu


def quota_trial(cluster: Cluster, urls: list[str]) -> list[str]:
    """The time of a batch with 1, 2 and 4 workers that each have a fifth of a core; in turns, so that a machine that drifts
    drifts for all."""
    cluster.start_redis()
    front = cluster.start(Front)
    rounds: dict[int, list[tuple[float, float]]] = {number: [] for number in NUMBERS}
    with groups(max(NUMBERS)) as parts:
        try:
            for number in itertools.islice(itertools.cycle(NUMBERS), ROUNDS * len(NUMBERS)):
                rounds[number].append(quota_round(cluster, front, parts[:number], urls))
                print(f"  {number} workers: {rounds[number][-1][0]:.2f} s", flush=True)
        finally:
            cluster.end()
    median = {number: statistics.median(took for took, _ in rounds[number]) for number in NUMBERS}
    print(f"  | workers, {CORES:.0%} of a core each | median of {ROUNDS}, s | spread, s | speed-up | workers' CPU, ms a picture |")
    print("  | --- | --- | --- | --- | --- |")
    for number in NUMBERS:
        took, cpu = zip(*rounds[number])
        print(f"  | {number} | {median[number]:.2f} | {min(took):.2f}–{max(took):.2f} | {median[1] / median[number]:.2f} | "
              f"{1000 * statistics.median(cpu) / len(urls):.1f} |")
    keep("quota", {"pictures": len(urls), "cores": CORES, "seconds": {str(number): median[number] for number in NUMBERS}})
    speedup = median[1] / median[max(NUMBERS)]
    return [] if speedup >= LEAST_SPEEDUP else [f"{max(NUMBERS)} workers are only {speedup:.2f} times as fast as one"]


class Reader:
    """A client of a batch's events that comes back, with Last-Event-ID, whenever its stream breaks off."""

    def __init__(self, front: Node, batch: str):
        self.seen: list[tuple[int, int]] = []
        self.resumed = 0
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(front, batch), daemon=True)
        self._thread.start()

    def _read(self, front: Node, batch: str) -> None:
        last = ""
        while (last := follow(front, batch, self.seen, last)) is not None and not self.over.is_set():
            self.resumed += 1
            self.over.wait(0.1)  # as browsers wait before they come back

    def faults(self, count: int) -> list[str]:
        self._thread.join(STREAM_S)
        self.over.set()
        ids = [i for i, _ in self.seen]
        print(f"  the client of the events came back {self.resumed} times and saw ids {ids[0]} to {ids[-1]}, {len(ids)} of "
              f"them, {len(set(i for _, i in self.seen))} different items")
        whole = ids == list(range(1, count + 1)) and len(set(i for _, i in self.seen)) == count
        return [] if whole else ["the client of the events missed some or saw some twice"]


def chaos_trial(cluster: Cluster, urls: list[str]) -> list[str]:
    """One of three workers killed, one stopped for longer than its lease and continued, Redis killed and started again, the
    API node killed and started again on its port; all in the middle of one batch."""
    redis = cluster.start_redis()
    front = cluster.start(Front)
    doomed, hung, third = (cluster.start(Worker) for _ in range(3))
    batch = front.batch(urls)
    began = time.monotonic()
    reader = Reader(front, batch)

    def at(part: float, what: str) -> None:
        wait_until_done(front, batch, int(part * len(urls)))
        print(f"  at {part:.0%}, after {time.monotonic() - began:.1f} s: {what}", flush=True)

    at(0.1, "a worker is killed with -9")
    doomed.kill()
    at(0.2, "a worker is stopped")
    hung.suspend()
    wake = threading.Timer(2 * cluster.lease_s, hung.resume)
    wake.start()
    at(0.4, "Redis is killed with -9 and started again")
    redis.kill()
    redis.start()
    at(0.6, "the API node is killed with -9 and started again")
    front.kill()
    front.start()
    wake.join()
    print(f"  after {time.monotonic() - began:.1f} s it answers again; the stopped worker has been continued, too")
    wait_until_done(front, batch, len(urls))
    print(f"  all done after {time.monotonic() - began:.1f} s")
    ends = [worker.stop() for worker in (hung, third)]  # and with that, what they still had has been handed in
    results = all_results(front, batch)
    faults = faults_of(results, len(urls)) + reader.faults(len(urls))
    if any(result["status"] != "ok" for result in results):
        faults.append("pictures failed")
    return faults if [*ends, front.stop()] == [0, 0, 0] else [*faults, "a node did not end with 0"]


TRIALS = {"quota": (ending(quota_trial), 200), "chaos": (ending(chaos_trial), 1000)}


if __name__ == "__main__":
    sys.exit(run(TRIALS, Cluster, sys.argv[1:], __doc__))
