#!/usr/bin/env python3
"""Three machines, of which one loses its network in the middle of a batch: every item has one result, and what it cost.

usage: network_trials.py CURLEW PHOTOS TRIAL...   (TRIAL: short | long | within, each with an optional =PICTURES)
  short: its link is cut for a quarter of a lease; long: for three leases; within: for two thirds of the lease that is the
  default, which is long enough for its fetches to fail, and too short for others to do its pictures
It needs the right to make network namespaces (iproute2, util-linux), and leaves nothing of them behind.
Prints a line a figure; exit status 0 only if nothing was lost or doubled.
"""

import sys
import threading
import time

from machines import OUTSIDE, machines, own_network
from nodes import Cluster, Front, Worker, wait_until_done
from scaling_trials import WARM_UP, Reader, batch_time, faults_of
from service_trials import all_results, run


def batch_on_machines(cluster: Cluster, urls: list[str], cut_s: float, lease_s: float) -> list[str]:
    """Redis and the API node on one machine, a worker on each of two others, the photographs and the client outside."""
    cluster.lease_s = lease_s
    with machines(3) as (middle, *others):
        try:
            cluster.start_redis(middle.address, 6379, middle.within)
            front = cluster.start(Front, middle.address, middle.within)
            workers = [cluster.start(Worker, machine.address, machine.within) for machine in others]
            batch_time(front, urls[:WARM_UP * len(workers)])
            uncut_s = batch_time(front, urls)
            print(f"  {len(urls)} pictures took {uncut_s:.1f} s, with no cut", flush=True)
            batch = front.batch(urls)
            began = time.monotonic()
            reader = Reader(front, batch)
            wait_until_done(front, batch, len(urls) // 3)
            others[0].cut()
            back = threading.Timer(cut_s, others[0].restore)
            back.start()
            print(f"  after {time.monotonic() - began:.1f} s a worker's link is cut for {cut_s:g} s, with a lease of {lease_s:g} s")
            wait_until_done(front, batch, len(urls))
            took_s = time.monotonic() - began
            print(f"  {len(urls)} pictures took {took_s:.1f} s: {took_s - uncut_s:.1f} s longer")
            back.join()
            ends = [worker.stop() for worker in workers]  # and with that, what they still had has been handed in
            faults = faults_of(all_results(front, batch), len(urls)) + reader.faults(len(urls))
            return faults if [*ends, front.stop()] == [0, 0, 0] else [*faults, "a node did not end with 0"]
        finally:
            cluster.end()


TRIALS = {"short": (lambda cluster, urls: batch_on_machines(cluster, urls, 1, 4), 1000),
          "long": (lambda cluster, urls: batch_on_machines(cluster, urls, 12, 4), 1000),
          "within": (lambda cluster, urls: batch_on_machines(cluster, urls, 20, 30), 1000)}


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    own_network()
    sys.exit(run(TRIALS, Cluster, sys.argv[1:], __doc__, OUTSIDE))
