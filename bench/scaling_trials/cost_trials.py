#!/usr/bin/env python3
"""What an item costs in Redis, on the API node and on a worker's core.

usage: cost_trials.py CURLEW PHOTOS TRIAL...   (TRIAL: items | full | idle, each with an optional =PICTURES)
  items: memory, commands, CPU, disk and network bytes of a batch; full: the same when Redis has no pause, and what each process
  costs that listens; idle: what workers without work cost
FIGURES: a file that keeps the figures for simulate.py. Prints a line a figure; exit status 0 only if nothing was lost or doubled.
"""

import contextlib
import dataclasses
import re
import socket
import statistics
import sys
import time

from figures import keep
from nodes import ANSWER_S, Cluster, Front, Node, Redis, Worker, command, cpu_seconds, ending, read_reply, wait_until_done
from scaling_trials import Reader, faults_of
from service_trials import all_results, follow, run

OWN_NEWS = "trial:news"
LISTENERS, ROUNDS = 100, 200
FULL_WORKERS, IDLE_WORKERS, IDLE_S = 6, 4, 20
SHARE_SHOWN = 0.01
CALLS = re.compile(r"calls=(\d+),usec=(\d+)")


@dataclasses.dataclass(frozen=True)
class Usage:
    """Of a Redis since its start."""

    cpu_s: float  # of the thread that serves commands
    all_cpu_s: float
    received: int
    sent: int
    file_bytes: int
    calls: dict[str, tuple[int, int]]  # of a command: how often, microseconds; EVALSHA's are those of all within, too

    @classmethod
    def of(cls, redis: Redis) -> "Usage":
        cpu, stats, commands = redis.info("cpu"), redis.info("stats"), redis.info("commandstats")
        calls = {name.removeprefix("cmdstat_"): tuple(map(int, CALLS.match(text).groups())) for name, text in commands.items()}
        return cls(cpu_s=float(cpu["used_cpu_user_main_thread"]) + float(cpu["used_cpu_sys_main_thread"]),
                   all_cpu_s=float(cpu["used_cpu_user"]) + float(cpu["used_cpu_sys"]),
                   received=int(stats["total_net_input_bytes"]), sent=int(stats["total_net_output_bytes"]),
                   file_bytes=int(redis.info("persistence")["aof_current_size"]), calls=calls)

    def since(self, before: "Usage") -> "Usage":
        calls = {name: (calls - before.calls.get(name, (0, 0))[0], us - before.calls.get(name, (0, 0))[1])
                 for name, (calls, us) in self.calls.items()}
        return Usage(self.cpu_s - before.cpu_s, self.all_cpu_s - before.all_cpu_s, self.received - before.received,
                     self.sent - before.sent, self.file_bytes - before.file_bytes, calls)

    def show(self, what: str, count: float, unit: str) -> None:
        print(f"  {what}, {unit}: {1e6 * self.cpu_s / count:.0f} µs of Redis' thread ({1e6 * self.all_cpu_s / count:.0f} µs "
              f"with the file's), {self.received / count:.0f} bytes in, {self.sent / count:.0f} out, "
              f"{self.file_bytes / count:.0f} to its file")
        least = SHARE_SHOWN * 1e6 * self.cpu_s
        for name, (calls, us) in sorted(self.calls.items(), key=lambda entry: -entry[1][1]):
            if us >= least and calls:
                print(f"    {name}: {calls / count:.2f} calls, {us / count:.1f} µs")


def memory(redis: Redis) -> int:
    return int(redis.info("memory")["used_memory"])


def pieces_of_news(redis: Redis) -> int:
    return int(redis.ask("HGET", "curlew:kept:counts", "news:results") or 0)


def items_trial(cluster: Cluster, urls: list[str]) -> list[str]:
    """One large batch, before there is a worker, and with two."""
    redis, count = cluster.start_redis(), len(urls)
    front = cluster.start(Front)
    front_pid = front.process.pid
    empty, before, front_before = memory(redis), Usage.of(redis), cpu_seconds(front_pid)
    batch = front.batch(urls)
    created = Usage.of(redis).since(before)
    waiting = memory(redis)
    print(f"  a waiting item: {(waiting - empty) / count:.0f} bytes of Redis' memory (its URL: {len(''.join(urls)) / count:.0f})")
    created.show("created", count, "an item")

    workers = [cluster.start(Worker) for _ in range(2)]
    worker_cpu = sum(cpu_seconds(worker.process.pid) for worker in workers)
    at, early, pieces = front.ask("GET", f"/v1/batches/{batch}")[1]["done"], Usage.of(redis), pieces_of_news(redis)
    began = time.monotonic()
    reader = Reader(front, batch)
    wait_until_done(front, batch, count)
    took, worked = time.monotonic() - began, Usage.of(redis).since(early)
    pieces, rest = pieces_of_news(redis) - pieces, count - at
    worker_cpu = sum(cpu_seconds(worker.process.pid) for worker in workers) - worker_cpu
    faults = reader.faults(count)
    front_cpu = cpu_seconds(front_pid) - front_before
    results_bytes = redis.ask("MEMORY", "USAGE", f"curlew:kept:events:{batch}", "SAMPLES", 0)
    print(f"  an item with its result: {results_bytes / count:.0f} bytes of Redis' memory, "
          f"{(memory(redis) - empty) / count:.0f} with all that does not grow with the items")
    worked.show("worked on, and read by a client of the events", rest, "an item")
    results = all_results(front, batch)
    fetch_ms = statistics.median(result["timings_ms"]["fetch"] for result in results if result["status"] == "ok")
    print(f"  two workers: {rest / took:.0f} pictures/s, {1000 * worker_cpu / rest:.1f} ms of a core a picture; the median fetch "
          f"took {fetch_ms:.1f} ms")
    print(f"  API node: {1e6 * front_cpu / count:.0f} µs of a core an item; {pieces / rest:.2f} pieces of news an item")
    keep("items", {"count": count, "waiting_bytes": (waiting - empty) / count, "done_bytes": results_bytes / count,
                   "image_s": worker_cpu / rest, "fetch_s": fetch_ms / 1000, "api_item_s": front_cpu / count,
                   "create_s": created.cpu_s / count, "work_s": worked.cpu_s / rest,
                   "xreads": worked.calls.get("xread", (0, 0))[0] / rest, "pieces": pieces / rest,
                   "received_bytes": (created.received / count) + worked.received / rest,
                   "sent_bytes": (created.sent / count) + worked.sent / rest,
                   "file_bytes": (created.file_bytes / count) + worked.file_bytes / rest})
    return faults + faults_of(results, count)


def wake_usage(redis: Redis) -> Usage:
    """LISTENERS that wait for news as each API node does, and are told of ROUNDS pieces, one after the other."""
    with contextlib.ExitStack() as open_ones:
        waiting = []
        for _ in range(LISTENERS):
            s = open_ones.enter_context(socket.create_connection((redis.address, redis.port), ANSWER_S))
            waiting.append((s, open_ones.enter_context(s.makefile("rb"))))
        last, before = "$", Usage.of(redis)
        for _ in range(ROUNDS):
            for s, _ in waiting:
                s.sendall(command("XREAD", "COUNT", 1000, "BLOCK", 5000, "STREAMS", OWN_NEWS, last))
            redis.ask("XADD", OWN_NEWS, "MAXLEN", "~", 1000, "*", "n", 1, "batch", "0" * 36, "by", "0" * 36)
            for _, answer in waiting:
                last = read_reply(answer)[0][1][-1][0]
        return Usage.of(redis).since(before)


def batch_usage(redis: Redis, front: Node, urls: list[str]) -> Usage:
    before = Usage.of(redis)
    if follow(front, front.batch(urls), []) is not None:
        sys.exit("a stream broke off")
    return Usage.of(redis).since(before)


def full_trial(cluster: Cluster, urls: list[str]) -> list[str]:
    """Items that need no work, so that Redis is what is busy: what a command costs falls when there is always a next one. Then
    what telling costs, one piece to each of many listeners, and many pieces to one."""
    redis = cluster.start_redis()
    front = cluster.start(Front)
    for _ in range(FULL_WORKERS):
        cluster.start(Worker)
    none = [f"nothing://{i:0{len(urls[0]) - 10}d}" for i in range(len(urls))]
    batch_usage(redis, front, none[:500])
    front_cpu, began = cpu_seconds(front.process.pid), time.monotonic()
    full = batch_usage(redis, front, none)
    took, front_cpu = time.monotonic() - began, cpu_seconds(front.process.pid) - front_cpu
    print(f"  {FULL_WORKERS} workers: {len(none) / took:.0f} items/s, Redis' thread busy {full.cpu_s / took:.0%} of the time, "
          f"the API node {1e6 * front_cpu / len(none):.0f} µs of a core an item")
    full.show("full", len(none), "an item")
    cluster.end()
    redis.start()
    wake, before, pieces = wake_usage(redis), Usage.of(redis), 0
    for _ in range(ROUNDS):
        pieces += len(redis.ask("XREAD", "COUNT", 1000, "STREAMS", OWN_NEWS, "0")[0][1])
    many, wakes = Usage.of(redis).since(before), ROUNDS * LISTENERS
    print(f"  a listener is told of a piece of news: {1e6 * wake.cpu_s / wakes:.1f} µs of Redis' thread and "
          f"{(wake.sent + wake.received) / wakes:.0f} bytes; of a piece among many: {1e6 * many.cpu_s / pieces:.1f} µs and "
          f"{many.sent / pieces:.0f} bytes")
    keep("full", {"item_s": full.cpu_s / len(none), "xreads": full.calls["xread"][0] / len(none),
                  "api_item_s": front_cpu / len(none), "wake_s": wake.cpu_s / wakes, "piece_s": many.cpu_s / pieces})
    return []


def idle_trial(cluster: Cluster, urls: list[str]) -> list[str]:
    """Workers that have worked and have nothing to do."""
    redis = cluster.start_redis()
    front = cluster.start(Front)
    without = usage_of_a_while(redis)
    for _ in range(IDLE_WORKERS):
        cluster.start(Worker)
    batch_usage(redis, front, urls)
    with_them = usage_of_a_while(redis).since(without)
    with_them.show("workers without work", IDLE_WORKERS * IDLE_S, f"a worker and second, lease {cluster.lease_s:g} s")
    keep("idle", {"worker_second_s": with_them.cpu_s / (IDLE_WORKERS * IDLE_S)})
    return []


def usage_of_a_while(redis: Redis) -> Usage:
    before = Usage.of(redis)
    time.sleep(IDLE_S)  # what is measured is a time in which nothing happens
    return Usage.of(redis).since(before)


TRIALS = {"items": (ending(items_trial), 10_000), "full": (ending(full_trial), 10_000), "idle": (ending(idle_trial), 100)}


if __name__ == "__main__":
    sys.exit(run(TRIALS, Cluster, sys.argv[1:], __doc__))
